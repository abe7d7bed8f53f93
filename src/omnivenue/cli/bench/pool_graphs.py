"""The graphs of pools that searches are measured on, each the same on every machine.

`scan` is the small dense one that libraries of arbitrage are usually measured on: 20 tokens, and a
constant-product pool between two of them with probability 0.6. `two_concentrated` is one round
through two pools whose best size crosses ticks in both. `market` has the shape of a real exchange:
few hubs that all else trades against, and a long tail.

A market that arbitrageurs have just left: no pool's price is off by more than half of its own fee,
so no round earns anything, but for a few forgotten pools with next to nothing in them, whose prices
are anywhere. Then a block comes, and 200 trades move as many pools.
"""

from collections import Counter
from collections.abc import Sequence
from itertools import combinations
from typing import NamedTuple

from omnivenue.cli.bench.draws import (
    PIPS,
    PRICE_ONE,
    Draws,
    Position,
    Token,
    a_token,
    concentrated,
    constant_product,
    falling,
)
from omnivenue.kernel import CurvePool, StablePool, Template, V2Pool, V3Pool, WeightedPool

SCAN_SEED = 1509
"""Of the first seeds, one that gives 117 pools and 268 triangles: 536 rounds of 3 hops."""
MARKET_SEED = 1
HUBS = 20
STABLES = (1, 2, 3, 4)  # of the hubs, those that are worth a dollar
PARALLEL_MAX = 12  # pools of one pair, over all exchanges and fees
WHOLE = 10**18

type AnyPool = V2Pool | V3Pool | WeightedPool | StablePool | CurvePool


type Round = tuple[tuple[int, int, int], ...]
"""Of each hop the pool's number, and the places of its tokens."""


class Graph(NamedTuple):
    pools: list[AnyPool]
    tokens: list[tuple[int, ...]]
    """Of each pool the numbers of its tokens, in its own order."""
    starts: list[tuple[int, int]]
    """Of each token to begin at its number, and what gas costs in its units."""


def scan(tokens: int = 20, seed: int = SCAN_SEED) -> Graph:
    """Prices are off by up to 5 %, so that most triangles earn in one direction."""
    draws = Draws(seed)
    listed = [
        Token(draws.scaled(10**4, 10**10) * PRICE_ONE // PIPS // WHOLE, 18) for _ in range(tokens)
    ]
    pools: list[AnyPool] = []
    pairs: list[tuple[int, ...]] = []
    for a, b in combinations(range(tokens), 2):
        if draws.is_in(60):
            dollars, off = draws.scaled(10**5, 10**7), draws.between(-50_000, 50_000)
            pools.append(constant_product((listed[a], listed[b]), dollars, 30, off))
            pairs.append((a, b))
    return Graph(pools, pairs, [(token, 0) for token in range(tokens)])


def triangles(graph: Graph) -> list[Round]:
    """Of a graph with one pool a pair: all rounds of three hops, both ways, from the least token on
    each, as a search from all tokens in turn tells them."""
    numbers = {pair: n for n, pair in enumerate(graph.tokens)}
    tokens = sorted({token for pair in graph.tokens for token in pair})
    found: list[Round] = []
    for a, b, c in combinations(tokens, 3):
        if numbers.keys() >= {(a, b), (b, c), (a, c)}:
            first, across, last = numbers[a, b], numbers[b, c], numbers[a, c]
            found.append(((first, 0, 1), (across, 0, 1), (last, 1, 0)))
            found.append(((last, 0, 1), (across, 1, 0), (first, 1, 0)))
    return found


def two_concentrated() -> Graph:
    """One pair, fees of 0.05 and 0.3 %, prices 3 % apart; the next tick is 0.2 to 1 % away."""
    pair = (Token(3_000 * PRICE_ONE // WHOLE, 18), Token(PRICE_ONE // 10**6, 6))
    steps = [Position(below * 20, above * 20, 40_000) for below in range(1, 9) for above in (2, 7)]
    pools: list[AnyPool] = [
        concentrated(pair, 500, 30_000, steps),
        concentrated(pair, 3000, 0, [Position(p.above * 3, p.below * 3, p.dollars) for p in steps]),
    ]
    return Graph(pools, [(0, 1), (0, 1)], [(0, 0)])


class Block(NamedTuple):
    """What trades made of some pools."""

    changes: list[tuple[int, AnyPool]]
    before: list[tuple[int, AnyPool]]


class Market:
    """`tokens` of them, the hubs first; `pools` drawn one after the other."""

    def __init__(self, tokens: int = 2_000, pools: int = 10_000, seed: int = MARKET_SEED) -> None:
        self._draws = Draws(seed)
        self._tokens = self._listed(tokens)
        self._hub_sums = falling(HUBS)
        self._tail_sums = falling(tokens - HUBS, first=20)
        self._listings = Counter[tuple[int, int]]()
        self.graph = Graph([], [], [(n, self._tokens[n].units(1)) for n in range(HUBS)])
        for n in range(pools):
            self._list(n)

    def block(self, changed: int = 200, seed: int = MARKET_SEED) -> Block:
        """One trade each in so many pools. Every fourth is between two hubs, where most is
        traded."""
        draws, pools = Draws(seed), self.graph.pools
        central = [n for n, pair in enumerate(self.graph.tokens) if max(pair) < HUBS]
        found: dict[int, AnyPool] = {}
        while len(found) < changed:
            is_central = central and len(found) % 4 == 0
            n = draws.one_of(central) if is_central else draws.between(0, len(pools) - 1)
            found.setdefault(n, _traded(draws, pools[n]))
        return Block([*found.items()], [(n, pools[n]) for n in found])

    def _listed(self, tokens: int) -> list[Token]:
        draws = self._draws
        hubs = [a_token(draws, (10**6, 10**10)) for _ in range(HUBS)]
        hubs[0] = Token(3_000 * PRICE_ONE // WHOLE, 18)
        for n, decimals in zip(STABLES, (6, 6, 18, 18), strict=True):
            hubs[n] = Token(PRICE_ONE // 10**decimals, decimals)
        return hubs + [a_token(draws, (100, 10**8)) for _ in range(tokens - HUBS)]

    def _list(self, n: int) -> None:
        """First one pool for each token of the tail, then any."""
        tail = len(self._tokens) - HUBS
        pair = (self._hub(), HUBS + n) if n < tail else self._pair()
        while pair[0] == pair[1] or self._listings[pair] == PARALLEL_MAX:
            pair = self._pair()
        self._listings[pair] += 1
        numbers, pool = self._pool(tuple(sorted(pair)))
        self.graph.pools.append(pool)
        self.graph.tokens.append(numbers)

    def _pair(self) -> tuple[int, int]:
        """One in ten is between hubs, and one in twenty between two of the tail."""
        kind = self._draws.between(1, 20)
        one = self._tail() if kind == 1 else self._hub()
        other = self._hub() if kind in (2, 3) else self._tail()
        return min(one, other), max(one, other)

    def _pool(self, numbers: tuple[int, ...]) -> tuple[tuple[int, ...], AnyPool]:
        if set(numbers) <= set(STABLES):
            return numbers, self._pegged(numbers)
        if self._draws.is_in(4):
            return self._weighted(numbers)
        return numbers, self._simple(numbers, is_central=max(numbers) < HUBS)

    def _hub(self) -> int:
        """Of the pools with hubs more than half are with the first."""
        return 0 if self._draws.is_in(35) else self._draws.by_weight(self._hub_sums)

    def _tail(self) -> int:
        return HUBS + self._draws.by_weight(self._tail_sums)

    def _simple(self, numbers: Sequence[int], *, is_central: bool) -> AnyPool:
        """Constant product or concentrated; of those off the hubs 3 in 100 are forgotten."""
        draws = self._draws
        pair = (self._tokens[numbers[0]], self._tokens[numbers[1]])
        if not is_central and draws.is_in(3):
            return constant_product(
                pair, draws.between(10, 200), 30, draws.between(-50_000, 50_000)
            )
        dollars = draws.scaled(10**6, 10**8) if is_central else draws.scaled(10**4, 10**6)
        if draws.is_in(55):
            fee = draws.one_of((25, 30, 30, 30))
            return constant_product(pair, dollars, fee, draws.between(-fee * 50, fee * 50))
        fee = draws.one_of((100, 500, 3000) if is_central else (500, 3000, 3000, 10_000))
        count = draws.between(10, 60) if is_central else draws.between(1, 12)
        spread = [
            Position(draws.between(100, 4_000), draws.between(100, 4_000), dollars // count)
            for _ in range(count)
        ]
        whole = Position(800_000, 800_000, dollars)
        return concentrated(pair, fee, draws.between(-fee // 2, fee // 2), [whole, *spread])

    def _weighted(self, numbers: Sequence[int]) -> tuple[tuple[int, ...], AnyPool]:
        """Sometimes with a third token, the first hub or, where that is in it, a stable one."""
        draws = self._draws
        if draws.is_in(30):
            third = next(n for n in (0, *STABLES) if n not in numbers)
            numbers = tuple(sorted((*numbers, third)))
        parts = (50, 50) if len(numbers) == 2 else (20, 40, 40)
        if len(numbers) == 2 and draws.is_in(40):
            parts = (20, 80)
        dollars, off = draws.scaled(10**4, 10**6), draws.between(-1_000, 1_000)
        balances = [
            self._tokens[n].units(dollars * part // 50)
            for n, part in zip(numbers, parts, strict=True)
        ]
        balances[-1] = balances[-1] * (PIPS + off) // PIPS
        factors = tuple(10 ** (36 - self._tokens[n].decimals) for n in numbers)
        weights = tuple(part * WHOLE // 100 for part in parts)
        pool = WeightedPool(tuple(balances), factors, weights, 3 * WHOLE // 1000, True)
        return tuple(numbers), pool

    def _pegged(self, numbers: Sequence[int]) -> AnyPool:
        """Of two stable tokens: Balancer's, or Curve's base template, up to 10 % out of balance."""
        draws = self._draws
        dollars, off = draws.scaled(10**6, 10**8), draws.between(-100_000, 100_000)
        first, second = (self._tokens[n] for n in numbers)
        balances = (first.units(dollars), second.units(dollars) * (PIPS + off) // PIPS)
        decimals = (first.decimals, second.decimals)
        if draws.is_in(50):
            return CurvePool(Template.BASE2, balances, decimals, 200 * 100, 4 * 10**6)
        factors = tuple(10 ** (36 - places) for places in decimals)
        return StablePool(balances, factors, 200 * 1000, 4 * WHOLE // 10**4, False)


def _traded(draws: Draws, pool: AnyPool) -> AnyPool:
    """After a trade of 0.002 to 1 % of what lies in it: most are small, as they are on a chain."""
    there, back = draws.one_of(((0, 1), (1, 0)))
    pips = draws.scaled(20, 20_000)
    if isinstance(pool, V3Pool):
        depth = (pool.liquidity << 96) // pool.sqrt_price
        depth = depth if there == 0 else pool.liquidity * pool.sqrt_price >> 96
    else:
        depth = (pool.reserves if isinstance(pool, V2Pool) else pool.balances)[there]
    return pool.exact_in(there, back, max(1, depth * pips // PIPS))[1]
