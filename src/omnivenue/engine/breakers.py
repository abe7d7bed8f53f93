"""What stops trading by itself. A breaker is a limit that is looked at after something happened;
its name is the limit's, and what it stops stays stopped until somebody arms it again.

A journal that fails ends the process, and that is the runtime's affair.
"""

from collections.abc import Iterator, Sequence

from omnivenue.engine.equity import daily_loss
from omnivenue.engine.kill import impose, is_rearming
from omnivenue.engine.state import State, VenueState, VenueStatus
from omnivenue.engine.turn import Turn
from omnivenue.engine.work import stop
from omnivenue.message import (
    Alert,
    EndReason,
    Missing,
    OrderInstructed,
    Reason,
)
from omnivenue.model import (
    SHARE_UNIT,
    ClOrdID,
    InstructionID,
    LimitName,
    TradingState,
    VenueID,
    format_limit,
)
from omnivenue.oms import OrdStatus, status
from omnivenue.risk import Rule

BREAKERS = (
    LimitName.CLOCK_OFFSET,
    LimitName.DAILY_LOSS,
    LimitName.REJECT_RATE,
    LimitName.REPEATED_EXECUTION,
    LimitName.STALE_FEED,
    LimitName.UNKNOWN_COUNT,
)

ORDERS_MIN = 20
"""Sent within a minute before a share of rejects says anything."""


def refused(turn: Turn, order: OrderInstructed, reasons: Sequence[Reason]) -> None:
    """A strategy that does the same again and again is out of its mind, and so is what it has in
    the market."""
    for reason in reasons:
        if reason.code == Rule.REPEATED_EXECUTION.code:
            why = f"{reason.value} times {order.side.value} {order.instrument_id} in 10 s"
            _trip(turn, f"strategy:{order.strategy_id}", _KILLED, why, LimitName.REPEATED_EXECUTION)


def answered(turn: Turn, venue_id: VenueID) -> None:
    _look_at_clock(turn, venue_id)
    _look_at_unknown(turn, venue_id, turn.state.venues[venue_id])
    _look_at_rejects(turn, venue_id)


def rejected(turn: Turn, cl_ord_id: ClOrdID) -> None:
    order = turn.state.orders.get(cl_ord_id)
    if order is not None:
        _look_at_rejects(turn, order.new.venue_id)


def marked(turn: Turn) -> None:
    """Each second, with the marks of that second."""
    _look_at_losses(turn)
    for venue_id, venue in sorted(turn.state.venues.items()):
        _look_at_feeds(turn, venue_id, venue)
        _look_at_unknown(turn, venue_id, venue)


_KILLED, _HALTED = TradingState.KILLED, TradingState.HALTED


def _trip(turn: Turn, scope: str, to: TradingState, why: str, name: LimitName) -> None:
    """Once: what it has cancelled is cancelled again by whoever looks after what is on its way."""
    now = turn.state.stopped.get(scope)
    if now is not None and now.state.severity >= to.severity and not is_rearming(now):
        return
    turn.emit(Alert(topic=f"{name.value} has tripped", about=f"{scope} is {to.value}: {why}"))
    impose(turn, scope, to, why, name.value)
    if to is _HALTED:
        _clear(turn, scope)


def _clear(turn: Turn, scope: str) -> None:
    """What could open a position through a venue that has failed is cancelled there. What only
    makes one smaller stays: it is all the protection that is left."""
    for order_id in sorted(turn.state.live):
        parent = turn.state.parents[order_id]
        order = parent.order
        venue_id = turn.state.instruments[order.instrument_id].venue_id
        is_there = parent.is_ours and scope == f"venue:{venue_id}"
        if is_there and not (order.reduce_only or parent.is_stopped):
            stop(turn, order_id, InstructionID(""), EndReason.HALTED)


def _limit(state: State, name: LimitName, scope: str) -> int | None:
    """The tightest of what is set for all and for this one."""
    found = (state.limit_index.get(s, {}).get(name.value) for s in ("global", scope))
    return min((limit for limit in found if limit is not None), default=None)


def _look_at_losses(turn: Turn) -> None:
    for account in sorted(turn.state.accounts):
        scope = f"account:{account}"
        limit = _limit(turn.state, LimitName.DAILY_LOSS, scope)
        lost = None if limit is None else daily_loss(turn.state, account)
        if limit is None or lost is None or lost <= limit:
            continue
        name = LimitName.DAILY_LOSS
        why = f"lost {format_limit(name, lost)} of the day's equity: {format_limit(name, limit)} is"
        to = _KILLED if lost > 2 * limit else TradingState.REDUCE_ONLY
        _trip(turn, scope, to, f"{why} the limit", name)


def _look_at_clock(turn: Turn, venue_id: VenueID) -> None:
    name, scope = LimitName.CLOCK_OFFSET, f"venue:{venue_id}"
    limit, clock = _limit(turn.state, name, scope), turn.state.clocks.get(venue_id)
    if limit is not None and clock is not None and abs(clock.offset) > limit:
        way = "ahead of" if clock.offset > 0 else "behind"
        why = f"its clock is {format_limit(name, abs(clock.offset))} s {way} ours, or more"
        _trip(turn, scope, _HALTED, why, name)


def _look_at_unknown(turn: Turn, venue_id: VenueID, venue: VenueState) -> None:
    name, scope = LimitName.UNKNOWN_COUNT, f"venue:{venue_id}"
    limit = _limit(turn.state, name, scope)
    if limit is None or venue.status is not VenueStatus.OPEN:
        return  # while it is away everything on its way is
    unknown = sum(status(turn.state.orders[i]) is OrdStatus.UNKNOWN for i in venue.open)
    if unknown > limit:
        _trip(turn, scope, _HALTED, f"{unknown} orders are UNKNOWN: {limit} may be", name)


def _look_at_rejects(turn: Turn, venue_id: VenueID) -> None:
    name, scope = LimitName.REJECT_RATE, f"venue:{venue_id}"
    limit = _limit(turn.state, name, scope)
    if limit is None:
        return
    sent = turn.state.velocity.count(f"sent {venue_id}", turn.at)
    rejected = turn.state.velocity.count(f"rejected {venue_id}", turn.at)
    if sent >= ORDERS_MIN and rejected * SHARE_UNIT > limit * sent:
        _trip(turn, scope, _HALTED, f"it rejected {rejected} of {sent} orders in a minute", name)


def _look_at_feeds(turn: Turn, venue_id: VenueID, venue: VenueState) -> None:
    name, scope = LimitName.STALE_FEED, f"venue:{venue_id}"
    if _limit(turn.state, name, scope) is None or venue.status is not VenueStatus.OPEN:
        return
    for instrument_id, why in _without_price(turn, venue_id, venue):
        _trip(turn, scope, _HALTED, f"orders work or wait in {instrument_id}: {why}", name)


def _without_price(turn: Turn, venue_id: VenueID, venue: VenueState) -> Iterator[tuple[str, str]]:
    """Where orders work, and where stops wait for a market that they cannot see."""
    state = turn.state
    waited_for = {watch.condition.instrument_id for watch in state.watches.values()}
    there = {i for i in waited_for if state.instruments[i].venue_id == venue_id}
    for instrument_id in sorted(there | {state.orders[i].new.instrument_id for i in venue.open}):
        mark = turn.seen.mark(instrument_id)
        if isinstance(mark, Missing):
            yield instrument_id, mark.why
