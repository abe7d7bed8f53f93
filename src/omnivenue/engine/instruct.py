"""A client wants something: accept and start it, or refuse it and say everything that is wrong."""

from omnivenue.engine.approve import approve
from omnivenue.engine.turn import Turn
from omnivenue.engine.work import send, stop
from omnivenue.message import (
    Accept,
    CancelAllInstructed,
    CancelInstructed,
    OrderInstructed,
    Reason,
    Refuse,
)
from omnivenue.model import OrderID
from omnivenue.oms import Parent, Request
from omnivenue.risk import Approved, Refused


def instruct(turn: Turn, event: OrderInstructed) -> None:
    order_id = OrderID(event.instruction_id)
    parent = turn.state.parents.get(order_id)
    if parent is None or not _is_news(turn, parent):
        return
    instrument = turn.state.instruments[event.instrument_id]
    match approve(turn, event, instrument):
        case Refused(reasons=reasons):
            turn.emit(Refuse(instruction_id=event.instruction_id, reasons=reasons))
        case Approved() as approved:
            intent = approved.intent
            turn.emit(Accept(order_id=order_id, limit_px=intent.limit_px, hold_px=intent.hold_px))
            send(turn, parent, instrument, approved)


def cancel_instructed(turn: Turn, event: CancelInstructed) -> None:
    request = turn.state.requests.get(event.instruction_id)
    if request is None or not _is_news(turn, request):
        return
    parent = turn.state.parents.get(event.order_id)
    if parent is None or parent.is_over:
        text = "no such order" if parent is None else "the order has ended"
        value = "" if parent is None or parent.end is None else parent.end.value
        reason = Reason(code="ORD-001", message=text, value=value)
        turn.emit(Refuse(instruction_id=event.instruction_id, reasons=(reason,)))
    else:
        stop(turn, event.order_id, event.instruction_id)


def cancel_all_instructed(turn: Turn, event: CancelAllInstructed) -> None:
    request = turn.state.requests.get(event.instruction_id)
    if request is None or not _is_news(turn, request):
        return
    working = {
        turn.state.orders[cl_ord_id].new.parent_id
        for venue_id, venue in turn.state.venues.items()
        if event.venue_id in (None, venue_id)
        for cl_ord_id in venue.open
    }
    for order_id in sorted(working):
        order = turn.state.parents[order_id].order
        if (
            event.instrument_id in (None, order.instrument_id)
            and event.strategy_id in (None, order.strategy_id)
            and event.account in (None, order.account)
        ):
            stop(turn, order_id, event.instruction_id)


def _is_news(turn: Turn, received: Parent | Request) -> bool:
    """Else this key has its answer, from an earlier entry."""
    return received.seq == turn.state.seq - 1
