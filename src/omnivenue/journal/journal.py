"""What a journal is: append what was decided, commit, and get back what may now be done.

`Durable` is made by `commit` and nowhere else, and gateways take nothing but a Durable. So nothing
can leave before its entry is safe: not by discipline, by type.

A commit that fails says nothing about the disk: the entry may be there after a restart. So it is
the last thing that this journal does, and the next process reads what happened.
"""

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator, Sequence
from hashlib import sha256

import msgspec

from omnivenue.journal.archive import Filed, Place, Placed, Shelf
from omnivenue.journal.chain import Broken, Chain, Row, read_entry
from omnivenue.message import Asked, Command, Entry, Event, Opened
from omnivenue.model import SECOND, Nanos, OrderID

FREE_FLOOR = 64 * 2**20
"""Bytes. Below it no new instruction is taken; what is left, some 50,000 entries with the log
before them, is the reserve from which orders under way are cancelled and settled."""

BEFORE_ALL: Place = (-1, OrderID(""))


class Durable(msgspec.Struct, frozen=True, gc=False):
    """Leave to do `command`: it is written down, in entry `seq`, by the writer of `epoch`."""

    seq: int
    epoch: int
    command: Command


class WrongMode(Exception):
    """This journal was written under another mode."""


class JournalFailed(Exception):
    """A commit did not say that it succeeded. Whether it did, only the next process can know."""


class Journal(ABC):
    """One writer's end of the journal. A store adds where lines are kept, and nothing else."""

    def __init__(self, mode: str, probe: Callable[[], int]) -> None:
        """`probe` measures the free bytes of the store."""
        self.mode = mode
        self.epoch = 1
        self.last_at = Nanos(0)  # time goes on from here, whatever the clock says
        self.durable_seq = -1  # of the last entry that would survive a power cut; -1: none yet
        self._chain = Chain(self.epoch)
        self._waiting: list[Row] = []
        self._to_file: list[Filed] = []  # with the entries that wait
        self._filing: dict[str, Filed] = {}  # the same, by name
        self.has_archive = False  # something has ever left State
        self._failure: BaseException | None = None
        self._probe = probe
        self._probed_at: Nanos | None = None
        self._has_space = True

    @abstractmethod
    def lines(self, start: int = 0) -> Iterator[bytes]:
        """All that is durable, from entry `start` on."""

    @abstractmethod
    def line(self, seq: int) -> bytes | None:
        """What is durable as entry `seq`; None where nothing is."""

    @abstractmethod
    def _last(self) -> tuple[int, bytes] | None:
        """Number and line of the last durable entry."""

    @abstractmethod
    def _write(self, rows: list[Row]) -> None:
        """All or none, and only return when they would survive a power cut: the rows, and what is
        to be filed with them (`_to_file`)."""

    @abstractmethod
    def _find(self, name: str) -> Filed | None:
        """What is durably archived under this name, as it was when it last left State."""

    @abstractmethod
    def _placed(self, after: Place, most: int) -> list[Placed]:
        """The first of the durably archived orders that come after that place."""

    @abstractmethod
    def filed(self, number: int) -> Filed:
        """What is durably archived by this number, which is one of `placed`."""

    @abstractmethod
    def close(self) -> None:
        """Let another process write. What was not committed is gone."""

    @property
    def head(self) -> str:
        """The hash of the last entry appended. Worth printing: see chain."""
        return self._chain.head

    def append(
        self,
        at: Nanos,
        principal: str,
        event: Event,
        seen: tuple[Asked, ...],
        commands: tuple[Command, ...],
        filed: Sequence[Filed] = (),
    ) -> Entry:
        """`filed` goes into the archive when the entry goes into the journal."""
        if self._failure is not None:
            raise JournalFailed("nothing is written after a failed commit") from self._failure
        assert at >= self.last_at
        self.last_at = at
        row = self._chain.seal(at, principal, event, seen, commands)
        self._waiting.append(row)
        if filed:
            self._to_file.extend(filed)
            self._filing.update((name, each) for each in filed for name in each.names)
            self.has_archive = True
        return row[0]

    def archived(self, name: str) -> Filed | None:
        """What has left State under this name (`by_order`, `by_client_id`), if anything has."""
        if not self.has_archive:
            return None
        return self._filing.get(name) or self._find(name)

    def placed(self, after: Place | None, most: int) -> list[Placed]:
        """The first of the orders that have ever left State, by their places, and durably so: all
        that come after that place, or all. Some may have come back."""
        return self._placed(after or BEFORE_ALL, most) if self.has_archive else []

    def commit(self) -> list[Durable]:
        """Make durable all that was appended. Raises JournalFailed if it cannot say that it did:
        then the process ends, and the next one reads what happened."""
        if self._failure is not None:
            raise JournalFailed("nothing is committed after a failed commit") from self._failure
        rows, self._waiting = self._waiting, []
        if not rows:
            return []
        try:
            self._write(rows)
        except BaseException as exc:  # an interrupt in the middle, too, leaves us not knowing
            self._failure = exc
            raise JournalFailed(f"the outcome of the commit is unknown: {exc}") from exc
        self.durable_seq = rows[-1][0].seq
        if self._to_file:
            self._to_file.clear()
            self._filing.clear()
        return [Durable(e.seq, e.epoch, c) for e, _, _ in rows for c in e.commands]

    def has_space(self, now: Nanos) -> bool:
        """Is there room for new instructions? Measured at most once a second."""
        if self._probed_at is None or now - self._probed_at >= SECOND:
            self._probed_at = now
            self._has_space = self._probe() >= FREE_FLOOR
        return self._has_space

    def _resume(self) -> None:
        """Go to the end of what is there, as the writer of the epoch after it. Only the ends are
        read here: whoever recovers the state from it checks the chain on the way."""
        last = self._last()
        if last is None:
            return
        seq, line = last
        first = self.line(0)
        if first is None:
            raise Broken("entry 0 is missing")
        for entry in (read_entry(first, 0), read_entry(line, seq)):
            check_mode(entry, self.mode)
            self.epoch, self.last_at = entry.epoch + 1, entry.at
        self.durable_seq = seq
        self._chain = Chain(self.epoch, seq + 1, sha256(line).hexdigest())


def check_mode(entry: Entry, mode: str) -> None:
    if type(entry.event) is Opened and entry.event.mode != mode:
        raise WrongMode(f"entry {entry.seq} was written in mode {entry.event.mode}, not {mode}")


class MemoryJournal(Journal):
    """A journal without a disk, for simulation and backtest. `lines` outlives it, as a disk does.
    Space is what `probe` says; by default there is always enough."""

    def __init__(
        self,
        mode: str,
        lines: list[bytes] | None = None,
        probe: Callable[[], int] = lambda: FREE_FLOOR,
    ) -> None:
        super().__init__(mode, probe)
        self._lines: list[bytes] = [] if lines is None else lines
        self._shelf = Shelf()
        self._resume()

    def use(self, shelf: Shelf) -> None:
        """As the archive, in place of its own: it outlives this journal, as `lines` does."""
        self._shelf, self.has_archive = shelf, bool(shelf)

    def lines(self, start: int = 0) -> Iterator[bytes]:
        yield from self._lines[start:]

    def line(self, seq: int) -> bytes | None:
        return self._lines[seq] if 0 <= seq < len(self._lines) else None

    def close(self) -> None:
        self._waiting = []

    def _last(self) -> tuple[int, bytes] | None:
        return (len(self._lines) - 1, self._lines[-1]) if self._lines else None

    def _write(self, rows: list[Row]) -> None:
        self._lines += [line for _, line, _ in rows]
        if self._to_file:
            self._shelf.file(self._to_file)

    def _find(self, name: str) -> Filed | None:
        return self._shelf.get(name)

    def _placed(self, after: Place, most: int) -> list[Placed]:
        return self._shelf.placed(after, most)

    def filed(self, number: int) -> Filed:
        return self._shelf.all[number]
