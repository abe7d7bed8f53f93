"""Chance that comes out the same on every machine, and the pools that are drawn with it.

Of a seeded `random.Random` only `random()` is promised to stay as it is from one Python to the
next, so that is all that is used; what is made of it is integers.
"""

from bisect import bisect_right
from collections.abc import Sequence
from itertools import accumulate
from math import isqrt
from random import Random
from typing import NamedTuple

from omnivenue.kernel import TICK_MAX, V2Pool, V3Pool, ratio_at, tick_at

PRICE_ONE = 10**30
"""A token's price is that of its smallest unit, in this part of a dollar."""
PIPS = 10**6
SPACING = {100: 1, 500: 10, 3000: 60, 10_000: 200}
"""Of ticks, by the fee in pips: those that Uniswap V3's factory knows."""


class Token(NamedTuple):
    price: int
    decimals: int

    def units(self, dollars: int) -> int:
        return dollars * PRICE_ONE // self.price


class Draws:
    def __init__(self, seed: int) -> None:
        self._random = Random(seed)

    def between(self, low: int, high: int) -> int:
        """Both may be drawn."""
        return low + int(self._random.random() * (high - low + 1))

    def is_in(self, percent: int) -> bool:
        return self.between(1, 100) <= percent

    def one_of[T](self, things: Sequence[T]) -> T:
        return things[self.between(0, len(things) - 1)]

    def scaled(self, low: int, high: int) -> int:
        """As likely between 10 and 100 as between 100 and 1000. Ends a little below `high`."""
        steps = (high // low).bit_length() - 1
        octave = low << self.between(0, max(0, steps - 1))
        return octave + octave * self.between(0, 999) // 1000

    def by_weight(self, sums: Sequence[int]) -> int:
        """A place, of the running sums of weights."""
        return bisect_right(sums, self.between(0, sums[-1] - 1))


def falling(count: int, first: int = 1) -> list[int]:
    """Running sums of weights that fall as 1/n: the n-th of a market has so much of its trade."""
    return list(accumulate(10**9 // (n + first) for n in range(count)))


def a_token(draws: Draws, dollars: tuple[int, int]) -> Token:
    """`dollars`: a whole one's price lies between, in millionths."""
    decimals = draws.one_of((6, 8, 18, 18, 18, 18))
    micros = draws.scaled(*dollars)
    return Token(micros * PRICE_ONE // PIPS // 10**decimals, decimals)


def constant_product(pair: tuple[Token, Token], dollars: int, fee_bps: int, off: int) -> V2Pool:
    """With so much on each side; its price is off by so many pips."""
    first, second = pair
    return V2Pool((first.units(dollars), second.units(dollars) * (PIPS + off) // PIPS), fee_bps)


class Position(NamedTuple):
    """Ticks from the pool's own down and up, and what is put in, in dollars."""

    below: int
    above: int
    dollars: int


def concentrated(
    pair: tuple[Token, Token], fee: int, off: int, positions: Sequence[Position]
) -> V3Pool:
    """The positions' ends go outwards to where the pool may have ticks, and no further than that.

    A position's liquidity is what half of its dollars give, as token 1, from its lower end to the
    price: the rest follows from the curve.
    """
    first, second = pair
    square = (first.price << 192) * (PIPS + off) // (second.price * PIPS)
    price, spacing = isqrt(square), SPACING[fee]
    tick, last = tick_at(price), TICK_MAX // spacing * spacing
    nets: dict[int, int] = {}
    total = 0
    for position in positions:
        low = max((tick - position.below) // spacing * spacing, -last)
        high = min(-((-tick - position.above - 1) // spacing) * spacing, last)
        amount = second.units(position.dollars) // 2
        liquidity = max(1, (amount << 96) // max(1, price - ratio_at(low)))
        nets[low] = nets.get(low, 0) + liquidity
        nets[high] = nets.get(high, 0) - liquidity
        total += liquidity
    ticks = tuple(sorted(at for at, net in nets.items() if net))
    return V3Pool(fee, spacing, price, tick, total, ticks, tuple(nets[at] for at in ticks))
