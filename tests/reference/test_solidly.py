"""Solidly's stable curve: what halving finds, the curve that nothing cuts, the slip it keeps."""

from dataclasses import replace
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

import solidly_curve
from chain.case import REVERTS, differences
from chain.vectors import load
from omnivenue.kernel import QuoteError, SolidlyStablePool, Why
from omnivenue.wire.pools import quote

ONE = 10**18
GRAIN = 10**12  # what a unit of a token with 6 decimals has in 18


def equal(tokens: int, decimals: int = 18, fee: int = 0) -> SolidlyStablePool:
    held = tokens * 10**decimals
    return SolidlyStablePool((held, held), (decimals, decimals), fee)


def whole(x: int, y: int) -> int:
    """The curve to its last digit."""
    return x * y * (x * x + y * y)


@pytest.mark.covers("D1")
def test_the_vectors_are_what_halving_finds_and_we_answer_the_same() -> None:
    assert solidly_curve.PATH.read_text() == solidly_curve.drawn()
    scenes = load("solidly_stable")
    cases = [case for scene in scenes for case in scene.cases]
    assert 0 < sum(case.expected == REVERTS for case in cases) < len(cases) // 4
    found = [each for scene in scenes for each in differences(scene, quote)]
    assert not found, found[0]


@pytest.mark.covers("D1")
@pytest.mark.parametrize("seed", range(4))
def test_what_halving_finds_of_many_pools(seed: int) -> None:
    chance = Random(seed)
    for _ in range(150):
        reserves, fee = solidly_curve.drawn_reserves(chance), chance.choice([0, 1, 30, 9_999])
        token_in = chance.randint(0, 1)
        amount = chance.randint(1, 3 * reserves[token_in] >> chance.randint(0, 60)) or 1
        pool = SolidlyStablePool(reserves, (18, 18), fee)
        out, after = pool.exact_in(token_in, 1 - token_in, amount)
        assert out == solidly_curve.received(reserves, fee, token_in, amount)
        counted = amount - amount * fee // 10_000
        assert after.reserves[token_in] == reserves[token_in] + counted, "the fee leaves the pool"
        assert after.reserves[1 - token_in] == reserves[1 - token_in] - out


RESERVES = st.integers(ONE, 10**9 * ONE)


@given(RESERVES, st.integers(100, 3_000), st.integers(1, 10**27), st.sampled_from([0, 1]))
def test_what_is_left_is_the_true_balance_within_three_units(
    first: int, share: int, amount: int, token_in: int
) -> None:
    pool = SolidlyStablePool((first, max(first * share // 3_000, ONE)), (18, 18), 0)
    amount = min(amount, 3 * pool.reserves[token_in])
    _, after = pool.exact_in(token_in, 1 - token_in, amount)
    kept, x, left = whole(*pool.reserves), after.reserves[token_in], after.reserves[1 - token_in]
    assert whole(x, left - 3) <= kept <= whole(x, left + 3)


def test_near_balance_a_token_is_worth_a_token() -> None:
    pool = equal(10**6, decimals=6)
    out, after = pool.exact_in(0, 1, 10**9)
    assert 10**9 - 1_000 < out < 10**9  # flat to the third order
    assert after == replace(pool, reserves=(10**12 + 10**9, 10**12 - out))
    dear = replace(pool, fee_bps=5)
    assert dear.exact_in(0, 1, 10**9)[0] == pool.exact_in(0, 1, 999_500_000)[0]


@pytest.mark.parametrize(
    ("first", "second", "amount", "left"),
    [
        (38_462, 10_169_399_571_161_896_960, 650, 10_112_747_496_357_499_482),
        (106_370, 1_803_259_572_848_468_736, 2_164, 1_791_079_797_816_033_712),
        (34_395, 23_215_282_094_601_674_752, 106, 23_191_482_215_657_267_904),
    ],
)
def test_a_check_that_scales_twice_ends_the_search_a_unit_early(
    first: int, second: int, amount: int, left: int
) -> None:
    coarse = SolidlyStablePool((first, second), (6, 18), 0)
    fine = SolidlyStablePool((first * GRAIN, second), (18, 18), 0)
    assert coarse.exact_in(0, 1, amount)[1].reserves[1] == left
    assert fine.exact_in(0, 1, amount * GRAIN)[1].reserves[1] == left + 1


@given(RESERVES, st.integers(100, 3_000), st.integers(1, 10**6))
def test_exact_out_is_enough_and_one_less_is_not(first: int, share: int, part: int) -> None:
    second = max(first * share // 3_000, ONE)
    pool = SolidlyStablePool((first, second), (18, 18), 30)
    amount = max(second * part // (2 * 10**6), 1)
    needed, after = pool.exact_out(0, 1, amount)
    assert pool.exact_in(0, 1, needed)[0] >= amount
    assert needed == 1 or pool.exact_in(0, 1, needed - 1)[0] < amount
    assert after.reserves[1] == second - amount
    assert after.reserves[0] == first + needed - needed * 30 // 10_000


def test_the_check_that_scales_twice_can_overflow_where_nothing_is_large() -> None:
    """Then the contract reverts, and whoever looks for an input by asking it finds none."""
    reserves = 71_116_312, 2_370_543_759_103_910_978
    pool = SolidlyStablePool(reserves, (6, 18), 30)
    refused = [amount for amount in range(1, 40) if _refuses(pool, amount)]
    assert 0 < len(refused) < 39
    fine = SolidlyStablePool((reserves[0] * GRAIN, reserves[1]), (18, 18), 30)
    assert not any(_refuses(fine, amount * GRAIN) for amount in range(1, 40))


def _refuses(pool: SolidlyStablePool, amount: int) -> bool:
    try:
        pool.exact_in(0, 1, amount)
    except QuoteError as error:
        assert error.code is Why.OVERFLOW
        return True
    return False


@pytest.mark.parametrize(
    ("pool", "by_in", "amount", "why"),
    [
        (equal(10), True, 0, Why.ZERO_AMOUNT),
        (equal(10), False, 0, Why.ZERO_AMOUNT),
        (equal(10), True, 2**256, Why.AMOUNT_TOO_LARGE),
        (equal(10), True, 2**256 - 1, Why.OVERFLOW),
        (equal(10), True, 2**130, Why.OVERFLOW),
        (equal(10), False, 10 * ONE, Why.INSUFFICIENT_LIQUIDITY),
        (equal(10**25), True, ONE, Why.OVERFLOW),
    ],
)
def test_what_is_refused(pool: SolidlyStablePool, by_in: bool, amount: int, why: Why) -> None:
    with pytest.raises(QuoteError) as raised:
        pool.swap(0, 1, amount, by_in=by_in)
    assert raised.value.code is why


def test_all_but_a_unit_can_be_bought() -> None:
    needed, after = equal(10).exact_out(0, 1, 10 * ONE - 1)
    assert needed > 10**7 * ONE  # x^3 is 2 * 10^4 tokens over the one unit that is left
    assert after.reserves[1] == 1
