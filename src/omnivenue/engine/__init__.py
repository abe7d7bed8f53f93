"""The core. `step` is the whole system in one function."""

from omnivenue.engine.apply_command import apply_command
from omnivenue.engine.apply_event import apply_event
from omnivenue.engine.archived import Archived, decode_archived
from omnivenue.engine.equity import Cell, daily_loss, equity, profits
from omnivenue.engine.rate import rates
from omnivenue.engine.state import State, VenueState, VenueStatus, decode_state, state_hash
from omnivenue.engine.step import DECISION_VERSION, step

__all__ = [
    "DECISION_VERSION",
    "Archived",
    "Cell",
    "State",
    "VenueState",
    "VenueStatus",
    "apply_command",
    "apply_event",
    "daily_loss",
    "decode_archived",
    "decode_state",
    "equity",
    "profits",
    "rates",
    "state_hash",
    "step",
]
