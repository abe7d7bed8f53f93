"""What an asset is worth in another: through the marks of spot pairs, listed in either direction.

One pair, never a chain of them, and nothing is taken to be worth the same as another for its name.
Amounts come out wide: in 10^-18 of the whole currency, rounded down.
"""

from collections.abc import Mapping

from omnivenue.model import QTY_UNIT, AssetID, Instrument, InstrumentID, unit

type Instruments = Mapping[InstrumentID, Instrument]
type Marks = Mapping[InstrumentID, int]
"""Quote atoms per whole base asset."""

type Rate = tuple[int, int]


class Rates:
    """All that the marks of one moment say about one currency. Looked up once for each asset."""

    def __init__(self, instruments: Instruments, marks: Marks, currency: AssetID) -> None:
        self.marks = marks
        self._instruments = instruments
        self._currency = currency
        self._found: dict[AssetID, Rate | None] = {}

    def wide(self, asset: AssetID, amount: int) -> int | None:
        """None where nothing says what the asset is worth. Nothing of it is worth nothing."""
        if amount == 0:
            return 0
        if asset not in self._found:
            self._found[asset] = self._rate(asset)
        rate = self._found[asset]
        return None if rate is None else amount * rate[0] // rate[1]

    def pair(self, asset: AssetID) -> Instrument | None:
        """The listed pair that says it, the first with a mark; else the first without."""
        pairs = pairs_of(self._instruments, asset, self._currency)
        marked = [i for i in pairs if self.marks.get(i.instrument_id, 0) > 0]
        return next(iter(marked or pairs), None)

    def _rate(self, asset: AssetID) -> Rate | None:
        """Atoms times this are wide."""
        if asset == self._currency:
            return QTY_UNIT // unit(asset), 1
        pair = self.pair(asset)
        px = 0 if pair is None else self.marks.get(pair.instrument_id, 0)
        if pair is None or px <= 0:
            return None
        if pair.base == asset:
            return px * (QTY_UNIT // unit(self._currency)), unit(asset)
        return QTY_UNIT, px


def pairs_of(instruments: Instruments, one: AssetID, other: AssetID) -> list[Instrument]:
    """Spot pairs of the two, in the order of their ids."""
    both = {one, other}
    found = [i for i in instruments.values() if i.is_spot and {i.base, i.quote} == both]
    return sorted(found, key=lambda i: i.instrument_id)
