"""Pre-trade checks. An order that did not pass through here cannot be typed."""

from omnivenue.risk.check import (
    OPEN_ORDERS_MAX,
    WIDE,
    Approved,
    Circumstances,
    Intent,
    Refused,
    check,
)
from omnivenue.risk.limits import LimitIndex, bearing, index

__all__ = [
    "OPEN_ORDERS_MAX",
    "WIDE",
    "Approved",
    "Circumstances",
    "Intent",
    "LimitIndex",
    "Refused",
    "bearing",
    "check",
    "index",
]
