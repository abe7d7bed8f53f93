"""What either kernel finds in small graphs, against every size of every round. `GRAPHS=1000` tries
as many."""

import os
from random import Random
from typing import Any

import pytest

from drawn_pools import KINDS, Best, best_of_all, draw_graph
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
