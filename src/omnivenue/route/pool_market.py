"""Pools as a market: which swaps there are between two tokens, and what tokens are worth.

A dollar is a unit of one of the stablecoins; another token is worth what the deepest path of pools
to one of them says. The depth of a path is that of its shallowest pool, in dollars: so no small
pool, which anybody can set up at any price, decides where a deep one stands beside it.
"""

from collections.abc import Iterator, Mapping, Sequence
from functools import cached_property
from heapq import heappop, heappush
from typing import NamedTuple, Protocol

from omnivenue.kernel import Pool
from omnivenue.route.pool_depth import NO_PRICE, Ratio, held, spot

MICROS = 10**6
WIDEST = 10**60
"""Micro-dollars: of what is a dollar by itself."""

PRICE_BITS = 512
"""Of a price's terms. A path multiplies them, and more of them would say nothing more."""

PRICE_MAX = 10**40
"""Micro-dollars for a unit. No token is worth that much: a pool in which a unit of one stands for
all there is of another says so, and what would be reckoned with it fits no number of a document."""


class Listed(Protocol):
    """A pool with its tokens in its own order, and with their decimals where it states them."""

    @property
    def kind(self) -> str: ...
    @property
    def tokens(self) -> tuple[str, ...]: ...
    @property
    def decimals(self) -> tuple[int, ...]: ...
    @property
    def state(self) -> Pool: ...


class Swap(NamedTuple):
    pool: str
    token_in: int
    token_out: int


class Worth(NamedTuple):
    """`price`: micro-dollars for units. `depth`: of the path, in micro-dollars; `path`: its pools,
    from the token on."""

    price: Ratio
    depth: int
    path: tuple[str, ...]


class PoolMarket:
    def __init__(self, pools: Mapping[str, Listed], dollars: Mapping[str, int]) -> None:
        """`dollars`: the stablecoins that count a dollar each, with their decimals, which hold
        where no pool states them."""
        self.pools = pools
        self._dollars = dollars
        self._at: dict[str, list[tuple[str, int]]] = {}
        for name, pool in pools.items():
            for place, token in enumerate(pool.tokens):
                self._at.setdefault(token, []).append((name, place))

    @property
    def tokens(self) -> Sequence[str]:
        return tuple(self._at)

    def has(self, token: str) -> bool:
        return token in self._at

    def between(self, token_in: str, token_out: str) -> list[Swap]:
        """In the order of the document."""
        there = dict(self._at.get(token_out, ()))
        return [Swap(n, i, there[n]) for n, i in self._at.get(token_in, ()) if n in there]

    def stated_decimals(self, token: str) -> set[int]:
        """More than one where pools contradict one another."""
        stated = (self.pools[name].decimals[i : i + 1] for name, i in self._at.get(token, ()))
        return {decimals for each in stated for decimals in each}

    @cached_property
    def worth(self) -> Mapping[str, Worth]:
        """Of every token that has a path to a dollar: the widest path first, as Dijkstra has it.
        None of a token whose decimals pools contradict one another about, nor by way of it."""
        found: dict[str, Worth] = {}
        queue = [(-WIDEST, token, worth) for token, worth in self._whole_dollars()]
        while queue:
            _, token, worth = heappop(queue)
            if token in found or len(self.stated_decimals(token)) > 1:
                continue
            found[token] = worth
            for other, next_worth in self._beyond(token, worth):
                if other not in found:
                    heappush(queue, (-next_worth.depth, other, next_worth))
        return found

    def _whole_dollars(self) -> Iterator[tuple[str, Worth]]:
        for token in sorted(self._dollars.keys() & self._at.keys()):
            stated = self.stated_decimals(token) or {self._dollars[token]}
            yield token, Worth(Ratio(MICROS, 10 ** min(stated)), WIDEST, ())

    def _beyond(self, token: str, worth: Worth) -> Iterator[tuple[str, Worth]]:
        """What `token` makes other tokens worth, each by a pool that holds both."""
        for name, place in self._at[token]:
            pool = self.pools[name]
            depth = min(worth.depth, worth.price.down(held(pool.state, place)))
            for other_place, other in enumerate(pool.tokens):
                if other_place == place or depth <= 0:
                    continue
                rate = spot(pool.state, other_place, place)
                if rate != NO_PRICE:
                    price = _rounded(Ratio(rate.num * worth.price.num, rate.den * worth.price.den))
                    if price.num <= PRICE_MAX * price.den:
                        yield other, Worth(price, depth, (name, *worth.path))


def _rounded(price: Ratio) -> Ratio:
    over = min(price.num.bit_length(), price.den.bit_length()) - PRICE_BITS
    return Ratio(price.num >> over, price.den >> over) if over > 0 else price
