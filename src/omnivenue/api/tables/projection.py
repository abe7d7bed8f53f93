"""From the journal into the tables: fold what is new, and write the rows that it touched.

The process keeps a state of its own, as the core has it, because a row is a projection of facts and
no sum of changes. It begins at the newest snapshot that is not ahead of the tables.
"""

from collections.abc import Iterable, Iterator
from itertools import islice
from pathlib import Path
from typing import Protocol

from omnivenue import telemetry
from omnivenue.api.status_words import ENDED
from omnivenue.api.tables.file import Batch, NotTables, Progress, TablesFile, remove
from omnivenue.api.tables.rows import Held, Row, held, order_cells, part_cells, position_cells
from omnivenue.api.tables.touched import Touched
from omnivenue.api.view import order_row
from omnivenue.api.whole import found_in, whole
from omnivenue.engine import State
from omnivenue.journal import Chain, SqliteReader, apply_entry, load_latest
from omnivenue.message import Entry, Evict
from omnivenue.model import InstrumentID, Nanos, OrderID

BATCH = 1_000
"""Entries to a transaction: few enough that a reader's snapshot of the tables is never old."""


class Journal(Protocol):
    """Whoever has entries to read."""

    def line(self, seq: int) -> bytes | None: ...

    def lines(self, start: int = 0) -> Iterator[bytes]: ...


class Elsewhere(Exception):
    """The tables stand at an entry that this journal does not have: they are another's."""


class Projection:
    """Rows that entries have touched, from where the tables are."""

    def __init__(self, journal: Journal, mode: str) -> None:
        self._journal = journal
        self._mode = mode
        self._state, self._chain = State(), Chain(0)
        self._orders: dict[OrderID, None] = {}  # touched, and not written yet
        self._rows: dict[OrderID, Row] = {}  # of those that have left State meanwhile
        self._instruments: dict[InstrumentID, Nanos] = {}  # touched: when last
        self._at = Nanos(0)
        self._written: dict[OrderID, int] = {}  # what stands there of those that go on

    @property
    def seq(self) -> int:
        """Of the last entry that was folded."""
        return self._chain.seq - 1

    def resume(self, progress: Progress, snapshots: Path | None = None) -> None:
        """Become what we were when the tables were written. Raises Elsewhere, Broken."""
        start = progress.seq + 1
        if snapshots is not None and start:
            found = load_latest(snapshots, self._journal, at_most=start)
            self._state, self._chain = found or (self._state, self._chain)
        lines = islice(self._journal.lines(self._chain.seq), start - self._chain.seq)
        for entry in self._chain.check(lines):
            apply_entry(self._state, entry)
        if (self._chain.seq, self._chain.head) != (start, progress.head):
            raise Elsewhere(f"entry {progress.seq} of the tables is none of this journal")

    def fold(self, entries: int = BATCH) -> Batch | None:
        """What the next entries come to, so many at most; None where there are none."""
        lines = islice(self._journal.lines(self._chain.seq), entries)
        before = self._chain.seq
        for entry in self._chain.check(lines):
            self._entry(entry)
        return None if self._chain.seq == before else self._batch()

    def _entry(self, entry: Entry) -> None:
        touched, state = Touched(), self._state
        touched.doubted(state, entry.event)
        for command in entry.commands:
            if isinstance(command, Evict):
                self._keep(command.order_ids)
        apply_entry(state, entry)
        touched.named(state, entry)
        telemetry.followed(state, entry)
        self._orders |= touched.orders
        self._instruments |= dict.fromkeys(touched.instruments, entry.at)
        self._at = entry.at

    def _keep(self, order_ids: Iterable[OrderID]) -> None:
        """They leave: what they have come to is not to be seen afterwards."""
        for order_id in order_ids:
            self._written.pop(order_id, None)
            if order_id in self._orders:
                del self._orders[order_id]
                self._rows[order_id] = self._order(order_id)[1]

    def _batch(self) -> Batch:
        orders = list(self._changed())
        found = {i: held(self._state, i) for i in self._instruments}
        batch = Batch(
            seq=self.seq,
            head=self._chain.head,
            at=self._at,
            orders=[*self._rows.values(), *orders],
            positions=[self._position(i, parts) for i, parts in found.items() if parts],
            parts=[row for i, parts in found.items() for row in self._parts(i, parts)],
        )
        self._orders, self._rows, self._instruments = {}, {}, {}
        return batch

    def _changed(self) -> Iterator[Row]:
        """Without those that were named and are as they were. Of what has ended nothing is
        remembered, so that this does not grow."""
        for order_id in self._orders:
            has_ended, row = self._order(order_id)
            mark = hash(row)
            if self._written.pop(order_id, None) != mark:
                yield row
            if not has_ended:
                self._written[order_id] = mark

    def _order(self, order_id: OrderID) -> tuple[bool, Row]:
        kept = found_in(self._state, order_id)
        assert kept is not None, "what leaves has been looked at before"
        row = order_row(self._state, whole(self._state, kept), self._mode)
        return row.status in ENDED, order_cells(row)

    def _position(self, instrument_id: InstrumentID, parts: list[Held]) -> Row:
        at, instrument = self._instruments[instrument_id], self._state.instruments[instrument_id]
        return position_cells(self._state, instrument, parts, at)

    def _parts(self, instrument_id: InstrumentID, parts: list[Held]) -> Iterator[Row]:
        at, instrument = self._instruments[instrument_id], self._state.instruments[instrument_id]
        for part in parts:
            yield part_cells(self._state, instrument, part, at)


def rebuild(folder: Path, mode: str, now: Nanos) -> Progress:
    """All tables anew, from the journal's first entry. Who reads them sees the old ones until all
    is there, and keeps them should this fail. Whoever writes behind meanwhile waits, finds itself
    overtaken, and begins where this ends. Raises NotAJournal, Broken, UnknownSchema."""
    reader = SqliteReader(folder / "journal.db")
    try:
        try:
            return _anew(reader, folder, mode, now)
        except NotTables:
            remove(folder)
            return _anew(reader, folder, mode, now)
    finally:
        reader.close()


def _anew(reader: SqliteReader, folder: Path, mode: str, now: Nanos) -> Progress:
    tables = TablesFile(folder, mode)
    try:
        with tables.transaction():
            projection, progress = Projection(reader, mode), tables.empty()
            while batch := projection.fold():
                progress = tables.write(batch, progress, batch.seq, now)
            return progress
    finally:
        tables.close()
