"""A venue's dead-man switch: refreshed while we live and may trade, left to expire after a kill.

It cancels what rests at the venue when nothing has been heard of us for so long: when the host has
died, no program of ours is there to do it. Refreshed three times within its span, so that one lost
message costs nothing. It is asked for venue by venue, because an orderly stop leaves orders
working, and the switch then ends them too.
"""

from omnivenue.engine.state import VenueState, VenueStatus
from omnivenue.engine.turn import Turn
from omnivenue.message import ArmDeadMan, ArmTimer, DeadManDue, Timer
from omnivenue.model import Nanos, TradingState, VenueID

REFRESHES = 3


def arm_dead_man(turn: Turn, venue_id: VenueID) -> None:
    """As soon as the venue is there: what rests from before is under it at once."""
    if _is_wanted(turn.state.venues[venue_id]):
        dead_man_due(turn, venue_id)


def dead_man_due(turn: Turn, venue_id: VenueID) -> None:
    venue = turn.state.venues[venue_id]
    if not _is_wanted(venue) or venue.status is VenueStatus.DOWN:
        return  # VenueUp arms it again
    if not _is_killed(turn, venue_id):
        turn.emit(ArmDeadMan(venue_id=venue_id, at=Nanos(turn.at + venue.dead_man)))
    at = Nanos(turn.at + venue.dead_man // REFRESHES)
    due = DeadManDue(venue_id=venue_id)
    turn.emit(ArmTimer(timer=Timer(timer_id=f"dead_man/{venue_id}", at=at, due=due)))


def _is_wanted(venue: VenueState) -> bool:
    return venue.dead_man > 0 and venue.capabilities.has_dead_man_switch


def _is_killed(turn: Turn, venue_id: VenueID) -> bool:
    """Of the whole venue. A killed account or strategy has its orders cancelled by name, and the
    others' go on."""
    stopped = (turn.state.stopped.get(scope) for scope in ("global", f"venue:{venue_id}"))
    return any(s is not None and s.state is TradingState.KILLED for s in stopped)
