"""Listings with plain numbers, an order that fits them, and what becomes of a body. Lot 0.00001
BTC, tick 0.01 USDT, minimum 0.00002 BTC and 5 USDT."""

import json
from typing import Any

from omnivenue.message import Instruction
from omnivenue.model import (
    AccountID,
    AssetID,
    Atoms,
    Instrument,
    InstrumentID,
    InstrumentType,
    Lots,
    VenueID,
)
from omnivenue.wire import Invalid, Listings, decode_instruction

BTC_SPOT = InstrumentID("BINANCE-SPOT:SPOT_PAIR:BTC-USDT")
ETH_SPOT = InstrumentID("BYBIT:SPOT_PAIR:ETH-USDT")


def listing(instrument_id: str) -> Instrument:
    venue, kind, pair = instrument_id.split(":")
    return Instrument(
        instrument_id=InstrumentID(instrument_id),
        version=1,
        venue_id=VenueID(venue),
        type=InstrumentType(kind),
        base=AssetID(pair.partition("-")[0]),
        quote=AssetID("USDT"),
        settle=AssetID("USDT"),
        lot=Atoms(1_000),
        tick=Atoms(1_000_000),
        min_qty=Lots(2),
        min_notional=Atoms(500_000_000),
        maker_bps=2,
        taker_bps=4,
    )


INSTRUMENTS = {
    instrument_id: listing(instrument_id)
    for instrument_id in (
        BTC_SPOT,
        InstrumentID("BYBIT:SPOT_PAIR:BTC-USDT"),
        ETH_SPOT,
        InstrumentID("BINANCE-FUTURES:PERPETUAL:BTC-USDT"),
    )
}
LISTINGS = Listings(
    instruments=INSTRUMENTS,
    venues=frozenset(i.venue_id for i in INSTRUMENTS.values()),
    accounts=frozenset({AccountID("main"), AccountID("second")}),
)
ORDER: dict[str, Any] = {
    "kind": "order",
    "id": "k1",
    "instrument": BTC_SPOT,
    "side": "buy",
    "qty": "0.5",
    "price": "60000",
}
SMART_ORDER: dict[str, Any] = {**ORDER, "instrument": "SMART:SPOT_PAIR:BTC-USDT"}


def sent(body: object, header_key: str | None = None) -> Instruction | Invalid:
    raw = body if isinstance(body, bytes) else json.dumps(body).encode()
    return decode_instruction(raw, header_key, LISTINGS)


def without(*names: str) -> dict[str, Any]:
    return {name: value for name, value in ORDER.items() if name not in names}
