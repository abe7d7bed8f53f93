"""The log makes us who we were. `replay` believes it; `verify` decides everything again."""

import gc
from collections.abc import Generator, Iterable, Sequence
from contextlib import contextmanager
from hashlib import sha256
from itertools import tee
from pathlib import Path

from omnivenue.engine import DECISION_VERSION, State, apply_command, apply_event, step
from omnivenue.journal.chain import Broken, Chain
from omnivenue.journal.journal import Journal, check_mode
from omnivenue.journal.snapshots import Lines, contradiction, load_latest
from omnivenue.message import (
    Answer,
    Asked,
    Command,
    Depth,
    DepthOf,
    Entry,
    Mark,
    MarkOf,
    Missing,
    Opened,
    Question,
    Top,
    TopOf,
    decision,
)
from omnivenue.model import InstrumentID, Lots, Side, VenueID


class Differs(Exception):
    """Decided again, entry `seq` came out otherwise."""

    def __init__(self, seq: int, written: object, decided: object) -> None:
        super().__init__(f"entry {seq} differs: written {written}, decided again {decided}")
        self.seq, self.written, self.decided = seq, written, decided


class Replayed:
    """Answers from entry `seq`, to the same questions in the same order."""

    def __init__(self, asked: tuple[Asked, ...], seq: int) -> None:
        self._left = list(reversed(asked))
        self._seq = seq

    def top(self, venue_id: VenueID, instrument_id: InstrumentID) -> Top | Missing:
        question = TopOf(venue_id=venue_id, instrument_id=instrument_id)
        return self._answer(question, Top)

    def depth(
        self, venue_id: VenueID, instrument_id: InstrumentID, side: Side, qty: Lots
    ) -> Depth | Missing:
        question = DepthOf(venue_id=venue_id, instrument_id=instrument_id, side=side, qty=qty)
        return self._answer(question, Depth)

    def mark(self, instrument_id: InstrumentID) -> Mark | Missing:
        return self._answer(MarkOf(instrument_id=instrument_id), Mark)

    def check_done(self) -> None:
        if self._left:
            raise Differs(self._seq, f"asks {self._left[-1].question}", "asks nothing more")

    def _answer[T: Answer](self, question: Question, kind: type[T]) -> T | Missing:
        if not self._left:
            raise Differs(self._seq, "asks nothing more", f"asks {question}")
        asked = self._left.pop()
        if asked.question != question:
            raise Differs(self._seq, f"asks {asked.question}", f"asks {question}")
        if not isinstance(asked.answer, (kind, Missing)):
            raise Differs(self._seq, f"answers {asked.answer}", f"needs a {kind.__name__}")
        return asked.answer


@contextmanager
def uncollected() -> Generator[None]:
    """While much is made and next to nothing is thrown away. A state has no cycles: the collector
    would walk all of it again and again, and find nothing."""
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            gc.enable()


def apply_entry(state: State, entry: Entry) -> None:
    apply_event(state, entry.at, entry.event)
    for command in entry.commands:
        apply_command(state, entry.at, command)


def decide_entry(state: State, entry: Entry) -> None:
    """Decide it again, and compare. Leaves the state as applying it would."""
    seen = Replayed(entry.seen, entry.seq)
    commands = step(state, entry.at, entry.event, seen)
    seen.check_done()
    if tuple(commands) != entry.commands:
        raise _difference(entry, commands)


def replay(state: State, lines: Iterable[bytes], chain: Chain | None = None) -> State:
    """Fold the log into `state` without deciding: our code may have changed since."""
    for entry in (chain or Chain(0)).check(lines):
        apply_entry(state, entry)
    return state


def verify(state: State, lines: Iterable[bytes], chain: Chain | None = None) -> State:
    """Fold it and decide again, for the entries that this version of the code has decided."""
    version = DECISION_VERSION
    for entry in (chain or Chain(0)).check(lines):
        version = decision_version(entry, version)
        if version == DECISION_VERSION:
            decide_entry(state, entry)
        else:
            apply_entry(state, entry)
    return state


def decision_version(entry: Entry, before: int) -> int:
    """Of the code that decided `entry`, where `before` decided the one before it."""
    return entry.event.decision_version if type(entry.event) is Opened else before


def decision_hash(lines: Iterable[bytes]) -> str:
    """Equal for the same decisions, in whatever mode and epoch and at whatever wall time."""
    digest = sha256()
    ahead, behind = tee(lines)
    for entry, line in zip(Chain(0).check(ahead), behind, strict=True):
        digest.update(decision(entry, line))
    return digest.hexdigest()


def fold(reader: Lines, mode: str, folder: Path | None) -> tuple[State, Chain]:
    """Who we were at the end of what `reader` has: the latest snapshot in `folder` that counts, and
    the entries after it. Raises Broken where the journal has lost or changed what a snapshot saw:
    the ids of orders that it forgot would be used again."""
    with uncollected():
        state, chain = State(), Chain(0)
        if folder is not None:
            state, chain = load_latest(folder, reader) or (state, chain)
            if problem := contradiction(folder, reader, chain.seq):
                raise Broken(problem)
        for entry in chain.check(reader.lines(chain.seq)):
            check_mode(entry, mode)
            apply_entry(state, entry)
    return state, chain


def recover(journal: Journal, snapshots: Path | None = None) -> State:
    """The state that a new writer goes on from; call it before the first append. `snapshots` is the
    folder of them. Raises Broken, UnknownSchema or WrongMode: then a person must look."""
    state, chain = fold(journal, journal.mode, snapshots)
    if chain.seq != journal.durable_seq + 1 or chain.head != journal.head:
        raise Broken(f"the journal ends at entry {journal.durable_seq}, reading it at {chain.seq}")
    return state


def _difference(entry: Entry, commands: Sequence[Command]) -> Differs:
    """Names the first command that is not the same: entries can be long."""
    for written, decided in zip(entry.commands, commands, strict=False):
        if written != decided:
            return Differs(entry.seq, written, decided)
    shared = min(len(entry.commands), len(commands))
    return Differs(entry.seq, entry.commands[shared:], commands[shared:])
