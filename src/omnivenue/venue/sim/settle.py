"""What one trade does to an account at the venue, to the atom: the venue's side of the ledger.

Its own arithmetic, apart from what our ledger believes, so that where the two agree they prove each
other. Everything that a trade is worth is one exact fraction, rounded once: against the account.
"""

from collections.abc import Mapping

from omnivenue.model import (
    BPS,
    AssetID,
    Atoms,
    Contract,
    Instrument,
    Liquidity,
    Lots,
    Side,
    Ticks,
    unit,
)

type Flow = tuple[AssetID, int]
type Fraction = tuple[int, int]  # of atoms
type FeeRates = Mapping[AssetID, Atoms]
"""What one whole unit of an asset counts for where fees are paid in it, in quote atoms."""


def worth(instrument: Instrument, atoms: int, px: Fraction) -> Fraction:
    """A quantity at a price (quote atoms per whole base asset), in atoms of what a trade is paid
    in. Of an inverse contract the quantity is money, and what it is worth in coins falls as the
    price rises."""
    above, below = px
    count = atoms * instrument.multiplier
    if instrument.contract is Contract.INVERSE:
        return count * unit(instrument.base) * below, instrument.multiplier_unit * above
    in_quote = count * above, instrument.multiplier_unit * unit(instrument.base) * below
    if instrument.is_spot or instrument.settle == instrument.quote:
        return in_quote
    return in_quote[0] * unit(instrument.settle), in_quote[1] * unit(instrument.quote)


def exchanged(instrument: Instrument, side: Side, qty: Lots, px: Ticks) -> tuple[Flow, Flow]:
    """What comes in (negative: goes out), without the fee.

    A derivative's quantity is kept under the instrument's id, and its cash flows as for a spot
    trade: what is in the account is then the sum of all flows, with profit and loss in it. Whoever
    buys an inverse contract gives a coin's worth of money away, so coins flow in.
    """
    atoms = qty * instrument.lot
    cash = instrument.quote if instrument.is_spot else instrument.settle
    asset = instrument.base if instrument.is_spot else AssetID(instrument.instrument_id)
    is_paid = (side is Side.BUY) != (instrument.contract is Contract.INVERSE)
    amount = _rounded(worth(instrument, atoms, (px * instrument.tick, 1)), is_up=is_paid)
    return (asset, side.sign * atoms), (cash, -amount if is_paid else amount)


def notional(instrument: Instrument, side: Side, qty: Lots, px: Ticks) -> int:
    """In quote atoms, rounded as a trade of it would be."""
    count, below = qty * instrument.lot * instrument.multiplier, instrument.multiplier_unit
    if instrument.contract is not Contract.INVERSE:
        count, below = count * px * instrument.tick, below * unit(instrument.base)
    return _rounded((count, below), is_up=side is Side.BUY)


def fee_of(
    instrument: Instrument,
    side: Side,
    qty: Lots,
    px: Ticks,
    liquidity: Liquidity,
    rates: FeeRates,
) -> tuple[AssetID, Atoms]:
    """Negative: a rebate. Paid is rounded up, received down."""
    bps = instrument.maker_bps if liquidity is Liquidity.MAKER else instrument.taker_bps
    (_, atoms), (cash, amount) = exchanged(instrument, side, qty, px)
    asset = instrument.fee_asset or (instrument.quote if instrument.is_spot else instrument.settle)
    above, below = abs(amount), 1
    if asset == instrument.base and instrument.is_spot:
        above = abs(atoms)
    elif asset != cash:
        above, below = above * unit(asset), rates[asset]
    fee = _rounded((above * abs(bps), below * BPS), is_up=bps > 0)
    return asset, Atoms(fee if bps > 0 else -fee)


def flows(
    instrument: Instrument,
    side: Side,
    qty: Lots,
    px: Ticks,
    liquidity: Liquidity,
    rates: FeeRates | None = None,
) -> tuple[tuple[Flow, Flow, Flow], Atoms]:
    """All that a trade moves, and the fee among it."""
    asset, fee = fee_of(instrument, side, qty, px, liquidity, rates or {})
    return (*exchanged(instrument, side, qty, px), (asset, -fee)), fee


def _rounded(fraction: Fraction, *, is_up: bool) -> int:
    above, below = fraction
    return -(-above // below) if is_up else above // below
