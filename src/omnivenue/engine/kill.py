"""Stopping trading, by a person or a breaker, and arming it again.

A state of a scope only ever becomes more severe; back to ACTIVE leads a re-arming alone: asked for
with a reason, and done when every venue of the scope has answered a question sent after it. Nothing
is flattened: what is held stays, and is shown.
"""

from omnivenue.engine.composite import stop_composite
from omnivenue.engine.curb import curb_all
from omnivenue.engine.routing import instruments_for
from omnivenue.engine.state import State, Stopped, VenueStatus
from omnivenue.engine.sweep import venue_up
from omnivenue.engine.turn import Turn
from omnivenue.engine.work import stop
from omnivenue.message import (
    AwaitRearm,
    EndReason,
    OrderInstructed,
    RearmAsked,
    SetState,
    StateSet,
    StatusReport,
)
from omnivenue.model import InstructionID, OrderID, TradingState, VenueID
from omnivenue.oms import Parent


def state_set(turn: Turn, event: StateSet) -> None:
    impose(turn, event.scope, event.state, event.reason, event.source)


def impose(turn: Turn, scope: str, state: TradingState, reason: str, source: str) -> None:
    """At least `state` for the scope, with all that it demands. Repeating it is harmless: cancels
    are sent again; a re-arming that was under way is off."""
    if state is TradingState.ACTIVE:
        return
    now = turn.state.stopped.get(scope)
    is_worse = now is None or state.severity > now.state.severity
    if is_worse:
        turn.emit(SetState(scope=scope, state=state, reason=reason, source=source))
    elif now is not None and is_rearming(now):
        turn.emit(SetState(scope=scope, state=now.state, reason=reason, source=source))
    is_so = turn.state.stopped[scope].state is state
    if is_so and state is TradingState.KILLED:
        cancel_scope(turn, scope)
    elif is_so and state is TradingState.REDUCE_ONLY:
        curb_all(turn)


def cancel_scope(turn: Turn, scope: str) -> None:
    """Everything of it that is not over: working, UNKNOWN, or waiting for its trigger or its next
    slice. Of a venue only what is there: the other venues of an order are not stopped. What is not
    ours is counted, and cancelled by nobody but whoever names it."""
    stopped: set[OrderID | None] = set()
    for order_id in sorted(turn.state.working):
        if _is_all_in(turn.state, scope, turn.state.composites[order_id].order):
            stop_composite(turn, order_id, InstructionID(""), EndReason.KILLED)
            stopped.add(order_id)
    for order_id in sorted(turn.state.live):
        parent = turn.state.parents[order_id]
        if parent.part_of in stopped:
            continue  # with what it is a part of
        if _is_in(turn.state, scope, parent) and parent.is_ours:
            stop(turn, order_id, InstructionID(""), EndReason.KILLED)


def is_rearming(stopped: Stopped) -> bool:
    return bool(stopped.rearms_with)


def rearm_asked(turn: Turn, event: RearmAsked) -> None:
    """Ask every venue of the scope afresh. One that is away is asked when it comes up, by the
    question that it opens with."""
    state = turn.state
    if event.scope not in state.stopped:
        return
    queries = {i: state.venues[i].queries for i in _venues(state, event.scope)}
    for venue_id in queries:
        if state.venues[venue_id].status is not VenueStatus.DOWN:
            venue_up(turn, venue_id)
    if queries:
        turn.emit(AwaitRearm(scope=event.scope, reason=event.reason, queries=queries))
    else:
        _lift(turn, event.scope, event.reason)


def rearm_when_reconciled(turn: Turn, report: StatusReport) -> None:
    state, venue_id = turn.state, report.venue_id
    if not state.stopped or state.venues[venue_id].status is not VenueStatus.OPEN:
        return
    for scope in sorted(state.stopped):
        stopped = state.stopped[scope]
        if report.query < stopped.rearms_with.get(venue_id, report.query + 1):
            continue
        rest = {v: query for v, query in sorted(stopped.rearms_with.items()) if v != venue_id}
        if rest:
            turn.emit(AwaitRearm(scope=scope, reason=stopped.rearm_reason, queries=rest))
        else:
            _lift(turn, scope, stopped.rearm_reason)


def _lift(turn: Turn, scope: str, reason: str) -> None:
    turn.emit(SetState(scope=scope, state=TradingState.ACTIVE, reason=reason, source="rearm"))


def _venues(state: State, scope: str) -> list[VenueID]:
    """A chain has none here; of an account or strategy all count: its orders may be anywhere. One
    that no account trades at any more, as the configuration says, will never answer."""
    kind, _, what = scope.partition(":")
    if kind == "chain":
        return []
    there = {venue_id for venue_ids in state.accounts.values() for venue_id in venue_ids}
    return [v for v in sorted(there & state.venues.keys()) if kind != "venue" or v == what]


def _is_all_in(state: State, scope: str, order: OrderInstructed) -> bool:
    """Nothing of it may go anywhere else."""
    if scope.startswith("venue:"):
        return {f"venue:{i.venue_id}" for i in instruments_for(state, order)} == {scope}
    return scope in ("global", f"account:{order.account}", f"strategy:{order.strategy_id}")


def _is_in(state: State, scope: str, parent: Parent) -> bool:
    kind, _, what = scope.partition(":")
    order = parent.order
    match kind:
        case "global":
            return True
        case "venue":
            return state.instruments[order.instrument_id].venue_id == what
        case "account":
            return order.account == what
        case "strategy":
            return order.strategy_id == what
        case _:
            return False
