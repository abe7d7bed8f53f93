"""How much memory a server takes: with nothing to do, for each order that is over, and for good.

An order that is over stays in State for some minutes and then leaves for the archive on the disk.
So a process of its own is fed with orders and with a clock that runs ahead: it grows with the first
lot, lets it go, and must not grow any more with the lots that come after.
"""

import gc
import os
import subprocess
from concurrent.futures import ProcessPoolExecutor
from hashlib import sha256
from multiprocessing import get_context
from pathlib import Path

from msgspec.structs import replace

from omnivenue.api.order_index import OrderIndex
from omnivenue.cli.bench.core import STEP, Run
from omnivenue.cli.bench.disk import scratch
from omnivenue.cli.bench.result import Result
from omnivenue.cli.demo.stage import Stage
from omnivenue.engine.evict import KEEP
from omnivenue.journal import MemoryJournal
from omnivenue.journal.journal import Row
from omnivenue.message import Event, OrderInstructed, TimerFired
from omnivenue.model import SECOND, Nanos
from omnivenue.runtime import turn

ORDERS = 20_000  # in a lot
LOTS = 3
PAUSE = KEEP + 60 * SECOND  # after which a lot has left
MB = 10**6


class Nowhere(MemoryJournal):
    """As a journal on a disk: what it has written takes no memory."""

    def _write(self, rows: list[Row]) -> None:
        pass


class Keeping(Run):
    """A core and what a server keeps beside it for each order: its place in the views."""

    def __init__(self) -> None:
        super().__init__(Nowhere("bench"))
        self._index = OrderIndex(self.core.state)
        self._n = 0

    def lot(self, orders: int) -> None:
        for n in range(self._n, self._n + orders):
            self.order(n)
        self._n += orders
        self.orders_ns.clear()

    def pause(self) -> None:
        """Until all timers that come due meanwhile have fired."""
        until = self._n * STEP + PAUSE
        timers = self.core.state.timers
        while timers and (due := min(timers.values(), key=lambda timer: timer.at)).at <= until:
            at = max(due.at, self.core.journal.last_at)
            self._turn(at, TimerFired(timer_id=due.timer_id))
        self._n += 1 + PAUSE // STEP

    def _turn(self, at: int, event: Event) -> int:
        if isinstance(event, OrderInstructed):
            own = sha256(event.instruction_id.encode()).hexdigest()
            event = replace(event, body_hash=own)
        entry = turn(self.core, Nanos(at), "bench", event)
        self.core.journal.commit()
        self._index.follow([entry])
        return 0  # nobody's watch runs


def resident(pid: int) -> int:
    """Bytes of its memory that are in RAM."""
    told = subprocess.run(
        ["ps", "-o", "rss=", "-p", str(pid)], capture_output=True, text=True, check=True
    )
    return int(told.stdout) * 1024


def grown(orders: int, lots: int) -> list[int]:
    """Bytes in memory: before all, and after each lot as long as it is there."""
    keeping = Keeping()
    found = [_resident_now()]
    for _ in range(lots):
        keeping.lot(orders)
        found.append(_resident_now())
        keeping.pause()
        assert not keeping.core.state.parents, "they have not left"
    return found


def _resident_now() -> int:
    gc.collect()
    return resident(os.getpid())


def measure(orders: int = ORDERS) -> list[Result]:
    with scratch() as folder:
        idle = _idle(folder / "home")
    with ProcessPoolExecutor(1, get_context("spawn")) as fresh:
        before, first, *_, last = fresh.submit(grown, orders, LOTS).result()
    return [
        Result(
            name="memory.base",
            value=idle / MB,
            unit="MB",
            goal=120,
            note="of the server's process, healthy and with nothing to do",
        ),
        Result(
            name="memory.order",
            value=(first - before) / orders,
            unit="bytes",
            goal=2_000,
            note="for each order that is over, until it leaves for the archive",
        ),
        Result(
            name="memory.history",
            value=last / first,
            unit="ratio",
            goal=1.1,
            note=f"of all memory with the last of {LOTS} lots of orders to that with the first, "
            "where each lot has left before the next one comes",
        ),
    ]


def _idle(home: Path) -> int:
    stage = Stage(home, keeps_going=False)
    try:
        stage.start_server()
        return resident(stage.pid)
    finally:
        stage.close()
