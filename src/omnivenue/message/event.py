"""Events: facts that happened outside the core. Past tense."""

from enum import Enum

from omnivenue.message.message import Message
from omnivenue.model import (
    AccountID,
    AssetID,
    Atoms,
    ClOrdID,
    ExecID,
    InstructionID,
    Instrument,
    InstrumentID,
    Limits,
    Liquidity,
    Lots,
    Nanos,
    OrderID,
    OrdType,
    Side,
    StrategyID,
    Ticks,
    TimeInForce,
    VenueID,
    VenueOrderID,
)


class Opened(Message, frozen=True, tag="opened"):
    """A process took over the journal. Whatever was on its way when the last one ended is UNKNOWN.

    The same decisions under another mode have the same decision hash: it leaves `mode` out.
    """

    mode: str
    schema_version: int
    decision_version: int
    config_hash: str


class InstrumentsListed(Message, frozen=True, tag="instruments_listed"):
    """These are listed from now on, in these versions. Others stay as they were."""

    instruments: tuple[Instrument, ...]


class LimitsSet(Message, frozen=True, tag="limits_set"):
    """All limits, in place of those before. What was changed while running stays until the file
    itself changes, so State remembers both."""

    limits: Limits
    from_file: bool


class AccountOpened(Message, frozen=True, tag="account_opened"):
    """`account` may trade on these venues, in place of those before."""

    account: AccountID
    venue_ids: tuple[VenueID, ...]


class Deposited(Message, frozen=True, tag="deposited"):
    """Cash came in from outside. `deposit_id` seen twice is one deposit."""

    deposit_id: str
    account: AccountID
    venue_id: VenueID
    asset: AssetID
    amount: Atoms


class OrderInstructed(Message, frozen=True, tag="order_instructed"):
    """A client wants `qty` done at `limit_px` or better; at what the market gives, within the
    collar, where there is no price."""

    instruction_id: InstructionID
    body_hash: str  # of the decoded instruction: what is compared when the key comes again
    account: AccountID
    strategy_id: StrategyID
    instrument_id: InstrumentID
    side: Side
    qty: Atoms
    ord_type: OrdType
    limit_px: Atoms | None  # None: a market order
    tif: TimeInForce


class CancelInstructed(Message, frozen=True, tag="cancel_instructed"):
    instruction_id: InstructionID
    body_hash: str
    order_id: OrderID


class CancelAllInstructed(Message, frozen=True, tag="cancel_all_instructed"):
    """Every working order that matches all that is named. Naming nothing means all."""

    instruction_id: InstructionID
    body_hash: str
    venue_id: VenueID | None = None
    instrument_id: InstrumentID | None = None
    strategy_id: StrategyID | None = None
    account: AccountID | None = None


class ExecType(Enum):
    """Why a report was sent. FIX tag 150."""

    NEW = "0"
    CANCELED = "4"
    REJECTED = "8"
    EXPIRED = "C"
    TRADE = "F"
    TRADE_CANCEL = "H"


class ExecutionReport(Message, frozen=True, tag="execution_report"):
    """A venue told us something about an order. FIX 35=8, an exchange's order update, a mined
    receipt. An adapter makes REJECTED only of codes that prove that the order was never placed."""

    exec_id: ExecID
    cl_ord_id: ClOrdID
    exec_type: ExecType
    venue_order_id: VenueOrderID = VenueOrderID("")
    last_qty: Lots = Lots(0)
    last_px: Ticks = Ticks(0)
    fee: Atoms = Atoms(0)
    fee_asset: AssetID = AssetID("")
    liquidity: Liquidity = Liquidity.TAKER
    cum_qty: Lots = Lots(0)  # what the venue had counted by then: how we notice a missing trade
    transact_at: Nanos = Nanos(0)  # the venue's time
    exec_ref_id: ExecID | None = None  # the trade that a TRADE_CANCEL takes back
    text: str = ""


class CancelRejected(Message, frozen=True, tag="cancel_rejected"):
    """FIX 35=9. Says nothing about the order but that this request did not end it."""

    cl_ord_id: ClOrdID
    orig_cl_ord_id: ClOrdID
    text: str = ""


class OrderState(Message, frozen=True):
    """What a venue holds an order to be, in the answer to a query. `ended` is None while it works,
    else FILLED's TRADE, CANCELED, EXPIRED or REJECTED."""

    cl_ord_id: ClOrdID
    cum_qty: Lots
    ended: ExecType | None


class StatusReport(Message, frozen=True, tag="status_report"):
    """The answer to QueryOrders, in one piece: all reports since the time asked for, and what the
    orders asked about are. The venue's own record, as facts like any others."""

    venue_id: VenueID
    query: int
    as_of: Nanos
    reports: tuple[ExecutionReport, ...]
    orders: tuple[OrderState, ...]
    not_found: tuple[ClOrdID, ...]


class NotSent(Message, frozen=True, tag="not_sent"):
    """The gateway withheld it. The only proof that an order did not leave."""

    cl_ord_id: ClOrdID
    why: str


class VenueUp(Message, frozen=True, tag="venue_up"):
    venue_id: VenueID


class VenueDown(Message, frozen=True, tag="venue_down"):
    venue_id: VenueID
    why: str


class TimerFired(Message, frozen=True, tag="timer_fired"):
    timer_id: str


type VenueEvent = ExecutionReport | CancelRejected | StatusReport
type Instruction = OrderInstructed | CancelInstructed | CancelAllInstructed
type Event = (
    VenueEvent
    | Instruction
    | Opened
    | InstrumentsListed
    | LimitsSet
    | AccountOpened
    | Deposited
    | NotSent
    | VenueUp
    | VenueDown
    | TimerFired
)
