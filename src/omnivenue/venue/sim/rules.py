"""What the simulated venues list and allow, as data: what real ones of these names do, made round.

`ids` are looked up by the default configuration; a recording of Binance's BTC-USDT fits its tick
and lot.
"""

from msgspec.structs import replace

from omnivenue.message import NewOrder
from omnivenue.model import (
    AssetID,
    Atoms,
    Capabilities,
    Instrument,
    InstrumentID,
    InstrumentType,
    Lots,
    Ticks,
    TimeInForce,
    TriggerBy,
    VenueID,
    unit,
)
from omnivenue.venue.sim.settle import notional

RATE_LIMIT = "RATE_LIMIT"
SIM_REJECT = "SIM_REJECT"
NOT_SUPPORTED = "NOT_SUPPORTED"
POST_ONLY = "POST_ONLY"  # it would have taken
REDUCE_ONLY = "REDUCE_ONLY"  # there is no more to reduce
DEAD_MAN = "DEAD_MAN"  # we were silent for too long
BY_VENUE = "BY_VENUE"  # cancelled, and nobody knows why

CAPABILITIES = Capabilities(
    has_cancel=True,
    has_replace=True,
    has_post_only=True,
    has_reduce_only=True,
    has_dead_man_switch=True,
    reports_balances=True,
    is_idempotent_by_cl_ord_id=True,
    finds_closed_orders=True,
    honours_expiry=True,
    tifs=tuple(TimeInForce),
    triggers=tuple(TriggerBy),
    confirms_by="ack",
    proven_rejects=(
        "UNKNOWN_INSTRUMENT",
        "INSTRUMENT_VERSION",
        "LOT_SIZE",
        "TICK_SIZE",
        "MIN_QTY",
        "MIN_NOTIONAL",
        NOT_SUPPORTED,
        POST_ONLY,
        RATE_LIMIT,
        SIM_REJECT,
    ),
)
"""All that a simulated exchange can do. What one of them shall not do is taken away by data."""

SPOT_VENUES = (VenueID("BINANCE-SPOT"), VenueID("BYBIT"), VenueID("OKX"))
FUTURES_VENUE = VenueID("BINANCE-FUTURES")
VENUES = (*SPOT_VENUES, FUTURES_VENUE)

USDT = AssetID("USDT")
CENT = Atoms(unit(USDT) // 100)
_LOTS = {AssetID("BTC"): 10**5, AssetID("ETH"): 10**4}  # lots in one whole asset
_MIDS = {AssetID("BTC"): 61_800, AssetID("ETH"): 2_680}  # USDT, where generated markets begin


def _listed(venue_id: VenueID, base: AssetID) -> Instrument:
    is_spot = venue_id != FUTURES_VENUE
    kind = InstrumentType.SPOT_PAIR if is_spot else InstrumentType.PERPETUAL
    return Instrument(
        instrument_id=InstrumentID(f"{venue_id}:{kind.value}:{base}-{USDT}"),
        version=1,
        venue_id=venue_id,
        type=kind,
        base=base,
        quote=USDT,
        settle=USDT,
        lot=Atoms(unit(base) // _LOTS[base]),
        tick=CENT,
        min_qty=Lots(1),
        min_notional=Atoms(5 * unit(USDT)),
        maker_bps=2,
        taker_bps=4,
    )


INSTRUMENTS = tuple(_listed(venue_id, base) for venue_id in VENUES for base in _LOTS)


def instruments_of(venue_id: VenueID) -> tuple[Instrument, ...]:
    return tuple(i for i in INSTRUMENTS if i.venue_id == venue_id)


def capabilities_of(venue_id: VenueID) -> Capabilities:
    """Who wants a stop on a spot venue has to watch the market himself."""
    if venue_id == FUTURES_VENUE:
        return CAPABILITIES
    return replace(CAPABILITIES, has_reduce_only=False, triggers=())


def start_mid(instrument: Instrument) -> Ticks | None:
    """None for a base asset that no built-in instrument has: nobody knows its price."""
    mid = _MIDS.get(instrument.base)
    return None if mid is None else Ticks(mid * unit(instrument.quote) // instrument.tick)


def refusal(can: Capabilities, instrument: Instrument | None, new: NewOrder) -> str:
    """The code of the first rule that an order breaks, or nothing."""
    if instrument is None:
        return "UNKNOWN_INSTRUMENT"
    if new.instrument_version != instrument.version:
        return "INSTRUMENT_VERSION"
    if not _is_supported(can, new):
        return NOT_SUPPORTED
    if new.qty <= 0:
        return "LOT_SIZE"
    if new.limit_px <= 0 or (new.stop_px is not None and new.stop_px <= 0):
        return "TICK_SIZE"
    if new.qty < instrument.min_qty:
        return "MIN_QTY"
    if notional(instrument, new.side, new.qty, new.limit_px) < instrument.min_notional:
        return "MIN_NOTIONAL"
    return ""


def _is_supported(can: Capabilities, new: NewOrder) -> bool:
    return (
        new.tif in can.tifs
        and (can.has_post_only or not new.post_only)
        and (can.has_reduce_only or not new.reduce_only)
        and (new.stop_px is None or new.trigger_by in can.triggers)
    )
