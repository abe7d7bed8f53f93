"""Which rounds of swaps end where they began: every simple cycle through a graph of pools.

A cycle visits no token twice and uses no pool twice. It is told once for each direction, from the
first of the start tokens that lies on it: the same round begun elsewhere earns the same.
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple


class Hop(NamedTuple):
    pool: str
    token_in: str
    token_out: str


type Cycle = tuple[Hop, ...]
type Graph = Mapping[str, tuple[Hop, ...]]
"""The hops that leave each token, in the order of pools and tokens."""


def graph_of(tokens_by_pool: Mapping[str, Sequence[str]]) -> Graph:
    """Every pool gives a hop from each of its tokens to each other."""
    found: dict[str, list[Hop]] = {}
    for pool, tokens in sorted(tokens_by_pool.items()):
        for token_in in tokens:
            hops = [Hop(pool, token_in, out) for out in tokens if out != token_in]
            found.setdefault(token_in, []).extend(hops)
    return {token: tuple(hops) for token, hops in found.items()}


def cycles(graph: Graph, starts: Sequence[str], max_hops: int) -> Iterator[Cycle]:
    """From each start token in turn, past none of the earlier ones: those have been told."""
    for index, start in enumerate(starts):
        yield from _rounds(graph, start, frozenset(starts[:index]), max_hops)


def _rounds(graph: Graph, start: str, barred: frozenset[str], max_hops: int) -> Iterator[Cycle]:
    """Depth first, with a stack of our own: a long way round must not end Python's."""
    stack: list[Cycle] = [(hop,) for hop in reversed(graph.get(start, ()))]
    while stack:
        path = stack.pop()
        at = path[-1].token_out
        if at == start:
            yield path
        elif at not in barred and len(path) < max_hops:
            stack += [(*path, hop) for hop in reversed(_onward(graph, path, start))]


def _onward(graph: Graph, path: Cycle, start: str) -> list[Hop]:
    visited, used = {hop.token_out for hop in path}, {hop.pool for hop in path}
    return [
        hop
        for hop in graph.get(path[-1].token_out, ())
        if hop.pool not in used and hop.token_out not in visited
    ]
