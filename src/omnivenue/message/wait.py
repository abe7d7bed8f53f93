"""What the core asks to be told later. Held in State, told once, asked again after a crash."""

from omnivenue.message.message import Message
from omnivenue.model import Nanos, VenueID


class ReconcileDue(Message, frozen=True, tag="reconcile_due"):
    """Ask the venue about whatever has been silent for too long."""

    venue_id: VenueID


class Timer(Message, frozen=True):
    timer_id: str  # derived from what it is for
    at: Nanos
    due: ReconcileDue
