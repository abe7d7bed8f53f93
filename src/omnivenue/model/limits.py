"""The limits of the risk check: their names, units and scopes. They enter the core as an event.

What a name counts in, and where it may be set, stands in one table here: the file, the interface
and the check all read it.
"""

from enum import Enum

import msgspec

from omnivenue.model.decimals import format_decimal, parse_decimal
from omnivenue.model.ids import AssetID

SHARE_UNIT = 1_000_000
"""A share ("0.05"), and a ratio ("2.5"), is counted in parts per million."""

QTY_UNIT = 10**18
"""Quantities and money in limits are counted in 10^-18, the finest that any asset has."""

SECOND_UNIT = 1_000_000_000
"""A time ("0.25", in seconds) is counted in nanoseconds."""

DUPLICATE_WINDOW_MAX = 60 * SECOND_UNIT
"""What was asked for within the window is remembered, so it cannot be any length."""

ON = "on"
"""What a check without a number is set to; it counts as 1."""


class Unit(Enum):
    """What a limit is counted in; the value is how many decimals that is from the whole."""

    QTY = ("whole units of quantity", 18)
    MONEY = ("the risk currency", 18)
    COUNT = ("a count", 0)
    SHARE = ("a share", 6)  # at most 1
    RATIO = ("a ratio", 6)
    SECONDS = ("seconds", 9)
    SWITCH = (ON, 0)

    @property
    def decimals(self) -> int:
        return self.value[1]


class LimitName(Enum):
    """Every limit that the core knows."""

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
    GROSS_NOTIONAL = "gross_notional"
    LEVERAGE = "leverage"
    CANCEL_RATIO = "cancel_ratio"
    DUPLICATE_WINDOW = "duplicate_window"
    REPEATED_EXECUTION = "repeated_execution"
    CLOCK_OFFSET = "clock_offset"
    NOTIONAL_CHECK = "notional_check"
    ALLOW_LIST = "allow_list"
    REJECT_RATE = "reject_rate"
    STALE_FEED = "stale_feed"
    UNKNOWN_COUNT = "unknown_count"
    SELF_MATCH_PREVENTION = "self_match_prevention"


ENFORCED = frozenset(LimitName)
"""Something checks each of them."""

_QTY_AND_MONEY = {
    LimitName.ORDER_QTY: Unit.QTY,
    LimitName.POSITION_QTY: Unit.QTY,
    LimitName.ORDER_NOTIONAL: Unit.MONEY,
    LimitName.POSITION_NOTIONAL: Unit.MONEY,
    LimitName.TOTAL_NOTIONAL: Unit.MONEY,
    LimitName.GROSS_NOTIONAL: Unit.MONEY,
}
UNITS: dict[LimitName, Unit] = {
    **dict.fromkeys(LimitName, Unit.COUNT),
    **_QTY_AND_MONEY,
    LimitName.PRICE_COLLAR: Unit.SHARE,
    LimitName.DAILY_LOSS: Unit.SHARE,
    LimitName.NOTIONAL_CHECK: Unit.SHARE,
    LimitName.REJECT_RATE: Unit.SHARE,
    LimitName.LEVERAGE: Unit.RATIO,
    LimitName.CANCEL_RATIO: Unit.RATIO,
    LimitName.DUPLICATE_WINDOW: Unit.SECONDS,
    LimitName.CLOCK_OFFSET: Unit.SECONDS,
    LimitName.ALLOW_LIST: Unit.SWITCH,
    LimitName.STALE_FEED: Unit.SWITCH,
    LimitName.SELF_MATCH_PREVENTION: Unit.SWITCH,
}

SCOPES = ("global", "venue", "account", "strategy", "instrument")
_VENUES = ("global", "venue")
_SCOPES: dict[LimitName, tuple[str, ...]] = {
    **dict.fromkeys(LimitName, SCOPES),
    LimitName.TOTAL_NOTIONAL: SCOPES[:4],  # of one instrument it is its position_notional
    LimitName.GROSS_NOTIONAL: SCOPES[:4],
    LimitName.LEVERAGE: ("global", "account"),  # equity is an account's
    LimitName.DAILY_LOSS: ("global", "account"),
    LimitName.ORDERS_PER_SECOND: SCOPES[:4],
    LimitName.ORDERS_PER_MINUTE: SCOPES[:4],
    LimitName.CANCEL_RATIO: ("global", "strategy"),
    LimitName.REPEATED_EXECUTION: ("global", "strategy"),
    LimitName.CLOCK_OFFSET: _VENUES,
    LimitName.REJECT_RATE: _VENUES,
    LimitName.UNKNOWN_COUNT: _VENUES,
    LimitName.STALE_FEED: _VENUES,
    LimitName.ALLOW_LIST: ("global", "venue", "instrument"),
    LimitName.SELF_MATCH_PREVENTION: ("global",),
}

EACH = {
    LimitName.POSITION_QTY: "each instrument",
    LimitName.POSITION_NOTIONAL: "each instrument",
    LimitName.ORDERS_PER_SECOND: "each strategy",
    LimitName.ORDERS_PER_MINUTE: "each strategy",
    LimitName.CANCEL_RATIO: "each strategy",
    LimitName.REPEATED_EXECUTION: "each strategy",
    LimitName.DAILY_LOSS: "each account",
    LimitName.LEVERAGE: "each account",
    LimitName.CLOCK_OFFSET: "each venue",
    LimitName.REJECT_RATE: "each venue",
    LimitName.UNKNOWN_COUNT: "each venue",
    LimitName.STALE_FEED: "each venue",
}
"""What the scope `global` means for a limit that is counted by something."""


class LimitInvalid(ValueError):
    """Says how a limit must be written."""


class Limit(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One limit of one scope, counted in the unit of its name (`UNITS`): quantities and money in
    1 / QTY_UNIT of the whole (of the instrument's quantity asset, and of `Limits.currency`). Its
    `value` is None where it is deliberately waived."""

    scope: str  # global, venue:V, account:A, strategy:S, instrument:I
    name: LimitName
    value: int | None


class Limits(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    currency: AssetID = AssetID("USDT")
    limits: tuple[Limit, ...] = ()


def scopes_of(name: LimitName) -> tuple[str, ...]:
    """The kinds of scope in which it means something."""
    return _SCOPES[name]


def parse_limit(name: LimitName, text: str) -> int:
    """From what people write. Raises NotDecimal, or LimitInvalid with the rest of "it …"."""
    unit = UNITS[name]
    if unit is Unit.SWITCH:
        if text != ON:
            raise LimitInvalid(f'has no number: it is "{ON}"')
        return 1
    value = parse_decimal(text, unit.decimals)
    if unit is Unit.SHARE and value > SHARE_UNIT:
        raise LimitInvalid(f'is a share, at most "1": {text!r} is more (5 % is "0.05")')
    if name is LimitName.DUPLICATE_WINDOW and value > DUPLICATE_WINDOW_MAX:
        most = DUPLICATE_WINDOW_MAX // SECOND_UNIT
        raise LimitInvalid(f"is at most {most} seconds: {text!r} is more")
    return value


def format_limit(name: LimitName, value: int) -> str:
    """As people write it: of a limit, and of how much of it is used."""
    unit = UNITS[name]
    return ON if unit is Unit.SWITCH else format_decimal(value, unit.decimals)


def with_changes(limits: Limits, changes: tuple[Limit, ...]) -> Limits:
    """With these in place of what was said about the same names of the same scopes."""
    said = {(limit.scope, limit.name.value): limit for limit in (*limits.limits, *changes)}
    ordered = tuple(said[key] for key in sorted(said))
    return Limits(currency=limits.currency, limits=ordered)
