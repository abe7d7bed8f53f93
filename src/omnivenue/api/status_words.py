"""The one word that users read for an order or another instruction: a projection of the facts.

A parent with one direct child is shown as one order; with several children, one after another, as
one order as well, which counts what all of them have filled.
"""

from collections.abc import Callable

from omnivenue.api.whole import Whole, filled
from omnivenue.engine import State
from omnivenue.message import (
    AdjustmentInstructed,
    CancelInstructed,
    EndReason,
    PauseInstructed,
    ReplaceInstructed,
)
from omnivenue.model import OrderID
from omnivenue.oms import (
    CLOSED,
    Composite,
    Order,
    OrdStatus,
    Request,
    Stage,
    is_counted_alike,
    is_pending_cancel,
    pending_replace,
    status,
)

PENDING, SUBMITTED, REJECTED = "PENDING", "SUBMITTED", "REJECTED"
FILLED, PARTIALLY_FILLED, UNKNOWN = "FILLED", "PARTIALLY_FILLED", "UNKNOWN"
RUNNING, CANCELLED, ACCEPTED, EXPIRED = "RUNNING", "CANCELLED", "ACCEPTED", "EXPIRED"

_WORDS = {
    OrdStatus.PENDING_NEW: SUBMITTED,  # whoever looks does so after it was handed to its venue
    OrdStatus.UNKNOWN: UNKNOWN,
    OrdStatus.NEW: ACCEPTED,
    OrdStatus.SUSPENDED: ACCEPTED,
    OrdStatus.PENDING_CANCEL: ACCEPTED,
    OrdStatus.PENDING_REPLACE: ACCEPTED,
    OrdStatus.PARTIALLY_FILLED: PARTIALLY_FILLED,
}
_ENDS = {
    EndReason.EXPIRED: EXPIRED,
    EndReason.REJECTED: REJECTED,
    EndReason.LOST_NOT_PLACED: REJECTED,
    EndReason.NOT_SENT: REJECTED,
    EndReason.REFUSED: REJECTED,
}
_FIX = {EXPIRED: OrdStatus.EXPIRED, REJECTED: OrdStatus.REJECTED, CANCELLED: OrdStatus.CANCELED}

ENDED = frozenset({FILLED, CANCELLED, EXPIRED, REJECTED, "FAILED", "ROLLED_BACK"})
WORKING = frozenset({PENDING, SUBMITTED, ACCEPTED, PARTIALLY_FILLED, UNKNOWN})
ORDER_WORDS = tuple(sorted(ENDED | WORKING))

type Words = tuple[str, str]
"""Our word, and FIX's OrdStatus (39)."""

type Find = Callable[[OrderID], Whole | None]


def order_words(state: State, found: Whole) -> Words:
    parent, cum_qty = found.parent, filled(state, found)
    if parent.stage is Stage.REFUSED:
        return REJECTED, OrdStatus.REJECTED.value
    if cum_qty >= parent.qty and cum_qty > 0:
        return FILLED, OrdStatus.FILLED.value  # whatever is pending
    if found.open:
        return _open_words(found.open, has_fills=cum_qty > 0)
    if parent.stage is Stage.CLOSED:
        return _end_words(found, has_fills=cum_qty > 0)
    if cum_qty > 0:  # between two children
        return PARTIALLY_FILLED, OrdStatus.PARTIALLY_FILLED.value
    return PENDING, OrdStatus.PENDING_NEW.value


def instruction_word(state: State, found: Whole) -> str:
    """An order's own word; of one over venues or over time, RUNNING until it is over."""
    word = order_words(state, found)[0]
    is_running = isinstance(found.parent, Composite) and not found.parent.is_over
    return RUNNING if is_running and word != UNKNOWN else word


def pending(found: Whole) -> str | None:
    """What is asked of the venue and not answered yet. A child that is cancelled only to be sent
    anew is being replaced."""
    child = found.open[-1] if found.open else None
    if child is None:
        return None
    if is_pending_cancel(child):
        is_rework = child.rare.is_reworked and not found.parent.is_stopped
        return "replace" if is_rework else "cancel"
    return None if pending_replace(child) is None else "replace"


def request_word(find: Find, state: State, request: Request) -> str:
    """A cancel runs until its target has ended, and then has the target's word."""
    if request.reasons:
        return REJECTED
    instruction = request.instruction
    if isinstance(instruction, AdjustmentInstructed | PauseInstructed):
        return ACCEPTED  # done as it was journaled
    if isinstance(instruction, ReplaceInstructed):
        return _replace_word(find(instruction.order_id), state, instruction)
    targets = [found for found in map(find, request.targets) if found is not None]
    words = [order_words(state, found)[0] for found in targets]
    if not ENDED.issuperset(words):
        return RUNNING
    return words[0] if isinstance(instruction, CancelInstructed) and words else CANCELLED


def _replace_word(found: Whole | None, state: State, asked: ReplaceInstructed) -> str:
    """It runs until its venue has answered: ACCEPTED is done, and the order goes on."""
    if found is None:
        return ACCEPTED
    word = order_words(state, found)[0]
    if word in ENDED:
        return word
    return RUNNING if pending(found) == "replace" else ACCEPTED


def _open_words(children: tuple[Order, ...], *, has_fills: bool) -> Words:
    """The newest speaks for the order, and whatever is not known speaks first."""
    for child in children:
        now = status(child)
        if now is OrdStatus.UNKNOWN:
            return UNKNOWN, OrdStatus.PENDING_NEW.value  # FIX has no word for it
        if now in CLOSED and not is_counted_alike(child):
            return UNKNOWN, now.value  # it has ended, and not all of its trades are here
    now = status(children[-1])
    if now in _PENDING:
        return (PARTIALLY_FILLED if has_fills else ACCEPTED), now.value
    if has_fills:
        return PARTIALLY_FILLED, OrdStatus.PARTIALLY_FILLED.value
    return _WORDS.get(now, ACCEPTED), now.value


def _end_words(found: Whole, *, has_fills: bool) -> Words:
    """What ended it, in the words of FIX. What has traded was not rejected, even if its rest was:
    the reason says so."""
    end, last = found.parent.end, found.last
    word = CANCELLED if end is None else _ENDS.get(end, CANCELLED)
    if end is EndReason.FILLED:
        return FILLED, OrdStatus.FILLED.value
    if word == REJECTED and has_fills:
        word = CANCELLED
    if word == CANCELLED and last is not None and status(last) is OrdStatus.DONE_FOR_DAY:
        return word, OrdStatus.DONE_FOR_DAY.value
    return word, _FIX[word].value


_PENDING = frozenset({OrdStatus.PENDING_CANCEL, OrdStatus.PENDING_REPLACE})
