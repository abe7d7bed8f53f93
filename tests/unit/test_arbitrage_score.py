"""Rounds of swaps on borrowed money: what they earn, and which gates they fail."""

import pytest

from omnivenue.route.arbitrage import (
    GWEI,
    Gates,
    HopQuote,
    Prices,
    Round,
    Score,
    dollars,
    percent,
    score,
    size_percent,
    slippage_tier_ppm,
)
from omnivenue.route.round_gas import SwapKind, next_base_fee, round_gas

V2, V3 = SwapKind.UNISWAP_V2, SwapKind.UNISWAP_V3
USDC = 10**6

PRICES = Prices(
    token=1_000_000,
    token_unit=USDC,
    native=500_000,  # fifty cents
    base_fee=30 * GWEI,
    priority_fee=30 * GWEI,
)


def hop(amount_out: int, unmoved_out: int | None = None, kind: SwapKind = V2) -> HopQuote:
    unmoved = amount_out if unmoved_out is None else unmoved_out
    return HopQuote(kind=kind, amount_out=amount_out, unmoved_out=unmoved)


def scored(
    hops: tuple[HopQuote, ...],
    *,
    amount_in: int = 10_000 * USDC,
    loan_fee_bps: int = 5,
    pool_held: int | None = None,
    prices: Prices = PRICES,
    gates: Gates = Gates(),  # noqa: B008  # frozen
) -> Score:
    done = Round(amount_in=amount_in, hops=hops, loan_fee_bps=loan_fee_bps, pool_held=pool_held)
    return score(done, prices, gates)


def codes(found: Score) -> list[str]:
    return [reason.code for reason in found.reasons]


GOOD = (hop(3 * 10**18), hop(5_000 * 10**18), hop(10_150 * USDC))


@pytest.mark.covers("D3")
def test_a_round_earns_what_is_left_after_loan_fee_and_gas():
    found = scored(GOOD)
    assert found.gross == 150 * USDC
    assert found.loan_fee == 5 * USDC
    assert found.gas_units == 150_000 + 3 * 90_000 + 100_000 + 50_000
    assert found.gas == 17_100  # 570,000 units at 60 gwei are 0.0342 of the native token
    assert found.net == 150 * USDC - 5 * USDC - 17_100
    assert found.is_worth_sending and found.size_percent == 100


def test_a_loss_is_rounded_up_and_a_fee_too():
    cents = Prices(token=1, token_unit=3, native=1, base_fee=1, priority_fee=0)
    found = scored((hop(95),), amount_in=100, loan_fee_bps=1, prices=cents)
    assert (found.gross, found.loan_fee, found.gas) == (-2, 1, 1)


@pytest.mark.covers("D3")
@pytest.mark.parametrize(
    ("gates", "pool_held", "expected"),
    [
        (Gates(min_profit=145 * USDC), None, ["ARB-001"]),
        (Gates(min_profit=144 * USDC), None, []),
        (Gates(max_gas_price=60 * GWEI - 1), None, ["ARB-002"]),
        (Gates(max_gas_price=60 * GWEI), None, []),
        (Gates(), 100_000 * USDC - 1, ["ARB-006"]),
        (Gates(), 100_000 * USDC, []),
        (Gates(loan_share_percent=1), 100_000 * USDC, ["ARB-006"]),
    ],
)
def test_a_gate_holds_at_its_limit_and_not_beyond(
    gates: Gates, pool_held: int | None, expected: list[str]
):
    assert codes(scored(GOOD, gates=gates, pool_held=pool_held)) == expected


@pytest.mark.covers("D3")
def test_slippage_is_held_against_its_limit_for_each_hop_and_in_total():
    each = (hop(997_000, 10**6), hop(10_150 * USDC))
    assert codes(scored(each)) == [], "1.5 % earned allow 0.3 %"
    one = (hop(996_999, 10**6), hop(10_150 * USDC))
    assert codes(scored(one)) == ["ARB-003", "ARB-004"]
    both = (hop(998_000, 10**6), hop(10_150 * USDC, 10_170_341_000))
    found = scored(both)
    assert codes(found) == ["ARB-004"]
    assert found.hop_slippage_ppm == (2_000, 2_001)
    assert found.slippage_ppm == 3_997
    assert (found.reasons[0].limit, found.reasons[0].value) == ("0.3", "0.3997")


@pytest.mark.parametrize(
    ("gates", "limit"),
    [
        (Gates(), 3_000),
        (Gates(slippage_ppm=2_000), 2_000),
        (Gates(slippage_cap_ppm=1_500), 1_500),
    ],
)
def test_the_least_of_what_instruction_tier_and_cap_allow_holds(gates: Gates, limit: int):
    assert scored(GOOD, gates=gates).slippage_limit_ppm == limit


@pytest.mark.covers("I3")
@pytest.mark.parametrize(
    ("margin_ppm", "allowed_ppm"),
    [
        (-5_000, 1_000),
        (0, 1_000),
        (10_000, 1_000),
        (10_001, 3_000),
        (20_000, 3_000),
        (20_001, 5_000),
        (10**6, 5_000),
    ],
)
def test_the_tiers_of_slippage_by_margin(margin_ppm: int, allowed_ppm: int):
    assert slippage_tier_ppm(margin_ppm) == allowed_ppm


@pytest.mark.covers("I5")
@pytest.mark.parametrize(
    ("slippage_ppm", "expected"),
    [(0, 100), (3_000, 100), (3_001, 70), (5_000, 70), (5_001, 50), (10**6, 50)],
)
def test_size_is_cut_where_slippage_is_expected(slippage_ppm: int, expected: int):
    assert size_percent(slippage_ppm) == expected


@pytest.mark.covers("I5")
def test_the_score_says_what_part_of_the_size_to_send():
    moved = (hop(996_000, 10**6), hop(10_300 * USDC))
    found = scored(moved)
    assert (found.slippage_limit_ppm, found.size_percent, codes(found)) == (5_000, 70, [])


def test_everything_that_is_wrong_is_named():
    bad = (hop(90, 100), hop(9_000 * USDC))
    found = scored(bad, pool_held=1, gates=Gates(max_gas_price=1))
    assert codes(found) == ["ARB-001", "ARB-002", "ARB-003", "ARB-004", "ARB-005", "ARB-006"]
    assert found.reasons[0].value == "-1005.0129"


def test_what_barely_covers_its_gas_is_not_sent():
    """Gas of 11,100 millionths asks for 16,650 before it."""
    gas = scored((hop(10_000_045_000, kind=V3),), loan_fee_bps=0).gas
    assert gas == 11_100
    assert codes(scored((hop(10_000_016_649, kind=V3),), loan_fee_bps=0)) == ["ARB-005"]
    assert codes(scored((hop(10_000_016_650, kind=V3),), loan_fee_bps=0)) == []


def test_an_input_too_small_to_buy_anything_loses_all_of_it():
    assert hop(0, 0).slippage_ppm == 10**6
    assert hop(11, 10).slippage_ppm == 0


def test_a_round_that_earns_nothing_is_refused_even_where_nothing_is_asked_for():
    free = Prices(token=10**6, token_unit=USDC, native=0, base_fee=0, priority_fee=0)
    assert codes(scored((hop(10_000 * USDC),), loan_fee_bps=0, prices=free)) == ["ARB-001"]


@pytest.mark.parametrize(
    ("kinds", "units"),
    [
        ((V3, V3), 490_000),
        ((V2, V3, SwapKind.CURVE), 600_000),
        ((SwapKind.BALANCER, SwapKind.AGGREGATOR), 530_000),
    ],
)
def test_gas_is_loan_hops_repayment_and_more_from_three_hops_on(
    kinds: tuple[SwapKind, ...], units: int
):
    assert round_gas(kinds) == units


@pytest.mark.parametrize(
    ("base_fee", "gas_used", "expected"),
    [
        (100 * GWEI, 15_000_000, 100 * GWEI),
        (100 * GWEI, 30_000_000, 112_500_000_000),
        (100 * GWEI, 0, 87_500_000_000),
        (100 * GWEI, 22_500_000, 106_250_000_000),
        (7, 15_000_001, 8),
        (7, 14_999_999, 7),
    ],
)
def test_the_next_base_fee_is_the_protocols(base_fee: int, gas_used: int, expected: int):
    assert next_base_fee(base_fee, gas_used, 30_000_000) == expected


def test_shares_and_money_are_printed_without_rounding():
    assert [dollars(m) for m in (0, 1, -1_500_000, 20_000_000)] == ["0", "0.000001", "-1.5", "20"]
    assert [percent(p) for p in (0, 1, 3_000, 10**6)] == ["0", "0.0001", "0.3", "100"]
