"""What the risk check counts, by differences; what breakers and the kill switch have decided."""

from collections.abc import Callable
from typing import assert_never

from omnivenue.engine.apply_exposure import value
from omnivenue.engine.apply_marks import apply_marks
from omnivenue.engine.measure import likeness, pace_key, repeat_key
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
from omnivenue.risk import Window, a_minute, a_second, scopes_of_order, ten_seconds

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
    window = _count(state, at, order, _REPEATS if is_whole else _PACES)
    if window:
        state.velocity.recent.add(likeness(order), at, window)


def messaged(state: State, at: Nanos, order: OrderInstructed) -> None:
    """A replace, or a part, is a message of its own to the venue, as a new order is."""
    _count(state, at, order, _MESSAGES)


type _Made = dict[str, Callable[[], Window]]


def _count(state: State, at: Nanos, order: OrderInstructed, paces: _Made) -> int:
    """The duplicate window that holds for it."""
    counts: _Made = {}
    index = state.limit_index
    venue_id = state.instruments[order.instrument_id].venue_id
    window = 0
    for scope in scopes_of_order(venue_id, order.account, order.strategy_id, order.instrument_id):
        of_scope = index.get(scope)
        if of_scope is None:
            continue
        window = max(window, of_scope.get("duplicate_window", 0))
        for name, begin in paces.items():
            if name in of_scope:
                counts[_key(name, scope, order)] = begin
    for key, begin in counts.items():
        state.velocity.add(key, at, begin)
    return window


_MESSAGES: _Made = {"orders_per_second": a_second, "orders_per_minute": a_minute}
_REPEATS: _Made = {"repeated_execution": ten_seconds}
_PACES: _Made = _MESSAGES | _REPEATS


def _key(name: str, scope: str, order: OrderInstructed) -> str:
    is_repeat = name == "repeated_execution"
    return repeat_key(order) if is_repeat else pace_key(name, scope, order.strategy_id)


def is_watched(state: State) -> bool:
    """Orders work or wait, and one of them may have lost its market."""
    is_set = any("stale_feed" in of_scope for of_scope in state.limit_index.values())
    return is_set and bool(state.watches or any(v.open for v in state.venues.values()))


def sent(state: State, at: Nanos, new: NewOrder) -> None:
    if _is_set(state, "stale_feed", new.venue_id):
        state.marks_due = True  # from now on somebody looks each second
    if _is_set(state, "reject_rate", new.venue_id):
        state.velocity.add(f"sent {new.venue_id}", at, a_minute)


def cancelled(state: State, at: Nanos, order: Order) -> None:
    """Counted once for each order, however often it has to be said."""
    if len(order.cancels) == 1 and _ratio_is_set(state, order.new.strategy_id):
        state.velocity.turn_over(order.new.strategy_id, at, cancels=1)


def told(
    state: State, at: Nanos, order: Order, report: ExecutionReport, made: list[Change]
) -> None:
    """A venue's report that was news."""
    new = order.new
    if not made and report.exec_type is not ExecType.REJECTED:
        return
    if made and _ratio_is_set(state, new.strategy_id):
        trades = sum(1 for sign, _ in made if sign > 0)
        state.velocity.turn_over(new.strategy_id, at, trades=trades)
    is_reject = report.exec_type is ExecType.REJECTED and len(order.rejections) == 1
    if is_reject and _is_set(state, "reject_rate", new.venue_id):
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


def _is_set(state: State, name: str, venue_id: str) -> bool:
    index = state.limit_index
    return name in index.get("global", ()) or name in index.get(f"venue:{venue_id}", ())


def _ratio_is_set(state: State, strategy_id: str) -> bool:
    index = state.limit_index
    return "cancel_ratio" in index.get("global", ()) or "cancel_ratio" in index.get(
        f"strategy:{strategy_id}", ()
    )
