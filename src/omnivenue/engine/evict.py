"""What has been over for long leaves State."""

from omnivenue.engine.turn import Turn


def evict_due(turn: Turn) -> None:
    """Not built yet."""
