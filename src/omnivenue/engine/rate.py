"""Money in the risk currency: through the marks of a spot pair that is listed in either direction.

Where an asset is the risk currency itself there is nothing to look up. No mark, no order.
"""

from collections.abc import Callable
from functools import cache
from typing import NamedTuple

from omnivenue.engine.state import State
from omnivenue.model import QTY_UNIT, AssetID, InstrumentID, unit


class Rate(NamedTuple):
    """Wide amounts of an asset times this are wide amounts of the risk currency."""

    numerator: int
    denominator: int

    def of(self, amount: int) -> int:
        return amount * self.numerator // self.denominator


ONE = Rate(1, 1)

type MarkOf = Callable[[InstrumentID], int | str]
"""Quote atoms per whole base asset, or why there is no mark."""


def pair(base: AssetID, quote: AssetID) -> str:
    return f"{base}/{quote}"


def rate(state: State, asset: AssetID, mark_of: MarkOf) -> Rate | str:
    """Or why there is none. Of several pairs the first that has a mark."""
    currency = state.limits.currency
    if asset == currency:
        return ONE
    why = f"no pair of {asset} and {currency} is listed"
    for instrument_id in state.pairs.get(pair(asset, currency), ()):
        px = mark_of(instrument_id)
        if isinstance(px, int) and px > 0:
            return Rate(px, unit(currency))
        why = f"{instrument_id}: {px or 'a mark of 0'}"
    for instrument_id in state.pairs.get(pair(currency, asset), ()):
        px = mark_of(instrument_id)
        if isinstance(px, int) and px > 0:
            return Rate(unit(asset), px)
        why = f"{instrument_id}: {px or 'a mark of 0'}"
    return why


def marked_rate(state: State, asset: AssetID) -> Rate | str:
    """By the marks that the journal has."""
    return rate(state, asset, lambda instrument_id: state.marks.get(instrument_id, "not marked"))


@cache
def wide_unit(asset: AssetID) -> int:
    """One atom of it in 10^-18 of the whole."""
    return QTY_UNIT // unit(asset)


def wide(amount: int, asset: AssetID) -> int:
    """Atoms of an asset as 10^-18 of the whole."""
    return amount * wide_unit(asset)
