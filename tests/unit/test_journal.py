"""The journal: chained, durable, of one writer and one mode, and at an end after a failure."""

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import apsw
import pytest

from journals import deposited, opened
from omnivenue.journal import (
    FREE_FLOOR,
    Broken,
    Chain,
    Journal,
    JournalFailed,
    Locked,
    MemoryJournal,
    NotAJournal,
    SqliteJournal,
    SqliteReader,
    UnknownSchema,
    WrongMode,
    free_space,
)
from omnivenue.journal.journal import Row
from omnivenue.message import SCHEMA_VERSION, Alert, decode_entry, encode
from omnivenue.model import SECOND, Nanos

SRC = Path(__file__).parents[2] / "src"
TESTS = Path(__file__).parents[1]
ENVIRONMENT = os.environ | {"PYTHONPATH": f"{SRC}{os.pathsep}{TESTS}"}


def add(journal: Journal, number: int) -> None:
    told = (Alert(topic="test", about=str(number)),)
    journal.append(Nanos(number), "test", deposited(number), (), told)


def opened_journal(home: Path, entries: int = 1) -> SqliteJournal:
    journal = SqliteJournal(home, "paper")
    journal.append(journal.last_at, "runtime", opened(), (), ())
    for number in range(1, entries):
        add(journal, number)
    journal.commit()
    return journal


def python(program: str, *words: object) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-c", program, *map(str, words)],
        env=ENVIRONMENT,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


@pytest.fixture
def database(tmp_path: Path) -> Iterator[apsw.Connection]:
    """A journal of six entries, open for tampering."""
    opened_journal(tmp_path, 6).close()
    db = apsw.Connection(str(tmp_path / "paper" / "journal.db"))
    yield db
    db.close()


def read(home: Path) -> list[int]:
    reader = SqliteReader(home / "paper" / "journal.db")
    try:
        return [entry.seq for entry in Chain(0).check(reader.lines())]
    finally:
        reader.close()


def test_what_is_committed_is_there_again(tmp_path: Path) -> None:
    journal = opened_journal(tmp_path)
    assert (journal.epoch, journal.durable_seq) == (1, 0)
    add(journal, 2)
    assert journal.durable_seq == 0
    assert [d.command for d in journal.commit()] == [Alert(topic="test", about="2")]
    assert journal.durable_seq == 1
    assert journal.commit() == []
    add(journal, 3)
    journal.close()  # a crash: the third was never committed
    journal = SqliteJournal(tmp_path, "paper")
    assert (journal.epoch, journal.last_at, journal.durable_seq) == (2, 2, 1)
    add(journal, 4)
    add(journal, 4)
    assert [(d.seq, d.epoch) for d in journal.commit()] == [(2, 2), (3, 2)]
    assert journal.durable_seq == 3
    assert [e.epoch for e in Chain(0).check(journal.lines())] == [1, 1, 2, 2]
    journal.close()


def test_nobody_else_may_look(tmp_path: Path) -> None:
    home = tmp_path / "home"
    (home / "paper").mkdir(parents=True, mode=0o755)
    journal = opened_journal(home)
    assert (home / "paper").stat().st_mode & 0o777 == 0o700
    names = {p.name: p.stat().st_mode & 0o777 for p in (home / "paper").iterdir()}
    assert set(names) == {"journal.db", "journal.db-wal", "journal.db-shm", "journal.lock"}
    assert set(names.values()) == {0o600}
    journal.close()
    opened_journal(tmp_path / "new").close()
    assert (tmp_path / "new").stat().st_mode & 0o777 == 0o700


@pytest.mark.holds("I6", "T06")
def test_one_writer(tmp_path: Path) -> None:
    journal = opened_journal(tmp_path)
    with pytest.raises(Locked, match=f"process {os.getpid()} writes .*paper"):
        SqliteJournal(tmp_path, "paper")
    journal.close()
    SqliteJournal(tmp_path, "paper").close()


HOLD = """
import sys, pathlib
from omnivenue.journal import SqliteJournal
journal = SqliteJournal(pathlib.Path(sys.argv[1]), "paper")
print("held", flush=True)
sys.stdin.read()
"""


@pytest.mark.holds("I6", "T06")
def test_one_writer_among_processes(tmp_path: Path) -> None:
    holder = subprocess.Popen(
        [sys.executable, "-c", HOLD, str(tmp_path)],
        env=ENVIRONMENT,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    )
    assert holder.stdout is not None
    assert holder.stdout.readline() == b"held\n"
    with pytest.raises(Locked, match=f"process {holder.pid} "):
        SqliteJournal(tmp_path, "paper")
    holder.kill()
    holder.communicate()
    SqliteJournal(tmp_path, "paper").close()  # a dead holder holds nothing


@pytest.mark.holds("I6", "T06")
def test_two_writers_without_a_lock_do_not_both_commit(tmp_path: Path) -> None:
    """Somebody removes the lock file: the number of an entry is taken only once."""
    first = opened_journal(tmp_path)
    (tmp_path / "paper" / "journal.lock").unlink()
    second = opened_journal(tmp_path)
    add(first, 1)
    with pytest.raises(JournalFailed, match="UNIQUE"):
        first.commit()
    second.close()
    first.close()
    assert read(tmp_path) == [0, 1]


@pytest.mark.holds("T11")
def test_one_mode(tmp_path: Path) -> None:
    disk: list[bytes] = []
    journal = MemoryJournal("paper", disk)
    journal.append(Nanos(1), "runtime", opened(), (), ())
    journal.commit()
    with pytest.raises(WrongMode, match="paper, not live"):
        MemoryJournal("live", disk)
    opened_journal(tmp_path).close()
    (tmp_path / "paper").rename(tmp_path / "live")
    with pytest.raises(WrongMode):
        SqliteJournal(tmp_path, "live")
    (tmp_path / "live").rename(tmp_path / "paper")
    SqliteJournal(tmp_path, "paper").close()  # and the refusal has let go of the lock


@pytest.mark.holds("T10")
def test_what_a_newer_program_wrote_is_not_guessed_at() -> None:
    newer = opened(schema_version=SCHEMA_VERSION + 1)
    _, line, _ = Chain(1).seal(Nanos(1), "runtime", newer, (), ())
    unreadable = line.replace(b'"mode"', b'"manner"')
    for each in (line, unreadable):
        with pytest.raises(UnknownSchema, match=f"entry 0 .*schema {SCHEMA_VERSION + 1}"):
            list(Chain(0).check([each]))
        with pytest.raises(UnknownSchema):
            MemoryJournal("paper", [each])


def test_what_nobody_wrote_is_named() -> None:
    for line in (b"", b"{}", b"[]", b"\xff", b'{"event":7}', b'{"event":{"type":"dreamt"}}'):
        with pytest.raises(Broken, match="entry 0 cannot be read"):
            list(Chain(0).check([line]))


def test_a_chain_goes_on_from_a_point_within() -> None:
    journal = MemoryJournal("paper")
    for number in range(5):
        add(journal, number)
    journal.commit()
    point = Chain(0)
    list(point.check(list(journal.lines())[:3]))
    rest = Chain(point.epoch, point.seq, point.head)
    assert [e.seq for e in rest.check(journal.lines(3))] == [3, 4]
    assert rest.head == journal.head
    with pytest.raises(Broken, match="entry 3 is missing: entry 4"):
        list(Chain(point.epoch, point.seq, point.head).check(journal.lines(4)))


def test_epochs_only_rise() -> None:
    chain = Chain(2)
    _, first, _ = chain.seal(Nanos(1), "test", deposited(1), (), ())
    chain.epoch = 1
    _, second, _ = chain.seal(Nanos(1), "test", deposited(2), (), ())
    with pytest.raises(Broken, match="entry 1 is of epoch 1, after 2"):
        list(Chain(0).check([first, second]))


class Failing(MemoryJournal):
    """A disk that says no, once, after or before it has written."""

    def __init__(self, *, keeps: bool) -> None:
        super().__init__("paper")
        self.keeps, self.fails = keeps, False

    def _write(self, rows: list[Row]) -> None:
        if self.keeps or not self.fails:
            super()._write(rows)
        if self.fails:
            self.fails = False
            raise OSError("disk I/O error")


@pytest.mark.holds("I4", "T03")
@pytest.mark.parametrize("keeps", [True, False])
def test_a_failed_commit_is_the_last(keeps: bool) -> None:
    journal = Failing(keeps=keeps)
    add(journal, 1)
    assert len(journal.commit()) == 1
    journal.fails = True
    add(journal, 2)
    with pytest.raises(JournalFailed, match="unknown: disk I/O error") as caught:
        journal.commit()
    assert isinstance(caught.value.__cause__, OSError)
    assert journal.durable_seq == 0
    with pytest.raises(JournalFailed, match="after a failed commit"):
        add(journal, 3)
    with pytest.raises(JournalFailed, match="after a failed commit"):
        journal.commit()
    assert len(list(journal.lines())) == 1 + keeps


@pytest.mark.holds("I4", "T03")
@pytest.mark.parametrize("where", ["BEGIN", "INSERT", "COMMIT"])
def test_an_error_of_the_database_is_a_failed_commit(tmp_path: Path, where: str) -> None:
    journal = opened_journal(tmp_path)
    add(journal, 1)
    break_at(journal, where)
    with pytest.raises(JournalFailed, match="not authorized") as caught:
        journal.commit()
    assert isinstance(caught.value.__cause__, apsw.Error)
    with pytest.raises(JournalFailed):
        journal.commit()
    journal.close()
    assert read(tmp_path) == [0]


def break_at(journal: SqliteJournal, where: str) -> None:
    """The authorizer is asked before each statement, and answers as a broken disk would."""

    def answer(action: int, what: str | None, *_: object) -> int:
        is_insert = action == apsw.SQLITE_INSERT and where == "INSERT"
        is_it = is_insert or (action == apsw.SQLITE_TRANSACTION and what == where)
        return apsw.SQLITE_DENY if is_it else apsw.SQLITE_OK

    journal._db.authorizer = answer  # pyright: ignore[reportPrivateUsage]


FILL = """
import sys, pathlib
from omnivenue.journal import JournalFailed, SqliteJournal, free_space
from omnivenue.model import Nanos
from journals import deposited, opened
home = pathlib.Path(sys.argv[1])
journal = SqliteJournal(home, "paper")
journal.append(Nanos(0), "runtime", opened(), (), ())
assert not journal.has_space(Nanos(0))
try:
    for number in range(100_000):
        journal.append(Nanos(number), "test", deposited(number), (), ())
        journal.commit()
except JournalFailed as exc:
    assert "full" in str(exc), exc
try:
    journal.commit()
except JournalFailed:
    pass
else:
    raise AssertionError("went on after a failure")
durable = journal.durable_seq
journal.close()
for path in pathlib.Path(sys.argv[1]).glob("ballast"):
    path.unlink()
journal = SqliteJournal(home, "paper")
assert journal.durable_seq >= durable > 0
journal.append(journal.last_at, "runtime", opened(), (), ())
journal.commit()
print("went well")
"""


@pytest.mark.holds("I4", "T04")
def test_a_full_disk_ends_the_writer_and_loses_nothing(tmp_path: Path) -> None:
    """On a file system of 400 kB of its own; ballast is taken off before the restart."""
    script = 'mount -t tmpfs -o size=400k none "$1" && head -c 60000 /dev/zero > "$1/ballast"'
    unshare = shutil.which("unshare")
    if unshare is None:
        pytest.skip("no unshare")
    alone = [unshare, "-rm", "sh", "-c"]
    if subprocess.run([*alone, script, "sh", str(tmp_path)], check=False).returncode:
        pytest.skip("no mount of our own")
    run = [*alone, script + ' && exec "$2" -c "$3" "$1"', "sh", tmp_path, sys.executable, FILL]
    done = subprocess.run(run, env=ENVIRONMENT, check=False, capture_output=True, text=True)
    assert done.stdout == "went well\n", done.stderr


WRITE = """
import os, sys, pathlib
from omnivenue.journal import SqliteJournal
from omnivenue.model import Nanos
from journals import deposited, opened
class Dying(SqliteJournal):
    def _write(self, rows):
        if int(sys.argv[2]) <= rows[-1][0].seq:
            cursor = self._cursor
            cursor.execute("BEGIN IMMEDIATE")
            cursor.executemany(
                "INSERT INTO entry VALUES (?, ?, ?)",
                [(e.seq, line, bytes.fromhex(digest)) for e, line, digest in rows],
            )
            os.kill(os.getpid(), 9)
        super()._write(rows)
journal = Dying(pathlib.Path(sys.argv[1]), "paper")
journal.append(journal.last_at, "runtime", opened(), (), ())
while True:
    for number in range(1 + journal.durable_seq % 3):
        journal.append(journal.last_at, "test", deposited(number), (), ())
    journal.commit()
    print(journal.durable_seq, flush=True)
"""


@pytest.mark.holds("I1", "T01")
def test_a_kill_loses_nothing_acknowledged(tmp_path: Path) -> None:
    """Killed between the write and its commit, and at moments of nobody's choosing."""
    acknowledged = -1
    for turn in range(6):
        dies_at = acknowledged + 20 + turn if turn % 2 else 10**9
        child = python(WRITE, tmp_path, dies_at)
        assert child.stdout is not None
        for _ in range(10 + turn):
            acknowledged = int(child.stdout.readline() or acknowledged)
        if turn % 2 == 0:
            child.kill()
        rest, errors = child.communicate()
        assert child.returncode == -9, errors
        whole = rest.rpartition("\n")[0].split()
        acknowledged = int(whole[-1]) if whole else acknowledged
        found = read(tmp_path)
        assert found == list(range(len(found)))
        assert found[-1] >= acknowledged
        if turn % 2:
            assert found[-1] < dies_at


def test_space_is_measured_once_a_second() -> None:
    measured = [FREE_FLOOR - 1, FREE_FLOOR]
    journal = MemoryJournal("paper", probe=measured.pop)
    assert journal.has_space(Nanos(5))
    assert journal.has_space(Nanos(SECOND + 4))
    assert not journal.has_space(Nanos(SECOND + 5))
    assert not journal.has_space(Nanos(SECOND + 6))
    assert measured == []


def test_what_cannot_be_measured_is_no_space(tmp_path: Path) -> None:
    assert free_space(tmp_path) > 0
    assert free_space(tmp_path / "gone") == 0
    journal = SqliteJournal(tmp_path, "paper", probe=lambda: 0)
    assert not journal.has_space(Nanos(0))
    journal.close()


def test_readers_need_no_lock_and_no_writer(tmp_path: Path) -> None:
    journal = opened_journal(tmp_path)
    reader = SqliteReader(tmp_path / "paper" / "journal.db")
    for number in range(1, 2_500):
        add(journal, number)
    journal.commit()
    assert [e.seq for e in Chain(0).check(reader.lines())] == list(range(2_500))
    with pytest.raises(apsw.ReadOnlyError):
        reader._db.execute("DELETE FROM entry")  # pyright: ignore[reportPrivateUsage]
    reader.close()
    journal.close()
    assert read(tmp_path)[-1] == 2_499
    reader = SqliteReader(tmp_path / "paper" / "journal.db")
    assert reader.line(2_500) is None
    line = reader.line(7)
    assert line is not None
    assert decode_entry(line).seq == 7
    reader.close()


def test_other_files_are_not_taken_for_journals(tmp_path: Path) -> None:
    path = tmp_path / "paper" / "journal.db"
    with pytest.raises(NotAJournal, match="no such file"):
        SqliteReader(path)
    path.parent.mkdir()
    path.write_bytes(b"a letter to my aunt " * 100)
    with pytest.raises(NotAJournal):
        SqliteReader(path)
    with pytest.raises(NotAJournal):
        SqliteJournal(tmp_path, "paper")
    path.unlink()
    db = apsw.Connection(str(path))
    db.execute("CREATE TABLE entry (seq, line)")
    db.close()
    with pytest.raises(NotAJournal, match="application 0, layout 0"):
        SqliteJournal(tmp_path, "paper")
    path.unlink()
    opened_journal(tmp_path).close()
    db = apsw.Connection(str(path))
    db.execute("PRAGMA user_version = 2")
    db.close()
    with pytest.raises(NotAJournal, match="layout 2"):
        SqliteJournal(tmp_path, "paper")


@pytest.mark.parametrize("name", ["n" * 200 + "/" + "m" * 200 + "/" + "o" * 200, "\udce4"])
def test_a_path_that_sqlite_does_not_take_is_told(tmp_path: Path, name: str) -> None:
    """Too long; or of letters that came in without a locale that has them."""
    with pytest.raises(NotAJournal, match="paths in UTF-8, of 512 bytes at most") as told:
        SqliteJournal(tmp_path / name, "paper")
    assert str(told.value).isascii(), "and so it can be shown"


def test_a_half_made_file_is_made_again(tmp_path: Path) -> None:
    """Killed between the first setting and the table."""
    (tmp_path / "paper").mkdir()
    db = apsw.Connection(str(tmp_path / "paper" / "journal.db"))
    db.execute("PRAGMA journal_mode = WAL")
    db.close()
    opened_journal(tmp_path).close()
    assert read(tmp_path) == [0]


def test_the_settings_took_effect(tmp_path: Path) -> None:
    journal = opened_journal(tmp_path)
    db = journal._db  # pyright: ignore[reportPrivateUsage]
    assert db.pragma("journal_mode") == "wal"
    assert db.pragma("synchronous") == 2
    journal.close()


@pytest.mark.holds("T05")
@pytest.mark.parametrize(
    ("statement", "problem"),
    [
        ("DELETE FROM entry WHERE seq = 0", "entry 0 is missing"),
        ("DELETE FROM entry WHERE seq = 3", "entry 3 is missing"),
        ("UPDATE entry SET seq = 9 WHERE seq = 5", "entry 5 is missing"),
        ("UPDATE entry SET line = (SELECT line FROM entry WHERE seq = 2) WHERE seq = 3", "entry 3"),
        ("UPDATE entry SET line = x'' WHERE seq = 3", "entry 3 cannot be read"),
        ("UPDATE entry SET line = substr(line, 1, 90) WHERE seq = 5", "entry 5 cannot be read"),
        (
            "UPDATE entry SET line = CAST(replace(CAST(line AS TEXT), 'd-5', 'd-7') AS BLOB)"
            " WHERE seq = 5",
            "entry 5 is not what was written",
        ),
        ("UPDATE entry SET hash = zeroblob(32) WHERE seq = 5", "entry 5 is not what was written"),
    ],
)
def test_what_was_done_to_the_table_shows(
    database: apsw.Connection, tmp_path: Path, statement: str, problem: str
) -> None:
    database.execute(statement)
    with pytest.raises(Broken, match=problem):
        read(tmp_path)


@pytest.mark.holds("I5", "T05")
@pytest.mark.parametrize(
    "statement",
    [
        "DELETE FROM entry WHERE seq = 0",
        "UPDATE entry SET seq = 9 WHERE seq = 5",
        "UPDATE entry SET hash = zeroblob(32) WHERE seq = 5",
    ],
)
def test_a_writer_does_not_go_on_from_a_damaged_end(
    database: apsw.Connection, tmp_path: Path, statement: str
) -> None:
    database.execute(statement)
    with pytest.raises(Broken):
        SqliteJournal(tmp_path, "paper")


@pytest.mark.holds("T05")
def test_two_entries_that_changed_places_show(database: apsw.Connection, tmp_path: Path) -> None:
    rows = database.execute("SELECT line, hash FROM entry WHERE seq IN (2, 3)").fetchall()
    for seq, (line, digest) in zip((3, 2), rows, strict=True):
        database.execute("UPDATE entry SET line = ?, hash = ? WHERE seq = ?", (line, digest, seq))
    with pytest.raises(Broken, match="entry 2 is missing: entry 3 stands in its place"):
        read(tmp_path)


def test_nothing_is_given_out_before_it_is_vouched_for(
    database: apsw.Connection, tmp_path: Path
) -> None:
    """Neither by its successor nor, at the end, by the store: so no fold has met it."""
    for seq in (5, 3):
        database.execute(
            "UPDATE entry SET line = CAST(replace(CAST(line AS TEXT), 'd-', 'e-') AS BLOB)"
            " WHERE seq = ?",
            (seq,),
        )
        reader = SqliteReader(tmp_path / "paper" / "journal.db")
        chain, given = Chain(0), list[int]()
        with pytest.raises(Broken):
            given.extend(e.seq for e in chain.check(reader.lines()))
        reader.close()
        assert given == list(range(seq))
        assert chain.seq == seq


def test_equal_entries_are_equal_bytes() -> None:
    _, line, _ = Chain(1).seal(Nanos(1), "test", deposited(1), (), ())
    assert encode(decode_entry(line)) == line
