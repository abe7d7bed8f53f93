"""Commands: what the core decided. Imperative.

The first group leaves for a venue, at most once; the outcome is an event. The second asks the
runtime to tell us something later. The third is done when it is applied: a decision remembered.
"""

from enum import Enum

from omnivenue.message.event import OrderInstructed
from omnivenue.message.message import Message
from omnivenue.message.wait import Timer, Watch
from omnivenue.model import (
    AccountID,
    AssetID,
    ClOrdID,
    InstructionID,
    InstrumentID,
    Lots,
    Nanos,
    OrderID,
    Side,
    StrategyID,
    Ticks,
    TimeInForce,
    TradingState,
    TriggerBy,
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
    strategy_id: StrategyID = StrategyID("")
    good_till: Nanos | None = None  # of GTD and DAY, where the venue ends it
    stop_px: Ticks | None = None  # the venue keeps it back until its market comes here
    trigger_by: TriggerBy = TriggerBy.LAST
    is_take_profit: bool = False  # which side of the market `stop_px` waits on
    post_only: bool = False
    reduce_only: bool = False  # for the venue to heed
    is_reduction: bool = False  # makes a position smaller: passes where only reductions do


class ReplaceOrder(Message, frozen=True, tag="replace_order"):
    """FIX 35=G. The order keeps its first client id; `version` counts what it was asked to be, from
    1. What is in force stays so until the venue says that another version is."""

    cl_ord_id: ClOrdID  # of this request
    orig_cl_ord_id: ClOrdID
    venue_id: VenueID
    account: AccountID
    strategy_id: StrategyID
    version: int
    qty: Lots  # the whole order's
    limit_px: Ticks
    expires_at: Nanos
    hold_px: int = 0  # quote atoms: what is reserved at while this is, or may be, in force
    is_reduction: bool = False  # or asks for no more than is there already


class ArmDeadMan(Message, frozen=True, tag="arm_dead_man"):
    """Cancel everything at `at`, unless this comes again before. Refreshed while we live."""

    venue_id: VenueID
    at: Nanos


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


class ArmWatch(Message, frozen=True, tag="arm_watch"):
    watch: Watch


class DisarmWatch(Message, frozen=True, tag="disarm_watch"):
    watch_id: str


class Reason(Message, frozen=True):
    """One rule that failed. `limit` and `value` are decimal strings in the rule's own unit."""

    code: str
    message: str
    limit: str = ""
    value: str = ""


class EndReason(Enum):
    FILLED = "filled"
    CANCELLED = "cancelled"
    EXPIRED = "expired"
    REJECTED = "rejected"  # by the venue
    LOST_NOT_PLACED = "lost_not_placed"  # proven never placed
    NOT_SENT = "not_sent"  # our own gateway withheld it
    DUST = "dust"  # the rest is below what any venue takes
    UNFILLED = "unfilled"  # it ended by its own terms (IOC, FOK), and quantity is left
    KILLED = "killed"
    HALTED = "halted"  # something of its venue failed, and it could have opened a position there
    OCO = "oco"  # another of its group, or its bracket's other exit, has filled
    REDUCE_ONLY = "reduce_only"  # only reductions may trade, and it would open a position
    NOTHING_LEFT = "nothing_left"  # it only reduces, and others have closed the position
    REFUSED = "refused"  # by risk, when its trigger had come


class Accept(Message, frozen=True, tag="accept"):
    """Prices in quote atoms: `limit_px` is never traded beyond, `hold_px` is what is reserved at.
    They differ where a derivative is sold: it may fill above its limit, and is margined there."""

    order_id: OrderID
    limit_px: int
    hold_px: int
    is_armed: bool = False  # it waits for its trigger
    expire_at: Nanos | None = None  # of DAY and GTD
    value_px: int = 0  # wide, in the risk currency: a whole unit at the mark


class StartOrder(Message, frozen=True, tag="start_order"):
    """An order of our own making: the exit of a bracket."""

    order: OrderInstructed
    entry_id: OrderID
    is_armed: bool


class AcceptComposite(Message, frozen=True, tag="accept_composite"):
    """An order that becomes several. Its pace and size were measured as if it were all of
    `measured_as`; each part is measured again, with its own venue's balances and positions."""

    order_id: OrderID
    measured_as: InstrumentID
    slices: int = 1  # of an algorithm: how many children there are to be
    expire_at: Nanos | None = None
    value_px: int = 0  # as in Accept


class BeginSlice(Message, frozen=True, tag="begin_slice"):
    """`number` from 0. What came before and was not sent is caught up, or left."""

    order_id: OrderID
    number: int
    target: int  # atoms that are to be filled or under way while it lasts


class RoutedLeg(Message, frozen=True):
    instrument_id: InstrumentID
    qty: int  # atoms
    px: int  # quote atoms: the worst level that it is expected to meet; where it rests, its limit
    cost: int  # quote atoms, fees counted, of what is expected to trade at once


class Route(Message, frozen=True, tag="route"):
    """Why an order goes where it goes: what each venue gets, and why another gets nothing."""

    order_id: OrderID
    qty: int  # atoms that were to be routed
    legs: tuple[RoutedLeg, ...]
    passed_over: tuple[tuple[InstrumentID, str], ...] = ()
    left: int = 0  # atoms that found no place
    why_left: str = ""  # and why they found none


class StartPart(Message, frozen=True, tag="start_part"):
    """One leg of a route, as an order of its own. Prices as in Accept."""

    order: OrderInstructed
    of: OrderID
    limit_px: int
    hold_px: int


class PauseComposite(Message, frozen=True, tag="pause_composite"):
    order_id: OrderID
    instruction_id: InstructionID
    is_over: bool


class StopComposite(Message, frozen=True, tag="stop_composite"):
    """No more parts. Those that work are being stopped."""

    order_id: OrderID
    instruction_id: InstructionID
    reason: EndReason


class CloseComposite(Message, frozen=True, tag="close_composite"):
    order_id: OrderID
    reason: EndReason
    reasons: tuple[Reason, ...] = ()


class AmendParent(Message, frozen=True, tag="amend_parent"):
    """Other terms from now on: asked for by a replace, or what a bracket's exits come to."""

    order_id: OrderID
    qty: int
    limit_px: int
    hold_px: int
    instruction_id: InstructionID | None = None  # the replace that asked for it


class TakeOff(Message, frozen=True, tag="take_off"):
    """So much of what a bracket's entry has filled was closed by others than its exits: they are
    for the rest."""

    order_id: OrderID
    closed: int


class TriggerParent(Message, frozen=True, tag="trigger_parent"):
    """The market has come to its stop price."""

    order_id: OrderID
    limit_px: int
    hold_px: int


class ReworkChild(Message, frozen=True, tag="rework_child"):
    """A child is cancelled only to be sent anew on other terms: its end is not the parent's."""

    cl_ord_id: ClOrdID


class Refuse(Message, frozen=True, tag="refuse"):
    instruction_id: InstructionID
    reasons: tuple[Reason, ...]


class StopParent(Message, frozen=True, tag="stop_parent"):
    """No more children. Those that are out are being cancelled."""

    order_id: OrderID
    instruction_id: InstructionID  # what asked for it
    reason: EndReason


class CloseParent(Message, frozen=True, tag="close_parent"):
    order_id: OrderID
    reason: EndReason
    reasons: tuple[Reason, ...] = ()  # of REFUSED: it had been accepted, and that stays its answer


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


class SetState(Message, frozen=True, tag="set_state"):
    """Trading in `scope` is stopped so far; ACTIVE lifts it. A breaker's name, or who asked."""

    scope: str
    state: TradingState
    reason: str
    source: str


class AwaitRearm(Message, frozen=True, tag="await_rearm"):
    """`scope` becomes ACTIVE with the answers to these queries, one of each of its venues."""

    scope: str
    reason: str
    queries: dict[VenueID, int]


class Quarantine(Message, frozen=True, tag="quarantine"):
    """The venue holds `difference` atoms more than we believe, and nothing explains it: nothing new
    that moves this asset there, until an adjustment."""

    account: AccountID
    venue_id: VenueID
    asset: AssetID  # or an instrument's id
    difference: int


class ReleaseQuarantine(Message, frozen=True, tag="release_quarantine"):
    account: AccountID
    venue_id: VenueID
    asset: AssetID


class SetMarks(Message, frozen=True, tag="set_marks"):
    """What is held was worth so much per whole unit, in quote atoms. Unrealised profit and the
    daily loss know these marks and no others."""

    marks: dict[InstrumentID, int]


class StartDay(Message, frozen=True, tag="start_day"):
    """A day (UTC) begins for an account: equity and profit so far, wide, in the risk currency."""

    account: AccountID
    day: int  # since the epoch
    equity: int
    pnl: int


class Evict(Message, frozen=True, tag="evict"):
    """These have been over for long, and leave State. The journal's archive keeps them, and they
    come back (OrderRecalled) if anything still concerns them."""

    order_ids: tuple[OrderID, ...]
    instruction_ids: tuple[InstructionID, ...]
    taken: int = 0  # from the front of the queue of what is over
    later: tuple[str, ...] = ()  # of these: something has concerned them since, so they wait again


class Alert(Message, frozen=True, tag="alert"):
    """For people and dashboards. Nothing in the core reads it back."""

    topic: str
    about: str


type VenueCommand = NewOrder | CancelOrder | ReplaceOrder | QueryOrders | ArmDeadMan
type Command = (
    VenueCommand
    | ArmTimer
    | DisarmTimer
    | ArmWatch
    | DisarmWatch
    | Accept
    | StartOrder
    | AcceptComposite
    | BeginSlice
    | Route
    | StartPart
    | PauseComposite
    | StopComposite
    | CloseComposite
    | AmendParent
    | TakeOff
    | TriggerParent
    | ReworkChild
    | Refuse
    | StopParent
    | CloseParent
    | ReopenParent
    | MarkUnknown
    | DeclareLost
    | FlagOrder
    | SetState
    | AwaitRearm
    | Quarantine
    | ReleaseQuarantine
    | SetMarks
    | StartDay
    | Evict
    | Alert
)
