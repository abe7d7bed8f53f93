"""Which rounds of swaps end where they began: every simple cycle through a graph of pools.

A cycle visits no token twice and uses no pool twice. It is told once for each direction, from the
first of the start tokens that lies on it: the same round begun elsewhere earns the same. Pools and
tokens are numbers here; who has names for them numbers them.
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple


class Leg(NamedTuple):
    """`token_in` and `token_out`: places among the pool's own tokens."""

    pool: int
    token_in: int
    token_out: int


class Edge(NamedTuple):
    leg: Leg
    to: int  # the token that one has then


type Path = tuple[Edge, ...]
type Edges = Mapping[int, tuple[Edge, ...]]
"""The hops that leave each token, in the order of pools and of their tokens."""


def edges_of(tokens: Sequence[Sequence[int]]) -> Edges:
    """Every pool gives a hop from each of its tokens to each other. `tokens[n]`: of pool n, in the
    pool's own order."""
    found: dict[int, list[Edge]] = {}
    for pool, held in enumerate(tokens):
        for i, token_in in enumerate(held):
            leaving = [Edge(Leg(pool, i, j), out) for j, out in enumerate(held) if j != i]
            found.setdefault(token_in, []).extend(leaving)
    return {token: tuple(edges) for token, edges in found.items()}


def paths(edges: Edges, starts: Sequence[int], max_hops: int) -> Iterator[tuple[int, Path]]:
    """Each cycle with its start: from each start token in turn, past none of the earlier ones,
    for those have been told."""
    for index, start in enumerate(starts):
        for path in _rounds(edges, start, frozenset(starts[:index]), max_hops):
            yield start, path


def _rounds(edges: Edges, start: int, barred: frozenset[int], max_hops: int) -> Iterator[Path]:
    """Depth first, with a stack of our own: a long way round must not end Python's."""
    if start in barred:
        return
    far = _far(edges, start, max_hops)
    stack: list[Path] = [(edge,) for edge in reversed(edges.get(start, ()))]
    while stack:
        path = stack.pop()
        at = path[-1].to
        if at == start:
            yield path
        elif at not in barred and len(path) + far.get(at, max_hops) <= max_hops:
            stack += [(*path, edge) for edge in reversed(_onward(edges, path, start))]


def _onward(edges: Edges, path: Path, start: int) -> list[Edge]:
    visited, used = {edge.to for edge in path}, {edge.leg.pool for edge in path}
    assert start not in visited
    return [
        edge
        for edge in edges.get(path[-1].to, ())
        if edge.leg.pool not in used and edge.to not in visited
    ]


def _far(edges: Edges, start: int, max_hops: int) -> dict[int, int]:
    """How many hops each token lies from the start, as far as a round can get. A pool leads both
    ways, so it is as far back: who is further away than hops are left need not go on."""
    found, edge_of_known = {start: 0}, [start]
    for hops in range(1, max_hops // 2 + 1):
        reached: list[int] = []
        for token in edge_of_known:
            for edge in edges.get(token, ()):
                if edge.to not in found:
                    found[edge.to] = hops
                    reached.append(edge.to)
        if not reached:
            break
        edge_of_known = reached
    return found
