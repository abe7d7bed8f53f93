"""What an asset is worth in another: through the marks of spot pairs, listed in either direction.

One pair, never a chain of them, and nothing is taken to be worth the same as another for its name.
Amounts are wide here: counted in 10^-18 of the whole, and what comes out is rounded down.
"""

from collections.abc import Callable, Mapping
from functools import cache
from typing import NamedTuple

from omnivenue.model import QTY_UNIT, AssetID, InstrumentID, unit


class Rate(NamedTuple):
    """Wide amounts of an asset times this are wide amounts of the currency."""

    numerator: int
    denominator: int

    def of(self, amount: int) -> int:
        if self.numerator == self.denominator:  # as it is with most of what is traded
            return amount
        return amount * self.numerator // self.denominator


ONE = Rate(1, 1)

type MarkOf = Callable[[InstrumentID], int | str]
"""Quote atoms per whole base asset, or why there is no mark."""

type Pairs = Mapping[str, tuple[InstrumentID, ...]]
"""The spot pairs that are listed, by `pair`."""

type Marks = Mapping[InstrumentID, int]
"""Quote atoms per whole base asset."""


def pair(base: AssetID, quote: AssetID) -> str:
    return f"{base}/{quote}"


def rate(pairs: Pairs, currency: AssetID, asset: AssetID, mark_of: MarkOf) -> Rate | str:
    """Or why there is none. Of several pairs the first that has a mark."""
    if asset == currency:
        return ONE
    why = f"no pair of {asset} and {currency} is listed"
    for instrument_id in pairs.get(pair(asset, currency), ()):
        px = mark_of(instrument_id)
        if isinstance(px, int) and px > 0:
            return Rate(px, unit(currency))
        why = f"{instrument_id}: {px or 'a mark of 0'}"
    for instrument_id in pairs.get(pair(currency, asset), ()):
        px = mark_of(instrument_id)
        if isinstance(px, int) and px > 0:
            return Rate(unit(asset), px)
        why = f"{instrument_id}: {px or 'a mark of 0'}"
    return why


@cache
def wide_unit(asset: AssetID) -> int:
    """One atom of it in 10^-18 of the whole."""
    return QTY_UNIT // unit(asset)


def wide(amount: int, asset: AssetID) -> int:
    """Atoms of an asset as 10^-18 of the whole."""
    return amount * wide_unit(asset)


class Rates:
    """All that the marks of one moment say about one currency. Looked up once for each asset."""

    def __init__(self, pairs: Pairs, currency: AssetID, marks: Marks) -> None:
        self.pairs, self.currency, self.marks = pairs, currency, marks
        self._found: dict[AssetID, Rate | str] = {}

    def rate(self, asset: AssetID) -> Rate | str:
        found = self._found.get(asset)
        if found is None:
            found = rate(self.pairs, self.currency, asset, self._mark)
            self._found[asset] = found
        return found

    def worth(self, asset: AssetID, amount: int) -> int | None:
        """Atoms in, wide out. None where nothing says what the asset is worth; of nothing, it is
        nothing."""
        if amount == 0:
            return 0
        found = self.rate(asset)
        return None if isinstance(found, str) else found.of(wide(amount, asset))

    def px(self, instrument_id: InstrumentID) -> int:
        """0 where it has no mark."""
        return self.marks.get(instrument_id, 0)

    def _mark(self, instrument_id: InstrumentID) -> int | str:
        return self.marks.get(instrument_id, "not marked")
