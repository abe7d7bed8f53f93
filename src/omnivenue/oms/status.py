"""FIX OrdStatus as a projection of the facts, and what is wrong with them.

Read `status` from the top: the first line that holds is FIX's precedence. The functions below take
the status that was read, so that one turn reads it once.
"""

from enum import Enum

from omnivenue.message import ExecType, ReplaceOrder
from omnivenue.model import SECOND, Instrument, Lots, Nanos, Ticks
from omnivenue.oms.order import Order

EXPIRY_MARGIN = Nanos(SECOND)
"""How far a venue's clock may be from ours."""


class OrdStatus(Enum):
    """FIX tag 39. UNKNOWN is ours: on a FIX wire it is PendingNew."""

    PENDING_NEW = "A"
    UNKNOWN = "?"
    NEW = "0"
    PARTIALLY_FILLED = "1"
    FILLED = "2"
    DONE_FOR_DAY = "3"
    CANCELED = "4"
    PENDING_CANCEL = "6"
    REJECTED = "8"
    SUSPENDED = "9"
    EXPIRED = "C"
    PENDING_REPLACE = "E"


class Anomaly(Enum):
    """What cannot be, and yet was said. Kept, counted and shown; never dropped, never raised."""

    OVERFILL = "filled more than ordered"
    REJECTED_AND_PLACED = "rejected, and yet placed"
    ABSENT_AND_PLACED = "proven absent, and yet placed"
    CONTRADICTION = "one execution id with two contents"
    OCO = "filled although another of its group had"  # of its group, so `anomalies` does not see it
    UNKNOWN_LONG = "nobody says what has become of it"  # flagged by whoever waits for the answer


CLOSED = (
    OrdStatus.FILLED,
    OrdStatus.CANCELED,
    OrdStatus.REJECTED,
    OrdStatus.EXPIRED,
    OrdStatus.DONE_FOR_DAY,
)

ENDED = {
    ExecType.REJECTED: OrdStatus.REJECTED,
    ExecType.CANCELED: OrdStatus.CANCELED,
    ExecType.EXPIRED: OrdStatus.EXPIRED,
    ExecType.DONE_FOR_DAY: OrdStatus.DONE_FOR_DAY,
}


_DONE_FOR_DAY, _CANCELED = ExecType.DONE_FOR_DAY.value, ExecType.CANCELED.value


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
        and order.cancels[-1] not in order.rare.request_rejects
        and not order.closings
        and is_placed(order)
    )


def pending_replace(order: Order) -> ReplaceOrder | None:
    """What we asked it to be, and the venue may still make it. Ended by its word, by the end of the
    order, and by an answer from after the request's expiry that names an older version."""
    if not order.replaces:
        return None
    asked = order.replaces[-1]
    said_at, said = order.rare.version_word
    is_lost = said < asked.version and said_at > asked.expires_at + EXPIRY_MARGIN
    is_answered = order.version >= asked.version or asked.cl_ord_id in order.rare.request_rejects
    return None if is_answered or is_lost or order.closings else asked


def terms(order: Order) -> tuple[Lots, Ticks]:
    """Quantity and limit that are in force: what the venue last named, not what we asked for."""
    if order.version == 0 or not order.replaces:
        return order.new.qty, order.new.limit_px
    named = order.replaces[min(order.version, len(order.replaces)) - 1]
    return named.qty, named.limit_px


def most_qty(order: Order) -> Lots:
    """The largest quantity that may be in force, for all we know."""
    if not order.replaces:
        return order.new.qty
    qty, _ = terms(order)
    asked = pending_replace(order)
    return qty if asked is None else max(qty, asked.qty)


def hold_px(order: Order, instrument: Instrument) -> int:
    """What it is reserved at: the dearer of what is in force and what may come to be."""
    if not order.replaces:
        return order.hold_px
    named = min(order.version, len(order.replaces))
    px = order.replaces[named - 1].hold_px if named else order.hold_px
    asked = pending_replace(order)
    return px if asked is None else instrument.dearer_px(px, asked.hold_px)


def status(order: Order) -> OrdStatus:
    if not is_placed(order):
        if order.rejections or order.withheld or order.lost:
            return OrdStatus.REJECTED
        return OrdStatus.UNKNOWN if order.doubted else OrdStatus.PENDING_NEW
    if order.cancels and is_pending_cancel(order):
        return OrdStatus.PENDING_CANCEL
    if order.replaces and pending_replace(order) is not None:
        return OrdStatus.PENDING_REPLACE
    if _DONE_FOR_DAY in order.closings:
        return OrdStatus.DONE_FOR_DAY
    if order.cum_qty >= (terms(order)[0] if order.replaces else order.new.qty):
        return OrdStatus.FILLED
    if order.closings:
        is_canceled = _CANCELED in order.closings
        return OrdStatus.CANCELED if is_canceled else OrdStatus.EXPIRED
    verdict = order.rare.verdict
    if order.rejections and verdict is not None and order.last_at <= verdict[0]:
        return ENDED[verdict[1]]
    return _working(order)


def _working(order: Order) -> OrdStatus:
    if order.rare.suspended_at >= order.lives_at:
        return OrdStatus.SUSPENDED
    if order.cum_qty > 0:
        return OrdStatus.PARTIALLY_FILLED
    # Rejected and placed, without a trade: asked about until a final status is named.
    return OrdStatus.UNKNOWN if order.rejections else OrdStatus.NEW


def leaves_qty(order: Order, now: OrdStatus) -> Lots:
    """FIX LeavesQty. An overfill shows in CumQty, not here."""
    return Lots(0 if now in CLOSED else max(0, terms(order)[0] - order.cum_qty))


def is_counted_alike(order: Order) -> bool:
    """The venue counts the trades that we count."""
    return order.last_at == 0 or order.last_qty == order.cum_qty


def at_risk_qty(order: Order, now: OrdStatus) -> Lots:
    """What may still trade, or has traded and we have not seen it: the end outran a trade."""
    if now in CLOSED:
        return Lots(max(0, order.last_qty - order.cum_qty))
    return Lots(max(0, most_qty(order) - order.cum_qty))


def is_open(order: Order, now: OrdStatus) -> bool:
    """Something about it is still to be learned: its end, or the trades that the venue counts and
    we do not, or the bust of one that we still count."""
    return now not in CLOSED or not is_counted_alike(order)


def anomalies(order: Order) -> list[Anomaly]:
    """What is wrong with the facts, as they stand."""
    found: list[Anomaly] = []
    if order.cum_qty > most_qty(order):
        found.append(Anomaly.OVERFILL)
    if is_disputed(order):
        found.append(Anomaly.REJECTED_AND_PLACED)
    if (order.withheld or order.lost) and is_placed(order):
        found.append(Anomaly.ABSENT_AND_PLACED)
    if order.rare.contradicted:
        found.append(Anomaly.CONTRADICTION)
    return found
