"""Stops that the simulated exchange keeps back until its market comes."""

from collections.abc import Sequence

import pytest
from msgspec.structs import replace as with_fields

from exchanges import (
    AROUND,
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
    level,
    order,
    printed,
    replace,
    reports,
)
from omnivenue.message import ExecType
from omnivenue.model import ClOrdID, Side, TimeInForce, TriggerBy
from omnivenue.venue.sim.rules import (
    CAPABILITIES,
    FUTURES_VENUE,
    NOT_SUPPORTED,
    SPOT_VENUES,
    capabilities_of,
)
from omnivenue.venue.sim.source import MarketEvent

IOC = TimeInForce.IOC
LAST, BID, ASK, MARK = TriggerBy.LAST, TriggerBy.BID, TriggerBy.ASK, TriggerBy.MARK
UP, DOWN = PX + 5, PX - 5
HIGHER = book([(PX + 4, 9), (PX + 3, 9)], [(PX + 6, 9)])  # its mid is UP
LOWER = book([(PX - 6, 9)], [(PX - 4, 9), (PX - 3, 9)])  # its mid is DOWN


@pytest.mark.parametrize(
    ("side", "is_take_profit", "stop_px", "happens", "comes"),
    [
        pytest.param(BUY, False, UP, printed(UP, 1, BUY), True, id="stop buy, at it"),
        pytest.param(BUY, False, UP, printed(UP + 9, 1, BUY), True, id="stop buy, above"),
        pytest.param(BUY, False, UP, printed(UP - 1, 1, BUY), False, id="stop buy, below"),
        pytest.param(SELL, False, DOWN, printed(DOWN, 1, SELL), True, id="stop sell, at it"),
        pytest.param(SELL, False, DOWN, printed(DOWN + 1, 1, SELL), False, id="stop sell, above"),
        pytest.param(SELL, True, UP, printed(UP, 1, BUY), True, id="take profit sell, at it"),
        pytest.param(SELL, True, UP, printed(UP - 1, 1, BUY), False, id="take profit, below"),
        pytest.param(BUY, True, DOWN, printed(DOWN, 1, SELL), True, id="take profit buy, at it"),
        pytest.param(BUY, True, DOWN, printed(DOWN + 1, 1, SELL), False, id="tp buy, above"),
    ],
)
def test_it_waits_on_its_side_of_the_market(
    side: Side, is_take_profit: bool, stop_px: int, happens: MarketEvent, comes: bool
) -> None:
    e = exchange((at(5), [happens]))
    limit = PX + 900 * side.sign
    new = order("c", side, px=limit, stop_px=stop_px, is_take_profit=is_take_profit)
    assert kinds(e.handle(at(1), new)) == ["NEW"]
    assert kinds(e.advance(at(6))) == (["TRIGGERED", "TRADE"] if comes else [])
    state = asked(e, "c").orders[0]
    assert (state.is_triggered, state.cum_qty) == (comes, ENOUGH if comes else 0)


@pytest.mark.parametrize(
    ("by", "side", "stop_px", "happens", "comes"),
    [
        pytest.param(BID, BUY, PX + 4, [HIGHER], True, id="bid"),
        pytest.param(BID, BUY, PX + 5, [HIGHER], False, id="bid, not yet"),
        pytest.param(ASK, SELL, PX - 4, [LOWER], True, id="ask"),
        pytest.param(ASK, SELL, PX - 5, [LOWER], False, id="ask, not yet"),
        pytest.param(MARK, BUY, UP, [HIGHER], True, id="mark"),
        pytest.param(MARK, BUY, UP + 1, [HIGHER], False, id="mark, not yet"),
        pytest.param(MARK, BUY, UP, [HIGHER, level(SELL, PX + 6, 0)], False, id="one-sided"),
        pytest.param(LAST, BUY, UP, [HIGHER], False, id="nobody traded"),
        pytest.param(
            LAST, BUY, UP, [printed(UP, 1, BUY), printed(PX, 1, SELL)], True, id="a spike"
        ),
    ],
)
def test_it_looks_at_the_price_that_it_names(
    by: TriggerBy, side: Side, stop_px: int, happens: Sequence[MarketEvent], comes: bool
) -> None:
    e = exchange((at(5), happens))
    e.handle(at(1), order("c", side, px=PX, stop_px=stop_px, trigger_by=by))
    assert kinds(e.advance(at(6))) == (["TRIGGERED"] if comes else [])


def test_a_mid_between_two_ticks_is_below_the_upper_one() -> None:
    half = book([(PX + 4, 9)], [(PX + 5, 9)])
    for stop_px, said in ((PX + 5, []), (PX + 4, ["TRIGGERED"])):
        e = exchange((at(5), [half]))
        e.handle(at(1), order("c", px=PX, stop_px=stop_px, trigger_by=MARK))
        assert kinds(e.advance(at(6))) == said


def test_until_then_it_neither_trades_nor_rests() -> None:
    e = exchange((at(5), [printed(PX + 1, ENOUGH, SELL)]))
    e.handle(at(1), order("c", BUY, px=PX + 2, stop_px=UP))  # its limit crosses the book
    e.handle(at(2), order("d", SELL, px=PX + 2))
    assert e.orders[ClOrdID("c")].cum == 0
    assert e.orders[ClOrdID("d")].cum == 0
    assert kinds(e.advance(at(6))) == []


def test_one_that_has_come_already_triggers_at_once() -> None:
    e = exchange((at(5), [printed(UP, 1, BUY)]))
    e.advance(at(6))
    assert kinds(e.handle(at(7), order("c", px=PX + 1, stop_px=PX))) == [
        "NEW",
        "TRIGGERED",
        "TRADE",
    ]
    by_bid = order("d", px=PX, stop_px=PX - 1, trigger_by=BID)
    assert kinds(e.handle(at(7), by_bid)) == ["NEW", "TRIGGERED"]


def test_a_stop_market_ends_where_its_protection_ends() -> None:
    e = exchange((at(5), [printed(UP, 1, BUY)]))
    e.handle(at(1), order("c", BUY, 60_000, PX + 1, IOC, stop_px=UP))
    said = reports(e.advance(at(6)))
    assert kinds(said) == ["TRIGGERED", "TRADE", "CANCELED"]
    assert said[-1].cum_qty == 50_000


def test_our_own_trade_may_be_what_a_stop_waits_for() -> None:
    e = exchange()
    e.handle(at(1), order("c", BUY, px=PX + 2, stop_px=PX + 2, trigger_by=ASK))
    said = reports(e.handle(at(2), order("d", BUY, 50_000, PX + 1)))
    assert [(r.cl_ord_id, r.exec_type.name) for r in said] == [
        ("d", "NEW"),
        ("d", "TRADE"),
        ("c", "TRIGGERED"),
        ("c", "TRADE"),
    ]


def test_stops_set_off_one_another_in_the_order_of_their_coming() -> None:
    e = exchange((at(5), [printed(UP, 1, BUY)]))
    e.handle(at(1), order("second", BUY, px=PX + 9, stop_px=PX + 2, trigger_by=ASK))
    e.handle(at(2), order("first", BUY, 50_000, px=PX + 1, stop_px=UP))
    e.handle(at(3), order("too", BUY, px=PX, stop_px=UP))
    said = [r.cl_ord_id for r in reports(e.advance(at(6))) if r.exec_type is ExecType.TRIGGERED]
    assert said == ["first", "too", "second"]


def test_before_it_comes_it_can_be_cancelled() -> None:
    e = exchange((at(5), [printed(UP, 1, BUY)]))
    e.handle(at(1), order("c", stop_px=UP))
    assert kinds(e.handle(at(2), cancel("c"))) == ["CANCELED"]
    assert kinds(e.advance(at(6))) == []


def test_before_it_comes_it_can_be_replaced_and_waits_on() -> None:
    e = exchange((at(5), [printed(UP, 1, BUY)]))
    e.handle(at(1), order("c", BUY, px=PX, stop_px=UP))
    changed = replace("c", qty=2 * ENOUGH, px=PX + 1)
    assert kinds(e.handle(at(2), changed)) == ["REPLACED"]
    said = reports(e.advance(at(6)))
    assert kinds(said) == ["TRIGGERED", "TRADE"]
    assert said[-1].cum_qty == 2 * ENOUGH


def test_what_is_triggered_is_an_order_like_others() -> None:
    e = exchange((at(5), [printed(UP, 1, BUY)]), (at(9), [AROUND]))
    e.handle(at(1), order("c", BUY, px=PX, stop_px=UP))
    e.advance(at(6))
    assert kinds(e.handle(at(7), replace("c", px=PX - 1))) == ["REPLACED"]
    assert kinds(e.handle(at(8), cancel("c"))) == ["CANCELED"]


def test_it_is_not_filled_by_decree() -> None:
    e = exchange()
    e.handle(at(1), order("c", stop_px=UP))
    assert e.fill(at(2), ClOrdID("c")) == []


@pytest.mark.parametrize("by", TriggerBy)
def test_a_venue_refuses_a_trigger_that_it_does_not_have(by: TriggerBy) -> None:
    others = tuple(t for t in TriggerBy if t is not by)
    e = exchange(capabilities=with_fields(CAPABILITIES, triggers=others))
    (report,) = reports(e.handle(at(1), order("c", stop_px=UP, trigger_by=by)))
    assert (report.exec_type, report.text) == (ExecType.REJECTED, NOT_SUPPORTED)


def test_a_stop_price_is_a_price() -> None:
    (report,) = reports(exchange().handle(at(1), order("c", stop_px=0)))
    assert report.text == "TICK_SIZE"


def test_only_the_futures_venue_of_paper_mode_keeps_stops() -> None:
    assert capabilities_of(FUTURES_VENUE).triggers == tuple(TriggerBy)
    assert capabilities_of(FUTURES_VENUE).has_reduce_only
    for venue in SPOT_VENUES:
        can = capabilities_of(venue)
        assert can.triggers == ()
        assert not can.has_reduce_only
        assert can.has_replace
        assert can.has_post_only
        assert can.reports_balances
        assert can.has_dead_man_switch
        assert set(can.tifs) == set(TimeInForce)
