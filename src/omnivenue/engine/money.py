"""What a venue says that we hold, against what we believe."""

from omnivenue.engine.turn import Turn
from omnivenue.message import AdjustmentInstructed, StatusReport


def held_reported(turn: Turn, report: StatusReport) -> None:
    """Not built yet."""


def adjustment_instructed(turn: Turn, event: AdjustmentInstructed) -> None:
    """Not built yet."""
