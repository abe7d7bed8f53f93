"""The system in one function. Read this first.

No clock, no network, no randomness, no logging, no await. `at` is the only time there is, and
`seen` the only market. The same state, time, event and answers give the same commands, on every
machine, for ever.
"""

from typing import assert_never

from omnivenue.engine.apply_event import apply_event
from omnivenue.engine.instruct import cancel_all_instructed, cancel_instructed, instruct
from omnivenue.engine.report import flag_and_finish
from omnivenue.engine.state import State
from omnivenue.engine.sweep import status_reported, sweep, venue_up
from omnivenue.engine.turn import Turn
from omnivenue.market import Seen
from omnivenue.message import (
    AccountOpened,
    Alert,
    CancelAllInstructed,
    CancelInstructed,
    CancelRejected,
    Command,
    Deposited,
    DisarmTimer,
    Event,
    ExecutionReport,
    InstrumentsListed,
    LimitsSet,
    NotSent,
    Opened,
    OrderInstructed,
    ReconcileDue,
    StatusReport,
    TimerFired,
    VenueDown,
    VenueUp,
)
from omnivenue.model import Nanos

DECISION_VERSION = 1
"""Raised whenever the same events would be decided upon otherwise."""


def step(state: State, at: Nanos, event: Event, seen: Seen) -> list[Command]:
    apply_event(state, at, event)
    turn = Turn(state, at, seen)
    _decide(turn, event)
    return turn.commands


def _decide(turn: Turn, event: Event) -> None:
    match event:
        case ExecutionReport(cl_ord_id=cl_ord_id) | NotSent(cl_ord_id=cl_ord_id):
            flag_and_finish(turn, [cl_ord_id])
        case OrderInstructed():
            instruct(turn, event)
        case CancelRejected(orig_cl_ord_id=cl_ord_id):
            flag_and_finish(turn, [cl_ord_id])
        case StatusReport():
            status_reported(turn, event)
            named = [*(r.cl_ord_id for r in event.reports), *(o.cl_ord_id for o in event.orders)]
            flag_and_finish(turn, [*named, *event.not_found])
        case TimerFired(timer_id=timer_id):
            _timer_fired(turn, timer_id)
        case CancelInstructed():
            cancel_instructed(turn, event)
        case CancelAllInstructed():
            cancel_all_instructed(turn, event)
        case VenueUp(venue_id=venue_id):
            venue_up(turn, venue_id)
        case VenueDown(venue_id=venue_id, why=why):
            turn.emit(Alert(topic="venue down", about=f"{venue_id}: {why}"))
        case Opened() | InstrumentsListed() | LimitsSet() | AccountOpened() | Deposited():
            pass
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
