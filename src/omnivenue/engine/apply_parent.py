"""What a decision makes of a parent order."""

from typing import assert_never

from omnivenue.engine.apply_archive import retire
from omnivenue.engine.apply_composite import part_went
from omnivenue.engine.apply_live import go, go_live
from omnivenue.engine.apply_risk import accepted, messaged
from omnivenue.engine.settle import reserve, settle
from omnivenue.engine.state import State
from omnivenue.message import (
    Accept,
    AmendParent,
    CloseParent,
    EndReason,
    Refuse,
    ReopenParent,
    StartOrder,
    StopParent,
    TakeOff,
    TriggerParent,
)
from omnivenue.model import Nanos, OrderID
from omnivenue.oms import Parent, Stage

type AboutParent = (
    Accept | CloseParent | AmendParent | TakeOff | TriggerParent | StopParent | ReopenParent
)


def change_parent(state: State, at: Nanos, command: AboutParent) -> None:
    parent = state.parents[command.order_id]
    match command:
        case Accept(limit_px=limit_px, hold_px=hold_px):
            parent.stage = Stage.ARMED if command.is_armed else Stage.WORKING
            parent.limit_px, parent.hold_px = limit_px, hold_px
            parent.expire_at = command.expire_at
            go_live(state, command.order_id, parent)
            accepted(state, at, parent.order, command.value_px)
            parent.tell(state.seq - 1, at, "accept")
        case CloseParent(reason=reason):
            parent.stage, parent.end = Stage.CLOSED, reason
            parent.end_reasons = command.reasons
            go(state, command.order_id, parent)
            if parent.part_of is None:
                retire(state, at, command.order_id)
            else:  # it leaves with what it is a part of
                part_went(state, at, parent, command.order_id, is_live=False)
            parent.tell(state.seq - 1, at, reason.value)
            parent.pack()
        case StopParent(reason=reason):
            parent.stage, parent.end, parent.is_stopped = Stage.STOPPING, reason, True
            parent.is_rival |= reason is EndReason.OCO and parent.entry_id is None
            request = state.requests.get(command.instruction_id)
            if request is not None:
                request.targets += (command.order_id,)
        case AmendParent():
            _amend(state, at, parent, command)
        case TriggerParent(limit_px=limit_px, hold_px=hold_px):
            parent.stage, parent.is_triggered = Stage.WORKING, True
            parent.limit_px, parent.hold_px = limit_px, hold_px
            parent.tell(state.seq - 1, at, "trigger")
        case TakeOff(closed=closed):
            parent.closed = closed
            parent.tell(state.seq - 1, at, "take_off")
        case ReopenParent():
            _reopen(state, command.order_id, parent)
            if parent.part_of is not None:
                part_went(state, at, parent, command.order_id, is_live=True)
            parent.tell(state.seq - 1, at, "reopened")
        case _:
            assert_never(command)
    parent.updated_at = at
    reserve(state, parent)


def start_exit(state: State, at: Nanos, command: StartOrder) -> None:
    """An exit joins its entry."""
    order_id = OrderID(command.order.instruction_id)
    parent = state.parents[order_id] = Parent(
        order=command.order,
        told=[state.seq - 1, at, "start_order"],
        updated_at=at,
        stage=Stage.ARMED if command.is_armed else Stage.WORKING,
        qty=command.order.qty,
        limit_px=command.order.limit_px or 0,
        hold_px=command.order.limit_px or 0,
        entry_id=command.entry_id,
    )
    state.parents[command.entry_id].exits += (order_id,)
    go_live(state, order_id, parent)
    reserve(state, parent)


def _amend(state: State, at: Nanos, parent: Parent, command: AmendParent) -> None:
    parent.qty, parent.limit_px, parent.hold_px = command.qty, command.limit_px, command.hold_px
    request = None if command.instruction_id is None else state.requests.get(command.instruction_id)
    if request is not None:
        request.targets += (command.order_id,)
        parent.tell(state.seq - 1, at, "amend")
        messaged(state, at, parent.order)
    for cl_ord_id in parent.open:  # what is in force until it is replaced still holds
        settle(state, at, state.orders[cl_ord_id])


def _reopen(state: State, order_id: OrderID, parent: Parent) -> None:
    is_waiting = parent.order.ord_type.is_triggered and not (parent.is_triggered or parent.children)
    parent.stage = Stage.ARMED if is_waiting else Stage.WORKING
    if parent.is_stopped:
        parent.stage = Stage.STOPPING
    parent.end = None
    go_live(state, order_id, parent)


def refuse(state: State, at: Nanos, command: Refuse) -> None:
    request = state.requests.get(command.instruction_id)
    if request is not None:
        request.reasons = command.reasons
        return
    order_id = OrderID(command.instruction_id)
    composite = state.composites.get(order_id)
    if composite is not None:
        composite.stage, composite.reasons = Stage.REFUSED, command.reasons
        retire(state, at, command.instruction_id)
        composite.tell(state.seq - 1, at, "refuse")
        return
    parent = state.parents[order_id]
    parent.stage, parent.reasons, parent.updated_at = Stage.REFUSED, command.reasons, at
    go(state, order_id, parent)
    retire(state, at, command.instruction_id)
    parent.tell(state.seq - 1, at, "refuse")
    reserve(state, parent)
