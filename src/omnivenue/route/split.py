"""One order over several venues: the cheapest levels first, fees counted.

All books are walked as one, level by level, in the order of what a unit costs there: its price and
the taker's fee. So the last unit taken at each venue costs about the same, and no other split of
the same books is cheaper by more than a lot. What a venue would not take, because it is less than
its minimum, goes to the others: so near a minimum another split may be cheaper, by little.
"""

from collections.abc import Iterator, Sequence

import msgspec

from omnivenue.market import Level
from omnivenue.model import BPS, Instrument, InstrumentID, Lots, Side, Ticks


class Offer(msgspec.Struct, frozen=True, kw_only=True):
    """What one venue has for the order, on the side that it would meet."""

    instrument: Instrument
    levels: tuple[Level, ...]  # best first
    room: int  # atoms of the quantity: the most that the account can pay for there

    def px(self, ticks: Ticks) -> int:
        return self.instrument.px(ticks)


class Leg(msgspec.Struct, frozen=True, kw_only=True):
    """A venue's part of the order."""

    instrument_id: InstrumentID
    qty: int  # atoms, whole lots
    worst_px: int  # quote atoms: the last level that it is expected to meet
    cost: int  # quote atoms with the fee: what a buyer pays at most, a seller gets at least


class Split(msgspec.Struct, frozen=True, kw_only=True):
    legs: tuple[Leg, ...]  # by instrument
    left: int  # atoms that no book has within the limit
    passed_over: tuple[tuple[InstrumentID, str], ...]  # and why


type _Taken = dict[InstrumentID, tuple[int, int, int]]
"""Atoms, the worst price among them, what they cost."""


def split(offers: Sequence[Offer], side: Side, qty: int, limit_px: int | None) -> Split:
    """`qty` atoms at `limit_px` (quote atoms) or better. All offers have the same base and quote,
    and count quantity in the base asset. The result depends on what is offered, not on its order.
    """
    assert qty > 0
    there = {offer.instrument.instrument_id: offer for offer in offers}
    small: list[Offer] = []
    while True:
        taken = _walk([there[name] for name in sorted(there)], side, qty, limit_px)
        less = [name for name in taken if is_too_little(there[name].instrument, *taken[name][:2])]
        if not less:
            break
        small.append(there.pop(min(less, key=lambda name: (taken[name][0], name))))
    taken |= _by_one(small, side, qty - _sum(taken), limit_px)
    too_small = "its part would be less than the minimum there"
    passed_over = {offer.instrument.instrument_id: too_small for offer in small}
    passed_over |= {name: _why_not(offer, limit_px) for name, offer in there.items()}
    passed_over = {name: why for name, why in passed_over.items() if name not in taken}
    legs = tuple(
        Leg(instrument_id=name, qty=atoms, worst_px=worst_px, cost=cost)
        for name, (atoms, worst_px, cost) in sorted(taken.items())
    )
    left = qty - _sum(taken)
    return Split(legs=legs, left=left, passed_over=tuple(sorted(passed_over.items())))


def resting_place(
    offers: Sequence[Offer], qty: int, limit_px: int, *, taken: Split
) -> InstrumentID | None:
    """Where what no book has is to rest: where a maker pays the least, and has the room for it with
    what the venue gets already. None where no venue takes so little."""
    legs = {leg.instrument_id: leg.qty for leg in taken.legs}
    found: list[tuple[int, InstrumentID]] = []
    for offer in offers:
        instrument = offer.instrument
        name = instrument.instrument_id
        whole = legs.get(name, 0) + instrument.atoms(instrument.lots_floor(qty))
        fits = whole <= offer.room and not is_too_little(instrument, whole, limit_px)
        if fits and instrument.lots_floor(qty) > 0:
            found.append((instrument.maker_bps, name))
    return min(found)[1] if found else None


def _walk(offers: Sequence[Offer], side: Side, qty: int, limit_px: int | None) -> _Taken:
    """Cheapest unit first; of two that cost the same the one whose name comes first."""
    taken: _Taken = {}
    left = qty
    for _, offer, px, there in sorted(_levels(offers, side, limit_px), key=lambda level: level[0]):
        instrument = offer.instrument
        name = instrument.instrument_id
        before, _, cost = taken.get(name, (0, 0, 0))
        lots = min(there, instrument.lots_floor(min(left, offer.room - before)))
        if lots <= 0:
            continue
        atoms = instrument.atoms(lots)
        taken[name] = (before + atoms, px, cost + _cost(instrument, side, atoms, px))
        left -= atoms
    return taken


def _by_one(offers: Sequence[Offer], side: Side, qty: int, limit_px: int | None) -> _Taken:
    """What the others have left, from the one that has the most of it: that may be enough for a
    venue whose part was too little beside theirs."""
    found: list[tuple[int, InstrumentID, _Taken]] = []
    for offer in offers:
        name = offer.instrument.instrument_id
        alone = _walk([offer], side, qty, limit_px)
        if alone and not is_too_little(offer.instrument, *alone[name][:2]):
            found.append((-_sum(alone), name, alone))
    return min(found)[2] if found else {}


def _sum(taken: _Taken) -> int:
    return sum(atoms for atoms, _, _ in taken.values())


def _levels(
    offers: Sequence[Offer], side: Side, limit_px: int | None
) -> Iterator[tuple[tuple[int, InstrumentID, int], Offer, int, Lots]]:
    for offer in offers:
        name, fee = offer.instrument.instrument_id, offer.instrument.taker_bps
        for depth, (ticks, lots) in enumerate(offer.levels):
            px = offer.px(ticks)
            if limit_px is None or (px - limit_px) * side.sign <= 0:
                unit_cost = side.sign * px * (BPS + side.sign * fee)
                yield (unit_cost, name, depth), offer, px, lots


def _cost(instrument: Instrument, side: Side, atoms: int, px: int) -> int:
    """A level's amount and its fee, rounded against us."""
    if side is Side.BUY:
        amount = instrument.cost_ceil(atoms, px)
        return amount + -(-amount * instrument.taker_bps // BPS)
    amount = instrument.proceeds_floor(atoms, px)
    return amount - -(-amount * instrument.taker_bps // BPS)


def is_too_little(instrument: Instrument, atoms: int, px: int | None) -> bool:
    """Less than the venue takes of one order. Without a price nobody knows what it is worth."""
    if instrument.lots_floor(atoms) < instrument.min_qty:
        return True
    return px is not None and instrument.notional_floor(atoms, px) < instrument.min_notional


def _why_not(offer: Offer, limit_px: int | None) -> str:
    if not offer.levels:
        return "no depth"
    if offer.instrument.lots_floor(offer.room) <= 0:
        return "the account has nothing to pay with there"
    return "dearer than the others" if limit_px is None else "dearer than the others, or the limit"
