"""The latch outside the journal: what is written stays until it is lifted, and whatever else
somebody puts there stops everything."""

import os
import stat
from pathlib import Path

import pytest

from omnivenue.app.kill_file import EVERYTHING, KillFile, Stop
from omnivenue.model import TradingState

KILLED, HALTED, REDUCE = TradingState.KILLED, TradingState.HALTED, TradingState.REDUCE_ONLY
A = Stop(scope="venue:A", state=HALTED, reason="why")


def words(folder: Path) -> str:
    return (folder / "KILL").read_text()


def test_what_is_set_is_read_by_the_next_process_and_by_nobody_else(tmp_path: Path) -> None:
    latch = KillFile(tmp_path)
    assert latch.read() == []
    latch.set("venue:A", HALTED, "why")
    latch.set("global", KILLED, "all")
    assert KillFile(tmp_path).read() == [A, Stop(reason="all")]
    assert stat.S_IMODE((tmp_path / "KILL").stat().st_mode) == 0o600
    assert latch.news() == [], "what we wrote ourselves is none"
    assert [path.name for path in tmp_path.iterdir()] == ["KILL"]


def test_it_only_ever_gets_worse(tmp_path: Path) -> None:
    latch = KillFile(tmp_path)
    for state in (REDUCE, KILLED, HALTED):
        latch.set("global", state, state.value)
    assert latch.read() == [Stop(reason="KILLED")]


def test_lifting_takes_one_scope_away_and_the_file_with_the_last(tmp_path: Path) -> None:
    latch = KillFile(tmp_path)
    latch.set("venue:A", HALTED, "why")
    latch.set("global", KILLED, "all")
    latch.lift("global")
    assert KillFile(tmp_path).read() == [A]
    latch.lift("venue:A")
    assert not (tmp_path / "KILL").exists()
    assert latch.read() == []
    latch.lift("venue:A")  # again, and nothing is there


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"\n",
        b"stop!",
        b"{}\nnonsense\n",
        b'{"scope": "venue:"}',
        b'{"scope": "the lot"}',
        b'{"state": "ACTIVE"}',
        b'{"scope": "venue:A", "sate": "HALTED"}',
        b"\xff\xfe",
        b'{"reason": "genug f\xfcr heute"}',
        b'{"scope": "strategy:s\xf6"}',
    ],
)
def test_what_cannot_be_read_means_everything(tmp_path: Path, content: bytes) -> None:
    latch = KillFile(tmp_path)
    (tmp_path / "KILL").write_bytes(content)
    assert KillFile(tmp_path).read() == [EVERYTHING]
    assert latch.news() == [], "it may be half written"
    assert latch.news() == [EVERYTHING]
    assert latch.news() == [], "once"
    latch.lift("global")
    assert not (tmp_path / "KILL").exists()


def test_what_is_half_written_is_not_taken_for_everything(tmp_path: Path) -> None:
    latch = KillFile(tmp_path)
    with (tmp_path / "KILL").open("wb") as file:
        assert latch.news() == []
        file.write(b'{"scope": "venue:A", "state": "HALTED", "reason": "why"}\n')
    assert latch.news() == [A]


def test_a_folder_in_its_place_means_everything(tmp_path: Path) -> None:
    (tmp_path / "KILL").mkdir()
    latch = KillFile(tmp_path)
    assert latch.read() == [EVERYTHING]
    latch.set("venue:A", HALTED, "cannot be written, and must not raise")
    latch.lift("global")


def test_what_an_operator_writes_meanwhile_is_neither_lost_nor_lifted(tmp_path: Path) -> None:
    latch = KillFile(tmp_path)
    latch.set("venue:A", HALTED, "why")
    (tmp_path / "KILL").write_text('{"scope": "account:main"}\n')
    latch.lift("account:main")
    assert "account:main" in words(tmp_path), "nobody has obeyed it yet"
    latch.set("global", KILLED, "all")
    assert {stop.scope for stop in latch.news()} == {"account:main", "global"}
    (tmp_path / "KILL").write_text("")
    os.utime(tmp_path / "KILL", ns=(1, 1))
    latch.set("venue:B", HALTED, "why")
    assert EVERYTHING in latch.news()


def test_taking_it_away_is_no_news(tmp_path: Path) -> None:
    latch = KillFile(tmp_path)
    latch.set("global", KILLED, "all")
    (tmp_path / "KILL").unlink()
    assert latch.news() == []
    (tmp_path / "KILL").touch()
    assert (latch.news(), latch.news()) == ([], [EVERYTHING])


def touch(folder: Path) -> None:
    os.utime(folder / "KILL", ns=(1, 1))


def test_a_touch_stops_everything_whatever_is_stopped_already(tmp_path: Path) -> None:
    latch = KillFile(tmp_path)
    latch.set("venue:A", HALTED, "why")
    touch(tmp_path)
    assert latch.news() == [A, EVERYTHING]
    assert latch.news() == [], "once"
    latch.set("global", KILLED, "all")
    latch.lift("global")
    assert latch.news() == [], "what we wrote ourselves is no touch"


def test_a_touch_is_not_lost_on_what_we_write_meanwhile(tmp_path: Path) -> None:
    latch = KillFile(tmp_path)
    latch.set("venue:A", HALTED, "why")
    touch(tmp_path)
    latch.set("venue:B", HALTED, "why")
    assert EVERYTHING in latch.news()
