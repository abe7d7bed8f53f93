"""A venue's dead-man switch: refreshed while we live and trade, left to expire after a kill."""

from omnivenue.engine.turn import Turn
from omnivenue.model import VenueID


def dead_man_due(turn: Turn, venue_id: VenueID) -> None:
    """Not built yet."""
