"""Real servers in real processes: a home of their own, a free port, and what they say at last."""

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from omnivenue.client import Client, OmnivenueError
from omnivenue.journal import SqliteReader
from omnivenue.message import Event, decode_entry
from omnivenue.model import VenueID
from omnivenue.venue.sim import Endpoint, Fault, Planned, Target
from omnivenue.venue.sim.launch import ControlLine, find, stop

SERVE = ("-m", "omnivenue", "serve", "--port", "0")
WITHIN_SECONDS = 20.0
BYBIT = "BYBIT:SPOT_PAIR:BTC-USDT"
OKX = "OKX:SPOT_PAIR:BTC-USDT"
CONFIGURATION = """
mode = "paper"
[accounts.main]
venues = ["BYBIT", "OKX"]
[venues.BYBIT]
kind = "sim"
[venues.OKX]
kind = "sim"
"""


def eventually[T](look: Callable[[], T | None]) -> T:
    """What it gives as soon as that is true. Not for ever."""
    deadline = time.monotonic() + WITHIN_SECONDS
    while not (found := look()):
        assert time.monotonic() < deadline, "it did not come to be"
        time.sleep(0.01)
    return found


class Ended:
    def __init__(self, code: int, out: str, err: str) -> None:
        self.code, self.out, self.err = code, out, err

    @property
    def last(self) -> dict[str, Any]:
        """The last line on stdout."""
        return json.loads(self.out.splitlines()[-1])

    @property
    def said(self) -> str:
        """All messages of the log, which is JSON lines from its first to its last."""
        return "\n".join(json.loads(line)["message"] for line in self.err.splitlines())


class Server:
    """One process. Its stderr goes to a file, so that nothing waits for us to read it."""

    def __init__(self, home: "Home", words: tuple[str, ...]) -> None:
        self._home = home
        self._log = home.folder.with_name(f"server-{time.monotonic_ns()}.log")
        with self._log.open("wb") as log:
            self.process = subprocess.Popen(
                [sys.executable, *words],
                env={**os.environ, "OMNIVENUE_HOME": str(home.folder)},
                stdout=subprocess.PIPE,
                stderr=log,
            )

    @property
    def url(self) -> str:
        return self._home.server_file()["url"]

    def healthy(self) -> "Server":
        """Itself, once every venue is reconciled, whether it may trade or not."""
        eventually(self._is_healthy)
        return self

    def client(self) -> Client:
        return Client(self.url, self._home.token)

    def signal(self, number: signal.Signals) -> None:
        self.process.send_signal(number)

    def ended(self) -> Ended:
        out, _ = self.process.communicate(timeout=WITHIN_SECONDS)
        return Ended(self.process.returncode, out.decode(), self._log.read_text())

    def stop(self) -> Ended:
        self.signal(signal.SIGTERM)
        return self.ended()

    def kill(self) -> None:
        self.process.kill()
        self.process.communicate()

    def _is_healthy(self) -> bool:
        assert self.process.poll() is None, self._log.read_text()
        try:
            if self._home.server_file()["pid"] != self.process.pid:
                return False
            with self.client() as client:
                return client.health()["status"] in ("healthy", "halted")
        except (FileNotFoundError, OmnivenueError):
            return False


class Home:
    """A folder and all processes that were started on it."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder / "home"  # which the first server makes
        self.config = folder / "omnivenue.toml"
        self.config.write_text(CONFIGURATION)
        self._servers: list[Server] = []

    @property
    def paper(self) -> Path:
        return self.folder / "paper"

    @property
    def journal(self) -> Path:
        return self.paper / "journal.db"

    @property
    def token(self) -> str:
        return (self.paper / "token").read_text().strip()

    @property
    def exchanges(self) -> Endpoint | None:
        return find(self.paper / "sim")

    def events(self) -> list[Event]:
        """All that the journal has, a running server's too."""
        reader = SqliteReader(self.journal)
        try:
            return [decode_entry(line).event for line in reader.lines()]
        finally:
            reader.close()

    def server_file(self) -> dict[str, Any]:
        return json.loads((self.paper / "server.json").read_text())

    def serve(self, *more: str, program: tuple[str, ...] = SERVE) -> Server:
        server = Server(self, (*program, "--config", str(self.config), *more))
        self._servers.append(server)
        return server

    def plan(self, venue: str, fault: Fault, target: Target) -> None:
        """The next command of that kind meets that fault."""
        endpoint = self.exchanges
        assert endpoint is not None
        with ControlLine(endpoint) as line:
            line.plan(VenueID(venue), Planned(fault=fault, target=target))

    def close(self) -> None:
        for server in self._servers:
            if server.process.poll() is None:
                server.kill()
        if endpoint := self.exchanges:
            stop(endpoint)


def resting(key: str, instrument: str = BYBIT) -> dict[str, Any]:
    """Far below the market, and within the collar's side that binds: it lies there."""
    order = {"kind": "order", "id": key, "instrument": instrument, "side": "buy", "qty": "0.01"}
    return order | {"type": "limit", "price": "50000"}


def at_market(key: str, instrument: str = BYBIT) -> dict[str, Any]:
    return {"kind": "order", "id": key, "instrument": instrument, "side": "buy", "qty": "0.01"}
