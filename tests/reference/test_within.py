"""`within` is never less than what is missed: pools whose rounding weighs much, or whose ranges end
together. No size can be tried out here; inputs at all distances from what is told are."""

from collections.abc import Iterator
from random import Random
from typing import Any

import pytest

from drawn_pools import ONE
from kernel.compare import counterpart
from omnivenue.reference import (
    Cycle,
    Leg,
    Pool,
    QuoteError,
    SolidlyStablePool,
    StablePool,
    Terms,
    V2Pool,
    V3Pool,
    ratio_at,
)

FREE = [(0, Terms())]
KERNELS = ("omnivenue.reference", "omnivenue_kernel")


@pytest.fixture(params=KERNELS)
def kernel(request: pytest.FixtureRequest) -> Any:
    return pytest.importorskip(request.param, reason="the compiled kernel is not built")


def found(kernel: Any, pools: list[Pool], tokens: list[tuple[int, ...]]) -> list[Cycle]:
    of_kernel = [counterpart(kernel, pool) for pool in pools]
    return list(kernel.PoolGraph(of_kernel, tokens).cycles(FREE, 3))


def best_nearby(pools: list[Pool], told: Cycle, random: Random, times: int) -> int:
    return max(earned(pools, told.legs, amount) for amount in nearby(told.amount_in, random, times))


def nearby(amount: int, random: Random, times: int) -> Iterator[int]:
    for bits in range(1, amount.bit_length() + 1):
        for _ in range(times):
            off = random.getrandbits(bits)
            yield amount + off
            yield max(amount - off, 1)


def earned(pools: list[Pool], legs: tuple[Leg, ...], amount_in: int) -> int:
    amount = amount_in
    for leg in legs:
        try:
            done = pools[leg.pool].swap(leg.token_in, leg.token_out, amount, by_in=True)
        except QuoteError:
            return -amount_in
        if done.is_partial:
            return -amount_in
        amount = done.amount_out
    return amount - amount_in


def check(
    kernel: Any, pools: list[Pool], tokens: list[tuple[int, ...]], random: Random, times: int = 8
) -> int:
    told = found(kernel, pools, tokens)
    for cycle in told:
        assert best_nearby(pools, cycle, random, times) <= cycle.profit + cycle.within, cycle
    return len(told)


@pytest.mark.parametrize("seed", range(6))
def test_balancers_equation_is_rounded_before_it_is_multiplied(kernel: Any, seed: int) -> None:
    random = Random(seed)
    most = 10 ** random.randint(9, 24)
    pools: list[Pool] = []
    for _ in range(2):
        a = random.randint(most // 4, most)
        b = int(a * random.uniform(0.8, 1.2))
        pools.append(StablePool((a, b), (ONE, ONE), random.choice((50_000, 200_000)), 0))
    assert check(kernel, pools, [(0, 1), (0, 1)], random) > 0


def test_a_small_product_of_three_balances_is_cut_too(kernel: Any) -> None:
    fee, amp = 4 * 10**14, 200_000
    far = (41041076833156256, 2485410526122, 22643292845019193344)
    near = (32493540953202468, 40438724911331088, 1222613503004868352)
    pools: list[Pool] = [StablePool(held, (ONE,) * 3, amp, fee, False) for held in (far, near)]
    assert check(kernel, pools, [(0, 1, 2), (0, 1, 2)], Random(1)) > 0


@pytest.mark.parametrize("seed", range(6))
def test_solidlys_curve_is_coarse_below_a_token(kernel: Any, seed: int) -> None:
    random = Random(seed)
    most = 10 ** random.randint(15, 17)
    pools: list[Pool] = []
    for _ in range(2):
        a = random.randint(most // 4, most)
        b = int(a * random.uniform(0.5, 0.9))
        pools.append(SolidlyStablePool((a, b), (18, 18), random.choice((0, 5))))
    assert check(kernel, pools, [(0, 1), (1, 0)], random) > 0


REFUSING = [
    ((64989, 3850582, 5), (274726, 303061, 5)),
    ((2910117, 557078, 5), (4069498, 328233, 5)),
    ((437575, 369263, 0), (976102, 255047, 0)),
    ((213447, 1295838, 5), (707805, 770565, 30)),
]


@pytest.mark.parametrize(("first", "second"), REFUSING)
def test_what_solidlys_solver_refuses_by_chance_ends_nothing(
    kernel: Any, first: tuple[int, int, int], second: tuple[int, int, int]
) -> None:
    """Of pools with about a token every other input; others beside it are taken."""
    pools: list[Pool] = [SolidlyStablePool((a, b), (6, 6), fee) for a, b, fee in (first, second)]
    assert check(kernel, pools, [(0, 1), (0, 1)], Random(1), times=40) > 0


def test_two_pools_leave_their_ranges_at_the_same_input(kernel: Any) -> None:
    """One sells down from tick 34 to 33, the other up from 21 to 25: what fills the first range
    fills the second, but for what real numbers make of it."""
    thin, thick = (158630714361457911564636140000, 15863071436145791156463614000000)
    rest, other = thick // 1_000, 39678503234422052033351670000
    down = {-67: thin, -17: thick, 26: -thick, 33: thick, 34: -thick, 48: rest, 68: -rest}
    down[134] = -thin
    up = {-79: other, 21: 100 * other, 25: -100 * other, 125: -other}
    at_34, at_21 = 79362958194733618082949624972, 79311391611148398362399947978
    pools: list[Pool] = [
        V3Pool(0, 1, at_34, 34, thin, tuple(down), tuple(down.values())),
        V3Pool(0, 1, at_21, 21, other + up[21], tuple(up), tuple(up.values())),
    ]
    assert check(kernel, pools, [(0, 1), (0, 1)], Random(1)) > 0


def test_where_v4_settles_no_more_a_round_is_as_large_as_it_can_be(kernel: Any) -> None:
    """By the curves a thousand times as much would be sent. Of a pool of V4 no more than 2^127 - 1
    units can be had, here of a token of which nearly as many go for one of the other."""
    liquid, high, low = 3551665367641678714656796966912, 682_800, 681_600
    far = {low - 6_000: liquid, high + 6_000: -liquid}
    pools: list[Pool] = [
        V3Pool(fee, 60, ratio_at(at), at, liquid, tuple(far), tuple(far.values()), (0, 500))
        for fee, at in ((0, high), (100, low))
    ]
    (told,) = found(kernel, pools, [(0, 1), (0, 1)])
    received, _ = pools[0].exact_in(0, 1, told.amount_in)
    assert 2**126 < received < 2**127
    assert check(kernel, pools, [(0, 1), (0, 1)], Random(1)) == 1


@pytest.mark.parametrize("seed", range(20))
def test_prices_that_real_numbers_cannot_tell_apart_are_not_missed(kernel: Any, seed: int) -> None:
    """Up to a unit, which rounding hides. In what both pools keep, the price differs by a part of
    10^-16, which earns dozens of units of 2^112."""
    random = Random(seed)
    x, y = (random.getrandbits(111) + 2**111 for _ in range(2))
    more = y + y * random.randint(2, 30) // 10**16
    pools: list[Pool] = [V2Pool((x, y), 0), V2Pool((x, min(more, 2**112 - 1)), 0)]
    # Bought with token 0 at the second, sold at the first: half the difference is gone by then.
    legs = (Leg(1, 0, 1), Leg(0, 1, 0))
    amount = x * (pools[1].exact_in(0, 1, 10**30)[0] - pools[0].exact_in(0, 1, 10**30)[0])
    amount = amount * x // (4 * y * 10**30)
    best = max(earned(pools, legs, max(amount + amount * part // 8, 1)) for part in range(-7, 9))
    told = {cycle.legs: cycle for cycle in found(kernel, pools, [(0, 1), (0, 1)])}
    if best > 1:
        assert best <= told[legs].profit + told[legs].within
