"""What the risk check counts, by differences; what breakers and the kill switch have decided."""

from typing import assert_never

from omnivenue.engine.apply_exposure import value
from omnivenue.engine.apply_marks import apply_marks
from omnivenue.engine.measure import likeness
from omnivenue.engine.state import Clock, Day, State, Stopped
from omnivenue.message import (
    AwaitRearm,
    ExecType,
    ExecutionReport,
    NewOrder,
    OrderInstructed,
    QueryOrders,
    SetMarks,
    SetState,
    StartDay,
    StatusReport,
)
from omnivenue.model import Nanos, TradingState
from omnivenue.oms import Change, Order
from omnivenue.risk import Bearing, a_minute, ten_seconds

_REJECTED = ExecType.REJECTED

QUERIES_MAX = 16
"""Questions of a venue whose time is remembered: an answer to an older one proves nothing."""


def apply_risk(
    state: State, at: Nanos, command: SetState | AwaitRearm | SetMarks | StartDay
) -> None:
    match command:
        case SetState(scope=scope, state=TradingState.ACTIVE):
            state.stopped.pop(scope, None)
        case SetState(scope=scope):
            state.stopped[scope] = Stopped(
                state=command.state, since=at, reason=command.reason, source=command.source
            )
        case AwaitRearm(scope=scope, queries=queries):
            stopped = state.stopped[scope]
            stopped.rearms_with, stopped.rearm_reason = dict(queries), command.reason
        case SetMarks(marks=marks):
            apply_marks(state, marks)
        case StartDay(account=account):
            state.days[account] = Day(day=command.day, equity=command.equity, pnl=command.pnl)
        case _:
            assert_never(command)


def accepted(
    state: State, at: Nanos, order: OrderInstructed, px: int, *, is_whole: bool = False
) -> None:
    """Counted by all that limits an order's pace, as far as such a limit is set. `is_whole`: it is
    no message to a venue itself, each of its parts is."""
    value(state, order, px)
    bearing = state.bearing(order.account, order.strategy_id, order.instrument_id)
    if not is_whole:
        _count(state, at, bearing)
    if bearing.is_repeat_counted:
        state.velocity.add(bearing.repeat_key(order.side), at, ten_seconds)
    if bearing.duplicate_window:
        state.velocity.recent.add(likeness(order), at, bearing.duplicate_window)


def messaged(state: State, at: Nanos, order: OrderInstructed) -> None:
    """A replace, or a part, is a message of its own to the venue, as a new order is."""
    _count(state, at, state.bearing(order.account, order.strategy_id, order.instrument_id))


def _count(state: State, at: Nanos, bearing: Bearing) -> None:
    for window, begin in bearing.message_windows.items():
        state.velocity.add(window, at, begin)


def is_watched(state: State) -> bool:
    """Orders work or wait, and one of them may have lost its market."""
    is_set = any("stale_feed" in of_scope for of_scope in state.limit_index.values())
    return is_set and bool(state.watches or any(v.open for v in state.venues.values()))


def sent(state: State, at: Nanos, new: NewOrder) -> None:
    limits = state.bearing(new.account, new.strategy_id, new.instrument_id).tightest
    if "stale_feed" in limits:
        state.marks_due = True  # from now on somebody looks each second
    if "reject_rate" in limits:
        state.velocity.add(f"sent {new.venue_id}", at, a_minute)


def cancelled(state: State, at: Nanos, order: Order) -> None:
    """Counted once for each order, however often it has to be said."""
    new = order.new
    limits = state.bearing(new.account, new.strategy_id, new.instrument_id).tightest
    if len(order.cancels) == 1 and "cancel_ratio" in limits:
        state.velocity.turn_over(new.strategy_id, at, cancels=1)


def told(
    state: State, at: Nanos, order: Order, report: ExecutionReport, made: list[Change]
) -> None:
    """A venue's report that was news."""
    if report.exec_type is _REJECTED:
        rejected(state, at, order)
    if not made:
        return
    new = order.new
    limits = state.bearing(new.account, new.strategy_id, new.instrument_id).tightest
    if "cancel_ratio" in limits:
        trades = len([sign for sign, _ in made if sign > 0])
        state.velocity.turn_over(new.strategy_id, at, trades=trades)


def rejected(state: State, at: Nanos, order: Order) -> None:
    """Counted once for each order, whether its venue has said so by itself or in an answer."""
    new = order.new
    limits = state.bearing(new.account, new.strategy_id, new.instrument_id).tightest
    if len(order.rejections) == 1 and "reject_rate" in limits:
        state.velocity.add(f"rejected {new.venue_id}", at, a_minute)


def asked(state: State, at: Nanos, query: QueryOrders) -> None:
    clock = state.clocks.setdefault(query.venue_id, Clock())
    clock.asked.append((query.query, at))
    del clock.asked[:-QUERIES_MAX]


def answered(state: State, at: Nanos, report: StatusReport) -> None:
    """What the answer proves of the venue's clock: it was made after the question was sent, and
    before now."""
    clock = state.clocks.get(report.venue_id)
    if clock is None:
        return
    asked_at = next((t for query, t in clock.asked if query == report.query), report.as_of)
    if report.as_of > at:
        clock.offset = Nanos(report.as_of - at)
    else:
        clock.offset = Nanos(min(0, report.as_of - asked_at))
