"""A server under attack, and what those wait for who mean well.

    python tools/flood.py [SECONDS]      of each attack

A real server in a process of its own, on a free port of loopback; attacks in another process, one
after the other; meanwhile orders on a connection that is kept, and stops three ways: by the socket
in the home, on a connection that is kept, and on a new one each time. Exits 1 where an order or a
stop got no answer, where the stops by the socket or on a kept connection took more than 50 ms in
the 99th percentile, or where the server's memory grew by more than 16 MB.
"""

import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from threading import Thread

sys.path.insert(0, str(Path(__file__).parents[1] / "tests"))

from flood_attacks import ATTACKS
from omnivenue.client import Client, OmnivenueError
from servers import Home, Server, resting

SECONDS = 8.0
PAUSE_SECONDS = 0.03
STOP_MS = 50.0
GROWTH_MB = 16.0
CALM = "calm"


@dataclass
class Waits:
    """Of one kind of call, in ms."""

    is_judged: bool
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
        self.orders = Waits(is_judged=False)
        self.by_socket, self.kept = Waits(is_judged=True), Waits(is_judged=True)
        self.anew = Waits(is_judged=False)

    def _order(self) -> None:
        with self._server.client() as client:
            n = 0
            while not self._is_over:
                key = f"{self._name}-{n}"
                self.orders.of(lambda key=key: client.submit(resting(key) | {"qty": "0.001"}))
                self.orders.of(lambda key=key: client.cancel(key))
                n += 1
                time.sleep(PAUSE_SECONDS)

    def _stop(self, waits: Waits, url: str, *, is_kept: bool) -> None:
        scope, n = f"strategy:{self._name}-{id(waits)}", 0
        client = Client(url, self._home.token, timeout=5)

        def call() -> None:
            client.kill(f"{scope}-{n % 20}", "drill")
            if not is_kept:
                client.close()  # and opens another next time

        while not self._is_over:
            waits.of(call)
            n += 1
            time.sleep(PAUSE_SECONDS)
        client.close()

    def attacked_by(self, attack: Callable[[], str]) -> str:
        private, url = f"unix:{self._home.paper / 'socket'}", self._server.url
        threads = [
            Thread(target=self._order),
            Thread(target=self._stop, args=(self.by_socket, private), kwargs={"is_kept": False}),
            Thread(target=self._stop, args=(self.kept, url), kwargs={"is_kept": True}),
            Thread(target=self._stop, args=(self.anew, url), kwargs={"is_kept": False}),
        ]
        for thread in threads:
            thread.start()
        try:
            return attack()
        finally:
            self._is_over = True
            for thread in threads:
                thread.join()

    def misses(self, growth: float) -> list[str]:
        found = [] if growth <= GROWTH_MB else [f"memory grew by {growth:.1f} MB"]
        for name in ("orders", "by_socket", "kept", "anew"):
            waits: Waits = getattr(self, name)
            if waits.failed:
                found.append(f"{name}: {len(waits.failed)} failed, {waits.failed[0]}")
            if waits.is_judged and waits.at(99) > STOP_MS:
                found.append(f"{name}: {waits.at(99):.1f} ms in the 99th percentile")
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


def attack(name: str, server: Server, token: str, seconds: float) -> str:
    if name == CALM:
        time.sleep(seconds)
        return ""
    port = server.url.rpartition(":")[2]
    program = str(Path(__file__).with_name("flood_attacks.py"))
    ran = subprocess.run(
        [sys.executable, program, name, port, str(seconds)],
        input=token.encode(),
        stdout=subprocess.PIPE,
        check=True,
        timeout=seconds + 60,
    )
    return ran.stdout.decode().strip()


def main(argv: list[str]) -> int:
    seconds = float(argv[0]) if argv else SECONDS
    missed: list[str] = []
    with tempfile.TemporaryDirectory() as folder:
        home = Home(Path(folder))
        try:
            server = home.serve().healthy()
            heads = f"{'':10} {'orders':>22} {'by socket':>22} {'kept':>22} {'anew':>22}  memory"
            print(heads + "\n" + f"{'':10}" + f" {'p50':>7}{'p99':>7}{'most':>8}" * 4 + "  MB")
            for name in (CALM, *ATTACKS):
                public, before = Public(home, server, name), reset_peak(server.process.pid)
                did = public.attacked_by(
                    lambda name=name: attack(name, server, home.token, seconds)
                )
                growth = peak_mb(server.process.pid) - before
                waits = (public.orders, public.by_socket, public.kept, public.anew)
                print(
                    f"{name:10} {' '.join(f'{each!s:>22}' for each in waits)} {growth:7.1f}  {did}"
                )
                missed += [f"{name}: {miss}" for miss in public.misses(growth)]
            server.stop()
        finally:
            home.close()
    print("\n".join(missed) or "every order and every stop had its answer, in time")
    return 1 if missed else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
