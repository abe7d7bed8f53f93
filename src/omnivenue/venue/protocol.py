"""What the runtime knows of a venue, which is all an adapter has to be."""

from collections.abc import Callable
from typing import Protocol

import msgspec

from omnivenue.market import Quote
from omnivenue.message import VenueCommand, VenueEvent, VenueUp
from omnivenue.model import VenueID

type Deliver = Callable[[VenueEvent | VenueUp | Quote], None]
"""Takes what a venue says, in the venue's order. Never blocks; raises ConnectionError when we take
no more: then `run` ends, and what was missed is asked for after the next VenueUp."""


class Overloaded(Exception):
    """The outbox is full: nothing of this command has left."""


class Capabilities(msgspec.Struct, frozen=True, kw_only=True):
    """Data, not code: the conformance suite reads it to know which cases to run, and the order
    model to know what may be done about silence."""

    has_cancel: bool
    is_idempotent_by_cl_ord_id: bool  # the same id twice is one order, over its full history
    finds_closed_orders: bool  # by client id, also after their end
    honours_expiry: bool  # refuses what arrives after `expires_at`
    has_fok: bool
    confirms_by: str  # "ack", "fill" or "block"
    proven_rejects: frozenset[str]  # codes that prove that the order was never placed


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
