"""The graph of pools: what it finds is what trying every size of every round finds."""

from random import Random
from struct import pack

import pytest

from drawn_pools import KINDS, best_of_all, draw_graph, draw_pool
from omnivenue.reference import Cycle, Leg, PoolGraph, QuoteError, Terms, V2Pool, Why
from omnivenue.reference.rates import gained_up, lost_up, rate_up

A, B, C = range(3)
E = 10**21
PAIR = [V2Pool((1_000, 2_000), 0), V2Pool((1_000, 1_000), 0)]
FREE = Terms()


@pytest.mark.parametrize("seed", range(40))
def test_of_small_pools_the_best_is_found_whatever_their_kinds(seed: int) -> None:
    random = Random(seed)
    kinds = random.sample(KINDS, 2)
    drawn = draw_graph(random, 1_000, kinds, tokens=3)
    found = PoolGraph(drawn.pools, drawn.tokens).cycles(drawn.starts, 3)
    best = best_of_all(drawn, 3)
    if best is None:
        assert not found
        return
    first = found[0]
    assert first.profit >= best.profit
    if first.within == 0:
        assert (first.profit, first.legs, first.amount_in) == (
            best.profit,
            best.legs,
            best.amount_in,
        )


@pytest.mark.parametrize("kind", KINDS)
def test_no_quote_is_better_than_the_best_price_or_worse_than_what_is_lost(kind: str) -> None:
    """A curve that is concave but for what is lost: in the middle of two inputs no less comes out
    than in the middle of what they bring, and never more than at the best price."""
    random = Random(kind)
    for _ in range(40):
        pool = draw_pool(random, kind, random.uniform(1, 3), 1, 10 ** random.randint(3, 9))
        i = random.randint(0, 1)
        rate = rate_up(pool, i, 1 - i)
        top = random.randint(100, 100_000)
        try:
            low, high = sorted(random.randint(40, top) for _ in range(2))
            middle = (low + high) // 2
            outs = [pool.exact_in(i, 1 - i, amount)[0] for amount in (low, middle, high)]
        except QuoteError:
            continue
        gained = gained_up(pool, 1 - i)
        lost = lost_up(pool, i, 1 - i, high)
        assert all(
            out <= amount * rate + gained
            for out, amount in zip(outs, (low, middle, high), strict=True)
        )
        assert outs[1] + lost + rate >= (outs[0] + outs[2]) / 2


def test_a_round_of_large_pools_is_sized_to_within_its_rounding() -> None:
    pools = [V2Pool((E, 2 * E), 30), V2Pool((E, 2 * E), 30), V2Pool((4 * E, 11 * E // 10), 30)]
    found = PoolGraph(pools, [(A, B), (B, C), (C, A)]).cycles([(A, FREE)], 3)
    (cycle,) = found
    assert (found.examined, cycle.legs) == (1, (Leg(0, 0, 1), Leg(1, 0, 1), Leg(2, 0, 1)))
    assert cycle.amount_out - cycle.amount_in == cycle.profit == 488970975677411931
    assert 0 < cycle.within < 10


def test_loan_gas_and_least_profit_count() -> None:
    """By hand: x into (1,000, 2,000), and what comes into (1,000, 1,000), is 2,000 x / (1,000 +
    3 x), which earns most at (sqrt(2,000,000) - 1,000) / 3 = 138.07. Each pool rounds down."""
    graph = PoolGraph(PAIR, [(A, B), (B, A)])

    def best(terms: Terms) -> Cycle | None:
        found = graph.cycles([(A, terms)])
        return found[0] if found else None

    free = best(FREE)
    assert free is not None and (free.amount_in, free.profit, free.within) == (139, 57, 0)
    assert free.amount_out == (2_000 * 139 // 1_139) * 1_000 // 1_244 == 196
    paid = best(Terms(gas=7))
    assert paid is not None and (paid.amount_in, paid.profit) == (139, 50)
    borrowed = best(Terms(loan_fee_bps=1_000))
    assert borrowed is not None and borrowed.amount_in < 139
    fee = -(-borrowed.amount_in // 10)
    assert borrowed.profit == borrowed.amount_out - borrowed.amount_in - fee
    assert best(Terms(min_profit=57)) == free
    assert best(Terms(min_profit=58)) is best(Terms(gas=57)) is None


def test_the_best_comes_first_and_the_shorter_before_the_longer() -> None:
    pools = [*PAIR, V2Pool((1_000, 2_100), 0), V2Pool((10, 10), 30)]
    graph = PoolGraph(pools, [(A, B), (B, A), (A, B), (B, C)])
    found = graph.cycles([(A, FREE), (B, FREE)])
    profits = [cycle.profit for cycle in found]
    assert profits == sorted(profits, reverse=True)
    assert len(found) >= 2
    assert found[0].legs == (Leg(2, 0, 1), Leg(1, 0, 1))
    twin = PoolGraph([*PAIR, PAIR[0]], [(A, B), (B, A), (A, B)]).cycles([(A, FREE)])
    assert [cycle.legs[0].pool for cycle in twin[:2]] == [0, 2]


def test_a_pool_that_has_changed_is_searched_as_it_is_now() -> None:
    graph = PoolGraph(PAIR, [(A, B), (B, A)])
    before = graph.cycles([(A, FREE)])
    assert len(before) == 1
    graph.update([(0, V2Pool((1_000, 1_000), 0))])
    assert graph.cycles([(A, FREE)]) == []
    graph.update([(0, PAIR[0])])
    assert graph.cycles([(A, FREE)]) == before


def test_only_cycles_through_what_is_named_are_looked_at() -> None:
    pools = [*PAIR, V2Pool((1_000, 2_000), 0)]
    graph = PoolGraph(pools, [(A, B), (B, A), (A, B)])
    every = graph.cycles([(A, FREE)])
    some = graph.cycles([(A, FREE)], through=[2])
    assert (every.examined, some.examined) == (2, 1)
    assert some == [cycle for cycle in every if 2 in {leg.pool for leg in cycle.legs}]
    assert graph.cycles([(A, FREE)], through=[]).examined == 0


def test_of_all_starts_together_no_more_are_told_than_there_is_room_for(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    graph = PoolGraph([*PAIR, *PAIR, V2Pool((1_000, 3_000), 0)], [(A, B)] * 2 + [(2, 3)] * 3)
    every = graph.cycles([(A, FREE), (2, FREE)], most=10)
    assert (len(every), every.is_cut) == (4, False)
    monkeypatch.setattr("omnivenue.reference.graph.TOLD_MAX", 2)
    some = graph.cycles([(A, FREE), (2, FREE)], most=10)
    assert (some, some.is_cut) == (every[:2], True)


def test_a_pool_without_reserves_earns_nothing_and_harms_nobody() -> None:
    graph = PoolGraph([*PAIR, V2Pool((0, 0), 30)], [(A, B), (B, A), (A, B)])
    assert graph.cycles([(A, FREE)]) == PoolGraph(PAIR, [(A, B), (B, A)]).cycles([(A, FREE)])


def test_a_batch_of_quotes_has_an_answer_for_each() -> None:
    v3 = draw_pool(Random(1), "v3", 1, 1, 10**6)
    graph = PoolGraph([*PAIR, v3], [(A, B), (B, A), (A, B)])
    asked = [(0, 0, 1, 100), (0, 0, 0, 100), (2, 0, 1, 100), (2, 0, 1, 2**200), (9, 0, 1, 1)]
    asked += [(0, 1, 0, 0), (0, 0, 1, 2**256 - 1)]
    requests = b"".join(pack("<IHH", *request[:3]) for request in asked)
    amounts = b"".join(request[3].to_bytes(32, "little") for request in asked)
    outs, states = graph.quotes(requests, amounts)
    found = [int.from_bytes(outs[n : n + 32], "little") for n in range(0, len(outs), 32)]
    token, zero, over = (2 + list(Why).index(w) for w in (Why.TOKEN, Why.ZERO_AMOUNT, Why.OVERFLOW))
    assert list(states) == [0, token, 0, 1, token, zero, over]
    assert found[0] == PAIR[0].exact_in(0, 1, 100)[0] == 181
    assert found[2] == v3.exact_in(0, 1, 100)[0]
    assert found[3] > 0 == found[1] == found[4] == found[5] == found[6]
    assert graph.quotes(b"", b"") == (b"", b"")
    with pytest.raises(ValueError, match="8 bytes"):
        graph.quotes(requests[:-1], amounts)
    with pytest.raises(ValueError, match="tokens of 1"):
        PoolGraph(PAIR, [(A, B)])
