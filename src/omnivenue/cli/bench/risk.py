"""What the risk check costs: all rules for one order, of an account that trades a lot.

Two hundred positions and a thousand open orders at four venues, spot and perpetual, of ten
strategies, and every limit that there is. What is timed is all that an order waits for: to look up
the market and the limits that bear on it, to measure what they count, to judge.
"""

import gc
from time import perf_counter_ns

from omnivenue.cli.bench.core import report
from omnivenue.cli.bench.floor import passes
from omnivenue.cli.bench.result import Result, percentile
from omnivenue.cli.bench.scene import BODY_HASH, MAIN, USDT
from omnivenue.engine import State
from omnivenue.engine.approve import approve
from omnivenue.engine.turn import Turn
from omnivenue.journal import MemoryJournal
from omnivenue.market import Quote
from omnivenue.message import (
    AccountOpened,
    Deposited,
    Event,
    ExecType,
    InstrumentsListed,
    LimitsSet,
    NewOrder,
    OrderInstructed,
    StatusReport,
    TimerFired,
    VenueUp,
)
from omnivenue.model import (
    QTY_UNIT,
    SECOND_UNIT,
    SHARE_UNIT,
    UNITS,
    AssetID,
    Atoms,
    InstructionID,
    Instrument,
    InstrumentID,
    InstrumentType,
    Limit,
    LimitName,
    Limits,
    Lots,
    MarginTier,
    Nanos,
    OrdType,
    Side,
    StrategyID,
    Ticks,
    TimeInForce,
    Unit,
    VenueID,
    unit,
)
from omnivenue.risk import Approved
from omnivenue.runtime import Books, Core, Recorder, turn

CHECKS = 20_000
POSITIONS, OPEN_ORDERS = 200, 1_000
VENUES = tuple(VenueID(f"BENCH-{n}") for n in range(4))
STRATEGIES = tuple(StrategyID(f"s{n}") for n in range(10))
PX, QTY = 100 * unit(USDT), 10**18
STEP = SECOND_UNIT // 50  # between two orders: slow enough for every window
AT = Nanos(3_600 * SECOND_UNIT)

_LARGE = {  # far more than is used: what is measured is an order that passes
    Unit.QTY: 10**9 * QTY_UNIT,
    Unit.MONEY: 10**12 * QTY_UNIT,
    Unit.COUNT: 10**6,
    Unit.SHARE: SHARE_UNIT // 10,
    Unit.RATIO: 10**3 * SHARE_UNIT,
    Unit.SECONDS: SECOND_UNIT,
    Unit.SWITCH: 1,
}


def _listed(n: int) -> Instrument:
    """Every other venue has perpetuals."""
    venue, base = n % len(VENUES), AssetID(f"T{n}")
    kind = (InstrumentType.SPOT_PAIR, InstrumentType.PERPETUAL)[venue % 2]
    return Instrument(
        instrument_id=InstrumentID(f"{VENUES[venue]}:{kind.value}:{base}-USDT"),
        version=1,
        venue_id=VENUES[venue],
        type=kind,
        base=base,
        quote=USDT,
        settle=USDT,
        lot=Atoms(10**15),
        tick=Atoms(10**6),
        min_qty=Lots(1),
        min_notional=Atoms(5 * unit(USDT)),
        maker_bps=2,
        taker_bps=4,
        margin=(MarginTier(initial=50_000, maintenance=25_000),),
    )


INSTRUMENTS = tuple(map(_listed, range(POSITIONS)))
LIMITS = Limits(
    limits=tuple(Limit(scope="global", name=name, value=_LARGE[UNITS[name]]) for name in LimitName)
    + tuple(Limit(scope=f"venue:{venue}", name=LimitName.ALLOW_LIST, value=1) for venue in VENUES)
)


class Scene:
    """A core into which all of that has been traded, the venues' part played from here."""

    def __init__(self, instruments: tuple[Instrument, ...], open_orders: int) -> None:
        self.instruments = instruments
        self.core = Core(State(), MemoryJournal("bench"), Books())
        self._orders = 0
        for event in self._configuration():
            self._turn(event)
        for n, _ in enumerate(instruments):
            self._order(n, Side.BUY, ExecType.TRADE)
        for n in range(len(instruments), len(instruments) + open_orders):
            self._order(n, Side.BUY if n % 2 else Side.SELL, ExecType.NEW)
        for instrument in instruments:
            self._quote(instrument)
        self._turn(TimerFired(timer_id="mark"))  # as each second: so equity is known

    @property
    def at(self) -> Nanos:
        return Nanos(AT + self._orders * STEP)

    def instruction(self, n: int, side: Side, key: str, qty: int = QTY) -> OrderInstructed:
        """Away from the market, each at another price."""
        instrument = self.instruments[n % len(self.instruments)]
        return OrderInstructed(
            instruction_id=InstructionID(key),
            body_hash=BODY_HASH,
            account=MAIN,
            strategy_id=STRATEGIES[n % len(STRATEGIES)],
            instrument_id=instrument.instrument_id,
            side=side,
            qty=Atoms(qty),
            ord_type=OrdType.LIMIT,
            limit_px=Atoms(PX - side.sign * (1 + n % 1_000) * instrument.tick),
            tif=TimeInForce.GTC,
        )

    def check(self, n: int) -> int:
        """How long one order waits for its verdict. Nothing is changed by it. It is like none that
        is there: those are of another size."""
        order, instrument = self._asked(n)
        asking = Turn(self.core.state, self.at, Recorder(self.core.books, self.at))
        started = perf_counter_ns()
        verdict = approve(asking, order, instrument)
        took = perf_counter_ns() - started
        assert isinstance(verdict, Approved), verdict
        return took

    def floor(self, n: int) -> int:
        """How long the same takes in one straight line."""
        order, instrument = self._asked(n)
        state, books, at = self.core.state, self.core.books, self.at
        started = perf_counter_ns()
        found = passes(state, books, at, order, instrument)
        took = perf_counter_ns() - started
        assert found, "it says what the risk check says"
        return took

    def _asked(self, n: int) -> tuple[OrderInstructed, Instrument]:
        order = self.instruction(n, Side.BUY if n % 2 else Side.SELL, f"c{n}", 2 * QTY)
        return order, self.instruments[n % len(self.instruments)]

    def _order(self, n: int, side: Side, becomes: ExecType) -> None:
        self._orders += 1
        self._quote(self.instruments[n % len(self.instruments)])
        self._turn(self.instruction(n, side, f"i{self._orders}"))
        new = next(reversed(self.core.state.orders.values())).new
        self._turn(self._report(new, ExecType.NEW))
        if becomes is ExecType.TRADE:
            self._turn(self._report(new, becomes))

    def _report(self, new: NewOrder, kind: ExecType) -> Event:
        qty = new.qty if kind is ExecType.TRADE else 0
        return report(new, self._orders, kind, qty)

    def _quote(self, instrument: Instrument) -> None:
        mid, much = PX // instrument.tick, Lots(10**6)
        self.core.books.update(
            Quote(
                instrument_id=instrument.instrument_id,
                bids=((Ticks(mid - 1), much),),
                asks=((Ticks(mid + 1), much),),
                at=self.at,
            )
        )

    def _configuration(self) -> list[Event]:
        answers = [
            StatusReport(venue_id=v, query=0, as_of=self.at, reports=(), orders=(), not_found=())
            for v in VENUES
        ]
        return [
            InstrumentsListed(instruments=self.instruments),
            LimitsSet(limits=LIMITS, from_file=True),
            AccountOpened(account=MAIN, venue_ids=VENUES),
            *(_deposit(venue, USDT) for venue in VENUES),
            *(_deposit(i.venue_id, i.base) for i in self.instruments if i.is_spot),
            *(VenueUp(venue_id=venue) for venue in VENUES),
            *answers,
        ]

    def _turn(self, event: Event) -> None:
        turn(self.core, self.at, "bench", event)
        self.core.journal.commit()


def _deposit(venue_id: VenueID, asset: AssetID) -> Deposited:
    return Deposited(
        deposit_id=f"bench/{venue_id}/{asset}",
        account=MAIN,
        venue_id=venue_id,
        asset=asset,
        amount=Atoms(1_000_000 * unit(asset)),
    )


def measure(checks: int = CHECKS) -> list[Result]:
    scene = Scene(INSTRUMENTS, OPEN_ORDERS)
    assert len(scene.core.state.live) == OPEN_ORDERS
    gc.collect()
    gc.freeze()
    took = [scene.check(n) for n in range(checks)]
    floor = [scene.floor(n) for n in range(checks)]
    gc.unfreeze()
    return [
        Result(
            name="risk.check",
            value=percentile(took, 50),
            unit="us",
            p50_us=percentile(took, 50),
            p99_us=percentile(took, 99),
            goal=5,
            note="all rules for one order, with 1,000 orders open and 200 positions",
        ),
        Result(
            name="risk.floor",
            value=percentile(floor, 50),
            unit="us",
            p50_us=percentile(floor, 50),
            p99_us=percentile(floor, 99),
            note="the same facts, looked up and compared in one straight line of Python, without"
            " hedges, brackets, replaces, reasons or a record: less this interpreter cannot do",
        ),
    ]
