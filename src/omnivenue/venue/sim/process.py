"""The simulated exchanges of one home, in a process of their own: `omnivenue.venue.exchanges`.

Of their own, because an exchange does not die with us: what it did while we were gone is what a
restart has to find out. The lock in its home lets one process run, and `process.json` says where
that is; the records beside it are all that it needs to go on after its own death. It ends when it
is told to, or when nobody has been connected for a while.
"""

import argparse
import asyncio
import fcntl
import os
import secrets
import signal
import sys
import time
from collections.abc import Callable
from contextlib import suppress
from functools import partial
from pathlib import Path

import msgspec
import uvloop

from omnivenue.model import Nanos, VenueID
from omnivenue.venue.sim.codec import (
    AskCounts,
    Counts,
    Done,
    PlanFault,
    Refused,
    Stop,
    VenueCounts,
    decode_control,
)
from omnivenue.venue.sim.config import Opener, SimConfig, SimVenueConfig, build_exchange, open_own
from omnivenue.venue.sim.endpoint import LOCKED, Endpoint, config_hash, write_private
from omnivenue.venue.sim.faults import Link
from omnivenue.venue.sim.house import House
from omnivenue.venue.sim.server import Connection, Floor, Server

TICK_SECONDS = 0.02  # between two looks at the markets, while anybody listens
TICK_ALONE_SECONDS = 0.2


class Clock:
    """Wall time once, monotonic time from there on."""

    def __init__(self) -> None:
        self._ahead = time.time_ns() - time.monotonic_ns()

    def now(self) -> Nanos:
        return Nanos(self._ahead + time.monotonic_ns())


class Process:
    def __init__(
        self,
        home: Path,
        config: SimConfig,
        now: Callable[[], Nanos],
        opener: Opener = open_own,
    ) -> None:
        """`opener`: of recordings."""
        self._home = home
        self._opener = opener
        self._config = config
        self._now = now
        self._stopping = asyncio.Event()
        self._failure: BaseException | None = None
        floors = {venue.venue_id: self._open(venue) for venue in config.venues}
        self._server = Server(secrets.token_hex(16), floors, self._control, self._fail)

    async def run(self) -> None:
        """Until told to stop, or idle for too long. Raises what made it impossible to go on."""
        loop = asyncio.get_running_loop()
        loop.set_exception_handler(lambda _, context: self._fail(context.get("exception")))
        for number in (signal.SIGTERM, signal.SIGINT):
            loop.add_signal_handler(number, self._stopping.set)
        listener = await loop.create_server(partial(Connection, self._server), "127.0.0.1", 0)
        endpoint = Endpoint(
            pid=os.getpid(),
            port=listener.sockets[0].getsockname()[1],
            token=self._server.token,
            config_hash=config_hash(self._config),
        )
        write_private(self._home / "process.json", msgspec.json.encode(endpoint))
        await self._tick()
        self._close(listener)
        if self._failure is not None:
            raise self._failure

    def _open(self, config: SimVenueConfig) -> Floor:
        exchange = build_exchange(config, self._now(), self._opener)
        house = House(exchange, self._home / f"{config.venue_id}.jsonl")
        for deposit in config.deposits:
            if (deposit.account, deposit.asset) not in house.paid_in:  # the others are recorded
                house.deposit(self._now(), deposit.account, deposit.asset, deposit.amount)
        return Floor(house, Link(config.seed, config.faults, config.latency), self._now)

    async def _tick(self) -> None:
        loop, alone_since = asyncio.get_running_loop(), None
        while not self._stopping.is_set():
            for floor in self._server.floors.values():
                floor.advance()
            if self._server.connections:
                alone_since = None
            elif alone_since is None:
                alone_since = loop.time()
            elif loop.time() - alone_since >= self._config.idle_seconds:
                return
            wait = TICK_SECONDS if self._server.connections else TICK_ALONE_SECONDS
            with suppress(TimeoutError):  # the usual case: nobody stops us
                await asyncio.wait_for(self._stopping.wait(), wait)

    def _close(self, listener: asyncio.Server) -> None:
        """Whoever sees the connection end may start the next process at once: so that comes last,
        but for the lock, which ends with the process."""
        listener.close()
        for floor in self._server.floors.values():
            floor.house.close()
        (self._home / "process.json").unlink(missing_ok=True)
        for connection in list(self._server.connections):
            connection.abort()

    def _fail(self, error: BaseException | None) -> None:
        self._failure = self._failure or error or RuntimeError("the event loop failed")
        self._stopping.set()

    def _control(self, frame: bytes) -> Done | Counts | Refused:
        match decode_control(frame):
            case PlanFault(venue=venue, planned=planned):
                floor = self._server.floors.get(venue)
                if floor is None:
                    return Refused(f"no venue {venue!r} here")
                floor.house.script.queue(planned)
                return Done()
            case AskCounts():
                return Counts(pid=os.getpid(), venues=self._counts())
            case Stop():
                self._stopping.set()
                return Done()

    def _counts(self) -> dict[VenueID, VenueCounts]:
        return {
            venue_id: VenueCounts(
                connections=len(floor.connections),
                commands=floor.house.commands,
                orders=len(floor.house.exchange.orders),
                reports=floor.house.exchange.reports,
                faults_planned=floor.house.script.pending,
            )
            for venue_id, floor in self._server.floors.items()
        }


def lock(home: Path) -> int:
    """Held until this process ends. Raises BlockingIOError where another one holds it."""
    held = os.open(home / "lock", os.O_CREAT | os.O_RDWR | os.O_CLOEXEC, 0o600)
    fcntl.flock(held, fcntl.LOCK_EX | fcntl.LOCK_NB)
    return held


async def serve(home: Path, config: SimConfig, opener: Opener) -> None:
    await Process(home, config, Clock().now, opener).run()


def main(opener: Opener) -> int:
    parser = argparse.ArgumentParser(prog="omnivenue.venue.exchanges")
    parser.add_argument("--home", type=Path, required=True)
    parser.add_argument("--config", type=Path, required=True)
    args = parser.parse_args()
    try:
        config = msgspec.json.decode(args.config.read_bytes(), type=SimConfig)
        args.home.mkdir(mode=0o700, parents=True, exist_ok=True)
        lock(args.home)
    except BlockingIOError:
        sys.stderr.write(f"another process runs the exchanges of {args.home}\n")
        return LOCKED
    except (msgspec.MsgspecError, OSError) as error:
        sys.stderr.write(f"{args.config}: {error}\n")
        return 2
    uvloop.run(serve(args.home, config, opener))
    return 0
