"""What a search for rounds that earn costs: small and dense, two pools with ticks, a whole market.

Beside it stand, over the very same rounds of the same run, degenbot and a plain grid of sizes. With
the reference kernel everything is small, for it tries sizes one by one; the rows say so.
"""

from collections.abc import Sequence
from typing import NamedTuple

from omnivenue.cli.bench import peers
from omnivenue.cli.bench.peers import Answer, Silent
from omnivenue.cli.bench.pool_graphs import (
    Block,
    Graph,
    Market,
    Round,
    scan,
    triangles,
    two_concentrated,
)
from omnivenue.cli.bench.result import Peer, Result
from omnivenue.cli.bench.timing import quickest
from omnivenue.kernel import IS_COMPILED, NAME, Cycle, Cycles, PoolGraph, Terms


class Size(NamedTuple):
    tokens: int
    pools: int
    hops: int
    changed: int
    few: int


SCAN_TOKENS = 20 if IS_COMPILED else 8
MARKET = Size(2_000, 10_000, 4, 200, 20) if IS_COMPILED else Size(80, 160, 3, 10, 5)
KERNEL = f"{NAME} kernel"


def measure() -> list[Result]:
    return [*_scan(SCAN_TOKENS), *_two_concentrated(), *_market(MARKET)]


def built(graph: Graph) -> tuple[PoolGraph, list[tuple[int, Terms]]]:
    starts = [(token, Terms(gas=gas)) for token, gas in graph.starts]
    return PoolGraph(graph.pools, graph.tokens), starts


def _scan(tokens: int) -> list[Result]:
    graph = scan(tokens)
    rounds = triangles(graph)
    pools, starts = built(graph)
    seconds, found = quickest(lambda: pools.cycles(starts, 3))
    read, cycles = quickest(lambda: list(pools.cycles(starts, 3)))
    name = "arb.scan536"
    about = f"{KERNEL}; {len(rounds)} rounds of 3 hops, {len(cycles)} of them earn"
    rivals = (peers.by_degenbot(graph, rounds), 100), (peers.by_grid(graph, rounds), 5_000)
    silent = "".join(f"; {rival.why}" for rival, _ in rivals if isinstance(rival, Silent))
    assert len(found) == len(cycles)
    return [
        _row(name, seconds * 1e3, "ms", 0.1, about + silent),
        _row(f"{name}.read", read * 1e3, "ms", None, "the same, with each of them looked at"),
        *(
            _against(name, seconds, cycles, rounds, rival, goal)
            for rival, goal in rivals
            if isinstance(rival, Answer)
        ),
    ]


def _two_concentrated() -> list[Result]:
    """Both ways round are searched; one of them earns."""
    graph = two_concentrated()
    pools, starts = built(graph)
    rounds: list[Round] = [((0, 0, 1), (1, 1, 0)), ((1, 0, 1), (0, 1, 0))]
    seconds, found = quickest(lambda: pools.cycles(starts, 2))
    (best,) = found
    crossed = _crossed(graph, best)
    name, rival = "arb.v3v3", peers.by_degenbot(graph, rounds, runs=2_000)
    about = f"{KERNEL}; {' and '.join(map(str, crossed))} ticks crossed"
    if isinstance(rival, Silent):
        return [_row(name, seconds * 1e6, "us", 3, f"{about}; {rival.why}")]
    against = _against(name, seconds, [best], rounds, rival, None)
    return [_row(name, seconds * 1e6, "us", 3, about), against]


def _crossed(graph: Graph, cycle: Cycle) -> list[int]:
    amount, crossed = cycle.amount_in, list[int]()
    for number, token_in, token_out in cycle.legs:
        done = graph.pools[number].swap(token_in, token_out, amount, by_in=True)
        amount = done.amount_out
        crossed.append(done.ticks_crossed)
    return crossed


def _market(size: Size) -> list[Result]:
    """With all of it; with few pools touched; and with half of the market."""
    tokens, pools, hops, changed, few = size
    whole, half = Market(tokens, pools), Market(tokens // 2, pools // 2)
    seconds, all_found = _after(whole.graph, whole.block(changed), hops)
    of_few, few_found = _after(whole.graph, whole.block(few), hops)
    of_half, half_found = _after(half.graph, half.block(changed), hops)
    about = (
        f"{KERNEL}; {tokens} tokens, {pools} pools, {changed} of them updated, up to {hops} hops:"
        f" {all_found.examined} rounds examined, {len(all_found)} earn more than a dollar's gas"
    )
    touched = (
        f"the cost of {changed} pools touched to that of {few}, which"
        f" examine {few_found.examined} rounds"
    )
    listed = (
        f"the cost in {pools} pools to that in {pools // 2} with half the tokens, which"
        f" examines {half_found.examined} rounds; {changed} touched in both"
    )
    return [
        _row("arb.scale", seconds * 1e3, "ms", 20, about),
        _row("arb.scale.touched", seconds / of_few, "ratio", None, touched),
        _row("arb.scale.all", seconds / of_half, "ratio", None, listed),
    ]


def _after(graph: Graph, block: Block, hops: int) -> tuple[float, Cycles]:
    """The updates are timed too. Before each run the pools are as they were before the block."""
    pools, starts = built(graph)
    through = [number for number, _ in block.changes]

    def search() -> Cycles:
        pools.update(block.changes)
        return pools.cycles(starts, hops, through)

    return quickest(search, prepare=lambda: pools.update(block.before))


def _against(
    name: str,
    seconds: float,
    cycles: Sequence[Cycle],
    rounds: Sequence[Round],
    rival: Answer,
    goal: float | None,
) -> Result:
    ours = {tuple(map(tuple, cycle.legs)): cycle for cycle in cycles}
    profits = [ours[each].profit if each in ours else 0 for each in rounds]
    within = [ours[each].within if each in ours else 0 for each in rounds]
    assert sum(map(bool, profits)) == len(cycles), "what is found is one of the rounds"
    shares = peers.share(rival.earned, profits, within)
    ratio = rival.seconds / seconds
    note = (
        f"it finds {shares.rounds} of our {len(cycles)} rounds, with"
        f" {shares.median / 10} % of our profit at the median, {shares.lowest / 10} % at the least"
    )
    peer = Peer(name=rival.name, value=rival.seconds * 1e3, ratio=ratio)
    return Result(
        name=f"{name}.{rival.kind}", value=ratio, unit="times", goal=goal, peer=peer, note=note
    )


def _row(name: str, value: float, unit: str, goal: float | None, note: str) -> Result:
    return Result(name=name, value=value, unit=unit, goal=goal, note=note)
