"""What either kernel finds in small graphs, against every size of every round. `GRAPHS=1000` tries
as many."""

import os
from random import Random
from typing import Any

import pytest

from drawn_pools import KINDS, Best, best_of_all, best_size, draw_graph, draw_odd_graph, rounds
from kernel.compare import counterpart
from omnivenue import reference

GRAPHS = int(os.environ.get("GRAPHS", "40"))
MOST = 100_000


def _compiled() -> Any:
    return pytest.importorskip("omnivenue_kernel", reason="the compiled kernel is not built")


@pytest.mark.covers("W7")
@pytest.mark.parametrize("seed", range(GRAPHS))
def test_nothing_earns_more_than_what_is_found(seed: int) -> None:
    """Mostly of the constant-product kind; every fifth graph is smaller, and of others too."""
    random = Random(seed)
    is_mixed = seed % 5 == 4
    kinds = ("v2", random.choice(KINDS)) if is_mixed else ("v2",)
    most = MOST // 20 if is_mixed else int(MOST ** random.uniform(0.5, 1))
    drawn = draw_graph(random, most, kinds, tokens=3 + seed % 2)
    best = best_of_all(drawn, 3)
    found = reference.PoolGraph(drawn.pools, drawn.tokens).cycles(drawn.starts, 3)
    _is_best(found, best)
    compiled = _compiled()
    pools = [counterpart(compiled, pool) for pool in drawn.pools]
    _is_best(compiled.PoolGraph(pools, drawn.tokens).cycles(drawn.starts, 3), best)


def _is_best(found: Any, best: Best | None) -> None:
    if best is None:
        assert len(found) == 0
        return
    first = found[0]
    assert (first.legs, first.profit) == (best.legs, best.profit)
    assert first.amount_in == best.amount_in or first.within


@pytest.mark.parametrize("seed", range(GRAPHS))
def test_of_odd_pools_each_round_is_told_as_it_is_best(seed: int) -> None:
    """And none else, also where only rounds through some pools are asked for, and after changes."""
    random = Random(seed)
    drawn, before = (draw_odd_graph(random, random.choice((3, 30, 300))) for _ in range(2))
    some = random.choice((None, [0], [1, 2, 1]))
    best = {
        legs: found
        for legs, terms in rounds(drawn, 4)
        if (found := best_size(drawn, legs, terms)) is not None
        and (some is None or not {leg.pool for leg in legs}.isdisjoint(some))
    }
    for kernel in (reference, _compiled()):
        pools = [counterpart(kernel, pool) for pool in drawn.pools]
        first = [*(counterpart(kernel, pool) for pool in before.pools), *pools][: len(pools)]
        graph = kernel.PoolGraph(first, drawn.tokens)
        graph.update(list(enumerate(pools)))
        told = {cycle.legs: cycle for cycle in graph.cycles(drawn.starts, 4, some)}
        assert told.keys() == best.keys()
        for legs, cycle in told.items():
            assert best[legs].profit <= cycle.profit + cycle.within
            if cycle.within == 0:
                assert (cycle.profit, cycle.amount_in) == (best[legs].profit, best[legs].amount_in)
