"""Stopping trading, by a person or a breaker, and arming it again."""

from omnivenue.engine.turn import Turn
from omnivenue.message import RearmAsked, StateSet, StatusReport


def state_set(turn: Turn, event: StateSet) -> None:
    """Not built yet."""


def rearm_asked(turn: Turn, event: RearmAsked) -> None:
    """Not built yet."""


def rearm_when_reconciled(turn: Turn, report: StatusReport) -> None:
    """Not built yet."""
