"""A long day of trading as a server would have it in its journal, made by the real core and real
simulated exchanges in a fraction of the time.

What is asked for is drawn from a seed: orders that trade at once, orders that rest and are replaced
or cancelled, some that are refused, on a pair and a perpetual of two assets at two venues. All else
follows: acknowledgements, trades in several parts, marks, answers of venues, what leaves State.
"""

from collections import deque
from collections.abc import Iterable
from pathlib import Path
from random import Random

from omnivenue.cli.bench.scene import BODY_HASH, LIMITS, MAIN
from omnivenue.engine import State
from omnivenue.journal import Journal, write_snapshot
from omnivenue.journal.chain import Chain
from omnivenue.market import Quote
from omnivenue.message import (
    AccountOpened,
    CancelInstructed,
    Command,
    Deposited,
    Event,
    InstrumentsListed,
    LimitsSet,
    OrderInstructed,
    ReplaceInstructed,
    VenueCommand,
    VenueListed,
    VenueUp,
)
from omnivenue.model import (
    SECOND,
    AssetID,
    Atoms,
    InstructionID,
    Instrument,
    Nanos,
    OrderID,
    OrdType,
    Side,
    StrategyID,
    Ticks,
    TimeInForce,
    VenueID,
    unit,
)
from omnivenue.runtime import Books, recover, turns
from omnivenue.runtime.alarms import Alarms
from omnivenue.runtime.gate import leaves
from omnivenue.venue.sim import Exchange, SimVenueConfig, build_exchange
from omnivenue.venue.sim.rules import capabilities_of, instruments_of

VENUES = (VenueID("BINANCE-SPOT"), VenueID("BINANCE-FUTURES"))
TRADED = tuple(i for venue_id in VENUES for i in instruments_of(venue_id))
STRATEGIES = tuple(StrategyID(f"s{n}") for n in range(5))
STEP = Nanos(SECOND // 100)
"""Between two things that are asked for: a hundred a second, so that what is over for less than
a minute, and so in State, is as much as on a very busy day."""
SOON = 500  # working orders, before the oldest is cancelled in any case
CANCELS, CHANGES, RESTING, TOO_MUCH = 0.2, 0.08, 0.25, 0.03  # of all that is asked for
TOGETHER = 200  # asked for between two commits


class Day:
    def __init__(self, journal: Journal, seed: int = 1) -> None:
        self._random = Random(seed)
        self._at, self._asked = Nanos(SECOND), 0
        self._working: deque[OrderInstructed] = deque()
        self._exchanges = {v: self._exchange(v, seed + n) for n, v in enumerate(VENUES)}
        self.core = recover(State(), journal, Books(), self._at, config_hash="")
        self._alarms = Alarms(self.core.state)
        for event in self._opening():
            self._tell(event)

    @property
    def entries(self) -> int:
        return self.core.state.seq

    def until(self, entries: int) -> None:
        """So many, or a few more than that, all of them durable."""
        while self.entries < entries:
            for _ in range(TOGETHER):
                self._go_on()
            self.core.journal.commit()

    def snapshot(self, folder: Path) -> Path:
        """As the process that makes them would write it now."""
        journal = self.core.journal
        return write_snapshot(
            folder, self.core.state, Chain(journal.epoch, self.entries, journal.head)
        )

    def _go_on(self) -> None:
        self._at = Nanos(self._at + STEP)
        for exchange in self._exchanges.values():
            for said in exchange.advance(self._at):
                if isinstance(said, Quote):
                    self.core.books.update(said, self._at)
                else:
                    self._tell(said)
        for fired in self._alarms.due(self._at):
            self._tell(fired)
        self._tell(self._ask())

    def _tell(self, event: Event) -> None:
        """And what the venues say to what follows from it."""
        waiting = deque([event])
        while waiting:
            entry = turns(self.core, self._at, "bench", waiting.popleft())[-1]
            waiting += self._obeyed(entry.commands)

    def _obeyed(self, commands: Iterable[Command]) -> list[Event]:
        said: list[Event] = []
        for command in commands:
            self._alarms.obey(command)
            if leaves(command):
                said += self._leave(command)
        return said

    def _leave(self, command: VenueCommand) -> Iterable[Event]:
        return self._exchanges[command.venue_id].handle(self._at, command)

    def _ask(self) -> Event:
        self._asked += 1
        key, what = InstructionID(f"bench-{self._asked:08}"), self._random.random()
        if self._working and (what < CANCELS or len(self._working) > SOON):
            return CancelInstructed(
                instruction_id=key,
                body_hash=BODY_HASH,
                order_id=OrderID(self._working.popleft().instruction_id),
            )
        if self._working and what < CANCELS + CHANGES:
            before = self._random.choice(self._working)
            return ReplaceInstructed(
                instruction_id=key,
                body_hash=BODY_HASH,
                order_id=OrderID(before.instruction_id),
                qty=Atoms(before.qty * self._random.randint(1, 3)),
            )
        return self._order(key, rests=what < CANCELS + CHANGES + RESTING)

    def _order(self, key: InstructionID, *, rests: bool) -> OrderInstructed:
        """Some are for more than any order may be."""
        random = self._random
        side = random.choice((Side.BUY, Side.SELL))
        instrument, touch = self._market(side)
        away = -random.randint(300, 900) if rests else 20
        large = 10**4 if random.random() < TOO_MUCH else 1
        order = OrderInstructed(
            instruction_id=key,
            body_hash=BODY_HASH,
            account=MAIN,
            strategy_id=random.choice(STRATEGIES),
            instrument_id=instrument.instrument_id,
            side=side,
            qty=Atoms(random.randint(100, 5_000) * large * instrument.lot),
            ord_type=OrdType.LIMIT,
            limit_px=Atoms((touch + side.sign * away) * instrument.tick),
            tif=TimeInForce.GTC if rests else TimeInForce.IOC,
        )
        if rests:
            self._working.append(order)
        return order

    def _market(self, side: Side) -> tuple[Instrument, Ticks]:
        """Something to trade, and where. One may be bought out for a moment."""
        while True:
            instrument = self._random.choice(TRADED)
            quote = self._exchanges[instrument.venue_id].quote(instrument.instrument_id)
            if levels := quote.asks if side is Side.BUY else quote.bids:
                return instrument, levels[0][0]

    def _opening(self) -> list[Event]:
        deposits = [self._deposit(i, asset) for i in TRADED for asset in {i.base, i.quote}]
        return [
            InstrumentsListed(instruments=TRADED),
            LimitsSet(limits=LIMITS, from_file=True),
            *(VenueListed(venue_id=v, capabilities=capabilities_of(v)) for v in VENUES),
            AccountOpened(account=MAIN, venue_ids=VENUES),
            *deposits,
            *(VenueUp(venue_id=v) for v in VENUES),
        ]

    def _deposit(self, instrument: Instrument, asset: AssetID) -> Deposited:
        venue_id, amount = instrument.venue_id, Atoms(10**6 * unit(asset))
        self._exchanges[venue_id].deposit(MAIN, asset, amount)
        return Deposited(
            deposit_id=f"bench/{instrument.instrument_id}/{asset}",
            account=MAIN,
            venue_id=venue_id,
            asset=asset,
            amount=amount,
        )

    def _exchange(self, venue_id: VenueID, seed: int) -> Exchange:
        listed = tuple(i for i in TRADED if i.venue_id == venue_id)
        config = SimVenueConfig(
            venue_id=venue_id,
            instruments=listed,
            seed=seed,
            capabilities=capabilities_of(venue_id),
        )
        return build_exchange(config, self._at)
