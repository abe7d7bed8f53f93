"""Events: facts that happened outside the core. Past tense."""

from enum import Enum

from omnivenue.message.message import Message
from omnivenue.model import (
    AccountID,
    AssetID,
    Atoms,
    Capabilities,
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
    TradingState,
    TriggerBy,
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


class VenueListed(Message, frozen=True, tag="venue_listed"):
    """What a venue can do, and is to do for us, from now on."""

    venue_id: VenueID
    capabilities: Capabilities
    dead_man: Nanos = Nanos(0)  # it cancels everything when we have been silent so long; 0: never


class LimitsSet(Message, frozen=True, tag="limits_set"):
    """All limits, in place of those before. What was changed while running stays until the file
    itself changes, so State remembers both."""

    limits: Limits
    from_file: bool
    reason: str = ""  # of whoever changed them while running


class AccountOpened(Message, frozen=True, tag="account_opened"):
    """`account` may trade on these venues, in place of those before. One that hedges keeps what is
    long and what is short of a derivative apart: how it does so changes only while it has none."""

    account: AccountID
    venue_ids: tuple[VenueID, ...]
    hedging: bool = False


class Deposited(Message, frozen=True, tag="deposited"):
    """Cash came in from outside. `deposit_id` seen twice is one deposit."""

    deposit_id: str
    account: AccountID
    venue_id: VenueID
    asset: AssetID
    amount: Atoms


class Exit(Message, frozen=True):
    """One of a bracket's ends, in quote atoms: a resting limit at `limit_px`; a stop at `stop_px`,
    with a limit where it has one."""

    limit_px: Atoms | None = None
    stop_px: Atoms | None = None


class Twap(Message, frozen=True, tag="twap"):
    """A child at once and one after each interval, as many as begin within the horizon."""

    horizon: Nanos
    interval: Nanos


type Algo = Twap


class OrderInstructed(Message, frozen=True, tag="order_instructed"):
    """A client wants `qty` done at `limit_px` or better; at what the market gives, within the
    collar, where there is no price. Of a triggered type, once the market has come to `stop_px`."""

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
    stop_px: Atoms | None = None
    trigger_by: TriggerBy = TriggerBy.LAST
    expire_at: Nanos | None = None  # of GTD
    post_only: bool = False
    reduce_only: bool = False
    take_profit: Exit | None = None  # exits of what fills: together a bracket
    stop_loss: Exit | None = None
    oco: str | None = None  # orders of one strategy and account with this name cancel one another
    allow_duplicate: bool = False
    candidates: tuple[InstrumentID, ...] = ()  # of the venue SMART: instead of the router's own
    algo: Algo | None = None


class ReplaceInstructed(Message, frozen=True, tag="replace_instructed"):
    """What the order shall be instead; None: as it is. `qty` is all of it, filled or not."""

    instruction_id: InstructionID
    body_hash: str
    order_id: OrderID
    qty: Atoms | None = None
    limit_px: Atoms | None = None


class CancelInstructed(Message, frozen=True, tag="cancel_instructed"):
    instruction_id: InstructionID
    body_hash: str
    order_id: OrderID


class PauseInstructed(Message, frozen=True, tag="pause_instructed"):
    """An algorithm sends no further children, or (`is_over`) goes on where it was."""

    instruction_id: InstructionID
    body_hash: str
    order_id: OrderID
    is_over: bool = False


class CancelAllInstructed(Message, frozen=True, tag="cancel_all_instructed"):
    """Every working order that matches all that is named. Naming nothing means all."""

    instruction_id: InstructionID
    body_hash: str
    venue_id: VenueID | None = None
    instrument_id: InstrumentID | None = None
    strategy_id: StrategyID | None = None
    account: AccountID | None = None


class AdjustmentInstructed(Message, frozen=True, tag="adjustment_instructed"):
    """A person explains a difference between us and a venue: `amount` atoms (negative: less) of
    `asset`, an instrument's id where it is a position. Ends the quarantine of that difference."""

    instruction_id: InstructionID
    body_hash: str
    account: AccountID
    venue_id: VenueID
    asset: AssetID
    amount: int
    reason: str


class StateSet(Message, frozen=True, tag="state_set"):
    """Somebody, or a signal, stops trading in a scope: to REDUCE_ONLY, HALTED or KILLED. Never
    less than it was: that is RearmAsked."""

    scope: str
    state: TradingState
    reason: str
    source: str  # "http", "file", "signal"


class RearmAsked(Message, frozen=True, tag="rearm_asked"):
    """Back to ACTIVE, once every venue of the scope has been reconciled anew."""

    scope: str
    reason: str


class ExecType(Enum):
    """Why a report was sent. FIX tag 150."""

    NEW = "0"
    DONE_FOR_DAY = "3"
    CANCELED = "4"
    REPLACED = "5"
    REJECTED = "8"
    SUSPENDED = "9"
    EXPIRED = "C"
    TRADE = "F"
    TRADE_CORRECT = "G"
    TRADE_CANCEL = "H"
    TRIGGERED = "L"

    def __init__(self, value: str) -> None:
        self.word = self.name.lower()  # one string, however many orders it is told of


class External(Message, frozen=True):
    """An order that is not ours, as the venue has it: made by hand, by another program, or by the
    venue itself. Its adapter puts the venue before its id, `VENUE~id`, and takes that off again in
    what it sends: others do not know which ids are in use at another venue."""

    account: AccountID
    instrument_id: InstrumentID
    instrument_version: int
    side: Side
    qty: Lots
    limit_px: Ticks  # a market order: what it traded at
    tif: TimeInForce = TimeInForce.GTC


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
    exec_ref_id: ExecID | None = None  # the trade that is taken back, or corrected by this one
    text: str = ""
    version: int = 0  # of a REPLACED: the replace that is in force from now on
    external: External | None = None  # where `cl_ord_id` is none of ours


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
    version: int = 0  # of the latest replace that is in force
    is_triggered: bool = False


class Held(Message, frozen=True):
    """What an account has at its venue: atoms of an asset, or of an instrument's position."""

    account: AccountID
    asset: AssetID  # or an instrument's id
    total: int


class FundingPaid(Message, frozen=True, tag="funding_paid"):
    """Paid (negative) or received for what an account held of a perpetual at `at`, by the venue's
    time. `funding_id` seen twice is one payment."""

    funding_id: str
    account: AccountID
    venue_id: VenueID
    instrument_id: InstrumentID
    amount: int  # settlement atoms
    at: Nanos


class StatusReport(Message, frozen=True, tag="status_report"):
    """The answer to QueryOrders, in one piece: all reports and fundings since the time asked for,
    what the orders asked about are, and, where the venue tells them, what the accounts hold at that
    moment: what holds nothing is left out. The venue's own record, as facts like any others. In
    the journal it is without the reports that said nothing new."""

    venue_id: VenueID
    query: int
    as_of: Nanos
    reports: tuple[ExecutionReport, ...]
    orders: tuple[OrderState, ...]
    not_found: tuple[ClOrdID, ...]
    fundings: tuple[FundingPaid, ...] = ()
    held: tuple[Held, ...] | None = None


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


class WatchFired(Message, frozen=True, tag="watch_fired"):
    """The market has come to where a watch waited for it; `px` is what it looked at."""

    watch_id: str
    px: Ticks


class OrderRecalled(Message, frozen=True, tag="order_recalled"):
    """Something concerns what had left State: here it is again, as it was when it left (encoded:
    what it is made of stands in layers above this one)."""

    order_id: OrderID
    content: str


type VenueEvent = ExecutionReport | CancelRejected | StatusReport | FundingPaid
type Instruction = (
    OrderInstructed
    | CancelInstructed
    | CancelAllInstructed
    | PauseInstructed
    | ReplaceInstructed
    | AdjustmentInstructed
)
type Event = (
    VenueEvent
    | Instruction
    | Opened
    | InstrumentsListed
    | VenueListed
    | LimitsSet
    | StateSet
    | RearmAsked
    | AccountOpened
    | Deposited
    | NotSent
    | VenueUp
    | VenueDown
    | TimerFired
    | WatchFired
    | OrderRecalled
)
