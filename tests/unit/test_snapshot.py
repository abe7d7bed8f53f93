"""Snapshots: whole or not at all, of this journal or none, made by another process."""

import os
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from journals import Desk, deposited, written
from omnivenue.engine import State, state_hash
from omnivenue.journal import (
    Broken,
    Chain,
    MemoryJournal,
    Snapshots,
    SqliteJournal,
    WrongMode,
    apply_entry,
    load_latest,
    recover,
    write_snapshot,
)
from omnivenue.journal import snapshot as snapshot_module
from omnivenue.journal import snapshots as snapshots_module
from omnivenue.journal.snapshot import main, make_snapshot
from omnivenue.journal.snapshots import FORMAT
from omnivenue.message import encode
from omnivenue.model import Nanos

SRC = Path(__file__).parents[2] / "src"
ACTIONS = (0, 3, 1, 5, 4, 6, 7, 6, 2, 0, 3, 3)


def snapshot_at(folder: Path, journal: MemoryJournal, seq: int) -> Path:
    state, chain = State(), Chain(0)
    for entry in chain.check(list(journal.lines())[:seq]):
        apply_entry(state, entry)
    return write_snapshot(folder, state, chain)


def memory(actions: tuple[int, ...] = ACTIONS) -> tuple[Desk, MemoryJournal]:
    journal = MemoryJournal("paper")
    return written(actions, journal), journal


def on_disk(home: Path) -> str:
    """A journal with a past, and the hash of the state after it."""
    journal = SqliteJournal(home, "paper")
    desk = written(ACTIONS, journal)
    journal.close()
    return state_hash(desk.state)


def test_a_snapshot_and_the_tail_are_the_whole(tmp_path: Path) -> None:
    desk, journal = memory()
    path = snapshot_at(tmp_path / "s", journal, 12)
    assert path.name == "12.snap"
    assert path.stat().st_mode & 0o777 == 0o600
    assert path.parent.stat().st_mode & 0o777 == 0o700
    assert [p.name for p in path.parent.iterdir()] == ["12.snap"]
    found = load_latest(tmp_path / "s", journal)
    assert found is not None
    assert (found[0].seq, found[1].seq) == (12, 12)
    assert state_hash(recover(journal, tmp_path / "s")) == state_hash(desk.state)
    assert state_hash(recover(journal)) == state_hash(desk.state)


def test_nothing_is_a_beginning(tmp_path: Path) -> None:
    journal = MemoryJournal("paper")
    assert load_latest(tmp_path / "s", journal) is None
    assert recover(journal, tmp_path / "s").seq == 0
    write_snapshot(tmp_path / "s", State(), Chain(0))
    assert recover(journal, tmp_path / "s").seq == 0


def test_three_are_kept(tmp_path: Path) -> None:
    _, journal = memory()
    (tmp_path / "99.tmp").write_bytes(b"a crash while writing")
    for seq in (1, 9, 10, 11, 12):
        snapshot_at(tmp_path, journal, seq)
    assert {p.name for p in tmp_path.iterdir()} == {"10.snap", "11.snap", "12.snap"}
    snapshot_at(tmp_path, journal, 5)  # the one just written stays
    assert {p.name for p in tmp_path.iterdir()} == {"5.snap", "11.snap", "12.snap"}


def torn(content: bytes) -> bytes:
    return content[: len(content) // 2]


def flipped(content: bytes) -> bytes:
    at = len(content) * 3 // 4
    return content[:at] + bytes([content[at] ^ 1]) + content[at + 1 :]


def of_another_format(content: bytes) -> bytes:
    return content.replace(FORMAT, b"omnivenue-snapshot-2", 1)


DAMAGE: list[Callable[[bytes], bytes]] = [
    torn,
    flipped,
    of_another_format,
    lambda content: content + b" ",
    lambda _: b"",
    lambda _: b"\n\n\n",
]


@pytest.mark.holds("T05")
@pytest.mark.parametrize("damage", DAMAGE)
def test_a_torn_one_falls_back(tmp_path: Path, damage: Callable[[bytes], bytes]) -> None:
    desk, journal = memory()
    paths = [snapshot_at(tmp_path, journal, seq) for seq in (8, 12)]
    for path, left in ((paths[1], 8), (paths[0], None)):
        path.write_bytes(damage(path.read_bytes()))
        found = load_latest(tmp_path, journal)
        assert (found and found[0].seq) == left
        assert state_hash(recover(journal, tmp_path)) == state_hash(desk.state)


@pytest.mark.parametrize("name", ["SCHEMA_VERSION", "DECISION_VERSION"])
def test_one_of_another_version_falls_back(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    _, journal = memory()
    snapshot_at(tmp_path, journal, 8)
    monkeypatch.setattr(snapshots_module, name, 99)
    assert load_latest(tmp_path, journal) is None
    assert recover(journal, tmp_path).seq == journal.durable_seq + 1


def test_one_that_reads_back_otherwise_falls_back(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As after a field of State was renamed, and nobody raised a version."""
    _, journal = memory()
    snapshot_at(tmp_path, journal, 8)

    def decoded(_: bytes) -> State:
        return State()

    monkeypatch.setattr(snapshots_module, "decode_state", decoded)
    assert load_latest(tmp_path, journal) is None


@pytest.mark.holds("I5", "T05")
def test_a_journal_that_lost_its_end_is_not_gone_on_from(tmp_path: Path) -> None:
    _, journal = memory()
    snapshot_at(tmp_path, journal, 10)
    snapshot_at(tmp_path, journal, 14)
    cut = MemoryJournal("paper", list(journal.lines())[:13])
    found = load_latest(tmp_path, cut)
    assert found is not None
    assert found[0].seq == 10
    with pytest.raises(Broken, match=r"lost entries: 14\.snap was made with entry 13"):
        recover(cut, tmp_path)


@pytest.mark.holds("I5", "T05")
def test_a_journal_with_another_past_is_not_gone_on_from(tmp_path: Path) -> None:
    _, journal = memory()
    snapshot_at(tmp_path, journal, 14)
    _, other = memory((1, *ACTIONS))
    assert load_latest(tmp_path, other) is None
    with pytest.raises(Broken, match=r"entry 13 is not the one that 14\.snap was made with"):
        recover(other, tmp_path)


def test_a_broken_tail_is_not_gone_on_from(tmp_path: Path) -> None:
    _, journal = memory()
    snapshot_at(tmp_path, journal, 10)
    lines = list(journal.lines())
    lines[12] = lines[12].replace(b'"seq":12', b'"seq":13')
    with pytest.raises(Broken, match="entry 12"):
        recover(MemoryJournal("paper", lines), tmp_path)


def test_recovery_comes_before_the_first_append() -> None:
    desk, journal = memory()
    journal.append(Nanos(desk.at), "test", deposited(9), (), ())
    with pytest.raises(Broken, match="reading it at"):
        recover(journal)


def test_a_tail_of_another_mode_is_not_gone_on_from(tmp_path: Path) -> None:
    _, journal = memory()
    strange = MemoryJournal("paper", list(journal.lines()))
    strange.mode = "live"
    with pytest.raises(WrongMode):
        recover(strange)


def test_the_process_makes_one(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    expected = on_disk(tmp_path)
    assert main(["--home", str(tmp_path), "--mode", "paper"]) == 0
    (path,) = (tmp_path / "paper" / "snapshots").iterdir()
    assert capsys.readouterr().err == f"{path}\n"
    journal = SqliteJournal(tmp_path, "paper")
    state = recover(journal, path.parent)
    assert state_hash(state) == expected
    assert path.read_bytes().endswith(encode(state))
    desk = Desk(journal, state)
    desk.act(0)
    again = make_snapshot(tmp_path, "paper")  # from the first on, while the writer runs
    assert int(again.stem) == desk.state.seq
    assert state_hash(recover(journal, path.parent)) == state_hash(desk.state)
    journal.close()


def test_the_process_says_what_is_wrong(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--home", str(tmp_path), "--mode", "paper"]) == 1
    assert "no such file" in capsys.readouterr().err
    on_disk(tmp_path)
    (tmp_path / "paper").rename(tmp_path / "live")
    assert main(["--home", str(tmp_path), "--mode", "live"]) == 1
    assert "in mode paper, not live" in capsys.readouterr().err


def test_a_state_that_is_not_itself_when_read_back_is_not_kept(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def decoded(_: bytes) -> State:
        return State()

    on_disk(tmp_path)
    monkeypatch.setattr(snapshot_module, "decode_state", decoded)
    assert main(["--home", str(tmp_path), "--mode", "paper"]) == 1
    assert "not itself when read back" in capsys.readouterr().err
    assert not (tmp_path / "paper" / "snapshots").exists()


def wait_for(snapshots: Snapshots, is_done: Callable[[], object]) -> None:
    for _ in range(600):
        snapshots.poll()
        if is_done():
            return
        time.sleep(0.05)
    raise AssertionError("nothing happened")


@pytest.fixture(autouse=True)
def our_path(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PYTHONPATH", str(SRC) + os.pathsep + os.environ.get("PYTHONPATH", ""))


def test_the_loop_starts_one_at_a_time(tmp_path: Path) -> None:
    on_disk(tmp_path)
    failures: list[str] = []
    snapshots = Snapshots(tmp_path, "paper", every=10, failed=failures.append)
    assert not snapshots.maybe_start(9)
    assert snapshots.maybe_start(10)
    assert not snapshots.maybe_start(30)
    folder = tmp_path / "paper" / "snapshots"
    wait_for(snapshots, lambda: list(folder.glob("*.snap")) or failures)
    snapshots.close()
    assert failures == []
    (path,) = folder.glob("*.snap")
    later = Snapshots(tmp_path, "paper", every=10)
    assert not later.maybe_start(int(path.stem) + 9)
    assert later.maybe_start(int(path.stem) + 10)
    later.close()
    later.close()


def test_a_failure_is_told_and_not_fatal(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    failures: list[str] = []
    snapshots = Snapshots(tmp_path, "paper", every=10, failed=failures.append)
    assert snapshots.maybe_start(10)
    wait_for(snapshots, lambda: failures)
    assert "exit 1" in failures[0]
    assert "no such file" in failures[0]
    assert not snapshots.maybe_start(19)  # not at once again
    monkeypatch.setattr("sys.executable", str(tmp_path / "gone"))
    snapshots = Snapshots(tmp_path, "paper", every=10, failed=failures.append)
    assert not snapshots.maybe_start(10)
    assert "gone" in failures[1]


def test_a_process_that_says_much_is_not_halted_by_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """More than a pipe holds, and what it says last is what is told."""
    monkeypatch.setenv("PYTHONVERBOSE", "2")
    failures: list[str] = []
    snapshots = Snapshots(tmp_path, "paper", every=10, failed=failures.append)
    assert snapshots.maybe_start(10)
    wait_for(snapshots, lambda: failures)
    assert failures[0].startswith("exit 1")
    assert "# destroy" in failures[0], "the end of it"


def test_a_process_that_hangs_is_ended_and_told(tmp_path: Path) -> None:
    on_disk(tmp_path)
    failures: list[str] = []
    snapshots = Snapshots(tmp_path, "paper", every=10, failed=failures.append, seconds=0)
    assert snapshots.maybe_start(10)
    wait_for(snapshots, lambda: failures)
    assert failures[0].startswith("exit -9")
    assert snapshots.maybe_start(20), "and tried again"
    snapshots.close()
