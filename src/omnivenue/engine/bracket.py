"""A bracket: as an entry fills, its exits are armed for what has filled.

Each exit is an order of its own, sized to what the entry has filled less what the other exit has:
so what fills of one is taken off the other. A take-profit rests at the venue. A stop-loss is a
watch of ours; when it fires, the take-profit is cancelled, and the stop is sent when that is proven
to have ended.
"""

from omnivenue.engine.trigger import arm
from omnivenue.engine.turn import Turn
from omnivenue.engine.work import advance, close
from omnivenue.message import (
    AmendParent,
    EndReason,
    Exit,
    OrderInstructed,
    ReopenParent,
    StartOrder,
)
from omnivenue.model import Atoms, InstructionID, OrderID, OrdType, TimeInForce, TradingState
from omnivenue.oms import Parent, Stage

TAKE_PROFIT, STOP_LOSS = "tp", "sl"
_BY_ITSELF = frozenset({EndReason.FILLED, EndReason.OCO, EndReason.DUST, EndReason.NOTHING_LEFT})


def size_exits(turn: Turn, entry_id: OrderID) -> None:
    entry = turn.state.parents[entry_id]
    if turn.state.trading_state(entry.order) is TradingState.KILLED:
        return  # what a late fill leaves is shown, and nothing new is begun
    if entry.filled > 0 and not entry.exits:
        _start(turn, entry_id, entry)
    for order_id in entry.exits:
        _size(turn, order_id, entry)


def exit_id(entry_id: OrderID, which: str) -> OrderID:
    """No client's key has a tilde in it."""
    return OrderID(f"{entry_id}~{which}")


def _start(turn: Turn, entry_id: OrderID, entry: Parent) -> None:
    order = entry.order
    wanted = ((TAKE_PROFIT, order.take_profit), (STOP_LOSS, order.stop_loss))
    for which, terms in wanted:
        if terms is None:
            continue
        made = _exit(entry, exit_id(entry_id, which), terms)
        is_armed = terms.stop_px is not None
        turn.emit(StartOrder(order=made, entry_id=entry_id, is_armed=is_armed))
        if is_armed:
            parent = turn.state.parents[OrderID(made.instruction_id)]
            arm(turn, parent, turn.state.instruments[order.instrument_id])
        turn.look_at_position(entry)


def _exit(entry: Parent, order_id: OrderID, terms: Exit) -> OrderInstructed:
    order, ord_type = entry.order, OrdType.LIMIT
    if terms.stop_px is not None:
        ord_type = OrdType.STOP if terms.limit_px is None else OrdType.STOP_LIMIT
    return OrderInstructed(
        instruction_id=InstructionID(order_id),
        body_hash="",
        account=order.account,
        strategy_id=order.strategy_id,
        instrument_id=order.instrument_id,
        side=order.side.opposite,
        qty=Atoms(entry.filled),
        ord_type=ord_type,
        limit_px=terms.limit_px,
        tif=TimeInForce.GTC,
        stop_px=terms.stop_px,
        trigger_by=order.trigger_by,
        reduce_only=True,
    )


def _size(turn: Turn, order_id: OrderID, entry: Parent) -> None:
    parents = turn.state.parents
    exit_ = parents[order_id]
    by_others = sum(parents[i].filled for i in entry.exits if i != order_id)
    qty = max(exit_.filled, entry.filled - entry.closed - by_others)
    if exit_.is_over and not _may_reopen(exit_, qty):
        return
    if exit_.qty != qty:
        limit_px, hold_px = exit_.limit_px, exit_.hold_px
        turn.emit(AmendParent(order_id=order_id, qty=qty, limit_px=limit_px, hold_px=hold_px))
    if exit_.is_over:
        turn.emit(ReopenParent(order_id=order_id))
        turn.look_at_position(entry)  # nothing reduced it when the late fill came
        if exit_.stage is Stage.ARMED:
            arm(turn, exit_, turn.state.instruments[exit_.order.instrument_id])
    if exit_.stage is Stage.WORKING:
        _advance(turn, order_id)
    elif exit_.stage is Stage.ARMED and qty == exit_.filled and entry.is_over:
        close(turn, order_id, EndReason.NOTHING_LEFT if entry.closed else EndReason.OCO)


def _may_reopen(exit_: Parent, qty: int) -> bool:
    """A late fill of its entry, after it had ended by itself."""
    has_ended = exit_.stage is Stage.CLOSED and not exit_.is_stopped
    return has_ended and exit_.end in _BY_ITSELF and qty > exit_.qty


def _advance(turn: Turn, order_id: OrderID) -> None:
    """Looked at again only where something came of it: else the exits would never come to rest."""
    before = len(turn.commands)
    was_touched = order_id in turn.touched
    advance(turn, order_id)
    if len(turn.commands) == before and not was_touched:
        turn.touched.pop(order_id, None)
