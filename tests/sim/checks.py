"""What must hold, whatever goes wrong. Checkers look at the world and at the journal, not at how.

Names as in the list of invariants: I1 accepted means durable, I2 at most one execution, I3 intent
before effect, I4 fail-stop, I5 replay identity, I7 gap-free time, I9 no terminal without proof, I10
quantity, I11 each trade counts once, I12 convergence, I13 conservation, I14 limits, I15 parent
bound, L1 every instruction ends and no timer is lost.
"""

from collections import Counter
from collections.abc import Iterator

from omnivenue.engine import State, state_hash
from omnivenue.journal import Durable, JournalFailed, replay, verify
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
    StatusReport,
    VenueCommand,
    decode_entry,
)
from omnivenue.model import SECOND, ClOrdID, InstructionID, Lots, Nanos
from omnivenue.oms import CLOSED, Anomaly, Order, OrdStatus, status
from omnivenue.runtime.door import Outcome, Verdict, known
from omnivenue.runtime.simulated import Letter, SimLoop
from sim.books import check_books, check_exposures, check_holds, check_limits
from sim.facts import Told
from sim.proofs import Worlds, check_at_most_once, check_converged, check_proof

STALL_MAX = 4 * SECOND
LATE = STALL_MAX + SECOND  # how long after its time a timer may still stand in State
ALL_EVERY = 20  # commits: the sums over all orders are looked at, and not only what changed


class CheckedLoop(SimLoop):
    """A loop that is looked at wherever something may have gone wrong."""

    durable: set[tuple[int, ClOrdID]]  # with the epoch that has leave to send it
    commits = opened = fenced = failed = 0
    is_failed = False
    stall_permille = 0
    is_honest = True  # no venue lies or takes a trade back: then limits hold whatever else fails

    def ask(self, instruction: Instruction, *, is_at_door: bool = True) -> None:
        """As a client would, through what the door does: what has its answer costs nothing. And
        past the door, since the core does not rely on it."""
        if is_at_door and (answered := known(self.core.state, instruction)):
            self.hear(instruction, answered)
        elif not (is_at_door and instruction.instruction_id in self.in_flight):
            self.in_flight.add(instruction.instruction_id)
            self.push("client", instruction, lambda entry: self.reply(instruction, entry))

    def reply(self, instruction: Instruction, entry: Entry) -> None:
        """I1: whoever hears of an entry hears of a durable one."""
        assert entry.seq <= self.core.journal.durable_seq, "I1: told before it was durable"
        self.in_flight.discard(instruction.instruction_id)
        answered = known(self.core.state, instruction)
        assert answered is not None
        self.hear(instruction, answered)

    def hear(self, instruction: Instruction, told: Outcome) -> None:
        """I1, I2: whoever asks again hears the same again, for ever."""
        if told.verdict is not Verdict.REUSED:
            before = self.heard.setdefault(instruction.instruction_id, (instruction, told))
            assert before[1] == told, "I2: one key, two answers"

    def on_open(self) -> None:
        """I5: the journal alone makes us who we were. I1: and those who heard from us, heard it."""
        if not self.opened:
            self.heard: dict[InstructionID, tuple[Instruction, Outcome]] = {}
            self.coverage: Counter[tuple[str, str]] = Counter()
            self.worlds = Worlds({i: exchange for i, (exchange, _) in self.venues.items()})
        self.opened += 1
        self.is_failed = False
        self.in_flight: set[InstructionID] = set()
        self.durable = set()
        self.told = Told(self.core.journal.lines())
        state = self.core.state
        assert state_hash(replay(State(), self.core.journal.lines())) == state_hash(state)
        for instruction, told in self.heard.values():
            assert known(state, instruction) == told, "I1: accepted, and lost"
        for order in state.orders.values():
            assert status(order) is not OrdStatus.PENDING_NEW, "a restart that doubts nothing"
        self.check_all()

    def on_commit(self, entries: list[Entry]) -> None:
        self.commits += 1
        state, epoch = self.core.state, self.core.journal.epoch
        touched: dict[ClOrdID, None] = {}
        for entry in entries:
            self.told.follow(entry)
            touched.update(dict.fromkeys(orders_of(entry)))
            for command in entry.commands:
                if isinstance(command, NewOrder):
                    self.durable.add((epoch, command.cl_ord_id))
        orders = [state.orders[i] for i in touched if i in state.orders]
        check_books(state, orders)
        for order in orders:
            self._check_order(order)
        for timer in state.timers.values():
            assert timer.at + LATE >= entries[-1].at, f"L1: {timer.timer_id} is lost"
        if self.commits % ALL_EVERY == 0:
            self.check_all()

    def on_send(self, durable: Durable) -> None:
        """I3, I4 and I6, at the last moment before the wire."""
        command = durable.command
        assert not self.is_failed, "I4: sent after the journal had failed"
        assert durable.epoch == self.core.journal.epoch, "I6: sent by a process that was replaced"
        assert durable.seq <= self.core.journal.durable_seq, "I3: an effect without a record"
        if isinstance(command, NewOrder):
            mine = (durable.epoch, command.cl_ord_id)
            assert mine in self.durable, "I3: an effect without a record"
            self.durable.remove(mine)  # I2: an intent is sent once
            assert self.now < command.expires_at

    def on_arrive(self, command: VenueCommand) -> None:
        """I3, as the world sees it: the line is on the disk that would survive us."""
        if isinstance(command, NewOrder):
            assert command.cl_ord_id in self.core.state.orders, "I3: the world knows more than we"

    def on_fenced(self, durable: Durable) -> None:
        assert durable.epoch < self.core.journal.epoch
        self.fenced += 1

    def _commit(self) -> list[Durable]:
        """A slow disk, now and then: what was decided in time may leave too late."""
        try:
            durables = super()._commit()
        except JournalFailed:
            self.is_failed = True
            self.failed += 1
            raise
        if self._random.randrange(1000) < self.stall_permille:
            self.now = Nanos(self.now + self._random.randrange(STALL_MAX))
        return durables

    def _decide(self, letter: Letter) -> Entry:
        """Which events met orders in which states: seeds are worth what they reach."""
        orders, kind = self.core.state.orders, kind_of(letter[1])
        for cl_ord_id in dict.fromkeys(orders_in(letter[1])):
            found = status(orders[cl_ord_id]).name if cl_ord_id in orders else "unheard of"
            self.coverage[found, kind] += 1
        return super()._decide(letter)

    def check_all(self) -> None:
        state = self.core.state
        check_books(state, state.orders.values())
        check_holds(state)
        check_exposures(state)
        if self.is_honest:
            check_limits(state)
        check_at_most_once(self.worlds, state)
        for order in state.orders.values():
            self._check_order(order)

    def _check_order(self, order: Order) -> None:
        self.told.check(order)
        check_proof(self.worlds, order)
        state, new, cum_qty = self.core.state, order.new, self.told.cum_qty(order)
        is_closed = status(order) in CLOSED
        is_settled = is_closed and cum_qty == order.cum_qty
        is_asked_about = new.cl_ord_id in state.venues[new.venue_id].open
        assert is_settled != is_asked_about, "I12: settled and asked about, or neither"
        may_trade = (cum_qty if is_closed else new.qty) - order.cum_qty
        assert order.working == state.listing(new).atoms(Lots(max(0, may_trade))), "I15"
        if order.cum_qty > new.qty:
            assert Anomaly.OVERFILL.value in order.flagged, "I10: too much, and nobody is told"

    def check_end(self) -> None:
        """After the faults are over: I5, I7, I12, I13 and L1, for the whole day."""
        self.check_all()
        check_converged(self.worlds, self.core.state)
        lines = list(self.core.journal.lines())
        want = state_hash(self.core.state)
        assert state_hash(verify(State(), lines)) == want, "I5"
        check_times(lines)


def check_times(lines: list[bytes]) -> None:
    """I7: the number of an entry is its time."""
    at, epoch = Nanos(0), 0
    for seq, line in enumerate(lines):
        entry = decode_entry(line)
        assert entry.seq == seq
        assert at <= entry.at
        assert epoch <= entry.epoch
        at, epoch = entry.at, entry.epoch


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
            case _:
                pass
