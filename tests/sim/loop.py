"""A loop that is looked at wherever something may have gone wrong, by all checkers.

Names as in the list of invariants: I1 accepted means durable, I2 at most one execution, I3 intent
before effect, I4 fail-stop, I5 replay identity, I6 one writer, I7 gap-free time, I9 no terminal
without proof, I10 quantity, I11 each trade counts once, I12 convergence, I13 conservation, I14
limits, I15 parent bound, I16 kill, I17 fresh prices, L1 every instruction ends, no timer is lost.
"""

from collections import Counter
from collections.abc import Iterator

from omnivenue.journal import Durable, JournalFailed
from omnivenue.market import Quote
from omnivenue.message import (
    CancelOrder,
    CancelRejected,
    DeclareLost,
    Entry,
    Event,
    ExecutionReport,
    Instruction,
    MarkUnknown,
    NewOrder,
    NotSent,
    OrderRecalled,
    RearmAsked,
    ReplaceOrder,
    StatusReport,
    VenueCommand,
    VenueEvent,
)
from omnivenue.model import SECOND, ClOrdID, InstructionID, Nanos, TradingState, VenueID
from omnivenue.oms import status
from omnivenue.runtime.door import known
from omnivenue.runtime.simulated import Letter
from sim.checkers.books import BookChecker
from sim.checkers.bounds import BoundChecker
from sim.checkers.checker import Checker, Watched
from sim.checkers.composites import CompositeChecker
from sim.checkers.curbs import CurbChecker
from sim.checkers.facts import FactsChecker
from sim.checkers.gates import GateChecker
from sim.checkers.groups import GroupChecker
from sim.checkers.journal import JournalChecker
from sim.checkers.kill import KillChecker
from sim.checkers.limits import LimitChecker
from sim.checkers.liveness import STALL_MAX, LivenessChecker
from sim.checkers.proofs import ProofChecker
from sim.checkers.quarantine import QuarantineChecker
from sim.checkers.reductions import ReductionChecker
from sim.checkers.wanted import WantedChecker
from sim.retention import Retention

ALL_EVERY = 20  # commits: the sums over all orders are looked at, and not only what changed


class CheckedLoop(Watched):
    commits = starts = fenced = failed = recalled = 0
    stall_permille = 0
    _has_slept = False
    retention = Retention()
    kill_permille = 0  # of the moments between a decision and its way to the wire

    def ask(self, instruction: Instruction, *, is_at_door: bool = True) -> None:
        """As a client would, through what the door does: what has its answer costs nothing. And
        past the door, since the core does not rely on it."""
        if is_at_door and (answered := known(self.whole, instruction)):
            self.journal_checker.told(instruction, answered)
        elif not (is_at_door and instruction.instruction_id in self.in_flight):
            self.in_flight.add(instruction.instruction_id)
            self.push("client", instruction, lambda entry: self.reply(instruction, entry))

    def run(self, until: int) -> None:
        with self.retention.holds():
            super().run(until)

    def set_state(self, scope: str, state: TradingState, reason: str, source: str) -> None:
        self.kill_checker.tripped(scope, state)
        super().set_state(scope, state, reason, source)

    def reply(self, instruction: Instruction, entry: Entry) -> None:
        self.in_flight.discard(instruction.instruction_id)
        self.journal_checker.replied(instruction, entry)

    def on_open(self) -> None:
        if not self.starts:
            self.coverage: Counter[tuple[str, str]] = Counter()
            self.silent: set[VenueID] = set()  # venues whose feed is frozen
            self.journal_checker = JournalChecker(self)
            self.gate_checker = GateChecker(self)
            self.kill_checker = KillChecker(self)
            wanted = WantedChecker(self)
            self.checkers: tuple[Checker, ...] = (
                wanted,
                self.journal_checker,
                self.gate_checker,
                FactsChecker(self),
                BookChecker(self, wanted),
                LimitChecker(self),
                BoundChecker(self, wanted),
                ProofChecker(self, wanted),
                LivenessChecker(self),
                GroupChecker(self),
                QuarantineChecker(self),
                ReductionChecker(self),
                CurbChecker(self),
                CompositeChecker(self),
                self.kill_checker,
            )
        self.starts += 1
        self.in_flight: set[InstructionID] = set()
        for checker in self.checkers:
            checker.opened()
        self.look()

    def on_commit(self, entries: list[Entry]) -> None:
        self.commits += 1
        self.recalled += sum(isinstance(entry.event, OrderRecalled) for entry in entries)
        named = dict.fromkeys(i for entry in entries for i in orders_of(entry))
        touched = [self.core.state.orders[i] for i in named if i in self.core.state.orders]
        for checker in self.checkers:
            checker.committed(entries, touched)
        if self.commits % ALL_EVERY == 0:
            self.look()

    def on_send(self, durable: Durable) -> None:
        for checker in self.checkers:
            checker.sent(durable)

    def on_arrive(self, command: VenueCommand) -> None:
        for checker in self.checkers:
            checker.arrived(command)

    def on_fenced(self, durable: Durable) -> None:
        assert durable.epoch < self.core.journal.epoch
        self.fenced += 1

    def look(self) -> None:
        for checker in self.checkers:
            checker.look()

    def check_calm(self) -> None:
        self.look()
        for checker in self.checkers:
            checker.calm()

    def check_end(self) -> None:
        self.look()
        with self.retention.holds():  # the decisions are made once more
            for checker in self.checkers:
                checker.ended()

    def _turns(self) -> None:
        """Asleep at most once between two looks at the alarms: so late may a timer be."""
        self._has_slept = False
        super()._turns()

    def _commit(self) -> list[Durable]:
        """A slow disk, now and then: what was decided in time may leave too late. And a process
        that was put to sleep wakes up without its connection."""
        try:
            durables = super()._commit()
        except JournalFailed:
            self.journal_checker.is_failed = True
            self.failed += 1
            raise
        if not self._has_slept and self._random.randrange(1000) < self.stall_permille:
            self._has_slept = True
            self.now = Nanos(self.now + self._random.randrange(STALL_MAX))
            if self._random.randrange(4) == 0:
                self.halt(self._random.choice(sorted(self.venues)), "slept for too long")
        return durables

    def _decide(self, letter: Letter) -> Entry:
        """Which events met orders in which states: seeds are worth what they reach."""
        orders, kind = self.core.state.orders, kind_of(letter[1])
        for cl_ord_id in dict.fromkeys(orders_in(letter[1])):
            found = status(orders[cl_ord_id]).name if cl_ord_id in orders else "unheard of"
            self.coverage[found, kind] += 1
        return super()._decide(letter)

    def _let_go(self, durable: Durable) -> None:
        """Somebody may pull the plug between a decision and the wire."""
        if self._random.randrange(1000) < self.kill_permille:
            self.set_state("global", TradingState.KILLED, "in between", "test")
            asked = RearmAsked(scope="global", reason="it was a test")
            self.at(self.now + 4 * SECOND, lambda: self.push("operator", asked))
        super()._let_go(durable)

    def _deliver(self, venue_id: VenueID, connection: int, said: VenueEvent | Quote) -> None:
        if not (isinstance(said, Quote) and venue_id in self.silent):
            super()._deliver(venue_id, connection, said)
            if isinstance(said, Quote) and self.core.books.latest(said.instrument_id) is said:
                self.gate_checker.heard(said)


def kind_of(event: Event) -> str:
    if isinstance(event, ExecutionReport):
        return event.exec_type.name.lower()
    return type(event).__name__


def orders_in(event: Event) -> Iterator[ClOrdID]:
    """The orders that an event names."""
    match event:
        case ExecutionReport(cl_ord_id=cl_ord_id) | NotSent(cl_ord_id=cl_ord_id):
            yield cl_ord_id
        case CancelRejected(orig_cl_ord_id=cl_ord_id):
            yield cl_ord_id
        case StatusReport(reports=reports, orders=orders, not_found=not_found):
            yield from (r.cl_ord_id for r in reports)
            yield from (o.cl_ord_id for o in orders)
            yield from not_found
        case _:
            pass


def orders_of(entry: Entry) -> Iterator[ClOrdID]:
    """The orders that an entry may have changed; a restart or a lost venue changes many."""
    yield from orders_in(entry.event)
    for command in entry.commands:
        match command:
            case NewOrder(cl_ord_id=cl_ord_id) | MarkUnknown(cl_ord_id=cl_ord_id):
                yield cl_ord_id
            case CancelOrder(orig_cl_ord_id=cl_ord_id) | DeclareLost(cl_ord_id=cl_ord_id):
                yield cl_ord_id
            case ReplaceOrder(orig_cl_ord_id=cl_ord_id):
                yield cl_ord_id
            case _:
                pass
