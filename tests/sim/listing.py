"""What is traded in a simulated day: spot at two venues, and at the third contracts of each kind,
with funding every few seconds and margin in tiers."""

from msgspec.structs import replace

from derivatives import INVERSE as OF_USD
from derivatives import QUANTO as OF_ETH
from derivatives import TIERS
from omnivenue.model import SECOND, Atoms, InstrumentID, Nanos
from scene import AT_A, AT_B, AT_F, BTC, MAIN, MID, OTHER, USDT, WHOLE, F, deposit

LINEAR = replace(AT_F, funding_interval=Nanos(7 * SECOND), margin=TIERS)
INVERSE = replace(
    OF_USD,
    instrument_id=InstrumentID(f"{F}:PERPETUAL:BTC-USDT@INV"),
    quote=USDT,
    lot=Atoms(10 * WHOLE),  # of USDT
    funding_interval=Nanos(11 * SECOND),
)
QUANTO = replace(
    OF_ETH,
    instrument_id=InstrumentID(f"{F}:PERPETUAL:ETH-USDT"),
    quote=USDT,
    funding_interval=Nanos(13 * SECOND),
)
LISTED = (AT_A, AT_B, LINEAR, INVERSE, QUANTO)
BUSY = (AT_A, AT_A, AT_B, AT_B, LINEAR, LINEAR, INVERSE, QUANTO)
"""Drawn from for an order."""
VENUES = tuple(dict.fromkeys(i.venue_id for i in LISTED))
BY_ID = {i.instrument_id: i for i in LISTED}
MIDS = {**MID, INVERSE.instrument_id: 60_020, QUANTO.instrument_id: 3_010}
"""In whole USDT."""

DEPOSITS = tuple(deposit(account, F, BTC, 100 * WHOLE) for account in (MAIN, OTHER))
"""Of what coin-margined contracts settle in, on top of what each scene begins with."""
