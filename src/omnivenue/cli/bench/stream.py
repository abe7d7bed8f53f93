"""What a subscriber waits for, and what subscribers that do not read cost everybody else.

The server is the real one on a real port, over the loop, the disk and the exchange of `paper`. Who
listens and who sends orders are processes of their own.
"""

import asyncio
import json
import socket
from collections.abc import AsyncGenerator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from statistics import median
from time import perf_counter_ns, process_time_ns
from typing import Any

import uvloop
from websockets.asyncio.client import ClientConnection, connect

from omnivenue.cli.bench.paper import Desk
from omnivenue.cli.bench.result import Result, percentile
from omnivenue.cli.bench.served import serving
from omnivenue.client import AsyncClient
from omnivenue.interpreter import words_for
from omnivenue.message import Entry, ExecType, ExecutionReport

FILLS = 500
ORDERS = 300  # in a round, of which every other has subscribers that do not read
ROUNDS = 6
SLOW = 20
GOAL_US = 1_000.0
COST = 1.05
TOPICS = ["orders", "fills", "positions", "alerts"]
SOON_SECONDS = 0.1
NARROW = 16 * 1024  # bytes that the socket of one that does not read holds


class Durable:
    """When the entry of each fill was durable."""

    def __init__(self) -> None:
        self.at: dict[int, int] = {}

    def turned(self, entries: Sequence[Entry]) -> None:
        now = perf_counter_ns()
        for entry in entries:
            event = entry.event
            if isinstance(event, ExecutionReport) and event.exec_type is ExecType.TRADE:
                self.at[entry.seq] = now


class Bench:
    def __init__(self, desk: Desk, token: str, port: int) -> None:
        self.desk, self._token, self._port = desk, token, port

    async def outside(self, *words: str) -> Any:
        """What a client in another process has measured."""
        what, *more = words
        command = [*words_for("omnivenue.cli.bench.outsider"), what]
        command += [f"http://127.0.0.1:{self._port}", *more]
        pipe = asyncio.subprocess.PIPE
        process = await asyncio.create_subprocess_exec(*command, stdin=pipe, stdout=pipe)
        said, _ = await process.communicate(self._token.encode())
        return json.loads(said)

    async def someone_listens(self) -> None:
        async with AsyncClient(f"http://127.0.0.1:{self._port}", self._token) as client:
            while not (await client.call("GET", "/stats"))["connected_clients"]:
                await asyncio.sleep(SOON_SECONDS)
        await asyncio.sleep(SOON_SECONDS)  # and has said what it wants to hear

    async def subscriber_that_does_not_read(self) -> ClientConnection:
        narrow = socket.socket()
        narrow.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, NARROW)
        narrow.connect(("127.0.0.1", self._port))
        url = f"ws://127.0.0.1:{self._port}/v1/stream"
        found = await connect(url, sock=narrow, proxy=None, compression=None, max_queue=1)
        await found.send(json.dumps({"type": "auth", "token": self._token}))
        await found.send(json.dumps({"type": "subscribe", "topics": TOPICS}))
        return found


@asynccontextmanager
async def _serving() -> AsyncGenerator[Bench]:
    async with serving() as served:
        yield Bench(served.desk, served.token, served.port)


async def _latency() -> list[int]:
    """From a durable fill until its message is decoded in another process, in ns."""
    durable = Durable()
    async with _serving() as bench:
        bench.desk.loop.subscribe(durable.turned)
        hearing = asyncio.create_task(bench.outside("listen", str(FILLS)))
        await bench.someone_listens()
        for n in range(FILLS):
            await bench.desk.order(n)
        return [at - durable.at[seq] for seq, at in await hearing]


class Posts:
    """Durations of POSTs, and the time of the processor that they took of the server, in ns."""

    def __init__(self) -> None:
        self.took: list[int] = []
        self.cpu = 0

    async def more(self, bench: Bench, name: str) -> None:
        started = process_time_ns()
        self.took += await bench.outside("order", str(ORDERS), name)
        self.cpu += process_time_ns() - started

    def __str__(self) -> str:
        cpu = self.cpu / len(self.took) / 1000
        return f"{median(self.took) / 1000:.0f} us ({cpu:.0f} of the server's processor)"


async def _cost() -> tuple[Posts, Posts]:
    """POSTs of a resting order without and with subscribers that do not read: in turns, so that
    whatever else the machine does falls on both."""
    alone, among = Posts(), Posts()
    async with _serving() as bench:
        for n in range(ROUNDS):
            await alone.more(bench, f"a{n}")
            async with AsyncExitStack() as stack:
                for _ in range(SLOW):
                    found = await bench.subscriber_that_does_not_read()
                    stack.callback(found.transport.abort)
                await bench.outside("order", str(ORDERS), f"w{n}")  # until they take no more
                await among.more(bench, f"b{n}")
    return alone, among


def measure() -> list[Result]:
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        took = runner.run(_latency())
        alone, among = runner.run(_cost())
    return [
        Result(
            name="ws.stream",
            value=percentile(took, 50),
            unit="us",
            p50_us=percentile(took, 50),
            p99_us=percentile(took, 99),
            goal=GOAL_US,
            note="from a fill that is durable to its message in another process",
        ),
        Result(
            name="ws.slow",
            value=median(among.took) / median(alone.took),
            unit="ratio",
            goal=COST,
            note=f"a POST with {SLOW} that do not read: {alone}, then {among}",
        ),
    ]
