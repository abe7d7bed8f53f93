"""The live loop under test: the real one, over a journal that can be made to fail and over venues
that do what the test tells them to."""

import asyncio
from collections.abc import AsyncGenerator, Callable
from contextlib import asynccontextmanager

from omnivenue.engine import State, VenueStatus
from omnivenue.journal import MemoryJournal
from omnivenue.journal.journal import Row
from omnivenue.market import Quote
from omnivenue.message import (
    CancelOrder,
    Entry,
    NewOrder,
    QueryOrders,
    VenueCommand,
    VenueEvent,
    VenueUp,
    decode_entry,
)
from omnivenue.model import SECOND, Capabilities, ClOrdID, Nanos, VenueID
from omnivenue.oms import OrdStatus, status
from omnivenue.runtime import Books, Clock, Core, Door, LiveLoop, recover, turn
from omnivenue.venue import Deliver
from omnivenue.venue.sim.rules import CAPABILITIES
from scene import CONFIGURED, LISTED, MID, VENUES, answer, quote

WITHIN_SECONDS = 10.0


class Disk(MemoryJournal):
    """A journal whose commits fail from the moment that the test says so, and which may be full."""

    def __init__(self) -> None:
        self.free = 1 << 40
        self.fails: Exception | None = None
        self.kept: list[bytes] = []
        super().__init__("paper", self.kept, lambda: self.free)

    def entries(self) -> list[Entry]:
        """All that is durable."""
        return [decode_entry(line) for line in self.kept]

    def _write(self, rows: list[Row]) -> None:
        if self.fails is not None:
            raise self.fails
        super()._write(rows)


class Hurried(Clock):
    """Runs ahead by what the test adds."""

    def __init__(self) -> None:
        super().__init__(Nanos(0))
        self.ahead = 0

    def now(self) -> Nanos:
        return Nanos(super().now() + self.ahead)


class Venue:
    """Keeps what it was sent, answers questions with nothing, and else says what the test says."""

    def __init__(self, venue_id: VenueID) -> None:
        self._venue_id = venue_id
        self.sent: list[VenueCommand] = []
        self.refuses: Exception | None = None  # what `send` raises
        self.is_up = True  # else each `run` ends at once
        self.answers = True
        self.may_log_in = asyncio.Event()  # else each `run` waits before it is up
        self.may_log_in.set()
        self.runs = 0
        self._deliver: Deliver | None = None
        self._end = asyncio.Event()
        self._why: Exception | None = None

    @property
    def venue_id(self) -> VenueID:
        return self._venue_id

    @property
    def capabilities(self) -> Capabilities:
        return CAPABILITIES

    @property
    def news(self) -> list[NewOrder]:
        return [c for c in self.sent if isinstance(c, NewOrder)]

    @property
    def cancels(self) -> list[CancelOrder]:
        return [c for c in self.sent if isinstance(c, CancelOrder)]

    def send(self, command: VenueCommand) -> None:
        if self.refuses is not None:
            raise self.refuses
        self.sent.append(command)
        if isinstance(command, QueryOrders) and self.answers:
            self.say(answer(self.venue_id, command.query, 1))

    async def run(self, deliver: Deliver) -> None:
        self.runs += 1
        if not self.is_up:
            raise ConnectionRefusedError("nobody there")
        self._end.clear()
        await self.may_log_in.wait()
        self._deliver = deliver
        deliver(VenueUp(venue_id=self.venue_id))
        await self._end.wait()
        self._deliver = None
        if self._why is not None:
            raise self._why

    def say(self, event: VenueEvent | Quote) -> None:
        assert self._deliver is not None, "it is not connected"
        self._deliver(event)

    def end(self, why: Exception | None = None) -> None:
        """The connection is gone: with an error, or closed in order."""
        self._why = why
        self._end.set()


class Running:
    """A loop on its way, and all that is around it."""

    def __init__(self, core: Core, disk: Disk, clock: Clock) -> None:
        self.core = core
        self.disk = disk
        self.venues = {venue_id: Venue(venue_id) for venue_id in VENUES}
        self.loop = LiveLoop(core, clock, list(self.venues.values()))
        self.door = Door(self.loop)
        self.task = asyncio.create_task(self.loop.run())

    def venue_status(self, venue_id: VenueID) -> VenueStatus:
        return self.loop.state.venues[venue_id].status

    def is_open(self) -> bool:
        return all(self.venue_status(v) is VenueStatus.OPEN for v in VENUES)

    def order_status(self, cl_ord_id: ClOrdID) -> OrdStatus:
        return status(self.loop.state.orders[cl_ord_id])


@asynccontextmanager
async def running(clock: Clock | None = None, *, is_open: bool = True) -> AsyncGenerator[Running]:
    """With every venue reconciled, and quotes that stay fresh for an hour."""
    disk = Disk()
    clock = clock or Clock(Nanos(0))
    core = recover(State(), disk, Books(), clock.now(), config_hash="")
    for event in CONFIGURED:
        turn(core, clock.now(), "configuration", event)
    disk.commit()
    for each in LISTED:
        core.books.update(quote(clock.now() + 3_600 * SECOND, MID[each.instrument_id], each))
    world = Running(core, disk, clock)
    try:
        if is_open:
            await eventually(world.is_open)
        yield world
    finally:
        world.task.cancel()
        await asyncio.gather(world.task, return_exceptions=True)


async def eventually(holds: Callable[[], object]) -> None:
    """Looks often, and not for ever."""
    async with asyncio.timeout(WITHIN_SECONDS):
        while not holds():
            await asyncio.sleep(0.001)
