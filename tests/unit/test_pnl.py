"""Profit in one currency, and what it came from."""

from collections.abc import Callable
from random import Random

import msgspec
import pytest

from derivatives import INVERSE, LINEAR, QUANTO
from omnivenue.engine.apply_marks import apply_marks
from omnivenue.engine.equity import profits, worth_now
from omnivenue.engine.rate import rates
from omnivenue.ledger import (
    ONE,
    Pnl,
    Position,
    Rate,
    Rates,
    average_px_floor,
    moved,
    pair,
    pnl,
    rate,
    summed,
    unrealized,
)
from omnivenue.message import FundingPaid
from omnivenue.model import QTY_UNIT, AssetID, Instrument, InstrumentID, Nanos, Side, unit
from scene import AT_A, AT_B, AT_F, BTC, ETH, MAIN, S1, S2, USDT, WHOLE, A, Desk, F, buy, trade
from scene import ticks as to_ticks

W = QTY_UNIT
USD, BNB = AssetID("USD"), AssetID("BNB")
IN_ETH = msgspec.structs.replace(QUANTO, base=BTC, settle=ETH)
I_A, I_B, I_F = (i.instrument_id for i in (AT_A, AT_B, AT_F))
BTC_USD, ETH_USD = InstrumentID("x:BTC-USD"), InstrumentID("x:ETH-USD")
PAIRS = {
    pair(BTC, USDT): (I_A,),
    pair(ETH, USDT): (I_B,),
    pair(BTC, USD): (BTC_USD,),
    pair(ETH, USD): (ETH_USD,),
}


def at(currency: AssetID = USDT, /, **px: int) -> Rates:
    """Whole quote units: `a` BTC-USDT, `b` ETH-USDT, `f` its perpetual, `l` its future, `i` and `q`
    the inverse and the quanto contract, `btc` and `eth` in USD."""
    ids = dict(
        zip(
            ["a", "b", "f", "l", "i", "q", "btc", "eth"],
            (
                *(I_A, I_B, I_F, LINEAR.instrument_id, INVERSE.instrument_id),
                *(QUANTO.instrument_id, BTC_USD, ETH_USD),
            ),
            strict=True,
        )
    )
    return Rates(PAIRS, currency, {ids[name]: value * WHOLE for name, value in px.items()})


def holding(instrument: Instrument, qty: int, px: int) -> Position:
    position = Position()
    side = Side.BUY if qty > 0 else Side.SELL
    position.trade(qty, instrument.paid_ceil(side, abs(qty), px * WHOLE))
    return position


# Rates.


def test_a_pair_tells_either_way_and_the_currency_itself_needs_none() -> None:
    by = at(a=50_000)
    assert by.worth(BTC, WHOLE) == 50_000 * W
    assert at(BTC, a=50_000).worth(USDT, 50_000 * WHOLE) == W
    assert by.worth(USDT, 3) == 3 * 10**10
    assert at(BTC, a=3).worth(USDT, 1) == 10**10 // 3


def test_what_nothing_tells_has_no_worth_but_nothing_of_it_is_nothing() -> None:
    by = at()
    assert by.worth(BTC, 1) is None
    assert by.worth(BTC, 0) == 0
    assert by.worth(BNB, 1) is None
    assert by.rate(BTC) == f"{I_A}: not marked"
    assert by.rate(BNB) == "no pair of BNB and USDT is listed"
    assert at(a=0).rate(BTC) == f"{I_A}: a mark of 0"


def test_of_several_pairs_the_first_with_a_mark_tells() -> None:
    pairs = {pair(BTC, USDT): (I_B, I_A), pair(USDT, BTC): (I_F,)}
    marks = {I_A: 7, I_F: 9}
    assert rate(pairs, USDT, BTC, lambda i: marks.get(i, "")) == Rate(7, unit(USDT))
    del marks[I_A]
    assert rate(pairs, USDT, BTC, lambda i: marks.get(i, "")) == Rate(unit(BTC), 9)
    assert rate(pairs, USDT, USDT, lambda i: marks.get(i, "")) == ONE


# One position.


@pytest.mark.parametrize(
    ("instrument", "qty", "px", "mark", "want"),
    [
        (AT_A, 2 * WHOLE, 60_000, 61_000, 2_000 * WHOLE),
        (AT_A, -WHOLE, 60_000, 61_000, -1_000 * WHOLE),
        (LINEAR, -WHOLE, 60_000, 59_000, 1_000 * WHOLE),
        (INVERSE, 60_000 * WHOLE, 60_000, 75_000, WHOLE // 5),  # 1 BTC owed becomes 0.8
        (INVERSE, 60_000 * WHOLE, 60_000, 50_000, -WHOLE // 5),
        (INVERSE, -60_000 * WHOLE, 60_000, 50_000, WHOLE // 5),
        (QUANTO, 10 * 10**18, 3_000, 3_100, 300_000),  # 0.000003 BTC for each USD
        (QUANTO, -10 * 10**18, 3_000, 3_100, -300_000),
        (IN_ETH, 10 * WHOLE, 3_000, 3_100, 3 * 10**15),  # in finer atoms than it is quoted in
    ],
)
def test_unrealised_is_what_closing_at_the_mark_would_bring(
    instrument: Instrument, qty: int, px: int, mark: int, want: int
) -> None:
    position = holding(instrument, qty, px)
    assert unrealized(instrument, position, mark * WHOLE) == want
    assert average_px_floor(instrument, qty, position.cost, 1) == px * WHOLE


def test_profit_is_told_in_the_risk_currency_with_fees_and_funding() -> None:
    position = holding(INVERSE, 60_000 * WHOLE, 60_000)
    position.realized, position.funding = -WHOLE // 100, WHOLE // 1_000
    position.fees = {BTC: 1_000, USDT: 5}
    found = pnl(INVERSE, position, at(a=75_000, i=75_000))
    assert found == Pnl(
        realized=-750 * W, unrealized=15_000 * W, funding=75 * W, fees=75 * W // 100 + 5 * 10**10
    )
    assert found.total == (-750 + 15_000 + 75) * W - 75 * W // 100 - 5 * 10**10
    assert found.unknown == frozenset()


def test_what_is_not_known_counts_for_nothing_and_is_named() -> None:
    position = holding(AT_F, WHOLE, 60_000)
    position.realized, position.fees = 7 * WHOLE, {BNB: 5, USDT: WHOLE}
    found = pnl(AT_F, position, at(a=60_000))
    assert found.unknown == {I_F, BNB}
    assert found.total == 6 * W
    flat = Position(realized=7 * WHOLE)
    assert pnl(AT_F, flat, at()).unknown == frozenset()


# What it came from.


@pytest.mark.parametrize(
    ("instrument", "qty", "before", "after", "delta", "basis"),
    [
        (AT_A, WHOLE, at(a=60_000), at(a=60_500), 500, 0),
        (AT_F, WHOLE, at(a=60_000, f=60_010), at(a=60_500, f=60_530), 500, 20),
        (AT_F, -WHOLE, at(a=60_000, f=60_010), at(a=60_500, f=60_530), -500, -20),
        (AT_F, WHOLE, at(a=60_000, f=60_010), at(a=60_000, f=60_000), 0, -10),
        (AT_F, WHOLE, at(f=60_010), at(f=60_500), 490, 0),  # nothing says where it derives from
        (AT_F, WHOLE, at(f=60_010), at(a=60_000, f=60_500), 490, 0),
        (AT_F, WHOLE, at(a=60_000), at(a=60_500, f=60_500), 0, 0),  # no mark before
    ],
)
def test_what_moves_a_position_is_the_underlying_or_the_basis(
    instrument: Instrument, qty: int, before: Rates, after: Rates, delta: int, basis: int
) -> None:
    position = holding(instrument, qty, 60_000)
    assert moved(instrument, position, before, after) == (delta * W, basis * W)


def test_the_underlying_takes_a_price_to_nothing_and_not_below() -> None:
    """A derivative far below what it derives from, which falls by more than there is of it."""
    position, atom = holding(AT_F, WHOLE, 60_000), 10**10
    found = moved(AT_F, position, at(a=100, f=10), at(a=50, f=8))
    assert found == (-10 * W + atom, 8 * W - atom)


def test_what_lies_in_another_asset_moves_with_it() -> None:
    """A coin that was earned is worth more, though nothing is held any more."""
    flat = Position(realized=WHOLE, funding=WHOLE, fees={BTC: 5})
    assert moved(INVERSE, flat, at(a=60_000), at(a=60_500)) == (500 * W, 0)
    assert moved(INVERSE, flat, at(), at(a=60_500)) == (0, 0)


@pytest.mark.parametrize("currency", [USDT, BTC])
@pytest.mark.parametrize(
    ("instrument", "qty"),
    [
        (AT_A, 3 * WHOLE),
        (LINEAR, -WHOLE),
        (INVERSE, 70_000 * WHOLE),
        (INVERSE, -1_234 * WHOLE),
        (QUANTO, 17 * 10**18),
    ],
)
def test_moves_leave_nothing_unexplained_but_the_first_trade(
    instrument: Instrument, qty: int, currency: AssetID
) -> None:
    random = Random(qty)
    names: dict[str, Callable[[], int]] = {
        name: lambda: random.randint(50_000, 70_000) for name in ["a", "f", "l", "i", "btc"]
    } | {name: lambda: random.randint(2_000, 4_000) for name in ["b", "q", "eth"]}
    position = holding(instrument, qty, 3_000 if instrument is QUANTO else 60_000)
    first = now = at(currency, **{name: make() for name, make in names.items()})
    for _ in range(50):
        then, now = now, at(currency, **{name: make() for name, make in names.items()})
        delta, basis = moved(instrument, position, then, now)
        position.delta, position.basis = position.delta + delta, position.basis + basis
        begin, end = pnl(instrument, position, first), pnl(instrument, position, now)
        assert abs(end.unexplained - begin.unrealized) <= 1
        assert end.total == sum(end.lines().values()) + end.unexplained


# By strategy and venue.


def test_sums_by_strategy_and_by_venue_come_to_what_the_account_has_earned() -> None:
    desk = Desk()
    for n, (instrument, strategy, px) in enumerate(
        ((AT_A, S1, 60_000), (AT_F, S1, 60_010), (AT_A, S2, 59_990))
    ):
        order = desk.place(buy(f"o{n}", 100, instrument=instrument, strategy_id=strategy))
        desk.tell(trade(order.new.cl_ord_id, 100, f"x{n}", to_ticks(px, instrument)))
    desk.tell(FundingPaid("f", MAIN, F, I_F, -9, Nanos(0)))
    apply_marks(desk.state, {I_A: 60_100 * WHOLE, I_F: 60_120 * WHOLE})
    apply_marks(desk.state, {I_A: 60_200 * WHOLE, I_F: 60_210 * WHOLE})
    found = list(profits(desk.state, MAIN, rates(desk.state)))
    assert [key for key, _ in found] == [(S1, A), (S1, F), (S2, A)]
    by_strategy = summed((strategy, one) for (strategy, _), one in found)
    by_venue = summed((venue_id, one) for (_, venue_id), one in found)
    for sums in (by_strategy, by_venue):
        total = sum(one.total for one in sums.values())
        assert total == worth_now(desk.state, MAIN, rates(desk.state)).pnl
    btc = 100 * AT_A.lot * W // WHOLE  # what 100 lots are
    fut = 100 * AT_F.lot * W // WHOLE
    assert by_strategy[S1].delta == 100 * (btc + fut)
    assert (by_venue[A].basis, by_venue[F].basis) == (0, -10 * fut)
    assert by_venue[F].unexplained == 110 * fut  # bought below the first mark
    assert by_venue[F].funding == -9 * 10**10
    assert by_venue[F].lines() == {
        "delta_pnl": 100 * fut,
        "basis_pnl": -10 * fut,
        "funding_pnl": -9 * 10**10,
        "transaction_costs": -7 * 10**10,
    }
