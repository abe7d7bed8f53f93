"""The whole way of an order in one process: instruction, durable, simulated fill, durable again.

The loop, the gate, the journal on the disk and the exchange are the real ones; only the wire
between the last two is missing. An order counts when its fill is durable.
"""

import asyncio
from collections.abc import Sequence
from time import perf_counter_ns

import uvloop

from omnivenue.cli.bench.disk import scratch
from omnivenue.cli.bench.result import Result, percentile
from omnivenue.cli.bench.scene import (
    MAIN,
    SPOT,
    VENUE,
    configuration,
    deposits,
    instruction,
    quote,
)
from omnivenue.engine import State, VenueStatus
from omnivenue.journal import SqliteJournal
from omnivenue.message import CloseParent, Entry
from omnivenue.model import SECOND, Nanos, Side
from omnivenue.runtime import Books, Clock, Core, Door, LiveLoop, Verdict, turn
from omnivenue.venue.sim import Exchange, InProcess, SimVenue
from omnivenue.venue.sim.source import BookReset, MarketEvent
from omnivenue.venue.sim.wire import Wire

ONE_BY_ONE = 2_000
IN_FLIGHT = 20_000
LANES = 64
SHOWN_EVERY = SECOND // 4


class StillMarket:
    """One book, with enough for everybody, shown anew often enough to stay fresh."""

    def __init__(self, at: Nanos) -> None:
        self._at = at

    def next_at(self) -> Nanos | None:
        return self._at

    def pop(self) -> tuple[Nanos, tuple[MarketEvent, ...]]:
        at, self._at = self._at, Nanos(self._at + SHOWN_EVERY)
        shown = quote(at)
        return at, (BookReset(shown.bids, shown.asks),)


class Fills:
    """Wakes whoever waits for an order to be over."""

    def __init__(self, loop: LiveLoop) -> None:
        self._waiting: dict[str, asyncio.Future[None]] = {}
        loop.subscribe(self._turned)

    def wait(self, key: str) -> asyncio.Future[None]:
        future = self._waiting[key] = asyncio.get_running_loop().create_future()
        return future

    def _turned(self, entries: Sequence[Entry]) -> None:
        for entry in entries:
            for command in entry.commands:
                if isinstance(command, CloseParent) and command.order_id in self._waiting:
                    self._waiting.pop(command.order_id).set_result(None)


def exchange(clock: Clock) -> InProcess:
    """The wire to one on which everybody has the same means as here."""
    there = Exchange(VENUE, (SPOT,), {SPOT.instrument_id: StillMarket(clock.now())})
    for deposit in deposits():
        there.deposit(MAIN, deposit.asset, deposit.amount)
    return InProcess(there, clock.now)


class Desk:
    def __init__(self, journal: SqliteJournal, clock: Clock, wire: Wire) -> None:
        self.core = Core(State(), journal, Books())
        for event in configuration():
            turn(self.core, clock.now(), "bench", event)
        self.loop = LiveLoop(self.core, clock, [SimVenue(VENUE, wire)])
        self.door, self.fills = Door(self.loop), Fills(self.loop)
        self.took_ns: list[int] = []

    async def order(self, n: int) -> None:
        event = instruction(f"i{n}", Side.BUY if n % 2 == 0 else Side.SELL)
        started = perf_counter_ns()
        filled = self.fills.wait(event.instruction_id)
        outcome = await self.door.instruct("bench", event)
        assert outcome.verdict is Verdict.ACCEPTED, outcome
        await filled
        self.took_ns.append(perf_counter_ns() - started)

    async def lane(self, first: int, orders: int) -> None:
        for n in range(first, first + orders):
            await self.order(n)


async def until_open(desk: Desk) -> None:
    while (
        desk.loop.state.venues[VENUE].status is not VenueStatus.OPEN
        or desk.core.books.latest(SPOT.instrument_id) is None
    ):
        await asyncio.sleep(0.001)


async def _campaign(lanes: int, orders: int) -> tuple[Desk, float]:
    with scratch() as folder:
        journal = SqliteJournal(folder, "bench")
        clock = Clock(Nanos(0))
        desk = Desk(journal, clock, exchange(clock))
        running = asyncio.create_task(desk.loop.run())
        await until_open(desk)
        started = perf_counter_ns()
        each = orders // lanes
        await asyncio.gather(*(desk.lane(lane * each, each) for lane in range(lanes)))
        per_second = lanes * each * 1e9 / (perf_counter_ns() - started)
        running.cancel()
        await asyncio.gather(running, return_exceptions=True)
        journal.close()
        return desk, per_second


def measure(disk_commit_us: float, core_orders: float) -> list[Result]:
    """`paper.durable` one at a time and with many in flight, each against its own floor."""
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        alone, _ = runner.run(_campaign(1, ONE_BY_ONE))
        many, per_second = runner.run(_campaign(LANES, IN_FLIGHT))
    return [
        Result(
            name="paper.durable",
            value=percentile(alone.took_ns, 50),
            unit="us",
            p50_us=percentile(alone.took_ns, 50),
            p99_us=percentile(alone.took_ns, 99),
            goal=2 * disk_commit_us + 150,
            note="one at a time; the goal is 2 disk.commit + 150 us",
        ),
        Result(
            name="paper.durable.64",
            value=per_second,
            unit="orders/s",
            p50_us=percentile(many.took_ns, 50),
            p99_us=percentile(many.took_ns, 99),
            goal=0.6 * core_orders,
            note="64 in flight; the goal is 0.6 core.orders",
        ),
    ]
