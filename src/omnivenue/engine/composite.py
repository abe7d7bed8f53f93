"""Orders over venues (SMART) and over time (algorithms): parts are begun until all of it is done.

`go_on` is called whenever something may have become of one: it was accepted, a slice is due, a part
has traded or ended. It routes what is due and not under way, or ends it. What a venue rejects goes
to the others; what a part leaves goes out again, a few times in each slice.
"""

from collections.abc import Iterator, Sequence

from msgspec.structs import replace

from omnivenue.algo import slices
from omnivenue.engine.approve import approve
from omnivenue.engine.routing import (
    approve_part,
    instruments_for,
    is_closed_everywhere,
    may_go_later,
    plan,
)
from omnivenue.engine.schedule import due_now, most_now, number_now
from omnivenue.engine.shrink import make_smaller
from omnivenue.engine.state import State
from omnivenue.engine.timers import arm, arm_retry, disarm, expires_at, is_retrying
from omnivenue.engine.turn import Turn
from omnivenue.engine.unable import too_late, unable
from omnivenue.engine.work import send, stop
from omnivenue.message import (
    AcceptComposite,
    BeginSlice,
    CloseComposite,
    DisarmTimer,
    EndReason,
    ExpireDue,
    Missing,
    OrderInstructed,
    PauseComposite,
    PauseInstructed,
    Reason,
    Refuse,
    SliceDue,
    StartPart,
    StopComposite,
)
from omnivenue.model import (
    SECOND,
    InstructionID,
    Instrument,
    InstrumentID,
    Nanos,
    OrderID,
    TimeInForce,
)
from omnivenue.oms import Composite, Stage, Unfit
from omnivenue.risk import Approved, Refused, Rule
from omnivenue.route import is_smart

TRIES_MAX = 4
"""Routes in one slice at once: what is left by then waits for the next one, or for `PAUSE`, or is
the order's end."""

PAUSE = Nanos(5 * SECOND)
"""After which an order that may rest tries again to place what nobody takes just now."""

_OF_THE_WHOLE = frozenset(
    rule.code
    for rule in (
        Rule.KILLED,
        Rule.HALTED,
        Rule.CURRENCY,
        Rule.ORDER_QTY,
        Rule.ORDER_NOTIONAL,
        Rule.ORDERS_PER_SECOND,
        Rule.ORDERS_PER_MINUTE,
        Rule.OPEN_ORDERS,
        Rule.CANCEL_RATIO,
        Rule.DUPLICATE_WINDOW,
        Rule.REPEATED_EXECUTION,
    )
)
"""What splitting must not get around. The rest is asked of each part, where it goes."""

_OF_ONE_PLACE = _OF_THE_WHOLE | {
    rule.code
    for rule in (
        Rule.PRICE,
        Rule.PROTECTION,
        Rule.PRICE_COLLAR,
        Rule.MAY_TRADE,
        Rule.ALLOW_LIST,
        Rule.POSITION_QTY,
        Rule.POSITION_NOTIONAL,
        Rule.TOTAL_NOTIONAL,
        Rule.GROSS_NOTIONAL,
        Rule.LEVERAGE,
        Rule.REDUCE_ONLY,
        Rule.STATE_REDUCE_ONLY,
        Rule.MIN_SIZE,
        Rule.NOTIONAL_CHECK,
    )
}
"""And where all of it goes to one instrument. It reserves all of its size there, so its parts are
not measured by that again. What passes by itself (a venue that is away, cash) is its parts'."""


def instruct_composite(turn: Turn, event: OrderInstructed) -> Sequence[Reason]:
    """Why it was refused; nothing where it was not."""
    order_id = OrderID(event.instruction_id)
    composite = turn.state.composites.get(order_id)
    if composite is None or composite.seq != turn.state.seq - 1:
        return ()  # this key has its answer, from an earlier entry
    there = instruments_for(turn.state, event)
    reasons, measured_as, value_px = _wrong(turn, event, there)
    count = 1 if event.algo is None else slices(event.algo, event.qty, _least(turn, event, there))
    is_now = event.algo is None or is_smart(event.instrument_id)
    route = plan(turn, composite, event.qty) if is_now and not reasons else None
    if route is not None and not route.legs:
        why = "; ".join(f"{name}: {text}" for name, text in route.passed_over)
        reasons = [Unfit.NOWHERE.because(value=why)]
    if reasons:
        turn.emit(Refuse(instruction_id=event.instruction_id, reasons=tuple(reasons)))
        return reasons
    turn.emit(
        AcceptComposite(
            order_id=order_id,
            measured_as=measured_as,
            slices=count,
            expire_at=expires_at(turn, event),
            value_px=value_px,
        )
    )
    _begin(turn, order_id, composite, 0)
    return ()


def go_on(turn: Turn, order_id: OrderID, *, is_due: bool = False) -> None:
    """`is_due`: it has waited for its next try long enough."""
    composite = turn.state.composites[order_id]
    done = _done(turn.state, composite)
    if done > composite.qty:
        _shed(turn, composite)
    elif _is_at_work(turn, composite):
        missing = _missing(turn.state, composite)
        if missing > 0 and (is_due or composite.tries < TRIES_MAX):
            _route(turn, composite, missing, is_again=is_due)
    waits = _waits(turn, composite)
    if waits and not is_retrying(turn, order_id):
        arm_retry(turn, order_id, PAUSE)
    if composite.stage is Stage.WORKING:
        _arm_expiry(turn, order_id, composite)
    if composite.live or composite.is_over:
        return
    if composite.stage is Stage.STOPPING:
        _close(turn, order_id, composite.end or EndReason.CANCELLED)
    elif composite.has_begun_all and composite.paused_at is None and not waits:
        _close(turn, order_id, *_end(turn.state, composite))


def _is_at_work(turn: Turn, composite: Composite) -> bool:
    """May it have new parts? Its time may be over before its own timer says so: by its venue, or
    when a bust has brought it back."""
    if composite.stage is not Stage.WORKING or composite.paused_at is not None:
        return False
    return composite.expire_at is None or turn.at < composite.expire_at


def _waits(turn: Turn, composite: Composite) -> bool:
    """Is there something that nobody takes now and somebody may take later? An algorithm's next
    child takes it, if any venue could be asked; of an order that does not rest now is all there
    is."""
    order = composite.order
    missing = _missing(turn.state, composite)
    if missing <= 0 or not _is_at_work(turn, composite):
        return False
    if order.algo is not None:
        return is_closed_everywhere(turn.state, order)  # as after a start: it has missed nothing
    rests = order.tif.rests and order.limit_px is not None
    return rests and may_go_later(turn.state, composite, missing)


def _shed(turn: Turn, composite: Composite) -> None:
    """A fill has come late, for what was sent again already: the newest parts are for so much less.
    What is stopped is on its way out."""
    # By when they began: a snapshot has `live` by name.
    parts = [(i, turn.state.parents[i]) for i in composite.parts if i in composite.live]
    works = [(i, each) for i, each in parts if not each.is_stopped]
    excess = composite.filled + sum(max(0, each.qty - each.filled) for _, each in works)
    excess -= composite.qty
    for part_id, parent in reversed(works):
        leaves = max(0, parent.qty - parent.filled)
        cut = min(leaves, excess)
        excess -= cut
        make_smaller(turn, part_id, parent, leaves - cut)


def slice_due(turn: Turn, order_id: OrderID) -> None:
    composite = turn.state.composites.get(order_id)
    if composite is None or composite.stage is not Stage.WORKING:
        return
    if composite.paused_at is None:
        _begin(turn, order_id, composite, number_now(turn.at, composite))


def stop_composite(
    turn: Turn, order_id: OrderID, asked_by: InstructionID, reason: EndReason
) -> None:
    """No more parts, and the ones that work end. Asked again, their cancels are sent again."""
    composite = turn.state.composites[order_id]
    turn.emit(StopComposite(order_id=order_id, instruction_id=asked_by, reason=reason))
    for part_id in sorted(composite.live):
        stop(turn, part_id, asked_by, reason)
    go_on(turn, order_id)


def pause_instructed(turn: Turn, event: PauseInstructed) -> None:
    request = turn.state.requests.get(event.instruction_id)
    if request is None or request.seq != turn.state.seq - 1:
        return
    composite = turn.state.composites.get(event.order_id)
    if composite is None or composite.order.algo is None or composite.stage is not Stage.WORKING:
        unfit = Unfit.NO_ALGORITHM if composite is None or not composite.is_over else Unfit.ENDED
        turn.emit(Refuse(instruction_id=event.instruction_id, reasons=(unfit.because(),)))
        return
    is_paused = composite.paused_at is not None
    turn.emit(
        PauseComposite(
            order_id=event.order_id, instruction_id=event.instruction_id, is_over=event.is_over
        )
    )
    if event.is_over and is_paused:
        _arm_next(turn, event.order_id, composite)
        go_on(turn, event.order_id)
    elif not event.is_over:
        _disarm_slice(turn, event.order_id)


def _wrong(
    turn: Turn, order: OrderInstructed, there: list[Instrument]
) -> tuple[list[Reason], InstrumentID, int]:
    """All that is against it as a whole, which instrument it was measured as, and what one unit was
    valued at."""
    found = [Unfit.NOT_SPLIT.because(value=what) for what in _unfit(order)]
    found += [*_unable(turn.state, order, there), *too_late(turn.at, order)]
    if not there:
        return [*found, Unfit.NOWHERE.because(value="none is listed")], order.instrument_id, 0
    measured_as, verdict = _measured(turn, order, there)
    if isinstance(verdict, Approved):
        return found, measured_as, verdict.intent.value_px
    if not is_smart(order.instrument_id):
        return [*found, *(r for r in verdict.reasons if r.code in _OF_ONE_PLACE)], measured_as, 0
    of_whole = (r for r in verdict.reasons if r.code in _OF_THE_WHOLE)
    return [*found, *(r for r in of_whole if not r.value.startswith("venue:"))], measured_as, 0


def _unable(state: State, order: OrderInstructed, there: list[Instrument]) -> Iterator[Reason]:
    """What none of them can do: what some can goes to those."""
    able = [state.venues[each.venue_id].capabilities for each in there]
    first, *others = (unable(each, order) for each in able) if able else [[]]
    yield from (reason for reason in first if all(reason in each for each in others))


def _measured(
    turn: Turn, order: OrderInstructed, there: list[Instrument]
) -> tuple[InstrumentID, Approved | Refused]:
    """By the first that has a price: without one, nothing is too much."""
    verdicts = (
        (i.instrument_id, approve(turn, replace(order, instrument_id=i.instrument_id), i))
        for i in there
    )
    first = next(verdicts)
    if _has_price(first[1]):
        return first
    return next((each for each in verdicts if _has_price(each[1])), first)


def _has_price(verdict: Approved | Refused) -> bool:
    without = Rule.PRICE.code
    return isinstance(verdict, Approved) or all(r.code != without for r in verdict.reasons)


def _unfit(order: OrderInstructed) -> Iterator[str]:
    if order.ord_type.is_triggered:
        yield "a trigger"
    if order.tif is TimeInForce.FOK:
        yield "fill-or-kill"
    if order.take_profit is not None or order.stop_loss is not None:
        yield "a bracket"
    if order.oco is not None:
        yield "an OCO group"


def _least(turn: Turn, order: OrderInstructed, there: list[Instrument]) -> int:
    """Atoms that any of them takes: no slice is less."""
    return max((_least_at(turn, order, each) for each in there), default=1)


def _least_at(turn: Turn, order: OrderInstructed, instrument: Instrument) -> int:
    """A market order is worth what the market says; where that says nothing, it is not asked."""
    least, px = max(instrument.atoms(instrument.min_qty), instrument.lot), order.limit_px
    if px is None:
        mark = turn.seen.mark(instrument.instrument_id)
        px = 0 if isinstance(mark, Missing) else instrument.px(mark.px)
    worth = instrument.notional_floor(instrument.lot, px) if px else 0
    if worth <= 0:
        return least
    lots = -(-instrument.min_notional // worth)
    return max(least, lots * instrument.lot)


def _begin(turn: Turn, order_id: OrderID, composite: Composite, number: int) -> None:
    done = _done(turn.state, composite)
    target = done + due_now(turn.state, composite, number, done)
    turn.emit(BeginSlice(order_id=order_id, number=number, target=target))
    _arm_next(turn, order_id, composite)
    go_on(turn, order_id)


def _arm_next(turn: Turn, order_id: OrderID, composite: Composite) -> None:
    algo = composite.order.algo
    if algo is not None and not composite.has_begun_all:
        at = composite.began_at + (composite.number + 1) * algo.interval
        arm(turn, f"slice/{order_id}", max(turn.at, at), SliceDue(order_id=order_id))


def _done(state: State, composite: Composite) -> int:
    """Atoms that are filled or under way."""
    live = (state.parents[i] for i in composite.live)
    return composite.filled + sum(max(0, each.qty - each.filled) for each in live)


def _missing(state: State, composite: Composite) -> int:
    """Atoms that are to go out now."""
    return min(composite.target - _done(state, composite), most_now(state, composite))


def _route(turn: Turn, composite: Composite, qty: int, *, is_again: bool) -> None:
    route = plan(turn, composite, qty)
    if is_again and not route.legs:
        return  # nothing new: what waits for days need not say so each time
    turn.emit(route)
    for leg in route.legs:
        order, verdict = approve_part(turn, composite, leg)
        if isinstance(verdict, Refused):
            continue  # what the parts before it reserve leaves no room: another try will see
        intent = verdict.intent
        turn.emit(
            StartPart(
                order=order,
                of=route.order_id,
                limit_px=intent.limit_px,
                hold_px=intent.hold_px,
            )
        )
        parent = turn.state.parents[OrderID(order.instruction_id)]
        send(turn, parent, turn.state.instruments[leg.instrument_id], verdict)


def _end(state: State, composite: Composite) -> tuple[EndReason, tuple[Reason, ...]]:
    """Filled, or as the last of its parts ended."""
    if composite.filled >= composite.qty:
        return EndReason.FILLED, ()
    if not composite.parts:
        return EndReason.UNFILLED, ()
    last = state.parents[composite.parts[-1]]
    if last.end in (None, EndReason.FILLED):
        route = composite.routes[-1][1] if composite.routes else None
        if route is None or route.legs or may_go_later(state, composite, route.left):
            return EndReason.UNFILLED, ()
        return EndReason.DUST, ()
    return last.end or EndReason.UNFILLED, last.end_reasons


def _close(
    turn: Turn, order_id: OrderID, reason: EndReason, reasons: tuple[Reason, ...] = ()
) -> None:
    disarm(turn, order_id)
    _disarm_slice(turn, order_id)
    turn.emit(CloseComposite(order_id=order_id, reason=reason, reasons=reasons))


def _arm_expiry(turn: Turn, order_id: OrderID, composite: Composite) -> None:
    """Its parts have no timer of their own. Again after a bust: its end has disarmed it."""
    timer_id, at = f"expire/{order_id}", composite.expire_at
    if at is not None and timer_id not in turn.state.timers:
        arm(turn, timer_id, max(turn.at, at), ExpireDue(order_id=order_id))


def _disarm_slice(turn: Turn, order_id: OrderID) -> None:
    timer_id = f"slice/{order_id}"
    if timer_id in turn.state.timers:
        turn.emit(DisarmTimer(timer_id=timer_id))
