"""Random markets on Aave V3: strategies from flat to steep, supplies and loans, years that pass,
prices that move; and the requests about them, each with all that its answer follows from."""

from contextlib import suppress
from random import Random
from typing import Any

from chain import aave
from chain.aave import Market
from chain.case import REVERTS, Case, Scene
from chain.draw import of_bits
from chain.node import OWNER, Node
from chain.rpc import Reverted

RAY = 10**27
YEAR = 365 * 24 * 60 * 60
PREMIUM_BPS_MAX = 10_000
ACCOUNTS = 3
_DEBT_BITS = ((1, 120), (1, 120), (120, 256), (200, 256))
"""The last ones overflow."""


def scene(node: Node, market: Market, rng: Random, count: int) -> Scene:
    curve = _curve(rng)
    strategy = aave.new_strategy(node, market.provider, curve)
    _lend(node, market, rng, strategy)
    aave.wait(node, rng.choice([1, rng.randint(1, YEAR), of_bits(rng, 1, 27) + 1]))
    requests = [_indexes(node, market, n) for n in range(len(market.reserves))]
    requests += [_account(node, market, rng) for _ in range(ACCOUNTS)]
    cases = [Case({}, request, expected) for request, expected in requests]
    while len(cases) < count - 3:
        cases.append(_rates(node, market, rng, strategy, curve))
    cases += [_premium(node, market, rng, n) for n in range(len(market.reserves))]
    return Scene({}, cases[:count])


def _curve(rng: Random) -> tuple[int, int, int, int]:
    optimal = rng.choice([rng.randint(1, RAY), 8 * RAY // 10, RAY, 1])
    base, slope1, slope2 = (of_bits(rng, 1, 92) for _ in range(3))
    return optimal, base, slope1, slope2


def _lend(node: Node, market: Market, rng: Random, strategy: str) -> None:
    """Prices are one dollar for now. What the pool refuses does not happen."""
    for reserve in market.reserves:
        set_strategy = "setReserveInterestRateStrategyAddress(address,address)"
        node.send(market.configurator, set_strategy, reserve.token, strategy)
        node.send(
            market.configurator,
            "setReserveFactor(address,uint256)",
            reserve.token,
            rng.choice([0, 1_000, rng.randint(0, 10_000), 10_000]),
        )
        amount = rng.randint(1, 10 ** rng.randint(1, 9)) * 10**reserve.decimals + of_bits(
            rng, 1, 20
        )
        supply = "supply(address,uint256,address,uint16)"
        node.send(market.pool, supply, reserve.token, amount, OWNER, 0)
    for reserve in market.reserves:
        (held,) = node.call(reserve.token, "balanceOf(address)", "(uint256)", reserve.supplied)
        amount = rng.choice([rng.randint(1, held), 1 + held * rng.randint(1, 50) // 100])
        with suppress(Reverted):
            borrow = "borrow(address,uint256,uint256,uint16,address)"
            node.send(market.pool, borrow, reserve.token, amount, aave.VARIABLE, 0, OWNER)


def _indexes(node: Node, market: Market, n: int) -> tuple[dict[str, Any], dict[str, Any]]:
    reserve = market.reserves[n]
    indexes = aave.read_indexes(node, market, reserve)
    request = {"kind": "aave_indexes", "now": aave.now(node), **indexes}
    return request, aave.grown(node, market, reserve)


def _account(node: Node, market: Market, rng: Random) -> tuple[dict[str, Any], dict[str, Any]]:
    """After prices have moved, in all likelihood far."""
    prices = [of_bits(rng, 1, 44) + 1 for _ in market.reserves]
    tokens = [reserve.token for reserve in market.reserves]
    aave.set_prices(node, market.oracle, tokens, prices)
    positions = [
        {
            "supplied": str(aave.scaled(node, reserve.supplied)),
            "owed": str(aave.scaled(node, reserve.owed)),
            **aave.read_indexes(node, market, reserve),
            "price": str(price),
            "decimals": reserve.decimals,
            "threshold": reserve.threshold,
        }
        for reserve, price in zip(market.reserves, prices, strict=True)
    ]
    request = {"kind": "aave_account", "now": aave.now(node), "positions": positions}
    return request, aave.account(node, market)


def _rates(
    node: Node, market: Market, rng: Random, strategy: str, curve: tuple[int, int, int, int]
) -> Case:
    names = ("optimal", "base", "slope1", "slope2")
    request: dict[str, Any] = {
        "kind": "aave_rates",
        **{name: str(value) for name, value in zip(names, curve, strict=True)},
        "available": str(rng.choice([0, of_bits(rng, 1, 120)])),
        "debt": str(rng.choice([0, *(of_bits(rng, *bits) for bits in _DEBT_BITS)])),
        "unbacked": str(rng.choice([0, of_bits(rng, 1, 100)])),
        "reserve_factor": rng.choice([0, 1_000, 10_000, rng.randint(0, 10_000)]),
        "token": market.reserves[0].token,
    }
    try:
        return Case({}, request, aave.rates(node, strategy, request))
    except Reverted:
        return Case({}, request, REVERTS)


def _premium(node: Node, market: Market, rng: Random, n: int) -> Case:
    reserve, bps = market.reserves[n], rng.choice([0, 5, 9, rng.randint(0, PREMIUM_BPS_MAX)])
    node.send(market.configurator, "updateFlashloanPremiumTotal(uint128)", bps)
    (held,) = node.call(reserve.token, "balanceOf(address)", "(uint256)", reserve.supplied)
    amount = rng.choice([1, held, rng.randint(1, max(1, held))])
    request = {"kind": "aave_premium", "amount": str(amount), "bps": bps}
    try:
        premium = aave.flash_premium(node, market, reserve, amount)
    except Reverted:
        return Case({}, request, REVERTS)
    return Case({}, request, {"premium": premium})
