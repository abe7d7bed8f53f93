"""The venues of paper mode: simulated exchanges in a process of their own, found again or started.

The process outlives ours, so that a crash of ours is a crash of ours alone, and its record is
independent evidence of what we did.
"""

from collections.abc import Mapping
from pathlib import Path

from omnivenue.config import Config, FaultsSection, VenueConfig
from omnivenue.model import Capabilities, Instrument, InstrumentID, Nanos, VenueID
from omnivenue.venue.sim import (
    Deposit,
    Endpoint,
    Faults,
    Habits,
    Latency,
    SimConfig,
    SimVenue,
    SimVenueConfig,
    TcpWire,
)
from omnivenue.venue.sim.launch import find, find_or_start, stop
from omnivenue.venue.sim.rules import capabilities_of

NANOS_PER_US = 1_000

type Listed = Mapping[InstrumentID, Instrument]


class Exchanges:
    """The process of one home: whoever connects first starts it."""

    def __init__(self, home: Path, config: Config, listed: Listed) -> None:
        """`listed`: the instruments in the versions that the core has given them."""
        self._folder = home / config.mode / "sim"
        venues = tuple(_venue(config, venue, listed) for venue in config.venues)
        self._config = SimConfig(venues=venues)

    def venues(self) -> list[SimVenue]:
        def there() -> Endpoint:
            return find_or_start(self._folder, self._config)

        return [
            SimVenue(venue.venue_id, TcpWire(venue.venue_id, there), venue.capabilities)
            for venue in self._config.venues
        ]

    def stop(self) -> None:
        """Blocks until it has let go of its records."""
        endpoint = find(self._folder)
        if endpoint is not None:
            stop(endpoint)


def capabilities(config: Config) -> dict[VenueID, Capabilities]:
    """What each of the venues can do."""
    return {venue.venue_id: capabilities_of(venue.venue_id) for venue in config.venues}


def _venue(config: Config, venue: VenueConfig, listed: Listed) -> SimVenueConfig:
    deposits = tuple(
        Deposit(account=account, asset=asset, amount=amount)
        for account, venues in sorted(config.balances.items())
        for asset, amount in sorted(venues.get(venue.venue_id, {}).items())
    )
    one_way = Nanos(venue.latency_us * NANOS_PER_US)
    return SimVenueConfig(
        venue_id=venue.venue_id,
        instruments=tuple(listed[i.instrument_id] for i in venue.instruments),
        market=f"recording:{venue.recording}" if venue.recording else "generated",
        keeps_going=venue.keeps_going,
        speed=venue.speed,
        deposits=deposits,
        capabilities=capabilities_of(venue.venue_id),
        seed=venue.seed or 0,
        habits=Habits(reject=venue.faults.reject, bust=venue.faults.bust),
        faults=_faults(venue.faults),
        latency=Latency(min=one_way, max=one_way),
    )


def _faults(section: FaultsSection) -> Faults:
    return Faults(
        lose_request=section.lose_request,
        lose_reply=section.lose_reply,
        duplicate=section.duplicate,
        disconnect=section.disconnect,
        rate_limit=section.rate_limit,
        delay_max=section.delay_us * NANOS_PER_US,
    )
