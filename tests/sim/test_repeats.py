"""What is told twice changes nothing, so that nothing is done with it, and an answer is journaled
without what it repeats: on days on which much is told again, both make no difference."""

import sys
from random import Random

import pytest

from omnivenue.engine import State, apply_event, decode_state, state_hash
from omnivenue.journal import MemoryJournal, replay
from omnivenue.journal.chain import Chain
from omnivenue.journal.replay import apply_entry
from omnivenue.message import Entry, StatusReport, encode
from omnivenue.model import Lots, Nanos
from omnivenue.oms import Order
from omnivenue.runtime.archive import Archive
from omnivenue.runtime.news import news
from sim.test_composites import ask
from sim.world import Day

APPLY = sys.modules[apply_event.__module__]
TURN = sys.modules["omnivenue.runtime.turn"]


NOWHERE = Archive(MemoryJournal("paper"))


def never(order: Order, counted: Lots) -> bool:
    return False


@pytest.mark.holds("I11")
def test_to_skip_what_is_booked_already_makes_no_difference(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    skipped, is_booked = 0, APPLY._is_booked

    def counted(order: Order, counted: Lots) -> bool:
        nonlocal skipped
        is_skipped = is_booked(order, counted)
        skipped += is_skipped
        return is_skipped

    for seed in (25, 41, 49):  # on which replaces and disputes are told of twice
        day = day_told_whole(monkeypatch, seed)
        monkeypatch.setattr(APPLY, "_is_booked", counted)
        quick = state_hash(replay(State(), day.disk))
        monkeypatch.setattr(APPLY, "_is_booked", never)
        assert state_hash(replay(State(), day.disk)) == quick
        monkeypatch.setattr(APPLY, "_is_booked", is_booked)
    assert skipped > 100, "else these days show little"


@pytest.mark.holds("I11", "T19")
def test_nothing_becomes_true_by_what_an_answer_repeats(monkeypatch: pytest.MonkeyPatch) -> None:
    repeated = kept = 0
    for seed in (25, 41, 49):
        state = State()
        for entry in Chain(0).check(day_told_whole(monkeypatch, seed).disk):
            if isinstance(entry.event, StatusReport):
                trimmed = news(state, NOWHERE, entry.event)
                kept += len(trimmed.reports)
                repeated += len(entry.event.reports) - len(trimmed.reports)
                assert after(state, entry, trimmed) == after(state, entry, entry.event)
            apply_entry(state, entry)
    assert repeated > 100, "else these days show little"
    assert kept > 50, "else these days show little"


def whole(state: State, archive: Archive, answer: StatusReport) -> StatusReport:
    return answer


def day_told_whole(monkeypatch: pytest.MonkeyPatch, seed: int) -> Day:
    """All that its venues answered is in its journal."""
    monkeypatch.setattr(TURN, "news", whole)
    day, random = Day(seed), Random(f"whole {seed}")
    for n in range(random.randint(3, 9)):
        ask(day, random, n)
    day.run()
    return day


def after(state: State, entry: Entry, answer: StatusReport) -> bytes:
    """All that is true then, but for when somebody last heard of an order."""
    copy = decode_state(encode(state))
    apply_event(copy, entry.at, answer)
    for each in copy.parents.values():
        each.updated_at = Nanos(0)
    return encode(copy)
