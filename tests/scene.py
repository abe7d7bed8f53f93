"""What most tests need: two spot venues and a futures venue, money, quotes, and short names.

The venues differ where code could mistake one for another: ETH has 18 decimals and BTC has 8, the
lots and ticks are not the same, and a perpetual is bought with no more than its settlement asset.
"""

from typing import Any

from omnivenue.engine import State, state_hash
from omnivenue.journal import MemoryJournal, verify
from omnivenue.market import Quote
from omnivenue.message import (
    AccountOpened,
    AdjustmentInstructed,
    ArmTimer,
    CancelAllInstructed,
    CancelInstructed,
    Command,
    Deposited,
    Event,
    ExecType,
    ExecutionReport,
    InstrumentsListed,
    LimitsSet,
    NewOrder,
    OrderInstructed,
    OrderState,
    ReplaceInstructed,
    StatusReport,
    TimerFired,
    VenueListed,
    VenueUp,
    WatchFired,
)
from omnivenue.model import (
    QTY_UNIT,
    SECOND,
    SHARE_UNIT,
    AccountID,
    AssetID,
    Atoms,
    Capabilities,
    ClOrdID,
    ExecID,
    InstructionID,
    Instrument,
    InstrumentID,
    InstrumentType,
    Limit,
    LimitName,
    Limits,
    Lots,
    Nanos,
    OrderID,
    OrdType,
    Side,
    StrategyID,
    Ticks,
    TimeInForce,
    TriggerBy,
    VenueID,
)
from omnivenue.oms import Order, Parent
from omnivenue.runtime import Books, Core, turns

A, B, F = VenueID("SIM-A"), VenueID("SIM-B"), VenueID("SIM-F")
VENUES = (A, B, F)
MAIN, OTHER = AccountID("main"), AccountID("other")
S1, S2 = StrategyID("s1"), StrategyID("s2")
BTC, ETH, USDT = AssetID("BTC"), AssetID("ETH"), AssetID("USDT")
WHOLE = 10**8  # atoms in one BTC, and in one USDT
WHOLE_ETH = 10**18
BUY, SELL = Side.BUY, Side.SELL


def listed(venue_id: VenueID, base: AssetID, **more: Any) -> Instrument:
    given: dict[str, Any] = {
        "version": 1,
        "venue_id": venue_id,
        "type": InstrumentType.SPOT_PAIR,
        "base": base,
        "quote": USDT,
        "settle": USDT,
        "lot": Atoms(10**4),
        "tick": Atoms(10**6),
        "min_qty": Lots(1),
        "min_notional": Atoms(5 * WHOLE),
        "maker_bps": 2,
        "taker_bps": 10,
    }
    given |= more
    kind: InstrumentType = given["type"]
    instrument_id = InstrumentID(f"{venue_id}:{kind.value}:{base}-USDT")
    return Instrument(instrument_id=instrument_id, **given)


AT_A = listed(A, BTC)
AT_B = listed(B, ETH, lot=Atoms(3 * 10**14), tick=Atoms(7), taker_bps=4)
AT_F = listed(F, BTC, type=InstrumentType.PERPETUAL, lot=Atoms(10**5), tick=Atoms(10**7))
LISTED = (AT_A, AT_B, AT_F)
BY_ID = {i.instrument_id: i for i in LISTED}
MID = {AT_A.instrument_id: 60_000, AT_B.instrument_id: 3_000, AT_F.instrument_id: 60_010}
"""Where each market stands, in whole USDT."""

PX = MID[AT_A.instrument_id] * WHOLE
LOT = AT_A.lot


def limit(name: LimitName, value: int | None, scope: str = "global") -> Limit:
    return Limit(scope=scope, name=name, value=value)


COLLAR = limit(LimitName.PRICE_COLLAR, SHARE_UNIT // 20)
LIMITS = Limits(
    limits=(
        COLLAR,
        limit(LimitName.ORDER_NOTIONAL, 1_000_000 * QTY_UNIT),
        limit(LimitName.POSITION_QTY, 80 * QTY_UNIT, f"instrument:{AT_A.instrument_id}"),
        limit(LimitName.POSITION_NOTIONAL, 5_000_000 * QTY_UNIT),
    )
)
ACCOUNTS = tuple(AccountOpened(account=account, venue_ids=VENUES) for account in (MAIN, OTHER))


def deposit(account: AccountID, venue_id: VenueID, asset: AssetID, amount: int) -> Deposited:
    return Deposited(
        deposit_id=f"{account}/{venue_id}/{asset}",
        account=account,
        venue_id=venue_id,
        asset=asset,
        amount=Atoms(amount),
    )


DEPOSITS = tuple(
    deposit(account, venue_id, asset, amount)
    for account in (MAIN, OTHER)
    for venue_id, asset, amount in (
        (A, USDT, 10_000_000 * WHOLE),
        (A, BTC, 100 * WHOLE),
        (B, USDT, 10_000_000 * WHOLE),
        (B, ETH, 1_000 * WHOLE_ETH),
        (F, USDT, 10_000_000 * WHOLE),
    )
)
LEAST = Capabilities(finds_closed_orders=True, honours_expiry=True)
"""Those of a Desk know what they have; more they can when they are told so."""

CONFIGURED: tuple[Event, ...] = (
    InstrumentsListed(instruments=LISTED),
    *(VenueListed(venue_id=venue_id, capabilities=LEAST) for venue_id in VENUES),
    LimitsSet(limits=LIMITS, from_file=True),
    *ACCOUNTS,
    *DEPOSITS,
)


FULL = Capabilities(
    has_replace=True,
    has_post_only=True,
    has_reduce_only=True,
    tifs=tuple(TimeInForce),
    triggers=tuple(TriggerBy),
    is_idempotent_by_cl_ord_id=True,
    finds_closed_orders=True,
    honours_expiry=True,
)
"""A venue that can do all."""


def ticks(px: int, instrument: Instrument = AT_A) -> Ticks:
    """`px` in whole USDT; rounded down where the tick does not divide it."""
    return Ticks(px * WHOLE // instrument.tick)


def quote(at: int, px: int, instrument: Instrument = AT_A, lots: int = 5_000) -> Quote:
    return Quote(
        instrument_id=instrument.instrument_id,
        bids=((ticks(px - 1, instrument), Lots(lots)),),
        asks=((ticks(px + 1, instrument), Lots(lots)),),
        at=Nanos(at),
    )


def order(key: str, side: Side = BUY, lots: int = 10, **more: Any) -> OrderInstructed:
    """A limit order at the mid; `px=None` makes it a market order."""
    instrument: Instrument = more.pop("instrument", AT_A)
    px: int | None = more.pop("px", MID.get(instrument.instrument_id, 0) * WHOLE)
    given: dict[str, Any] = {
        "account": MAIN,
        "strategy_id": S1,
        "instrument_id": instrument.instrument_id,
        "side": side,
        "qty": Atoms(lots * instrument.lot),
        "ord_type": OrdType.LIMIT if px is not None else OrdType.MARKET,
        "limit_px": px,
        "tif": TimeInForce.GTC,
    }
    given |= more
    return OrderInstructed(instruction_id=InstructionID(key), body_hash=str(given), **given)


def buy(key: str, lots: int = 10, **more: Any) -> OrderInstructed:
    return order(key, BUY, lots, **more)


def sell(key: str, lots: int = 10, **more: Any) -> OrderInstructed:
    return order(key, SELL, lots, **more)


def replace(key: str, order_id: str, **what: Any) -> ReplaceInstructed:
    return ReplaceInstructed(
        instruction_id=InstructionID(key),
        body_hash=f"{order_id} {what}",
        order_id=OrderID(order_id),
        **what,
    )


def adjustment(
    key: str, amount: int, asset: AssetID = USDT, venue_id: VenueID = A
) -> AdjustmentInstructed:
    """A person explains so many atoms more, or fewer."""
    return AdjustmentInstructed(
        instruction_id=InstructionID(key),
        body_hash="",
        account=MAIN,
        venue_id=venue_id,
        asset=asset,
        amount=amount,
        reason="a person has looked",
    )


def cancel(key: str, order_id: str) -> CancelInstructed:
    return CancelInstructed(
        instruction_id=InstructionID(key), body_hash=order_id, order_id=OrderID(order_id)
    )


def cancel_all(key: str, **which: Any) -> CancelAllInstructed:
    return CancelAllInstructed(instruction_id=InstructionID(key), body_hash=str(which), **which)


def report(cl_ord_id: ClOrdID, kind: ExecType, exec_id: str, **more: Any) -> ExecutionReport:
    return ExecutionReport(
        exec_id=ExecID(exec_id), cl_ord_id=cl_ord_id, exec_type=kind, fee_asset=USDT, **more
    )


def trade(
    cl_ord_id: ClOrdID, qty: int, exec_id: str = "x", px: Ticks | None = None, fee: int = 7
) -> ExecutionReport:
    return report(
        cl_ord_id,
        ExecType.TRADE,
        exec_id,
        last_qty=Lots(qty),
        last_px=ticks(60_000) if px is None else px,
        fee=Atoms(fee),
    )


def answer(venue_id: VenueID, query: int, at: int, **more: Any) -> StatusReport:
    given: dict[str, Any] = {"reports": (), "orders": (), "not_found": ()}
    return StatusReport(venue_id=venue_id, query=query, as_of=Nanos(at), **given | more)


def held_to_be(cl_ord_id: ClOrdID, cum_qty: int, ended: ExecType | None) -> OrderState:
    return OrderState(cl_ord_id=cl_ord_id, cum_qty=Lots(cum_qty), ended=ended)


def without_marks(commands: list[Command]) -> list[Command]:
    """Without the timer of the marks, which the first trade of each second arms."""
    return [c for c in commands if not (isinstance(c, ArmTimer) and c.timer.timer_id == "mark")]


def names(commands: list[Command]) -> str:
    return " ".join(type(command).__name__ for command in without_marks(commands))


def new_orders(commands: list[Command]) -> list[NewOrder]:
    return [c for c in commands if isinstance(c, NewOrder)]


class Desk:
    """The core with its markets at hand and no venue behind it: tests say what venues say."""

    def __init__(self, *, is_open: bool = True) -> None:
        self.state = State()
        self.books = Books()
        self.journal = MemoryJournal("paper")
        self.at = 0
        for event in CONFIGURED:
            self.tell(event)
        self.later(0)
        if is_open:
            for venue_id in VENUES:
                self.reconcile(venue_id)

    def tell(self, event: Event) -> list[Command]:
        core = Core(self.state, self.journal, self.books)
        entry = turns(core, Nanos(self.at), "test", event)[-1]
        self.journal.commit()
        return list(entry.commands)

    def reconcile(self, venue_id: VenueID) -> None:
        self.tell(VenueUp(venue_id=venue_id))
        self.tell(answer(venue_id, self.state.venues[venue_id].reconciles_with, self.at))

    def later(self, seconds: int) -> None:
        """Time passes, and quotes stay fresh."""
        self.at += seconds * SECOND
        for i in LISTED:
            self.books.update(quote(self.at, MID[i.instrument_id], i))

    def place(self, event: OrderInstructed) -> Order:
        """Accepted and sent."""
        (new,) = new_orders(self.tell(event))
        return self.state.orders[new.cl_ord_id]

    def equip(self, venue_id: VenueID = A, capabilities: Capabilities = FULL) -> None:
        self.tell(VenueListed(venue_id=venue_id, capabilities=capabilities))

    def fire(self, order_id: str, px: int) -> list[Command]:
        """The market has come to where the order's watch waited."""
        return self.tell(WatchFired(watch_id=f"stop/{order_id}", px=Ticks(px)))

    def order(self, key: str) -> Order:
        """The latest child of a parent."""
        return self.state.orders[self.parent(key).children[-1]]

    def parent(self, key: str) -> Parent:
        return self.state.parents[OrderID(key)]

    def wake(self, timer_id: str) -> list[Command]:
        return self.tell(TimerFired(timer_id=timer_id))

    def sweep(self, venue_id: VenueID = A) -> list[Command]:
        """The timer that looks after what is under way fires now."""
        return self.tell(TimerFired(timer_id=f"reconcile/{venue_id}"))

    def last_query(self, venue_id: VenueID = A) -> int:
        return self.state.venues[venue_id].queries - 1

    def balance(self, path: str, asset: AssetID) -> int:
        return self.state.ledger.balance(path, asset)

    def check_replay(self) -> None:
        """Whatever a test made happen can be decided again from its journal."""
        assert state_hash(verify(State(), self.journal.lines())) == state_hash(self.state)
