"""What an order is priced at: its limit, the mark, and where the collar is measured from."""

import msgspec

from omnivenue.engine.turn import Turn
from omnivenue.message import Missing, OrderInstructed
from omnivenue.model import SHARE_UNIT, Instrument, Side, Ticks


class Prices(msgspec.Struct, frozen=True, gc=False):
    """In quote atoms per whole base asset."""

    limit_px: int  # never traded beyond: the order's own, or a protection price
    mark_px: int
    reference_px: int  # the collar is measured from here
    hold_px: int
    is_protection: bool  # the limit was made from the collar
    why: str  # there is no price; "" where there is one
    touch_px: int = 0  # of what trades at once: the other side's best


def prices(
    turn: Turn,
    order: OrderInstructed,
    instrument: Instrument,
    px: int | None,
    collar: int,
    *,
    waits: bool,
) -> Prices:
    """A market order's limit is the far touch moved by the collar and rounded inwards: it never
    trades beyond it. What waits for its trigger is measured from its stop price, where the market
    will be by then."""
    limit_px = order.limit_px if px is None else px
    if limit_px is None and not waits:
        return _at_market(turn, order, instrument, collar)
    mark = turn.seen.mark(order.instrument_id)
    is_missing = isinstance(mark, Missing)
    mark_px = 0 if is_missing else instrument.px(mark.px)
    reference_px = order.stop_px if waits and order.stop_px is not None else mark_px
    is_protection = limit_px is None
    if limit_px is None:
        limit_px = protection_px(instrument, order.side, reference_px, collar)
    return Prices(
        limit_px=limit_px,
        mark_px=mark_px,
        reference_px=reference_px,
        hold_px=instrument.hold_px(order.side, limit_px, max(mark_px, reference_px)),
        is_protection=is_protection,
        why=mark.why if is_missing else "",
    )


def protection_px(instrument: Instrument, side: Side, touch: int, collar: int) -> int:
    bound = touch * (SHARE_UNIT + side.sign * collar) // SHARE_UNIT
    return instrument.px(instrument.limit_ticks(side, bound))


def _at_market(turn: Turn, order: OrderInstructed, instrument: Instrument, collar: int) -> Prices:
    top = turn.seen.top(instrument.venue_id, order.instrument_id)
    if isinstance(top, Missing):
        return Prices(0, 0, 0, 0, is_protection=True, why=top.why)
    touch = instrument.px(top.ask if order.side is Side.BUY else top.bid)
    limit_px = protection_px(instrument, order.side, touch, collar)
    mark_px = instrument.px(Ticks((top.bid + top.ask) // 2))
    hold_px = instrument.hold_px(order.side, limit_px, mark_px)
    return Prices(limit_px, mark_px, mark_px, hold_px, True, "", touch)


def within(at: Prices, instrument: Instrument, side: Side, collar: int) -> Prices:
    """With a limit that is no further on the aggressive side than the collar allows."""
    limit_px = protection_px(instrument, side, at.reference_px, collar)
    if at.is_protection or at.reference_px <= 0 or side.sign * (at.limit_px - limit_px) <= 0:
        return at
    hold_px = instrument.hold_px(side, limit_px, at.mark_px)
    return msgspec.structs.replace(at, limit_px=limit_px, hold_px=hold_px)


def short_of(at: Prices, instrument: Instrument, side: Side, own_px: int) -> Prices:
    """With a protection price just short of an order of our own: what the market has before it is
    traded with. As it was, where nothing is."""
    limit_px = instrument.px(instrument.limit_ticks(side, own_px - side.sign))
    if side.sign * (limit_px - at.touch_px) < 0:
        return at
    hold_px = instrument.hold_px(side, limit_px, at.mark_px)
    return msgspec.structs.replace(at, limit_px=limit_px, hold_px=hold_px)
