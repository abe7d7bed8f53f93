"""DAY and GTD orders end at their time."""

from omnivenue.engine.turn import Turn
from omnivenue.model import OrderID


def expire_due(turn: Turn, order_id: OrderID) -> None:
    """Not built yet."""
