"""So many in one turn of the event loop, in their order; who has gone holds nobody up."""

import asyncio

import pytest

from omnivenue.app.turnstile import IN_ONE_TURN, Turnstile

CROWD = IN_ONE_TURN * 3 + 1


async def begun(turnstile: Turnstile, gone: frozenset[int] = frozenset()) -> list[list[int]]:
    """Who began, turn by turn. Those who are gone do not ask again."""
    turns: list[list[int]] = [[]]

    def ask(n: int) -> None:
        if turnstile.admits(lambda: None if n in gone else ask(n)):
            turns[-1].append(n)

    for n in range(CROWD):
        ask(n)
    while turns[-1] or sum(map(len, turns)) + len(gone) < CROWD:
        assert len(turns) < CROWD, "somebody waits for ever"
        turns.append([])
        await asyncio.sleep(0)
    return turns[:-1]


@pytest.mark.holds("T58")
def test_so_many_begin_in_one_turn_and_the_rest_in_their_order() -> None:
    turns = asyncio.run(begun(Turnstile()))
    assert [len(turn) for turn in turns] == [IN_ONE_TURN] * 3 + [1]
    assert [n for turn in turns for n in turn] == list(range(CROWD))


@pytest.mark.holds("T58")
def test_who_has_gone_holds_nobody_up() -> None:
    gone = frozenset(range(IN_ONE_TURN, CROWD - 1))
    turns = asyncio.run(begun(Turnstile(), gone))
    assert turns[0] == list(range(IN_ONE_TURN))
    assert turns[-1] == [CROWD - 1]
