"""Whose question over pools is next, and who goes where too many wait."""

import asyncio
from collections.abc import Awaitable, Callable

import pytest

from omnivenue.api.pools.turns import Crowded, Turns


class Scene:
    """Questions that take until they are told to end; who was called up, in order."""

    def __init__(self, most: int) -> None:
        self.turns = Turns(most)
        self.called: list[str] = []
        self._ends: dict[str, asyncio.Event] = {}

    async def asks(self, *words: str) -> list[asyncio.Task[None]]:
        """`a1`: the token a's."""
        tasks = [asyncio.create_task(self._ask(word)) for word in words]
        await settled()
        return tasks

    async def end(self) -> None:
        self._ends[self.called[-1]].set()
        await settled()

    async def _ask(self, word: str) -> None:
        self._ends[word] = asyncio.Event()
        async with self.turns.turn(word[0]):
            self.called.append(word)
            await self._ends[word].wait()


async def settled() -> None:
    for _ in range(10):
        await asyncio.sleep(0)


def playing(most: int, play: Callable[[Scene], Awaitable[None]]) -> None:
    async def run() -> None:
        await play(Scene(most))

    asyncio.run(asyncio.wait_for(run(), 10))


def test_tokens_take_turns_and_each_has_its_own_order() -> None:
    async def play(scene: Scene) -> None:
        await scene.asks("a1", "a2", "a3", "a4", "b1", "b2", "c1")
        for _ in range(7):
            await scene.end()
        assert scene.called == ["a1", "b1", "c1", "a2", "b2", "a3", "a4"]
        await scene.asks("d1")
        assert scene.called[-1] == "d1"

    playing(9, play)


def test_the_newest_of_who_has_most_goes_for_one_of_who_has_fewer() -> None:
    async def play(scene: Scene) -> None:
        asked = await scene.asks("a0", "a1", "a2", "a3")
        (refused,) = await scene.asks("a4")
        assert "4 questions" in str(refused.exception())
        (b1,) = await scene.asks("b1")
        assert isinstance(asked[3].exception(), Crowded)
        assert not b1.done()
        (b2,) = await scene.asks("b2")  # then it would have as many as a
        assert isinstance(b2.exception(), Crowded)
        for _ in range(4):
            await scene.end()
        assert scene.called == ["a0", "b1", "a1", "a2"]

    playing(4, play)


@pytest.mark.parametrize("gone", [0, 1, 2])
def test_who_goes_is_passed_over_wherever_it_stood(gone: int) -> None:
    async def play(scene: Scene) -> None:
        words = ["a1", "b1", "b2"]
        asked = await scene.asks(*words)
        asked[gone].cancel()
        await settled()
        (late,) = await scene.asks("b3")  # there is a place again
        assert not late.done()
        for _ in range(3):
            await scene.end()
        assert [w for w in scene.called if w != "a1"] == [
            w for w in ["b1", "b2", "b3"] if w != words[gone]
        ]
        await scene.asks("c1")
        assert scene.called[-1] == "c1"

    playing(3, play)


@pytest.mark.parametrize("is_called", [True, False])
def test_who_goes_as_it_is_called_up_passes_its_turn_on(is_called: bool) -> None:
    async def play(scene: Scene) -> None:
        first, second, _ = await scene.asks("a1", "b1", "c1")
        first.cancel()
        if is_called:
            await asyncio.sleep(0)  # a1 has passed its turn on, and b1 has not yet heard of it
        second.cancel()
        await settled()
        assert scene.called == ["a1", "c1"]

    playing(3, play)


def test_who_goes_as_it_is_sent_away_takes_nobody_along() -> None:
    async def play(scene: Scene) -> None:
        _, _, newest = await scene.asks("a0", "a1", "a2")
        coming = asyncio.create_task(scene.asks("b1"))
        newest.cancel()
        await coming
        for _ in range(3):
            await scene.end()
        assert scene.called == ["a0", "b1", "a1"]

    playing(3, play)
