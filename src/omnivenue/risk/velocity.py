"""How fast, how often and how alike: what the risk check remembers of the orders of late.

Everything here is bounded. A window counts in buckets, and its oldest bucket counts whole: so no
span of its length ever holds more than the limit, and an order may be refused up to one bucket
early.
"""

from collections.abc import Callable

import msgspec

from omnivenue.model import SECOND, Nanos

DAY = 86_400 * SECOND
KEYS_MAX = 1_024
"""Each time so many are kept, those that have run out are let go: strategies are named freely."""

RECENT_MAX = 10_000
"""Orders remembered against duplicates. With more within the window nothing new passes."""


class Window(msgspec.Struct):
    """Counts in the last `len(buckets) - 1` widths, and the part of one before them."""

    width: int  # nanoseconds in one bucket
    buckets: list[int]
    head: int = 0  # the number of the newest bucket since the epoch
    total: int = 0

    def count(self, at: Nanos) -> int:
        gone = at // self.width - self.head
        if gone <= 0:
            return self.total
        size = len(self.buckets)
        if gone >= size:
            return 0
        first = self.head % size + 1
        last = first + gone
        old = sum(self.buckets[first:last]) + sum(self.buckets[: max(0, last - size)])
        return self.total - old

    def add(self, at: Nanos) -> None:
        number, buckets = at // self.width, self.buckets
        size = len(buckets)
        if number > self.head:
            for n in range(self.head + 1, min(number, self.head + size) + 1):
                self.total -= buckets[n % size]
                buckets[n % size] = 0
            self.head = number
        buckets[self.head % size] += 1
        self.total += 1

    def has_run_out(self, at: Nanos) -> bool:
        return at // self.width - self.head >= len(self.buckets)


def a_second() -> Window:
    return Window(width=SECOND // 20, buckets=[0] * 21)


def ten_seconds() -> Window:
    return Window(width=SECOND // 2, buckets=[0] * 21)


def a_minute() -> Window:
    return Window(width=SECOND, buckets=[0] * 61)


class Turnover(msgspec.Struct):
    """Of one strategy, on one day (UTC)."""

    day: int = 0
    cancels: int = 0
    trades: int = 0

    def on(self, day: int) -> tuple[int, int]:
        """(cancels, trades)"""
        return (self.cancels, self.trades) if day == self.day else (0, 0)

    def add(self, day: int, cancels: int, trades: int) -> None:
        if day != self.day:
            self.day, self.cancels, self.trades = day, 0, 0
        self.cancels += cancels
        self.trades += trades


class Recent(msgspec.Struct):
    """What was asked for within the duplicate window, oldest first."""

    accepted_at: dict[str, Nanos] = {}
    queue: list[str] = []

    def add(self, what: str, at: Nanos, window: int) -> None:
        while self.queue and at - self.accepted_at.get(self.queue[0], 0) >= window:
            self.accepted_at.pop(self.queue.pop(0), None)
        if what not in self.accepted_at:
            self.queue.append(what)
        self.accepted_at[what] = at

    def is_full(self, at: Nanos, window: int) -> bool:
        return len(self.queue) >= RECENT_MAX and at - self.accepted_at[self.queue[0]] < window


class Velocity(msgspec.Struct, kw_only=True):
    """Windows by what they count: "orders_per_second strategy:s1"."""

    windows: dict[str, Window] = {}
    turnovers: dict[str, Turnover] = {}
    recent: Recent = msgspec.field(default_factory=Recent)

    def count(self, key: str, at: Nanos) -> int:
        window = self.windows.get(key)
        return 0 if window is None else window.count(at)

    def add(self, key: str, at: Nanos, begin: Callable[[], Window]) -> None:
        """`begin` makes the window where there is none yet."""
        window = self.windows.get(key)
        if window is None:
            if len(self.windows) % KEYS_MAX == KEYS_MAX - 1:
                self._let_go(at)
            window = self.windows[key] = begin()
        window.add(at)

    def turn_over(self, strategy_id: str, at: Nanos, *, cancels: int = 0, trades: int = 0) -> None:
        day = at // DAY
        found = self.turnovers.get(strategy_id)
        if found is None:
            if len(self.turnovers) % KEYS_MAX == KEYS_MAX - 1:
                for name in [n for n, t in self.turnovers.items() if t.day != day]:
                    del self.turnovers[name]
            found = self.turnovers[strategy_id] = Turnover()
        found.add(day, cancels, trades)

    def _let_go(self, at: Nanos) -> None:
        for key in [k for k, window in self.windows.items() if window.has_run_out(at)]:
            del self.windows[key]
