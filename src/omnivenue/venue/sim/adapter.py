"""The simulated exchange behind the same door as a real one, over whichever wire."""

from omnivenue.message import VenueCommand, VenueUp
from omnivenue.model import Capabilities, VenueID
from omnivenue.venue.protocol import Deliver
from omnivenue.venue.sim.rules import CAPABILITIES
from omnivenue.venue.sim.wire import Wire


class SimVenue:
    def __init__(
        self, venue_id: VenueID, wire: Wire, capabilities: Capabilities = CAPABILITIES
    ) -> None:
        """`capabilities`: those that the exchange was given."""
        self._venue_id = venue_id
        self._capabilities = capabilities
        self._wire = wire

    @property
    def venue_id(self) -> VenueID:
        return self._venue_id

    @property
    def capabilities(self) -> Capabilities:
        return self._capabilities

    def send(self, command: VenueCommand) -> None:
        self._wire.send(command)

    async def run(self, deliver: Deliver) -> None:
        try:
            await self._wire.connect()
            deliver(VenueUp(venue_id=self._venue_id))
            await self._wire.listen(deliver)
        finally:
            self._wire.close()
