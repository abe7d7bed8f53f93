"""Pools as documents for tests, and the markets that are made of them."""

from typing import Any

from omnivenue.kernel import Pool, tick_at
from omnivenue.route import ChainTerms, PoolMarket, default_terms
from omnivenue.wire.pools import Pools, read_pools

E18, E6 = 10**18, 10**6
CYCLE = ("USDC", "WMATIC", "WETH", "USDC")
POLYGON = default_terms("POLYGON")
SIGNAL: dict[str, Any] = {
    "route": [*CYCLE],
    "principal": 10_000_000,
    "min_profit_usd": 20.0,
    "max_gas_gwei": 150,
    "slippage_bps": 30,
}
"""Ten dollars: the reference route of the older programs."""


def v2(first: tuple[str, int], second: tuple[str, int], fee_bps: int = 30) -> dict[str, Any]:
    """Names and reserves."""
    tokens, reserves = zip(first, second, strict=True)
    return {
        "kind": "uniswap_v2",
        "tokens": [*tokens],
        "reserves": [str(reserve) for reserve in reserves],
        "fee_bps": fee_bps,
    }


def v3(tokens: tuple[str, str], sqrt_price: int, liquidity: int) -> dict[str, Any]:
    """One position, wide around its price, at 5 basis points."""
    tick = tick_at(sqrt_price)
    low, high = (tick - 6_000) // 10 * 10, (tick + 6_000) // 10 * 10
    return {
        "kind": "uniswap_v3",
        "tokens": [*tokens],
        "fee_pips": 500,
        "tick_spacing": 10,
        "sqrt_price_x96": str(sqrt_price),
        "tick": tick,
        "liquidity": str(liquidity),
        "ticks": {str(low): str(liquidity), str(high): str(-liquidity)},
    }


def weighted(*tokens: tuple[str, int, int, int], fee: int = 3 * 10**15) -> dict[str, Any]:
    """Names, balances, decimals and weights in percent."""
    names, balances, decimals, weights = zip(*tokens, strict=True)
    return {
        "kind": "balancer_weighted",
        "tokens": [*names],
        "balances": [str(balance) for balance in balances],
        "decimals": [*decimals],
        "weights": [str(weight * 10**16) for weight in weights],
        "swap_fee": str(fee),
    }


def stable(*tokens: tuple[str, int, int], amp: int = 200_000) -> dict[str, Any]:
    """Names, balances and decimals, at a basis point."""
    names, balances, decimals = zip(*tokens, strict=True)
    return {
        "kind": "balancer_stable",
        "tokens": [*names],
        "balances": [str(balance) for balance in balances],
        "decimals": [*decimals],
        "amp": str(amp),
        "swap_fee": str(10**14),
    }


def curve(*tokens: tuple[str, int, int]) -> dict[str, Any]:
    """Names, balances and decimals of a two-coin pool, at four basis points."""
    names, balances, decimals = zip(*tokens, strict=True)
    return {
        "kind": "curve_stableswap",
        "template": "base2",
        "tokens": [*names],
        "balances": [str(balance) for balance in balances],
        "decimals": [*decimals],
        "A": "20000",
        "A_precision": 100,
        "fee": str(4 * 10**6),
    }


def profitable() -> dict[str, Any]:
    """A cycle that earns six percent: WETH costs 3,000 dollars in WMATIC and sells for 3,200."""
    return {
        "usdc-wmatic": v2(("USDC", 5_000_000 * E6), ("WMATIC", 10_000_000 * E18)),
        "wmatic-weth": v2(("WMATIC", 12_000_000 * E18), ("WETH", 2_000 * E18)),
        "weth-usdc": v2(("WETH", 1_000 * E18), ("USDC", 3_200_000 * E6)),
    }


def read(documents: dict[str, Any]) -> Pools:
    found = read_pools({"pools": documents})
    assert isinstance(found, Pools)
    assert not found.faulty, found.faulty
    return found


def market(documents: dict[str, Any], terms: ChainTerms = POLYGON) -> PoolMarket:
    return PoolMarket(read(documents).listed, terms.all_dollars)


def pool(document: dict[str, Any]) -> Pool:
    return read({"p": document}).listed["p"].state
