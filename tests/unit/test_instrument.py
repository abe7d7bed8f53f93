"""Between a venue's lots and ticks and our atoms: each rounding on its right side."""

import pytest

from derivatives import FEES, INVERSE, LINEAR, QUANTO, USD
from omnivenue.model import AssetID, Atoms, Instrument, Side, Ticks
from scene import AT_A, AT_B, AT_F, BTC, BUY, ETH, SELL, USDT, WHOLE, WHOLE_ETH, A, listed


def test_lots_round_down_and_atoms_are_exact() -> None:
    assert [AT_A.lots_floor(n * AT_A.lot // 2) for n in range(5)] == [0, 0, 1, 1, 2]
    assert AT_A.atoms(AT_A.lots_floor(7 * AT_A.lot)) == 7 * AT_A.lot


@pytest.mark.parametrize(("side", "want"), [(BUY, [9, 10, 10]), (SELL, [10, 10, 11])])
def test_a_limit_in_ticks_is_never_worse_than_the_limit(side: Side, want: list[int]) -> None:
    px = AT_A.px(Ticks(10))
    assert [AT_A.limit_ticks(side, px + more) for more in (-1, 0, 1)] == want


def test_what_is_paid_rounds_up_and_what_is_received_down() -> None:
    coarse = listed(A, BTC, lot=Atoms(1), tick=Atoms(1))
    assert (coarse.cost_ceil(1, 1), coarse.proceeds_floor(1, 1)) == (1, 0)
    assert (coarse.amount(BUY, 1, 1), coarse.amount(SELL, 1, 1)) == (1, 0)
    assert coarse.cost_ceil(10**8, 7) == coarse.proceeds_floor(10**8, 7) == 7


def test_a_fee_rounds_up() -> None:
    assert [AT_A.fee_ceil(amount) for amount in (0, 1, 1000, 1001)] == [0, 1, 1, 2]


def test_a_multiplier_multiplies_what_is_exchanged() -> None:
    ten = listed(A, BTC, multiplier=10)
    assert ten.cost_ceil(10**8, 7) == ten.proceeds_floor(10**8, 7) == 70


@pytest.mark.parametrize(
    ("instrument", "side", "want"),
    [
        (AT_A, BUY, USDT),
        (AT_A, SELL, BTC),
        (AT_B, SELL, ETH),
        (AT_F, BUY, USDT),
        (AT_F, SELL, USDT),
        (INVERSE, BUY, BTC),
        (QUANTO, SELL, BTC),
    ],
)
def test_what_an_order_spends(instrument: Instrument, side: Side, want: str) -> None:
    assert instrument.spends(side) == want


@pytest.mark.parametrize(
    ("instrument", "qty_asset", "cash"),
    [
        (AT_A, BTC, USDT),
        (AT_F, BTC, USDT),
        (INVERSE, USD, BTC),
        (QUANTO, ETH, BTC),
    ],
)
def test_what_a_quantity_and_an_amount_are_counted_in(
    instrument: Instrument, qty_asset: AssetID, cash: AssetID
) -> None:
    assert (instrument.qty_asset, instrument.cash) == (qty_asset, cash)


USD_PX = 60_000 * WHOLE


@pytest.mark.parametrize(
    ("instrument", "side", "atoms", "px", "paid", "notional"),
    [
        # 2 BTC at 60,000 USDT.
        (LINEAR, BUY, 2 * WHOLE, USD_PX, 120_000 * WHOLE, 120_000 * WHOLE),
        (LINEAR, SELL, 2 * WHOLE, USD_PX, -120_000 * WHOLE, 120_000 * WHOLE),
        # 30,000 USD at 60,000 are half a BTC: who buys the contracts has it come in.
        (INVERSE, BUY, 30_000 * WHOLE, USD_PX, -WHOLE // 2, 30_000 * WHOLE),
        (INVERSE, SELL, 30_000 * WHOLE, USD_PX, WHOLE // 2, 30_000 * WHOLE),
        # 100 USD at 70,000 are 142,857.14 satoshi: 142,858 are paid and 142,857 received.
        (INVERSE, BUY, 100 * WHOLE, 70_000 * WHOLE, -142_857, 100 * WHOLE),
        (INVERSE, SELL, 100 * WHOLE, 70_000 * WHOLE, 142_858, 100 * WHOLE),
        # 10 ETH at 3,000.05 USD, 3 millionths of a BTC for each USD: 0.0900015 BTC.
        (QUANTO, BUY, 10 * WHOLE_ETH, 300_005 * WHOLE // 100, 9_000_150, None),
        (QUANTO, SELL, 10 * WHOLE_ETH, 300_005 * WHOLE // 100, -9_000_150, None),
        # 0.01 ETH at 3,000.15 USD is 9,000.45 satoshi.
        (QUANTO, BUY, WHOLE_ETH // 100, 300_015 * WHOLE // 100, 9_001, None),
        (QUANTO, SELL, WHOLE_ETH // 100, 300_015 * WHOLE // 100, -9_000, None),
        (INVERSE, BUY, 100 * WHOLE, 0, 0, 100 * WHOLE),  # no price, no amount
        # Three lots of a cent's millionth: what a minimum is held against is never more than is.
        (LINEAR, BUY, 3, WHOLE // 2, 2, 1),
    ],
)
def test_each_kind_of_contract_rounds_once_and_against_us(
    instrument: Instrument, side: Side, atoms: int, px: int, paid: int, notional: int | None
) -> None:
    assert instrument.paid_ceil(side, atoms, px) == paid
    assert instrument.amount(side, atoms, px) == abs(paid)
    if notional is not None:
        assert instrument.notional_floor(atoms, px) == notional


def test_inverse_profit_is_what_the_contracts_are_worth_less_by() -> None:
    """Long of 60,000 USD from 60,000 to 75,000: 1 BTC came in, and 0.8 are owed."""
    opened = INVERSE.paid_ceil(BUY, 60_000 * WHOLE, USD_PX)
    closed = INVERSE.paid_ceil(SELL, 60_000 * WHOLE, 75_000 * WHOLE)
    assert -opened - closed == WHOLE // 5


def test_what_an_order_holds() -> None:
    atoms, px = 10**8, 60_000 * 10**8
    assert AT_A.hold_ceil(SELL, atoms, px) == atoms
    assert AT_A.hold_ceil(BUY, atoms, px) == px + px // 1000
    for side in Side:
        assert AT_F.hold_ceil(side, atoms, px) == px // 1000, "margin backs the rest"
    assert INVERSE.hold_ceil(BUY, 30_000 * WHOLE, px) == WHOLE // 2 * 5 // 10_000


def test_a_fee_in_another_asset_is_not_reserved_and_a_rebate_not_counted_upon() -> None:
    atoms, px = 10**8, 60_000 * 10**8
    assert listed(A, BTC, fee_asset=FEES).hold_ceil(BUY, atoms, px) == px
    assert listed(A, BTC, fee_asset=USDT).hold_ceil(BUY, atoms, px) == px + px // 1000
    assert listed(A, BTC, maker_bps=-5, taker_bps=-1).hold_ceil(BUY, atoms, px) == px


@pytest.mark.parametrize(
    ("instrument", "side", "limit", "mark", "want"),
    [
        (AT_A, BUY, 10, 9, 10),
        (AT_A, SELL, 10, 12, 10),
        (LINEAR, BUY, 10, 9, 10),
        (LINEAR, SELL, 10, 12, 12),  # it may be sold at the mark
        (LINEAR, SELL, 10, 9, 10),
        (INVERSE, BUY, 10, 9, 9),  # 1 / 9 of it comes in, and binds more than 1 / 10
        (INVERSE, BUY, 10, 12, 10),
        (INVERSE, BUY, 10, 0, 10),  # no mark
        (INVERSE, SELL, 10, 12, 10),
    ],
)
def test_an_order_is_reserved_where_it_binds_most(
    instrument: Instrument, side: Side, limit: int, mark: int, want: int
) -> None:
    assert instrument.hold_px(side, limit, mark) == want


@pytest.mark.parametrize(
    ("instrument", "px", "other", "want"),
    [
        (AT_A, 10, 9, 10),
        (LINEAR, 9, 10, 10),
        (INVERSE, 10, 9, 9),  # so many USD are more BTC there
        (INVERSE, 9, 10, 9),
        (INVERSE, 0, 10, 10),  # no price
        (INVERSE, 10, 0, 10),
    ],
)
def test_the_dearer_price_is_the_one_at_which_more_is_reserved(
    instrument: Instrument, px: int, other: int, want: int
) -> None:
    assert instrument.dearer_px(px, other) == want


@pytest.mark.parametrize(
    ("amount", "initial"),
    [
        (0, 0),
        (1, 1),
        (50_000 * WHOLE, 1_000 * WHOLE),
        (100_000 * WHOLE - 1, 2_000 * WHOLE),
        (100_000 * WHOLE, 5_000 * WHOLE),
    ],
)
def test_margin_is_the_rate_of_the_tier_rounded_up(amount: int, initial: int) -> None:
    assert LINEAR.initial_ceil(amount) == initial


def test_without_tiers_all_of_the_amount_is_margin() -> None:
    assert AT_F.initial_ceil(7) == 7
