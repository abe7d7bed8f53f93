"""What becomes of an order changes those that are tied to it: its bracket, its group.

Decided in the turn of the fill itself, so no crash comes between a fill and what follows from it.
"""

from omnivenue.engine.apply_parent import oco_key
from omnivenue.engine.bracket import size_exits
from omnivenue.engine.shrink import shrink
from omnivenue.engine.turn import Turn
from omnivenue.engine.work import stop
from omnivenue.message import EndReason, FlagOrder
from omnivenue.model import InstructionID, OrderID
from omnivenue.oms import Anomaly, Parent

ROUNDS_MAX = 1_000  # each order is touched a few times; a thousand is a mistake of ours


def follow(turn: Turn) -> None:
    for _ in range(ROUNDS_MAX):
        if not turn.touched:
            if not turn.moved:
                return
            cell = next(iter(turn.moved))
            del turn.moved[cell]
            shrink(turn, cell)
            continue
        order_id = next(iter(turn.touched))
        del turn.touched[order_id]
        parent = turn.state.parents[order_id]
        if parent.order.oco is not None and parent.filled > 0:
            _cancel_others(turn, order_id, parent)
            _flag_rival(turn, parent)
        size_exits(turn, parent.entry_id or order_id)
    raise AssertionError("orders that are tied to one another do not come to rest")


def _flag_rival(turn: Turn, parent: Parent) -> None:
    """Two of a group have traded: the cancel came too late. Both count, and somebody must know."""
    if not parent.is_rival:
        return
    for cl_ord_id in parent.children:
        order = turn.state.orders[cl_ord_id]
        if order.cum_qty and Anomaly.OCO.value not in order.flagged:
            turn.emit(FlagOrder(cl_ord_id=cl_ord_id, anomaly=Anomaly.OCO.value))


def _cancel_others(turn: Turn, order_id: OrderID, parent: Parent) -> None:
    """One of a group has traded: the others end. Those that are ending already are left to it."""
    for other_id in sorted(turn.state.oco.get(oco_key(parent), ())):
        other = turn.state.parents[other_id]
        if other_id != order_id and not other.is_stopped:
            stop(turn, other_id, InstructionID(""), EndReason.OCO)
