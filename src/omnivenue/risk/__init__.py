"""Pre-trade checks. An order that did not pass through here cannot be typed."""

from omnivenue.risk.check import (
    OPEN_ORDERS_MAX,
    WIDE,
    Approved,
    Circumstances,
    Exceeded,
    Intent,
    Refused,
    Terms,
    check,
)
from omnivenue.risk.limits import (
    BEARINGS_MAX,
    SUMMED,
    Bearing,
    Bearings,
    Bound,
    Cell,
    LimitIndex,
    bearing,
    index,
)
from omnivenue.risk.resting import Rest, Resting
from omnivenue.risk.rules import LOCKED, Rule
from omnivenue.risk.totals import Totals, count, unit_value
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
    "BEARINGS_MAX",
    "DAY",
    "LOCKED",
    "OPEN_ORDERS_MAX",
    "SUMMED",
    "WIDE",
    "Approved",
    "Bearing",
    "Bearings",
    "Bound",
    "Cell",
    "Circumstances",
    "Exceeded",
    "Intent",
    "LimitIndex",
    "Recent",
    "Refused",
    "Rest",
    "Resting",
    "Rule",
    "Terms",
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
    "ten_seconds",
    "unit_value",
]
