"""What a decision makes of the state, the moment it is made: the next one sees it already."""

from typing import assert_never

from omnivenue.engine.apply_archive import apply_evict
from omnivenue.engine.apply_money import apply_quarantine
from omnivenue.engine.apply_risk import apply_risk
from omnivenue.engine.settle import reserve, settle
from omnivenue.engine.state import State
from omnivenue.message import (
    Accept,
    Alert,
    AmendParent,
    ArmDeadMan,
    ArmTimer,
    ArmWatch,
    AwaitRearm,
    CancelOrder,
    CloseParent,
    Command,
    DeclareLost,
    DisarmTimer,
    DisarmWatch,
    Evict,
    FlagOrder,
    MarkUnknown,
    NewOrder,
    Quarantine,
    QueryOrders,
    Refuse,
    ReleaseQuarantine,
    ReopenParent,
    ReplaceOrder,
    ReworkChild,
    SetMarks,
    SetState,
    StartDay,
    StartOrder,
    StopParent,
    TriggerParent,
)
from omnivenue.model import Nanos, OrderID
from omnivenue.oms import Order, Parent, Stage


def apply_command(state: State, at: Nanos, command: Command) -> None:
    match command:
        case NewOrder():
            assert command.cl_ord_id not in state.orders
            order = state.orders[command.cl_ord_id] = Order(new=command, asked_at=at)
            parent = state.parents[command.parent_id]
            parent.children += (command.cl_ord_id,)
            _tell(state, at, parent, "new_order")
            settle(state, at, order)
        case CancelOrder():
            order = state.orders[command.orig_cl_ord_id]
            order.cancels += (command.cl_ord_id,)
            _tell(state, at, state.parents[order.new.parent_id], "cancel_order")
            settle(state, at, order)
        case QueryOrders():
            state.venues[command.venue_id].queries += 1
            for cl_ord_id in command.cl_ord_ids:
                state.orders[cl_ord_id].asked_at = at
        case Accept() | StopParent() | CloseParent() | ReopenParent():
            _parent(state, at, command)
        case Refuse():
            _refuse(state, at, command)
        case MarkUnknown():
            order = state.orders[command.cl_ord_id]
            order.doubted = True
            _tell(state, at, state.parents[order.new.parent_id], "mark_unknown")
        case DeclareLost():
            order = state.orders[command.cl_ord_id]
            order.lost = True
            _tell(state, at, state.parents[order.new.parent_id], "declare_lost")
            settle(state, at, order)
        case FlagOrder():
            state.orders[command.cl_ord_id].flagged += (command.anomaly,)
        case ArmTimer() | DisarmTimer() | ArmWatch() | DisarmWatch():
            _wait(state, command)
        case ReplaceOrder() | StartOrder() | AmendParent() | TriggerParent() | ReworkChild():
            raise NotImplementedError(command)
        case SetState() | AwaitRearm() | SetMarks() | StartDay():
            apply_risk(state, at, command)
        case Quarantine() | ReleaseQuarantine():
            apply_quarantine(state, at, command)
        case Evict():
            apply_evict(state, command)
        case Alert() | ArmDeadMan():
            pass
        case _:
            assert_never(command)


def _wait(state: State, command: ArmTimer | DisarmTimer | ArmWatch | DisarmWatch) -> None:
    match command:
        case ArmTimer(timer=timer):
            state.timers[timer.timer_id] = timer
        case DisarmTimer(timer_id=timer_id):
            del state.timers[timer_id]
        case ArmWatch(watch=watch):
            state.watches[watch.watch_id] = watch
        case DisarmWatch(watch_id=watch_id):
            del state.watches[watch_id]


def _tell(state: State, at: Nanos, parent: Parent, what: str) -> None:
    parent.timeline.append((state.seq - 1, at, what))  # the entry of the event that led here


def _parent(
    state: State, at: Nanos, command: Accept | StopParent | CloseParent | ReopenParent
) -> None:
    parent = state.parents[command.order_id]
    match command:
        case Accept(limit_px=limit_px, hold_px=hold_px):
            parent.stage, parent.limit_px, parent.hold_px = Stage.WORKING, limit_px, hold_px
            _tell(state, at, parent, "accept")
        case StopParent(reason=reason):
            parent.stage, parent.end, parent.is_stopped = Stage.STOPPING, reason, True
            request = state.requests.get(command.instruction_id)
            if request is not None:
                request.targets += (command.order_id,)
        case CloseParent(reason=reason):
            parent.stage, parent.end = Stage.CLOSED, reason
            _tell(state, at, parent, reason.value)
        case ReopenParent():
            parent.stage = Stage.STOPPING if parent.is_stopped else Stage.WORKING
            parent.end = None
            _tell(state, at, parent, "reopened")
    parent.updated_at = at
    reserve(state, parent)


def _refuse(state: State, at: Nanos, command: Refuse) -> None:
    request = state.requests.get(command.instruction_id)
    if request is not None:
        request.reasons = command.reasons
        return
    parent = state.parents[OrderID(command.instruction_id)]
    parent.stage, parent.reasons, parent.updated_at = Stage.REFUSED, command.reasons, at
    _tell(state, at, parent, "refuse")
