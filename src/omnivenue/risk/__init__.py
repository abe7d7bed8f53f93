"""Pre-trade checks. An order that did not pass through here cannot be typed."""

from omnivenue.risk.check import (
    OPEN_ORDERS_MAX,
    WIDE,
    Approved,
    Circumstances,
    Counted,
    Intent,
    Refused,
    check,
)
from omnivenue.risk.limits import LimitIndex, Scopes, bearing, index, scopes_of_order
from omnivenue.risk.resting import Rest, Resting
from omnivenue.risk.rules import LOCKED, Rule
from omnivenue.risk.totals import Totals, count, qty_asset, unit_value
from omnivenue.risk.velocity import (
    DAY,
    Recent,
    Turnover,
    Velocity,
    Window,
    a_minute,
    a_second,
    ten_seconds,
)

__all__ = [
    "DAY",
    "LOCKED",
    "OPEN_ORDERS_MAX",
    "WIDE",
    "Approved",
    "Circumstances",
    "Counted",
    "Intent",
    "LimitIndex",
    "Recent",
    "Refused",
    "Rest",
    "Resting",
    "Rule",
    "Scopes",
    "Totals",
    "Turnover",
    "Velocity",
    "Window",
    "a_minute",
    "a_second",
    "bearing",
    "check",
    "count",
    "index",
    "qty_asset",
    "scopes_of_order",
    "ten_seconds",
    "unit_value",
]
