"""Counting is exact, and has a limit of its own."""

import pytest

from omnivenue.message import (
    Entry,
    Event,
    ExecType,
    ExecutionReport,
    NewOrder,
    QueryOrders,
    decode_entry,
)
from omnivenue.model import ClOrdID, ExecID, Lots, Nanos
from omnivenue.telemetry import Histogram, Meter, meter
from scene import AT_A, A, B, Desk, answer, buy, new_orders
from smart_floor import Floor, smart

MS = 1_000_000


def entry(at: int, event: Event, *commands: NewOrder | QueryOrders) -> Entry:
    return Entry(
        seq=0,
        epoch=1,
        at=Nanos(at),
        principal="",
        event=event,
        seen=(),
        commands=commands,
        prev_hash="",
    )


def sent(lots: int = 10, key: str = "k1") -> NewOrder:
    (new,) = new_orders(Desk().tell(buy(key, lots)))
    return new


def report(new: NewOrder, kind: ExecType, exec_id: str, lots: int = 0) -> ExecutionReport:
    return ExecutionReport(
        exec_id=ExecID(exec_id), cl_ord_id=new.cl_ord_id, exec_type=kind, last_qty=Lots(lots)
    )


def total(histogram: Histogram) -> tuple[int, int]:
    return sum(histogram.counts), histogram.total


def test_an_order_is_followed_from_its_sending_to_its_fill() -> None:
    found, new = Meter(), sent()
    found.turned([entry(0, buy("k1"), new)])
    found.turned([entry(2 * MS, report(new, ExecType.NEW, "a"))])
    found.turned([entry(5 * MS, report(new, ExecType.TRADE, "b", 4))])
    found.turned([entry(9 * MS, report(new, ExecType.TRADE, "c", 6))])
    assert total(found.stages["ack"]) == (1, 2 * MS)
    assert total(found.stages["fill"]) == (1, 5 * MS)
    assert total(found.to_fill[AT_A.venue_id]) == (1, 5 * MS)
    assert (found.instructions, found.fills[AT_A.venue_id]) == (1, 2)


def test_an_order_over_venues_is_accepted_once_and_its_parts_are_sent() -> None:
    found, floor = Meter(), Floor()
    floor.books_are(((60_000, 3),), ((60_010, 4),))
    floor.tell(smart("i", 7))
    found.turned([decode_entry(line) for line in floor.journal.lines()])
    assert (found.instructions, found.accepted) == (1, 1)
    assert found.selected == {A: 1, B: 1}


def test_a_venue_is_as_far_away_as_its_last_answer_was() -> None:
    found, venue_id = Meter(), AT_A.venue_id
    ask = [QueryOrders(venue_id=venue_id, query=n, cl_ord_ids=(), since=Nanos(0)) for n in range(3)]
    found.turned([entry(0, buy("k1"), ask[0])])
    assert not found.round_trips
    found.turned([entry(3 * MS, answer(venue_id, 0, 1))])
    assert found.round_trips == {venue_id: 3 * MS}
    found.turned([entry(9 * MS, answer(venue_id, 0, 1))])
    found.turned([entry(10 * MS, buy("k2"), ask[1]), entry(11 * MS, buy("k3"), ask[2])])
    found.turned([entry(12 * MS, answer(venue_id, 1, 1))])
    assert found.round_trips == {venue_id: 3 * MS}, "told again, and of another question"
    found.turned([entry(13 * MS, answer(venue_id, 2, 1))])
    assert found.round_trips == {venue_id: 2 * MS}


def test_a_trade_that_is_told_again_is_one_trade() -> None:
    found, new = Meter(), sent()
    found.turned([entry(0, buy("k1"), new)])
    said = report(new, ExecType.TRADE, "b", 9)
    half = report(new, ExecType.TRADE, "x", 1)
    again = answer(AT_A.venue_id, 0, 1, reports=(half, half, said, said))
    found.turned([entry(1, half), entry(2, half), entry(3, again), entry(4, said)])
    assert found.fills[AT_A.venue_id] == 2
    assert total(found.stages["fill"]) == (1, 1)


@pytest.mark.parametrize("kind", [ExecType.CANCELED, ExecType.EXPIRED, ExecType.REJECTED])
def test_what_has_ended_is_waited_for_no_longer(kind: ExecType) -> None:
    found, new = Meter(), sent()
    found.turned([entry(0, buy("k1"), new)])
    found.turned([entry(1, report(new, kind, "a")), entry(2, report(new, ExecType.TRADE, "b", 1))])
    assert found.fills[AT_A.venue_id] == 0
    assert found.venue_rejections[AT_A.venue_id] == (kind is ExecType.REJECTED)


def test_of_too_many_orders_the_oldest_are_not_waited_for(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(meter, "WAITING_MAX", 2)
    found, news = Meter(), [sent(key=f"k{n}") for n in range(3)]
    assert len({new.cl_ord_id for new in news}) == 3
    for new in news:
        found.turned([entry(0, buy("k"), new)])
    for n, new in enumerate(news):
        found.turned([entry(1, report(new, ExecType.TRADE, f"t{n}", 10))])
    assert found.fills[AT_A.venue_id] == 2
    assert total(found.stages["fill"]) == (2, 2)


def test_orders_that_are_not_ours_are_not_measured() -> None:
    found = Meter()
    stranger = ExecutionReport(
        exec_id=ExecID("a"),
        cl_ord_id=ClOrdID("A~x"),
        exec_type=ExecType.TRADE,
        last_qty=Lots(1),
    )
    found.turned([entry(0, stranger)])
    assert not found.fills


@pytest.mark.parametrize(
    ("nanos", "place"), [(0, 0), (10_000, 0), (10_001, 1), (60 * 10**9, -2), (61 * 10**9, -1)]
)
def test_a_bound_belongs_to_its_bucket(nanos: int, place: int) -> None:
    histogram = Histogram()
    histogram.observe(nanos)
    assert histogram.counts[place] == 1
    assert total(histogram) == (1, nanos)


def test_a_turn_is_measured_in_its_stages_and_an_empty_one_is_not() -> None:
    found = Meter()
    found.timed(4, 5, 400, 7, 9)
    found.timed(0, 5, 400, 7, 9)
    stages = [total(found.stages[stage]) for stage in ("accept", "risk", "commit", "send")]
    assert stages == [(1, 5), (1, 100), (1, 7), (1, 9)]
