"""The simulated exchange: what it answers, what it remembers, and what it does to balances."""

from typing import Any

import msgspec
import pytest

from exchanges import (
    AROUND,
    BTC,
    BTC_USDT,
    BUY,
    ENOUGH,
    MAIN,
    PX,
    SELL,
    USDT,
    VENUE,
    Scripted,
    at,
    cancel,
    exchange,
    kinds,
    level,
    order,
    printed,
    query,
    reports,
)
from omnivenue.market import Quote
from omnivenue.message import CancelRejected, ExecType, NewOrder, OrderState, StatusReport
from omnivenue.model import (
    AccountID,
    AssetID,
    ClOrdID,
    InstrumentID,
    Liquidity,
    Lots,
    Nanos,
    Side,
    Ticks,
    TimeInForce,
    VenueID,
    unit,
)
from omnivenue.venue.sim.exchange import Exchange
from omnivenue.venue.sim.record import Habits
from omnivenue.venue.sim.rules import CAPABILITIES, instruments_of
from omnivenue.venue.sim.settle import flows

GTC, IOC, FOK = TimeInForce.GTC, TimeInForce.IOC, TimeInForce.FOK


def taker(name: str = "c", qty: int = ENOUGH) -> NewOrder:
    """It crosses to the first level, which has 50,000 lots."""
    return order(name, BUY, qty, PX + 1)


@pytest.mark.parametrize(
    ("tif", "qty", "px", "said", "cum"),
    [
        pytest.param(GTC, ENOUGH, PX, ["NEW"], 0, id="rests"),
        pytest.param(GTC, ENOUGH, PX + 1, ["NEW", "TRADE"], ENOUGH, id="takes"),
        pytest.param(GTC, 60_000, PX + 1, ["NEW", "TRADE"], 50_000, id="takes, and rests"),
        pytest.param(IOC, 60_000, PX + 1, ["NEW", "TRADE", "CANCELED"], 50_000, id="IOC"),
        pytest.param(IOC, 60_000, PX + 2, ["NEW", "TRADE", "TRADE"], 60_000, id="two levels"),
        pytest.param(FOK, 100_000, PX + 2, ["NEW", "TRADE", "TRADE"], 100_000, id="FOK, all"),
        pytest.param(FOK, 100_001, PX + 2, ["NEW", "CANCELED"], 0, id="FOK, nothing"),
    ],
)
def test_an_order_is_done_as_it_says(
    tif: TimeInForce, qty: int, px: int, said: list[str], cum: int
) -> None:
    e = exchange()
    events = e.handle(at(1), order("c", BUY, qty, px, tif))
    assert kinds(events) == said
    assert reports(events)[-1].cum_qty == e.orders[ClOrdID("c")].cum == cum
    stamps = [r.transact_at for r in reports(events)]
    assert stamps == sorted(set(stamps))
    assert stamps[0] == at(1)


@pytest.mark.parametrize(
    ("wrong", "code"),
    [
        ({"instrument_id": InstrumentID("BYBIT:SPOT_PAIR:XRP-USDT")}, "UNKNOWN_INSTRUMENT"),
        ({"instrument_version": 2}, "INSTRUMENT_VERSION"),
        ({"qty": Lots(0)}, "LOT_SIZE"),
        ({"limit_px": Ticks(0)}, "TICK_SIZE"),
        ({"qty": Lots(8)}, "MIN_NOTIONAL"),  # 4.944 USDT
    ],
)
def test_what_it_does_not_take_it_rejects_with_a_code(wrong: dict[str, Any], code: str) -> None:
    e = exchange()
    new: NewOrder = msgspec.structs.replace(order("c"), **wrong)
    (report,) = reports(e.handle(at(1), new))
    assert (report.exec_type, report.text) == (ExecType.REJECTED, code)
    assert code in CAPABILITIES.proven_rejects
    assert e.handle(at(2), new) == []
    assert e.orders[ClOrdID("c")].ended is ExecType.REJECTED


def test_a_smallest_quantity_is_a_rule_of_the_instrument() -> None:
    strict = msgspec.structs.replace(BTC_USDT, min_qty=Lots(ENOUGH + 1))
    e = Exchange(VENUE, (strict,), {})
    assert reports(e.handle(at(1), order("c")))[0].text == "MIN_QTY"
    assert kinds(e.handle(at(1), order("d", qty=ENOUGH + 1))) == ["NEW"]


def test_the_same_id_is_one_order() -> None:
    e = exchange()
    e.handle(at(1), taker())
    assert e.handle(at(2), taker()) == []
    assert e.handle(at(2), order("c", SELL, px=PX - 1)) == []
    assert e.orders[ClOrdID("c")].cum == ENOUGH


@pytest.mark.parametrize(("arrives", "said"), [(9, ["NEW"]), (10, []), (11, [])])
def test_an_order_that_comes_after_its_expiry_is_ignored(arrives: int, said: list[str]) -> None:
    assert kinds(exchange().handle(at(arrives), order("c", expires_at=at(10)))) == said


def test_a_cancel_ends_what_works_and_is_rejected_for_the_rest() -> None:
    e = exchange()
    e.handle(at(1), order("c"))
    assert kinds(e.handle(at(2), cancel("c"))) == ["CANCELED"]
    for orig, text in (("c", "too late"), ("never", "unknown")):
        (event,) = e.handle(at(3), cancel(orig))
        assert isinstance(event, CancelRejected)
        assert (event.cl_ord_id, event.orig_cl_ord_id, event.text) == (
            f"cancel-{orig}",
            orig,
            text,
        )


def test_a_query_is_answered_in_one_piece() -> None:
    e = exchange()
    first = e.handle(at(1), taker("a"))
    second = e.handle(at(5), order("b"))
    (answer,) = e.handle(at(9), query("a", "b", "x", number=7, since=at(5)))
    assert isinstance(answer, StatusReport)
    assert (answer.query, answer.as_of, answer.venue_id) == (7, at(9), VENUE)
    assert list(answer.reports) == second
    assert answer.orders == (
        OrderState(cl_ord_id=ClOrdID("a"), cum_qty=Lots(ENOUGH), ended=ExecType.TRADE),
        OrderState(cl_ord_id=ClOrdID("b"), cum_qty=Lots(0), ended=None),
    )
    assert answer.not_found == (ClOrdID("x"),)
    (everything,) = e.handle(at(9), query())
    assert isinstance(everything, StatusReport)
    assert list(everything.reports) == [*first, *second]


def test_the_market_fills_what_rests() -> None:
    e = exchange((5, [level(BUY, PX, 3), printed(PX, ENOUGH, SELL)]))
    e.handle(Nanos(1), order("c"))
    trade, quote = e.advance(Nanos(5))
    assert isinstance(quote, Quote)
    assert quote.last == (PX, ENOUGH, SELL)
    (report,) = reports([trade])
    assert (report.last_qty, report.last_px, report.liquidity) == (ENOUGH, PX, Liquidity.MAKER)
    assert e.orders[ClOrdID("c")].ended is ExecType.TRADE


def test_a_quote_shows_ten_levels_less_what_we_took_and_goes_stale() -> None:
    e = exchange((5, [level(SELL, PX + 5, 1)]))
    e.handle(Nanos(2), taker())
    (quote,) = e.advance(Nanos(3))  # nothing happened but us
    assert isinstance(quote, Quote)
    assert quote.asks[0] == (PX + 1, 50_000 - ENOUGH)
    assert quote.at == 0
    e.advance(Nanos(100))
    assert e.quote(BTC_USDT.instrument_id).at == 5
    assert e.next_at() is None
    assert e.advance(at(100)) == []


def test_only_ten_levels_are_shown() -> None:
    many = [level(BUY, PX - 10 - i, 1) for i in range(20)]
    e = exchange((1, many))
    e.advance(Nanos(1))
    assert len(e.quote(BTC_USDT.instrument_id).bids) == 10


def test_balances_move_by_amount_and_fee_to_the_atom() -> None:
    e = exchange()
    e.deposit(MAIN, USDT, 10**13)
    trade = reports(e.handle(at(1), taker()))[-1]
    amount = 6_180_001 * 10**6 // 10  # 0.1 BTC
    fee = -(-amount * 4 // 10_000)
    assert trade.fee == fee
    assert trade.fee_asset == USDT
    assert e.balances == {MAIN: {USDT: 10**13 - amount - fee, BTC: unit(BTC) // 10}}


def test_a_fee_is_rounded_up() -> None:
    moved, fee = flows(BTC_USDT, BUY, Lots(1), Ticks(1), Liquidity.TAKER)
    assert fee == 1  # of 10 atoms, 4 bps
    assert moved == ((BTC, 1000), (USDT, -10), (USDT, -1))


def test_a_maker_pays_the_makers_fee_and_accounts_are_apart() -> None:
    e, other = exchange(), AccountID("other")
    e.handle(at(1), order("m", SELL, account=other))
    e.handle(at(2), order("t"))
    amount = PX * 10**6 // 10
    fees = {MAIN: amount * 4 // 10_000, other: amount * 2 // 10_000}
    assert e.balances[MAIN] == {BTC: 10**7, USDT: -amount - fees[MAIN]}
    assert e.balances[other] == {BTC: -(10**7), USDT: amount - fees[other]}


def test_a_perpetual_keeps_its_position_under_its_own_name() -> None:
    venue = VenueID("BINANCE-FUTURES")
    perpetual, _ = instruments_of(venue)
    assert perpetual.instrument_id == "BINANCE-FUTURES:PERPETUAL:BTC-USDT"
    e = Exchange(venue, (perpetual,), {perpetual.instrument_id: Scripted((0, [AROUND]))})
    e.advance(Nanos(0))
    named = perpetual.instrument_id
    e.handle(at(1), order("a", SELL, px=PX - 1, venue_id=venue, instrument_id=named))
    asset = AssetID(named)
    assert e.balances[MAIN][asset] == -(10**7)
    e.handle(at(2), order("b", BUY, px=PX + 1, venue_id=venue, instrument_id=named))
    bought, sold = (PX + 1) * 10**5, (PX - 1) * 10**5
    fees = sum(r.fee for placed in e.orders.values() for r in placed.reports)
    assert e.balances[MAIN] == {asset: 0, USDT: sold - bought - fees}


BUSTING = Habits(bust=100, bust_within=1000)


def test_a_bust_gives_the_money_back_and_the_quantity_works_again() -> None:
    e = exchange(habits=BUSTING)
    e.handle(Nanos(10), taker())
    assert e.orders[ClOrdID("c")].ended is ExecType.TRADE
    due = e.next_at()
    assert due is not None
    events = reports(e.advance(due))
    assert kinds(events) == ["TRADE_CANCEL", "TRADE"]  # the market still shows enough
    bust, again = events
    assert bust.exec_ref_id == e.orders[ClOrdID("c")].reports[1].exec_id
    assert (bust.cum_qty, again.cum_qty) == (0, ENOUGH)
    assert e.orders[ClOrdID("c")].standing == [again]


@pytest.mark.parametrize(("tif", "px"), [(IOC, PX + 1), (FOK, PX + 1)])
def test_a_busted_order_that_may_not_rest_ends(tif: TimeInForce, px: int) -> None:
    e = exchange(habits=BUSTING)
    e.handle(Nanos(10), order("c", px=px, tif=tif))
    assert kinds(e.advance(Nanos(10_000))) == ["TRADE_CANCEL", "CANCELED"]
    assert e.balances[MAIN] == {USDT: 0, BTC: 0}


def test_a_bust_of_an_ended_order_leaves_it_ended() -> None:
    e = exchange(habits=BUSTING)
    e.handle(Nanos(10), taker(qty=60_000))
    e.handle(Nanos(11), cancel("c"))
    assert kinds(e.advance(Nanos(10_000))) == ["TRADE_CANCEL"]
    assert e.orders[ClOrdID("c")].state == OrderState(
        cl_ord_id=ClOrdID("c"), cum_qty=Lots(0), ended=ExecType.CANCELED
    )


def test_habits_reject_by_seed() -> None:
    e = exchange(habits=Habits(reject=50))
    said = [kinds(e.handle(at(1), order(f"c{i}")))[0] for i in range(40)]
    assert {"NEW", "REJECTED"} == set(said)
    again = exchange(habits=Habits(reject=50))
    assert said == [kinds(again.handle(at(1), order(f"c{i}")))[0] for i in range(40)]


def test_two_markets_are_merged_in_time() -> None:
    first, second = instruments_of(VENUE)
    sources = {
        first.instrument_id: Scripted((1, [AROUND]), (4, [printed(PX, 1, SELL)])),
        second.instrument_id: Scripted((2, [AROUND]), (3, [printed(PX, 1, SELL)])),
    }
    e = Exchange(VENUE, (first, second), sources)
    seen: list[Nanos | None] = []
    while (due := e.next_at()) is not None:
        seen.append(due)
        (quote,) = e.advance(due)
        assert isinstance(quote, Quote)
        assert quote.at == due
    assert seen == [1, 2, 3, 4]


def test_an_order_can_be_filled_by_decree() -> None:
    e = exchange()
    e.handle(at(1), order("c"))
    assert kinds(e.fill(at(2), ClOrdID("c"))) == ["TRADE"]
    assert e.fill(at(3), ClOrdID("c")) == []
    assert e.fill(at(3), ClOrdID("never")) == []


@pytest.mark.parametrize("side", list(Side))
def test_execution_ids_are_never_repeated(side: Side) -> None:
    e = exchange()
    for i in range(20):
        e.handle(at(i), order(f"c{i}", side, px=PX + side.sign, tif=IOC))
    (answer,) = e.handle(at(99), query())
    assert isinstance(answer, StatusReport)
    assert len({r.exec_id for r in answer.reports}) == len(answer.reports)
