"""What one trade exchanged."""

from enum import Enum

import msgspec

from omnivenue.model.ids import AssetID, ExecID
from omnivenue.model.units import Atoms, Lots, Nanos, Ticks


class Liquidity(Enum):
    """FIX LastLiquidityInd (851): who was there first."""

    MAKER = "maker"
    TAKER = "taker"


class Fill(msgspec.Struct, frozen=True, gc=False):
    qty: Lots
    px: Ticks
    fee: Atoms
    fee_asset: AssetID
    liquidity: Liquidity
    at: Nanos  # the venue's time
    exec_id: ExecID = ExecID("")  # as the venue names it, where we have it from one
