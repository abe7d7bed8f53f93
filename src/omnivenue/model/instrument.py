"""What can be traded where: the arithmetic between a venue's lots and ticks and our atoms.

A trade's amount is rounded once, against us: what is paid up, what is received down. It is counted
in `cash`: a spot pair's quote asset, and what a derivative settles in.
"""

from enum import Enum

import msgspec

from omnivenue.model.asset import unit
from omnivenue.model.ids import AssetID, InstrumentID, VenueID
from omnivenue.model.side import Side
from omnivenue.model.units import BPS, Atoms, Lots, Nanos, Ticks, mul_div_ceil, mul_div_floor

PPM = 1_000_000
"""What the rates of a margin tier are counted in."""


class InstrumentType(Enum):
    """The closed set of canonical ids. The core trades the first two so far."""

    SPOT_PAIR = "SPOT_PAIR"
    PERPETUAL = "PERPETUAL"
    FUTURE = "FUTURE"
    OPTION = "OPTION"
    SPOT_ASSET = "SPOT_ASSET"
    EQUITY = "EQUITY"
    INDEX = "INDEX"
    COMMODITY = "COMMODITY"
    CURRENCY = "CURRENCY"
    ETF = "ETF"
    LST = "LST"
    YIELD_BEARING = "YIELD_BEARING"
    A_TOKEN = "A_TOKEN"
    DEBT_TOKEN = "DEBT_TOKEN"
    POOL = "POOL"


class Contract(Enum):
    """How a derivative's quantity becomes money."""

    LINEAR = "LINEAR"  # quantity in base; settled in the quote asset
    INVERSE = "INVERSE"  # quantity in quote (so many USD); settled in the base asset
    QUANTO = "QUANTO"  # as linear, settled in a third asset at a fixed rate


class MarginTier(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """From `floor` on (settlement atoms of notional), in parts per million of the notional."""

    floor: Atoms = Atoms(0)
    initial: int
    maintenance: int


_SPOT, _LINEAR, _INVERSE = InstrumentType.SPOT_PAIR, Contract.LINEAR, Contract.INVERSE
_BUY, _SELL = Side.BUY, Side.SELL
"""By these names at hand: a member of an enum is looked up anew each time that it is asked for."""


class Instrument(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One listing, in one version: a venue that changes a tick lists a new version, and orders
    name the version that their lots and ticks are counted in."""

    instrument_id: InstrumentID
    version: int
    venue_id: VenueID
    type: InstrumentType
    base: AssetID
    quote: AssetID
    settle: AssetID  # what profit, loss and fees are paid in
    lot: Atoms  # atoms of `qty_asset` in one lot
    tick: Atoms  # quote atoms per whole base asset, in one tick
    min_qty: Lots
    min_notional: Atoms  # in the quote asset
    multiplier: int = 1  # what one whole unit of quantity stands for, in whole units
    maker_bps: int = 0  # negative: a rebate
    taker_bps: int = 0
    fee_asset: AssetID | None = None  # None: what the instrument settles in
    contract: Contract = Contract.LINEAR
    multiplier_unit: int = 1  # `multiplier` is counted in 1 / multiplier_unit
    margin: tuple[MarginTier, ...] = ()  # by rising floor; none: all of the amount is reserved
    funding_interval: Nanos = Nanos(0)  # 0: none

    @property
    def is_spot(self) -> bool:
        return self.type is _SPOT

    @property
    def qty_asset(self) -> AssetID:
        """What quantities are counted in: of an inverse contract the quote asset."""
        return self.quote if self.contract is _INVERSE else self.base

    @property
    def cash(self) -> AssetID:
        """What a trade's amount is counted in."""
        return self.quote if self.is_spot else self.settle

    def atoms(self, qty: Lots) -> int:
        return qty * self.lot

    def lots_floor(self, atoms: int) -> Lots:
        return Lots(atoms // self.lot)

    def px(self, ticks: Ticks) -> int:
        return ticks * self.tick

    def limit_ticks(self, side: Side, px: int) -> Ticks:
        """Never worse than `px`: a buyer's limit rounds down, a seller's up."""
        return Ticks(px // self.tick if side is _BUY else -(-px // self.tick))

    def hold_px(self, side: Side, limit_px: int, mark_px: int) -> int:
        """Where an order is reserved. A trade at a better price than the limit binds more where a
        derivative is sold above it or, inverse, bought below it: about as far as the mark is."""
        if self.type is _SPOT or mark_px <= 0:
            return limit_px
        if self.contract is _INVERSE:
            return min(limit_px, mark_px) if side is _BUY else limit_px
        return max(limit_px, mark_px) if side is _SELL else limit_px

    def dearer_px(self, px: int, other: int) -> int:
        """At which of the two more is reserved. Of an inverse contract at the lower: so many of the
        quote asset are more base there. Where one is no price, the other."""
        if self.contract is _INVERSE and min(px, other) > 0:
            return min(px, other)
        return max(px, other)

    def cost_ceil(self, atoms: int, px: int) -> int:
        """The amount of a trade that is paid."""
        x, y, denominator = self._amount(atoms, px)
        return mul_div_ceil(x, y, denominator)

    def proceeds_floor(self, atoms: int, px: int) -> int:
        """The amount of a trade that is received."""
        x, y, denominator = self._amount(atoms, px)
        return mul_div_floor(x, y, denominator)

    def paid_ceil(self, side: Side, atoms: int, px: int) -> int:
        """What a trade takes of `cash`, rounded up; negative where it gives.

        A buyer pays, except of inverse contracts. Who is long of N of them is as who has borrowed
        N of the quote asset and bought base with it: base comes in, and N / px of it is owed when
        the contracts are sold again. So profit is N / entry - N / exit.
        """
        pays = (side is _BUY) != (self.contract is _INVERSE)
        return self.cost_ceil(atoms, px) if pays else -self.proceeds_floor(atoms, px)

    def amount(self, side: Side, atoms: int, px: int) -> int:
        """What a trade moves of `cash`, whichever way."""
        return abs(self.paid_ceil(side, atoms, px))

    def notional_floor(self, atoms: int, px: int) -> int:
        """Quote atoms that a quantity stands for, whatever it settles in: what `min_notional` is
        held against. The trade's amount may be in another asset, and tells nothing of it."""
        if self.contract is _INVERSE:
            return mul_div_floor(atoms, self.multiplier, self.multiplier_unit)
        return mul_div_floor(atoms * self.multiplier, px, self.multiplier_unit * unit(self.base))

    def fee_ceil(self, amount: int) -> int:
        """The most that the venue takes of a trade's amount. A rebate is not counted upon."""
        return mul_div_ceil(amount, max(0, self.maker_bps, self.taker_bps), BPS)

    def spends(self, side: Side) -> AssetID:
        """The asset that an order on `side` takes from the account."""
        if self.type is not _SPOT:
            return self.settle
        return self.quote if side is _BUY else self.base

    def hold_ceil(self, side: Side, atoms: int, px: int) -> int:
        """The most that an order on `side` can take of the asset that it spends: of a derivative,
        the fee, because what backs it is margin.

        A fee in another asset than the one that the order spends is not reserved: it is taken from
        what is there of that asset when the trade comes, as the venue does it.
        """
        is_spot = self.type is _SPOT
        if is_spot and side is _SELL:
            return atoms
        amount = self.cost_ceil(atoms, px)
        is_reserved = self.fee_asset is None or self.fee_asset == self.spends(side)
        fee = self.fee_ceil(amount) if is_reserved else 0
        return amount + fee if is_spot else fee

    def initial_ceil(self, amount: int) -> int:
        """The margin that a position or an order of this amount needs to be opened."""
        tier = self._tier(amount)
        return amount if tier is None else mul_div_ceil(amount, tier.initial, PPM)

    def _tier(self, amount: int) -> MarginTier | None:
        """The whole amount has the rate of the tier that it comes to."""
        found = None
        for tier in self.margin:
            if found is None or tier.floor <= amount:
                found = tier
        return found

    def _amount(self, atoms: int, px: int) -> tuple[int, int, int]:
        """x, y and denominator of `atoms` at `px`, in `cash`."""
        counted = atoms * self.multiplier
        if self.contract is _LINEAR:
            return counted, px, self.multiplier_unit * unit(self.base)
        if self.contract is Contract.QUANTO:
            fine = self.multiplier_unit * unit(self.base) * unit(self.quote)
            return counted * unit(self.settle), px, fine
        if px == 0:
            return 0, 0, 1  # no price, no amount; whoever needs one has asked before
        return counted, unit(self.base), self.multiplier_unit * px
