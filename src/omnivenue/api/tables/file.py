"""`views.db` itself: rows and how far they go, in one transaction.

Exactly once: what an entry changed and the entry's number are committed together, and only by
whoever continues from the number that stands there. A process that is killed leaves the last whole
batch; of two that write, one finds that the other has gone on, and ends. SQLite's log is not synced
with every batch: what a power cut takes is written again.
"""

from collections.abc import Generator, Iterable
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import cast

import apsw
import msgspec

from omnivenue.api.tables.rows import Row
from omnivenue.api.tables.schema import (
    CREATE,
    DROP,
    LAYOUT,
    ORDER_COLUMNS,
    ORDERS,
    PART_COLUMNS,
    PARTS,
    POSITION_COLUMNS,
    POSITIONS,
    upsert,
)
from omnivenue.journal import GENESIS, private_file
from omnivenue.model import Nanos
from omnivenue.wire import iso

NAME = "views.db"
APPLICATION_ID = 0x6F6D6E76  # "omnv"
BUSY_MS = 60_000  # so long may somebody take who makes the tables anew

_ORDER = upsert(ORDERS, ORDER_COLUMNS)
_POSITION = upsert(POSITIONS, POSITION_COLUMNS)
_PART = upsert(PARTS, PART_COLUMNS)
_PROGRESS = "SELECT mode, seq, head, at, journal_seq, behind, looked_at FROM views_progress"
_GO_ON = """
UPDATE views_progress SET seq = ?, head = ?, at = ?, journal_seq = ?, looked_at = ?
WHERE seq = ? AND head = ?
"""
_LOOK = "UPDATE views_progress SET journal_seq = ?, looked_at = ? WHERE seq = ? AND head = ?"
_BEGIN = "INSERT INTO views_progress (id, mode, seq, head, journal_seq) VALUES (1, ?, -1, ?, -1)"


class NotTables(Exception):
    """The file is none of ours, or damaged: the tables must be made anew."""


class Overtaken(Exception):
    """Somebody else has written since, or the file is another by now."""


class Progress(msgspec.Struct, frozen=True, kw_only=True):
    mode: str
    seq: int  # the last entry that is in the tables; -1: none
    head: str  # its hash
    at: str | None  # when it was made
    journal_seq: int  # the journal's last entry, when somebody looked
    behind: int
    looked_at: str | None


class Batch(msgspec.Struct, frozen=True, kw_only=True):
    """What the entries up to `seq` came to."""

    seq: int
    head: str
    at: Nanos
    orders: Iterable[Row]
    positions: Iterable[Row]
    parts: Iterable[Row]


class TablesFile:
    """To write. Raises NotTables; makes the tables where there are none of this layout."""

    def __init__(self, folder: Path, mode: str) -> None:
        self._mode, self._path = mode, folder / NAME
        private_file(self._path)
        self._file = _which(self._path)
        self._db = _opened(self._path, mode)

    def progress(self) -> Progress:
        return _progress(self._db)

    def write(self, batch: Batch, before: Progress, journal_seq: int, now: Nanos) -> Progress:
        """Raises Overtaken where the tables do not stand at `before`."""
        with self._writing():
            db = self._db
            db.executemany(_ORDER, batch.orders)
            db.executemany(_POSITION, batch.positions)
            db.executemany(_PART, batch.parts)
            told = (batch.seq, batch.head, iso(batch.at), journal_seq, iso(now))
            db.execute(_GO_ON, (*told, before.seq, before.head))
            self._check_changed(before)
            return self.progress()

    def looked(self, before: Progress, journal_seq: int, now: Nanos) -> Progress:
        """Nothing is new: say that somebody is there and has looked."""
        with self._writing():
            self._db.execute(_LOOK, (journal_seq, iso(now), before.seq, before.head))
            self._check_changed(before)
            return self.progress()

    def empty(self) -> Progress:
        """As if no entry had ever been read."""
        with self._writing():
            self._db.execute(DROP)
            _create(self._db, self._mode)
            return self.progress()

    @contextmanager
    def transaction(self) -> Generator[None]:
        """All or none, and until then nobody else sees any of it. One within another is part of
        it."""
        if self._db.in_transaction:
            yield
            return
        with _transaction(self._db):
            yield

    def close(self) -> None:
        self._db.close()

    @contextmanager
    def _writing(self) -> Generator[None]:
        """Raises NotTables where damage shows up, and Overtaken where somebody has removed the file
        or put another in its place: what were written would be in none that anybody can open."""
        if _which(self._path) != self._file:
            raise Overtaken(f"{self._path} is another file by now, or gone")
        try:
            with self.transaction():
                yield
        except (apsw.NotADBError, apsw.CorruptError) as exc:
            raise NotTables(f"{self._path}: {exc}") from exc

    def _check_changed(self, before: Progress) -> None:
        if self._db.changes() != 1:
            raise Overtaken(f"the tables stood at entry {before.seq}, and somebody went on")


def read_progress(folder: Path) -> Progress | None:
    """How far the tables are; None where there are none, or none that can be read."""
    try:
        db = apsw.Connection(str(folder / NAME), apsw.SQLITE_OPEN_READONLY)
    except apsw.Error:
        return None
    try:
        return _progress(db)
    except apsw.Error:
        return None
    finally:
        db.close()


def remove(folder: Path) -> None:
    """What cannot be read, with SQLite's files beside it."""
    for end in ("", "-wal", "-shm"):
        (folder / (NAME + end)).unlink(missing_ok=True)


def _which(path: Path) -> tuple[int, int] | None:
    """Of all files the one that stands there; None where none does."""
    try:
        found = path.stat()
    except FileNotFoundError:
        return None
    return found.st_dev, found.st_ino


def _opened(path: Path, mode: str) -> apsw.Connection:
    try:
        with ExitStack() as undo:
            db = apsw.Connection(str(path))
            undo.callback(db.close)
            _set_up(db, path, mode)
            undo.pop_all()
    except (apsw.NotADBError, apsw.CorruptError, apsw.SQLError) as exc:
        raise NotTables(f"{path}: {exc}") from exc
    return db


def _set_up(db: apsw.Connection, path: Path, mode: str) -> None:
    db.set_busy_timeout(BUSY_MS)
    db.execute("PRAGMA journal_mode = WAL").fetchall()
    db.execute("PRAGMA synchronous = NORMAL")
    owner, layout = _value(db, "PRAGMA application_id"), _value(db, "PRAGMA user_version")
    if owner not in (0, APPLICATION_ID):
        raise NotTables(f"{path} is another program's: application {owner}")
    if (owner, layout) != (APPLICATION_ID, LAYOUT):
        with _transaction(db):
            db.execute(DROP)
            _create(db, mode)
    elif (found := _progress(db).mode) != mode:
        raise NotTables(f"{path} holds the tables of mode {found}, not {mode}")


def _create(db: apsw.Connection, mode: str) -> None:
    db.execute(CREATE)
    db.execute(_BEGIN, (mode, GENESIS))
    db.pragma("application_id", APPLICATION_ID)
    db.pragma("user_version", LAYOUT)


@contextmanager
def _transaction(db: apsw.Connection) -> Generator[None]:
    db.execute("BEGIN IMMEDIATE")
    try:
        yield
        db.execute("COMMIT")
    finally:
        if db.in_transaction:
            db.execute("ROLLBACK")


def _progress(db: apsw.Connection) -> Progress:
    rows = db.execute(_PROGRESS).fetchall()
    if len(rows) != 1:
        raise NotTables("the tables do not say how far they go")
    return msgspec.convert(dict(zip(Progress.__struct_fields__, rows[0], strict=True)), Progress)


def _value(db: apsw.Connection, question: str) -> int:
    ((value,),) = cast("list[tuple[int]]", db.execute(question).fetchall())
    return value
