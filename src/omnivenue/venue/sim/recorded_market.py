"""A recording as an exchange's market: moved to now, at its own speed or another.

Records are taken one after the other, so that hours of a market need no memory.
"""

from collections.abc import Callable, Iterable
from typing import Protocol

from omnivenue.market import Book
from omnivenue.model import Nanos, Side, Ticks
from omnivenue.venue.sim.recording import NotRecording, Record, apply, events_of
from omnivenue.venue.sim.source import MarketEvent, MarketSource

AS_RECORDED = 1000
"""Speeds are in thousandths of the recorded one."""


class Recorded(Protocol):
    """Records in time order, the first one a Snapped, which nobody has taken any of."""

    @property
    def records(self) -> Iterable[Record]: ...

    @property
    def span(self) -> Nanos | None:
        """Until when it was recorded, on the clock of its records. None: to its last record."""
        ...


class RecordedMarket:
    """A recording as a source, moved so that its first record happens at `start_at`. Raises
    NotRecording where there is none.

    With `then`, the market goes on where the recording's span ends: it is called once, with that
    time and the last mid price, and gives the source of all that follows.
    """

    def __init__(
        self,
        recording: Recorded,
        start_at: Nanos,
        then: Callable[[Nanos, Ticks], MarketSource] | None = None,
        speed: int = AS_RECORDED,
    ) -> None:
        assert speed > 0
        self._records = iter(recording.records)
        self._next = next(self._records, None)
        if self._next is None:
            raise NotRecording("holds no whole book to begin with")
        self._start, self._first, self._speed = start_at, self._next.after, speed
        self._end = start_at if recording.span is None else self._moved(recording.span)
        self._then = then
        self._book = Book()  # only for the last mid price, so kept only with `then`
        self._rest: MarketSource | None = None

    def next_at(self) -> Nanos | None:
        if self._next is not None:
            return self._moved(self._next.after)
        rest = self._continued()
        return rest.next_at() if rest else None

    def pop(self) -> tuple[Nanos, tuple[MarketEvent, ...]]:
        if self._next is None:
            rest = self._continued()
            assert rest is not None, "asked for more than next_at promised"
            return rest.pop()
        at = self._moved(self._next.after)
        events: list[MarketEvent] = []
        while self._next is not None and self._moved(self._next.after) == at:
            events += events_of(self._next)
            self._next = next(self._records, None)
        if self._then:
            for event in events:
                apply(self._book, event)
        self._end = max(self._end, at)
        return at, tuple(events)

    def _moved(self, after: Nanos) -> Nanos:
        return Nanos(self._start + (after - self._first) * AS_RECORDED // self._speed)

    def _continued(self) -> MarketSource | None:
        if self._rest is None and self._then:
            bid, ask = self._book.best(Side.BUY), self._book.best(Side.SELL)
            if bid and ask:  # a market that ended one-sided has no price to go on from
                self._rest = self._then(self._end, Ticks((bid[0] + ask[0]) // 2))
        return self._rest
