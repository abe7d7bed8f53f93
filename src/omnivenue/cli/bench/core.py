"""What the core costs: turns through `step`, encoded and hashed, without a disk.

An order is three turns: instruction (accept, risk, send), acknowledgement, fill (settle, close).
"""

import gc
from time import perf_counter_ns, thread_time_ns

from omnivenue.cli.bench.result import Result, percentile
from omnivenue.cli.bench.scene import SPOT, VENUE, instruction, prepared_events, quote
from omnivenue.engine import State
from omnivenue.journal import Journal, MemoryJournal
from omnivenue.message import Event, ExecType, ExecutionReport, NewOrder, TimerFired
from omnivenue.model import AssetID, Atoms, ExecID, Lots, Nanos, Side, VenueOrderID
from omnivenue.runtime import Books, Core, spare, turn

ORDERS = 100_000
STEP = 100_000  # nanoseconds of the core's time between two orders


class Run:
    """Feeds a core with orders, and plays the venue that fills each of them at once."""

    def __init__(self, journal: Journal | None = None) -> None:
        self.core = Core(State(), journal or MemoryJournal("bench"), Books())
        self.turns_ns: list[int] = []
        self.orders_ns: list[int] = []
        for event in prepared_events():
            turn(self.core, Nanos(1), "bench", event)
        self.core.journal.commit()

    def order(self, n: int) -> None:
        at = 1 + n * STEP
        self.core.books.update(quote(at))
        self._mark(at)
        event = instruction(f"i{n}", Side.BUY if n % 2 == 0 else Side.SELL)
        took = self._turn(at, event)
        new = next(reversed(self.core.state.orders.values())).new
        took += self._turn(at, report(new, n, ExecType.NEW, 0))
        took += self._turn(at, report(new, n, ExecType.TRADE, new.qty))
        self.orders_ns.append(took)

    def _mark(self, at: int) -> None:
        """Once a second, as the alarms of a live process do it."""
        timer = self.core.state.timers.get("mark")
        if timer is not None and timer.at <= at:
            turn(self.core, Nanos(at), "bench", TimerFired(timer_id=timer.timer_id))
            self.core.journal.commit()

    def _turn(self, at: int, event: Event) -> int:
        """How long it took, with what a journal in memory takes to commit it."""
        started = perf_counter_ns()
        turn(self.core, Nanos(at), "bench", event)
        self.turns_ns.append(perf_counter_ns() - started)
        self.core.journal.commit()
        return perf_counter_ns() - started


def report(new: NewOrder, n: int, kind: ExecType, qty: int) -> ExecutionReport:
    return ExecutionReport(
        exec_id=ExecID(f"{kind.value}{n}"),
        cl_ord_id=new.cl_ord_id,
        venue_order_id=VenueOrderID(f"v{n}"),
        exec_type=kind,
        last_qty=Lots(qty),
        last_px=new.limit_px,
        fee=Atoms(qty),
        fee_asset=AssetID("USDT"),
        cum_qty=Lots(qty),
        transact_at=Nanos(n + 1),
    )


def measure(orders: int = ORDERS) -> list[Result]:
    """`core.turns`, `core.orders` and `core.history` of one long run."""
    gc.collect()
    spare()
    run = Run()
    tenth = orders // 10
    cpu_ns = [_tenth(run, first, tenth) for first in range(0, tenth * 10, tenth)]
    assert not run.core.state.venues[VENUE].open, SPOT.instrument_id
    p50, p99 = percentile(run.turns_ns, 50), percentile(run.turns_ns, 99)
    turns = "per order: instruction (accept, risk, send), acknowledgement, fill (settle, close)"
    return [
        Result(name="core.turns", value=p50, unit="us", p50_us=p50, p99_us=p99, goal=20),
        Result(
            name="core.orders",
            value=len(run.orders_ns) * 1e9 / sum(run.orders_ns),
            unit="orders/s",
            p50_us=percentile(run.orders_ns, 50),
            p99_us=percentile(run.orders_ns, 99),
            goal=12_000,
            note=turns,
        ),
        Result(
            name="core.history",
            value=cpu_ns[-1] / cpu_ns[0],
            unit="ratio",
            goal=1.1,
            note="the last tenth of all orders against the first, in processor time",
        ),
    ]


def _tenth(run: Run, first: int, orders: int) -> int:
    """What a part of the run cost in processor time, collecting garbage included: on a machine
    with neighbours the clock on the wall measures them too."""
    began = thread_time_ns()
    for n in range(first, first + orders):
        run.order(n)
    return thread_time_ns() - began
