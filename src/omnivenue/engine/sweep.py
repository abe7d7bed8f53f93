"""Reconciliation: ask a venue, by our client ids, what has become of what we sent.

One code path for a start, a reconnect and every few seconds. The answers are facts like any others;
silence and transport errors prove nothing. An order is lost only by denials after it had expired,
and only where the venue's capabilities say that these prove it. Until then nothing is sent in its
place: it stays UNKNOWN and reserved, and somebody is told.
"""

from collections.abc import Iterable

from omnivenue.engine.cancel import cancel
from omnivenue.engine.state import VenueStatus
from omnivenue.engine.turn import Turn
from omnivenue.message import (
    Alert,
    ArmTimer,
    DeclareLost,
    FlagOrder,
    MarkUnknown,
    QueryOrders,
    ReconcileDue,
    StatusReport,
    Timer,
)
from omnivenue.model import SECOND, ClOrdID, Nanos, VenueID
from omnivenue.oms import (
    Anomaly,
    Order,
    OrdStatus,
    Stage,
    is_open,
    is_pending_cancel,
    is_placed,
    status,
)

ANSWER_WITHIN = Nanos(2 * SECOND)  # else an order is UNKNOWN; between asking and asking again
RESTING_EVERY = Nanos(5 * SECOND)  # what rests acknowledged is asked about
TRADES_EVERY = Nanos(10 * SECOND)  # a late trade or bust of what we believe closed
OVERLAP = SECOND  # trades are asked for from a little before the last answer
DENIALS_APART = SECOND
UNKNOWN_LONG = 60 * SECOND  # after an order's expiry: a person is to look


def ask_soon(turn: Turn, venue_id: VenueID) -> None:
    """Something is on its way, so look after it in time."""
    _arm(turn, venue_id, Nanos(turn.at + ANSWER_WITHIN))


def venue_up(turn: Turn, venue_id: VenueID) -> None:
    ask(turn, venue_id, turn.state.venues[venue_id].open)
    ask_soon(turn, venue_id)


def sweep(turn: Turn, venue_id: VenueID) -> None:
    """Whatever has been silent for too long is UNKNOWN, and is asked about."""
    venue = turn.state.venues[venue_id]
    stale = [i for i in sorted(venue.open) if _is_stale(turn, turn.state.orders[i])]
    for cl_ord_id in stale:
        order = turn.state.orders[cl_ord_id]
        if status(order) is OrdStatus.PENDING_NEW:
            turn.emit(MarkUnknown(cl_ord_id=cl_ord_id))
        elif turn.at - order.new.expires_at >= UNKNOWN_LONG:
            _tell_once(turn, order)
    if venue.status is VenueStatus.OPEN:
        _cancel_again(turn, stale)
        # The answer to the last question is a little younger than that question.
        if stale or turn.at - venue.cursor >= TRADES_EVERY - ANSWER_WITHIN:
            ask(turn, venue_id, stale)
    elif venue.status is VenueStatus.RECONCILING:
        ask(turn, venue_id, venue.open)
    else:
        return  # VenueUp arms it again
    _arm(turn, venue_id, _next_at(turn, venue_id))


def status_reported(turn: Turn, report: StatusReport) -> None:
    if not turn.state.venues[report.venue_id].capabilities.can_prove_absence:
        return
    for cl_ord_id in report.not_found:
        order = turn.state.orders.get(cl_ord_id)
        if order is None or is_placed(order) or not is_open(order, status(order)):
            continue
        denials = order.rare.denials
        if len(denials) == 2 and denials[1] - denials[0] >= DENIALS_APART:
            turn.emit(DeclareLost(cl_ord_id=cl_ord_id))


def ask(turn: Turn, venue_id: VenueID, cl_ord_ids: Iterable[ClOrdID]) -> None:
    venue = turn.state.venues[venue_id]
    turn.emit(
        QueryOrders(
            venue_id=venue_id,
            query=venue.queries,
            cl_ord_ids=tuple(sorted(cl_ord_ids)),
            since=Nanos(max(0, venue.cursor - OVERLAP)),
        )
    )


def _tell_once(turn: Turn, order: Order) -> None:
    about, flag = order.new.cl_ord_id, Anomaly.UNKNOWN_LONG.value
    if status(order) is OrdStatus.UNKNOWN and flag not in order.rare.flagged:
        turn.emit(FlagOrder(cl_ord_id=about, anomaly=flag))
        turn.emit(Alert(topic="unknown for long", about=f"{about} at {order.new.venue_id}"))


def _patience(order: Order) -> Nanos:
    resting = status(order) in (OrdStatus.NEW, OrdStatus.PARTIALLY_FILLED)
    return RESTING_EVERY if resting else ANSWER_WITHIN


def _is_stale(turn: Turn, order: Order) -> bool:
    return turn.at - order.asked_at >= _patience(order)


def _next_at(turn: Turn, venue_id: VenueID) -> Nanos:
    """When the next order turns stale, and no later than trades are asked for anyway."""
    venue, orders = turn.state.venues[venue_id], turn.state.orders
    if venue.status is VenueStatus.RECONCILING:
        return Nanos(turn.at + ANSWER_WITHIN)
    soonest = min(
        (orders[i].asked_at + _patience(orders[i]) for i in venue.open),
        default=turn.at + TRADES_EVERY,
    )
    return Nanos(max(turn.at + SECOND, min(soonest, turn.at + TRADES_EVERY)))


def _arm(turn: Turn, venue_id: VenueID, at: Nanos) -> None:
    timer_id = f"reconcile/{venue_id}"
    armed = turn.state.timers.get(timer_id)
    if armed is None or armed.at > at:
        due = ReconcileDue(venue_id=venue_id)
        turn.emit(ArmTimer(timer=Timer(timer_id=timer_id, at=at, due=due)))


def _cancel_again(turn: Turn, cl_ord_ids: list[ClOrdID]) -> None:
    """A cancel that got lost, or that reached the venue before its order did."""
    for cl_ord_id in cl_ord_ids:
        order = turn.state.orders[cl_ord_id]
        is_stopped = turn.state.parents[order.new.parent_id].stage is Stage.STOPPING
        if is_stopped or is_pending_cancel(order):
            cancel(turn, cl_ord_id)
