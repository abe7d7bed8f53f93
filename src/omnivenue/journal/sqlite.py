"""The journal on a disk. SQLite in WAL mode, synchronous FULL: a commit survives a power cut.

One writer (see lock); readers need no lock and disturb nobody. Should the lock ever fail us, the
primary key does not: the second writer's entry has a number that is taken, and its commit fails.

SQLite's own checkpoint stays on at its default of 1,000 pages. It runs within a commit, copies some
4 MB and syncs once, which costs one commit in some thousands a few milliseconds more. It never
waits for a reader, and our readers let go of the log every thousand entries, so the log does not
grow. A checkpoint in a thread of its own would wait for the same disk, and add a way to fail.

Each line's hash stands beside it. The chain covers every line but the last, whose successor would
name its hash; so a flipped bit shows there too.
"""

import os
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from hashlib import sha256
from pathlib import Path
from typing import cast
from urllib.parse import quote

import apsw

from omnivenue.journal import places
from omnivenue.journal.archive import Filed, Place, Placed
from omnivenue.journal.chain import Broken
from omnivenue.journal.journal import Journal, Row
from omnivenue.journal.lock import free_space, lock, private_file, private_folder
from omnivenue.model import OrderID

APPLICATION_ID = 0x6F6D6E69  # "omni"
LAYOUT = 1  # of the table, not of the entries in it
BUSY_MS = 5_000  # how long to wait for a reader that is just opening
BATCH = 1_000

type Record = tuple[int, bytes, bytes]  # number, line, hash

_CREATE = """
BEGIN IMMEDIATE;
CREATE TABLE entry (seq INTEGER PRIMARY KEY, line BLOB NOT NULL, hash BLOB NOT NULL) STRICT;
PRAGMA application_id = 0x6F6D6E69;
PRAGMA user_version = 1;
COMMIT;
"""

_ARCHIVE = """
BEGIN IMMEDIATE;
CREATE TABLE IF NOT EXISTS archive (
    id INTEGER PRIMARY KEY, order_id TEXT NOT NULL, seq INTEGER NOT NULL,
    evicted_by INTEGER NOT NULL, content BLOB NOT NULL, hash BLOB NOT NULL
) STRICT;
CREATE TABLE IF NOT EXISTS archive_name (
    name TEXT PRIMARY KEY, id INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
COMMIT;
"""
"""What has left State, each time that it did, and the latest of it by every name. Beside the
entries, which tell the same: so a journal of before there was an archive only lacks the tables."""

_FILED = "SELECT id, order_id, seq, evicted_by, content, hash FROM archive "

type _FiledRecord = tuple[int, OrderID, int, int, bytes, bytes]


class NotAJournal(Exception):
    """The file is something else, or of a layout that this program does not know."""


class SqliteReader:
    """A journal to read only, while its writer runs or when there is none."""

    def __init__(self, path: Path) -> None:
        if not path.is_file():
            raise NotAJournal(f"{path}: no such file")
        self.path = path
        try:
            self._db = apsw.Connection(_address(path), apsw.SQLITE_OPEN_READONLY | _URI)
            self._db.set_busy_timeout(BUSY_MS)
            _check_layout(self._db, path)
        except apsw.Error as exc:
            raise NotAJournal(f"{path}: {exc}") from exc

    def lines(self, start: int = 0) -> Iterator[bytes]:
        return _lines(self._db, start)

    def line(self, seq: int) -> bytes | None:
        return _line(self._db, seq)

    def last_seq(self) -> int:
        """Of the last durable entry; -1 where there is none."""
        return cast(int, _value(self._db, "SELECT coalesce(max(seq), -1) FROM entry"))

    def archive(self) -> Iterator[Filed]:
        """All that has ever left State, in that order. Short reads, as of the entries."""
        query, last = _FILED + "WHERE id > ? ORDER BY id LIMIT ?", 0
        if not _value(self._db, "SELECT count(*) FROM sqlite_master WHERE name = 'archive'"):
            return
        while rows := list(_filed(self._db, query, (last, BATCH))):
            yield from (filed for _, filed in rows)
            last = rows[-1][0]

    def close(self) -> None:
        self._db.close()


class SqliteJournal(Journal):
    def __init__(self, home: Path, mode: str, probe: Callable[[], int] | None = None) -> None:
        """Opens or makes `<home>/<mode>/journal.db`. `probe` measures free bytes in place of the
        disk. Raises Locked, WrongMode, NotAJournal, Broken, UnknownSchema."""
        self.folder = home / mode
        super().__init__(mode, probe or (lambda: free_space(self.folder)))
        private_folder(self.folder)
        with ExitStack() as undo:
            self._lock = lock(self.folder)
            undo.callback(os.close, self._lock)
            self._db = _open(self.folder / "journal.db")
            undo.callback(self._db.close)
            self._resume()
            undo.pop_all()
        self._cursor = self._db.cursor()
        self._next_id = cast(int, _value(self._db, "SELECT coalesce(max(id), 0) FROM archive")) + 1
        self.has_archive = self._next_id > 1

    def lines(self, start: int = 0) -> Iterator[bytes]:
        return _lines(self._db, start)

    def line(self, seq: int) -> bytes | None:
        return _line(self._db, seq)

    def close(self) -> None:
        self._waiting = []
        try:
            self._db.close()
        finally:
            os.close(self._lock)

    def _last(self) -> tuple[int, bytes] | None:
        rows = _records(self._db, "SELECT seq, line, hash FROM entry ORDER BY seq DESC LIMIT 1", ())
        if not rows:
            return None
        _check_hash(rows[0])
        return rows[0][:2]

    def _write(self, rows: list[Row]) -> None:
        execute = self._cursor.execute
        execute("BEGIN IMMEDIATE")
        self._cursor.executemany(
            "INSERT INTO entry VALUES (?, ?, ?)",
            [(entry.seq, line, bytes.fromhex(digest)) for entry, line, digest in rows],
        )
        if self._to_file:
            self._file(self._to_file)
        execute("COMMIT")

    def _file(self, filed: list[Filed]) -> None:
        first = self._next_id
        self._next_id += len(filed)
        self._cursor.executemany(
            "INSERT INTO archive VALUES (?, ?, ?, ?, ?, ?)",
            [(n, *f[:4], f.digest) for n, f in enumerate(filed, first)],
        )
        self._cursor.executemany(
            "INSERT OR REPLACE INTO archive_name VALUES (?, ?)",
            [(name, n) for n, f in enumerate(filed, first) for name in f.names],
        )
        places.note(self._cursor, [(n, f.places) for n, f in enumerate(filed, first)])

    def _find(self, name: str) -> Filed | None:
        query = _FILED + "JOIN archive_name USING (id) WHERE name = ?"
        found = list(_filed(self._db, query, (name,)))
        return found[0][1] if found else None

    def _placed(self, after: Place, most: int) -> list[Placed]:
        found = _read(self._db, places.AFTER, (*after, most))
        return [Placed(*row) for row in cast("list[tuple[int, OrderID, int]]", found)]

    def filed(self, number: int) -> Filed:
        found = list(_filed(self._db, _FILED + "WHERE id = ?", (number,)))
        if not found:
            raise Broken(f"the archive does not hold its number {number}")
        return found[0][1]


_URI = apsw.SQLITE_OPEN_URI


def _address(path: Path) -> str:
    """A log beside the file must be read with it. Where there is none and the folder is not ours
    to write (an archive), SQLite cannot make its side files and must be told that it needs none."""
    name = "file:" + quote(str(path.absolute()))
    log = path.with_name(path.name + "-wal")
    if not os.access(path.parent, os.W_OK) and not log.exists():
        return name + "?immutable=1"
    return name


def _open(path: Path) -> apsw.Connection:
    """To write. A setting that did not take shows only in the row that its PRAGMA gives back."""
    private_file(path)
    try:
        with ExitStack() as undo:
            db = apsw.Connection(str(path))
            undo.callback(db.close)
            _set_up(db, path)
            undo.pop_all()
    except (apsw.NotADBError, apsw.CorruptError) as exc:
        raise NotAJournal(f"{path}: {exc}") from exc
    except (apsw.CantOpenError, UnicodeEncodeError) as exc:
        text = f"{str(path)!a} cannot be opened: SQLite takes paths in UTF-8, of 512 bytes at most"
        raise NotAJournal(f"{text} ({exc})") from exc
    return db


def _set_up(db: apsw.Connection, path: Path) -> None:
    db.set_busy_timeout(BUSY_MS)
    if _is_new(db):
        db.execute("PRAGMA journal_mode = WAL").fetchall()
        db.execute(_CREATE)
    _check_layout(db, path)
    db.execute(_ARCHIVE)
    db.execute(places.CREATE)
    mode = _value(db, "PRAGMA journal_mode = WAL")
    db.execute("PRAGMA synchronous = FULL")
    synchronous = _value(db, "PRAGMA synchronous")
    if (mode, synchronous) != ("wal", 2):
        raise NotAJournal(f"{path}: journal_mode {mode}, synchronous {synchronous}: not durable")
    places.catch_up(db)


def _is_new(db: apsw.Connection) -> bool:
    """Nothing of anybody's is in it. A file that a crash left half made is new, too."""
    stamps = _value(db, "PRAGMA application_id"), _value(db, "PRAGMA user_version")
    return stamps == (0, 0) and _value(db, "SELECT count(*) FROM sqlite_master") == 0


def _check_layout(db: apsw.Connection, path: Path) -> None:
    found = _value(db, "PRAGMA application_id"), _value(db, "PRAGMA user_version")
    if found != (APPLICATION_ID, LAYOUT):
        raise NotAJournal(
            f"{path}: application {found[0]}, layout {found[1]}; "
            f"a journal of ours is {APPLICATION_ID}, {LAYOUT}"
        )


def _value(db: apsw.Connection, question: str) -> object:
    ((value,),) = db.execute(question).fetchall()
    return value


def _records(db: apsw.Connection, query: str, values: tuple[int | str, ...]) -> list[Record]:
    return cast("list[Record]", _read(db, query, values))


def _read(db: apsw.Connection, query: str, values: tuple[int | str, ...]) -> list[object]:
    try:
        return cast("list[object]", db.execute(query, values).fetchall())
    except (apsw.CorruptError, apsw.NotADBError) as exc:
        raise Broken(f"the database is damaged: {exc}") from exc


def _filed(
    db: apsw.Connection, query: str, values: tuple[int | str, ...]
) -> Iterator[tuple[int, Filed]]:
    for row in _records(db, query, values):
        n, order_id, seq, evicted_by, content, digest = cast("_FiledRecord", row)
        filed = Filed(order_id, seq, evicted_by, content)
        if filed.digest != digest:
            raise Broken(f"the archive of {order_id} is not what was written: its hash has changed")
        yield n, filed


def _line(db: apsw.Connection, seq: int) -> bytes | None:
    rows = _records(db, "SELECT seq, line, hash FROM entry WHERE seq = ?", (seq,))
    return rows[0][1] if rows else None


def _lines(db: apsw.Connection, start: int) -> Iterator[bytes]:
    """In short reads, so that the writer's checkpoints are never held up by a long one."""
    last: Record | None = None
    query = "SELECT seq, line, hash FROM entry WHERE seq >= ? ORDER BY seq LIMIT ?"
    while rows := _records(db, query, (start, BATCH)):
        for n, (seq, line, _) in enumerate(rows, start):
            if seq != n:
                raise Broken(f"entry {n} is missing: number {seq} comes next")
            yield line
        last = rows[-1]
        start = last[0] + 1
        if len(rows) < BATCH:
            break
    if last is not None:
        _check_hash(last)


def _check_hash(row: Record) -> None:
    seq, line, digest = row
    if sha256(line).digest() != digest:
        raise Broken(f"entry {seq} is not what was written: its hash has changed")
