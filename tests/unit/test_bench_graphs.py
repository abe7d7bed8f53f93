"""The graphs that searches are measured on: the same everywhere, and of the shape they say."""

from collections import Counter
from hashlib import sha256
from itertools import combinations

import pytest

from omnivenue.cli.bench import pool_graphs
from omnivenue.cli.bench.draws import PIPS, SPACING, Draws, falling
from omnivenue.cli.bench.pool_graphs import HUBS, PARALLEL_MAX, STABLES, AnyPool, Graph, Market
from omnivenue.kernel import CurvePool, StablePool, V2Pool, V3Pool, WeightedPool


@pytest.fixture(scope="module")
def market() -> Market:
    return Market()


def digest(graph: Graph) -> str:
    """Of the numbers, not of how a kernel shows its pools."""
    text = repr([*map(numbers, graph.pools)]) + repr(graph.tokens) + repr(graph.starts)
    return sha256(text.encode()).hexdigest()[:16]


def numbers(pool: AnyPool) -> tuple[object, ...]:
    if isinstance(pool, V2Pool):
        return (*pool.reserves, pool.fee_bps)
    if isinstance(pool, V3Pool):
        return (pool.fee_pips, pool.sqrt_price, pool.tick, pool.liquidity, pool.ticks, pool.nets)
    return tuple(pool.balances)


def test_the_graphs_are_the_same_wherever_they_are_made(market: Market) -> None:
    """Figures of other days and machines are figures of the same thing."""
    assert digest(pool_graphs.scan()) == "2aa3cce366d00f32"
    assert digest(pool_graphs.two_concentrated()) == "c316bfb3a2ec9bff"
    assert digest(market.graph) == "d431179dc8c1f689"
    changed = [pool for _, pool in market.block().changes]
    assert digest(market.graph._replace(pools=changed)) == "3568a9b43be82feb"


def test_the_scan_has_20_tokens_117_pools_and_536_rounds_of_three_hops() -> None:
    graph = pool_graphs.scan()
    pairs = set(graph.tokens)
    triangles = [each for each in combinations(range(20), 3) if {*combinations(each, 2)} <= pairs]
    assert len(graph.pools) == len(pairs) == 117
    assert len(triangles) * 2 == 536
    assert [token for token, _ in graph.starts] == list(range(20))
    assert all(isinstance(pool, V2Pool) for pool in graph.pools)


def test_another_seed_is_another_graph() -> None:
    assert digest(pool_graphs.scan(seed=1)) != digest(pool_graphs.scan(seed=2))


def test_the_best_of_two_concentrated_pools_crosses_ticks_in_both() -> None:
    """Whatever size is best: by then the prices have met, and on the way each has crossed some."""
    first, second = pool_graphs.two_concentrated().pools
    assert isinstance(first, V3Pool)
    assert isinstance(second, V3Pool)

    def earned(amount: int) -> int:
        there = first.swap(0, 1, amount, by_in=True)
        return second.swap(1, 0, there.amount_out, by_in=True).amount_out - amount

    sizes = [10**18 * n for n in range(1, 200)]
    best = max(sizes, key=earned)
    assert sizes[0] < best < sizes[-1]
    assert earned(best) > 0
    there = first.swap(0, 1, best, by_in=True)
    assert there.ticks_crossed >= 2
    assert second.swap(1, 0, there.amount_out, by_in=True).ticks_crossed >= 1


def test_a_market_has_few_hubs_and_a_long_tail(market: Market) -> None:
    pools, tokens, starts = market.graph
    degree = Counter(number for each in tokens for number in each)
    assert (len(pools), len(tokens), len(degree)) == (10_000, 10_000, 2_000)
    assert [token for token, _ in starts] == list(range(HUBS))
    assert all(gas > 0 for _, gas in starts)
    by_degree = [count for _, count in degree.most_common()]
    assert by_degree[0] > 4_000
    assert degree.most_common(1)[0][0] == 0
    assert sum(by_degree[:HUBS]) > sum(by_degree) * 45 // 100
    assert by_degree[1_000] <= 4
    assert by_degree[-1] == 1


def test_a_market_has_pools_of_all_kinds(market: Market) -> None:
    kinds = Counter(type(pool) for pool in market.graph.pools)
    assert set(kinds) == {V2Pool, V3Pool, WeightedPool, StablePool, CurvePool}
    assert kinds[V2Pool] > 5_000
    assert kinds[V3Pool] > 4_000
    assert kinds[WeightedPool] > 300
    for pool, tokens in zip(market.graph.pools, market.graph.tokens, strict=True):
        assert len(set(tokens)) == len(tokens)
        if isinstance(pool, StablePool | CurvePool):
            assert set(tokens) <= set(STABLES)
        if isinstance(pool, WeightedPool):
            assert sum(pool.weights) == 10**18
            assert len(pool.weights) == len(pool.balances) == len(tokens)
    pairs = Counter(tokens for tokens in market.graph.tokens if len(tokens) == 2)
    assert max(pairs.values()) == PARALLEL_MAX


def test_liquidity_of_concentrated_pools_adds_up_with_their_ticks(market: Market) -> None:
    for pool in market.graph.pools:
        if isinstance(pool, V3Pool):
            assert list(pool.ticks) == sorted(set(pool.ticks))
            assert not any(tick % SPACING[pool.fee_pips] for tick in pool.ticks)
            assert sum(pool.nets) == 0
            below = zip(pool.ticks, pool.nets, strict=True)
            assert pool.liquidity == sum(net for tick, net in below if tick <= pool.tick) > 0


def test_a_block_is_one_trade_each_in_so_many_pools(market: Market) -> None:
    block = market.block(200)
    assert len(block.changes) == len({n for n, _ in block.changes}) == 200
    assert block.before == [(n, market.graph.pools[n]) for n, _ in block.changes]
    assert all(
        numbers(new) != numbers(old)
        for (_, new), (_, old) in zip(block.changes, block.before, strict=True)
    )
    central = [n for n, _ in block.changes if max(market.graph.tokens[n]) < HUBS]
    assert len(central) >= 50


def test_at_rest_nothing_is_earned_by_going_round_the_hubs(market: Market) -> None:
    """By prices alone, fees counted: no pool is off by more than half of its fee."""
    graph = market.graph
    best: dict[tuple[int, int], int] = {}
    for pool, tokens in zip(graph.pools, graph.tokens, strict=True):
        if isinstance(pool, V2Pool) and max(tokens) < HUBS:
            first, second = pool.reserves
            kept = 10_000 - pool.fee_bps
            for (a, b), rate in (
                (tokens, second * PIPS**3 // first),
                (tokens[::-1], first * PIPS**3 // second),
            ):
                best[a, b] = max(best.get((a, b), 0), rate * kept // 10_000)
    rounds = [(a, b, c) for a, b in best for c in range(HUBS) if (b, c) in best and (c, a) in best]
    assert len(rounds) > 500
    assert all(best[a, b] * best[b, c] * best[c, a] < PIPS**9 for a, b, c in rounds)


@pytest.mark.parametrize(("low", "high"), [(0, 0), (0, 1), (-3, 4)])
def test_what_is_drawn_between_two_is_any_of_them(low: int, high: int) -> None:
    draws = Draws(1)
    assert {draws.between(low, high) for _ in range(500)} == set(range(low, high + 1))


def test_weights_fall_and_each_place_is_drawn_by_its_own() -> None:
    sums = falling(4)
    assert [b - a for a, b in zip([0, *sums], sums, strict=False)] == [
        10**9 // n for n in (1, 2, 3, 4)
    ]
    draws = Draws(1)
    drawn = Counter(draws.by_weight(sums) for _ in range(4_000))
    assert [n for n, _ in drawn.most_common()] == [0, 1, 2, 3]
    assert 0.42 < drawn[0] / 4_000 < 0.54


def test_scaled_draws_stay_within_and_reach_every_octave() -> None:
    draws = Draws(2)
    drawn = [draws.scaled(100, 6_400) for _ in range(2_000)]
    assert {n // 100 for n in drawn} >= {1, 2, 4, 8, 16, 32}
    assert all(100 <= n <= 6_400 for n in drawn)
