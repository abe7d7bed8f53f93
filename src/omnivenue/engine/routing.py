"""Which venues a composite's next parts go to: what the books say, what the account can pay for,
and what risk lets through there."""

from math import gcd

from msgspec.structs import replace

from omnivenue.engine.approve import approve
from omnivenue.engine.state import State, VenueStatus
from omnivenue.engine.turn import Turn
from omnivenue.engine.unable import unable
from omnivenue.ledger import free
from omnivenue.message import EndReason, Missing, OrderInstructed, Reason, Route, RoutedLeg
from omnivenue.model import (
    Atoms,
    InstructionID,
    Instrument,
    InstrumentID,
    Lots,
    OrderID,
    Side,
)
from omnivenue.oms import Composite
from omnivenue.risk import Approved, Refused, Rule
from omnivenue.route import Effort, Offer, Split, candidates, is_too_little, resting_place, split

_NOT_AGAIN = frozenset(
    {
        EndReason.REJECTED,
        EndReason.REFUSED,
        EndReason.CANCELLED,
        EndReason.KILLED,
        EndReason.HALTED,
        EndReason.REDUCE_ONLY,
        EndReason.NOTHING_LEFT,
    }
)
"""How a part ended at a venue that this slice no longer goes to."""

_OF_SIZE = frozenset(
    rule.code
    for rule in (
        Rule.ORDER_QTY,
        Rule.ORDER_NOTIONAL,
        Rule.POSITION_QTY,
        Rule.POSITION_NOTIONAL,
        Rule.TOTAL_NOTIONAL,
        Rule.GROSS_NOTIONAL,
        Rule.LEVERAGE,
        Rule.CASH,
        Rule.REDUCE_ONLY,
        Rule.STATE_REDUCE_ONLY,
    )
)
"""What a smaller part may be let through by."""

_NOT_AGAIN_AT_REST = _NOT_AGAIN | {EndReason.EXPIRED}
"""Where it was to rest there, and its venue would not have that."""


def instruments_for(state: State, order: OrderInstructed) -> list[Instrument]:
    return candidates(state.instruments, order.instrument_id, order.candidates)


def plan(turn: Turn, composite: Composite, qty: int) -> Route:
    """Where `qty` atoms go. What risk refuses at one venue, or the part of it that it refuses, goes
    to the others."""
    order = composite.order
    there = {i.instrument_id: i for i in instruments_for(turn.state, order)}
    refused = {name: why for name, why in _avoided(turn.state, composite).items() if name in there}
    rooms: dict[InstrumentID, int] = {}  # where risk lets less through than the book has
    limited: dict[InstrumentID, str] = {}
    effort = Effort()
    while True:
        looked = {n: _look(turn, order, qty, i) for n, i in there.items() if n not in refused}
        offers = [_within(each, rooms) for each in looked.values() if isinstance(each, Offer)]
        found = _divided(order, offers, qty, effort)
        legs = _legs(found)
        news = [(leg, why) for leg in legs if (why := _refusal(turn, composite, leg))]
        if not news:
            break
        for leg, reasons in news:
            name, why = leg.instrument_id, ", ".join(dict.fromkeys(r.message for r in reasons))
            is_too_much = name not in rooms and all(r.code in _OF_SIZE for r in reasons)
            if is_too_much and (most := _most(turn, composite, leg)):
                rooms |= {name: most}
                limited |= {name: f"no more than that there: {why}"}
            else:
                refused |= {name: why}
    legged = {leg.instrument_id for leg in legs}
    dearer = {name: why for name, why in found.passed_over if name not in legged}
    unfit = {name: why for name, why in looked.items() if isinstance(why, str)}
    passed_over = unfit | dearer | limited | refused
    return Route(
        order_id=OrderID(order.instruction_id),
        qty=qty,
        legs=legs,
        passed_over=tuple(sorted(passed_over.items())),
        left=found.left,
        why_left=found.why_left,
    )


def may_go_later(state: State, composite: Composite, qty: int) -> bool:
    """Is there a venue that would take so much, once it can? None of those where a part has ended
    for good; and what only reduces is not kept for a position that may come."""
    order = composite.order
    if order.reduce_only:
        return False
    avoided, px = _avoided(state, composite), order.limit_px
    return any(
        i.instrument_id not in avoided and not is_too_little(i, qty, px)
        for i in instruments_for(state, order)
        if not unable(state.venues[i.venue_id].capabilities, order)
    )


def is_closed_everywhere(state: State, order: OrderInstructed) -> bool:
    """Nobody could be asked, of those that there are."""
    there = [state.venues[i.venue_id].status for i in instruments_for(state, order)]
    return bool(there) and VenueStatus.OPEN not in there


def approve_part(
    turn: Turn, composite: Composite, leg: RoutedLeg
) -> tuple[OrderInstructed, Approved | Refused]:
    """A leg as the next part, and what risk says of it."""
    order = _part(composite, len(composite.parts), leg)
    verdict = approve(
        turn,
        order,
        turn.state.instruments[leg.instrument_id],
        qty=leg.qty,
        px=order.limit_px,
        reserved=composite.reserved,
    )
    return order, verdict


def _part(composite: Composite, number: int, leg: RoutedLeg) -> OrderInstructed:
    """One leg as an order. No client's key has a tilde in it."""
    order = composite.order
    return replace(
        order,
        instruction_id=InstructionID(f"{order.instruction_id}~{number}"),
        body_hash="",
        instrument_id=leg.instrument_id,
        qty=Atoms(leg.qty),
        candidates=(),
        algo=None,
    )


def _avoided(state: State, composite: Composite) -> dict[InstrumentID, str]:
    """Where a part of this slice has ended so that another would end alike."""
    parts = (state.parents[part_id] for part_id in composite.parts[composite.slice_from :])
    not_again = _NOT_AGAIN_AT_REST if composite.order.tif.rests else _NOT_AGAIN
    return {
        each.order.instrument_id: f"the part before was {each.end.value} there"
        for each in parts
        if each.end in not_again
    }


def _look(turn: Turn, order: OrderInstructed, qty: int, instrument: Instrument) -> Offer | str:
    """What a venue has for the order, or why nothing."""
    venue = turn.state.venues[instrument.venue_id]
    if venue.status is not VenueStatus.OPEN:
        return "the venue is not open"
    if unfit := unable(venue.capabilities, order):
        return ", ".join(f"{reason.message}: {reason.value}" for reason in unfit)
    lots = instrument.lots_floor(qty)
    if lots <= 0:
        return "less than a lot there"
    depth = turn.seen.depth(instrument.venue_id, instrument.instrument_id, order.side, lots)
    if isinstance(depth, Missing):
        return depth.why
    levels = () if order.post_only else depth.levels
    return Offer(instrument=instrument, levels=levels, room=_room(turn, order, instrument, qty))


def _room(turn: Turn, order: OrderInstructed, instrument: Instrument, qty: int) -> int:
    """The most that what is free there pays for, by the order's limit. Risk looks once more, and
    exactly; of a derivative it alone does, since margin is no price."""
    if not instrument.is_spot:
        return qty
    there = free(order.account, instrument.venue_id)
    has = turn.state.ledger.balance(there, instrument.spends(order.side))
    if order.side is Side.SELL:
        return max(0, has)
    mark = turn.seen.mark(instrument.instrument_id)
    px = order.limit_px or (0 if isinstance(mark, Missing) else instrument.px(mark.px))
    whole = instrument.hold_ceil(Side.BUY, instrument.lot, px) if px else 0
    return has // whole * instrument.lot if whole else 0


def _within(offer: Offer, rooms: dict[InstrumentID, int]) -> Offer:
    room = rooms.get(offer.instrument.instrument_id, offer.room)
    return offer if room >= offer.room else replace(offer, room=room)


def _most(turn: Turn, composite: Composite, leg: RoutedLeg) -> int:
    """Atoms that risk lets through of a leg that it has refused. Found by halving, since it only
    says yes or no; 0 where it says no to all sizes."""
    instrument = turn.state.instruments[leg.instrument_id]
    good, bad = Lots(0), instrument.lots_floor(leg.qty)
    while bad - good > 1:
        lots = Lots((good + bad) // 2)
        if _refusal(turn, composite, replace(leg, qty=instrument.atoms(lots))):
            bad = lots
        else:
            good = lots
    return instrument.atoms(good)


def _divided(order: OrderInstructed, offers: list[Offer], qty: int, effort: Effort) -> Split:
    """What no book has rests, if it may: where that is cheapest, or else where it leaves least,
    though other parts may be smaller for it."""
    side, px = order.side, order.limit_px
    best = split(offers, side, qty, px, effort=effort)
    if px is None or not (order.tif.rests and offers and best.left):
        return best
    first = resting_place(offers, best.left, px, taken=best)
    least = qty % gcd(*(offer.instrument.lot for offer in offers))
    for name in _resting_places(offers, first):
        found = split(offers, side, qty, px, rests_at=name, effort=effort)
        if found.left < best.left:
            best = found
        if best.left <= least or effort.is_spent:
            break
    return best


def _resting_places(offers: list[Offer], first: InstrumentID | None) -> list[InstrumentID]:
    """`first`, and then those where a maker pays the least."""
    there = [(o.instrument.maker_bps, o.instrument.instrument_id) for o in offers]
    return [name for _, name in sorted(there, key=lambda each: (each[1] != first, each))]


def _legs(found: Split) -> tuple[RoutedLeg, ...]:
    return tuple(
        RoutedLeg(instrument_id=leg.instrument_id, qty=leg.qty, px=leg.worst_px, cost=leg.cost)
        for leg in found.legs
    )


def _refusal(turn: Turn, composite: Composite, leg: RoutedLeg) -> tuple[Reason, ...]:
    _, verdict = approve_part(turn, composite, leg)
    return verdict.reasons if isinstance(verdict, Refused) else ()
