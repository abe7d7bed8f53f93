"""A parent order at work: its child is brought in line with what the parent shall be by now.

`advance` is called after whatever may have changed either: a report, a replace, the other exit of a
bracket, another try. It sends, replaces, cancels to send anew, or ends the parent. Nothing is sent
while the fate of what was sent before is open: so the two together never exceed the parent.
"""

from omnivenue.engine.approve import approve, quarantined
from omnivenue.engine.cancel import cancel
from omnivenue.engine.sweep import ask, ask_soon
from omnivenue.engine.timers import (
    DATED,
    RETRY_EVERY,
    arm_expiry,
    arm_retry,
    disarm,
    is_retrying,
    venue_tif,
)
from omnivenue.engine.turn import Turn
from omnivenue.message import (
    Alert,
    AmendParent,
    CloseParent,
    EndReason,
    NewOrder,
    Reason,
    ReopenParent,
    ReplaceOrder,
    ReworkChild,
    StopParent,
)
from omnivenue.model import (
    SECOND,
    InstructionID,
    Instrument,
    Lots,
    Nanos,
    OrderID,
    Side,
    Ticks,
    TimeInForce,
    TradingState,
    VenueID,
    derived_cl_ord_id,
)
from omnivenue.oms import EXPIRY_MARGIN, Order, OrdStatus, Parent, Stage, status, terms
from omnivenue.risk import Approved

VALIDITY = Nanos(2 * SECOND)  # how long an order may be on its way to its venue
_NOTHING_NEW = (TradingState.HALTED, TradingState.KILLED)
REFUSALS_MAX = 7  # of an exit, in a row: from then on it is tried once a minute
PASSING = frozenset({"RISK-001", "RISK-002"})  # reasons that go away by themselves

_SETTLED = (OrdStatus.NEW, OrdStatus.PARTIALLY_FILLED)
"""States of a child in which it may be changed: nothing about it is open."""

_FOR_LONG = (OrdStatus.UNKNOWN, OrdStatus.SUSPENDED)
"""States that may last, and in which nothing is replaced: less of such a child is had by a cancel
alone, since it may trade before its venue says another word."""


def send(turn: Turn, parent: Parent, instrument: Instrument, approved: Approved) -> None:
    """One child for all that is not done. What is off the lot never came this far."""
    intent, order = approved.intent, parent.order
    order_id = OrderID(order.instruction_id)
    able = turn.state.venues[instrument.venue_id].capabilities
    waits = order.ord_type.is_triggered and not parent.is_triggered
    tif = venue_tif(parent, able.tifs)
    crosses = intent.limit_px if order.limit_px is None else None  # it is to trade at once
    new = NewOrder(
        # By position, because with more than fifteen names a call is made through a dict.
        derived_cl_ord_id(order.account, order_id, len(parent.children)),
        order_id,
        order.account,
        instrument.venue_id,
        intent.instrument_id,
        instrument.version,
        intent.side,
        instrument.lots_floor(intent.qty),
        instrument.limit_ticks(intent.side, intent.limit_px),
        tif=TimeInForce.IOC if crosses is not None and tif.rests else tif,
        expires_at=Nanos(turn.at + VALIDITY),
        strategy_id=order.strategy_id,
        good_till=parent.expire_at if tif in DATED else None,
        stop_px=_stop_ticks(order.side, order.stop_px, instrument) if waits else None,
        trigger_by=order.trigger_by,
        is_take_profit=order.ord_type.is_take_profit,
        post_only=order.post_only,
        reduce_only=order.reduce_only and able.has_reduce_only,
        is_reduction=intent.is_reduction,
    )
    turn.emit(new)
    ask_soon(turn, instrument.venue_id)


def stop(
    turn: Turn,
    order_id: OrderID,
    asked_by: InstructionID,
    reason: EndReason = EndReason.CANCELLED,
) -> None:
    """Cancel what is out. Asked again, it is sent again: a cancel is safe to repeat."""
    parent = turn.state.parents[order_id]
    turn.emit(StopParent(order_id=order_id, instruction_id=asked_by, reason=reason))
    for cl_ord_id in sorted(parent.open):
        cancel(turn, cl_ord_id)
    advance(turn, order_id)


def advance(turn: Turn, order_id: OrderID, *, is_due: bool = False) -> None:
    """Do the next thing that there is to do for it, if anything. `is_due`: it has waited for its
    next try long enough."""
    parent = turn.state.parents[order_id]
    turn.touch(order_id, parent)
    if parent.open:
        if parent.stage is Stage.CLOSED:
            turn.emit(ReopenParent(order_id=order_id))
            arm_expiry(turn, order_id, parent)  # again: the end of an order disarms it
            if _is_killed(turn, parent):
                stop(turn, order_id, InstructionID(""), EndReason.KILLED)
                return
        if parent.stage is Stage.WORKING and len(parent.open) == 1:
            _bring_in_line(turn, parent, turn.state.orders[parent.open[0]], is_due=is_due)
    elif parent.stage is Stage.WORKING and parent.unsent > 0 and _goes_on(turn, parent):
        if not (_other_exit_is_out(turn, parent) or is_retrying(turn, order_id)):
            if _is_doubtful(turn, parent):
                if is_due:
                    ask(turn, _venue_of(turn, parent), parent.children[-1:])
                arm_retry(turn, order_id, _patience(turn, parent))
            elif is_due or not _was_in_vain(turn, parent):
                _send_rest(turn, order_id, parent, is_again=is_due)
            else:
                arm_retry(turn, order_id, _patience(turn, parent))
    elif not parent.is_over and parent.stage is not Stage.ARMED and _is_done(turn, parent):
        close(turn, order_id, _end(turn, parent))


def _is_killed(turn: Turn, parent: Parent) -> bool:
    """What was killed stays so, also what a bust brings back; not what is somebody else's."""
    return parent.is_ours and turn.state.trading_state(parent.order) is TradingState.KILLED


def close(
    turn: Turn, order_id: OrderID, reason: EndReason, reasons: tuple[Reason, ...] = ()
) -> None:
    disarm(turn, order_id)
    turn.emit(CloseParent(order_id=order_id, reason=reason, reasons=reasons))


def _bring_in_line(turn: Turn, parent: Parent, child: Order, *, is_due: bool) -> None:
    """Of what it shall be, the child has what no other child has filled."""
    instrument = turn.state.listing(child.new)
    elsewhere = parent.filled - instrument.atoms(child.cum_qty)
    qty = instrument.lots_floor(max(0, parent.qty - elsewhere))
    px = child.new.limit_px
    if parent.order.limit_px is not None:
        px = instrument.limit_ticks(child.new.side, parent.limit_px)
    now = status(child)
    if (qty, px) == terms(child) or now.is_closed:
        return
    order_id = OrderID(parent.order.instruction_id)
    if qty <= child.cum_qty and (now in _SETTLED or not child.cancels):
        # Nothing follows it: so whatever else is open, or is stopped.
        _end_for_now(turn, order_id, child, is_due=is_due)
        return
    is_too_much = now in _FOR_LONG and qty < terms(child)[0] and not child.cancels
    if now not in _SETTLED and not is_too_much:
        return
    if is_retrying(turn, order_id):
        return
    able = turn.state.venues[child.new.venue_id].capabilities
    by_replace = able.has_replace and qty > child.cum_qty and not is_too_much
    asks_less = by_replace and _is_milder(child, qty, px)
    is_held_back = turn.state.trading_state(parent.order) in _NOTHING_NEW or (
        quarantined(turn.state, parent.order, instrument) and not asks_less
    )
    if is_held_back:
        # A cancel would pass, and what is to follow it would not.
        arm_retry(turn, order_id)
        return
    if by_replace:
        turn.emit(_replacing(turn, parent, child, qty, px))
        ask_soon(turn, child.new.venue_id)
    else:
        _end_for_now(turn, order_id, child, is_due=is_due)


def _end_for_now(turn: Turn, order_id: OrderID, child: Order, *, is_due: bool) -> None:
    """Its parent goes on, with another child if there is more to do."""
    if _will_not_end(child) and not is_due:
        if not is_retrying(turn, order_id):
            arm_retry(turn, order_id)
        return
    turn.emit(ReworkChild(cl_ord_id=child.new.cl_ord_id))
    cancel(turn, child.new.cl_ord_id)


def _will_not_end(child: Order) -> bool:
    """Its venue turns down each cancel: the first one may have been there before its order. So that
    it is not sent again as fast as it can be turned down."""
    last = child.cancels[-2:]
    return len(last) == 2 and child.rare.request_rejects.issuperset(last)


def _replacing(turn: Turn, parent: Parent, child: Order, qty: Lots, px: Ticks) -> ReplaceOrder:
    new, version = child.new, len(child.replaces) + 1
    qty_now, _ = terms(child)
    is_exit = parent.entry_id is not None
    still_reduces = new.is_reduction and (qty <= qty_now or is_exit)
    return ReplaceOrder(
        cl_ord_id=derived_cl_ord_id(new.cl_ord_id, "replace", version),
        orig_cl_ord_id=new.cl_ord_id,
        venue_id=new.venue_id,
        account=new.account,
        strategy_id=new.strategy_id,
        version=version,
        qty=qty,
        limit_px=px,
        expires_at=Nanos(turn.at + VALIDITY),
        hold_px=parent.hold_px,
        is_reduction=_is_milder(child, qty, px) or still_reduces,
    )


def _is_milder(child: Order, qty: Lots, px: Ticks) -> bool:
    """Asks for no more than is in force."""
    qty_now, px_now = terms(child)
    return qty <= qty_now and (px - px_now) * child.new.side.sign <= 0


def _goes_on(turn: Turn, parent: Parent) -> bool:
    """Is there to be another child? Only after one that we ended in order to send it anew, or, of
    an exit, after one that did not do it, because a position must not stay without its exit. Else
    its end was the parent's."""
    if not parent.children:
        return True
    last = turn.state.orders[parent.children[-1]]
    if last.rare.is_reworked and status(last) is OrdStatus.CANCELED:
        return True
    if parent.entry_id is None:
        return False
    return status(last) is OrdStatus.FILLED or last.withheld or last.lost or _failed(last)


def _failed(child: Order) -> bool:
    """Its venue would not have it, or nobody was there to trade with it within its limit."""
    now = status(child)
    by_its_terms = now in (OrdStatus.CANCELED, OrdStatus.EXPIRED) and not child.new.tif.rests
    return now is OrdStatus.REJECTED or by_its_terms


def _was_in_vain(turn: Turn, parent: Parent) -> bool:
    """So that what a venue refuses is not sent again as fast as it can refuse it."""
    if not parent.children:
        return False
    last = turn.state.orders[parent.children[-1]]
    return _failed(last) and not (last.withheld or last.lost or last.rare.is_reworked)


def _is_doubtful(turn: Turn, parent: Parent) -> bool:
    """The venue has refused the last child, and might have taken it all the same: nothing takes its
    place before the venue has said so again, when it can no longer arrive."""
    if not parent.children:
        return False
    last = turn.state.orders[parent.children[-1]]
    if status(last) is not OrdStatus.REJECTED or last.withheld or last.lost:
        return False
    return not last.rare.denials and last.last_at <= last.new.expires_at + EXPIRY_MARGIN


def _venue_of(turn: Turn, parent: Parent) -> VenueID:
    return turn.state.orders[parent.children[-1]].new.venue_id


def _patience(turn: Turn, parent: Parent) -> Nanos:
    """Longer with each refusal of its venue; what only found nobody to trade with tries again."""
    last = [turn.state.orders[i] for i in parent.children[-REFUSALS_MAX:]]
    refusals = 0
    for child in reversed(last):
        if status(child) is not OrdStatus.REJECTED:
            break
        refusals += 1
    return Nanos(RETRY_EVERY << max(0, refusals - 1))


def _other_exit_is_out(turn: Turn, parent: Parent) -> bool:
    """Two exits at a venue could both fill: the second waits until the first is proven ended."""
    if parent.entry_id is None:
        return False
    parents = turn.state.parents
    return any(parents[i].open for i in parents[parent.entry_id].exits if parents[i] is not parent)


def _send_rest(turn: Turn, order_id: OrderID, parent: Parent, *, is_again: bool) -> None:
    """What is not done yet. An exit is tried until it goes, and what keeps it is said once; another
    order ends with the reasons."""
    instrument = turn.state.instruments[parent.order.instrument_id]
    if _is_too_little(parent, instrument):
        if not _may_grow(turn, parent):
            close(turn, order_id, EndReason.DUST)
        return
    px = parent.limit_px if parent.order.limit_px is not None else None
    verdict = approve(
        turn,
        parent.order,
        instrument,
        qty=parent.unsent,
        px=px,
        reserved=reserved(turn, parent),
        is_triggered=parent.is_triggered,
        exit_of=parent.entry_id,
    )
    if isinstance(verdict, Approved):
        intent = verdict.intent
        if (intent.limit_px, intent.hold_px) != (parent.limit_px, parent.hold_px):
            limit_px, hold_px = intent.limit_px, intent.hold_px
            turn.emit(
                AmendParent(order_id=order_id, qty=parent.qty, limit_px=limit_px, hold_px=hold_px)
            )
        send(turn, parent, instrument, verdict)
    elif parent.entry_id is not None:
        if not is_again:
            why = " ".join(reason.code for reason in verdict.reasons)
            turn.emit(Alert(topic="an exit has to wait", about=f"{order_id}: {why}"))
        arm_retry(turn, order_id)
    elif all(r.code in PASSING for r in verdict.reasons):
        arm_retry(turn, order_id)
    else:
        close(turn, order_id, EndReason.REFUSED, verdict.reasons)


def reserved(turn: Turn, parent: Parent) -> int:
    if parent.entry_id is None:
        return parent.reserved
    return turn.state.parents[parent.entry_id].exits_reserved


def _is_too_little(parent: Parent, instrument: Instrument) -> bool:
    lots = instrument.lots_floor(parent.unsent)
    if parent.limit_px == 0:
        return lots < max(1, instrument.min_qty)
    worth = instrument.notional_floor(instrument.atoms(lots), parent.limit_px)
    return lots < max(1, instrument.min_qty) or worth < instrument.min_notional


def _may_grow(turn: Turn, parent: Parent) -> bool:
    """An exit grows while its entry may still fill."""
    entry_id = parent.entry_id
    return entry_id is not None and not turn.state.parents[entry_id].is_over


def _is_done(turn: Turn, parent: Parent) -> bool:
    return parent.stage is Stage.STOPPING or not _may_grow(turn, parent)


def _end(turn: Turn, parent: Parent) -> EndReason:
    if parent.unsent <= 0:
        if parent.filled or parent.entry_id is None:
            return EndReason.FILLED
        is_closed = turn.state.parents[parent.entry_id].closed > 0
        return EndReason.NOTHING_LEFT if is_closed else EndReason.OCO
    if not parent.children:
        return parent.end or EndReason.CANCELLED  # nothing of it was ever at a venue
    return _end_of_child(turn.state.orders[parent.children[-1]], parent)


def _end_of_child(child: Order, parent: Parent) -> EndReason:
    is_stopped = parent.stage is Stage.STOPPING
    match status(child):
        case OrdStatus.REJECTED if child.lost:
            return EndReason.LOST_NOT_PLACED
        case OrdStatus.REJECTED if child.withheld:
            return EndReason.NOT_SENT
        case OrdStatus.REJECTED:
            return EndReason.REJECTED
        case OrdStatus.EXPIRED:
            return EndReason.EXPIRED
        case _ if is_stopped and parent.end is not None:
            return parent.end
        case _:
            by_its_terms = not child.new.tif.rests
            return EndReason.UNFILLED if by_its_terms else EndReason.CANCELLED


def _stop_ticks(side: Side, px: int | None, instrument: Instrument) -> Ticks | None:
    return None if px is None else instrument.limit_ticks(side, px)
