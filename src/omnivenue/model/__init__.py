"""The nouns. Imports nothing of ours."""

from omnivenue.model.asset import exponent, unit
from omnivenue.model.canonical import (
    ASSET_CLASSES,
    CHAINS,
    SMART,
    VENUES,
    CanonicalID,
    NotCanonical,
    parse_canonical_id,
)
from omnivenue.model.capabilities import Capabilities
from omnivenue.model.decimals import NotDecimal, format_decimal, parse_decimal
from omnivenue.model.fill import Fill, Liquidity
from omnivenue.model.ids import (
    AccountID,
    AssetID,
    ClOrdID,
    ExecID,
    InstructionID,
    InstrumentID,
    OrderID,
    StrategyID,
    VenueID,
    VenueOrderID,
    derived_cl_ord_id,
)
from omnivenue.model.instrument import Contract, Instrument, InstrumentType, MarginTier
from omnivenue.model.kill import TradingState
from omnivenue.model.limits import ENFORCED, QTY_UNIT, SHARE_UNIT, Limit, LimitName, Limits
from omnivenue.model.nearest import nearest, nearest_hint
from omnivenue.model.order_terms import OrdType, TimeInForce, TriggerBy
from omnivenue.model.side import Side
from omnivenue.model.units import (
    BPS,
    SECOND,
    Atoms,
    Lots,
    Nanos,
    Ticks,
    mul_div_ceil,
    mul_div_floor,
)
from omnivenue.model.venue_symbols import (
    canonical_to_deribit_symbol,
    canonical_to_nautilus,
    deribit_symbol_to_canonical,
    nautilus_to_canonical,
)

__all__ = [
    "ASSET_CLASSES",
    "BPS",
    "CHAINS",
    "ENFORCED",
    "QTY_UNIT",
    "SECOND",
    "SHARE_UNIT",
    "SMART",
    "VENUES",
    "AccountID",
    "AssetID",
    "Atoms",
    "CanonicalID",
    "Capabilities",
    "ClOrdID",
    "Contract",
    "ExecID",
    "Fill",
    "InstructionID",
    "Instrument",
    "InstrumentID",
    "InstrumentType",
    "Limit",
    "LimitName",
    "Limits",
    "Liquidity",
    "Lots",
    "MarginTier",
    "Nanos",
    "NotCanonical",
    "NotDecimal",
    "OrdType",
    "OrderID",
    "Side",
    "StrategyID",
    "Ticks",
    "TimeInForce",
    "TradingState",
    "TriggerBy",
    "VenueID",
    "VenueOrderID",
    "canonical_to_deribit_symbol",
    "canonical_to_nautilus",
    "deribit_symbol_to_canonical",
    "derived_cl_ord_id",
    "exponent",
    "format_decimal",
    "mul_div_ceil",
    "mul_div_floor",
    "nautilus_to_canonical",
    "nearest",
    "nearest_hint",
    "parse_canonical_id",
    "parse_decimal",
    "unit",
]
