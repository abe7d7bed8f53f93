"""A client wants an order to be another."""

from omnivenue.engine.turn import Turn
from omnivenue.message import ReplaceInstructed


def replace_instructed(turn: Turn, event: ReplaceInstructed) -> None:
    """Not built yet."""
