"""Every round that there is, and each of them once."""

from itertools import permutations

import pytest

from omnivenue.reference.cycles import Edge, Leg, edges_of, paths

A, B, C, D, X = range(5)
TRIANGLE = [(A, B), (B, C), (C, A)]


def told(pools: list[tuple[int, ...]], starts: list[int], max_hops: int) -> list[str]:
    """`0p1`: of token 0 by pool p ... Pools are letters from p on here."""
    return [
        " ".join(f"{pools[pool][i]}{chr(ord('p') + pool)}" for pool, i, _ in legs)
        for legs in (
            [edge.leg for edge in path] for _, path in paths(edges_of(pools), starts, max_hops)
        )
    ]


def test_a_triangle_has_one_cycle_in_each_direction():
    assert told(TRIANGLE, [A], 3) == ["0p 1q 2r", "0r 2q 1p"]


def test_a_cycle_through_two_start_tokens_is_told_once():
    assert told(TRIANGLE, [A, B, C], 4) == told(TRIANGLE, [A], 3)
    assert told(TRIANGLE, [A, A], 4) == told(TRIANGLE, [A], 3)


def test_a_cycle_is_told_from_the_first_start_that_lies_on_it():
    found = list(paths(edges_of(TRIANGLE), [X, C, A], 3))
    assert [(start, path[-1].to) for start, path in found] == [(C, C), (C, C)]


def test_two_pools_of_the_same_tokens_are_a_cycle_and_one_pool_is_none():
    assert told([(A, B)], [A], 4) == []
    assert told([(A, B), (A, B)], [A], 4) == ["0p 1q", "0q 1p"]


def test_a_longer_way_than_asked_for_is_not_gone():
    assert told(TRIANGLE, [A], 2) == []


def test_a_pool_of_three_tokens_is_used_once_in_a_cycle():
    assert told([(A, B, C)], [A], 4) == []
    pools = [(A, B, C), (B, C)]
    assert told(pools, [A], 4) == []
    assert told(pools, [B], 4) == ["1p 2q", "1q 2p"]


def test_a_start_that_no_pool_has_begins_nothing():
    assert told(TRIANGLE, [X], 4) == []


@pytest.mark.parametrize("max_hops", [3, 4, 5])
def test_between_all_tokens_there_are_as_many_as_there_are_orders_of_them(max_hops: int):
    """Whoever is too far from the start to get back is not followed, and nobody else is lost."""
    tokens = range(5)
    pools = [(a, b) for a in tokens for b in tokens if a < b]
    found = {path for _, path in paths(edges_of(pools), list(tokens), max_hops)}
    expected = 0
    for length in range(3, max_hops + 1):
        expected += sum(1 for order in permutations(tokens, length) if order[0] == min(order))
    assert len(found) == expected
    assert max(len(path) for path in found) == max_hops


def test_hops_leave_in_the_order_of_pools():
    assert edges_of([(B, A), (A, B)])[A] == (Edge(Leg(0, 1, 0), B), Edge(Leg(1, 0, 1), B))
