"""Aave's growth, rates and health, worked by hand in numbers that leave nothing to round, and where
a half is rounded."""

from dataclasses import replace
from typing import Any

import pytest

from omnivenue.kernel import (
    Account,
    Index,
    Position,
    QuoteError,
    RateStrategy,
    Why,
    account_down,
    percent_mul_half_up,
    ray_mul_half_up,
)

RAY = 10**27
WAD = 10**18
DOLLAR = 10**8
YEAR = 365 * 24 * 60 * 60
PER_MILLE = YEAR * RAY // 1_000
"""A thousandth a second: what grows by it is a power of 1.001."""


@pytest.mark.parametrize(
    ("seconds", "owed"),
    [
        (0, 10**12),
        (1, 1_001_000_000_000),
        (2, 1_002_001_000_000),
        (3, 1_003_003_001_000),
        (4, 1_004_006_004_000),  # the power has 0.001^4 more, which the series leaves away
        (1_000, 2_665_667_000_000),  # 1 + 1 + 0.4995 + 0.166167
    ],
)
def test_a_loan_grows_by_three_terms_of_the_binomial_series(seconds: int, owed: int) -> None:
    assert Index(10**12, PER_MILLE, 50).debt_half_up(50 + seconds) == owed


def test_a_supply_grows_on_a_straight_line() -> None:
    supply = Index(10**12, PER_MILLE, 50)
    assert [supply.income_half_up(50 + n) for n in (0, 1, 1_000)] == [
        *(10**12, 1_001_000_000_000, 2 * 10**12)
    ]
    assert Index(RAY, RAY, 0).income_half_up(1) == RAY + RAY // YEAR, "cut, before it is rounded"


def test_a_half_is_rounded_up_and_less_is_not() -> None:
    assert [ray_mul_half_up(RAY // 2 - n, 1) for n in (0, 1)] == [1, 0]
    assert [percent_mul_half_up(1, bps) for bps in (5_000, 4_999)] == [1, 0]
    assert percent_mul_half_up(1_000_000, 9) == 900, "what a flash loan of a million costs"


def test_rates_bend_at_the_optimal_use() -> None:
    """Of 1000: what is borrowed, then millionths of a year's interest, paid and received."""
    million = RAY // 10**6
    strategy = RateStrategy(9 * RAY // 10, RAY // 100, 4 * RAY // 100, 60 * RAY // 100)
    table = [
        (0, 0, 10_000, 0),
        (720, 0, 42_000, 27_216),
        (900, 0, 50_000, 40_500),
        (950, 0, 350_000, 299_250),
        (950, 250, 350_000, 239_400),  # what bridges minted dilutes what suppliers get alone
        (1_000, 0, 650_000, 585_000),
    ]
    for debt, unbacked, paid, received in table:
        rates = strategy.rates_half_up(1_000 - debt, debt, unbacked, 1_000)
        assert rates == (received * million, paid * million), debt


def test_two_kinds_of_debt_weigh_the_rate_and_lose_a_unit() -> None:
    """A debt of one is a weight of 10^9: what is below 10^18 of the rate goes."""
    one = RateStrategy(RAY, 10**18 + 10**17, 0, 0)
    assert one.rates_half_up(0, 1, 0, 0) == (10**18 + 10**17, 10**18 + 10**17)
    assert replace(one, weighs_debt=True).rates_half_up(0, 1, 0, 0) == (10**18, 10**18 + 10**17)


ETHER = Position(2 * WAD, 0, 2_500 * DOLLAR, 18, 8_300)
BITCOIN = Position(10_000_000, 0, 50_000 * DOLLAR, 8, 7_800)
OWED = Position(0, 4_000 * 10**6, DOLLAR, 6, 7_700)


def test_health_is_the_collateral_that_counts_over_the_debt() -> None:
    idle = Position(5_000 * 10**6, 0, DOLLAR, 6, 0)
    told = Account(10_000 * DOLLAR, 4_000 * DOLLAR, 8_050, 2_012_500_000_000_000_000)
    assert account_down([ETHER, BITCOIN, OWED]) == told
    assert account_down([ETHER, BITCOIN, idle, OWED]) == told, "a threshold of nothing is none"
    # the mean of 8300 and 7800, two to one, is 8133 and a third
    assert account_down([ETHER, replace(BITCOIN, collateral=5_000_000)]).threshold == 8_133


def test_who_owes_nothing_is_healthy_and_who_has_nothing_is_not() -> None:
    assert account_down([]) == Account(0, 0, 0, 2**256 - 1)
    assert account_down([OWED]) == Account(0, 4_000 * DOLLAR, 0, 0)
    edge = Position(10_000, 8_000, 1, 0, 8_000)
    assert account_down([edge]).health == WAD
    assert account_down([replace(edge, debt=8_001)]).health < WAD


@pytest.mark.parametrize(
    ("call", "args"),
    [
        (ray_mul_half_up, (2**256 - 1, 1)),  # the half no longer fits
        (Index(RAY, 2**255, 0).debt_half_up, (1,)),
        (Index(RAY, 2**255, 0).income_half_up, (2,)),
        (RateStrategy(RAY, 0, 0, 0).rates_half_up, (1, 1, 0, 10_001)),
        (RateStrategy(RAY, 0, 0, 0).rates_half_up, (2**255, 2**255, 0, 0)),
        (account_down, ([replace(OWED, debt=2**230)],)),
    ],
)
def test_what_the_contracts_revert_on_is_refused(call: object, args: tuple[object, ...]) -> None:
    assert callable(call)
    with pytest.raises(QuoteError) as raised:
        call(*args)
    assert raised.value.code is Why.OVERFLOW


@pytest.mark.parametrize("decimals", [-1, 1.0, True])
def test_decimals_that_no_token_has_are_refused(decimals: Any) -> None:
    with pytest.raises((ValueError, TypeError), match=r"decimals must be 0|an int is wanted"):
        account_down([Position(WAD, 0, DOLLAR, decimals, 8_000)])


def test_a_unit_beyond_a_word_overflows() -> None:
    for decimals in (78, 255, 10**12):
        with pytest.raises(QuoteError) as told:
            account_down([Position(1, 1, 1, decimals, 8_000)])
        assert told.value.code is Why.OVERFLOW
    assert account_down([Position(1, 0, 10**8, 77, 8_000)]).collateral == 0
