"""A server while it runs, from its announcement to its last line."""

import asyncio
import os
import signal
import socket
import sys
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path

import msgspec

from omnivenue import telemetry
from omnivenue.api import PoolsProcess
from omnivenue.app.chore import chore
from omnivenue.app.http_server import HttpServer
from omnivenue.app.kill_file import KillFile, Stop
from omnivenue.app.stop import cancel_all, settle_outcomes, working_orders
from omnivenue.app.tables import TablesProcess
from omnivenue.config import Config
from omnivenue.engine import state_hash
from omnivenue.journal import JournalFailed, Snapshots
from omnivenue.message import Entry
from omnivenue.model import CHAIN_IDS
from omnivenue.runtime import Door, LiveLoop

SNAPSHOT_CHECK_SECONDS = 1.0
KILL_CHECK_SECONDS = 0.005
TABLES_CHECK_SECONDS = 0.1


class ServerFile(msgspec.Struct, frozen=True, kw_only=True):
    """`<home>/<mode>/server.json`: where clients of this machine find us."""

    url: str
    pid: int


class Stopped(msgspec.Struct, frozen=True, kw_only=True):
    """The last line on stdout of an orderly stop."""

    mode: str
    entries: int
    state_hash: str
    working_orders: int


class Running:
    def __init__(
        self,
        config: Config,
        home: Path,
        kill_file: KillFile,
        loop: LiveLoop,
        door: Door,
        reckoning: Sequence[PoolsProcess],
        server: HttpServer,
        listening: list[socket.socket],
    ) -> None:
        self._config = config
        self._home = home
        self._kill_file = kill_file
        self._loop = loop
        self._door = door
        self._reckoning = reckoning
        self._server = server
        self._listening = listening
        self._told_to_stop = asyncio.Event()
        is_left_out = {
            "orders": not config.logging.log_orders,
            "fills": not config.logging.log_fills,
        }
        logs = [name for name in telemetry.FOLLOWED if not is_left_out.get(name)]
        self._tables = TablesProcess(home, loop.mode, telemetry.tables_failed, logs)
        self._snapshots = Snapshots(home, loop.mode, failed=telemetry.snapshot_failed)

    async def until_stopped(self, cancel_on_stop: bool) -> None:
        """Raises what ended the loop, if it did not end by our will."""
        self._on_signals()
        self._obey(self._kill_file.read())  # before any venue is there
        deciding = asyncio.create_task(self._loop.run())
        serving = asyncio.create_task(self._server.serve(self._listening))
        told, obeying = (asyncio.create_task(t) for t in (self._told_to_stop.wait(), self._kills()))
        # Processes of their own write the tables and fold the journal; we only look after them.
        others = [
            asyncio.create_task(chore("the read tables", self._tables.tend, TABLES_CHECK_SECONDS)),
            asyncio.create_task(chore("snapshots", self._snapshot, SNAPSHOT_CHECK_SECONDS)),
        ]
        self._announce()
        # Who could not hear a stop any more does not go on either.
        ends = {deciding, serving, told, obeying}
        await asyncio.wait(ends, return_when=asyncio.FIRST_COMPLETED)
        self._door.is_stopping = True
        for process in self._reckoning:
            process.stop()
        if not deciding.done():
            await self._wind_down(cancel_on_stop)
        self._server.should_exit = True
        await serving
        for task in (*others, told, obeying, deciding):
            task.cancel()
        results = await asyncio.gather(deciding, obeying, return_exceptions=True)
        self._snapshots.close()
        self._tables.close()  # nothing is written any more, and it has read the last of it
        self._server_file.unlink(missing_ok=True)
        for result in results:
            if isinstance(result, Exception):
                raise result

    def say_stopped(self) -> None:
        state = self._loop.state
        stopped = Stopped(
            mode=self._loop.mode,
            entries=state.seq,
            state_hash=state_hash(state),
            working_orders=working_orders(state),
        )
        sys.stdout.write(msgspec.json.encode(stopped).decode() + "\n")
        sys.stdout.flush()

    @property
    def _server_file(self) -> Path:
        return self._home / self._loop.mode / "server.json"

    async def _wind_down(self, cancel_on_stop: bool) -> None:
        telemetry.said("stopping: no new instructions; waiting for outcomes")
        if cancel_on_stop or any(venue.cancel_on_stop for venue in self._config.venues):
            cancel_all(self._loop, self._config, everywhere=cancel_on_stop)
        await settle_outcomes(self._loop)

    def _on_signals(self) -> None:
        """The first asks us to stop; the second ends at once."""

        def stop() -> None:
            if self._told_to_stop.is_set():
                os._exit(130)  # what is durable counts, as after any death
            self._told_to_stop.set()

        for number in (signal.SIGTERM, signal.SIGINT):
            asyncio.get_running_loop().add_signal_handler(number, stop)
        asyncio.get_running_loop().add_signal_handler(
            signal.SIGUSR1, self._stop_trading, Stop(reason="SIGUSR1"), "signal"
        )

    def _obey(self, stops: list[Stop]) -> None:
        """Also of a scope that is stopped already, if it is being armed again: the stop may be the
        newer of the two, and have had no time to be journaled."""
        for stop in stops:
            known = self._loop.state.stopped.get(stop.scope)
            is_weaker = self._loop.trading_state(stop.scope).severity < stop.state.severity
            if is_weaker or (known is not None and known.rearms_with):
                self._stop_trading(stop, "file")

    def _stop_trading(self, stop: Stop, source: str) -> None:
        with suppress(JournalFailed):  # the process is ending, and stopped
            answer = self._loop.set_state(stop.scope, stop.state, stop.reason, source)
            answer.add_done_callback(_ignored)

    async def _kills(self) -> None:
        """An operator's file counts while we run, too."""
        while True:
            await asyncio.sleep(KILL_CHECK_SECONDS)
            self._obey(self._kill_file.news())

    def _snapshot(self) -> None:
        self._snapshots.maybe_start(self._loop.state.seq)

    def _announce(self) -> None:
        url, *aliases = map(_url, self._listening)
        content = msgspec.json.encode(ServerFile(url=url, pid=os.getpid()))
        draft = self._server_file.with_suffix(".new")
        draft.touch(mode=0o600)
        draft.write_bytes(content)
        draft.replace(self._server_file)
        for alias in aliases:
            telemetry.said("also on %s", alias)
        venues = " ".join(venue.venue_id for venue in self._config.venues)
        telemetry.said(
            "omnivenue, mode %s, %s, %s/v1/stream, venues %s, chains %s (none has an endpoint), "
            "executor not set, every call is in %s/docs",
            self._loop.mode,
            url,
            url.replace("http", "ws", 1),
            venues,
            " ".join(CHAIN_IDS),
            url,
        )


def _url(listening: socket.socket) -> str:
    host, port = listening.getsockname()[:2]
    return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"


def _ignored(answer: asyncio.Future[Entry]) -> None:
    """Nobody waits for it; a failure ends the loop, which says so itself."""
    if not answer.cancelled():
        answer.exception()
