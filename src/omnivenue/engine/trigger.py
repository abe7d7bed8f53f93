"""A stop waits for the market, and is an order once it has come."""

from omnivenue.engine.turn import Turn
from omnivenue.message import WatchFired


def watch_fired(turn: Turn, event: WatchFired) -> None:
    """Not built yet."""
