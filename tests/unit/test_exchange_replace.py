"""Replacing an order at the simulated exchange: what is in force, what it may trade, its place."""

import pytest
from msgspec.structs import replace as with_fields

from exchanges import (
    BUY,
    ENOUGH,
    PX,
    SELL,
    asked,
    at,
    book,
    cancel,
    exchange,
    kinds,
    order,
    printed,
    refused,
    replace,
    reports,
)
from omnivenue.message import CancelRejected, ExecType
from omnivenue.model import ClOrdID, TimeInForce
from omnivenue.venue.sim.exchange import Exchange
from omnivenue.venue.sim.record import Habits
from omnivenue.venue.sim.rules import CAPABILITIES, NOT_SUPPORTED


def resting(px: int = PX - 1, qty: int = ENOUGH, **kw: object) -> Exchange:
    e = exchange((at(50), [printed(PX - 1, 50_000 + ENOUGH, SELL)]))
    e.handle(at(1), order("c", BUY, qty, px, **kw))  # type: ignore[arg-type]
    return e


def test_it_is_another_order_from_then_on_and_keeps_its_name() -> None:
    e = resting()
    (report,) = reports(e.handle(at(2), replace("c", qty=2 * ENOUGH, px=PX - 2)))
    assert report.exec_type is ExecType.REPLACED
    assert (report.cl_ord_id, report.version, report.cum_qty) == ("c", 1, 0)
    placed = e.orders[ClOrdID("c")]
    assert (placed.qty, placed.px, placed.leaves) == (2 * ENOUGH, PX - 2, 2 * ENOUGH)
    assert (placed.new.qty, placed.new.limit_px) == (ENOUGH, PX - 1)
    assert asked(e, "c").orders[0].version == 1


def test_the_quantity_is_the_whole_orders() -> None:
    e = exchange()
    e.handle(at(1), order("c", BUY, 60_000, PX + 1))  # 50,000 at once
    (report,) = reports(e.handle(at(2), replace("c", qty=55_000, px=PX + 1)))
    assert report.cum_qty == 50_000
    assert e.orders[ClOrdID("c")].leaves == 5_000


def test_at_its_new_price_it_may_trade_at_once() -> None:
    e = resting()
    events = e.handle(at(2), replace("c", px=PX + 1))
    assert kinds(events) == ["REPLACED", "TRADE"]
    assert reports(events)[-1].last_px == PX + 1


def fills_after(e: Exchange) -> int:
    """What the print at its price leaves for it: 50,000 were shown before it came."""
    e.advance(at(60))
    return e.orders[ClOrdID("c")].cum


@pytest.mark.parametrize(
    ("change", "filled"),
    [
        pytest.param(None, ENOUGH, id="not replaced"),
        pytest.param(replace("c", qty=ENOUGH // 2, px=PX - 1), ENOUGH // 2, id="less of it"),
        pytest.param(replace("c", qty=2 * ENOUGH, px=PX - 1), ENOUGH, id="more of it"),
    ],
)
def test_alone_before_the_print_it_is_filled(change: object, filled: int) -> None:
    e = resting()
    if change is not None:
        e.handle(at(2), change)  # type: ignore[arg-type]
    assert fills_after(e) == filled


@pytest.mark.parametrize(
    ("qty", "px", "first"),
    [
        pytest.param(ENOUGH - 1, PX, "c", id="only less of it: it keeps its place"),
        pytest.param(ENOUGH + 1, PX, "d", id="more of it: it goes to the end"),
        pytest.param(ENOUGH, PX, "c", id="nothing changed"),
    ],
)
def test_only_who_shrinks_keeps_the_place(qty: int, px: int, first: str) -> None:
    e = exchange((at(50), [printed(PX, 1, SELL)]))
    e.handle(at(1), order("c"))
    e.handle(at(1), order("d"))
    e.handle(at(2), replace("c", qty=qty, px=px))
    (trade,) = reports(e.advance(at(60)))
    assert trade.cl_ord_id == first


def test_another_price_and_back_has_lost_the_place() -> None:
    e = exchange((at(50), [printed(PX, 1, SELL)]))
    e.handle(at(1), order("c"))
    e.handle(at(1), order("d"))
    e.handle(at(2), replace("c", 1, px=PX - 5))
    e.handle(at(2), replace("c", 2, px=PX))
    (trade,) = reports(e.advance(at(60)))
    assert trade.cl_ord_id == "d"


@pytest.mark.parametrize(("qty", "text"), [(50_000, "too late"), (49_999, "too late")])
def test_what_has_traded_cannot_be_taken_back_by_a_replace(qty: int, text: str) -> None:
    e = exchange()
    e.handle(at(1), order("c", BUY, 60_000, PX + 1))
    assert refused(e.handle(at(2), replace("c", qty=qty, px=PX + 1))) == text
    assert e.orders[ClOrdID("c")].leaves == 10_000


@pytest.mark.parametrize("end", [order("x", SELL, ENOUGH, PX - 1), cancel("c")])
def test_what_has_ended_or_never_was(end: object) -> None:
    e = resting(px=PX)
    e.handle(at(2), end)  # type: ignore[arg-type]
    assert refused(e.handle(at(3), replace("c", px=PX - 3))) == "too late"
    (said,) = e.handle(at(3), replace("never"))
    assert said == CancelRejected(
        cl_ord_id=ClOrdID("replace-never-1"), orig_cl_ord_id=ClOrdID("never"), text="unknown"
    )


@pytest.mark.parametrize(("arrives", "said"), [(9, ["REPLACED"]), (10, []), (11, [])])
def test_one_that_comes_after_its_expiry_is_ignored(arrives: int, said: list[str]) -> None:
    assert kinds(resting().handle(at(arrives), replace("c", px=PX - 3, expires_at=at(10)))) == said


def test_the_same_version_twice_is_one_replace() -> None:
    e = resting()
    e.handle(at(2), replace("c", px=PX - 3))
    assert e.handle(at(3), replace("c", px=PX - 3)) == []
    assert asked(e, "c").orders[0].version == 1


def test_an_older_version_that_was_overtaken_is_refused() -> None:
    e = resting()
    e.handle(at(2), replace("c", 2, px=PX - 3))
    assert refused(e.handle(at(3), replace("c", 1, px=PX - 4))) == "old version"
    assert e.orders[ClOrdID("c")].px == PX - 3


@pytest.mark.parametrize(
    ("wrong", "text"),
    [
        ({"qty": 8}, "MIN_NOTIONAL"),
        ({"px": 0}, "TICK_SIZE"),
        ({"px": -5}, "TICK_SIZE"),
    ],
)
def test_terms_that_are_no_order_are_refused_and_the_order_stays(
    wrong: dict[str, int], text: str
) -> None:
    e = resting()
    assert refused(e.handle(at(2), replace("c", **wrong))) == text  # type: ignore[arg-type]
    assert (e.orders[ClOrdID("c")].px, e.orders[ClOrdID("c")].version) == (PX - 1, 0)
    assert fills_after(e) == ENOUGH


def test_a_post_only_order_is_not_replaced_to_where_it_would_take() -> None:
    e = resting(post_only=True)
    assert refused(e.handle(at(2), replace("c", px=PX + 1))) == "POST_ONLY"
    assert kinds(e.handle(at(3), replace("c", 2, px=PX))) == ["REPLACED"]


def test_the_habit_of_rejecting_is_for_replaces_too() -> None:
    e = exchange(habits=Habits(reject=50))
    for i in range(40):
        e.handle(at(1), order(f"c{i}"))
    taken = [f"c{i}" for i in range(40) if e.orders[ClOrdID(f"c{i}")].is_working]
    said = [e.handle(at(2), replace(name, px=PX - 3))[0] for name in taken]
    assert {type(s).__name__ for s in said} == {"ExecutionReport", "CancelRejected"}


def test_a_venue_that_cannot_says_so() -> None:
    e = exchange(capabilities=with_fields(CAPABILITIES, has_replace=False))
    e.handle(at(1), order("c"))
    assert refused(e.handle(at(2), replace("c", px=PX - 1))) == NOT_SUPPORTED


def test_a_replaced_order_trades_at_its_new_price_in_the_market() -> None:
    e = exchange((at(50), [book([(PX - 10, 9)], [(PX - 3, 4)])]))
    e.handle(at(1), order("c", px=PX - 9))
    e.handle(at(2), replace("c", px=PX - 3))
    (trade,) = reports(e.advance(at(60)))
    assert (trade.last_px, trade.last_qty) == (PX - 3, 4)


def test_an_all_or_nothing_order_has_ended_before_it_could_be_replaced() -> None:
    e = exchange()
    e.handle(at(1), order("c", tif=TimeInForce.IOC))
    assert refused(e.handle(at(2), replace("c", px=PX + 1))) == "too late"
