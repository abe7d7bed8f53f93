"""Each second: what is held is worth so much; and so the daily loss is known."""

from omnivenue.engine.turn import Turn


def mark_due(turn: Turn) -> None:
    """Not built yet."""
