"""Contracts of each kind, with margin in tiers, for tests of money.

They differ where code could mistake one for another: what a quantity is counted in, what it settles
in, and in how many decimals.
"""

from omnivenue.model import (
    AccountID,
    AssetID,
    Atoms,
    Contract,
    Instrument,
    InstrumentID,
    InstrumentType,
    Lots,
    MarginTier,
    VenueID,
)
from scene import BTC, ETH, MAIN, OTHER, USDT, WHOLE, F, deposit, listed

USD, FEES = AssetID("USD"), AssetID("BNB")
TIERS = (
    MarginTier(initial=20_000, maintenance=5_000),
    MarginTier(floor=Atoms(100_000 * WHOLE), initial=50_000, maintenance=25_000),
)
LINEAR = listed(
    F, BTC, type=InstrumentType.FUTURE, lot=Atoms(10**5), tick=Atoms(10**7), margin=TIERS
)
INVERSE = Instrument(
    instrument_id=InstrumentID("SIM-F:PERPETUAL:BTC-USD@INV"),
    version=1,
    venue_id=VenueID(F),
    type=InstrumentType.PERPETUAL,
    base=BTC,
    quote=USD,
    settle=BTC,
    lot=Atoms(100 * WHOLE),  # of USD
    tick=Atoms(WHOLE // 2),
    min_qty=Lots(1),
    min_notional=Atoms(0),
    maker_bps=-1,
    taker_bps=5,
    contract=Contract.INVERSE,
    margin=(MarginTier(initial=10_000, maintenance=4_000),),
)
QUANTO = Instrument(
    instrument_id=InstrumentID("SIM-F:PERPETUAL:ETH-USD"),
    version=1,
    venue_id=VenueID(F),
    type=InstrumentType.PERPETUAL,
    base=ETH,
    quote=USD,
    settle=BTC,
    lot=Atoms(10**16),
    tick=Atoms(WHOLE // 20),
    min_qty=Lots(1),
    min_notional=Atoms(0),
    maker_bps=-2,
    taker_bps=7,
    contract=Contract.QUANTO,
    multiplier=3,
    multiplier_unit=1_000_000,  # 0.000003 BTC for each USD that an ETH costs
)
SPOT_FEES = listed(F, ETH, fee_asset=FEES, maker_bps=-3, taker_bps=10, lot=Atoms(3 * 10**14))
CONTRACTS = (LINEAR, INVERSE, QUANTO)


def deposits(accounts: tuple[AccountID, ...] = (MAIN, OTHER)) -> list[object]:
    """Enough of everything at the venue that lists them."""
    return [
        deposit(account, F, asset, 10**7 * whole)
        for account in accounts
        for asset, whole in ((BTC, WHOLE), (USDT, WHOLE), (ETH, 10**18), (FEES, 10**18))
    ]
