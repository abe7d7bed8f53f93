"""What the demo plays on: a home of its own, a server process, and a line to the exchanges."""

import contextlib
import json
import os
import shutil
import signal
import subprocess
import time
from collections.abc import Mapping
from decimal import Decimal
from pathlib import Path
from typing import Any

from omnivenue.client import Client, OmnivenueError
from omnivenue.config import parse_config
from omnivenue.interpreter import words_for
from omnivenue.journal.lock import private_folder
from omnivenue.model import AccountID, AssetID, Atoms, VenueID
from omnivenue.venue.sim import Fault, Planned, Target, recording
from omnivenue.venue.sim.launch import ControlLine, find, stop

MODE = "paper"
_SERVE = (*words_for("omnivenue"), "serve", "--port", "0")
SECONDS_TO_START = 20.0
SECONDS_TO_STOP = 15.0
POLL_SECONDS = 0.02

RECORDINGS = Path("../shared/data/binance")
"""From the project's root: whole recordings, which are too large to come with the program."""

_WHOLE = {"BINANCE-SPOT": "spot/btcusdt_20240808.gz", "BINANCE-FUTURES": "usdm/btcusdt_20240808.gz"}
PERPETUAL = "BINANCE-FUTURES:PERPETUAL:BTC-USDT"

EXCERPT = Path(recording.__file__).parent / "recordings" / "btcusdt.ovr"
RECORDED, GENERATED = "BINANCE-SPOT", ("BYBIT", "OKX")


class Failed(Exception):
    """A step did not show what it should."""


class Wrong(Failed):
    """What must agree does not: our fault, and nobody else's."""


def recordings(folder: Path) -> dict[str, Path]:
    """By venue: the whole ones, where they are, else the excerpt that comes with the program."""
    whole = {venue: (folder / name).resolve() for venue, name in _WHOLE.items()}
    return whole if all(path.is_file() for path in whole.values()) else {RECORDED: EXCERPT}


def configuration(
    markets: Mapping[str, Path], keeps_going: bool, more: tuple[str, ...] = ()
) -> str:
    """Exchanges on recordings of the real market, and two on markets made around it. And `more` of
    them, made likewise."""
    generated = (*GENERATED, *more)
    lines = [
        f'mode = "{MODE}"',
        "[accounts.main]",
        f"venues = {json.dumps([*markets, *generated])}",
    ]
    for venue, market in markets.items():
        lines += [f"[venues.{venue}]", 'kind = "sim"']
        lines += [f"market = {json.dumps(f'recording:{market}')}"]
        lines += [f"keeps_going = {str(keeps_going).lower()}"]
    for venue in generated:
        lines += [f"[venues.{venue}]", 'kind = "sim"', 'market = "generated"']
    return "\n".join(lines) + "\n"


class Stage:
    """`home` is emptied first: a demo begins from nothing."""

    def __init__(
        self, home: Path, *, keeps_going: bool, markets: Mapping[str, Path] | None = None
    ) -> None:
        """`markets`: the recordings, else the one that comes with the program."""
        self.home = home
        self.url = ""
        self.pnl = Decimal(0)  # when everything was sold
        self._server: subprocess.Popen[bytes] | None = None
        self._is_left = False
        self._stop_exchanges()
        shutil.rmtree(home, ignore_errors=True)
        private_folder(home)
        self._config = home / "omnivenue.toml"
        used = markets or {RECORDED: EXCERPT}
        self.has_recordings = set(used) == set(_WHOLE)
        self._config.write_text(configuration(used, keeps_going))

    @property
    def balances(self) -> dict[AccountID, dict[VenueID, dict[AssetID, Atoms]]]:
        """What each account began with."""
        return parse_config(self._config.read_text(), "", {}).balances

    @property
    def folder(self) -> Path:
        return self.home / MODE

    @property
    def token(self) -> str:
        return (self.folder / "token").read_text().strip()

    def client(self) -> Client:
        return Client(self.url, self.token)

    def start_server(self) -> float:
        """Until every venue is reconciled; the seconds that it took."""
        began = time.monotonic()
        with (self.home / "server.log").open("ab") as log:
            self._server = subprocess.Popen(
                [*_SERVE, "--config", str(self._config)],
                env={**os.environ, "OMNIVENUE_HOME": str(self.home)},
                stdout=subprocess.PIPE,
                stderr=log,
            )
        while not self._is_healthy():
            if self._server.poll() is not None:
                raise Failed(f"the server ended at once: see {self.home / 'server.log'}")
            if time.monotonic() - began > SECONDS_TO_START:
                raise Failed("the server does not get healthy")
            time.sleep(POLL_SECONDS)
        return time.monotonic() - began

    def kill_server(self) -> None:
        """kill -9: no handler runs, nothing is flushed."""
        assert self._server is not None
        self._server.send_signal(signal.SIGKILL)
        self._server.wait()

    def stop_server(self) -> dict[str, Any]:
        """In order; what its last line says."""
        assert self._server is not None
        self._server.send_signal(signal.SIGTERM)
        out, _ = self._server.communicate(timeout=SECONDS_TO_STOP)
        if self._server.returncode != 0:
            raise Failed(f"the server ended with {self._server.returncode}")
        self._server = None
        return json.loads(out.splitlines()[-1])

    def plan(self, venue: str, fault: Fault, target: Target) -> None:
        """The next command of that kind meets that fault."""
        endpoint = find(self.folder / "sim")
        if endpoint is None:
            raise Failed("the exchanges are not there")
        with ControlLine(endpoint) as line:
            line.plan(VenueID(venue), Planned(fault=fault, target=target))

    def close(self) -> None:
        """Whatever still runs is ended, unless it was left to somebody."""
        if self._is_left:
            return
        if self._server is not None and self._server.poll() is None:
            self._server.terminate()
            with contextlib.suppress(subprocess.TimeoutExpired):  # then it is killed
                self._server.communicate(timeout=SECONDS_TO_STOP)
            if self._server.poll() is None:
                self.kill_server()
        self._stop_exchanges()

    def let_go(self) -> None:
        """Leave the server and its exchanges to its user."""
        self._server, self._is_left = None, True

    @property
    def pid(self) -> int:
        assert self._server is not None
        return self._server.pid

    def _stop_exchanges(self) -> None:
        if (endpoint := find(self.folder / "sim")) is not None:
            stop(endpoint)

    def _is_healthy(self) -> bool:
        """The file may still be the last server's."""
        try:
            there = json.loads((self.folder / "server.json").read_text())
            if there["pid"] != self.pid:
                return False
            self.url = there["url"]
            with self.client() as client:
                return client.health()["status"] == "healthy"
        except (FileNotFoundError, OmnivenueError):
            return False
