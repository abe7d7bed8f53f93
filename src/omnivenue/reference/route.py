"""A route as a fold over pools, and Balancer's batch of swaps, in which a pool may come again.

An exact-in goes through the hops forwards, an exact-out backwards. A Uniswap V3 hop that has run
out has used less than it was given; then what goes on is its part, as with the periphery's routers.
"""

from collections.abc import Mapping, Sequence
from typing import NamedTuple

from omnivenue.reference.balancer_stable import StablePool
from omnivenue.reference.balancer_weighted import WeightedPool
from omnivenue.reference.checked import asked
from omnivenue.reference.curve import CurvePool
from omnivenue.reference.error import QuoteError, Why
from omnivenue.reference.uniswap_v2 import V2Pool
from omnivenue.reference.uniswap_v3 import V3Pool

type Pool = V2Pool | V3Pool | WeightedPool | StablePool | CurvePool
type BalancerPool = WeightedPool | StablePool


class Hop(NamedTuple):
    pool: Pool
    token_in: int
    token_out: int


class HopQuote(NamedTuple):
    amount_in: int
    amount_out: int
    after: Pool
    ticks_crossed: int = 0
    is_partial: bool = False


class BatchStep(NamedTuple):
    """`asset_in` and `asset_out`: places in the batch's assets. An `amount` of 0 is the result of
    the step before."""

    pool: str
    token_in: int
    token_out: int
    asset_in: int
    asset_out: int
    amount: int


def quote_hop(hop: Hop, amount: int, *, by_in: bool, limit: int = 0) -> HopQuote:
    pool, token_in, token_out = hop
    if isinstance(pool, V3Pool):
        done = pool.swap(token_in, token_out, amount, limit, by_in=by_in)
        crossed, partial = done.ticks_crossed, done.is_partial
        return HopQuote(done.amount_in, done.amount_out, done.after, crossed, partial)
    if by_in:
        out, after = pool.exact_in(token_in, token_out, amount)
        return HopQuote(amount, out, after)
    needed, after = pool.exact_out(token_in, token_out, amount)
    return HopQuote(needed, amount, after)


def quote_route(hops: Sequence[Hop], amount: int, *, by_in: bool, limit: int = 0) -> list[HopQuote]:
    """In the order of the hops. `limit`: of a single hop's price."""
    assert hops
    assert not limit or len(hops) == 1
    asked(amount)
    found: list[HopQuote] = []
    for hop in hops if by_in else reversed(hops):
        done = quote_hop(hop, amount, by_in=by_in, limit=limit)
        amount = done.amount_out if by_in else done.amount_in
        found.append(done)
    return found if by_in else found[::-1]


def batch_swap(
    pools: Mapping[str, BalancerPool], steps: Sequence[BatchStep], assets: int, *, by_in: bool
) -> list[int]:
    """What of each asset goes into the Vault, negative where it comes out.

    Source: `queryBatchSwap` and `_swapWithPools` of the Vault's Swaps.
    """
    deltas, now, before, result = [0] * assets, dict(pools), -1, 0
    for step in steps:
        given, found = step.asset_in, step.asset_out
        if not by_in:
            given, found = found, given
        amount = step.amount
        if amount == 0:
            if before == -1:
                raise QuoteError(Why.ZERO_AMOUNT)
            if before != given:
                raise QuoteError(Why.TOKEN)
            amount = result
        pool = now[step.pool]
        swap = pool.exact_in if by_in else pool.exact_out
        result, now[step.pool] = swap(step.token_in, step.token_out, amount)
        came, went = (amount, result) if by_in else (result, amount)
        deltas[step.asset_in] += came
        deltas[step.asset_out] -= went
        before = found
    return deltas
