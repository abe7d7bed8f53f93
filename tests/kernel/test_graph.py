"""Whole graphs: the compiled search finds what the reference does, or says how far off it is."""

import subprocess
import sys
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


BOTH = pytest.mark.parametrize("kernel", [compiled, reference], ids=["compiled", "reference"])


def graph_of(kernel: Any, pools: list[Pool], tokens: Any) -> Any:
    return kernel.PoolGraph([counterpart(kernel, pool) for pool in pools], tokens)


@BOTH
@pytest.mark.parametrize(
    ("tokens", "error"),
    [
        ([(0, 1)], ValueError),
        ([(0, 1), (0, 0)], ValueError),
        ([(0, 1), (0,)], ValueError),
        ([(0, 1), (0, 1, 2)], ValueError),
        ([(0, 1), (0, 2**31)], ValueError),
        ([(0, 1), (0, -1)], (OverflowError, ValueError)),
        (7, TypeError),
    ],
)
def test_what_is_no_graph_is_refused(kernel: Any, tokens: Any, error: type[Exception]) -> None:
    with pytest.raises(error):
        graph_of(kernel, PAIR, tokens)


@BOTH
@pytest.mark.parametrize("number", [9, 2, -1])
def test_a_pool_that_is_not_there_cannot_change(kernel: Any, number: int) -> None:
    ours = graph_of(kernel, PAIR, TOKENS)
    with pytest.raises((OverflowError, ValueError), match=r"no pool|out of range"):
        ours.update([(number, counterpart(kernel, PAIR[0]))])


THREE = reference.StablePool((10**6,) * 3, (10**18,) * 3, 200_000, 0)


@BOTH
@pytest.mark.parametrize(("number", "wrong"), [(7, PAIR[0]), (1, THREE)])
def test_a_wrong_change_among_others_changes_nothing(kernel: Any, number: int, wrong: Pool) -> None:
    ours = graph_of(kernel, PAIR, TOKENS)
    before = list(ours.cycles([(0, Terms())]))
    changes = [(0, PAIR[1]), (number, wrong), (1, PAIR[1])]
    with pytest.raises(ValueError, match=f"pool {number}"):
        ours.update([(at, counterpart(kernel, pool)) for at, pool in changes])
    assert list(ours.cycles([(0, Terms())])) == before != []


@BOTH
def test_of_two_changes_of_a_pool_the_last_counts(kernel: Any) -> None:
    ours = graph_of(kernel, [PAIR[1], PAIR[1]], TOKENS)
    assert list(ours.cycles([(0, Terms())])) == []
    middle, last = (counterpart(kernel, pool) for pool in (V2Pool((1, 9), 0), PAIR[0]))
    ours.update([(0, middle), (0, last)])
    expected = graph_of(kernel, PAIR, TOKENS).cycles([(0, Terms())])
    assert list(ours.cycles([(0, Terms())])) == list(expected) != []


@BOTH
@pytest.mark.parametrize(
    ("terms", "hops", "most"),
    [
        (Terms(gas=-1), 4, 1),
        (Terms(loan_fee_bps=-1), 4, 1),
        (Terms(min_profit=-1), 4, 1),
        (Terms(gas=2**256), 4, 1),
        (Terms(), -1, 1),
        (Terms(), 4, -1),
    ],
)
def test_what_cannot_be_asked_is_refused(kernel: Any, terms: Terms, hops: int, most: int) -> None:
    with pytest.raises((ValueError, OverflowError)):
        graph_of(kernel, PAIR, TOKENS).cycles([(0, terms)], hops, most=most)


@BOTH
def test_no_round_has_more_than_eight_hops(kernel: Any) -> None:
    """A ring of nine, each of whose pools gives twice what it takes."""
    ring: list[Pool] = [V2Pool((10**6, 2 * 10**6), 0)] * 9
    ours = graph_of(kernel, ring, [(n, (n + 1) % 9) for n in range(9)])
    assert list(ours.cycles([(0, Terms())], 20)) == []
    shorter = graph_of(kernel, ring[:8], [(n, (n + 1) % 8) for n in range(8)])
    assert [len(cycle.legs) for cycle in shorter.cycles([(0, Terms())], 20)] == [8]


def test_a_change_does_not_reach_into_a_search_under_way() -> None:
    """Which another thread may make at any moment; here a pool makes it when it is asked."""
    theirs = reference.PoolGraph(PAIR, TOKENS)
    expected = theirs.cycles([(0, Terms())])

    class Changing(V2Pool):
        def exact_in(self, token_in: int, token_out: int, amount: int) -> tuple[int, V2Pool]:
            theirs.update([(1, V2Pool((1, 10**9), 9_999))])
            return super().exact_in(token_in, token_out, amount)

    changing: Any = Changing((10**6, 2 * 10**6), 30)
    theirs.update([(0, changing)])
    assert theirs.cycles([(0, Terms())]) == expected
    assert theirs.cycles([(0, Terms())]) != expected


def test_of_all_starts_together_the_best_that_there_is_room_for_are_told() -> None:
    """Pools of 1,101 prices between two tokens, twice over: each two of them are a round."""
    prices = [compiled.V2Pool((10**9, 10**9 + 10**6 * n), 0) for n in range(1_101)]
    tokens = [(0, 1)] * 1_101 + [(2, 3)] * 1_101
    starts = [(0, Terms()), (2, Terms())]
    found = compiled.PoolGraph(prices * 2, tokens).cycles(starts, 2, most=2**40)
    assert (len(found), found.is_cut) == (2**18, True)


INTERRUPTED = """
import signal
from random import Random
from omnivenue.kernel import NAME, PoolGraph, Terms, V2Pool

random = Random(1)
tokens = [tuple(random.sample(range(40), 2)) for _ in range(3_000)]
held = lambda: random.randint(10**20, 2 * 10**20)
graph = PoolGraph([V2Pool((held(), held()), 30) for _ in tokens], tokens)
starts = [(token, Terms()) for token in range(40)]
signal.signal(signal.SIGALRM, signal.default_int_handler)
signal.setitimer(signal.ITIMER_REAL, 0.3)
try:
    graph.cycles(starts, 8)
except KeyboardInterrupt:
    print(NAME, len(graph.cycles(starts, 2, through=[0])) > 0)
"""


def test_a_search_that_takes_too_long_can_be_interrupted() -> None:
    """Of so many rounds, which nobody has the time to wait for."""
    words = [sys.executable, "-c", INTERRUPTED]
    done = subprocess.run(words, capture_output=True, text=True, timeout=30, check=False)
    assert done.stdout == "compiled True\n", done.stderr
