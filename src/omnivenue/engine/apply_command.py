"""What a decision makes of the state, the moment it is made: the next one sees it already."""

from omnivenue.engine.apply_archive import apply_evict
from omnivenue.engine.apply_composite import apply_composite
from omnivenue.engine.apply_held import apply_quarantine
from omnivenue.engine.apply_parent import change_parent, refuse, start_exit
from omnivenue.engine.apply_risk import apply_risk, asked, cancelled, is_watched, sent
from omnivenue.engine.settle import settle
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
    TakeOff,
    TriggerParent,
)
from omnivenue.model import Nanos
from omnivenue.oms import Order


def apply_command(state: State, at: Nanos, command: Command) -> None:
    match command:  # what each order needs stands first
        case NewOrder():
            _new_order(state, at, command)
        case Accept() | CloseParent() | StopParent() | AmendParent():
            change_parent(state, at, command)
        case CancelOrder():
            order = state.orders[command.orig_cl_ord_id]
            order.cancels += (command.cl_ord_id,)
            cancelled(state, at, order)
            state.parents[order.new.parent_id].tell(state.seq - 1, at, "cancel_order")
            settle(state, at, order)
        case ReplaceOrder():
            _replace_order(state, at, command)
        case Refuse():
            refuse(state, at, command)
        case ArmTimer() | DisarmTimer() | ArmWatch() | DisarmWatch():
            _wait(state, command)
        case QueryOrders():
            state.venues[command.venue_id].queries += 1
            asked(state, at, command)
            for cl_ord_id in command.cl_ord_ids:
                state.orders[cl_ord_id].asked_at = at
        case TakeOff() | TriggerParent() | ReopenParent():
            change_parent(state, at, command)
        case StartOrder():
            start_exit(state, at, command)
        case MarkUnknown():
            order = state.orders[command.cl_ord_id]
            order.doubted = True
            state.parents[order.new.parent_id].tell(state.seq - 1, at, "mark_unknown")
        case DeclareLost():
            order = state.orders[command.cl_ord_id]
            order.lost = True
            state.parents[order.new.parent_id].tell(state.seq - 1, at, "declare_lost")
            settle(state, at, order)
        case FlagOrder():
            order = state.orders[command.cl_ord_id]
            order.note(flagged=(*order.rare.flagged, command.anomaly))
        case ReworkChild(cl_ord_id=cl_ord_id):
            state.orders[cl_ord_id].note(is_reworked=True)
        case SetState() | AwaitRearm() | SetMarks() | StartDay():
            apply_risk(state, at, command)
        case Quarantine() | ReleaseQuarantine():
            apply_quarantine(state, at, command)
        case Evict():
            apply_evict(state, at, command)
        case Alert() | ArmDeadMan():
            pass
        case _:
            apply_composite(state, at, command)


def _wait(state: State, command: ArmTimer | DisarmTimer | ArmWatch | DisarmWatch) -> None:
    match command:
        case ArmTimer(timer=timer):
            state.timers[timer.timer_id] = timer
        case DisarmTimer(timer_id=timer_id):
            del state.timers[timer_id]
        case ArmWatch(watch=watch):
            state.watches[watch.watch_id] = watch
            state.marks_due |= is_watched(state)
        case DisarmWatch(watch_id=watch_id):
            del state.watches[watch_id]


def _new_order(state: State, at: Nanos, new: NewOrder) -> None:
    assert new.cl_ord_id not in state.orders
    parent = state.parents[new.parent_id]
    order = Order(new=new, asked_at=at, hold_px=parent.hold_px)
    state.orders[new.cl_ord_id] = order
    parent.children += (new.cl_ord_id,)
    sent(state, at, new)
    parent.tell(state.seq - 1, at, "new_order")
    settle(state, at, order)


def _replace_order(state: State, at: Nanos, command: ReplaceOrder) -> None:
    """What was in force until now may stay so: the hold is at the worse of both."""
    order = state.orders[command.orig_cl_ord_id]
    assert command.version == len(order.replaces) + 1
    order.replaces += (command,)
    parent = state.parents[order.new.parent_id]
    parent.tell(state.seq - 1, at, "replace_order")
    settle(state, at, order)
