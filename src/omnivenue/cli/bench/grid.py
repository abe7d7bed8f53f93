"""A search as it is customarily written in Python: each round of hops is tried with many sizes.

Sizes stand evenly up to a tenth of what the first pool holds, since nobody moves a price further
than that for profit. The maths is exact; only the best size lies between two that were tried.
"""

from collections.abc import Sequence

from omnivenue.cli.bench.pool_graphs import Graph, Round
from omnivenue.kernel import V2Pool

POINTS = 1_000


def search(graph: Graph, rounds: Sequence[Round], points: int = POINTS) -> list[int]:
    """What each round earns at the best of the sizes, or 0. Of constant-product pools."""
    return [_best([_terms(graph, *hop) for hop in each], points)[0] for each in rounds]


def _terms(graph: Graph, number: int, token_in: int, token_out: int) -> tuple[int, int, int]:
    pool = graph.pools[number]
    assert isinstance(pool, V2Pool)
    return pool.reserves[token_in], pool.reserves[token_out], 10_000 - pool.fee_bps


def _best(hops: list[tuple[int, int, int]], points: int) -> tuple[int, int]:
    """What is earned, and with what."""
    best = at = 0
    step = hops[0][0] // (10 * points)
    for n in range(1, points + 1):
        amount = sent = step * n
        for reserve_in, reserve_out, kept in hops:
            counted = amount * kept
            amount = counted * reserve_out // (reserve_in * 10_000 + counted)
        if amount - sent > best:
            best, at = amount - sent, sent
    return best, at
