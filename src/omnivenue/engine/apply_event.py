"""What an event makes of the state. No decision here: recovery runs this without deciding."""

from typing import assert_never

from omnivenue.engine.apply_archive import apply_recall, retire
from omnivenue.engine.apply_config import apply_config
from omnivenue.engine.apply_external import adopt
from omnivenue.engine.apply_held import apply_held
from omnivenue.engine.apply_money import apply_money
from omnivenue.engine.apply_risk import answered, rejected, told
from omnivenue.engine.settle import settle
from omnivenue.engine.state import State, VenueState, VenueStatus
from omnivenue.message import (
    AccountOpened,
    AdjustmentInstructed,
    CancelAllInstructed,
    CancelInstructed,
    CancelRejected,
    Deposited,
    Event,
    ExecutionReport,
    FundingPaid,
    InstrumentsListed,
    LimitsSet,
    NotSent,
    Opened,
    OrderInstructed,
    OrderRecalled,
    OrderState,
    PauseInstructed,
    RearmAsked,
    ReplaceInstructed,
    StateSet,
    StatusReport,
    TimerFired,
    VenueDown,
    VenueListed,
    VenueUp,
    WatchFired,
)
from omnivenue.model import ClOrdID, Lots, Nanos, OrderID, VenueID
from omnivenue.oms import (
    ENDED,
    EXPIRY_MARGIN,
    UNDISPUTED,
    Composite,
    Order,
    Parent,
    Request,
    add_report,
    add_request_reject,
    add_state,
    is_composite,
    is_disputed,
    pending_replace,
)


def apply_event(state: State, at: Nanos, event: Event) -> None:
    if state.leaving:
        state.leaving.clear()  # it was filed with the entry before this one
    match event:
        case ExecutionReport():
            _report(state, at, event)
        case OrderInstructed():
            _order_instructed(state, at, event)
        case CancelInstructed() | CancelAllInstructed() | ReplaceInstructed() | PauseInstructed():
            _request(state, at, event)
        case CancelRejected():
            if order := state.orders.get(event.orig_cl_ord_id):
                add_request_reject(order, event)
                _tell(state, at, order, "cancel_rejected")
                settle(state, at, order)
        case StatusReport():
            _status_report(state, at, event)
        case NotSent():
            order = state.orders[event.cl_ord_id]
            order.withheld = True
            _tell(state, at, order, "not_sent")
            settle(state, at, order)
        case VenueUp(venue_id=venue_id):
            venue = state.venues[venue_id]
            _doubt(state, at, venue)  # what was asked on an older connection has no answer now
            venue.status, venue.since, venue.why = VenueStatus.RECONCILING, at, ""
            venue.reconciles_with = venue.queries
        case VenueDown(venue_id=venue_id, why=why):
            _down(state, at, venue_id, why)
        case Opened():
            for venue_id in state.venues:
                _down(state, at, venue_id, "restarted")
        case TimerFired():
            pass  # nothing is true yet; what to do about it is a decision
        case InstrumentsListed() | VenueListed() | LimitsSet() | AccountOpened() | Deposited():
            apply_config(state, event)
        case FundingPaid() | AdjustmentInstructed():
            apply_money(state, at, event)
        case StateSet() | RearmAsked() | WatchFired():
            pass  # what to do about it is a decision
        case OrderRecalled():
            apply_recall(state, at, event)
        case _:
            assert_never(event)
    state.seq += 1


def _order_instructed(state: State, at: Nanos, event: OrderInstructed) -> None:
    order_id = OrderID(event.instruction_id)
    if state.knows(event.instruction_id):
        return  # this key has its answer; it stands in State
    if is_composite(event):
        composite = Composite(order=event, seq=state.seq, received_at=at, updated_at=at)
        composite.tell(state.seq, at, "order_instructed")
        state.composites[order_id] = composite
        return
    told = [state.seq, at, "order_instructed"]
    state.parents[order_id] = Parent(order=event, told=told, updated_at=at, qty=event.qty)


def _request(
    state: State,
    at: Nanos,
    event: CancelInstructed | CancelAllInstructed | ReplaceInstructed | PauseInstructed,
) -> None:
    key = event.instruction_id
    if not state.knows(key):
        state.requests[key] = Request(instruction=event, seq=state.seq, received_at=at)
        retire(state, at, key)


def _tell(state: State, at: Nanos, order: Order, what: str) -> None:
    state.parents[order.new.parent_id].tell(state.seq, at, what)


def _report(state: State, at: Nanos, report: ExecutionReport) -> None:
    order = state.orders.get(report.cl_ord_id) or adopt(state, at, report)
    if order is None:
        return
    counted = order.last_qty
    is_news, changes = add_report(order, report)
    parent = state.parents[order.new.parent_id]
    if is_news:
        parent.tell(state.seq, at, report.exec_type.word)
        told(state, at, order, report, changes)
    elif not changes and _is_booked(order, counted):
        parent.updated_at = at
        return
    if order.rejections:
        _dispute(state, order)
    settle(state, at, order, changes)


def _is_booked(order: Order, counted: Lots) -> bool:
    """Told the same once more, with as much traded as was `counted` before, an order is in the
    books as it is. Most of an answer is such, since it overlaps with what was told by itself. What
    may be decided without a new fact is a dispute; and, by an answer, a replace on its way."""
    return order.last_qty == counted and not order.rejections


def _status_report(state: State, at: Nanos, event: StatusReport) -> None:
    for report in event.reports:
        _report(state, at, report)
    for said in event.orders:
        if order := state.orders.get(said.cl_ord_id):
            counted, known = order.last_qty, len(order.rejections)
            asked = pending_replace(order)
            if add_state(order, said, event.as_of):
                _tell(state, at, order, "order_state")
                if len(order.rejections) > known:
                    rejected(state, at, order)
            elif asked is None and _is_booked(order, counted):
                state.parents[order.new.parent_id].updated_at = at
                continue
            _decide_dispute(order, event, said)
            if order.rejections:
                _dispute(state, order)
            settle(state, at, order)
    for cl_ord_id in event.not_found:
        _deny(state, cl_ord_id, event.as_of)
    for funding in event.fundings:
        apply_money(state, at, funding)
    apply_held(state, event)
    answered(state, at, event)
    venue = state.venues[event.venue_id]
    venue.cursor = max(venue.cursor, event.as_of)
    if venue.status is VenueStatus.RECONCILING and event.query >= venue.reconciles_with:
        venue.status, venue.since = VenueStatus.OPEN, at


def _dispute(state: State, order: Order) -> None:
    """From the query after this one on, an answer may say which of the two is true."""
    if order.rejections and order.rare.disputed_since == UNDISPUTED and is_disputed(order):
        order.note(disputed_since=state.venues[order.new.venue_id].queries)


def _decide_dispute(order: Order, event: StatusReport, said: OrderState) -> None:
    since, verdict = order.rare.disputed_since, order.rare.verdict
    if since == UNDISPUTED or event.query < since:
        return
    if said.ended in ENDED and (verdict is None or event.as_of > verdict[0]):
        order.note(verdict=(event.as_of, said.ended))


def _deny(state: State, cl_ord_id: ClOrdID, as_of: Nanos) -> None:
    """Before its expiry the order may still be on its way, so a denial says nothing."""
    order = state.orders.get(cl_ord_id)
    if order is not None and as_of > order.new.expires_at + EXPIRY_MARGIN:
        order.note(denials=(*order.rare.denials[:1], as_of))


def _down(state: State, at: Nanos, venue_id: VenueID, why: str) -> None:
    """Of what was under way we know nothing now. What the venue had acknowledged stays so."""
    venue = state.venues[venue_id]
    venue.status, venue.since, venue.why = VenueStatus.DOWN, at, why
    _doubt(state, at, venue)


def _doubt(state: State, at: Nanos, venue: VenueState) -> None:
    for cl_ord_id in list(venue.open):
        order = state.orders[cl_ord_id]
        order.doubted = True
        settle(state, at, order)
