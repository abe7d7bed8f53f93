"""What can be traded where: the arithmetic between a venue's lots and ticks and our atoms."""

from enum import Enum

import msgspec

from omnivenue.model.asset import unit
from omnivenue.model.ids import AssetID, InstrumentID, VenueID
from omnivenue.model.side import Side
from omnivenue.model.units import BPS, Atoms, Lots, Nanos, Ticks, mul_div_ceil, mul_div_floor


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
    lot: Atoms  # base atoms in one lot
    tick: Atoms  # quote atoms per whole base asset, in one tick
    min_qty: Lots
    min_notional: Atoms  # in the quote asset
    multiplier: int = 1  # whole base assets that one whole unit of quantity stands for
    maker_bps: int = 0  # negative: a rebate
    taker_bps: int = 0
    fee_asset: AssetID | None = None  # None: what the instrument settles in
    contract: Contract = Contract.LINEAR
    multiplier_unit: int = 1  # `multiplier` is counted in 1 / multiplier_unit
    margin: tuple[MarginTier, ...] = ()  # by rising floor; none: the full notional is reserved
    funding_interval: Nanos = Nanos(0)  # 0: none

    @property
    def is_spot(self) -> bool:
        return self.type is InstrumentType.SPOT_PAIR

    def atoms(self, qty: Lots) -> int:
        return qty * self.lot

    def lots_floor(self, atoms: int) -> Lots:
        return Lots(atoms // self.lot)

    def px(self, ticks: Ticks) -> int:
        return ticks * self.tick

    def limit_ticks(self, side: Side, px: int) -> Ticks:
        """Never worse than `px`: a buyer's limit rounds down, a seller's up."""
        return Ticks(px // self.tick if side is Side.BUY else -(-px // self.tick))

    def cost_ceil(self, atoms: int, px: int) -> int:
        """Quote atoms that a buyer of `atoms` pays."""
        return mul_div_ceil(atoms * self.multiplier, px, unit(self.base))

    def proceeds_floor(self, atoms: int, px: int) -> int:
        """Quote atoms that a seller of `atoms` receives."""
        return mul_div_floor(atoms * self.multiplier, px, unit(self.base))

    def amount(self, side: Side, atoms: int, px: int) -> int:
        """Quote atoms that a trade moves: what a buyer pays, what a seller receives."""
        return self.cost_ceil(atoms, px) if side is Side.BUY else self.proceeds_floor(atoms, px)

    def fee_ceil(self, amount: int) -> int:
        """The most that the venue takes of a trade's quote amount."""
        return mul_div_ceil(amount, max(self.maker_bps, self.taker_bps), BPS)

    def spends(self, side: Side) -> AssetID:
        """The asset that an order on `side` takes from the account."""
        if not self.is_spot:
            return self.settle
        return self.quote if side is Side.BUY else self.base

    def hold_ceil(self, side: Side, atoms: int, px: int) -> int:
        """The most that an order on `side` can take of the asset that it spends.

        A derivative reserves its full notional on either side, until there is margin.
        """
        if side is Side.SELL and self.is_spot:
            return atoms
        cost = self.cost_ceil(atoms, px)
        return cost + self.fee_ceil(cost)
