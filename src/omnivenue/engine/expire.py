"""DAY and GTD orders end at their time: by their venue where it can, and by us where it does not.

Our own timer stands behind the venue's, a little later: a venue that says nothing is no reason for
an order to live on.
"""

from omnivenue.engine.composite import stop_composite
from omnivenue.engine.turn import Turn
from omnivenue.engine.work import stop
from omnivenue.message import EndReason
from omnivenue.model import InstructionID, OrderID


def expire_due(turn: Turn, order_id: OrderID) -> None:
    if order_id in turn.state.working:
        stop_composite(turn, order_id, InstructionID(""), EndReason.EXPIRED)
        return
    parent = turn.state.parents.get(order_id)
    if parent is not None and not parent.is_over:
        stop(turn, order_id, InstructionID(""), EndReason.EXPIRED)
