"""What only reduces a position is never for more than there is of it.

An order is measured when it is accepted; but the position may be closed by others while it rests,
and then it would open one on the other side. So whenever something has traded, what reduces is made
as small as the position: the oldest keep theirs, a bracket's exits count once. They do not grow
again with the position, because it is then another one.
"""

from omnivenue.engine.bracket import size_exits
from omnivenue.engine.reducing import claims, reducible
from omnivenue.engine.turn import Cell, Turn
from omnivenue.engine.work import advance, stop
from omnivenue.message import AmendParent, EndReason, TakeOff
from omnivenue.model import InstructionID, OrderID, Side
from omnivenue.oms import Parent, terms


def shrink(turn: Turn, cell: Cell) -> None:
    """All that reduces the position of one strategy in one instrument."""
    account, strategy_id, instrument_id = cell
    strategies = turn.state.strategy_exposures.get(account, {})
    exposure = strategies.get(strategy_id, {}).get(instrument_id)
    if exposure is None:
        return
    for side, works in ((Side.BUY, exposure.buys), (Side.SELL, exposure.sells)):
        left = max(0, reducible(turn.state, cell, side))
        if works <= left:
            continue
        for claim in claims(turn.state, cell, side):
            allowed = min(claim.reserved, left)
            left -= allowed
            if allowed < claim.reserved:
                _cut(turn, claim.order_id, side, allowed)


def _cut(turn: Turn, order_id: OrderID, side: Side, allowed: int) -> None:
    parent = turn.state.parents[order_id]
    if parent.order.side is not side:
        _cut_exits(turn, order_id, parent, allowed)
        return
    make_smaller(turn, order_id, parent, allowed)


def make_smaller(
    turn: Turn,
    order_id: OrderID,
    parent: Parent,
    allowed: int,
    reason: EndReason = EndReason.NOTHING_LEFT,
) -> None:
    """Until it has no more than `allowed` left to fill, and ended where that is too little, or
    where its venue will not make it smaller: asked again, that would say no again for ever."""
    qty = parent.filled + allowed
    if parent.is_stopped or qty >= parent.qty:
        return  # it has been asked for already, and the venue has not done it yet
    instrument = turn.state.instruments[parent.order.instrument_id]
    is_too_little = instrument.lots_floor(allowed) < max(1, instrument.min_qty)
    if is_too_little or _was_turned_down(turn, parent):
        stop(turn, order_id, InstructionID(""), reason)
        return
    limit_px, hold_px = parent.limit_px, parent.hold_px
    turn.emit(AmendParent(order_id=order_id, qty=qty, limit_px=limit_px, hold_px=hold_px))
    advance(turn, order_id)


def _cut_exits(turn: Turn, entry_id: OrderID, entry: Parent, allowed: int) -> None:
    exits = sum(turn.state.parents[i].filled for i in entry.exits)
    closed = entry.filled - exits - allowed
    if closed > entry.closed:
        turn.emit(TakeOff(order_id=entry_id, closed=closed))
        size_exits(turn, entry_id)


def _was_turned_down(turn: Turn, parent: Parent) -> bool:
    """A venue that will not make it smaller: the order cannot stay. That it would not have another
    price, or more, says nothing of less."""
    children = (turn.state.orders[i] for i in parent.open)
    asked = ((child, child.replaces[-1]) for child in children if child.replaces)
    return any(
        last.qty < terms(child)[0] and last.cl_ord_id in child.rare.request_rejects
        for child, last in asked
    )
