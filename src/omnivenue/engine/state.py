"""Everything the core remembers. Changed by `apply_event` and `apply_command`, and nothing else.

Plain structs, and maps with one string as key: a snapshot holds all of it. Decisions walk maps in
sorted order, because a map that went through a snapshot has forgotten the order of insertion.
"""

from enum import Enum
from functools import cached_property
from hashlib import sha256

import msgspec

from omnivenue.engine.archived import Archived
from omnivenue.engine.shared import Shared
from omnivenue.ledger import Exposure, Ledger, Position
from omnivenue.message import External, NewOrder, OrderInstructed, Timer, Watch, encode
from omnivenue.model import (
    AccountID,
    AssetID,
    Capabilities,
    ClOrdID,
    InstructionID,
    Instrument,
    InstrumentID,
    Limits,
    Nanos,
    OrderID,
    StrategyID,
    TradingState,
    VenueID,
)
from omnivenue.oms import Composite, Order, Parent, Request
from omnivenue.risk import Bearing, Bearings, Cell, LimitIndex, Resting, Totals, Velocity


class VenueStatus(Enum):
    DOWN = "down"
    RECONCILING = "reconciling"  # connected, and not yet asked what happened meanwhile
    OPEN = "open"


class VenueState(msgspec.Struct, kw_only=True):
    status: VenueStatus = VenueStatus.DOWN
    since: Nanos = Nanos(0)
    why: str = ""  # it is down
    open: dict[ClOrdID, None] = {}
    queries: int = 0  # ever asked: the next one's number
    reconciles_with: int = -1  # from this query on an answer opens the venue
    cursor: Nanos = Nanos(0)  # all trades before this have been reported
    latest: Nanos = Nanos(0)  # its time of the newest thing that moved money or contracts
    capabilities: Capabilities = Capabilities()
    dead_man: Nanos = Nanos(0)  # after so much silence it is to cancel everything; 0: it is not


class Stopped(msgspec.Struct, kw_only=True):
    """How far trading is stopped in one scope, and what it waits for to go on."""

    state: TradingState
    since: Nanos
    reason: str
    source: str  # a breaker's name, or who asked
    rearms_with: dict[VenueID, int] = {}
    rearm_reason: str = ""  # of whoever asked, while it waits


class Day(msgspec.Struct, frozen=True, kw_only=True):
    """How an account stood when a day (UTC) began: wide, in the risk currency."""

    day: int
    equity: int
    pnl: int


class Worth(msgspec.Struct, frozen=True, kw_only=True):
    """How an account stands by the last marks: wide, in the risk currency."""

    equity: int
    pnl: int


class Difference(msgspec.Struct, kw_only=True):
    """A venue holds `amount` atoms more than we believe: so it said at `since`, and at `until`."""

    account: AccountID
    venue_id: VenueID
    asset: AssetID  # or an instrument's id
    amount: int
    since: Nanos
    until: Nanos


class Quarantined(msgspec.Struct, frozen=True, kw_only=True):
    """Nothing new that moves this there, until a person has explained it or it is gone."""

    account: AccountID
    venue_id: VenueID
    asset: AssetID
    difference: int
    since: Nanos


class Clock(msgspec.Struct, kw_only=True):
    """What a venue's answers prove about its clock."""

    asked: list[tuple[int, Nanos]] = []
    offset: Nanos = Nanos(0)  # by the last answer: at least so far ahead of ours, or behind


type Stake = tuple[Exposure, Exposure, Bearing]
"""What an account and a strategy of it have in an instrument, and which limits bear on it."""

type Positions = dict[AccountID, dict[StrategyID, dict[InstrumentID, Position]]]


class State(msgspec.Struct, kw_only=True, dict=True):
    seq: int = 0  # events applied so far: the number of the next entry
    limits: Limits = msgspec.field(default_factory=Limits)
    limits_of_file: Limits | None = None  # as last read from a file; None before the first
    limit_index: LimitIndex = {}
    instruments: dict[InstrumentID, Instrument] = {}
    retired: dict[str, Instrument] = {}
    accounts: dict[AccountID, tuple[VenueID, ...]] = {}
    hedging: dict[AccountID, None] = {}
    venues: dict[VenueID, VenueState] = {}
    deposits: dict[str, None] = {}
    ledger: Ledger = msgspec.field(default_factory=Ledger)
    positions: Positions = {}
    exposures: dict[AccountID, dict[InstrumentID, Exposure]] = {}
    live: dict[OrderID, None] = {}  # not over
    strategy_exposures: dict[AccountID, dict[StrategyID, dict[InstrumentID, Exposure]]] = {}
    totals: dict[str, Totals] = {}  # by scope
    resting: dict[InstrumentID, Resting] = {}
    open_orders: dict[str, int] = {}  # by scope
    velocity: Velocity = msgspec.field(default_factory=Velocity)
    clocks: dict[VenueID, Clock] = {}
    pairs: dict[str, tuple[InstrumentID, ...]] = {}  # spot, by "BASE/QUOTE"
    parents: dict[OrderID, Parent] = {}
    requests: dict[InstructionID, Request] = {}
    composites: dict[OrderID, Composite] = {}
    working: dict[OrderID, None] = {}  # composites
    orders: dict[ClOrdID, Order] = {}
    retiring: list[str] = []  # what is over, by key
    over_at: list[Nanos] = []  # since when each of them is
    leaving: dict[OrderID, Archived] = {}
    timers: dict[str, Timer] = {}
    watches: dict[str, Watch] = {}
    stopped: dict[str, Stopped] = {}  # by scope
    marks: dict[InstrumentID, int] = {}
    days: dict[AccountID, Day] = {}
    worths: dict[AccountID, Worth] = {}
    marks_due: bool = False  # something has traded or been paid since the last marks
    fundings: dict[VenueID, dict[str, Nanos]] = {}  # by id: when they were paid
    differences: dict[str, Difference] = {}  # by `place`
    quarantined: dict[str, Quarantined] = {}  # by `place`
    reducing: dict[InstrumentID, dict[OrderID, None]] = {}  # those of `live` that only reduce
    oco: dict[str, dict[OrderID, None]] = {}

    @cached_property
    def bearings(self) -> Bearings:
        """Made of limits and listings alone, so it is no part of what State is: no snapshot and no
        hash has it. Forgotten (`forget_bearings`) where either is changed."""
        return Bearings()

    def bearing(
        self, account: AccountID, strategy_id: StrategyID, instrument_id: InstrumentID
    ) -> Bearing:
        """Of the limits: which of them bear on the orders of this account and strategy in it."""
        try:
            return self.bearings[account, strategy_id, instrument_id]
        except KeyError:
            cell = account, strategy_id, instrument_id
            return self.bearings.look_up(self.limit_index, self.instruments[instrument_id], cell)

    @cached_property
    def stakes(self) -> dict[Cell, Stake]:
        """As `bearings`: what stands elsewhere, found at once by those who apply."""
        return {}

    def forget_bearings(self) -> None:
        """Limits or a listing are others now."""
        self.bearings.clear()
        self.stakes.clear()

    def knows(self, key: InstructionID) -> bool:
        """This key was used: by an order, or by an instruction about others."""
        order_id = OrderID(key)
        return order_id in self.parents or key in self.requests or order_id in self.composites

    def listing(self, new: NewOrder) -> Instrument:
        """In the version that the order's lots and ticks are counted in."""
        current = self.instruments[new.instrument_id]
        if current.version == new.instrument_version:
            return current
        return self.retired[version_key(new.instrument_id, new.instrument_version)]

    def is_listed(self, told: External) -> bool:
        """In the version that its lots and ticks are counted in."""
        current = self.instruments.get(told.instrument_id)
        is_current = current is not None and current.version == told.instrument_version
        return (
            is_current or version_key(told.instrument_id, told.instrument_version) in self.retired
        )

    def trading_state(self, order: OrderInstructed) -> TradingState:
        """The worst of all scopes that bear on it."""
        if not self.stopped:
            return TradingState.ACTIVE
        venue_id = self.instruments[order.instrument_id].venue_id
        states = self.stops(venue_id, order.account, order.strategy_id)
        return max(states, key=lambda state: state.severity, default=TradingState.ACTIVE)

    def stops(
        self, venue_id: VenueID, account: AccountID, strategy_id: StrategyID
    ) -> list[TradingState]:
        """Of all scopes that bear on an order, those that are stopped."""
        scopes = (
            "global",
            f"venue:{venue_id}",
            f"account:{account}",
            f"strategy:{strategy_id}",
        )
        return [self.stopped[scope].state for scope in scopes if scope in self.stopped]

    def exposure(self, account: AccountID, instrument_id: InstrumentID) -> Exposure:
        """Made where it is not there: only for those who apply."""
        try:
            return self.exposures[account][instrument_id]
        except KeyError:
            return self.exposures.setdefault(account, {}).setdefault(instrument_id, Exposure())

    def strategy_exposure(
        self, account: AccountID, strategy_id: StrategyID, instrument_id: InstrumentID
    ) -> Exposure:
        """Made where it is not there: only for those who apply."""
        try:
            return self.strategy_exposures[account][strategy_id][instrument_id]
        except KeyError:
            strategies = self.strategy_exposures.setdefault(account, {})
            return strategies.setdefault(strategy_id, {}).setdefault(instrument_id, Exposure())

    def position(
        self, account: AccountID, strategy_id: StrategyID, instrument_id: InstrumentID
    ) -> Position:
        """Made where it is not there: only for those who apply."""
        try:
            return self.positions[account][strategy_id][instrument_id]
        except KeyError:
            strategies = self.positions.setdefault(account, {})
            return strategies.setdefault(strategy_id, {}).setdefault(instrument_id, Position())


def place(account: AccountID, venue_id: VenueID, asset: AssetID) -> str:
    return f"{account}@{venue_id}/{asset}"


def version_key(instrument_id: InstrumentID, version: int) -> str:
    return f"{instrument_id}#{version}"


def state_hash(state: State) -> str:
    return sha256(encode(state)).hexdigest()


def decode_state(content: bytes) -> State:
    """The inverse of `encode`: what a snapshot holds. Raises msgspec.ValidationError."""
    state = msgspec.json.decode(content, type=State)
    shared = Shared()
    shared.keys(state.parents, state.orders)
    shared.parents(state.parents)
    shared.orders(state.orders)
    shared.all(state.retiring)
    shared.all(state.over_at)
    return state
