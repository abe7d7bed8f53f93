"""A client wants an order to be another: its quantity, its price, or both.

The parent is what it shall be from the moment that risk has agreed; its child follows as soon as it
may be changed (`engine/work.py`). A venue that turns a replace down leaves the order as it was, and
so does the parent then become what the venue still holds it to be.
"""

from collections.abc import Iterator

from omnivenue.engine.approve import approve
from omnivenue.engine.instruct import has_ended, is_news
from omnivenue.engine.timers import arm_retry, is_retrying
from omnivenue.engine.turn import Turn
from omnivenue.engine.work import advance, reserved
from omnivenue.message import AmendParent, Reason, Refuse, ReplaceInstructed
from omnivenue.model import Instrument, OrderID, exponent, format_decimal
from omnivenue.oms import (
    Order,
    Parent,
    Stage,
    Unfit,
    hold_px,
    is_open,
    pending_replace,
    status,
    terms,
)
from omnivenue.risk import Refused


def replace_instructed(turn: Turn, event: ReplaceInstructed) -> None:
    request = turn.state.requests.get(event.instruction_id)
    if request is None or not is_news(turn, request):
        return
    if event.order_id in turn.state.composites:
        unfit = Unfit.NOT_SPLIT.because(value="a replace")
        turn.emit(Refuse(instruction_id=event.instruction_id, reasons=(unfit,)))
        return
    parent = turn.state.parents.get(event.order_id)
    if parent is None or parent.is_over:
        turn.emit(Refuse(instruction_id=event.instruction_id, reasons=(has_ended(parent),)))
        return
    instrument = turn.state.instruments[parent.order.instrument_id]
    if unfit := tuple(_unfit(parent, event, instrument)):
        turn.emit(Refuse(instruction_id=event.instruction_id, reasons=unfit))
        return
    qty = parent.qty if event.qty is None else event.qty
    px = parent.limit_px if event.limit_px is None else event.limit_px
    verdict = approve(
        turn,
        parent.order,
        instrument,
        qty=qty - parent.filled,
        px=px,
        reserved=reserved(turn, parent),
        instead_of=[turn.state.orders[i] for i in parent.open],
        is_triggered=parent.is_triggered,
        exit_of=parent.entry_id,
    )
    if isinstance(verdict, Refused):
        turn.emit(Refuse(instruction_id=event.instruction_id, reasons=verdict.reasons))
        return
    turn.emit(
        AmendParent(
            order_id=event.order_id,
            qty=qty,
            limit_px=verdict.intent.limit_px,
            hold_px=verdict.intent.hold_px,
            instruction_id=event.instruction_id,
        )
    )
    advance(turn, event.order_id)


def replace_answered(turn: Turn, order: Order) -> None:
    """Where the venue has turned the last replace down: what it holds the order to be is what we
    hold it to be. A replace that got lost is asked for again, by `advance`; and so is, after a
    while, that of an exit, which must follow its entry."""
    if not order.replaces or pending_replace(order) is not None:
        return
    asked = order.replaces[-1]
    parent = turn.state.parents[order.new.parent_id]
    is_turned_down = order.version < asked.version and asked.cl_ord_id in order.rare.request_rejects
    if not is_turned_down or parent.stage is not Stage.WORKING:
        return
    if not is_open(order, status(order)) or order.rare.is_reworked:
        return
    order_id = OrderID(parent.order.instruction_id)
    if parent.entry_id is not None:
        if not is_retrying(turn, order_id):
            arm_retry(turn, order_id)
        return
    instrument = turn.state.listing(order.new)
    lots, ticks = terms(order)
    qty = instrument.atoms(lots) + parent.filled - instrument.atoms(order.cum_qty)
    limit_px = parent.limit_px if parent.order.limit_px is None else instrument.px(ticks)
    if (qty, limit_px) != (parent.qty, parent.limit_px):
        hold = hold_px(order, instrument)
        turn.emit(AmendParent(order_id=order_id, qty=qty, limit_px=limit_px, hold_px=hold))


def _unfit(parent: Parent, event: ReplaceInstructed, instrument: Instrument) -> Iterator[Reason]:
    """What no market makes right."""
    if parent.part_of is not None:
        yield Unfit.FOLLOWS_WHOLE.because(value=parent.part_of)
    if parent.stage is Stage.STOPPING:
        yield Unfit.ENDING.because()
    elif parent.qty <= parent.filled:
        yield Unfit.NOTHING_LEFT.because()
    if event.limit_px is not None and parent.order.limit_px is None:
        yield Unfit.NO_PRICE.because()
    if event.qty is not None and parent.entry_id is not None:
        yield Unfit.FOLLOWS_ENTRY.because()
    if event.qty is not None and event.qty <= parent.filled:
        filled, asked = (
            format_decimal(atoms, exponent(instrument.qty_asset))
            for atoms in (parent.filled, event.qty)
        )
        yield Unfit.FILLED_MORE.because(limit=filled, value=asked)
