"""SMART: what nobody takes just now waits where it may rest, and tries again after a pause."""

import pytest
from msgspec.structs import replace

from omnivenue.engine.composite import PAUSE, TRIES_MAX
from omnivenue.message import (
    EndReason,
    ExecType,
    InstrumentsListed,
    LimitsSet,
    NewOrder,
    NotSent,
    OrderInstructed,
)
from omnivenue.model import SECOND, LimitName, Limits, Lots, Side, TimeInForce
from omnivenue.oms import Stage
from scene import AT_A, LOT, A, B, buy, cancel, limit, new_orders, report
from smart_floor import AT_B, Floor, gtd, smart


@pytest.fixture
def floor() -> Floor:
    return Floor()


def in_part(floor: Floor, made: OrderInstructed) -> NewOrder:
    """Three lots trade at the one venue; four are for the other, and the pace has no room now."""
    slow = Limits(limits=(limit(LimitName.ORDERS_PER_SECOND, 1),))
    floor.tell(LimitsSet(limits=slow, from_file=False))
    floor.books_are(((60_000, 3),), ((60_010, 4),))
    (first,) = new_orders(floor.tell(made))
    assert (first.venue_id, first.qty) == (A, 3)
    return first


@pytest.mark.holds("L1")
def test_what_is_refused_for_a_moment_goes_out_after_a_pause(floor: Floor) -> None:
    floor.fill(in_part(floor, smart("i", 7)))
    floor.books_are(((60_050, 9),), ((60_010, 4),))
    assert floor.whole("i").stage is Stage.WORKING, "it may rest, though it has no part now"
    assert floor.state.timers["retry/i"].at == floor.at + PAUSE
    floor.later(5)
    (second,) = new_orders(floor.wake("retry/i"))
    assert (second.venue_id, second.qty) == (B, 4)
    assert "retry/i" not in floor.state.timers, "nothing is missing"
    floor.fill(second)
    assert floor.whole("i").end is EndReason.FILLED
    floor.check_replay()


def test_also_while_another_part_rests(floor: Floor) -> None:
    first = in_part(floor, smart("i", 7))
    floor.tell(report(first.cl_ord_id, ExecType.NEW, "n"))
    floor.books_are(((60_050, 9),), ((60_010, 4),))
    floor.later(5)
    (second,) = new_orders(floor.wake("retry/i"))
    assert (second.venue_id, second.qty) == (B, 4)


def test_it_tries_again_and_again_and_says_so_once(floor: Floor) -> None:
    floor.fill(in_part(floor, smart("i", 7)))
    said = len(floor.whole("i").timeline)
    for _ in range(TRIES_MAX + 1):
        floor.at += 10 * SECOND  # the feeds are stale
        assert not new_orders(floor.wake("retry/i"))
        assert floor.state.timers["retry/i"].at == floor.at + PAUSE
    assert len(floor.whole("i").timeline) == said
    floor.later(5)
    assert new_orders(floor.wake("retry/i"))
    floor.check_replay()


def test_what_does_not_rest_does_not_wait(floor: Floor) -> None:
    floor.fill(in_part(floor, replace(smart("i", 7), tif=TimeInForce.IOC)))
    assert (floor.whole("i").end, floor.whole("i").filled) == (EndReason.UNFILLED, 3 * LOT)
    assert "retry/i" not in floor.state.timers


def test_nor_what_is_too_little_for_anybody(floor: Floor) -> None:
    at_b = replace(AT_B, version=2, min_qty=Lots(5))
    floor.tell(InstrumentsListed(instruments=(at_b, replace(AT_A, version=2, min_qty=Lots(2)))))
    floor.books_are(((60_000, 6),), ())
    (first,) = new_orders(floor.tell(smart("i", 7)))
    floor.fill(first, 6)
    floor.ended(first, ExecType.CANCELED, 6)
    assert floor.whole("i").is_over
    assert "retry/i" not in floor.state.timers


def test_nor_where_every_venue_has_rejected_it(floor: Floor) -> None:
    sent = new_orders(floor.tell(smart("i", 10)))
    for _ in range(2):
        (new,) = sent
        reject = report(new.cl_ord_id, ExecType.REJECTED, f"r{new.venue_id}", text="SIM_REJECT")
        sent = new_orders(floor.tell(reject))
    assert floor.whole("i").end is EndReason.REJECTED
    assert "retry/i" not in floor.state.timers


def test_a_cancel_ends_what_waits(floor: Floor) -> None:
    floor.fill(in_part(floor, smart("i", 7)))
    floor.tell(cancel("c", "i"))
    assert floor.whole("i").end is EndReason.CANCELLED
    assert "retry/i" not in floor.state.timers


def test_and_so_does_its_time(floor: Floor) -> None:
    floor.fill(in_part(floor, gtd(floor, 60_100)))
    floor.later(3)
    floor.wake("expire/i")
    assert floor.whole("i").end is EndReason.EXPIRED
    assert "retry/i" not in floor.state.timers


def test_what_our_own_gate_withholds_goes_out_again_for_ever(floor: Floor) -> None:
    """At once as often as in any slice, and then after each pause."""
    sent = new_orders(floor.tell(smart("i", 10)))
    for _ in range(TRIES_MAX):
        (new,) = sent
        sent = new_orders(floor.tell(NotSent(cl_ord_id=new.cl_ord_id, why="full")))
    assert not sent
    for _ in range(3):
        floor.later(5)
        (new,) = new_orders(floor.wake("retry/i"))
        assert not new_orders(floor.tell(NotSent(cl_ord_id=new.cl_ord_id, why="full")))
    assert floor.whole("i").stage is Stage.WORKING
    floor.check_replay()


def test_a_venue_that_lets_nothing_rest_is_left(floor: Floor) -> None:
    sent = new_orders(floor.tell(smart("i", 10)))
    venues = list[str]()
    while sent:
        (new,) = sent
        venues.append(new.venue_id)
        sent = new_orders(floor.ended(new, ExecType.EXPIRED))
    assert sorted(venues) == [A, B], "each once"
    assert floor.whole("i").end is EndReason.EXPIRED


def test_what_only_reduces_is_not_kept_for_a_position_to_come(floor: Floor) -> None:
    floor.fill(in_part(floor, buy("b", 3, instrument=AT_A)))
    floor.later(5)
    made = replace(smart("i", 3, 59_900), side=Side.SELL, reduce_only=True)
    for new in new_orders(floor.tell(made)):
        floor.ended(new, ExecType.CANCELED)
    assert floor.whole("i").is_over
    assert "retry/i" not in floor.state.timers
