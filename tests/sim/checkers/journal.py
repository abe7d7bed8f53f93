"""The journal as such: accepted means durable (I1), one key has one answer (I2), an effect has its
record (I3), nothing leaves after a failure (I4), the journal alone makes State (I5), one writer
(I6), and numbers are times (I7)."""

from collections.abc import Sequence

from omnivenue.engine import State, state_hash
from omnivenue.journal import Durable, replay, verify
from omnivenue.message import (
    AdjustmentInstructed,
    ArmTimer,
    CancelAllInstructed,
    CancelInstructed,
    Command,
    Entry,
    EvictDue,
    Instruction,
    MarkDue,
    NewOrder,
    OrderInstructed,
    ReplaceInstructed,
    ReplaceOrder,
    VenueCommand,
    decode_entry,
)
from omnivenue.model import ClOrdID, InstructionID, Nanos
from omnivenue.oms import Order, OrdStatus, status
from omnivenue.runtime.door import Outcome, Verdict, known
from sim.checkers.checker import Checker, Watched

INSTRUCTIONS = (
    OrderInstructed,
    ReplaceInstructed,
    CancelInstructed,
    CancelAllInstructed,
    AdjustmentInstructed,
)


class JournalChecker(Checker):
    def __init__(self, loop: Watched) -> None:
        super().__init__(loop)
        self.heard: dict[InstructionID, tuple[Instruction, Outcome]] = {}
        self.is_failed = False
        self._keys: set[InstructionID] = set()
        self._durable: set[tuple[int, ClOrdID]] = set()  # with the epoch that may send it

    def replied(self, instruction: Instruction, entry: Entry) -> None:
        """I1: whoever hears of an entry hears of a durable one."""
        assert entry.seq <= self.loop.core.journal.durable_seq, "I1: told before it was durable"
        answered = known(self.state, instruction)
        assert answered is not None
        self.told(instruction, answered)

    def told(self, instruction: Instruction, outcome: Outcome) -> None:
        """I1, I2: whoever asks again hears the same again, for ever."""
        if outcome.verdict is not Verdict.REUSED:
            before = self.heard.setdefault(instruction.instruction_id, (instruction, outcome))
            assert before[1] == outcome, "I2: one key, two answers"

    def opened(self) -> None:
        self.is_failed = False
        self._durable = set()
        self._keys = set()
        lines = list(self.loop.core.journal.lines())
        for line in lines:
            self._note_keys(decode_entry(line))
        assert state_hash(replay(State(), lines)) == state_hash(self.loop.core.state), "I5"
        for instruction, outcome in self.heard.values():
            assert known(self.state, instruction) == outcome, "I1: accepted, and lost"
        for order in self.state.orders.values():
            assert status(order) is not OrdStatus.PENDING_NEW, "a restart that doubts nothing"

    def committed(self, entries: Sequence[Entry], touched: Sequence[Order]) -> None:
        epoch = self.loop.core.journal.epoch
        for entry in entries:
            self._note_keys(entry)
            for command in entry.commands:
                if isinstance(command, NewOrder | ReplaceOrder):
                    self._durable.add((epoch, command.cl_ord_id))

    def sent(self, durable: Durable) -> None:
        command, journal = durable.command, self.loop.core.journal
        assert not self.is_failed, "I4: sent after the journal had failed"
        assert durable.epoch == journal.epoch, "I6: sent by a process that was replaced"
        assert durable.seq <= journal.durable_seq, "I3: an effect without a record"
        if isinstance(command, NewOrder | ReplaceOrder):
            mine = (durable.epoch, command.cl_ord_id)
            assert mine in self._durable, "I3: an effect without a record"
            self._durable.remove(mine)  # I2: an intent is sent once
            assert self.loop.now < command.expires_at

    def arrived(self, command: VenueCommand) -> None:
        """I3, as the world sees it: the line is on the disk that would survive us."""
        if isinstance(command, NewOrder):
            assert command.cl_ord_id in self.state.orders, "I3: the world knows more than we"

    def ended(self) -> None:
        """I5, I7."""
        lines = list(self.loop.core.journal.lines())
        assert state_hash(verify(State(), lines)) == state_hash(self.loop.core.state), "I5"
        check_times(lines)

    def _note_keys(self, entry: Entry) -> None:
        event = entry.event
        if isinstance(event, INSTRUCTIONS):
            is_used = event.instruction_id in self._keys
            decided = [c for c in entry.commands if not _is_upkeep(c)]
            assert not (is_used and decided), "I2: a used key was decided upon again"
            self._keys.add(event.instruction_id)


def _is_upkeep(command: Command) -> bool:
    """The end of any turn, whatever it was about, may find that marks or evictions are due, and arm
    the one timer of each. That timer names no order and no key, and is the same without the event:
    nothing was decided about what the key asks for."""
    return isinstance(command, ArmTimer) and isinstance(command.timer.due, MarkDue | EvictDue)


def check_times(lines: Sequence[bytes]) -> None:
    """I7: the number of an entry is its time."""
    at, epoch = Nanos(0), 0
    for seq, line in enumerate(lines):
        entry = decode_entry(line)
        assert entry.seq == seq, "I7: a gap"
        assert entry.at >= at, "I7: time went back"
        assert entry.epoch >= epoch, "I6: two writers"
        at, epoch = entry.at, entry.epoch
