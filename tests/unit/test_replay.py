"""Folded, decided again, and audited: what is not as it was is found, and named."""

from collections.abc import Callable
from hashlib import sha256
from pathlib import Path

import apsw
import msgspec
import pytest

from journals import OKX, PAIR, deposited, opened, written
from omnivenue.engine import DECISION_VERSION, State, state_hash
from omnivenue.journal import (
    Chain,
    Differs,
    MemoryJournal,
    Replayed,
    SqliteJournal,
    SqliteReader,
    apply_entry,
    decision_hash,
    replay,
    verify,
    verify_journal,
    write_snapshot,
)
from omnivenue.journal.snapshots import FORMAT
from omnivenue.message import (
    SCHEMA_VERSION,
    Alert,
    Asked,
    Entry,
    Mark,
    MarkOf,
    Missing,
    OrderInstructed,
    Top,
    VenueDown,
    decision,
    decode_entry,
    encode,
)
from omnivenue.model import InstrumentID, Lots, Nanos, Side, Ticks, VenueID

ACTIONS = (0, 3, 1, 5, 4, 6, 7, 6, 2, 0, 3, 3)


def resealed(lines: list[bytes], at: int, change: Callable[[Entry], Entry]) -> list[bytes]:
    """The journal with entry `at` as it never was, and hashes that fit."""
    chain, out = Chain(1), list[bytes]()
    for seq, line in enumerate(lines):
        found = decode_entry(line)
        entry = change(found) if seq == at else found
        chain.epoch = entry.epoch
        sealed = chain.seal(entry.at, entry.principal, entry.event, entry.seen, entry.commands)
        out.append(sealed[1])
    return out


def lines_and_order() -> tuple[list[bytes], int]:
    """A journal, and the number of an entry that asks the market and answers with commands."""
    lines = list(written(ACTIONS).journal.lines())
    entries = [decode_entry(line) for line in lines]
    (first, *_) = (e.seq for e in entries if isinstance(e.event, OrderInstructed) and e.seen)
    return lines, first


def test_folded_or_decided_again_it_is_the_same() -> None:
    desk = written(ACTIONS)
    lines = list(desk.journal.lines())
    expected = state_hash(desk.state)
    assert state_hash(replay(State(), lines)) == expected
    assert state_hash(verify(State(), lines)) == expected
    chain = Chain(0)
    state = replay(State(), lines[:9], chain)
    assert state_hash(verify(state, lines[9:], chain)) == expected


ALERT = Alert(topic="made", about="up")
ELSEWHERE = Asked(question=MarkOf(instrument_id=InstrumentID("no")), answer=Missing(why="stale"))

# What the message says of it, and what was done.
CHANGES: dict[str, Callable[[Entry], Entry]] = {
    "written Alert(": lambda e: msgspec.structs.replace(e, commands=(ALERT, *e.commands[1:])),
    "written (Alert": lambda e: msgspec.structs.replace(e, commands=(*e.commands, ALERT)),
    "written (), decided again [": lambda e: msgspec.structs.replace(e, commands=e.commands[:-1]),
    "asks nothing more, ": lambda e: msgspec.structs.replace(e, seen=e.seen[:-1]),
    "decided again asks nothing more": lambda e: msgspec.structs.replace(e, seen=e.seen * 2),
    "asks MarkOf": lambda e: msgspec.structs.replace(e, seen=(ELSEWHERE, *e.seen[1:])),
}


@pytest.mark.holds("I5")
@pytest.mark.parametrize("words", CHANGES)
def test_what_was_not_decided_so_is_named(words: str) -> None:
    lines, seq = lines_and_order()
    changed = resealed(lines, seq, CHANGES[words])
    with pytest.raises(Differs) as caught:
        verify(State(), changed)
    assert caught.value.seq == seq
    assert str(caught.value).startswith(f"entry {seq} differs: written ")
    assert words in str(caught.value)


def test_both_sides_are_named() -> None:
    lines, seq = lines_and_order()
    with pytest.raises(Differs) as caught:
        verify(State(), resealed(lines, seq, CHANGES["written Alert("]))
    assert caught.value.written == ALERT
    assert caught.value.decided == decode_entry(lines[seq]).commands[0]


def test_other_versions_are_believed() -> None:
    """Code has changed since: what it decided then still happened."""
    lines, seq = lines_and_order()
    other = msgspec.structs.replace(opened(), decision_version=DECISION_VERSION + 1)
    changed = resealed(lines, 0, lambda e: msgspec.structs.replace(e, event=other))
    changed = resealed(changed, seq, CHANGES["written (Alert"])
    assert state_hash(verify(State(), changed[: seq + 1])) == state_hash(
        replay(State(), lines[: seq + 1])
    )


def test_answers_come_in_their_order_or_not_at_all() -> None:
    mark = Mark(px=Ticks(5), at=Nanos(1))
    asked = Asked(question=MarkOf(instrument_id=PAIR), answer=mark)
    seen = Replayed((asked, asked), 7)
    assert seen.mark(PAIR) == mark
    with pytest.raises(Differs, match=r"entry 7 .*asks MarkOf.*decided again asks TopOf"):
        seen.top(OKX, PAIR)
    with pytest.raises(Differs, match="asks nothing more"):
        seen.depth(OKX, PAIR, Side.BUY, Lots(1))
    seen.check_done()
    top = Top(bid=Ticks(1), bid_qty=Lots(1), ask=Ticks(2), ask_qty=Lots(1), at=Nanos(1))
    wrong = Asked(question=MarkOf(instrument_id=PAIR), answer=top)
    with pytest.raises(Differs, match="needs a Mark"):
        Replayed((wrong,), 7).mark(PAIR)


def test_the_decision_hash_leaves_out_mode_epoch_and_wall_time() -> None:
    hashes: set[str] = set()
    for mode, at in (("paper", 1), ("live", 2)):
        journal = MemoryJournal(mode)
        journal.append(Nanos(at), "runtime", opened(mode), (), ())
        journal.commit()
        hashes.add(decision_hash(journal.lines()))
    assert len(hashes) == 1
    journal.append(Nanos(at), "runtime", deposited(1), (), ())
    journal.commit()
    assert decision_hash(journal.lines()) not in hashes


def test_a_decision_is_event_answers_and_commands_and_nothing_else() -> None:
    named = ',"event":{},"prev_hash":"'  # as a principal's name, or within a value
    asked = Asked(question=MarkOf(instrument_id=PAIR), answer=Mark(px=Ticks(5), at=Nanos(1)))
    chain = Chain(1)
    entry, line, _ = chain.seal(
        Nanos(1),
        "ann",
        VenueDown(venue_id=OKX, why=named),
        (asked,),
        (Alert(topic="a", about="b"),),
    )
    told = decision(entry, line)
    assert msgspec.json.decode(b"{" + told[1:] + b"}").keys() == {"event", "seen", "commands"}
    for same in (
        {"seq": 9},
        {"epoch": 9},
        {"at": Nanos(9)},
        {"principal": named},
        {"prev_hash": "9" * 64},
    ):
        other = msgspec.structs.replace(entry, **same)
        assert decision(other, encode(other)) == told, same
    for otherwise in (
        {"event": VenueDown(venue_id=OKX, why="")},
        {"seen": ()},
        {"commands": (Alert(topic="a", about=named),)},
    ):
        other = msgspec.structs.replace(entry, **otherwise)
        assert decision(other, encode(other)) != told, otherwise


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """A journal on a disk, with three snapshots beside it."""
    journal = SqliteJournal(tmp_path, "paper")
    written(ACTIONS, journal)
    state, chain = State(), Chain(0)
    for entry in chain.check(journal.lines()):
        apply_entry(state, entry)
        if chain.seq in (6, 12, 18):
            write_snapshot(tmp_path / "paper" / "snapshots", state, chain)
    journal.close()
    return tmp_path / "paper" / "journal.db"


def tamper(path: Path, statement: str, *values: bytes | int) -> None:
    db = apsw.Connection(str(path))
    db.execute(statement, values)
    db.close()


def forge(path: Path, at: int, change: Callable[[Entry], Entry]) -> None:
    """End the journal with entry `at` as it never was, and with all its hashes right."""
    reader = SqliteReader(path)
    lines = list(reader.lines())
    reader.close()
    forged = resealed(lines[: at + 1], at, change)
    digest = sha256(forged[at]).digest()
    tamper(path, "DELETE FROM entry WHERE seq >= ?", at)
    tamper(path, "INSERT INTO entry VALUES (?, ?, ?)", at, forged[at], digest)


@pytest.mark.parametrize("decide", [True, False])
def test_a_good_journal_passes(path: Path, decide: bool) -> None:
    desk = written(ACTIONS)
    report = verify_journal(path, decide=decide)
    assert report.ok, report.problem
    assert report.problem == ""
    assert report.entries == desk.state.seq
    assert report.state_hash == state_hash(desk.state)
    assert report.decision_hash == decision_hash(desk.journal.lines())
    assert report.epochs == 2
    assert report.snapshots_checked == 3


def test_an_audit_says_how_far_it_was_right(path: Path) -> None:
    tamper(path, "DELETE FROM entry WHERE seq = 14")
    report = verify_journal(path)
    assert not report.ok
    assert report.problem == "entry 14 is missing: number 15 comes next"
    assert (report.entries, report.snapshots_checked) == (13, 2)  # nothing vouches for entry 13


@pytest.mark.holds("T05")
def test_an_end_that_was_cut_off_shows_against_a_snapshot(path: Path) -> None:
    tamper(path, "DELETE FROM entry WHERE seq >= 17")
    assert verify_journal(path).problem == "the journal has lost entries: it ends before 18.snap"


def test_an_end_that_was_rewritten_shows_against_a_snapshot(path: Path) -> None:
    forge(path, 17, lambda e: msgspec.structs.replace(e, principal="somebody"))
    assert verify_journal(path).problem == "entry 17 is not the one that 18.snap was made with"


def test_a_snapshot_of_another_state_shows(path: Path) -> None:
    chain, state = Chain(0), State()
    journal = SqliteJournal(path.parents[1], "paper")
    for entry in chain.check(list(journal.lines())[:12]):
        apply_entry(state, entry)
    journal.close()
    state.deposits["invented"] = None
    write_snapshot(path.parent / "snapshots", state, chain)
    report = verify_journal(path)
    assert report.problem == "12.snap holds another state than its entries make"


def test_a_torn_snapshot_shows(path: Path) -> None:
    snapshot = path.parent / "snapshots" / "12.snap"
    snapshot.write_bytes(snapshot.read_bytes()[:-1])
    assert verify_journal(path).problem == "12.snap is not what was written"


def test_a_snapshot_of_another_version_is_not_judged(path: Path) -> None:
    """Its state was kept otherwise: that is no damage."""
    snapshot = path.parent / "snapshots" / "12.snap"
    header, _, state = snapshot.read_bytes().partition(b"\n")[2].partition(b"\n")
    rest = (
        header.replace(f'"schema_version":{SCHEMA_VERSION}'.encode(), b'"schema_version":0')
        + b"\n"
        + state
    )
    snapshot.write_bytes(FORMAT + b" " + sha256(rest).hexdigest().encode() + b"\n" + rest)
    report = verify_journal(path)
    assert report.ok, report.problem
    assert report.snapshots_checked == 2


def test_a_mode_that_changes_is_a_problem(path: Path) -> None:
    forge(path, 5, lambda e: msgspec.structs.replace(e, event=opened("live"), commands=()))
    assert "entry 5 was written in mode live, not paper" in verify_journal(path).problem


def test_what_our_rules_cannot_bear_is_a_problem_and_no_crash(path: Path) -> None:
    event = VenueDown(venue_id=VenueID("NOWHERE"), why="")
    forge(path, 2, lambda e: msgspec.structs.replace(e, event=event))
    report = verify_journal(path)
    assert report.problem == "entry 2 cannot be applied: KeyError: 'NOWHERE'"
    assert report.entries == 2


def test_a_decision_that_differs_is_a_problem(path: Path) -> None:
    forge(path, 5, lambda e: msgspec.structs.replace(e, commands=(ALERT,)))
    for snapshot in (path.parent / "snapshots").iterdir():
        snapshot.unlink()
    assert verify_journal(path).problem.startswith("entry 5 differs: written (Alert")
    assert verify_journal(path, decide=False).ok


def test_no_journal_is_a_problem(tmp_path: Path) -> None:
    report = verify_journal(tmp_path / "journal.db")
    assert not report.ok
    assert report.problem.endswith("no such file")


GOLDEN = sorted((Path(__file__).parents[1] / "replay").glob("golden-*.jsonl"))


@pytest.mark.holds("I5", "T10")
@pytest.mark.parametrize("golden", GOLDEN, ids=lambda path: path.stem)
def test_what_was_written_before_is_still_read(golden: Path) -> None:
    """And decided as it was, as long as this version says that it decides so."""
    lines = golden.read_bytes().splitlines()
    state = verify(State(), lines)
    assert state.seq == len(lines)
    assert state_hash(replay(State(), lines)) == state_hash(state)


def test_there_is_a_golden_journal_of_this_schema() -> None:
    assert f"golden-{SCHEMA_VERSION}" in {path.stem for path in GOLDEN}
