"""The loop under a seed: time from a heap, wires that fail, and crashes at the worst moments.

What a turn does is the same as live: decide on all that waits, commit once, and only then let
anything leave. Here the process may die between any two of these, and its durable journal, what was
sent and the exchanges live on. The methods that are named `on_…` are for checkers to fill.
"""

from collections.abc import Callable, Mapping
from contextlib import suppress
from functools import partial
from heapq import heappop, heappush
from random import Random

from omnivenue.journal import Durable, Journal, JournalFailed, MemoryJournal, Shelf
from omnivenue.journal import recover as read_back
from omnivenue.market import Quote
from omnivenue.message import (
    ArmTimer,
    ArmWatch,
    DisarmTimer,
    DisarmWatch,
    Entry,
    Event,
    NewOrder,
    SetState,
    StateSet,
    VenueCommand,
    VenueDown,
    VenueEvent,
    VenueUp,
)
from omnivenue.model import SECOND, Nanos, TradingState, VenueID
from omnivenue.runtime.alarms import Alarms
from omnivenue.runtime.books import Books
from omnivenue.runtime.gate import Fenced, Gate, leaves
from omnivenue.runtime.recall import recalls
from omnivenue.runtime.turn import Core, heard, recover, turn
from omnivenue.runtime.watches import Watches
from omnivenue.venue.sim.exchange import Exchange
from omnivenue.venue.sim.faults import Link
from omnivenue.venue.sim.rules import RATE_LIMIT

STEPS_MAX = 1_000_000
STARTS_MAX = 100
RECONNECT_MAX = 3 * SECOND
WAKES_WITHIN = 5 * SECOND  # a process that was stopped, and not killed

type Reply = Callable[[Entry], None]
type Letter = tuple[str, Event, Reply | None]


class Crash(Exception):
    """The process is gone. What was durable is durable, what was sent is sent."""


class SimLoop:
    def __init__(
        self,
        seed: int,
        reopen: Callable[[], Journal],
        venues: Mapping[VenueID, tuple[Exchange, Link]],
        crash_permille: int = 0,
    ) -> None:
        """`reopen` gives the journal to each new process: over the same store, a new epoch."""
        self.now = Nanos(0)
        self.crash_permille = crash_permille
        self.venues = venues
        self._random = Random(seed)
        self._reopen = reopen
        self._heap: list[tuple[Nanos, int, Callable[[], None]]] = []
        self._scheduled = 0
        self._process = 0
        self._shelf = Shelf()  # so does what has left State
        self._latched: dict[str, TradingState] = {}  # beside the journal: outlives a process
        self._start()

    def at(self, at: int, act: Callable[[], None]) -> None:
        heappush(self._heap, (Nanos(at), self._scheduled, act))  # the count makes ties ordered
        self._scheduled += 1

    def push(self, principal: str, event: Event, reply: Reply | None = None) -> None:
        """`reply` is called once the entry is durable; never, if the process dies before."""
        self._inbox.append((principal, event, reply))

    def set_state(self, scope: str, state: TradingState, reason: str, source: str) -> None:
        """Stop trading in `scope`: at the gate at once, on the latch, and then in the journal."""
        self.gate.trip(scope, state)
        self._latched[scope] = max(state, self._latched.get(scope, state), key=_severity)
        event = StateSet(scope=scope, state=state, reason=reason, source=source)
        self._inbox.insert(0, ("operator", event, None))

    def run(self, until: int) -> None:
        """Everything that happens up to `until`."""
        for _ in range(STEPS_MAX):
            at = self._next_at()
            if at is None or at > until:
                if not self._inbox:
                    self.now = Nanos(max(self.now, until))
                    return
                self._turns()
                continue
            self.now = max(self.now, at)
            self._advance()
            if self._heap and self._heap[0][0] <= self.now:
                heappop(self._heap)[2]()
            for fired in self.alarms.due(self.now):
                self.push("runtime", fired)
            if self._inbox and self._random.randrange(3):  # else let more wait, to commit together
                self._turns()
        raise AssertionError("the run did not come to rest")

    def halt(self, venue_id: VenueID, why: str) -> None:
        """The connection is gone. It comes back by itself."""
        self.venues[venue_id][1].drop()
        self.push("runtime", VenueDown(venue_id=venue_id, why=why))
        self._later(partial(self._connect, venue_id))

    def on_open(self) -> None: ...
    def on_commit(self, entries: list[Entry]) -> None: ...
    def on_send(self, durable: Durable) -> None: ...
    def on_arrive(self, command: VenueCommand) -> None: ...
    def on_fenced(self, durable: Durable) -> None: ...

    def _start(self) -> None:
        """A process comes up, reads what the last one left, and connects."""
        self._process += 1
        self._inbox: list[Letter] = []
        self.core = self._recover()
        stopped = self.core.state.stopped
        self.gate = Gate(self.core.journal.epoch, stopped)
        self.alarms = Alarms(self.core.state)
        self.watches = Watches(self.core.state, self.core.books)
        for scope, state in sorted(self._latched.items()):
            known = stopped.get(scope)
            is_weaker = known is None or known.state.severity < state.severity
            is_rearming = known is not None and bool(known.rearms_with)
            if is_weaker or is_rearming:  # the stop may be the newer of the two
                self.set_state(scope, state, "latched", "file")
        for venue_id, (_, link) in self.venues.items():
            link.drop()
            self._later(partial(self._connect, venue_id))
        self.on_open()

    def _recover(self) -> Core:
        """Until a process comes as far as saying that it is there."""
        for _ in range(STARTS_MAX):
            journal = self._reopen()
            if isinstance(journal, MemoryJournal):
                journal.use(self._shelf)
            with suppress(JournalFailed):  # then the next one tries
                return recover(read_back(journal), journal, Books(), self.now, config_hash="")
        raise AssertionError("no process comes up")

    def _turns(self) -> None:
        try:
            while self._inbox:
                self._turn_of_the_loop()
        except (Crash, JournalFailed):
            self._start()

    def _turn_of_the_loop(self) -> None:
        batch, self._inbox = self._inbox, []
        self._maybe_crash()
        made = [self._entries(letter) for letter in batch]
        entries = [entry for each in made for entry in each]
        self._maybe_crash()
        durables = self._commit()
        for entry in entries:
            if isinstance(entry.event, StateSet):
                self.gate.written(entry.event.scope, entry.seq)
        self.on_commit(entries)
        self._maybe_crash()
        self._dispatch(durables)
        for each, (_, _, reply) in zip(made, batch, strict=True):
            if reply is not None:
                self._maybe_crash()
                reply(each[-1])

    def _entries(self, letter: Letter) -> list[Entry]:
        """As `turns`, each of them by `_decide`."""
        principal, event, reply = letter
        event = heard(self.core, event)
        return [*self._recall(event), self._decide((principal, event, reply))]

    def _decide(self, letter: Letter) -> Entry:
        principal, event, _ = letter
        return turn(self.core, self.now, principal, event)

    def _recall(self, event: Event) -> list[Entry]:
        """What has left State and is concerned comes back first."""
        back = recalls(self.core.state, self.core.journal, event)
        return [self._decide(("archive", recalled, None)) for recalled in back]

    def _commit(self) -> list[Durable]:
        return self.core.journal.commit()

    def _dispatch(self, durables: list[Durable]) -> None:
        for n, durable in enumerate(durables):
            try:
                self._maybe_crash()
            except Crash:
                if self._random.randrange(2):  # stopped, and not dead: the rest is in its hands
                    at = self.now + self._random.randrange(1, WAKES_WITHIN)
                    self.at(at, partial(self._wake, durables[n:]))
                raise
            self._let_go(durable)

    def _let_go(self, durable: Durable) -> None:
        """Raises Fenced if it is not this process's."""
        command = durable.command
        not_left = self.gate.withholds(durable, self.now)
        if not leaves(command):
            self._obey(durable)
        elif not_left is not None:
            self.push("gate", not_left)
        else:
            self._send(durable, command)

    def _obey(self, durable: Durable) -> None:
        match durable.command:
            case ArmTimer() | DisarmTimer():
                self.alarms.obey(durable.command)
            case ArmWatch() | DisarmWatch():
                for fired in self.watches.obey(durable.command, self.now):
                    self.push("runtime", fired)
            case SetState(scope=scope):
                if self.gate.obey(durable.command, durable.seq):
                    self._latched.pop(scope, None)
            case _:
                pass

    def _wake(self, left: list[Durable]) -> None:
        """An older process goes on, and finds at the gate that it has been replaced."""
        for durable in left:
            if leaves(durable.command):
                try:
                    self._let_go(durable)
                except Fenced:
                    self.on_fenced(durable)

    def _send(self, durable: Durable, command: VenueCommand) -> None:
        self.on_send(durable)
        _, link = self.venues[command.venue_id]
        for at, arriving in link.request(self.now, command):
            self.at(at, partial(self._arrive, arriving))
        if link.breaks():
            self.halt(command.venue_id, "disconnected")

    def _arrive(self, command: VenueCommand) -> None:
        self.on_arrive(command)
        exchange, link = self.venues[command.venue_id]
        if isinstance(command, NewOrder) and link.limits(command):
            self._say(command.venue_id, exchange.reject(self.now, command, RATE_LIMIT))
        else:
            self._say(command.venue_id, exchange.handle(self.now, command))

    def _advance(self) -> None:
        """What the markets did by themselves up to now."""
        for venue_id, (exchange, _) in self.venues.items():
            at = exchange.next_at()
            if at is not None and at <= self.now:
                self._say(venue_id, exchange.advance(self.now))

    def _say(self, venue_id: VenueID, said: list[VenueEvent] | list[VenueEvent | Quote]) -> None:
        _, link = self.venues[venue_id]
        for event in said:
            if isinstance(event, Quote):
                self._deliver(venue_id, link.connection, event)
                continue
            for at, arriving in link.reply(self.now, event):
                self.at(at, partial(self._deliver, venue_id, link.connection, arriving))

    def _deliver(self, venue_id: VenueID, connection: int, said: VenueEvent | Quote) -> None:
        _, link = self.venues[venue_id]
        if not link.is_up or link.connection != connection:
            return
        if isinstance(said, Quote):
            self.core.books.update(said, self.now)
            for fired in self.watches.look(said.instrument_id, self.now):
                self.push("runtime", fired)
        else:
            self.push(f"venue:{venue_id}", said)

    def _connect(self, venue_id: VenueID) -> None:
        """Again later, while the venue is not configured yet."""
        if venue_id not in self.core.state.venues:
            self._later(partial(self._connect, venue_id))
            return
        self.venues[venue_id][1].connect()
        self.push("runtime", VenueUp(venue_id=venue_id))

    def _next_at(self) -> Nanos | None:
        """Of our timers, of what the markets do, and of what is on its way."""
        found = [exchange.next_at() for exchange, _ in self.venues.values()]
        found += [self.alarms.next_at(), self._heap[0][0] if self._heap else None]
        return min((at for at in found if at is not None), default=None)

    def _later(self, act: Callable[[], None]) -> None:
        """In a while, if this process still lives."""
        process = self._process
        at = self.now + self._random.randrange(1, RECONNECT_MAX)
        self.at(at, lambda: act() if process == self._process else None)

    def _maybe_crash(self) -> None:
        if self._random.randrange(1000) < self.crash_permille:
            raise Crash


def _severity(state: TradingState) -> int:
    return state.severity
