"""Every adapter that the suite runs against. To join: one line in ADAPTERS."""

import time
from collections.abc import Callable, Generator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path

from conformance.talk import Rig
from omnivenue.model import Lots, Nanos, Ticks, VenueID
from omnivenue.venue import Venue
from omnivenue.venue.sim import InProcess, SimConfig, SimVenue, SimVenueConfig, TcpWire
from omnivenue.venue.sim.config import build_exchange
from omnivenue.venue.sim.launch import find_or_start
from omnivenue.venue.sim.rules import instruments_of, start_mid

SIM = VenueID("BYBIT")
CONFIG = SimVenueConfig(venue_id=SIM, instruments=instruments_of(SIM))


def now() -> Nanos:
    return Nanos(time.time_ns())


@contextmanager
def sim_in_process(_: Path) -> Generator[Rig]:
    yield sim_rig(SimVenue(SIM, InProcess(build_exchange(CONFIG, now()), now)))


@contextmanager
def sim_over_tcp(home: Path) -> Generator[Rig]:
    """Its process is a real one, and stays from case to case."""
    config = SimConfig(venues=(CONFIG,), idle_seconds=60)
    yield sim_rig(SimVenue(SIM, TcpWire(SIM, lambda: find_or_start(home, config))))


def sim_rig(venue: Venue) -> Rig:
    instrument = instruments_of(SIM)[0]
    mid = start_mid(instrument)
    assert mid is not None
    low, high = Ticks(mid * 9 // 10), Ticks(mid * 11 // 10)
    return Rig(venue, instrument, low, high, Lots(100), now)


type Adapter = Callable[[Path], AbstractContextManager[Rig]]

ADAPTERS: list[Adapter] = [sim_in_process, sim_over_tcp]
