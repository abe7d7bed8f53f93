"""The campaign of kills, a short one: nothing is lost or doubled, and it finds what it is there to
find. All points and 200 random instants are `make crash`."""

from random import Random

import pytest

import crash
from crash_load import SYMBOLS, Memory, instruction
from crash_plants import PLANTS
from crash_points import POINTS

SOME_POINTS = (
    "commit: rows written, not committed",
    "commit: durable, nothing dispatched",
    "send: an order, on the wire",
    "bracket: filled and committed, its exits not sent",
    "stop: triggered and committed, not sent",
    "replace: on the wire",
    "recover: answer received, not journaled",
)


@pytest.mark.covers("N3", "O9")
@pytest.mark.holds("I1", "I2", "I3", "I5")
def test_nothing_is_lost_or_doubled() -> None:
    counts = crash.run(SOME_POINTS, random=3, seed=1, say=False)
    assert (counts.points, counts.random) == (len(SOME_POINTS), 3)
    assert counts.problems == []
    assert (counts.lost, counts.doubled, counts.acknowledged_and_missing) == (0, 0, 0)
    assert counts.asked >= counts.acknowledged > 50, "it was under load"
    assert counts.fills > 10


TRIES = 6


@pytest.mark.holds("I1", "I3")
def test_a_server_that_acknowledges_before_it_commits_is_found_out(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(crash, "SETTLE_SECONDS", 3.0)  # what it lost may never settle
    for seed in range(TRIES):  # a kill may miss the gap
        counts = crash.run((), random=2, seed=seed, say=False, plant="acknowledge before commit")
        if counts.acknowledged_and_missing:
            assert counts.problems, "and its story differs from the exchanges' own"
            return
    raise AssertionError("never found")


@pytest.mark.holds("I2")
def test_a_server_that_sends_again_is_found_out() -> None:
    counts = crash.run((), random=1, seed=5, say=False, plant="send again under a new id")
    assert counts.doubled or counts.lost, "placed twice, or under an id that no entry names"


@pytest.mark.holds("I2")
@pytest.mark.parametrize(
    ("plant", "words"),
    [("leave the group", "of its group"), ("replace on other terms", "is in force as")],
)
def test_a_server_that_breaks_what_an_order_promises_is_found_out(plant: str, words: str) -> None:
    points = ("settle: filled, entry made", "replace: on the wire")
    for seed in range(TRIES):  # there may be no such order before the kill
        counts = crash.run(points, random=2, seed=seed, say=False, plant=plant)
        if any(words in problem for problem in counts.problems):
            return
    raise AssertionError("never found")


def test_points_and_plants_have_names_that_the_server_takes() -> None:
    assert set(SOME_POINTS) <= set(POINTS)
    assert len(PLANTS) >= 2
    assert not set(PLANTS) & set(POINTS)


def test_the_load_repeats_itself_from_a_seed_and_remembers_who_got_no_answer() -> None:
    def bodies() -> list[dict[str, object]]:
        random = Random(7)
        return [
            instruction(random, f"k{n}", [{"id": "k0", "instrument": SYMBOLS[0], "price": "61800"}])
            for n in range(300)
        ]

    assert bodies() == bodies()
    assert {body["kind"] for body in bodies()} == {"order", "cancel", "cancel_all", "replace"}
    memory = Memory(asked={f"k{n}": {} for n in range(3)}, acknowledged={"k0"}, refused={"k2"})
    assert memory.unanswered == ["k1"]
