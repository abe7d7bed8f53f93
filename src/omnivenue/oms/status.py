"""FIX OrdStatus as a projection of the facts, and what is wrong with them.

Read `status` from the top: the first line that holds is FIX's precedence. PendingReplace, Suspended
and DoneForDay would take their places after PendingCancel. The functions below take the status that
was read, so that one turn reads it once.
"""

from enum import Enum

from omnivenue.message import ExecType
from omnivenue.model import Lots
from omnivenue.oms.order import Order


class OrdStatus(Enum):
    """FIX tag 39. UNKNOWN is ours: on a FIX wire it is PendingNew."""

    PENDING_NEW = "A"
    UNKNOWN = "?"
    NEW = "0"
    PARTIALLY_FILLED = "1"
    FILLED = "2"
    CANCELED = "4"
    PENDING_CANCEL = "6"
    REJECTED = "8"
    EXPIRED = "C"


class Anomaly(Enum):
    """What cannot be, and yet was said. Kept, counted and shown; never dropped, never raised."""

    OVERFILL = "filled more than ordered"
    REJECTED_AND_PLACED = "rejected, and yet placed"
    ABSENT_AND_PLACED = "proven absent, and yet placed"
    CONTRADICTION = "one execution id with two contents"


CLOSED = frozenset(
    {OrdStatus.FILLED, OrdStatus.CANCELED, OrdStatus.REJECTED, OrdStatus.EXPIRED},
)

ENDED = {
    ExecType.REJECTED: OrdStatus.REJECTED,
    ExecType.CANCELED: OrdStatus.CANCELED,
    ExecType.EXPIRED: OrdStatus.EXPIRED,
}


def is_placed(order: Order) -> bool:
    """Some evidence says that the venue has, or had, this order."""
    return order.acked or bool(order.fills) or bool(order.closings)


def is_disputed(order: Order) -> bool:
    """Taken and rejected at once: no outcome, until a query sent after both names one."""
    return bool(order.rejections) and is_placed(order)


def is_pending_cancel(order: Order) -> bool:
    """The last cancel that we sent is unanswered, and nothing else has ended the order."""
    return (
        bool(order.cancels)
        and order.cancels[-1] not in order.cancel_rejects
        and not order.closings
        and is_placed(order)
    )


def status(order: Order) -> OrdStatus:
    if not is_placed(order):
        if order.rejections or order.withheld or order.lost:
            return OrdStatus.REJECTED
        return OrdStatus.UNKNOWN if order.doubted else OrdStatus.PENDING_NEW
    if order.cancels and is_pending_cancel(order):
        return OrdStatus.PENDING_CANCEL
    if order.cum_qty >= order.new.qty:
        return OrdStatus.FILLED
    if order.closings:
        is_canceled = ExecType.CANCELED.value in order.closings
        return OrdStatus.CANCELED if is_canceled else OrdStatus.EXPIRED
    if order.rejections and order.verdict is not None and order.last_word[0] <= order.verdict[0]:
        return ENDED[order.verdict[1]]
    if order.cum_qty > 0:
        return OrdStatus.PARTIALLY_FILLED
    # Rejected and placed, without a trade: asked about until a final status is named.
    return OrdStatus.UNKNOWN if order.rejections else OrdStatus.NEW


def leaves_qty(order: Order, now: OrdStatus) -> Lots:
    """FIX LeavesQty. An overfill shows in CumQty, not here."""
    return Lots(0 if now in CLOSED else max(0, order.new.qty - order.cum_qty))


def is_counted_alike(order: Order) -> bool:
    """The venue counts the trades that we count."""
    at, cum_qty = order.last_word
    return at == 0 or cum_qty == order.cum_qty


def at_risk_qty(order: Order, now: OrdStatus) -> Lots:
    """What may still trade, or has traded and we have not seen it: the end outran a trade."""
    if now in CLOSED:
        return Lots(max(0, order.last_word[1] - order.cum_qty))
    return leaves_qty(order, now)


def is_open(order: Order, now: OrdStatus) -> bool:
    """Something about it is still to be learned: its end, or the trades that the venue counts and
    we do not, or the bust of one that we still count."""
    return now not in CLOSED or not is_counted_alike(order)


def anomalies(order: Order) -> list[Anomaly]:
    """What is wrong with the facts, as they stand."""
    found: list[Anomaly] = []
    if order.cum_qty > order.new.qty:
        found.append(Anomaly.OVERFILL)
    if is_disputed(order):
        found.append(Anomaly.REJECTED_AND_PLACED)
    if (order.withheld or order.lost) and is_placed(order):
        found.append(Anomaly.ABSENT_AND_PLACED)
    if order.contradicted:
        found.append(Anomaly.CONTRADICTION)
    return found
