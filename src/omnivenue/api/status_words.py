"""The one word that users read for an order or another instruction: a projection of the facts."""

from omnivenue.engine import State
from omnivenue.message import CancelInstructed
from omnivenue.oms import CLOSED, Order, OrdStatus, Parent, Request, Stage, is_counted_alike, status

PENDING, SUBMITTED, REJECTED = "PENDING", "SUBMITTED", "REJECTED"
FILLED, PARTIALLY_FILLED, UNKNOWN = "FILLED", "PARTIALLY_FILLED", "UNKNOWN"
RUNNING, CANCELLED = "RUNNING", "CANCELLED"

_WORDS = {
    OrdStatus.PENDING_NEW: SUBMITTED,  # whoever looks does so after it was handed to its venue
    OrdStatus.UNKNOWN: UNKNOWN,
    OrdStatus.NEW: "ACCEPTED",
    OrdStatus.PENDING_CANCEL: "ACCEPTED",
    OrdStatus.PARTIALLY_FILLED: PARTIALLY_FILLED,
    OrdStatus.FILLED: FILLED,
    OrdStatus.CANCELED: CANCELLED,
    OrdStatus.EXPIRED: "EXPIRED",
    OrdStatus.REJECTED: REJECTED,
}

ENDED = frozenset({FILLED, CANCELLED, "EXPIRED", REJECTED, "FAILED", "ROLLED_BACK"})
WORKING = frozenset({PENDING, SUBMITTED, "ACCEPTED", PARTIALLY_FILLED, UNKNOWN})
ORDER_WORDS = tuple(sorted(ENDED | WORKING))

type Words = tuple[str, str]
"""Our word, and FIX's OrdStatus (39)."""


def child_of(state: State, parent: Parent) -> Order | None:
    """What stands for the parent at its venue: a parent with one direct child is one order."""
    return state.orders[parent.children[-1]] if parent.children else None


def order_words(state: State, parent: Parent) -> Words:
    child = child_of(state, parent)
    if child is not None:
        return child_words(child)
    if parent.stage is Stage.REFUSED:
        return REJECTED, OrdStatus.REJECTED.value
    return PENDING, OrdStatus.PENDING_NEW.value


def child_words(order: Order) -> Words:
    now = status(order)
    if order.cum_qty >= order.new.qty:
        return FILLED, OrdStatus.FILLED.value  # whatever is pending
    if now is OrdStatus.UNKNOWN:
        return UNKNOWN, OrdStatus.PENDING_NEW.value  # FIX has no word for it
    if now in CLOSED and not is_counted_alike(order):
        return UNKNOWN, now.value  # it has ended, and not all of its trades are here
    if now is OrdStatus.PENDING_CANCEL and order.cum_qty > 0:
        return PARTIALLY_FILLED, now.value
    return _WORDS[now], now.value


def request_word(state: State, request: Request) -> str:
    """A cancel runs until its target has ended, and then has the target's word."""
    if request.reasons:
        return REJECTED
    words = [order_words(state, state.parents[i])[0] for i in request.targets]
    if not ENDED.issuperset(words):
        return RUNNING
    return words[0] if isinstance(request.instruction, CancelInstructed) else CANCELLED
