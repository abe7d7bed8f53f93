"""A route as a fold over pools, and Balancer's batch of swaps, in which a pool may come again.

Pools of any kernel: both fold here, so that what a route is stands in one place.
An exact-in goes through the hops forwards, an exact-out backwards. A Uniswap V3 hop that has run
out has used less than it was given; then what goes on is its part, as with the periphery's routers.
"""

from collections.abc import Mapping, Sequence
from typing import NamedTuple

from omnivenue.reference.checked import asked
from omnivenue.reference.error import QuoteError, Why
from omnivenue.reference.swap import Pool, Swap


class Hop(NamedTuple):
    pool: Pool
    token_in: int
    token_out: int


class BatchStep(NamedTuple):
    """`asset_in` and `asset_out`: places in the batch's assets. An `amount` of 0 is the result of
    the step before."""

    pool: str
    token_in: int
    token_out: int
    asset_in: int
    asset_out: int
    amount: int


def quote_route(
    hops: Sequence[Hop], amount: int, *, by_in: bool, limit: int = 0
) -> list[Swap[Pool]]:
    """In the order of the hops. `limit`: of a single hop's price."""
    assert hops
    assert not limit or len(hops) == 1
    asked(amount)
    found: list[Swap[Pool]] = []
    for pool, token_in, token_out in hops if by_in else reversed(hops):
        done = pool.swap(token_in, token_out, amount, limit, by_in=by_in)
        amount = done.amount_out if by_in else done.amount_in
        found.append(done)
    return found if by_in else found[::-1]


def batch_swap(
    pools: Mapping[str, Pool], steps: Sequence[BatchStep], assets: int, *, by_in: bool
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
        done = now[step.pool].swap(step.token_in, step.token_out, amount, by_in=by_in)
        result, now[step.pool] = (done.amount_out if by_in else done.amount_in), done.after
        deltas[step.asset_in] += done.amount_in
        deltas[step.asset_out] -= done.amount_out
        before = found
    return deltas
