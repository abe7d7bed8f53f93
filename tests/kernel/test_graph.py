"""Whole graphs: the compiled search finds what the reference does, or says how far off it is."""

from random import Random
from struct import pack
from typing import Any

import pytest

from drawn_pools import KINDS, Drawn, draw_graph, draw_pool
from kernel.compare import counterpart
from kernel.draw import EDGES
from omnivenue import reference
from omnivenue.reference import Cycle, Leg, Pool, Terms, V2Pool

compiled: Any = pytest.importorskip("omnivenue_kernel", reason="the compiled kernel is not built")

PAIR: list[Pool] = [V2Pool((10**6, 2 * 10**6), 30), V2Pool((10**6, 10**6), 30)]
TOKENS = [(0, 1), (0, 1)]


def both(drawn: Drawn) -> tuple[Any, Any]:
    ours = compiled.PoolGraph([counterpart(compiled, pool) for pool in drawn.pools], drawn.tokens)
    return ours, reference.PoolGraph(drawn.pools, drawn.tokens)


def earned(found: Any) -> dict[tuple[Leg, ...], Cycle]:
    return {cycle.legs: cycle for cycle in found}


def check(ours: Any, theirs: Any) -> None:
    """Neither may have what the other, by its own word, cannot have missed."""
    for some, others in ((earned(ours), earned(theirs)), (earned(theirs), earned(ours))):
        for legs, cycle in some.items():
            other = others.get(legs)
            if other is None:
                assert cycle.profit <= 1 + 2 * cycle.within, cycle
            else:
                assert cycle.profit <= other.profit + other.within, (cycle, other)
            if other is not None and cycle.within == other.within == 0:
                assert cycle == other


@pytest.mark.covers("D6")
@pytest.mark.parametrize("seed", range(60))
def test_both_kernels_find_the_same_rounds(seed: int) -> None:
    chance = Random(seed)
    kinds = KINDS if seed % 2 else ("v2", "v3")
    drawn = draw_graph(chance, 10 ** chance.randint(3, 6), kinds)
    ours, theirs = both(drawn)
    check(ours.cycles(drawn.starts, 4), theirs.cycles(drawn.starts, 4))


def test_a_change_is_seen_and_only_what_goes_through_it_is_told() -> None:
    drawn = Drawn(PAIR[:1] + PAIR[:1], TOKENS, [(0, Terms())])
    ours, theirs = both(drawn)
    assert len(ours.cycles(drawn.starts)) == 0
    assert list(ours.cycles(drawn.starts)) == []
    ours.update([(1, counterpart(compiled, PAIR[1]))])
    theirs.update([(1, PAIR[1])])
    found = ours.cycles(drawn.starts, 2, [1])
    assert len(found) == 1
    assert found.examined >= 1
    assert found[:] == list(found)
    check(found, theirs.cycles(drawn.starts, 2, [1]))
    assert found[0] is found[-1], "it is made once"
    assert isinstance(found[0], Cycle)
    assert isinstance(found[0].legs[0], Leg)


def test_a_batch_is_answered_alike() -> None:
    chance = Random(4)
    kinds = [chance.choice(KINDS) for _ in range(30)]
    pools = [draw_pool(chance, kind, 1, 1, 10**9) for kind in kinds]
    drawn = Drawn(pools, [(n, n + 1) for n in range(30)], [])
    requests, amounts = b"", b""
    for _ in range(3_000):
        pool, token_in = chance.randint(0, 30), chance.randint(0, 2)
        requests += pack("<IHH", pool, token_in, chance.randint(0, 1))
        amount = chance.choice(EDGES) if chance.random() < 0.2 else chance.getrandbits(30)
        amounts += (amount % 2**256).to_bytes(32, "little")
    ours, theirs = both(drawn)
    got, expected = ours.quotes(requests, amounts), theirs.quotes(requests, amounts)
    assert got == expected
    assert len(set(got[1])) >= 4, "of one kind of answer alone this would show little"
    with pytest.raises(ValueError, match="8 bytes"):
        ours.quotes(requests[:-1], amounts)


@pytest.mark.parametrize(
    ("tokens", "error"),
    [
        ([(0, 1)], ValueError),
        ([(0, 1), (0, 0)], ValueError),
        ([(0, 1), (0, 1, 2)], ValueError),
        ([(0, 1), (0, 2**31)], ValueError),
        ([(0, 1), (0, -1)], OverflowError),
        (7, TypeError),
    ],
)
def test_what_is_no_graph_is_refused(tokens: Any, error: type[Exception]) -> None:
    with pytest.raises(error):
        compiled.PoolGraph([counterpart(compiled, pool) for pool in PAIR], tokens)


def test_a_pool_that_is_not_there_cannot_change() -> None:
    ours, _ = both(Drawn(PAIR, TOKENS, []))
    with pytest.raises(ValueError, match="no pool 9"):
        ours.update([(9, counterpart(compiled, PAIR[0]))])
