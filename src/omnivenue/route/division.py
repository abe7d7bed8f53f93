"""How a quantity is divided over venues, each of which takes nothing or at least a minimum.

The cheapest units are taken first, as if nobody had a minimum. Where a venue's part comes out as
what it does not take, there are two ways on: it gets at most what it would take below that, which
may be nothing, or at least what it would take above. Each is divided again within those bounds, and
what can be no better than the best so far is left: so a division that leaves nothing is found where
there is one, and of those the cheapest (where lots differ, but for what lies within one). The
search has a limit; it is told when that was reached.
"""

from bisect import bisect_left
from collections.abc import Iterator, Sequence
from math import gcd

import msgspec

from omnivenue.model import Instrument, Lots

EFFORT = 1 << 16
"""For one order, in what it takes to look at a step of a venue, in each division anew: some ten
milliseconds of the loop that trades. Hundreds of divisions of a handful of venues."""

VENUE, READY = 4, 8
"""A venue takes as much as so many of its steps, and to begin as much as so many divisions."""


class Effort(msgspec.Struct):
    """What all divisions of one order together may take yet. Each that is asked for has half of it,
    so that there is something for the next."""

    left: int = EFFORT

    @property
    def is_spent(self) -> bool:
        return self.left <= 0


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
            if first <= last and self._is_enough(last, step.px):
                yield self._least_enough(first, last, step.px), last
            below += step.lots

    def cost(self, lots: int) -> tuple[int, int]:
        """Atoms that rest, and what the others cost."""
        rests = cost = 0
        for step in self.steps:
            if lots <= 0:
                break
            atoms = min(lots, step.lots) * self.instrument.lot
            if step.rests:
                rests += atoms
            else:
                cost += atoms * step.unit_cost
            lots -= step.lots
        return rests, cost

    def _least_enough(self, first: int, last: int, px: int) -> int:
        """`last` is enough."""
        if self._is_enough(first, px):
            return first
        counts = range(first, last)
        return first + bisect_left(counts, True, key=lambda lots: self._is_enough(lots, px))

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


def divide(venues: Sequence[Venue], qty: int, effort: Effort) -> Found:
    """`qty` in atoms. Of two that cost the same the venue that comes first gets it."""
    search = _Search(venues, qty)
    search.run(effort)
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
        every.sort(key=lambda e: (e[0].rests, e[0].unit_cost, e[1], e[2]))
        self._venues = venues
        self._order: list[tuple[int, int]] = []  # venues, and what each has up to the end of a step
        upto = [0] * len(venues)
        for step, v, _ in every:
            upto[v] += step.lots
            self._order.append((v, upto[v]))

    def run(self, effort: Effort) -> None:
        waiting: list[Bounds] = [self._whole]
        each = len(self._order) + VENUE * len(self._venues)
        effort.left -= READY * each
        until = max(0, effort.left // 2)
        while waiting and effort.left > until:
            effort.left -= each
            bounds = waiting.pop()
            found = self._walk(bounds)
            if found is not None and self._is_hopeful(bounds, found):
                waiting += self._narrower(bounds, found)
        self.is_cut = bool(waiting)
        if self.is_cut and not any(self.best.lots):
            self.best = self._any()

    def _any(self) -> Division:
        """In a few divisions more: each time the smaller half of what is too little is less."""
        bounds = self._whole
        while True:
            found = self._walk(bounds)
            assert found is not None
            odd = self._odd(found)
            if not odd:
                return found
            for v in odd[: (len(odd) + 1) // 2]:
                bounds = _with(bounds, v, (0, self._below(v, found.lots[v])))

    def _narrower(self, bounds: Bounds, found: Division) -> list[Bounds]:
        """What else there is, the last one to be tried first."""
        if odd := self._odd(found):
            return self._around(bounds, odd[0], found.lots[odd[0]])
        if found.rank < self.best.rank:
            self.best = found
        is_least = self.best.left <= self._least_left(bounds)
        return [] if is_least else self._filling(bounds, found)

    def _odd(self, found: Division) -> list[int]:
        """Whose parts are not what they take, the smallest first."""
        odd = [v for v, lots in enumerate(found.lots) if lots and not self._takes_it(v, lots)]
        self.small.update(odd)
        return sorted(odd, key=lambda v: (found.lots[v] * self._lot[v], v))

    def _around(self, bounds: Bounds, v: int, lots: int) -> list[Bounds]:
        least, most = bounds[v]
        below = self._below(v, lots)
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
        left = self._qty - sum(n * lot for n, lot in zip(lots, self._lot, strict=True))
        if left < 0:
            return None
        for v, upto in self._order:
            more = min(upto, bounds[v][1]) - lots[v]
            if more > 0:
                more = min(more, left // self._lot[v])
                lots[v] += more
                left -= more * self._lot[v]
                if not left:
                    break
        costs = [venue.cost(n) for venue, n in zip(self._venues, lots, strict=True) if n]
        rests, cost = sum(rests for rests, _ in costs), sum(cost for _, cost in costs)
        return Division(tuple(lots), left, (left, rests, cost))

    def _below(self, v: int, lots: int) -> int:
        """The most that it takes of less."""
        return max((min(b, lots - 1) for a, b in self._takes[v] if a < lots), default=0)

    def _takes_it(self, v: int, lots: int) -> bool:
        return any(a <= lots <= b for a, b in self._takes[v])


def _with(bounds: Bounds, v: int, within: tuple[int, int]) -> Bounds:
    return (*bounds[:v], within, *bounds[v + 1 :])
