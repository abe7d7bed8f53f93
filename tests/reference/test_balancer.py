"""Balancer's curves against their formulas in long decimals, and the way each is rounded."""

from decimal import Decimal, localcontext

import pytest
from hypothesis import given
from hypothesis import strategies as st

from omnivenue.kernel import QuoteError, StablePool, WeightedPool, Why

ONE = 10**18
FACTOR = ONE  # of a token of 18 decimals
FEE = 3 * 10**15
BALANCES = st.integers(min_value=10**15, max_value=10**27)
PARTS = st.integers(min_value=1, max_value=299_999)
WEIGHTS = st.integers(min_value=2, max_value=98).map(lambda percent: percent * 10**16)


def weighted(a: int, b: int, weight: int, *, shortcuts: bool = False) -> WeightedPool:
    return WeightedPool((a, b), (FACTOR, FACTOR), (weight, ONE - weight), FEE, shortcuts)


def out_of(pool: WeightedPool, x: int) -> Decimal:
    """b (1 - (a / (a + x))^(w / v)), without a fee."""
    (a, b), (w, v) = map(Decimal, pool.balances), map(Decimal, pool.weights)
    return b * (1 - (a / (a + Decimal(x))) ** (w / v))


def in_for(pool: WeightedPool, y: int) -> Decimal:
    (a, b), (w, v) = map(Decimal, pool.balances), map(Decimal, pool.weights)
    return a * ((b / (b - Decimal(y))) ** (v / w) - 1)


@given(BALANCES, BALANCES, WEIGHTS, PARTS, st.booleans())
def test_a_weighted_pool_gives_at_most_what_its_formula_does(
    a: int, b: int, weight: int, part: int, shortcuts: bool
) -> None:
    pool = weighted(a, b, weight, shortcuts=shortcuts)
    x = a * part // 10**6
    with localcontext(prec=60):
        try:
            found, after = pool.exact_in(0, 1, x)
        except QuoteError as error:
            assert error.code is Why.OVERFLOW  # a power below the least exponent
            return
        exact = out_of(pool, x - -(-x * FEE // ONE))
        assert exact - b * Decimal("2.1e-14") - 3 <= found <= exact
    assert after.balances == (a + x, b - found)


@given(BALANCES, BALANCES, WEIGHTS, PARTS)
def test_a_weighted_pool_asks_for_at_least_what_its_formula_does(
    a: int, b: int, weight: int, part: int
) -> None:
    pool, y = weighted(a, b, weight), max(b * part // 10**6, 1)
    with localcontext(prec=60):
        found, after = pool.exact_out(0, 1, y)
        exact = in_for(pool, y) / (1 - Decimal(FEE) / ONE)
        grown = a + exact
        assert exact <= found <= exact + grown * Decimal("2.2e-14") * 2 + 5
    assert after.balances == (a + found, b - y)


def test_a_power_of_one_two_or_four_is_multiplied_since_version_2() -> None:
    halves = weighted(10**21, 10**21, ONE // 2), weighted(10**21, 10**21, ONE // 2, shortcuts=True)
    old, new = (pool.exact_in(0, 1, 10**20)[0] for pool in halves)
    given_in = 10**20 - 10**20 * FEE // ONE
    assert new == 10**21 * (ONE - -(-(10**21) * ONE // (10**21 + given_in))) // ONE
    assert 0 < new - old < 10**8


def test_no_more_than_three_tenths_at_once() -> None:
    pool = WeightedPool((1000, 1000), (FACTOR, FACTOR), (ONE // 2, ONE // 2), 0)
    assert pool.exact_in(0, 1, 300)[0] > 0
    assert pool.exact_out(0, 1, 300)[0] > 300
    for ask in (pool.exact_in, pool.exact_out):
        with pytest.raises(QuoteError) as raised:
            ask(0, 1, 301)
        assert raised.value.code is Why.TRADE_TOO_LARGE


def test_amounts_are_scaled_to_18_decimals_and_back() -> None:
    fine = WeightedPool((10**21, 10**21), (FACTOR, FACTOR), (ONE // 2, ONE // 2), FEE)
    coarse = WeightedPool((10**9, 10**21), (10**30, FACTOR), (ONE // 2, ONE // 2), FEE)
    assert coarse.exact_in(0, 1, 10**7)[0] == fine.exact_in(0, 1, 10**19)[0]
    needed = fine.exact_out(0, 1, 10**19)[0]
    assert coarse.exact_out(0, 1, 10**19)[0] in {-(-needed // 10**12), -(-needed // 10**12) + 1}


def invariant(amp: Decimal, balances: list[Decimal]) -> Decimal:
    """D of A n S + D = A n D + D^(n+1) / (n^n P), by halving."""
    n, total = len(balances), sum(balances)
    low, high = Decimal(0), total
    for _ in range(180):
        d = (low + high) / 2
        product = d
        for balance in balances:
            product = product * d / (n * balance)
        low, high = (d, high) if amp * n * total + d > amp * n * d + product else (low, d)
    return low


STABLE_BALANCES = st.lists(st.integers(10**20, 10**23), min_size=2, max_size=4)


@given(STABLE_BALANCES, st.sampled_from([1, 50, 200, 5_000]), PARTS, st.booleans())
def test_a_stable_pool_stays_on_its_curve(
    balances: list[int], amp: int, part: int, rounds_up: bool
) -> None:
    factors = (FACTOR,) * len(balances)
    pool = StablePool(tuple(balances), factors, amp * 1_000, 0, rounds_up)
    x = balances[0] * part // 10**6
    try:
        found, after = pool.exact_in(0, 1, x)
        asked, _ = pool.exact_out(0, 1, found)
    except QuoteError as error:  # one invariant in a hundred swings between two numbers
        assert error.code is Why.NO_CONVERGENCE
        return
    with localcontext(prec=80):
        before = invariant(Decimal(amp), [Decimal(b) for b in balances])
        then = invariant(Decimal(amp), [Decimal(b) for b in after.balances])
        assert then > before  # rounding is in the pool's favour,
        closer = [Decimal(b) for b in after.balances]
        closer[1] -= 20_000  # and by no more than Newton's method is off
        assert invariant(Decimal(amp), closer) < before
    assert abs(asked - x) < 1_000_000


def test_a_stable_pool_takes_its_fee_of_the_input() -> None:
    free = StablePool((10**24, 10**24), (FACTOR, FACTOR), 200_000, 0)
    dear = StablePool((10**24, 10**24), (FACTOR, FACTOR), 200_000, ONE // 100)
    assert dear.exact_in(0, 1, 10**20)[0] == free.exact_in(0, 1, 99 * 10**18)[0]
    needed = free.exact_out(0, 1, 10**20)[0]
    assert dear.exact_out(0, 1, 10**20)[0] == -(-needed * 100 // 99)


def test_what_a_vault_cannot_hold_or_pay() -> None:
    full = weighted(2**112 - 10, 10**30, ONE // 2)
    with pytest.raises(QuoteError) as raised:
        full.exact_in(0, 1, 100)
    assert raised.value.code is Why.AMOUNT_TOO_LARGE
    with pytest.raises(QuoteError) as raised:
        full.exact_in(0, 1, 2**112)
    assert raised.value.code is Why.AMOUNT_TOO_LARGE
    with pytest.raises(QuoteError) as raised:
        StablePool((10**21, 10**21), (FACTOR, FACTOR), 200_000, 0).exact_out(0, 1, 10**21)
    assert raised.value.code is Why.INSUFFICIENT_LIQUIDITY
