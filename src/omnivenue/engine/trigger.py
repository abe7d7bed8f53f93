"""A stop waits for the market, and is an order once it has come.

Where the venue keeps stops itself, it is told of them at once. Else we watch; and a bracket's stop
we always watch, because its two exits must never be at a venue together: both could fill.
"""

from omnivenue.engine.timers import watch_id
from omnivenue.engine.turn import Turn
from omnivenue.engine.work import advance, stop
from omnivenue.message import (
    ArmWatch,
    DisarmWatch,
    EndReason,
    OrderInstructed,
    PxCrosses,
    TriggerParent,
    Watch,
    WatchFired,
)
from omnivenue.model import Capabilities, InstructionID, Instrument, OrderID, Side
from omnivenue.oms import Parent, Stage


def waits_here(order: OrderInstructed, able: Capabilities) -> bool:
    """With us, and not at its venue."""
    return order.ord_type.is_triggered and order.trigger_by not in able.triggers


def arm(turn: Turn, parent: Parent, instrument: Instrument) -> None:
    order = parent.order
    assert order.stop_px is not None
    is_above = (order.side is Side.BUY) != order.ord_type.is_take_profit
    condition = PxCrosses(
        instrument_id=order.instrument_id,
        instrument_version=instrument.version,
        by=order.trigger_by,
        is_above=is_above,
        px=instrument.limit_ticks(order.side, order.stop_px),
    )
    name = watch_id(OrderID(order.instruction_id))
    turn.emit(ArmWatch(watch=Watch(watch_id=name, condition=condition)))


def watch_fired(turn: Turn, event: WatchFired) -> None:
    if event.watch_id not in turn.state.watches:
        return  # disarmed while it was on its way
    turn.emit(DisarmWatch(watch_id=event.watch_id))  # so it never fires again
    order_id = OrderID(event.watch_id.removeprefix("stop/"))
    parent = turn.state.parents.get(order_id)
    if parent is not None and parent.stage is Stage.ARMED:
        trigger(turn, order_id, parent)


def _drop_other_exit(turn: Turn, order_id: OrderID, parent: Parent) -> None:
    """Of a bracket one exit at a time is at the venue."""
    if parent.entry_id is None:
        return
    for other_id in turn.state.parents[parent.entry_id].exits:
        other = turn.state.parents[other_id]
        if other_id != order_id and not (other.is_over or other.is_stopped):
            stop(turn, other_id, InstructionID(""), EndReason.OCO)


def trigger(turn: Turn, order_id: OrderID, parent: Parent) -> None:
    turn.emit(TriggerParent(order_id=order_id, limit_px=parent.limit_px, hold_px=parent.hold_px))
    _drop_other_exit(turn, order_id, parent)
    advance(turn, order_id)
