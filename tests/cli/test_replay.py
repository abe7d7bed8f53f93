"""`replay`: what the journal makes, and whether it can be believed."""

import shutil
import sqlite3
from pathlib import Path

import pytest

from commands import run
from journals import written
from omnivenue.engine import state_hash
from omnivenue.journal import SqliteJournal, decision_hash

ACTIONS = (0, 3, 1, 5, 4, 6, 7, 6, 2, 0, 3, 3)


@pytest.fixture
def home(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    monkeypatch.setenv("OMNIVENUE_HOME", str(tmp_path))
    return tmp_path


@pytest.fixture
def hashes(home: Path) -> dict[str, object]:
    """A journal with a past; what it must be found to hold."""
    journal = SqliteJournal(home, "paper")
    desk = written(ACTIONS, journal)
    lines = list(journal.lines())
    journal.close()
    return {
        "entries": len(lines),
        "state_hash": state_hash(desk.state),
        "decision_hash": decision_hash(lines),
    }


@pytest.mark.parametrize("given", [(), ("--verify",)])
def test_it_prints_what_the_journal_makes(
    hashes: dict[str, object], given: tuple[str, ...]
) -> None:
    ran = run("replay", *given, "--json")
    assert ran.code == 0
    assert ran.document | hashes == ran.document
    assert (ran.document["ok"], ran.document["problem"]) == (True, "")
    assert ran.document["verified"] is bool(given)
    shown = run("replay", *given).out
    assert all(str(value) in shown for value in hashes.values())


def test_another_file_can_be_named(home: Path, hashes: dict[str, object]) -> None:
    moved = home / "elsewhere.db"
    shutil.move(home / "paper" / "journal.db", moved)
    ran = run("replay", "--journal", str(moved), "--verify", "--json")
    assert ran.code == 0
    assert ran.document["state_hash"] == hashes["state_hash"]


@pytest.mark.usefixtures("hashes")
def test_a_changed_entry_is_found(home: Path) -> None:
    with sqlite3.connect(home / "paper" / "journal.db") as db:
        (line,) = db.execute("SELECT line FROM entry WHERE seq = 5").fetchone()
        db.execute("UPDATE entry SET line = ? WHERE seq = 5", (line + b" ",))
    for given in ((), ("--verify",)):
        ran = run("replay", *given, "--json")
        assert ran.code == 1
        assert ran.document["ok"] is False
        assert ran.document["problem"]
        assert ran.document["error"]["message"] == ran.document["problem"]
        assert ran.document["problem"] in run("replay", *given).out


@pytest.mark.usefixtures("home")
def test_where_there_is_no_journal_that_is_said() -> None:
    ran = run("replay")
    assert ran.code == 1
    assert "no such file" in ran.out
    assert run("replay", "--mode", "live", "--json").document["entries"] == 0
