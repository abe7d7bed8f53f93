"""The live loop: sockets and a clock on the outside, the same turn on the inside.

Whoever has something to say puts a letter into the inbox; one turn of the loop decides on all that
waits, commits once, and only then lets anything leave. Each venue lives in a task of its own: one
that fails is halted by itself, and the others go on. A journal that fails ends the process, and the
next one reads what happened.
"""

import asyncio
from collections import deque
from collections.abc import Callable, Sequence
from functools import partial
from random import uniform
from time import monotonic_ns

from omnivenue import telemetry
from omnivenue.engine import State, VenueStatus
from omnivenue.journal import Durable, JournalFailed
from omnivenue.journal.chain import read_entry
from omnivenue.market import Quote
from omnivenue.message import (
    ArmTimer,
    ArmWatch,
    DisarmTimer,
    DisarmWatch,
    Entry,
    Event,
    ExecType,
    ExecutionReport,
    Instruction,
    LimitsSet,
    NewOrder,
    RearmAsked,
    ReplaceOrder,
    SetState,
    StateSet,
    VenueCommand,
    VenueDown,
    VenueEvent,
    VenueUp,
)
from omnivenue.model import Nanos, TradingState, VenueID
from omnivenue.runtime.alarms import Alarms
from omnivenue.runtime.archive import Archive
from omnivenue.runtime.books import Books
from omnivenue.runtime.clock import Clock
from omnivenue.runtime.gate import Gate, leaves
from omnivenue.runtime.latch import Latch
from omnivenue.runtime.plausible import Implausible, implausible
from omnivenue.runtime.turn import Core, turns
from omnivenue.runtime.watches import Watches
from omnivenue.venue import Overloaded, Venue

INBOX_MAX = 10_000
INSTRUCTIONS_MAX = INBOX_MAX // 2  # the other half is for what venues have to say
BATCH_MAX = 256  # events per commit: a flood of one kind must not keep the rest from going out
REARM_WITHIN_SECONDS = 5.0
LOOK_EVERY_SECONDS = 0.01
LINGER_SECONDS = 0.001
"""An acknowledgement changes nothing that anybody waits for. It shares the commit of whatever comes
next, so that the next order need not wait for a commit of its own; but it waits no longer."""

RECONNECT_SECONDS = (0.05, 0.5, 1.0, 2.0, 5.0)  # and half as much again, by chance

type Answer = asyncio.Future[Entry]
type Letter = tuple[str, Event, Answer | None]
type Listener = Callable[[Sequence[Entry]], None]
"""Is told of every turn once it is durable. Must not block, and must not raise."""


class InboxFull(ConnectionError):
    """More than we can decide upon. A venue that says it is halted, and asked again later."""


class LiveLoop:
    """`run` until the journal fails or someone cancels it. All is for the event loop's thread."""

    def __init__(
        self, core: Core, clock: Clock, venues: Sequence[Venue], latch: Latch | None = None
    ) -> None:
        """`latch` keeps what stops trading until the journal has it, and until it is lifted."""
        self._core = core
        self._clock = clock
        self.archive = Archive(core.journal)
        self._venues = {venue.venue_id: venue for venue in venues}
        self._tasks: dict[VenueID, asyncio.Task[None]] = {}
        self._gate = Gate(core.journal.epoch, core.state.stopped)
        self._latch = latch
        self._alarms = Alarms(core.state)
        self._watches = Watches(core.state, core.books)
        self._inbox: deque[Letter] = deque()
        self._is_scheduled = False
        self._runs: dict[VenueID, asyncio.Task[None]] = {}  # each venue's connection
        self._up: set[VenueID] = set()  # whose connection has said that it is there
        self._broken: dict[VenueID, str] = {}  # whose connection we ended, and why
        self._ring: asyncio.TimerHandle | None = None
        self._ring_at: Nanos | None = None
        self.meter = telemetry.Meter()
        self._listeners: list[Listener] = [self.meter.turned]
        self._lingering: asyncio.TimerHandle | None = None
        self._waits_since = 0  # whatever came first of what the inbox holds
        self._loop = asyncio.get_running_loop()
        self._ended: asyncio.Future[None] = self._loop.create_future()

    @property
    def state(self) -> State:
        """Durable whenever anybody else looks: a turn decides and commits without a pause. After
        the end it may hold what the journal does not."""
        return self._core.state

    @property
    def has_ended(self) -> bool:
        """By a failure, or because it was told to."""
        return self._ended.done()

    @property
    def venue_ids(self) -> frozenset[VenueID]:
        """Those that this process talks to. State may know others, of an older configuration."""
        return frozenset(self._venues)

    @property
    def books(self) -> Books:
        return self._core.books

    @property
    def mode(self) -> str:
        return self._core.journal.mode

    def now(self) -> Nanos:
        return self._clock.now()

    def has_space(self) -> bool:
        return self._core.journal.has_space(self.now())

    def entry(self, seq: int) -> Entry | None:
        """What is durable as entry `seq`. A look-up on the disk."""
        line = self._core.journal.line(seq)
        return None if line is None else read_entry(line, seq)

    def submit(self, principal: str, event: Instruction | LimitsSet) -> Answer:
        """Resolves to the instruction's entry once that is durable and what it led to has been
        handed to the venues. Raises InboxFull; the future and, after a failure, the call itself
        raise JournalFailed."""
        if len(self._inbox) >= INSTRUCTIONS_MAX:
            raise InboxFull("too many instructions wait to be decided upon")
        return self._push_for_answer(principal, event)

    def tell(self, principal: str, event: Event) -> None:
        """Without waiting for it to be decided. There is always room: our own letters are one for
        each order, timer or connection that they are about, and none of them may get lost."""
        self._push((principal, event, None))

    def subscribe(self, listener: Listener) -> None:
        self._listeners.append(listener)

    def ask(self, venue_id: VenueID) -> None:
        """Reconcile now: the same path as after a reconnect."""
        self.tell("operator", VenueUp(venue_id=venue_id))

    def set_state(
        self,
        scope: str,
        state: TradingState,
        reason: str,
        source: str,
        principal: str = "operator",
    ) -> Answer:
        """Stop trading in `scope`. From now on nothing new leaves; then it is written down, before
        all that waits. Resolves to its entry. Raises JournalFailed, and is stopped all the same."""
        self._gate.trip(scope, state)
        if self._latch is not None:
            self._latch.set(scope, state, reason)
        telemetry.stopped(scope, state, reason, source)
        event = StateSet(scope=scope, state=state, reason=reason, source=source)
        return self._push_for_answer(principal, event, is_urgent=True)

    def trading_state(self, scope: str) -> TradingState:
        """What holds at the gate, which may know of a stop before the journal does."""
        return self._gate.state(scope)

    async def rearm(self, scope: str, reason: str, principal: str = "operator") -> bool:
        """Ask for trading to go on. Whether it does, once every venue of the scope has been
        reconciled anew: bounded, because one may be away."""
        await self._push_for_answer(principal, RearmAsked(scope=scope, reason=reason))
        deadline = self._loop.time() + REARM_WITHIN_SECONDS
        while scope in self.state.stopped and self._loop.time() < deadline:
            await asyncio.sleep(LOOK_EVERY_SECONDS)
        return scope not in self.state.stopped

    async def run(self) -> None:
        self._set_ring()
        for venue in self._venues.values():
            self._tasks[venue.venue_id] = asyncio.create_task(self._tend(venue))
        try:
            await self._ended
        finally:
            self._stop_tasks()

    def _push_for_answer(self, principal: str, event: Event, *, is_urgent: bool = False) -> Answer:
        if self._ended.done():
            raise JournalFailed("the journal has failed, and the process is ending")
        answer: Answer = self._loop.create_future()
        self._push((principal, event, answer), is_urgent=is_urgent)
        return answer

    def _push(self, letter: Letter, *, is_urgent: bool = False, can_wait: bool = False) -> None:
        if is_urgent:
            self._inbox.appendleft(letter)
        else:
            self._inbox.append(letter)
        if self._is_scheduled:
            return
        if not can_wait:
            self._schedule(monotonic_ns())
        elif self._lingering is None:
            self._lingering = self._loop.call_later(LINGER_SECONDS, self._has_lingered)

    def _schedule(self, since: int) -> None:
        self._is_scheduled, self._waits_since = True, since
        self._loop.call_soon(self._soon)

    def _has_lingered(self) -> None:
        self._lingering = None
        if self._inbox and not self._is_scheduled:
            self._schedule(monotonic_ns())

    def _soon(self) -> None:
        """Once more around: what was decided last is answered before the next commit makes it wait,
        and what has come in meanwhile shares that."""
        self._loop.call_soon(self._turn_of_the_loop)

    def _turn_of_the_loop(self) -> None:
        self._is_scheduled = False
        if self._lingering is not None:  # whatever has lingered shares this commit
            self._lingering.cancel()
            self._lingering = None
        if self._ended.done():
            return
        is_more = len(self._inbox) > BATCH_MAX
        batch = [self._inbox.popleft() for _ in range(min(len(self._inbox), BATCH_MAX))]
        began = monotonic_ns()
        try:
            made = [turns(self._core, self._clock.now(), who, event) for who, event, _ in batch]
            entries = [entry for each in made for entry in each]
            decided = monotonic_ns()
            durables = self._core.journal.commit()
            durable_at = monotonic_ns()
            for entry in entries:
                if type(entry.event) is StateSet:
                    self._gate.written(entry.event.scope, entry.seq)
            for durable in durables:
                self._dispatch(durable)
        except Exception as error:  # our broken invariant, or a disk that fails: nothing goes on
            self._fail(batch, error)
            return
        self.meter.timed(
            len(entries),
            began - self._waits_since,
            decided - began,
            durable_at - decided,
            monotonic_ns() - durable_at,
        )
        for each, (_, _, answer) in zip(made, batch, strict=True):
            if answer is not None and not answer.done():
                answer.set_result(each[-1])
        for listener in self._listeners:
            listener(entries)
        if is_more and not self._is_scheduled:
            self._schedule(began)
        self._set_ring()

    def _fail(self, batch: list[Letter], error: Exception) -> None:
        """Whoever waits is told that the outcome is unknown, and `run` raises."""
        telemetry.failed(error)
        for _, _, answer in (*batch, *self._inbox):
            if answer is not None and not answer.done():
                answer.set_exception(JournalFailed(str(error)))
        self._inbox.clear()
        self._ended.set_exception(error)
        self._stop_tasks()

    def _stop_tasks(self) -> None:
        for task in self._tasks.values():
            task.cancel()
        for timer in (self._ring, self._lingering):
            if timer is not None:
                timer.cancel()

    def _dispatch(self, durable: Durable) -> None:
        command = durable.command
        if not leaves(command):
            self._obey(durable)
        elif not_left := self._gate.withholds(durable, self._clock.now()):
            self.tell("gate", not_left)
        else:
            self._send(command)

    def _obey(self, durable: Durable) -> None:
        """What the core asks of us, and of no venue."""
        match durable.command:
            case ArmTimer() | DisarmTimer():
                self._alarms.obey(durable.command)
            case ArmWatch() | DisarmWatch():
                for fired in self._watches.obey(durable.command, self._clock.now()):
                    self.tell("runtime", fired)
            case SetState():
                is_lifted = self._gate.obey(durable.command, durable.seq)
                if is_lifted and self._latch is not None:
                    self._latch.lift(durable.command.scope)
            case _:
                pass  # it was done when it was applied

    def _send(self, command: VenueCommand) -> None:
        venue = self._venues.get(command.venue_id)
        try:
            if venue is None:
                raise Overloaded("the venue is not configured")
            venue.send(command)
        except Overloaded as error:
            if isinstance(command, NewOrder | ReplaceOrder):  # the others are repeated anyway
                self.tell("gate", self._gate.refuse(command, f"nothing left: {error}"))
        except Exception as error:  # it may have left: nothing is proven, and the venue is asked
            telemetry.venue_failed(command.venue_id, error)
            if command.venue_id in self._up:  # else there is nothing yet that could be broken
                self._broken[command.venue_id] = f"{type(error).__name__}: {error}"
                self._runs[command.venue_id].cancel()

    async def _tend(self, venue: Venue) -> None:
        """Whatever goes wrong with this venue stays with this venue."""
        attempt = 0
        while True:
            why = await self._connection(venue)
            telemetry.venue_down(venue.venue_id, why)
            status = self.state.venues[venue.venue_id].status
            if status is not VenueStatus.DOWN:
                self.tell("runtime", VenueDown(venue_id=venue.venue_id, why=why))
            if status is VenueStatus.OPEN:  # one that never gets that far is waited for longer
                attempt = 0
            seconds = RECONNECT_SECONDS[min(attempt, len(RECONNECT_SECONDS) - 1)]
            attempt += 1
            await asyncio.sleep(seconds * uniform(1, 1.5))

    async def _connection(self, venue: Venue) -> str:
        """One, from its beginning to its end: why it ended. An adapter's fault is its venue's, and
        never everybody's."""
        run = asyncio.create_task(venue.run(partial(self._said, venue.venue_id)))
        self._runs[venue.venue_id] = run
        try:
            await asyncio.wait({run})
        finally:
            del self._runs[venue.venue_id]
            self._up.discard(venue.venue_id)
            run.cancel()
        if why := self._broken.pop(venue.venue_id, ""):
            return why
        if run.cancelled():
            return "its adapter gave up"
        error = run.exception()
        return f"{type(error).__name__}: {error}" if error else "the venue closed the connection"

    def _said(self, venue_id: VenueID, said: VenueEvent | VenueUp | Quote) -> None:
        if nonsense := implausible(self.state, self.archive, self.now(), venue_id, said):
            raise Implausible(nonsense)
        if isinstance(said, Quote):
            now = self.now()
            if leaps := self._core.books.update(said, now):
                self.meter.leapt(venue_id, said.instrument_id, leaps)
            for fired in self._watches.look(said.instrument_id, now):
                self.tell("runtime", fired)
            return
        if len(self._inbox) >= INBOX_MAX:
            raise InboxFull("the inbox is full")
        if isinstance(said, VenueUp):
            self._up.add(venue_id)
        is_ack = isinstance(said, ExecutionReport) and said.exec_type is ExecType.NEW
        self._push((f"venue:{venue_id}", said, None), can_wait=is_ack)

    def _set_ring(self) -> None:
        """One call of the event loop's waits for the next timer."""
        next_at = self._alarms.next_at()
        if next_at == self._ring_at:
            return
        if self._ring is not None:
            self._ring.cancel()
        self._ring, self._ring_at = None, next_at
        if next_at is not None:
            seconds = max(0, next_at - self._clock.now()) / 1_000_000_000
            self._ring = self._loop.call_later(seconds, self._ring_out)

    def _ring_out(self) -> None:
        self._ring = self._ring_at = None
        for fired in self._alarms.due(self._clock.now()):
            self.tell("runtime", fired)
        self._set_ring()
