"""What a pool's price is before a swap moves it, and what of a swap the moving costs."""

from fractions import Fraction
from typing import Any

import pytest

from omnivenue.kernel import Pool
from omnivenue.route.pool_depth import held, spot, unmoved_out_up
from pool_documents import E6, E18, curve, pool, stable, v2, v3, weighted

Q96 = 2**96
V2 = v2(("USDC", 2_000_000 * E6), ("WETH", 1_000 * E18))
V3 = v3(("WETH", "USDC"), Q96 * 45 // 10**6, 10**18)
HALVES = weighted(("USDC", 2_000_000 * E6, 6, 50), ("WETH", 1_000 * E18, 18, 50))
PAIR = (("USDC", 3_000_000 * E6, 6), ("DAI", 2_000_000 * E18, 18))


def slippage(found: Pool, i: int, j: int, amount: int) -> Fraction:
    out, _ = found.exact_in(i, j, amount)
    return 1 - Fraction(out, unmoved_out_up(found, i, j, amount))


@pytest.mark.covers("I4")
@pytest.mark.parametrize("dollars", [1, 1_000, 40_000, 2_000_000])
def test_of_a_constant_product_the_share_of_the_input_in_the_reserve_is_lost(dollars: int) -> None:
    amount = dollars * E6
    kept = Fraction(amount * 997, 1000)
    expected = kept / (2_000_000 * E6 + kept)
    assert abs(slippage(pool(V2), 0, 1, amount) - expected) < Fraction(1, 10**12)


@pytest.mark.covers("I4")
@pytest.mark.parametrize(("i", "amount"), [(0, 3 * E18), (1, 5_000 * E6)])
def test_a_range_of_a_concentrated_pool_loses_what_its_virtual_reserves_would(
    i: int, amount: int
) -> None:
    found = pool(V3)
    kept = Fraction(amount * 9_995, 10_000)
    expected = kept / (held(found, i) + kept)
    assert abs(slippage(found, i, 1 - i, amount) - expected) < Fraction(1, 10**6)


def test_equal_weights_are_a_constant_product() -> None:
    ours, theirs = pool(HALVES), pool(V2)
    for i in (0, 1):
        assert unmoved_out_up(ours, i, 1 - i, 10**12) == unmoved_out_up(theirs, i, 1 - i, 10**12)


@pytest.mark.parametrize(
    ("weight", "price"), [(80, Fraction(4)), (20, Fraction(1, 4)), (50, Fraction(1))]
)
def test_a_weight_is_a_part_of_the_price(weight: int, price: Fraction) -> None:
    document = weighted(("A", 10**24, 18, weight), ("B", 10**24, 18, 100 - weight))
    found = spot(pool(document), 0, 1)
    assert Fraction(found.num, found.den) == price


@pytest.mark.covers("I4")
@pytest.mark.parametrize("document", [stable(*PAIR), curve(*PAIR)], ids=lambda d: d["kind"])
@pytest.mark.parametrize(("i", "dollars"), [(0, 10), (1, 10), (0, 200_000), (1, 1_000_000)])
def test_an_iterated_curve_is_measured_by_what_a_little_brings(
    document: dict[str, Any], i: int, dollars: int
) -> None:
    """Held against the smallest swap that is fine enough to show its price."""
    found, units = pool(document), (E6, E18)
    amount = dollars * units[i]
    little = units[i]
    out, _ = found.exact_in(i, 1 - i, little)
    cheapest, dearest = Fraction(out, little), Fraction(out + 2, little)
    unmoved = Fraction(unmoved_out_up(found, i, 1 - i, amount), amount)
    slack = 1 + Fraction(4, 10**6)
    assert cheapest / slack < unmoved < dearest * slack
    assert slippage(found, i, 1 - i, amount) >= 0


@pytest.mark.parametrize("document", [V2, V3, HALVES, stable(*PAIR), curve(*PAIR)])
def test_more_input_loses_more(document: dict[str, Any]) -> None:
    found = pool(document)
    least = held(found, 0) // 1_000
    losses = [slippage(found, 0, 1, least * times) for times in (1, 10, 100)]
    assert losses == sorted(losses)
    assert losses[0] < losses[-1]


def test_a_pool_without_liquidity_or_with_dust_has_no_price() -> None:
    empty = pool(V3 | {"liquidity": "0", "ticks": {}})
    assert spot(empty, 0, 1).num == 0
    dust = pool(curve(("A", 2, 18), ("B", 2, 18)))
    assert spot(dust, 0, 1).num == 0


def test_what_is_held_of_a_concentrated_pool_is_its_reserve_at_the_price() -> None:
    found = pool(V3)
    assert held(found, 0) == 10**18 * Q96 // (Q96 * 45 // 10**6)
    assert held(found, 1) == 10**18 * (Q96 * 45 // 10**6) // Q96
    assert held(pool(V2), 1) == 1_000 * E18
    assert held(pool(HALVES), 0) == 2_000_000 * E6
