"""The latest entries, shared by all subscribers, and the market as it is now.

Nothing is copied for a subscriber: it has a number, the entry that it gets next, and a place in
here is all that it costs. A message is made when the first one comes to take it, so who is slow, or
does not read at all, costs a turn of the loop nothing. What is older is read from the journal.
"""

import asyncio
from collections import deque
from collections.abc import Sequence
from typing import Protocol

from omnivenue.api.answer import encoded
from omnivenue.api.site import Site
from omnivenue.api.stream.told import Told, told
from omnivenue.api.view_rows import market_row
from omnivenue.message import Entry
from omnivenue.model import InstrumentID, Nanos

ENTRIES_MAX = 4_096
"""Who is further behind than this, and was not a while ago, is told so and dropped."""

MADE_AT_ONCE = 32  # messages; then whatever else the loop has to do comes first

MARKET_SECONDS = 0.1
"""Ten a second and instrument, at the most."""


class Subscriber(Protocol):
    def wake(self) -> None:
        """There is something new. Must not block, and must not raise."""
        ...

    def look(self, oldest: int) -> None:
        """Called now and then, however slow it is. `oldest`: the first entry that is kept."""
        ...


class _Slot:
    """An entry, and what it is as messages once somebody has asked."""

    __slots__ = ("entry", "told")

    def __init__(self, entry: Entry) -> None:
        self.entry = entry
        self.told: tuple[Told, ...] | None = None


class Feed:
    def __init__(self, site: Site) -> None:
        self._site = site
        self._slots: deque[_Slot] = deque(maxlen=ENTRIES_MAX)
        self._subscribers: set[Subscriber] = set()
        self._idle: set[Subscriber] = set()
        self._market = Market(site)
        self._making = asyncio.Lock()
        self._ticking: asyncio.Task[None] | None = None

    @property
    def next_seq(self) -> int:
        """Of the entry that comes next."""
        return self._site.state.seq

    @property
    def oldest(self) -> int:
        """The first entry that is kept here; the next one to come where none is."""
        return self._slots[0].entry.seq if self._slots else self.next_seq

    def turned(self, entries: Sequence[Entry]) -> None:
        """After every turn, once it is durable. Costs nothing while nobody listens."""
        if not self._subscribers:
            return
        self._slots.extend(_Slot(entry) for entry in entries)
        idle, self._idle = self._idle, set()
        for subscriber in idle:
            subscriber.wake()

    def join(self, subscriber: Subscriber) -> None:
        self._subscribers.add(subscriber)
        if self._ticking is None:
            self._ticking = asyncio.create_task(self._tick())

    def leave(self, subscriber: Subscriber) -> None:
        self._subscribers.discard(subscriber)
        self._idle.discard(subscriber)
        if not self._subscribers:
            self._slots.clear()
            if self._ticking is not None:
                self._ticking.cancel()
                self._ticking = None

    def wait(self, subscriber: Subscriber) -> None:
        """To be woken by the next entry, or the next of the market."""
        self._idle.add(subscriber)

    async def messages(self, seq: int) -> tuple[Told, ...]:
        """What a durable entry is as messages; none once the loop has ended, since what State knows
        then may not be durable."""
        n = seq - self.oldest
        slot = self._slots[n] if 0 <= n < len(self._slots) else None
        if slot is not None and slot.told is not None:
            return slot.told
        async with self._making:
            if slot is None:
                await asyncio.sleep(0)  # of what is old one entry at a time, for all together
                entry = self._site.loop.entry(seq)
                assert entry is not None, "what is below next_seq is durable"
                slot = _Slot(entry)
            if slot.told is None:
                slot.told = await self._made(slot.entry)
            return slot.told

    async def _made(self, entry: Entry) -> tuple[Told, ...]:
        found: list[Told] = []
        for each in told(self._site, entry):
            found.append(each)
            if len(found) % MADE_AT_ONCE == 0:
                await asyncio.sleep(0)
            if self._site.loop.has_ended:
                return ()
        return tuple(found)

    def market(self, seen: dict[InstrumentID, int]) -> list[bytes]:
        """What is new in the market since this subscriber took it the last time: the latest of each
        instrument. `seen` remembers."""
        return self._market.since(seen)

    async def _tick(self) -> None:
        while True:
            await asyncio.sleep(MARKET_SECONDS)
            if self._market.look(self._site.loop.now()):
                idle, self._idle = self._idle, set()
                for subscriber in idle:
                    subscriber.wake()
            for subscriber in tuple(self._subscribers):
                subscriber.look(self.oldest)


class Market:
    """The latest of each instrument, numbered by the look that found it new. It is in no journal:
    who misses one gets the next, which says all that the one before it said."""

    def __init__(self, site: Site) -> None:
        self._site = site
        self._looks = 0
        self._shown: dict[InstrumentID, tuple[int, object, str]] = {}
        self._told: dict[InstrumentID, bytes] = {}

    def look(self, at: Nanos) -> bool:
        """Is anything new? What nobody has ever quoted is not shown."""
        books = self._site.loop.books
        self._looks += 1
        is_new = False
        for instrument_id in self._site.state.instruments:
            quote = books.latest(instrument_id)
            if quote is None:
                continue
            doubt = books.doubt(instrument_id, at)
            _, *before = self._shown.get(instrument_id, (0, None, ""))
            if before[0] is not quote or before[1] != doubt:
                self._shown[instrument_id] = (self._looks, quote, doubt)
                self._told.pop(instrument_id, None)
                is_new = True
        return is_new

    def since(self, seen: dict[InstrumentID, int]) -> list[bytes]:
        found: list[bytes] = []
        for instrument_id, (look, _, _) in self._shown.items():
            if seen.get(instrument_id) != look:
                seen[instrument_id] = look
                found.append(self._message(instrument_id))
        return found

    def _message(self, instrument_id: InstrumentID) -> bytes:
        raw = self._told.get(instrument_id)
        if raw is None:
            loop, instrument = self._site.loop, self._site.state.instruments[instrument_id]
            raw = encoded(market_row(instrument, loop.books, loop.now()))
            self._told[instrument_id] = raw
        return raw
