"""One instrument's levels in ticks and lots, kept in order while they change.

Keys are kept sorted, best first, next to a dict of quantities: levels change at a rate of
thousands a second and the top ten are asked for after each, so reading them must not sort.
Pure and mutable; who owns the live ones is the runtime's affair, and a simulated exchange's.
"""

from bisect import bisect_left, insort
from collections.abc import Iterable

from omnivenue.market.quote import Level
from omnivenue.model import Lots, Side, Ticks


class _Half:
    """One side. A key is the price with the sign that puts the best first."""

    def __init__(self, sign: int) -> None:
        self.sign = sign
        self.keys: list[int] = []
        self.lots: dict[int, Lots] = {}

    def reset(self, levels: Iterable[Level]) -> None:
        last = {px * self.sign: qty for px, qty in levels}
        assert all(qty >= 0 for qty in last.values())
        self.lots = {key: qty for key, qty in last.items() if qty}
        self.keys = sorted(self.lots)

    def set_levels(self, levels: Iterable[Level]) -> None:
        keys, lots, sign = self.keys, self.lots, self.sign
        for px, qty in levels:
            assert qty >= 0
            key = px * sign
            if qty:
                if key not in lots:
                    insort(keys, key)
                lots[key] = qty
            elif lots.pop(key, None) is not None:
                del keys[bisect_left(keys, key)]

    def first(self, n: int) -> tuple[Level, ...]:
        lots, sign = self.lots, self.sign
        return tuple([(Ticks(key * sign), lots[key]) for key in self.keys[:n]])


class Book:
    """Both sides. `side` BUY means the bids, SELL the asks; the best comes first."""

    def __init__(self) -> None:
        self._bids = _Half(-1)
        self._asks = _Half(1)

    def reset(self, bids: Iterable[Level], asks: Iterable[Level]) -> None:
        """In place of whatever was there. Levels in any order; those of no quantity are left out,
        and of two at one price the later counts."""
        self._bids.reset(bids)
        self._asks.reset(asks)

    def set_level(self, side: Side, px: Ticks, qty: Lots) -> None:
        """What rests at `px` is `qty` from now on. 0 takes the level away, known or not: feeds
        name levels that were never in the part of the book that they sent."""
        self._half(side).set_levels(((px, qty),))

    def set_levels(self, side: Side, levels: Iterable[Level]) -> None:
        """Many of one side, in this order."""
        self._half(side).set_levels(levels)

    def best(self, side: Side) -> Level | None:
        half = self._half(side)
        if not half.keys:
            return None
        key = half.keys[0]
        return Ticks(key * half.sign), half.lots[key]

    def levels(self, side: Side, n: int) -> tuple[Level, ...]:
        """The `n` best, fewer where there are fewer."""
        assert n >= 0
        return self._half(side).first(n)

    def qty_at(self, side: Side, px: Ticks) -> Lots:
        half = self._half(side)
        return half.lots.get(px * half.sign, Lots(0))

    @property
    def is_crossed(self) -> bool:
        """A bid at an ask's price or above: the two would have traded, so something was missed."""
        bids, asks = self._bids.keys, self._asks.keys
        return bool(bids and asks) and -bids[0] >= asks[0]

    def _half(self, side: Side) -> _Half:
        return self._bids if side is Side.BUY else self._asks
