"""The limits of the risk check. They enter the core as an event, like everything it uses."""

from enum import Enum

import msgspec

from omnivenue.model.ids import AssetID


class LimitName(Enum):
    """Every limit that a configuration may name. `ENFORCED` says which of them something checks."""

    ORDER_QTY = "order_qty"
    ORDER_NOTIONAL = "order_notional"
    POSITION_QTY = "position_qty"
    POSITION_NOTIONAL = "position_notional"
    TOTAL_NOTIONAL = "total_notional"
    ORDERS_PER_SECOND = "orders_per_second"
    ORDERS_PER_MINUTE = "orders_per_minute"
    OPEN_ORDERS = "open_orders"
    PRICE_COLLAR = "price_collar"
    DAILY_LOSS = "daily_loss"


ENFORCED = frozenset(
    {
        LimitName.ORDER_QTY,
        LimitName.ORDER_NOTIONAL,
        LimitName.POSITION_QTY,
        LimitName.POSITION_NOTIONAL,
        LimitName.PRICE_COLLAR,
    }
)

SHARE_UNIT = 1_000_000
"""A share ("0.05") is counted in parts per million."""

QTY_UNIT = 10**18
"""Quantities and money in limits are counted in 10^-18, the finest that any asset has."""


class Limit(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One limit of one scope. `value` is None where the limit is deliberately waived.

    Units: quantities and money in 1 / QTY_UNIT of the whole asset (of the base asset, and of
    `Limits.currency`), shares in 1 / SHARE_UNIT, counts as they are.
    """

    scope: str  # global, venue:V, account:A, strategy:S, instrument:I
    name: LimitName
    value: int | None


class Limits(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    currency: AssetID = AssetID("USDT")
    limits: tuple[Limit, ...] = ()
