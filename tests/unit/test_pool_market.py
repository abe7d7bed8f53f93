"""Dollars by the deepest path of pools."""

from fractions import Fraction
from itertools import pairwise, permutations
from random import Random
from typing import Any

import pytest

from omnivenue.kernel import V2Pool
from omnivenue.model import CHAIN_IDS
from omnivenue.route.chain_terms import DOLLARS, NATIVE, default_terms
from omnivenue.route.pool_market import PRICE_BITS, PRICE_MAX, PoolMarket, Ratio, Worth
from pool_documents import E6, E18, curve, market, read, stable, v2, weighted

MICROS = 10**6


def dollars(worth: Worth, units: int) -> Fraction:
    return Fraction(units * worth.price.num, worth.price.den * MICROS)


def test_every_stablecoin_counts_a_dollar_in_its_own_decimals() -> None:
    pools = {
        name: v2((name, 7 * 10**decimals), ("X", 10**20)) for name, decimals in DOLLARS.items()
    }
    worth = market(pools).worth
    assert {name: dollars(worth[name], 10**places) for name, places in DOLLARS.items()} == {
        name: 1 for name in DOLLARS
    }
    assert {"USDC", "USDC.e", "USDT", "DAI"} <= DOLLARS.keys()


def test_a_small_pool_at_another_price_does_not_decide() -> None:
    deep = v2(("USDC", 3_000_000 * E6), ("WETH", 1_000 * E18))
    shallow = v2(("USDC", 9_000 * E6), ("WETH", E18))
    worth = market({"a": shallow, "b": deep}).worth["WETH"]
    assert (dollars(worth, E18), worth.path) == (3_000, ("b",))
    assert worth.depth == 3_000_000 * MICROS


def test_a_deep_path_of_two_pools_goes_before_a_shallow_one_of_one() -> None:
    pools = {
        "direct": v2(("USDC", 1_000 * E6), ("LINK", 200 * E18)),
        "eth": v2(("WETH", 1_000 * E18), ("USDC", 3_000_000 * E6)),
        "link": v2(("LINK", 100_000 * E18), ("WETH", 500 * E18)),
    }
    worth = market(pools).worth["LINK"]
    assert (dollars(worth, E18), worth.path) == (15, ("link", "eth"))
    assert worth.depth == 1_500_000 * MICROS


def test_the_depth_of_a_path_is_that_of_its_shallowest_pool() -> None:
    pools = {
        "eth": v2(("WETH", E18), ("USDC", 3_000 * E6)),
        "link": v2(("LINK", 100_000 * E18), ("WETH", 500 * E18)),
        "direct": v2(("USDC", 4_000 * E6), ("LINK", 100 * E18)),
    }
    assert market(pools).worth["LINK"].path == ("direct",)


def widest(pools: dict[str, Any], token: str) -> int | None:
    """Over every simple path of tokens and, between two of them, every pool: by brute force."""
    found = market(pools)
    tokens = [t for t in found.tokens if t not in (token, "USDC")]
    best: int | None = None
    for count in range(len(tokens) + 1):
        for inner in permutations(tokens, count):
            best = _deepest(found, ["USDC", *inner, token], Ratio(MICROS, E6), 10**60, best)
    return best


def _deepest(
    found: PoolMarket, path: list[str], price: Ratio, depth: int, best: int | None
) -> int | None:
    if len(path) == 1:
        return depth if best is None else max(best, depth)
    for swap in found.between(path[0], path[1]):
        pool = found.pools[swap.pool].state
        assert isinstance(pool, V2Pool)
        x, y = pool.reserves[swap.token_in], pool.reserves[swap.token_out]
        step = min(depth, price.down(x))
        best = _deepest(found, path[1:], Ratio(price.num * x, price.den * y), step, best)
    return best


@pytest.mark.parametrize("seed", range(30))
def test_no_single_path_is_deeper(seed: int) -> None:
    """With equal prices, where a depth does not depend on the way that it was reached by."""
    random = Random(seed)
    tokens = ["USDC", "A", "B", "C", "D"]
    pools: dict[str, Any] = {}
    for n in range(9):
        one, other = random.sample(tokens, 2)
        reserve = random.randrange(1, 10**4) * E6
        pools[f"p{n}"] = v2((one, reserve), (other, reserve))
    found = market(pools).worth
    for token in market(pools).tokens:
        if token != "USDC" and "USDC" in market(pools).tokens:
            expected = widest(pools, token)
            assert (found[token].depth if token in found else None) == expected


def test_what_no_pool_leads_to_has_no_worth() -> None:
    found = market({"a": v2(("A", E18), ("B", E18)), "b": v2(("USDC", E6), ("C", E18))})
    assert found.worth.keys() == {"USDC", "C"}


def test_decimals_that_a_pool_states_go_before_those_of_the_table() -> None:
    """On some chains a well-known name counts otherwise."""
    pools = {"s": stable(("USDT", 10**24, 18), ("X", 10**24, 18))}
    assert dollars(market(pools).worth["USDT"], E18) == 1
    assert dollars(market({"p": v2(("USDT", E18), ("X", E18))}).worth["USDT"], E6) == 1
    bsc = market({"p": v2(("USDT", E18), ("X", E18))}, default_terms("BSC"))
    assert dollars(bsc.worth["USDT"], E18) == 1


def test_pools_that_contradict_one_another_leave_a_token_without_worth() -> None:
    pools = {
        "s": stable(("USDC", 10**24, 18), ("X", 10**24, 18)),
        "t": curve(("USDC", 10**12, 6), ("Y", 10**24, 18)),
    }
    found = market(pools)
    assert found.stated_decimals("USDC") == {6, 18}
    assert not found.worth


def test_pools_of_several_tokens_are_a_market_of_each_pair() -> None:
    three = weighted(("A", E18, 18, 30), ("USDC", 10**9, 6, 30), ("B", E18, 18, 40))
    found = market({"three": three, "two": v2(("B", E18), ("A", E18))})
    assert [(s.pool, s.token_in, s.token_out) for s in found.between("A", "B")] == [
        ("three", 0, 2),
        ("two", 1, 0),
    ]
    assert found.worth.keys() == {"A", "B", "USDC"}


def test_a_long_chain_of_pools_keeps_its_price_short() -> None:
    tokens = ["USDC", *(f"t{n}" for n in range(60))]
    pools = {
        f"p{n}": v2((a, 10**25 + n), (b, 10**25 + 7 * n))
        for n, (a, b) in enumerate(pairwise(tokens))
    }
    price = market(pools).worth["t59"].price
    assert min(price.num.bit_length(), price.den.bit_length()) <= PRICE_BITS


def test_a_path_that_makes_a_token_worth_more_than_all_money_is_none() -> None:
    tokens = ["USDC", *(f"t{n}" for n in range(150))]
    pools = {f"p{n}": v2((a, 2**112 - 1), (b, 1)) for n, (a, b) in enumerate(pairwise(tokens))}
    found = market(pools).worth
    assert found.keys() == {"USDC", "t0"}
    assert found["t0"].price.num <= PRICE_MAX * found["t0"].price.den


def test_each_chain_has_a_token_of_its_own() -> None:
    assert NATIVE.keys() == CHAIN_IDS.keys()
    assert NATIVE["POLYGON"][0] == "WMATIC"


def test_a_pool_says_its_decimals_where_its_kind_has_them() -> None:
    listed = read({"a": v2(("A", 1), ("B", 1)), "b": curve(("A", 10**9, 6), ("B", E18, 18))}).listed
    assert (listed["a"].decimals, listed["b"].decimals) == ((), (6, 18))
