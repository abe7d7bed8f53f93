"""The system in one function. Read this first.

No clock, no network, no randomness, no logging, no await. `at` is the only time there is, and
`seen` the only market. The same state, time, event and answers give the same commands, on every
machine, for ever.
"""

from typing import assert_never

from omnivenue.engine import breakers
from omnivenue.engine.amend import replace_instructed
from omnivenue.engine.apply_event import apply_event
from omnivenue.engine.composite import go_on, pause_instructed, slice_due
from omnivenue.engine.curb import may_curb
from omnivenue.engine.dead_man import arm_dead_man, dead_man_due
from omnivenue.engine.evict import evict_due, look_after_evictions
from omnivenue.engine.expire import expire_due
from omnivenue.engine.follow import follow
from omnivenue.engine.instruct import cancel_all_instructed, cancel_instructed, instruct
from omnivenue.engine.kill import rearm_asked, rearm_when_reconciled, state_set
from omnivenue.engine.marks import look_after_marks, mark_due
from omnivenue.engine.money import adjustment_instructed, funding_paid, held_reported
from omnivenue.engine.report import flag_and_finish
from omnivenue.engine.state import State
from omnivenue.engine.sweep import status_reported, sweep, venue_up
from omnivenue.engine.trigger import watch_fired
from omnivenue.engine.turn import Turn
from omnivenue.engine.work import advance
from omnivenue.market import Seen
from omnivenue.message import (
    AccountOpened,
    AdjustmentInstructed,
    Alert,
    CancelAllInstructed,
    CancelInstructed,
    CancelRejected,
    Command,
    DeadManDue,
    Deposited,
    DisarmTimer,
    Event,
    EvictDue,
    ExecType,
    ExecutionReport,
    ExpireDue,
    FundingPaid,
    InstrumentsListed,
    LimitsSet,
    MarkDue,
    NotSent,
    Opened,
    OrderInstructed,
    OrderRecalled,
    PauseInstructed,
    RearmAsked,
    ReconcileDue,
    ReplaceInstructed,
    RetryDue,
    SliceDue,
    StateSet,
    StatusReport,
    TimerFired,
    VenueDown,
    VenueListed,
    VenueUp,
    WatchFired,
)
from omnivenue.model import Nanos

DECISION_VERSION = 8
"""Raised whenever the same events would be decided upon otherwise."""


def step(state: State, at: Nanos, event: Event, seen: Seen) -> list[Command]:
    apply_event(state, at, event)
    turn = Turn(state, at, seen, curbs=bool(state.stopped) and may_curb(state, event))
    _decide(turn, event)
    if turn.touched or turn.moved:
        follow(turn)
    if type(event) is not Opened:  # a start decides nothing, however long we were away
        look_after_marks(turn)
        look_after_evictions(turn)
    return turn.commands


def _decide(turn: Turn, event: Event) -> None:
    match event:
        case ExecutionReport():  # first, because there are the most of them
            flag_and_finish(turn, event.cl_ord_id)
            if event.exec_type is ExecType.REJECTED:
                breakers.rejected(turn, event.cl_ord_id)
        case OrderInstructed():
            instruct(turn, event)
        case NotSent(cl_ord_id=cl_ord_id) | CancelRejected(orig_cl_ord_id=cl_ord_id):
            flag_and_finish(turn, cl_ord_id)
        case StatusReport():
            status_reported(turn, event)
            named = [*(r.cl_ord_id for r in event.reports), *(o.cl_ord_id for o in event.orders)]
            for cl_ord_id in dict.fromkeys((*named, *event.not_found)):  # each once, in its order
                flag_and_finish(turn, cl_ord_id)
            held_reported(turn, event)
            breakers.answered(turn, event.venue_id)
            rearm_when_reconciled(turn, event)
        case TimerFired(timer_id=timer_id):
            _timer_fired(turn, timer_id)
        case WatchFired():
            watch_fired(turn, event)
        case ReplaceInstructed():
            replace_instructed(turn, event)
        case AdjustmentInstructed():
            adjustment_instructed(turn, event)
        case StateSet():
            state_set(turn, event)
        case RearmAsked():
            rearm_asked(turn, event)
        case CancelInstructed():
            cancel_instructed(turn, event)
        case CancelAllInstructed():
            cancel_all_instructed(turn, event)
        case PauseInstructed():
            pause_instructed(turn, event)
        case VenueUp(venue_id=venue_id):
            venue_up(turn, venue_id)
            arm_dead_man(turn, venue_id)
        case VenueDown(venue_id=venue_id, why=why):
            turn.emit(Alert(topic="venue down", about=f"{venue_id}: {why}"))
        case (
            InstrumentsListed()
            | VenueListed()
            | LimitsSet()
            | AccountOpened()
            | Deposited()
            | Opened()
            | OrderRecalled()
        ):
            pass  # true from now on, and nothing follows from it
        case FundingPaid():
            funding_paid(turn, event)
        case _:
            assert_never(event)


def _timer_fired(turn: Turn, timer_id: str) -> None:
    timer = turn.state.timers.get(timer_id)
    if timer is None:
        return  # disarmed while it was on its way
    turn.emit(DisarmTimer(timer_id=timer_id))  # so it never fires again
    match timer.due:
        case ReconcileDue(venue_id=venue_id):
            sweep(turn, venue_id)
        case ExpireDue(order_id=order_id):
            expire_due(turn, order_id)
        case RetryDue(order_id=order_id) if order_id in turn.state.composites:
            go_on(turn, order_id, is_due=True)
        case RetryDue(order_id=order_id):
            advance(turn, order_id, is_due=True)
        case SliceDue(order_id=order_id):
            slice_due(turn, order_id)
        case MarkDue():
            mark_due(turn)
            breakers.marked(turn)
        case EvictDue():
            evict_due(turn)
        case DeadManDue(venue_id=venue_id):
            dead_man_due(turn, venue_id)
