"""Journals for tests of the journal: one venue, one instrument, and a script of what is told.

A script is a list of small numbers, so that Hypothesis can draw one and shrink it. Every event that
comes out is one that the live system could have journaled.
"""

from collections.abc import Iterable

from omnivenue.engine import DECISION_VERSION, State, step
from omnivenue.journal import Journal, MemoryJournal
from omnivenue.message import (
    SCHEMA_VERSION,
    AccountOpened,
    Asked,
    CancelAllInstructed,
    CancelInstructed,
    CancelOrder,
    Command,
    Deposited,
    Depth,
    DepthOf,
    Event,
    ExecType,
    ExecutionReport,
    InstrumentsListed,
    LimitsSet,
    Mark,
    MarkOf,
    NewOrder,
    Opened,
    OrderInstructed,
    StatusReport,
    TimerFired,
    Top,
    TopOf,
    VenueUp,
)
from omnivenue.model import (
    SECOND,
    AccountID,
    AssetID,
    Atoms,
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
    VenueID,
)

OKX, MAIN, BTC, USDT = VenueID("OKX"), AccountID("main"), AssetID("BTC"), AssetID("USDT")
PAIR = InstrumentID("OKX:SPOT_PAIR:BTC-USDT")
LISTED = Instrument(
    instrument_id=PAIR,
    version=1,
    venue_id=OKX,
    type=InstrumentType.SPOT_PAIR,
    base=BTC,
    quote=USDT,
    settle=USDT,
    lot=Atoms(10**3),
    tick=Atoms(10**6),
    min_qty=Lots(1),
    min_notional=Atoms(5 * 10**8),
    taker_bps=4,
)
PX = 60_000 * 10**8
COLLAR = Limit(scope="global", name=LimitName.PRICE_COLLAR, value=50_000)
TICKS = Ticks(PX // 10**6)
ACTIONS = 9


def opened(mode: str = "paper", schema_version: int = SCHEMA_VERSION) -> Opened:
    return Opened(
        mode=mode,
        schema_version=schema_version,
        decision_version=DECISION_VERSION,
        config_hash="",
    )


def deposited(number: int) -> Deposited:
    return Deposited(
        deposit_id=f"d-{number}",
        account=MAIN,
        venue_id=OKX,
        asset=(USDT, BTC)[number % 2],
        amount=Atoms(10**15 + number),
    )


def order(number: int, side: Side = Side.BUY, ord_type: OrdType = OrdType.LIMIT) -> OrderInstructed:
    return OrderInstructed(
        instruction_id=InstructionID(f"i-{number}"),
        body_hash=f"{number:064x}",
        account=MAIN,
        strategy_id=StrategyID("s1"),
        instrument_id=PAIR,
        side=side,
        qty=Atoms(10**7),
        ord_type=ord_type,
        limit_px=Atoms(PX) if ord_type is OrdType.LIMIT else None,
        tif=TimeInForce.GTC,
    )


class Still:
    """A market that does not move, and notes what it was asked."""

    def __init__(self, at: Nanos) -> None:
        self.asked: list[Asked] = []
        self._at = at

    def top(self, venue_id: VenueID, instrument_id: InstrumentID) -> Top:
        lots = Lots(5_000)
        answer = Top(bid=Ticks(TICKS - 1), bid_qty=lots, ask=TICKS, ask_qty=lots, at=self._at)
        question = TopOf(venue_id=venue_id, instrument_id=instrument_id)
        self.asked.append(Asked(question=question, answer=answer))
        return answer

    def depth(self, venue_id: VenueID, instrument_id: InstrumentID, side: Side, qty: Lots) -> Depth:
        answer = Depth(qty=qty, worst_px=TICKS, at=self._at)
        question = DepthOf(venue_id=venue_id, instrument_id=instrument_id, side=side, qty=qty)
        self.asked.append(Asked(question=question, answer=answer))
        return answer

    def mark(self, instrument_id: InstrumentID) -> Mark:
        answer = Mark(px=TICKS, at=self._at)
        self.asked.append(Asked(question=MarkOf(instrument_id=instrument_id), answer=answer))
        return answer


class Desk:
    """The core and a journal, with no venue behind it: the script says what the venue says."""

    def __init__(self, journal: Journal, state: State | None = None) -> None:
        self.journal = journal
        self.state = State() if state is None else state
        self.at = int(journal.last_at)
        self.tell(opened(journal.mode))

    def begin(self) -> None:
        self.tell(InstrumentsListed(instruments=(LISTED,)))
        self.tell(LimitsSet(limits=Limits(), from_file=True))
        self.tell(AccountOpened(account=MAIN, venue_ids=(OKX,)))
        self.tell(deposited(0))
        self.tell(deposited(1))

    def up(self) -> None:
        self.tell(VenueUp(venue_id=OKX))
        self.answer()

    def answer(self) -> None:
        venue = self.state.venues[OKX]
        reported = StatusReport(
            venue_id=OKX,
            query=venue.queries - 1,
            as_of=Nanos(self.at),
            reports=(),
            orders=(),
            not_found=tuple(sorted(venue.open))[:1],
        )
        self.tell(reported)

    def tell(self, event: Event) -> list[Command]:
        seen = Still(Nanos(self.at))
        commands = step(self.state, Nanos(self.at), event, seen)
        self.journal.append(Nanos(self.at), "test", event, tuple(seen.asked), tuple(commands))
        self.journal.commit()
        return commands

    def act(self, action: int) -> None:
        """One thing that may happen next. `action` is below ACTIONS."""
        self.at += SECOND // 2
        seq = self.state.seq
        match action:
            case 0 | 1:
                commands = self.tell(order(seq, (Side.BUY, Side.SELL)[action]))
                self._acknowledge(commands)
            case 2:
                self.tell(order(seq, ord_type=OrdType.MARKET))
            case 3:
                self._fill(seq)
            case 4:
                order_ids = [OrderID("none"), *sorted(self.state.parents)]
                order_id = order_ids[seq % len(order_ids)]
                key = InstructionID(f"c-{seq}")
                told = CancelInstructed(instruction_id=key, body_hash="", order_id=order_id)
                self._confirm(self.tell(told))
            case 5:
                for timer_id in sorted(self.state.timers):
                    self.at = max(self.at, self.state.timers[timer_id].at)
                    self.tell(TimerFired(timer_id=timer_id))
            case 6:
                self.up()
            case 7:
                self.tell(opened(self.journal.mode))
                if seq % 3:
                    self.up()
            case _:
                told = CancelAllInstructed(instruction_id=InstructionID(f"a-{seq}"), body_hash="")
                self._confirm(self.tell(told))

    def _acknowledge(self, commands: list[Command]) -> None:
        for new in commands:
            if isinstance(new, NewOrder):
                self.tell(self._report(new.cl_ord_id, ExecType.NEW, 0))

    def _confirm(self, commands: list[Command]) -> None:
        """Every other cancel: some get lost."""
        cancels = [command for command in commands if isinstance(command, CancelOrder)]
        for cancel in cancels[self.state.seq % 2 :: 2]:
            self.tell(self._report(cancel.orig_cl_ord_id, ExecType.CANCELED, 0))

    def _fill(self, seq: int) -> None:
        for cl_ord_id in sorted(self.state.venues[OKX].open)[seq % 2 :][:1]:
            self.tell(self._report(cl_ord_id, ExecType.TRADE, 5_000))

    def _report(self, cl_ord_id: ClOrdID, exec_type: ExecType, qty: int) -> ExecutionReport:
        return ExecutionReport(
            exec_id=ExecID(f"e-{self.state.seq}"),
            cl_ord_id=cl_ord_id,
            exec_type=exec_type,
            last_qty=Lots(qty),
            last_px=TICKS,
            fee=Atoms(qty),
            fee_asset=USDT,
            transact_at=Nanos(self.at),
        )


def written(actions: Iterable[int], journal: Journal | None = None) -> Desk:
    """A desk that has done all of `actions`, and the journal of it."""
    desk = Desk(journal or MemoryJournal("paper"))
    desk.begin()
    desk.up()
    for action in actions:
        desk.act(action)
    return desk
