"""Commands: what the core decided. Imperative.

The first group leaves for a venue, at most once; the outcome is an event. The second asks the
runtime to tell us something later. The third is done when it is applied: a decision remembered.
"""

from enum import Enum

from omnivenue.message.message import Message
from omnivenue.message.wait import Timer
from omnivenue.model import (
    AccountID,
    ClOrdID,
    InstructionID,
    InstrumentID,
    Lots,
    Nanos,
    OrderID,
    Side,
    Ticks,
    TimeInForce,
    VenueID,
)


class NewOrder(Message, frozen=True, tag="new_order"):
    """FIX 35=D. A market order leaves as IOC at its protection price: never beyond it."""

    cl_ord_id: ClOrdID
    parent_id: OrderID
    account: AccountID
    venue_id: VenueID
    instrument_id: InstrumentID
    instrument_version: int
    side: Side
    qty: Lots
    limit_px: Ticks
    tif: TimeInForce
    expires_at: Nanos  # the venue takes it before this time or never


class CancelOrder(Message, frozen=True, tag="cancel_order"):
    cl_ord_id: ClOrdID
    orig_cl_ord_id: ClOrdID
    venue_id: VenueID


class QueryOrders(Message, frozen=True, tag="query_orders"):
    """What do you know of these orders, and what has traded since? Safe to repeat. Numbered per
    venue without gaps, so that an answer names the question it was sent after."""

    venue_id: VenueID
    query: int
    cl_ord_ids: tuple[ClOrdID, ...]
    since: Nanos


class ArmTimer(Message, frozen=True, tag="arm_timer"):
    timer: Timer


class DisarmTimer(Message, frozen=True, tag="disarm_timer"):
    timer_id: str


class Reason(Message, frozen=True):
    """One rule that failed. `limit` and `value` are decimal strings in the rule's own unit."""

    code: str
    message: str
    limit: str = ""
    value: str = ""


class Accept(Message, frozen=True, tag="accept"):
    """Prices in quote atoms: `limit_px` is never traded beyond, `hold_px` is what is reserved at.
    They differ where a derivative is sold: it may fill above its limit, and is margined there."""

    order_id: OrderID
    limit_px: int
    hold_px: int


class Refuse(Message, frozen=True, tag="refuse"):
    instruction_id: InstructionID
    reasons: tuple[Reason, ...]


class EndReason(Enum):
    FILLED = "filled"
    CANCELLED = "cancelled"
    EXPIRED = "expired"
    REJECTED = "rejected"  # by the venue
    LOST_NOT_PLACED = "lost_not_placed"  # proven never placed
    NOT_SENT = "not_sent"  # our own gateway withheld it
    DUST = "dust"  # the rest is below what any venue takes
    UNFILLED = "unfilled"  # it ended by its own terms (IOC, FOK), and quantity is left


class StopParent(Message, frozen=True, tag="stop_parent"):
    """No more children. Those that are out are being cancelled."""

    order_id: OrderID
    instruction_id: InstructionID  # what asked for it
    reason: EndReason


class CloseParent(Message, frozen=True, tag="close_parent"):
    order_id: OrderID
    reason: EndReason


class ReopenParent(Message, frozen=True, tag="reopen_parent"):
    """A late fact: what had ended has not, or has traded otherwise than we believed."""

    order_id: OrderID


class MarkUnknown(Message, frozen=True, tag="mark_unknown"):
    """No answer in time, which proves nothing."""

    cl_ord_id: ClOrdID


class DeclareLost(Message, frozen=True, tag="declare_lost"):
    """Proven never placed: the venue has denied it, more than once, after it had expired."""

    cl_ord_id: ClOrdID


class FlagOrder(Message, frozen=True, tag="flag_order"):
    """An anomaly in an order's facts, said once."""

    cl_ord_id: ClOrdID
    anomaly: str


class Alert(Message, frozen=True, tag="alert"):
    """For people and dashboards. Nothing in the core reads it back."""

    topic: str
    about: str


type VenueCommand = NewOrder | CancelOrder | QueryOrders
type Command = (
    VenueCommand
    | ArmTimer
    | DisarmTimer
    | Accept
    | Refuse
    | StopParent
    | CloseParent
    | ReopenParent
    | MarkUnknown
    | DeclareLost
    | FlagOrder
    | Alert
)
