"""What the process of the simulated exchanges is told: which venues, on which markets.

Strict, because it is written by a program: an unknown key is a mistake of that program.
"""

from collections.abc import Callable
from pathlib import Path
from typing import Annotated
from zlib import crc32

import msgspec

from omnivenue.model import (
    AccountID,
    AssetID,
    Atoms,
    Capabilities,
    Instrument,
    InstrumentID,
    Nanos,
    VenueID,
)
from omnivenue.venue.sim.exchange import Exchange
from omnivenue.venue.sim.faults import NO_FAULTS, NO_LATENCY, Faults, Latency
from omnivenue.venue.sim.generator import GeneratedMarket, continuing
from omnivenue.venue.sim.record import Habits
from omnivenue.venue.sim.recorded_market import AS_RECORDED, Recorded, RecordedMarket
from omnivenue.venue.sim.recording import Recording, decode, excerpt
from omnivenue.venue.sim.rules import CAPABILITIES, start_mid
from omnivenue.venue.sim.source import MarketSource

GENERATED = "generated"
EXCERPT = "excerpt"
RECORDING = "recording:"

type Opener = Callable[[Path, tuple[Instrument, ...]], tuple[InstrumentID, Recorded]]
"""A file, and of which of the instruments it is the market. Raises OSError and ValueError."""


class Deposit(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Paid in once: an asset of an account that the record knows is not paid in again."""

    account: AccountID
    asset: AssetID
    amount: int  # atoms


class SimVenueConfig(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """`market` is "generated", "excerpt" (the recording that comes with the package) or
    "recording:FILE". A recording is the market of the instrument that it names, or else of the
    first one; the others are generated, where we know a price to begin at: else they have none.
    `speed` is a recording's, in thousandths of the recorded one."""

    venue_id: VenueID
    instruments: tuple[Instrument, ...]
    market: str = GENERATED
    keeps_going: bool = (
        True  # where a recording ends, a generated market follows; else it goes stale
    )
    speed: Annotated[int, msgspec.Meta(gt=0)] = AS_RECORDED
    seed: int = 0
    deposits: tuple[Deposit, ...] = ()
    capabilities: Capabilities = CAPABILITIES
    fee_rates: dict[AssetID, Atoms] = {}  # what fees in other assets count for, in quote atoms
    habits: Habits = Habits()
    faults: Faults = NO_FAULTS
    latency: Latency = NO_LATENCY

    def __post_init__(self) -> None:
        if self.market not in (GENERATED, EXCERPT) and not self.market.startswith(RECORDING):
            raise ValueError(f'market must be "{GENERATED}", "{EXCERPT}" or "{RECORDING}FILE"')


class SimConfig(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    venues: tuple[SimVenueConfig, ...]
    idle_seconds: float = 600.0  # without any connection; then the process ends by itself


def open_own(path: Path, instruments: tuple[Instrument, ...]) -> tuple[InstrumentID, Recording]:
    """A file of our own format."""
    return _placed(decode(path.read_bytes()), instruments)


def build_exchange(config: SimVenueConfig, start_at: Nanos, opener: Opener = open_own) -> Exchange:
    """Raises ValueError and OSError where the market cannot be had."""
    return Exchange(
        config.venue_id,
        config.instruments,
        build_sources(config, start_at, opener),
        config.habits,
        config.seed,
        capabilities=config.capabilities,
        fee_rates=config.fee_rates,
    )


def build_sources(
    config: SimVenueConfig, start_at: Nanos, opener: Opener = open_own
) -> dict[InstrumentID, MarketSource]:
    sources: dict[InstrumentID, MarketSource] = {
        i.instrument_id: GeneratedMarket(_seed(config, i.instrument_id), start_at, mid)
        for i in config.instruments
        if (mid := start_mid(i)) is not None
    }
    if config.market != GENERATED and config.instruments:
        recorded, source = _recorded(config, start_at, opener)
        sources[recorded] = source
    return sources


def _recorded(
    config: SimVenueConfig, start_at: Nanos, opener: Opener
) -> tuple[InstrumentID, MarketSource]:
    if config.market == EXCERPT:
        instrument_id, recorded = _placed(excerpt(), config.instruments)
    else:
        path = Path(config.market.removeprefix(RECORDING))
        instrument_id, recorded = opener(path, config.instruments)
    then = continuing(_seed(config, instrument_id)) if config.keeps_going else None
    return instrument_id, RecordedMarket(recorded, start_at, then, config.speed)


def _placed(
    recording: Recording, instruments: tuple[Instrument, ...]
) -> tuple[InstrumentID, Recording]:
    named = [i for i in instruments if i.instrument_id == recording.header.instrument_id]
    return (named[0] if named else instruments[0]).instrument_id, recording


def _seed(config: SimVenueConfig, instrument_id: InstrumentID) -> int:
    """Another market for each instrument of each venue, the same for the same seed."""
    return crc32(f"{config.seed}/{instrument_id}".encode())
