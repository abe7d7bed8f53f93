"""Many orders in a short time, for tests of money: the core, two exchanges with all that they can
do to a trade, and clients who ask for anything. Nothing gets lost here (that is what `sim` is for),
but much is said twice.

Fees are in three assets, and some are rebates; there are spot pairs, a linear, an inverse and a
quanto contract with funding, accounts that net and one that hedges, orders made by hand, busts,
corrections and adjustments.
"""

from collections import Counter, deque
from random import Random

from msgspec.structs import replace

from derivatives import FEES, INVERSE, LINEAR, QUANTO, SPOT_FEES, USD
from omnivenue.engine import State, step
from omnivenue.market import Quote
from omnivenue.message import (
    AccountOpened,
    AdjustmentInstructed,
    CancelOrder,
    Event,
    ExecType,
    ExecutionReport,
    FundingPaid,
    InstrumentsListed,
    LimitsSet,
    NewOrder,
    QueryOrders,
    ReplaceOrder,
    VenueEvent,
    VenueListed,
    VenueUp,
)
from omnivenue.model import (
    SECOND,
    AccountID,
    AssetID,
    Atoms,
    InstructionID,
    Instrument,
    InstrumentID,
    Limits,
    Nanos,
    StrategyID,
    Ticks,
    TimeInForce,
    unit,
)
from omnivenue.runtime import Books
from omnivenue.runtime.alarms import Alarms
from omnivenue.runtime.seen import Recorder
from omnivenue.venue.sim.exchange import Exchange
from omnivenue.venue.sim.generator import GeneratedMarket, Params
from omnivenue.venue.sim.record import Habits
from omnivenue.venue.sim.rules import CAPABILITIES
from reference_ledger import ReferenceLedger, units_apart
from scene import AT_A, BTC, BUY, COLLAR, ETH, MAIN, OTHER, SELL, USDT, WHOLE, A, F, deposit, order

HEDGES = AccountID("hedges")
ACCOUNTS = (MAIN, OTHER, HEDGES)
STRATEGIES = tuple(StrategyID(s) for s in ("s1", "s2", "s3"))
TURN = SECOND // 5

DOLLARS = replace(
    AT_A, instrument_id=InstrumentID("SIM-A:SPOT_PAIR:USD-USDT"), base=USD, tick=Atoms(10**4)
)
COINS = replace(SPOT_FEES, instrument_id=InstrumentID("SIM-A:SPOT_PAIR:ETH-USDT"), venue_id=A)
FUNDED = tuple(replace(i, funding_interval=Nanos(7 * SECOND)) for i in (LINEAR, INVERSE, QUANTO))
LISTED = (AT_A, COINS, DOLLARS, *FUNDED)
MIDS = dict(zip(LISTED, (60_000, 3_000, 1, 60_100, 60_050, 3_010), strict=True))
SIZES = dict(zip(LISTED, (4_000, 4_000, 2_000_000, 700, 900, 5_000), strict=True))
"""Lots of a large order: one that takes several levels."""

HABITS = Habits(bust=4, correct=4, bust_within=9 * SECOND, correct_within=9 * SECOND, by_hand=2)
FEE_RATES = {FEES: Atoms(600 * WHOLE), BTC: Atoms(60_000 * WHOLE)}
KINDS = {
    ExecType.TRADE: "trades",
    ExecType.TRADE_CORRECT: "corrections",
    ExecType.TRADE_CANCEL: "busts",
}


class Floor:
    def __init__(self, seed: int) -> None:
        self.random = Random(seed)
        self.at = Nanos(0)
        self.state, self.books = State(), Books()
        self.alarms = Alarms(self.state)
        self.reference = ReferenceLedger(hedging=frozenset({HEDGES}))
        self.keys = 0
        self.said: deque[Event] = deque(maxlen=64)  # which may be said again
        self.counts: Counter[str] = Counter()
        self.exchanges = {venue_id: self._exchange(venue_id, seed) for venue_id in (A, F)}
        self._open()

    def run(self, postings: int) -> None:
        """Until the reference has so many."""
        while self.reference.postings < postings:
            self.turn()

    def turn(self) -> None:
        self.at = Nanos(self.at + TURN)
        for exchange in self.exchanges.values():
            for event in exchange.advance(self.at):
                if isinstance(event, Quote):
                    self.books.update(event, self.at)
                else:
                    self._hear(event)
        for fired in self.alarms.due(self.at):
            self.tell(fired)
        for _ in range(self.random.randrange(16)):
            self._ask()
        if self.said and self.random.random() < 0.5:
            self.tell(self.random.choice(self.said))
        if self.random.random() < 0.1:
            self._adjust()

    def tell(self, event: Event) -> None:
        for command in step(self.state, self.at, event, Recorder(self.books, self.at)):
            self.alarms.obey(command)
            if isinstance(command, NewOrder | CancelOrder | ReplaceOrder | QueryOrders):
                for reply in self.exchanges[command.venue_id].handle(self.at, command):
                    self._hear(reply)

    def units_apart(self) -> int:
        return units_apart(self.state, self.reference)

    def _hear(self, event: VenueEvent) -> None:
        """First into the book of the reference, as the exchange has it on record."""
        if isinstance(event, ExecutionReport):
            self._record(event)
            self.said.append(event)
        elif isinstance(event, FundingPaid):
            self.reference.fund(event, self.state.instruments[event.instrument_id])
            self.counts["fundings"] += 1
            self.said.append(event)
        self.tell(event)

    def _record(self, report: ExecutionReport) -> None:
        for exchange in self.exchanges.values():
            placed = exchange.orders.get(report.cl_ord_id)
            if placed is not None:
                name = placed.new.instrument_id
                self.reference.report(placed, exchange.instruments[name], report)
        if kind := KINDS.get(report.exec_type):
            self.counts[kind] += 1

    def _ask(self) -> None:
        """Mostly orders that trade at once with several levels; some that rest."""
        random = self.random
        self.keys += 1
        instrument: Instrument = random.choice(LISTED)
        quote = self.exchanges[instrument.venue_id].quote(instrument.instrument_id)
        if not (quote.bids and quote.asks):
            return
        side = random.choice((BUY, SELL))
        touch = (quote.asks if side is BUY else quote.bids)[0][0]
        takes = random.random() < 0.8
        px = touch + side.sign * (20 if takes else -random.randrange(1, 6))
        account = random.choice(ACCOUNTS)
        is_closing = account == HEDGES and not instrument.is_spot and random.random() < 0.5
        event = order(
            f"k{self.keys}",
            side,
            1 + random.randrange(SIZES[instrument]),
            instrument=instrument,
            account=account,
            strategy_id=random.choice(STRATEGIES),
            px=px * instrument.tick,
            tif=TimeInForce.IOC if takes else TimeInForce.GTD,
            expire_at=None if takes else Nanos(self.at + 5 * SECOND),
            reduce_only=is_closing,
        )
        self.tell(event)

    def _adjust(self) -> None:
        """The venue pays interest, or takes a charge, and a person says so."""
        exchange = self.random.choice(list(self.exchanges.values()))
        account, asset = self.random.choice(ACCOUNTS), self.random.choice((BTC, USDT, FEES))
        amount = self.random.randrange(-1_000, 1_000)
        exchange.deposit(account, asset, amount)
        self.reference.deposit(account, exchange.venue_id, asset, amount)
        self.keys += 1
        self.counts["adjustments"] += 1
        self.tell(
            AdjustmentInstructed(
                instruction_id=InstructionID(f"k{self.keys}"),
                body_hash="",
                account=account,
                venue_id=exchange.venue_id,
                asset=asset,
                amount=amount,
                reason="interest",
            )
        )

    def _exchange(self, venue_id: str, seed: int) -> Exchange:
        own = [i for i in LISTED if i.venue_id == venue_id]
        sources = {
            i.instrument_id: GeneratedMarket(
                seed + n,
                Nanos(1),
                Ticks(MIDS[i] * WHOLE // i.tick),
                Params(lots_per_level=max(1, SIZES[i] // 6), step_ns=Nanos(SECOND // 4)),
            )
            for n, i in enumerate(own)
        }
        return Exchange(own[0].venue_id, own, sources, HABITS, seed, fee_rates=FEE_RATES)

    def _open(self) -> None:
        self.tell(InstrumentsListed(instruments=LISTED))
        self.tell(LimitsSet(limits=Limits(limits=(COLLAR,)), from_file=True))
        for account in ACCOUNTS:
            self.tell(AccountOpened(account=account, venue_ids=(A, F), hedging=account == HEDGES))
            for exchange in self.exchanges.values():
                for asset in (BTC, ETH, USDT, USD, FEES):
                    self._deposit(exchange, account, asset, 10**9 * unit(asset))
        for venue_id in self.exchanges:
            self.tell(VenueListed(venue_id=venue_id, capabilities=CAPABILITIES))
            self.tell(VenueUp(venue_id=venue_id))

    def _deposit(self, exchange: Exchange, account: AccountID, asset: AssetID, atoms: int) -> None:
        exchange.deposit(account, asset, atoms)
        self.reference.deposit(account, exchange.venue_id, asset, atoms)
        self.tell(deposit(account, exchange.venue_id, asset, atoms))
