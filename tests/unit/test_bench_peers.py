"""Who a search is measured beside is asked the same, and answers about the same; else the figures
say nothing."""

import sys
from importlib import metadata
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from omnivenue.cli.bench import arbitrage, degenbot_peer, grid, peers
from omnivenue.cli.bench.peers import Answer, Share, Silent, by_degenbot, share
from omnivenue.cli.bench.pool_graphs import Graph, Round, scan, triangles, two_concentrated
from omnivenue.kernel import V2Pool

ROOT = Path(__file__).parents[2]
INSTALLED = ROOT / peers.PYTHON
SMALL = scan(7)
THERE_AND_BACK: list[Round] = [((0, 0, 1), (1, 1, 0)), ((1, 0, 1), (0, 1, 0))]


def exact(graph: Graph, rounds: list[Round], hops: int) -> tuple[list[int], list[int]]:
    """What our own kernel earns with each round, and how sure it is."""
    pools, starts = arbitrage.built(graph)
    found = {tuple(map(tuple, each.legs)): each for each in pools.cycles(starts, hops)}
    return (
        [found[each].profit if each in found else 0 for each in rounds],
        [found[each].within if each in found else 0 for each in rounds],
    )


def test_the_grid_tries_its_sizes_with_the_formula_of_the_pools() -> None:
    """Ten sizes, each a hundredth of the first pool larger; the second of them is best."""
    pools: list[Any] = [V2Pool((100_000, 110_000), 0), V2Pool((100_000, 100_000), 0)]
    graph = Graph(pools, [(0, 1), (0, 1)], [(0, 0)])

    def earned(amount: int) -> int:
        there, _ = pools[0].exact_in(0, 1, amount)
        return pools[1].exact_in(1, 0, there)[0] - amount

    best = max(earned(1_000 * n) for n in range(1, 11))
    assert best == earned(2_000) > earned(3_000) > 0
    assert grid.search(graph, THERE_AND_BACK, points=10) == [best, 0]


def test_the_grid_comes_near_what_is_best_and_never_above() -> None:
    rounds = triangles(SMALL)
    ours, within = exact(SMALL, rounds, 3)
    found = share(peers.by_grid(SMALL, rounds).earned, ours, within)
    assert found.rounds >= sum(map(bool, ours)) - 1
    assert found.median >= 990


def test_triangles_are_the_rounds_that_a_search_from_all_tokens_tells() -> None:
    rounds = triangles(SMALL)
    pools, starts = arbitrage.built(SMALL)
    found = pools.cycles(starts, 3)
    assert {tuple(map(tuple, each.legs)) for each in found} <= set(rounds)
    assert len(set(rounds)) == len(rounds) > 0


def test_shares_are_of_the_rounds_that_both_have() -> None:
    assert share([99, 0, 50, 0], [100, 100, 100, 0], [0, 0, 0, 0]) == Share(2, 500, 990)


def test_more_than_we_say_can_be_earned_is_our_mistake() -> None:
    assert share([103], [100], [3]).median == 1030
    with pytest.raises(AssertionError, match="earns 104 where we earn 100"):
        share([104], [100], [3])
    with pytest.raises(AssertionError, match="earns 1 where we earn 0"):
        share([1], [0], [0])


def test_who_finds_nothing_was_asked_something_else() -> None:
    with pytest.raises(AssertionError, match="finds nothing"):
        share([0, 0], [100, 0], [0, 0])


def test_where_degenbot_is_absent_it_is_said_how_to_get_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    said = by_degenbot(SMALL, triangles(SMALL))
    assert said == Silent("degenbot is not installed: make bench-peers")


def test_a_release_that_has_another_interface_is_not_measured(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(peers, "PYTHON", Path(sys.executable))
    said = by_degenbot(SMALL, triangles(SMALL))
    assert isinstance(said, Silent)
    assert said.why.startswith("degenbot could not be measured: ModuleNotFoundError")


class Core(ModuleType):
    """As much of degenbot as it is asked for: the n-th round earns n, the first nothing."""

    def __init__(self) -> None:
        super().__init__("degenbot._ffi")
        self.tokens: list[str] = []
        self.pools: list[tuple[Any, ...]] = []
        self.paths: list[list[tuple[int, bool]]] = []
        self.solved: list[int] = []

    def Bot(self, chain: int) -> "Core":
        return self

    def ArbitrageEngine(self, bot: "Core") -> "Core":
        return self

    def register_token(self, address: str, *_: object) -> None:
        self.tokens.append(address)

    def register_v2_pool_test_only(self, *terms: object) -> int:
        self.pools.append(terms)
        return 100 + len(self.pools)

    register_v3_pool = register_v2_pool_test_only

    def register_path(self, hops: list[tuple[int, bool]]) -> tuple[int, bool]:
        self.paths.append(hops)
        return 10 * len(self.paths), True

    def solve_all_paths(self, block: int) -> None:
        self.solved.append(block)

    def latest_results(self) -> tuple[list[tuple[int, ...]], int]:
        results = [(10 * n + 10, 1, n, 0, 0) for n in range(1, len(self.paths))]
        return results[::-1], self.solved[-1]


@pytest.fixture
def core(monkeypatch: pytest.MonkeyPatch) -> Core:
    core = Core()
    monkeypatch.setitem(sys.modules, "degenbot", ModuleType("degenbot"))
    monkeypatch.setitem(sys.modules, "degenbot._ffi", core)
    monkeypatch.setattr(metadata, "version", lambda name: f"of {name}")  # type: ignore[misc]
    monkeypatch.setattr(degenbot_peer, "version", metadata.version)
    return core


def test_degenbot_gets_the_same_pools_and_rounds(core: Core) -> None:
    work = peers.asked(two_concentrated(), THERE_AND_BACK, runs=3)
    answer = degenbot_peer.solve(dict(work))
    assert (answer["version"], answer["earned"]) == ("of degenbot", [0, 1])
    assert answer["seconds"] > 0
    assert core.solved == [1, 2, 3]
    assert core.paths == [[(101, True), (102, False)], [(102, True), (101, False)]]
    assert len(core.tokens) == 2
    first: Any = two_concentrated().pools[0]
    (_, *tokens, fee, spacing, _, price, liquidity, tick, ticks, _, coverage) = core.pools[0]
    assert tokens == core.tokens
    assert (fee, spacing) == (first.fee_pips, first.tick_spacing)
    assert (price, liquidity, tick) == (first.sqrt_price, first.liquidity, first.tick)
    assert {at: net for at, (_, net, _) in ticks.items()} == dict(
        zip(first.ticks, first.nets, strict=True)
    )
    assert coverage == "tracked", "it has all ticks, and need not ask a chain for them"


def test_a_fee_is_told_as_what_is_kept_of_10_000(core: Core) -> None:
    degenbot_peer.solve(dict(peers.asked(SMALL, triangles(SMALL), runs=1)))
    pool: Any = SMALL.pools[0]
    assert core.pools[0][3:9] == (*pool.reserves, 9_970, 10_000, 9_970, 10_000)


@pytest.mark.skipif(not INSTALLED.exists(), reason="degenbot is absent: make bench-peers")
def test_the_real_degenbot_answers_about_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(ROOT)
    for graph, rounds, hops, least in (
        (SMALL, triangles(SMALL), 3, 999),
        (two_concentrated(), THERE_AND_BACK, 2, 900),  # its walk over ticks ends too late
    ):
        answer = by_degenbot(graph, rounds, runs=1)
        assert isinstance(answer, Answer), answer
        assert answer.name.startswith("degenbot 0.")
        assert share(answer.earned, *exact(graph, rounds, hops)).median >= least
