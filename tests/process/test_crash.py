"""The campaign of kills, a short one: nothing is lost or doubled, and it finds what it is there to
find. All points and 200 random instants are `make crash`."""

from collections.abc import Callable, Sequence
from random import Random

import pytest

import crash
from crash import Counts
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
    assert counts.exits_traded > 0


TRIES = 6


def found(
    plant: str, shows: Callable[[Counts], object], points: Sequence[str] = (), random: int = 2
) -> None:
    """Within so many campaigns: a kill may miss the gap, and on a busy machine few orders come to
    where the bug is."""
    for seed in range(TRIES):
        counts = crash.run(points, random, seed=seed, say=False, plant=plant)
        if shows(counts):
            return
    raise AssertionError(f"never found: {plant}")


@pytest.fixture
def hasty(monkeypatch: pytest.MonkeyPatch) -> None:
    """What a bug has done may never settle, and is not waited for."""
    monkeypatch.setattr(crash, "SETTLE_SECONDS", 3.0)


@pytest.mark.holds("I1", "I3")
@pytest.mark.usefixtures("hasty")
def test_a_server_that_acknowledges_before_it_commits_is_found_out() -> None:
    found("acknowledge before commit", lambda c: c.acknowledged_and_missing and c.lost)


@pytest.mark.holds("I2")
@pytest.mark.usefixtures("hasty")
def test_a_server_that_sends_again_is_found_out() -> None:
    found("send again under a new id", lambda c: c.doubled, random=1)


@pytest.mark.holds("I2", "I15")
@pytest.mark.usefixtures("hasty")
@pytest.mark.parametrize(
    ("plant", "words"),
    [
        ("leave the group", "of its group"),
        ("replace on other terms", "is in force as"),
        ("exits for all that was ordered", "the exits of"),
        ("a stop is sent twice", "was placed again for one trigger"),
    ],
)
def test_a_server_that_breaks_what_an_order_promises_is_found_out(plant: str, words: str) -> None:
    points = ("replace: on the wire",) if plant.startswith("replace") else ()
    random = 0 if points else 2
    found(plant, lambda c: any(words in problem for problem in c.problems), points, random)


def test_points_and_plants_have_names_that_the_server_takes() -> None:
    assert set(SOME_POINTS) <= set(POINTS)
    assert len(PLANTS) == 6
    assert not set(PLANTS) & set(POINTS)


def test_the_load_repeats_itself_from_a_seed_and_remembers_who_got_no_answer() -> None:
    def bodies() -> list[dict[str, object]]:
        random = Random(7)
        mine = [{"id": "k0", "instrument": SYMBOLS[0], "price": "61800"}]
        return [instruction(random, f"k{n}", mine, now=1_800_000_000) for n in range(300)]

    assert bodies() == bodies()
    assert any("expire_at" in body for body in bodies())
    assert {body["kind"] for body in bodies()} == {"order", "cancel", "cancel_all", "replace"}
    memory = Memory(asked={f"k{n}": {} for n in range(3)}, acknowledged={"k0"}, refused={"k2"})
    assert memory.unanswered == ["k1"]
