"""A parent order at work: send, stop, and end when nothing is left to happen."""

from omnivenue.engine.cancel import cancel
from omnivenue.engine.sweep import ask_soon
from omnivenue.engine.turn import Turn
from omnivenue.message import CloseParent, EndReason, NewOrder, ReopenParent, StopParent
from omnivenue.model import (
    SECOND,
    InstructionID,
    Instrument,
    Nanos,
    OrderID,
    OrdType,
    TimeInForce,
    derived_cl_ord_id,
)
from omnivenue.oms import Order, OrdStatus, Parent, Stage, status
from omnivenue.risk import Approved

VALIDITY = Nanos(2 * SECOND)  # how long an order may be on its way to its venue


def send(turn: Turn, parent: Parent, instrument: Instrument, approved: Approved) -> None:
    """One child for all of the order. What is off the lot never came this far."""
    intent, order = approved.intent, parent.order
    order_id = OrderID(order.instruction_id)
    is_market = order.ord_type is OrdType.MARKET
    new = NewOrder(
        cl_ord_id=derived_cl_ord_id(order.account, order_id, len(parent.children)),
        parent_id=order_id,
        account=order.account,
        venue_id=instrument.venue_id,
        instrument_id=intent.instrument_id,
        instrument_version=instrument.version,
        side=intent.side,
        qty=instrument.lots_floor(intent.qty),
        limit_px=instrument.limit_ticks(intent.side, intent.limit_px),
        tif=TimeInForce.IOC if is_market and order.tif is TimeInForce.GTC else order.tif,
        expires_at=Nanos(turn.at + VALIDITY),
    )
    turn.emit(new)
    ask_soon(turn, instrument.venue_id)


def stop(turn: Turn, order_id: OrderID, asked_by: InstructionID) -> None:
    """Cancel what is out. Asked again, it is sent again: a cancel is safe to repeat."""
    parent = turn.state.parents[order_id]
    turn.emit(StopParent(order_id=order_id, instruction_id=asked_by, reason=EndReason.CANCELLED))
    for cl_ord_id in sorted(parent.open):
        cancel(turn, cl_ord_id)
    finish(turn, order_id)


def finish(turn: Turn, order_id: OrderID) -> None:
    """Close the parent when no child can trade any more; open it again when one can after all."""
    parent = turn.state.parents[order_id]
    if parent.open:
        if parent.stage is Stage.CLOSED:
            turn.emit(ReopenParent(order_id=order_id))
    elif not parent.is_over:
        turn.emit(CloseParent(order_id=order_id, reason=_end(turn, parent)))


def _end(turn: Turn, parent: Parent) -> EndReason:
    if parent.unsent <= 0:
        return EndReason.FILLED
    return _end_of_child(turn.state.orders[parent.children[-1]], parent)


def _end_of_child(child: Order, parent: Parent) -> EndReason:
    match status(child):
        case OrdStatus.REJECTED if child.lost:
            return EndReason.LOST_NOT_PLACED
        case OrdStatus.REJECTED if child.withheld:
            return EndReason.NOT_SENT
        case OrdStatus.REJECTED:
            return EndReason.REJECTED
        case OrdStatus.EXPIRED:
            return EndReason.EXPIRED
        case _:
            is_stopped = parent.stage is Stage.STOPPING
            by_its_terms = child.new.tif is not TimeInForce.GTC
            return EndReason.UNFILLED if by_its_terms and not is_stopped else EndReason.CANCELLED
