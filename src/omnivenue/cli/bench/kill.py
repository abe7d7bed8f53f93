"""How long after somebody says stop a new order may still leave: the kill switch under load.

Everything is as in a server: the loop, the journal on the disk, the application behind HTTP on a
socket, a client that calls it from a thread of its own. A thousand orders a second come in all the
while. A trip counts from the moment before the client speaks to the last new order that is written
to the venue's wire; none may be written once the gate is shut, or after the client has its answer.
"""

import asyncio
import gc
import logging
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from pathlib import Path
from random import uniform
from time import perf_counter_ns

import uvloop

from omnivenue.api import Scope, TokenFile, TokenTable, create_app
from omnivenue.app.http_server import HttpServer, listen
from omnivenue.cli.bench.disk import scratch
from omnivenue.cli.bench.paper import Desk, exchange, until_open
from omnivenue.cli.bench.result import Result, percentile
from omnivenue.cli.bench.scene import instruction
from omnivenue.client import Client
from omnivenue.journal import SqliteJournal
from omnivenue.message import NewOrder, VenueCommand
from omnivenue.model import Nanos, Side, TradingState
from omnivenue.runtime import Clock, LiveLoop
from omnivenue.venue import Deliver
from omnivenue.venue.sim.wire import Wire

TRIPS = 200
PER_SECOND = 1_000
BEFORE_SECONDS = (0.04, 0.06)  # of trading, before each trip
AFTER_SECONDS = 0.03  # of watching, with orders that still come in


class SentAfter(Exception):
    """A new order has left after the stop. That is no slowness, it is a fault."""


class Watched:
    """The wire to the venue, and when a new order was last written to it."""

    def __init__(self, wire: Wire) -> None:
        self._wire = wire
        self.loop: LiveLoop | None = None
        self.last_ns = 0
        self.sent = 0
        self.shut = 0  # written though the gate was shut

    def send(self, command: VenueCommand) -> None:
        if isinstance(command, NewOrder):
            assert self.loop is not None
            self.shut += self.loop.trading_state("global") is not TradingState.ACTIVE
            self.last_ns, self.sent = perf_counter_ns(), self.sent + 1
        self._wire.send(command)

    async def connect(self) -> None:
        await self._wire.connect()

    async def listen(self, deliver: Deliver) -> None:
        await self._wire.listen(deliver)

    def close(self) -> None:
        self._wire.close()


class Flow:
    """Instructions at an even pace, whatever becomes of them."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk
        self._asking: set[asyncio.Task[None]] = set()
        self.asked = 0

    async def run(self) -> None:
        began = perf_counter_ns()
        while True:
            due = (perf_counter_ns() - began) * PER_SECOND // 1_000_000_000
            while self.asked < due:
                task = asyncio.create_task(self._ask(self.asked))
                self._asking.add(task)
                task.add_done_callback(self._asking.discard)
                self.asked += 1
            await asyncio.sleep(1 / PER_SECOND)

    async def _ask(self, n: int) -> None:
        event = instruction(f"i{n}", Side.BUY if n % 2 == 0 else Side.SELL)
        await self._desk.door.instruct("bench", event)


@asynccontextmanager
async def _served(desk: Desk, folder: Path) -> AsyncGenerator[Client]:
    """A client of the desk's own server, allowed to stop trading and to arm it again."""
    tokens = TokenFile(folder, "bench")
    token = tokens.create("bench", Scope.ADMIN, Nanos(1))
    app = create_app(door=desk.door, loop=desk.loop, tokens=TokenTable(tokens))
    with listen("127.0.0.1", 0) as listening:
        server = HttpServer(app)
        serving = asyncio.create_task(server.serve([listening]))
        with Client(f"http://127.0.0.1:{listening.getsockname()[1]}", token) as client:
            yield client
        server.should_exit = True
        await serving


def _trip(client: Client) -> tuple[int, int]:
    """When the client began to say it, and when it had its answer."""
    asked = perf_counter_ns()
    client.kill("global", "bench")
    return asked, perf_counter_ns()


async def one_trip(client: Client, wire: Watched) -> int:
    """Nanoseconds from the trip to the last new order that left."""
    before = wire.sent
    await asyncio.sleep(uniform(*BEFORE_SECONDS))
    assert wire.sent > before, "nothing was being sent"
    asked, answered = await asyncio.to_thread(_trip, client)
    await asyncio.sleep(AFTER_SECONDS)
    last = wire.last_ns
    if wire.shut or last > answered:
        raise SentAfter(f"{wire.shut} written through a shut gate, the last of all {last} ns")
    await asyncio.to_thread(client.rearm, "global", "bench")
    return max(0, last - asked)


async def _campaign(trips: int) -> tuple[list[int], float]:
    with scratch() as folder:
        journal = SqliteJournal(folder, "bench")
        clock = Clock(Nanos(0))
        wire = Watched(exchange(clock))
        desk = Desk(journal, clock, wire)
        wire.loop = desk.loop
        running = asyncio.create_task(desk.loop.run())
        await until_open(desk)
        flow = Flow(desk)
        flowing = asyncio.create_task(flow.run())
        began = perf_counter_ns()
        async with _served(desk, folder / "bench") as client:
            took = [await one_trip(client, wire) for _ in range(trips)]
        per_second = flow.asked * 1e9 / (perf_counter_ns() - began)
        for task in (flowing, running):
            task.cancel()
        await asyncio.gather(flowing, running, return_exceptions=True)
        journal.close()
        return took, per_second


def measure(trips: int = TRIPS) -> list[Result]:
    gc.collect()
    gc.freeze()
    logging.disable()  # each trip is worth an alarm elsewhere
    try:
        with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
            took, per_second = runner.run(_campaign(trips))
    finally:
        logging.disable(logging.NOTSET)
        gc.unfreeze()
    return [
        Result(
            name="kill_switch",
            value=percentile(took, 99) / 1_000,
            unit="ms",
            p50_us=percentile(took, 50),
            p99_us=percentile(took, 99),
            goal=10,
            note=f"trip by HTTP to the last new order on the wire, p99 of {trips}, with "
            f"{per_second:.0f} orders/s coming in; sent after it: 0, else there is no number",
        )
    ]
