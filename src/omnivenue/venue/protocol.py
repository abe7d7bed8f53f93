"""What the runtime knows of a venue, which is all an adapter has to be."""

from collections.abc import Callable
from typing import Protocol

from omnivenue.market import Quote
from omnivenue.message import VenueCommand, VenueEvent, VenueUp
from omnivenue.model import Capabilities, VenueID

type Deliver = Callable[[VenueEvent | VenueUp | Quote], None]
"""Takes what a venue says, in the venue's order. Never blocks; raises ConnectionError when we take
no more: then `run` ends, and what was missed is asked for after the next VenueUp."""


class Overloaded(Exception):
    """The outbox is full: nothing of this command has left."""


class Venue(Protocol):
    """Commands in, events out. An adapter keeps connections; it keeps no orders."""

    @property
    def venue_id(self) -> VenueID: ...

    @property
    def capabilities(self) -> Capabilities: ...

    def send(self, command: VenueCommand) -> None:
        """Put it into the bounded outbox of the wire, at most once. Returning says nothing about
        the outcome: that is an event. Raises Overloaded if nothing of it left, ConnectionError if
        it may have: then `run` ends as well, and the venue is asked later."""
        ...

    async def run(self, deliver: Deliver) -> None:
        """Connect, deliver VenueUp and then all that the venue says. Ends, by returning or raising
        ConnectionError, when the connection does. May be run again."""
        ...
