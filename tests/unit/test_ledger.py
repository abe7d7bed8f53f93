"""The ledger: every posting has its opposite, and taking one back leaves no trace."""

import pytest

from derivatives import CONTRACTS, FEES, INVERSE
from omnivenue.ledger import (
    Exposure,
    Ledger,
    contracts,
    fees,
    free,
    held,
    margin,
    move,
    post_fill,
    realize,
    world,
)
from omnivenue.model import AssetID, Atoms, Fill, Instrument, Liquidity, Lots, Nanos, Side
from scene import AT_A, AT_B, AT_F, BTC, BUY, ETH, LISTED, MAIN, OTHER, SELL, USDT, A, B, F, ticks

pytestmark = pytest.mark.holds("I13")


def fill(qty: int, px: int, instrument: Instrument = AT_A, fee: int = 3) -> Fill:
    asset = AssetID("USDT")
    return Fill(Lots(qty), ticks(px, instrument), Atoms(fee), asset, Liquidity.TAKER, at=Nanos(0))


def total(ledger: Ledger, asset: AssetID) -> int:
    return sum(balances.get(asset, 0) for balances in ledger.paths.values())


def test_a_path_names_an_account_at_a_venue() -> None:
    assert [p(MAIN, A) for p in (free, held, margin, contracts, fees)] == [
        "main@SIM-A/free",
        "main@SIM-A/held",
        "main@SIM-A/margin",
        "main@SIM-A/contracts",
        "main@SIM-A/fees",
    ]
    assert world(A) == "world@SIM-A"


def test_what_one_path_gives_another_gets() -> None:
    ledger = Ledger()
    move(ledger, world(A), free(MAIN, A), USDT, 100)
    move(ledger, free(MAIN, A), held(MAIN, A), USDT, 30)
    move(ledger, free(MAIN, A), held(MAIN, A), USDT, -10)
    assert ledger.balance(free(MAIN, A), USDT) == 80
    assert ledger.balance(held(MAIN, A), USDT) == 20
    assert ledger.balance(world(A), USDT) == -100
    assert ledger.balance(free(MAIN, A), BTC) == ledger.balance(free(OTHER, A), USDT) == 0


def test_a_path_to_itself_stays_as_it_is() -> None:
    ledger = Ledger()
    move(ledger, free(MAIN, A), free(MAIN, A), USDT, 5)
    assert ledger.balance(free(MAIN, A), USDT) == 0


@pytest.mark.parametrize("side", Side)
def test_a_spot_trade_exchanges_both_assets_and_pays_the_fee(side: Side) -> None:
    ledger = Ledger()
    paid = post_fill(ledger, MAIN, AT_A, side, fill(2, 60_000), 1)
    amount = 2 * AT_A.lot * 60_000
    assert paid == side.sign * amount
    ours = free(MAIN, A)
    assert ledger.balance(ours, BTC) == side.sign * 2 * AT_A.lot
    assert ledger.balance(ours, USDT) == -side.sign * amount - 3
    assert ledger.balance(fees(MAIN, A), USDT) == 3
    assert ledger.balance(world(A), USDT) == side.sign * amount
    assert ledger.balance(world(A), BTC) == -side.sign * 2 * AT_A.lot


def test_what_we_pay_rounds_up_and_what_we_receive_rounds_down() -> None:
    bought, sold = Ledger(), Ledger()
    odd = Fill(Lots(1), ticks(3_000, AT_B), Atoms(0), USDT, Liquidity.MAKER, at=Nanos(0))
    exact = AT_B.lot * AT_B.px(odd.px)
    assert exact % 10**18, "the example divides without a rest"
    paid = post_fill(bought, MAIN, AT_B, BUY, odd, 1)
    received = post_fill(sold, MAIN, AT_B, SELL, odd, 1)
    assert paid == -received + 1 == -(-exact // 10**18)
    assert bought.balance(free(MAIN, B), ETH) == -sold.balance(free(MAIN, B), ETH) == AT_B.lot


def test_a_derivative_trade_moves_contracts_and_cost_and_no_cash_but_the_fee() -> None:
    ledger = Ledger()
    amount = -post_fill(ledger, MAIN, AT_F, SELL, fill(2, 60_000, AT_F), 1)
    assert amount == 2 * AT_F.lot * 60_000
    assert ledger.balance(contracts(MAIN, F), AssetID(AT_F.instrument_id)) == -2 * AT_F.lot
    assert ledger.balance(contracts(MAIN, F), USDT) == amount
    assert ledger.balance(free(MAIN, F), USDT) == -3
    assert BTC not in ledger.paths[free(MAIN, F)]


def test_realised_profit_leaves_the_position_for_cash_and_a_loss_comes_from_it() -> None:
    ledger = Ledger()
    realize(ledger, MAIN, AT_F, 50)
    realize(ledger, MAIN, AT_F, -20)
    assert ledger.balance(free(MAIN, F), USDT) == 30
    assert ledger.balance(contracts(MAIN, F), USDT) == -30


@pytest.mark.holds("T21")
@pytest.mark.parametrize("instrument", (*LISTED, *CONTRACTS))
@pytest.mark.parametrize("side", Side)
def test_a_trade_taken_back_leaves_nothing(instrument: Instrument, side: Side) -> None:
    ledger = Ledger()
    one = fill(7, 61_234, instrument, fee=11)
    paid = post_fill(ledger, MAIN, instrument, side, one, 1)
    assert post_fill(ledger, MAIN, instrument, side, one, -1) == -paid
    assert not any(amount for balances in ledger.paths.values() for amount in balances.values())


@pytest.mark.parametrize("instrument", (*LISTED, *CONTRACTS))
@pytest.mark.parametrize("side", Side)
def test_each_asset_sums_to_nothing(instrument: Instrument, side: Side) -> None:
    ledger = Ledger()
    post_fill(ledger, MAIN, instrument, side, fill(7, 61_234, instrument), 1)
    post_fill(ledger, OTHER, instrument, side.opposite, fill(5, 59_999, instrument), 1)
    for asset in (BTC, ETH, USDT, FEES, AssetID(instrument.instrument_id)):
        assert total(ledger, asset) == 0


def test_a_rebate_is_a_fee_that_comes_in() -> None:
    ledger = Ledger()
    made = Fill(Lots(2), ticks(60_000), Atoms(-5), FEES, Liquidity.MAKER, at=Nanos(0))
    post_fill(ledger, MAIN, AT_A, BUY, made, 1)
    assert ledger.balance(free(MAIN, A), FEES) == 5
    assert ledger.balance(fees(MAIN, A), FEES) == -5
    post_fill(ledger, MAIN, AT_A, BUY, made, -1)
    assert not any(ledger.paths[fees(MAIN, A)].values())


def test_who_buys_inverse_contracts_has_base_come_in_and_rounded_down() -> None:
    ledger = Ledger()
    one = Fill(Lots(1), ticks(70_000, INVERSE), Atoms(2), BTC, Liquidity.TAKER, at=Nanos(0))
    assert post_fill(ledger, MAIN, INVERSE, BUY, one, 1) == -142_857
    path = contracts(MAIN, F)
    assert ledger.balance(path, AssetID(INVERSE.instrument_id)) == INVERSE.lot
    assert ledger.balance(path, BTC) == 142_857
    assert post_fill(ledger, MAIN, INVERSE, SELL, one, 1) == 142_858
    assert ledger.balance(path, BTC) == -1


def test_exposure_is_what_has_traded_and_what_still_may() -> None:
    exposure = Exposure()
    exposure.net = -5
    exposure.reserve(BUY, 30)
    exposure.reserve(SELL, 10)
    assert (exposure.buys, exposure.sells) == (30, 10)
    assert exposure.after(BUY) == 25
    assert exposure.after(BUY, 5) == 30
    assert exposure.after(SELL) == -15
    assert exposure.after(SELL, 5) == -20
    assert exposure.worst() == 25
    exposure.reserve(BUY, -30)
    assert exposure.after(BUY) == -5
    assert exposure.worst() == 15
    with pytest.raises(AssertionError):
        exposure.reserve(BUY, -1)
