"""A server under attack, and what those wait for who mean well.

    python tools/flood.py [SECONDS [ATTACK…]]      of each attack, else of all

A real server in a process of its own, on a free port of loopback; attacks in another process and
with a token of their own, one after the other; meanwhile orders on a connection that is kept, and
stops three ways: by the socket in the home, on a connection that is kept, and on a new one each
time. Exits 1 where an order or a stop got no answer, where an attack got another than a refusal,
where the stops by the socket took more than 50 ms in the 99th percentile, or where the server's
memory grew by more than 16 MB.

All of it shares the cores of one machine: `calm` is nobody's attack, `busy` an attacker that only
computes, and `starved` how much of the time the server wanted a core and had none.
"""

import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1] / "tests"))

from flood_attacks import ATTACKS
from omnivenue.client import Client, OmnivenueError
from servers import Home, Server, resting

SECONDS = 15.0  # more than a request may take to arrive
PAUSE_SECONDS = 0.03
STOP_MS = 50.0
GROWTH_MB = 16.0
WITHIN_SECONDS = 10.0  # for an attack to end when it should, and for an answer
COLUMNS = ("orders", "by socket", "kept", "anew")


@dataclass
class Waits:
    """Of one kind of call, in ms."""

    took: list[float] = field(default_factory=list[float])
    failed: list[str] = field(default_factory=list[str])

    def of(self, call: Callable[[], object]) -> None:
        began = time.perf_counter()
        try:
            call()
        except OmnivenueError as error:
            self.failed.append(str(error))
        self.took.append((time.perf_counter() - began) * 1_000)

    def at(self, percent: int) -> float:
        ordered = sorted(self.took)
        return ordered[min(len(ordered) - 1, len(ordered) * percent // 100)]

    def __str__(self) -> str:
        shown = f"{self.at(50):6.1f} {self.at(99):6.1f} {max(self.took):7.1f}"
        return shown + (f" ({len(self.failed)} FAILED)" if self.failed else "")


class Public:
    """Those who mean well, each in a thread, until they are told to stop."""

    def __init__(self, home: Home, server: Server, name: str) -> None:
        self._home, self._server, self._name = home, server, name
        self._is_over = False
        self.waits = {column: Waits() for column in COLUMNS}

    def _order(self) -> None:
        waits = self.waits["orders"]
        with Client(self._server.url, self._home.token, timeout=WITHIN_SECONDS) as client:
            n = 0
            while not self._is_over:
                key = f"{self._name}-{n}"
                waits.of(lambda key=key: client.submit(resting(key) | {"qty": "0.001"}))
                waits.of(lambda key=key: client.cancel(key))
                n += 1
                time.sleep(PAUSE_SECONDS)

    def _stop(self, column: str, url: str, *, is_kept: bool) -> None:
        scope, n = f"strategy:{self._name}-{COLUMNS.index(column)}", 0
        client = Client(url, self._home.token, timeout=WITHIN_SECONDS)

        def call() -> None:
            client.kill(f"{scope}-{n % 20}", "drill")
            if not is_kept:
                client.close()  # and opens another next time

        while not self._is_over:
            self.waits[column].of(call)
            n += 1
            time.sleep(PAUSE_SECONDS)
        client.close()

    def attacked_by(self, attack: Callable[[], str]) -> str:
        private, url = f"unix:{self._home.paper / 'socket'}", self._server.url
        with ThreadPoolExecutor() as pool:
            threads = [
                pool.submit(self._order),
                pool.submit(self._stop, "by socket", private, is_kept=False),
                pool.submit(self._stop, "kept", url, is_kept=True),
                pool.submit(self._stop, "anew", url, is_kept=False),
            ]
            try:
                did = attack()
            finally:
                self._is_over = True
        for thread in threads:
            thread.result()
        return did

    def misses(self) -> list[str]:
        found = [
            f"{column}: {len(waits.failed)} of {len(waits.took)} failed, {waits.failed[0]}"
            for column, waits in self.waits.items()
            if waits.failed
        ]
        worst = self.waits["by socket"].at(99)
        if worst > STOP_MS:
            found.append(f"by socket: {worst:.1f} ms in the 99th percentile")
        return found


def peak_mb(pid: int) -> float:
    """The most that was resident since the last reset."""
    (line,) = (
        each
        for each in Path(f"/proc/{pid}/status").read_text().splitlines()
        if each.startswith("VmHWM")
    )
    return int(line.split()[1]) / 1_024


def reset_peak(pid: int) -> float:
    Path(f"/proc/{pid}/clear_refs").write_text("5")
    return peak_mb(pid)


def starved_seconds(pid: int) -> float:
    """So long its first thread, which serves, has waited for a core."""
    return int(Path(f"/proc/{pid}/schedstat").read_text().split()[1]) / 1e9


def strange_token(home: Home) -> str:
    """Of another program, that may trade too."""
    words = ("-m", "omnivenue", "token", "create", "--scope", "trade", "--json")
    env = {**os.environ, "OMNIVENUE_HOME": str(home.folder)}
    ran = subprocess.run([sys.executable, *words], env=env, stdout=subprocess.PIPE, check=True)
    return json.loads(ran.stdout)["token"]


class Campaign:
    def __init__(self, home: Home, server: Server, seconds: float) -> None:
        self._home, self._server, self._seconds = home, server, seconds
        self._token = strange_token(home)
        self._rows = 0
        self.missed: list[str] = []

    def run(self, name: str) -> str:
        """One attack, as a row."""
        self._rows += 1
        pid = self._server.process.pid
        public = Public(self._home, self._server, f"{name}-{self._rows}")
        memory, starved, began = reset_peak(pid), starved_seconds(pid), time.monotonic()
        did = public.attacked_by(lambda: self._attack(name))
        growth = peak_mb(pid) - memory
        starved = (starved_seconds(pid) - starved) / (time.monotonic() - began)
        found = public.misses()
        if growth > GROWTH_MB:
            found.append(f"memory grew by {growth:.1f} MB")
        self.missed += [f"{name}: {miss}" for miss in found]
        waits = " ".join(f"{each!s:>22}" for each in public.waits.values())
        return f"{name:10} {waits} {growth:7.1f} {starved:8.0%}  {did}"

    def _attack(self, name: str) -> str:
        port = self._server.url.rpartition(":")[2]
        program = str(Path(__file__).with_name("flood_attacks.py"))
        ran = subprocess.run(
            [sys.executable, program, name, port, str(self._seconds)],
            input=self._token.encode(),
            stdout=subprocess.PIPE,
            timeout=self._seconds + WITHIN_SECONDS,
            check=False,
        )
        did = ran.stdout.decode().strip()
        if ran.returncode:
            self.missed.append(f"{name}: what should have been refused was not: {did}")
        return did


def main(argv: list[str]) -> int:
    seconds = float(argv[0]) if argv else SECONDS
    with tempfile.TemporaryDirectory() as folder:
        home = Home(Path(folder))
        try:
            campaign = Campaign(home, server := home.serve().healthy(), seconds)
            print(f"{'ms':10} " + " ".join(f"{each:>22}" for each in COLUMNS) + "  memory  starved")
            print(
                f"{'':10} "
                + " ".join(f"{'p50':>6} {'p99':>6} {'most':>7}" for _ in COLUMNS)
                + "      MB"
            )
            for name in argv[1:] or ATTACKS:
                print(campaign.run(name), flush=True)
            server.stop()
        finally:
            home.close()
    print("\n".join(campaign.missed) or "every order and every stop had its answer, in time")
    return 1 if campaign.missed else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
