"""What the process of the simulated exchanges is told: which venues, on which markets.

Strict, because it is written by a program: an unknown key is a mistake of that program.
"""

from pathlib import Path
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
from omnivenue.venue.sim.recording import RecordedMarket, decode, excerpt
from omnivenue.venue.sim.rules import CAPABILITIES, start_mid
from omnivenue.venue.sim.source import MarketSource

GENERATED = "generated"
EXCERPT = "excerpt"
RECORDING = "recording:"


class Deposit(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Paid in once: an asset of an account that the record knows is not paid in again."""

    account: AccountID
    asset: AssetID
    amount: int  # atoms


class SimVenueConfig(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """`market` is "generated", "excerpt" (the recording that comes with the package) or
    "recording:FILE". A recording is the market of the instrument that it names, or else of the
    first one; the others are generated, where we know a price to begin at: else they have none."""

    venue_id: VenueID
    instruments: tuple[Instrument, ...]
    market: str = GENERATED
    keeps_going: bool = (
        True  # where a recording ends, a generated market follows; else it goes stale
    )
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


def build_exchange(config: SimVenueConfig, start_at: Nanos) -> Exchange:
    """Raises ValueError and OSError where the market cannot be had."""
    return Exchange(
        config.venue_id,
        config.instruments,
        build_sources(config, start_at),
        config.habits,
        config.seed,
        capabilities=config.capabilities,
        fee_rates=config.fee_rates,
    )


def build_sources(config: SimVenueConfig, start_at: Nanos) -> dict[InstrumentID, MarketSource]:
    sources: dict[InstrumentID, MarketSource] = {
        i.instrument_id: GeneratedMarket(_seed(config, i), start_at, mid)
        for i in config.instruments
        if (mid := start_mid(i)) is not None
    }
    if config.market != GENERATED and config.instruments:
        recorded, source = _recorded(config, start_at)
        sources[recorded] = source
    return sources


def _recorded(config: SimVenueConfig, start_at: Nanos) -> tuple[InstrumentID, MarketSource]:
    is_excerpt = config.market == EXCERPT
    path = Path(config.market.removeprefix(RECORDING))
    recording = excerpt() if is_excerpt else decode(path.read_bytes())
    named = [i for i in config.instruments if i.instrument_id == recording.header.instrument_id]
    instrument = named[0] if named else config.instruments[0]
    then = continuing(_seed(config, instrument)) if config.keeps_going else None
    return instrument.instrument_id, RecordedMarket(recording, start_at, then)


def _seed(config: SimVenueConfig, instrument: Instrument) -> int:
    """Another market for each instrument of each venue, the same for the same seed."""
    return crc32(f"{config.seed}/{instrument.instrument_id}".encode())
