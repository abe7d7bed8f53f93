"""How a quantity is divided over venues, each of which takes nothing or at least a minimum.

The cheapest units are taken first, as if nobody had a minimum. Where a venue's part comes out as
what it does not take, there are two ways on: it gets at most what it would take below that, which
may be nothing, or at least what it would take above. Each is divided again within those bounds, and
what can be no better than the best so far is left: so a division that leaves nothing is found where
there is one, and of those the cheapest. The search has a limit; it is told when that was reached.
"""

from bisect import bisect_left
from collections.abc import Iterator, Sequence
from math import gcd

import msgspec

from omnivenue.model import Instrument, Lots

WALKS_MAX = 256
"""Divisions that are tried: what a handful of venues needs where all of them are near a minimum."""


class Step(msgspec.Struct, frozen=True):
    """Lots of a venue at one price."""

    unit_cost: int  # by which steps of all venues are compared
    px: int  # quote atoms
    lots: int
    rests: bool = False  # nobody is there yet: taken last, and it costs nothing now


class Venue(msgspec.Struct, frozen=True):
    instrument: Instrument
    steps: tuple[Step, ...]  # cheapest first, those that rest last
    room: int  # lots

    @property
    def most(self) -> int:
        return min(self.room, sum(step.lots for step in self.steps))

    def px_of(self, lots: int) -> int:
        """The worst that so many meet."""
        for step in self.steps:
            lots -= step.lots
            if lots <= 0:
                return step.px
        raise AssertionError("more than it has")

    def takes(self) -> Iterator[tuple[int, int]]:
        """From so many lots to so many, at each of its prices."""
        below = 0
        for step in self.steps:
            first, last = below + 1, min(self.room, below + step.lots)
            counts = range(first, last + 1)
            enough = bisect_left(counts, True, key=lambda n, px=step.px: self._is_enough(n, px))
            if enough < len(counts):
                yield counts[enough], last
            below += step.lots

    def _is_enough(self, lots: int, px: int) -> bool:
        return not is_too_little(self.instrument, self.instrument.atoms(Lots(lots)), px)


class Division(msgspec.Struct, frozen=True):
    """Lots by venue, those that get some. Compared by what it leaves, what rests, what it costs."""

    lots: tuple[int, ...]
    left: int  # atoms
    rank: tuple[int, int, int]


class Found(msgspec.Struct, frozen=True):
    lots: tuple[int, ...]  # by venue
    left: int  # atoms
    had_too_little: frozenset[int]  # venues whose part would have been what they do not take
    is_cut: bool  # not all was tried


type Bounds = tuple[tuple[int, int], ...]
"""The least and the most lots of each venue."""


def is_too_little(instrument: Instrument, atoms: int, px: int | None) -> bool:
    """Less than the venue takes of one order. Without a price nobody knows what it is worth."""
    if instrument.lots_floor(atoms) < instrument.min_qty:
        return True
    return px is not None and instrument.notional_floor(atoms, px) < instrument.min_notional


def divide(venues: Sequence[Venue], qty: int) -> Found:
    """`qty` in atoms. Of two that cost the same the venue that comes first gets it."""
    search = _Search(venues, qty)
    search.run()
    return Found(search.best.lots, search.best.left, frozenset(search.small), search.is_cut)


class _Search:
    def __init__(self, venues: Sequence[Venue], qty: int) -> None:
        self.best = Division((0,) * len(venues), qty, (qty, 0, 0))
        self.small: set[int] = set()
        self.is_cut = False
        self._qty = qty
        self._lot = [venue.instrument.lot for venue in venues]
        self._whole: Bounds = tuple((0, venue.most) for venue in venues)
        self._takes = [tuple(venue.takes()) for venue in venues]
        every = [(s, v, d) for v, each in enumerate(venues) for d, s in enumerate(each.steps)]
        self._order = sorted(every, key=lambda e: (e[0].rests, e[0].unit_cost, e[1], e[2]))

    def run(self) -> None:
        waiting: list[Bounds] = [self._whole]
        for _ in range(WALKS_MAX):
            if not waiting:
                return
            bounds = waiting.pop()
            found = self._walk(bounds)
            if found is not None and self._is_hopeful(bounds, found):
                waiting += self._narrower(bounds, found)
        self.is_cut = bool(waiting)

    def _narrower(self, bounds: Bounds, found: Division) -> list[Bounds]:
        """What else there is, the last one to be tried first."""
        odd = [v for v, lots in enumerate(found.lots) if lots and not self._takes_it(v, lots)]
        if odd:
            self.small.update(odd)
            v = min(odd, key=lambda v: (found.lots[v] * self._lot[v], v))
            return self._around(bounds, v, found.lots[v])
        if found.rank < self.best.rank:
            self.best = found
        is_least = self.best.left <= self._least_left(bounds)
        return [] if is_least else self._filling(bounds, found)

    def _around(self, bounds: Bounds, v: int, lots: int) -> list[Bounds]:
        least, most = bounds[v]
        below = max((min(b, lots - 1) for a, b in self._takes[v] if a < lots), default=0)
        above = min((a for a, _ in self._takes[v] if a > lots), default=most + 1)
        more = [_with(bounds, v, (above, most))] if above <= most else []
        less = [_with(bounds, v, (least, below))] if below >= least else []
        return more + less

    def _filling(self, bounds: Bounds, found: Division) -> list[Bounds]:
        """What is left is less than a lot of whoever has more. More of it is taken only where one
        of those gets another lot, for which others get less: a large one first."""
        narrower: list[Bounds] = []
        for v in sorted(range(len(bounds)), key=lambda v: (-self._lot[v], v)):
            (least, most), lots = bounds[v], found.lots[v]
            if lots < most:
                narrower.append(_with(bounds, v, (lots + 1, most)))
                bounds = _with(bounds, v, (least, lots))
        return narrower[::-1]

    def _is_hopeful(self, bounds: Bounds, found: Division) -> bool:
        """May there be something better within these bounds?"""
        least = self._least_left(bounds)
        if least != self.best.left or found.left > least:
            return least <= self.best.left
        return found.rank < self.best.rank

    def _least_left(self, bounds: Bounds) -> int:
        """No division within these bounds leaves less."""
        there = [(most, lot) for (_, most), lot in zip(bounds, self._lot, strict=True) if most]
        within = sum(most * lot for most, lot in there)
        if within < self._qty:
            return self._qty - within
        return self._qty % gcd(*(lot for _, lot in there))

    def _walk(self, bounds: Bounds) -> Division | None:
        """What each is to get at least, and then the cheapest units of all. None where that is more
        than there is to divide."""
        lots = [least for least, _ in bounds]
        passed = list(lots)
        left = self._qty - sum(n * lot for n, lot in zip(lots, self._lot, strict=True))
        if left < 0:
            return None
        rests = cost = 0
        for step, v, _ in self._order:
            before = min(step.lots, passed[v])
            passed[v] -= before
            lot = self._lot[v]
            more = min(step.lots - before, bounds[v][1] - lots[v], left // lot)
            lots[v] += more
            left -= more * lot
            if step.rests:
                rests += (before + more) * lot
            else:
                cost += (before + more) * lot * step.unit_cost
        return Division(tuple(lots), left, (left, rests, cost))

    def _takes_it(self, v: int, lots: int) -> bool:
        return any(a <= lots <= b for a, b in self._takes[v])


def _with(bounds: Bounds, v: int, within: tuple[int, int]) -> Bounds:
    return (*bounds[:v], within, *bounds[v + 1 :])
