"""The nouns. Imports nothing of ours."""

from omnivenue.model.asset import exponent, unit
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
from omnivenue.model.instrument import Instrument, InstrumentType
from omnivenue.model.limits import ENFORCED, QTY_UNIT, SHARE_UNIT, Limit, LimitName, Limits
from omnivenue.model.order_terms import OrdType, TimeInForce
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

__all__ = [
    "BPS",
    "ENFORCED",
    "QTY_UNIT",
    "SECOND",
    "SHARE_UNIT",
    "AccountID",
    "AssetID",
    "Atoms",
    "ClOrdID",
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
    "Nanos",
    "NotDecimal",
    "OrdType",
    "OrderID",
    "Side",
    "StrategyID",
    "Ticks",
    "TimeInForce",
    "VenueID",
    "VenueOrderID",
    "derived_cl_ord_id",
    "exponent",
    "format_decimal",
    "mul_div_ceil",
    "mul_div_floor",
    "parse_decimal",
    "unit",
]
