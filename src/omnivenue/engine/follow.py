"""What becomes of an order changes those that are tied to it: its bracket, its group.

Decided in the turn of the fill itself, so no crash comes between a fill and what follows from it.
"""

from omnivenue.engine.apply_parent import oco_key
from omnivenue.engine.bracket import size_exits
from omnivenue.engine.composite import go_on
from omnivenue.engine.turn import Turn
from omnivenue.engine.work import stop
from omnivenue.message import EndReason
from omnivenue.model import InstructionID, OrderID
from omnivenue.oms import Parent

ROUNDS_MAX = 1_000  # each order is touched a few times; a thousand is a mistake of ours


def follow(turn: Turn) -> None:
    for _ in range(ROUNDS_MAX):
        if not turn.touched:
            return
        order_id = next(iter(turn.touched))
        del turn.touched[order_id]
        parent = turn.state.parents[order_id]
        if parent.order.oco is not None and parent.filled > 0:
            _cancel_others(turn, order_id, parent)
        if parent.part_of is not None:
            go_on(turn, parent.part_of)
            continue
        size_exits(turn, parent.entry_id or order_id)
    raise AssertionError("orders that are tied to one another do not come to rest")


def _cancel_others(turn: Turn, order_id: OrderID, parent: Parent) -> None:
    """One of a group has traded: the others end. Those that are ending already are left to it."""
    for other_id in sorted(turn.state.oco.get(oco_key(parent), ())):
        other = turn.state.parents[other_id]
        if other_id != order_id and not other.is_stopped:
            stop(turn, other_id, InstructionID(""), EndReason.OCO)
