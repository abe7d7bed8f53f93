"""What is told twice changes nothing, so that nothing is done with it: with and without that, the
same entries make the same state, on days on which much is told more than once."""

import sys
from random import Random

import pytest

from omnivenue.engine import State, apply_event, state_hash
from omnivenue.journal import replay
from omnivenue.model import Lots
from omnivenue.oms import Order
from sim.test_composites import ask
from sim.world import Day

APPLY = sys.modules[apply_event.__module__]


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
        day, random = Day(seed), Random(f"whole {seed}")
        for n in range(random.randint(3, 9)):
            ask(day, random, n)
        day.run()
        monkeypatch.setattr(APPLY, "_is_booked", counted)
        quick = state_hash(replay(State(), day.disk))
        monkeypatch.setattr(APPLY, "_is_booked", never)
        assert state_hash(replay(State(), day.disk)) == quick
        monkeypatch.setattr(APPLY, "_is_booked", is_booked)
    assert skipped > 100, "else these days show little"
