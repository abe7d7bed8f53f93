"""Every round that there is, and each of them once."""

from itertools import permutations

from omnivenue.reference.cycles import Hop, cycles, graph_of

TRIANGLE = {"ab": ("A", "B"), "bc": ("B", "C"), "ca": ("C", "A")}


def told(pools: dict[str, tuple[str, ...]], starts: list[str], max_hops: int) -> list[str]:
    return [
        " ".join(f"{hop.token_in}-{hop.pool}" for hop in cycle)
        for cycle in cycles(graph_of(pools), starts, max_hops)
    ]


def test_a_triangle_has_one_cycle_in_each_direction():
    assert told(TRIANGLE, ["A"], 3) == ["A-ab B-bc C-ca", "A-ca C-bc B-ab"]


def test_a_cycle_through_two_start_tokens_is_told_once():
    assert told(TRIANGLE, ["A", "B", "C"], 4) == told(TRIANGLE, ["A"], 3)


def test_two_pools_of_the_same_tokens_are_a_cycle_and_one_pool_is_none():
    assert told({"p": ("A", "B")}, ["A"], 4) == []
    assert told({"p": ("A", "B"), "q": ("A", "B")}, ["A"], 4) == ["A-p B-q", "A-q B-p"]


def test_a_longer_way_than_asked_for_is_not_gone():
    assert told(TRIANGLE, ["A"], 2) == []


def test_a_pool_of_three_tokens_is_used_once_in_a_cycle():
    assert told({"abc": ("A", "B", "C")}, ["A"], 4) == []
    pools = {"abc": ("A", "B", "C"), "bc": ("B", "C")}
    assert told(pools, ["A"], 4) == []
    assert told(pools, ["B"], 4) == ["B-abc C-bc", "B-bc C-abc"]


def test_a_start_that_no_pool_has_begins_nothing():
    assert told(TRIANGLE, ["X"], 4) == []


def test_between_all_tokens_there_are_as_many_as_there_are_orders_of_them():
    tokens = "ABCDE"
    pools = {f"{a}{b}": (a, b) for a in tokens for b in tokens if a < b}
    found = set(cycles(graph_of(pools), list(tokens), 4))
    expected = 0
    for length in (3, 4):
        expected += sum(1 for order in permutations(tokens, length) if order[0] == min(order))
    assert len(found) == expected == 20 + 30
    assert all(cycle[0].token_in == cycle[-1].token_out for cycle in found)


def test_hops_leave_in_the_order_of_pools():
    assert graph_of({"q": ("B", "A"), "p": ("A", "B")})["A"] == (
        Hop("p", "A", "B"),
        Hop("q", "A", "B"),
    )
