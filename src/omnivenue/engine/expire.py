"""DAY and GTD orders end at their time: by their venue where it can, and by us where it does not.

Our own timer stands behind the venue's, a little later: a venue that says nothing is no reason for
an order to live on.
"""

from omnivenue.engine.turn import Turn
from omnivenue.engine.work import stop
from omnivenue.message import EndReason, OrderInstructed
from omnivenue.model import SECOND, InstructionID, Nanos, OrderID, TimeInForce

DAY = Nanos(86_400 * SECOND)


def expires_at(turn: Turn, order: OrderInstructed) -> Nanos | None:
    """00:00 UTC of the day that follows for DAY; what the order says for GTD."""
    match order.tif:
        case TimeInForce.DAY:
            return Nanos((turn.at // DAY + 1) * DAY)
        case TimeInForce.GTD:
            return order.expire_at
        case _:
            return None


def expire_due(turn: Turn, order_id: OrderID) -> None:
    parent = turn.state.parents.get(order_id)
    if parent is not None and not parent.is_over:
        stop(turn, order_id, InstructionID(""), EndReason.EXPIRED)
