"""One order over several venues: the cheapest levels first, fees counted.

All books are walked as one, level by level, in the order of what a unit costs there: its price and
the taker's fee. So the last unit taken at each venue costs about the same, and no other split of
the same books is cheaper by more than a lot. No venue gets less than it takes, and as little as can
be is left for that: what it takes to have none is moved from one to another (`division.py`).
"""

from collections.abc import Sequence

import msgspec

from omnivenue.market import Level
from omnivenue.model import BPS, Instrument, InstrumentID, Side, Ticks
from omnivenue.route.division import Effort, Found, Step, Venue, divide, is_too_little

_TOO_SMALL = "its part would be less than the minimum there"


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
    left: int  # atoms that no book has within the limit, or that no venue takes
    why_left: str  # empty where nothing is
    passed_over: tuple[tuple[InstrumentID, str], ...]  # and why


def split(
    offers: Sequence[Offer],
    side: Side,
    qty: int,
    limit_px: int | None,
    rests_at: InstrumentID | None = None,
    effort: Effort | None = None,
) -> Split:
    """`qty` atoms at `limit_px` (quote atoms) or better. All offers have the same base and quote,
    and count quantity in the base asset. The result depends on what is offered, not on its order.
    What no book has rests at `rests_at`, at the limit. `effort`: what this and others may take
    together; without one it has all for itself.
    """
    assert qty > 0
    there = sorted(offers, key=lambda offer: offer.instrument.instrument_id)
    venues = [_venue(offer, side, qty, limit_px, rests_at) for offer in there]
    found = divide(venues, qty, Effort() if effort is None else effort)
    parts = list(zip(venues, found.lots, strict=True))
    return Split(
        legs=tuple(_leg(side, venue, lots) for venue, lots in parts if lots),
        left=found.left,
        why_left=_why_left(parts, found),
        passed_over=tuple(
            (
                offer.instrument.instrument_id,
                _TOO_SMALL if v in found.had_too_little else _why_not(offer, limit_px),
            )
            for v, offer in enumerate(there)
            if not found.lots[v]
        ),
    )


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


def _venue(
    offer: Offer, side: Side, qty: int, limit_px: int | None, rests_at: InstrumentID | None
) -> Venue:
    instrument = offer.instrument
    fee = BPS + side.sign * instrument.taker_bps
    steps: list[Step] = []
    for ticks, lots in offer.levels:
        px = offer.px(ticks)
        if limit_px is None or (px - limit_px) * side.sign <= 0:
            steps.append(Step(side.sign * px * fee, px, lots))
    if limit_px is not None and instrument.instrument_id == rests_at:
        steps.append(Step(0, limit_px, instrument.lots_floor(qty), rests=True))
    return Venue(instrument, tuple(steps), instrument.lots_floor(max(0, min(qty, offer.room))))


def _leg(side: Side, venue: Venue, lots: int) -> Leg:
    instrument = venue.instrument
    left, cost = lots, 0
    for step in venue.steps:
        more = min(left, step.lots)
        left -= more
        if not step.rests:
            cost += _cost(instrument, side, more * instrument.lot, step.px)
    return Leg(
        instrument_id=instrument.instrument_id,
        qty=lots * instrument.lot,
        worst_px=venue.px_of(lots),
        cost=cost,
    )


def _cost(instrument: Instrument, side: Side, atoms: int, px: int) -> int:
    """A level's amount and its fee, rounded against us."""
    if side is Side.BUY:
        amount = instrument.cost_ceil(atoms, px)
        return amount + -(-amount * instrument.taker_bps // BPS)
    amount = instrument.proceeds_floor(atoms, px)
    return amount - -(-amount * instrument.taker_bps // BPS)


def _why_left(parts: Sequence[tuple[Venue, int]], found: Found) -> str:
    if not found.left:
        return ""
    if all(lots == venue.most for venue, lots in parts):
        return "no book has more within the limit, or the account cannot pay for more there"
    if found.is_cut:
        return "no venue takes so little of one order, in any division that was tried"
    return "no venue takes so little of one order, and no other division leaves less"


def _why_not(offer: Offer, limit_px: int | None) -> str:
    if not offer.levels:
        return "no depth"
    if offer.instrument.lots_floor(offer.room) <= 0:
        return "the account has nothing to pay with there"
    return "dearer than the others" if limit_px is None else "dearer than the others, or the limit"
