"""What one trade does to an account at the venue, to the atom: the venue's side of the ledger."""

from omnivenue.model import (
    BPS,
    AssetID,
    Atoms,
    Instrument,
    Liquidity,
    Lots,
    Side,
    Ticks,
    mul_div_ceil,
)

type Flow = tuple[AssetID, int]


def flows(
    instrument: Instrument, side: Side, qty: Lots, px: Ticks, liquidity: Liquidity
) -> tuple[tuple[Flow, Flow, Flow], Atoms]:
    """What comes in (negative: goes out), and the fee among it.

    A perpetual's quantity is kept under the instrument's id, and its cash flows as for a spot
    trade: what is in the account is then the sum of all flows, with profit and loss in it.
    """
    atoms = instrument.atoms(qty)
    amount = instrument.amount(side, atoms, instrument.px(px))
    bps = instrument.maker_bps if liquidity is Liquidity.MAKER else instrument.taker_bps
    fee = mul_div_ceil(amount, bps, BPS)
    asset = instrument.base if instrument.is_spot else AssetID(instrument.instrument_id)
    cash = instrument.quote if instrument.is_spot else instrument.settle
    sign = side.sign
    return ((asset, sign * atoms), (cash, -sign * amount), (instrument.settle, -fee)), Atoms(fee)
