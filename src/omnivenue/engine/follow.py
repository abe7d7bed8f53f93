"""What becomes of an order changes those that are tied to it: its bracket, its group.

Decided in the turn of the fill itself, so no crash comes between a fill and what follows from it.
"""

from collections import Counter

from omnivenue.engine.apply_live import oco_key
from omnivenue.engine.bracket import size_exits
from omnivenue.engine.composite import go_on
from omnivenue.engine.curb import curb
from omnivenue.engine.shrink import shrink
from omnivenue.engine.turn import Cell, Turn
from omnivenue.engine.work import stop
from omnivenue.message import EndReason, FlagOrder
from omnivenue.model import InstructionID, OrderID
from omnivenue.oms import Anomaly, Parent

VISITS_MAX = 100  # in a turn: each is touched a few times; a hundred is a mistake of ours


def follow(turn: Turn) -> None:
    visits: Counter[OrderID | Cell] = Counter()
    while turn.touched or turn.moved:
        if turn.touched:
            visited = next(iter(turn.touched))
            del turn.touched[visited]
            _follow_order(turn, visited)
        else:
            visited = next(iter(turn.moved))
            del turn.moved[visited]
            shrink(turn, visited)
            if turn.curbs:
                curb(turn, visited)
        visits.update((visited,))
        assert visits[visited] <= VISITS_MAX, "what is tied together does not come to rest"


def _follow_order(turn: Turn, order_id: OrderID) -> None:
    parent = turn.state.parents[order_id]
    if parent.order.oco is not None and parent.filled > 0:
        _cancel_others(turn, order_id, parent)
        _flag_rival(turn, parent)
    if parent.part_of is not None:
        go_on(turn, parent.part_of)
        return
    size_exits(turn, parent.entry_id or order_id)


def _flag_rival(turn: Turn, parent: Parent) -> None:
    """Two of a group have traded: the cancel came too late. Both count, and somebody must know."""
    if not parent.is_rival:
        return
    for cl_ord_id in parent.children:
        order = turn.state.orders[cl_ord_id]
        if order.cum_qty and Anomaly.OCO.value not in order.rare.flagged:
            turn.emit(FlagOrder(cl_ord_id=cl_ord_id, anomaly=Anomaly.OCO.value))


def _cancel_others(turn: Turn, order_id: OrderID, parent: Parent) -> None:
    """One of a group has traded: the others end. Those that are ending already are left to it."""
    for other_id in sorted(turn.state.oco.get(oco_key(parent), ())):
        other = turn.state.parents[other_id]
        if other_id != order_id and not other.is_stopped:
            stop(turn, other_id, InstructionID(""), EndReason.OCO)
