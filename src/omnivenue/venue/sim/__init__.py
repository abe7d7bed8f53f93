"""Simulated exchanges: markets, matching, a record that survives, faults on request, and the wire.

Begin with `exchange.py`. A paper home runs them in a process of their own (`process.py`, found or
started by `launch.py`); backtests and searches hold an Exchange in memory, behind the same adapter.
"""

from omnivenue.venue.sim.adapter import SimVenue
from omnivenue.venue.sim.config import Deposit, SimConfig, SimVenueConfig, build_exchange
from omnivenue.venue.sim.endpoint import Endpoint
from omnivenue.venue.sim.exchange import Exchange
from omnivenue.venue.sim.faults import (
    NO_FAULTS,
    Fault,
    Faults,
    Latency,
    Link,
    Planned,
    Script,
    Target,
)
from omnivenue.venue.sim.house import House
from omnivenue.venue.sim.record import Habits, Line, Placed, read_record
from omnivenue.venue.sim.wire import InProcess, TcpWire

__all__ = [
    "NO_FAULTS",
    "Deposit",
    "Endpoint",
    "Exchange",
    "Fault",
    "Faults",
    "Habits",
    "House",
    "InProcess",
    "Latency",
    "Line",
    "Link",
    "Placed",
    "Planned",
    "Script",
    "SimConfig",
    "SimVenue",
    "SimVenueConfig",
    "Target",
    "TcpWire",
    "build_exchange",
    "read_record",
]
