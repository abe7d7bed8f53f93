"""Orders: what is known of them, and what that makes them."""

from omnivenue.oms.order import (
    UNDISPUTED,
    Change,
    Order,
    add_cancel_reject,
    add_report,
    add_state,
    count_facts,
)
from omnivenue.oms.parent import Moment, Parent, Request, Stage
from omnivenue.oms.status import (
    CLOSED,
    ENDED,
    Anomaly,
    OrdStatus,
    anomalies,
    at_risk_qty,
    is_counted_alike,
    is_disputed,
    is_open,
    is_pending_cancel,
    is_placed,
    leaves_qty,
    status,
)

__all__ = [
    "CLOSED",
    "ENDED",
    "UNDISPUTED",
    "Anomaly",
    "Change",
    "Moment",
    "OrdStatus",
    "Order",
    "Parent",
    "Request",
    "Stage",
    "add_cancel_reject",
    "add_report",
    "add_state",
    "anomalies",
    "at_risk_qty",
    "count_facts",
    "is_counted_alike",
    "is_disputed",
    "is_open",
    "is_pending_cancel",
    "is_placed",
    "leaves_qty",
    "status",
]
