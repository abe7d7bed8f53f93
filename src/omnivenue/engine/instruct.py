"""A client wants something: accept and start it, or refuse it and say everything that is wrong."""

from omnivenue.engine import breakers
from omnivenue.engine.apply_external import EXTERNAL
from omnivenue.engine.approve import approve
from omnivenue.engine.composite import instruct_composite, stop_composite
from omnivenue.engine.state import State
from omnivenue.engine.timers import arm_expiry, expires_at
from omnivenue.engine.trigger import arm, waits_here
from omnivenue.engine.turn import Turn
from omnivenue.engine.unable import too_late, unable
from omnivenue.engine.work import send, stop
from omnivenue.message import (
    Accept,
    CancelAllInstructed,
    CancelInstructed,
    EndReason,
    OrderInstructed,
    Reason,
    Refuse,
)
from omnivenue.model import OrderID
from omnivenue.oms import Composite, Parent, Request, Unfit, is_composite
from omnivenue.risk import Refused


def instruct(turn: Turn, event: OrderInstructed) -> None:
    if is_composite(event):
        breakers.refused(turn, event, instruct_composite(turn, event))
        return
    order_id = OrderID(event.instruction_id)
    parent = turn.state.parents.get(order_id)
    if parent is None or not is_news(turn, parent):
        return
    instrument = turn.state.instruments[event.instrument_id]
    able = turn.state.venues[instrument.venue_id].capabilities
    unfit = [*unable(able, event), *too_late(turn.at, event)]
    verdict = approve(turn, event, instrument)
    if unfit or isinstance(verdict, Refused):
        reasons = (*unfit, *(verdict.reasons if isinstance(verdict, Refused) else ()))
        turn.emit(Refuse(instruction_id=event.instruction_id, reasons=reasons))
        breakers.refused(turn, event, reasons)
        return
    intent, is_armed = verdict.intent, waits_here(event, able)
    turn.emit(
        Accept(
            order_id=order_id,
            limit_px=intent.limit_px,
            hold_px=intent.hold_px,
            is_armed=is_armed,
            expire_at=expires_at(turn, event),
            value_px=intent.value_px,
        )
    )
    arm_expiry(turn, order_id, parent)
    if is_armed:
        arm(turn, parent, instrument)
    else:
        send(turn, parent, instrument, verdict)


def cancel_instructed(turn: Turn, event: CancelInstructed) -> None:
    request = turn.state.requests.get(event.instruction_id)
    if request is None or not is_news(turn, request):
        return
    order_id = event.order_id
    found = turn.state.parents.get(order_id) or turn.state.composites.get(order_id)
    if found is None or found.is_over:
        turn.emit(Refuse(instruction_id=event.instruction_id, reasons=(has_ended(found),)))
    elif isinstance(found, Composite):
        stop_composite(turn, order_id, event.instruction_id, EndReason.CANCELLED)
    else:
        stop(turn, order_id, event.instruction_id)


def cancel_all_instructed(turn: Turn, event: CancelAllInstructed) -> None:
    request = turn.state.requests.get(event.instruction_id)
    if request is None or not is_news(turn, request):
        return
    stopped: set[OrderID | None] = set()
    for order_id in sorted(turn.state.working):
        if _is_meant(turn.state, event, turn.state.composites[order_id]):
            stop_composite(turn, order_id, event.instruction_id, EndReason.CANCELLED)
            stopped.add(order_id)
    for order_id in sorted(turn.state.live):
        parent = turn.state.parents[order_id]
        if parent.part_of in stopped:
            continue  # with what it is a part of
        order = parent.order
        venue_id = turn.state.instruments[order.instrument_id].venue_id
        if (
            (parent.is_ours or event.strategy_id == EXTERNAL)
            and event.venue_id in (None, venue_id)
            and event.instrument_id in (None, order.instrument_id)
            and event.strategy_id in (None, order.strategy_id)
            and event.account in (None, order.account)
        ):
            stop(turn, order_id, event.instruction_id)


def _is_meant(state: State, event: CancelAllInstructed, composite: Composite) -> bool:
    """A venue or an instrument means what has a part there, or is to have all of them there."""
    order = composite.order
    parts = [state.parents[part_id].order.instrument_id for part_id in composite.live]
    named = {order.instrument_id, *parts}
    venues = {i.partition(":")[0] for i in named}
    return (
        event.venue_id in (None, *venues)
        and event.instrument_id in (None, *named)
        and event.strategy_id in (None, order.strategy_id)
        and event.account in (None, order.account)
    )


def is_news(turn: Turn, received: Parent | Request) -> bool:
    """Else this key has its answer, from an earlier entry."""
    return received.seq == turn.state.seq - 1


def has_ended(parent: Parent | Composite | None) -> Reason:
    if parent is None:
        return Unfit.UNKNOWN.because()
    return Unfit.ENDED.because(value="" if parent.end is None else parent.end.value)
