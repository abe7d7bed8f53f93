"""What has left State is found again by every name, in the same journal and in the next process's,
and a journal whose archive says otherwise than its entries is not right."""

import asyncio
from collections.abc import Iterator
from hashlib import sha256
from pathlib import Path
from typing import Any

import apsw
import msgspec
import pytest

from loops import Hurried, Running, eventually, running
from omnivenue.engine import State, state_hash
from omnivenue.engine.evict import EVERY, KEEP, TIMER_ID
from omnivenue.journal import (
    Broken,
    Chain,
    Journal,
    JournalFailed,
    MemoryJournal,
    SqliteJournal,
    by_client_id,
    by_order,
    verify_journal,
    write_snapshot,
)
from omnivenue.journal import recover as read_back
from omnivenue.journal.chain import read_entry
from omnivenue.ledger import free
from omnivenue.message import (
    Alert,
    CancelRejected,
    Event,
    ExecType,
    Instruction,
    OrderRecalled,
    StatusReport,
    TimerFired,
    VenueUp,
)
from omnivenue.model import SECOND, ClOrdID, InstructionID, Nanos, OrderID
from omnivenue.runtime import Books, Outcome, Verdict, recover, turn, turns
from scene import (
    CONFIGURED,
    LISTED,
    MAIN,
    MID,
    S1,
    USDT,
    VENUES,
    A,
    adjustment,
    answer,
    buy,
    cancel,
    held_to_be,
    new_orders,
    quote,
    trade,
)

KEPT = KEEP // SECOND


class Process:
    """One that writes the journal of a home, and the one after it."""

    def __init__(self, home: Path, at: int = 0) -> None:
        self.home, self.at = home, at
        self.alerts: list[Alert] = []
        self._start()

    def _start(self) -> None:
        self.journal = SqliteJournal(self.home, "paper")
        self._is_open = True
        state = read_back(self.journal, self.home / "paper" / "snapshots")
        self.core = recover(state, self.journal, Books(), Nanos(self.at), "")
        if not state.venues:
            for event in CONFIGURED:
                self.tell(event)
        for venue_id in VENUES:
            self.tell(VenueUp(venue_id=venue_id))
            self.tell(answer(venue_id, state.venues[venue_id].reconciles_with, self.at))

    @property
    def state(self) -> State:
        return self.core.state

    def tell(self, event: Event, *, commits: bool = True) -> list[OrderRecalled]:
        """What came back before it."""
        entries = turns(self.core, Nanos(self.at), "test", event)
        if commits:
            self.journal.commit()
        self.alerts += [c for c in entries[-1].commands if isinstance(c, Alert)]
        return [e.event for e in entries[:-1] if isinstance(e.event, OrderRecalled)]

    def fill(self, key: str) -> ClOrdID:
        for each in LISTED:
            self.core.books.update(quote(self.at, MID[each.instrument_id], each))
        entry = turns(self.core, Nanos(self.at), "test", buy(key))[-1]
        (new,) = new_orders(list(entry.commands))
        self.tell(trade(new.cl_ord_id, 10, f"x-{key}"))
        return new.cl_ord_id

    def evict(self, *, commits: bool = True) -> None:
        self.at += KEEP
        self.tell(cancel(f"n{self.state.seq}", "nobody"))
        self.at += EVERY
        self.tell(TimerFired(timer_id=TIMER_ID), commits=commits)

    def position(self) -> int:
        instrument_id = buy("k").instrument_id
        return self.state.positions[MAIN][S1][instrument_id].qty

    def restart(self) -> None:
        self.close()
        self._start()

    def close(self) -> None:
        if self._is_open:
            self.journal.close()
        self._is_open = False


@pytest.fixture
def process(tmp_path: Path) -> Iterator[Process]:
    made = Process(tmp_path)
    yield made
    made.close()


@pytest.mark.covers("O9")
@pytest.mark.holds("I5", "I11", "T24")
@pytest.mark.parametrize("how", ["same process", "replayed", "from a snapshot"])
def test_a_late_fill_of_what_has_left_counts_exactly_once(process: Process, how: str) -> None:
    cl_ord_id = process.fill("i")
    process.evict()
    assert "i" not in process.state.parents
    if how == "from a snapshot":
        journal = process.journal
        chain = Chain(journal.epoch, process.state.seq, journal.head)
        path = write_snapshot(process.home / "paper" / "snapshots", process.state, chain)
        assert cl_ord_id.encode() in path.read_bytes(), "it has just left"
        process.tell(cancel("another", "nobody"))
        chain = Chain(journal.epoch, process.state.seq, journal.head)
        path = write_snapshot(process.home / "paper" / "snapshots", process.state, chain)
        assert cl_ord_id.encode() not in path.read_bytes()
    if how != "same process":
        process.restart()
        assert "i" not in process.state.parents
    late = trade(cl_ord_id, 3, "late")
    assert [each.order_id for each in process.tell(late)] == ["i"]
    assert process.tell(late) == []
    assert process.position() == 13 * 10**4
    process.evict()
    process.restart()
    assert [each.order_id for each in process.tell(late)] == ["i"]
    assert process.position() == 13 * 10**4
    process.close()
    report = verify_journal(process.home / "paper" / "journal.db")
    assert report.problem == ""
    assert report.state_hash == state_hash(process.state)


@pytest.mark.holds("I5", "T24")
def test_whatever_a_late_answer_says_of_it_finds_it(process: Process) -> None:
    """Asked while it was open, and answered when it had left. None of it is a stranger."""
    cl_ord_id = process.fill("i")
    late = trade(cl_ord_id, 3, "late")
    held = held_to_be(cl_ord_id, 10, ExecType.CANCELED)
    for what in ({"not_found": (cl_ord_id,)}, {"orders": (held,)}, {"reports": (late,)}):
        process.evict()
        query = process.state.venues[A].queries
        said = answer(A, query, process.at, **what)
        assert [each.order_id for each in process.tell(said)] == ["i"], what
        assert process.tell(said) == []
        assert not process.alerts, what
    assert process.position() == 13 * 10**4


@pytest.mark.holds("I11", "T19")
def test_what_an_answer_only_says_again_brings_nothing_back(process: Process) -> None:
    """A connection that was away for long is told of all that ended shortly before, once more."""
    cl_ord_id = process.fill("i")
    process.evict()
    again, late = trade(cl_ord_id, 10, "x-i"), trade(cl_ord_id, 3, "late")
    for reports, news in (((again, again), ()), ((again, late), (late,))):
        said = answer(A, process.state.venues[A].queries, process.at, reports=reports)
        back = process.tell(said)
        assert [each.order_id for each in back] == ["i"] * len(news)
        (*_, line) = process.journal.lines(process.state.seq - 1)
        entry = read_entry(line, process.state.seq - 1)
        assert isinstance(entry.event, StatusReport)
        assert entry.event.reports == news
    assert process.position() == 13 * 10**4


@pytest.mark.holds("I2", "I13")
def test_an_adjustment_that_has_left_is_not_made_again(process: Process) -> None:
    adjusted = adjustment("a", 5)
    process.tell(adjusted)
    before = process.state.ledger.balance(free(MAIN, A), USDT)
    process.evict()
    assert "a" not in process.state.requests
    assert [each.order_id for each in process.tell(adjusted)] == ["a"]
    assert process.state.ledger.balance(free(MAIN, A), USDT) == before


def test_it_is_found_before_it_is_durable(process: Process) -> None:
    """What leaves and what concerns it may wait for the same commit."""
    cl_ord_id = process.fill("i")
    process.evict(commits=False)
    assert len(process.tell(trade(cl_ord_id, 3, "late"))) == 1
    assert process.position() == 13 * 10**4


def test_every_name_finds_it_and_no_other_does(process: Process) -> None:
    ids = {key: process.fill(key) for key in ("i", "k")}
    process.tell(cancel("c", "i"))
    process.evict()
    for _ in range(2):
        journal = process.journal
        for key, cl_ord_id in ids.items():
            for name in (by_order(OrderID(key)), by_client_id(cl_ord_id)):
                filed = journal.archived(name)
                assert filed is not None
                assert filed.order_id == key
        request = journal.archived(by_order(InstructionID("c")))
        assert request is not None
        assert request.order_id == "c"
        for stranger in (by_order(OrderID(ids["i"])), by_client_id(ClOrdID("i")), "o:x", "i"):
            assert journal.archived(stranger) is None
        process.restart()


def test_while_nothing_has_left_nothing_is_looked_up(
    process: Process, monkeypatch: pytest.MonkeyPatch
) -> None:
    def never(journal: Journal, name: str) -> None:
        raise AssertionError(name)

    monkeypatch.setattr(SqliteJournal, "_find", never)
    process.tell(trade(ClOrdID("nobody's"), 1))
    process.fill("i")


def test_a_commit_that_fails_files_nothing(
    process: Process, monkeypatch: pytest.MonkeyPatch
) -> None:
    process.fill("i")
    process.evict(commits=False)

    def fails(journal: Journal, filed: object) -> None:
        raise OSError("no")

    monkeypatch.setattr(SqliteJournal, "_file", fails)
    with pytest.raises(JournalFailed):
        process.journal.commit()
    monkeypatch.undo()
    process.restart()
    assert "i" in process.state.parents
    assert process.journal.archived(by_order(OrderID("i"))) is None
    process.close()


def spoil(home: Path, change: str) -> None:
    db = apsw.Connection(str(home / "paper" / "journal.db"))
    db.execute(change)
    db.close()


@pytest.mark.parametrize(
    ("change", "problem"),
    [
        ("UPDATE archive SET content = x'7b7d' WHERE order_id = 'i'", "its hash has changed"),
        ("DELETE FROM archive WHERE order_id = 'i'", "does not hold i as it left"),
        ("UPDATE archive SET seq = seq + 1 WHERE order_id = 'k'", "does not hold k as it left"),
        ("UPDATE archive SET evicted_by = 0 WHERE order_id = 'k'", "does not hold k as it left"),
        ("DROP TABLE archive", "does not hold i as it left"),
    ],
)
def test_an_archive_that_is_not_what_left_is_noticed(
    process: Process, change: str, problem: str
) -> None:
    process.fill("i")
    process.fill("k")
    process.evict()
    process.close()
    assert verify_journal(process.home / "paper" / "journal.db").ok
    spoil(process.home, change)
    report = verify_journal(process.home / "paper" / "journal.db")
    assert not report.ok
    assert problem in report.problem


def rewritten(home: Path, content: bytes) -> None:
    """Every row of the archive says this, and has the hash of it."""
    db = apsw.Connection(str(home / "paper" / "journal.db"))
    db.execute("UPDATE archive SET content = ?, hash = ?", (content, sha256(content).digest()))
    db.close()


def test_what_an_older_program_has_filed_says_the_same(process: Process) -> None:
    """It wrote maps that are empty, and wrote no word of what it did not know yet."""
    process.fill("i")
    process.evict()
    filed = process.journal.archived(by_order(OrderID("i")))
    assert filed is not None
    process.close()
    older: dict[str, Any] = msgspec.json.decode(filed.content)
    older |= {"composites": {}, "request": None}
    rewritten(process.home, msgspec.json.encode(older))
    assert verify_journal(process.home / "paper" / "journal.db").ok
    more = filed.content.replace(b'"filled":', b'"filled":1')
    for content in (b"{}", b"[", b"[]", b'{"parents":{"i":{}}}', b'{"orders":{"\xff":1}}', more):
        rewritten(process.home, content)
        report = verify_journal(process.home / "paper" / "journal.db")
        assert "does not hold i as it left" in report.problem, content


def test_a_flipped_bit_is_not_brought_back(process: Process) -> None:
    cl_ord_id = process.fill("i")
    process.evict()
    process.close()
    spoil(process.home, "UPDATE archive SET content = x'7b7d'")
    process.restart()
    with pytest.raises(Broken, match="the archive of i"):
        process.tell(trade(cl_ord_id, 3, "late"))
    process.close()


def test_a_journal_of_before_there_was_an_archive_gets_one(process: Process) -> None:
    process.close()
    spoil(process.home, "DROP TABLE archive")
    spoil(process.home, "DROP TABLE archive_name")
    assert verify_journal(process.home / "paper" / "journal.db").ok
    process.restart()
    cl_ord_id = process.fill("i")
    process.evict()
    assert len(process.tell(trade(cl_ord_id, 3, "late"))) == 1
    process.close()


def test_places_are_noted_from_an_archive_that_can_be_read(process: Process) -> None:
    """What an older program has filed; else lists would miss it for ever."""
    process.fill("i")
    process.evict()
    process.close()
    spoil(process.home, "DROP TABLE archive_place")
    process.restart()
    (placed,) = process.journal.placed(None, 10)
    assert process.journal.filed(placed.number).order_id == placed.order_id == "i"
    process.close()
    spoil(process.home, "DELETE FROM archive_place")
    spoil(process.home, "UPDATE archive SET content = x'00'")
    with pytest.raises(Broken, match="cannot be read"):
        process.restart()


def test_an_archive_in_memory_outlives_its_journal() -> None:
    lines: list[bytes] = []
    journal = MemoryJournal("paper", lines)
    core = recover(State(), journal, Books(), Nanos(0), "")
    for event in CONFIGURED:
        turn(core, Nanos(0), "test", event)
    journal.commit()
    assert not journal.has_archive
    again = MemoryJournal("paper", lines)
    again.use(journal._shelf)  # pyright: ignore[reportPrivateUsage]
    assert not again.has_archive


# Through the live loop and its door.


async def said(world: Running, event: Instruction) -> Outcome:
    return await world.door.instruct("ann", event)


async def everything_left(world: Running, clock: Hurried) -> None:
    """Time passes, and what is over has gone."""
    state = world.loop.state
    await eventually(lambda: all(parent.is_over for parent in state.parents.values()))
    clock.ahead += KEEP + SECOND
    await world.loop.submit("ann", cancel(f"n{state.seq}", "nobody"))
    clock.ahead += EVERY + SECOND
    world.loop._ring_out()  # pyright: ignore[reportPrivateUsage]
    await world.loop.submit("ann", cancel(f"n{state.seq}", "nobody"))


@pytest.mark.holds("I2", "T15")
def test_a_key_has_its_answer_for_ever() -> None:
    async def play() -> None:
        clock = Hurried()
        async with running(clock) as world:
            order, refused, request = buy("k1"), buy("k2", 10**9), cancel("k3", "k1")
            first = [await said(world, each) for each in (order, refused, request)]
            (new,), (asked,) = world.venues[A].news, world.venues[A].cancels
            world.venues[A].say(trade(new.cl_ord_id, 10, "x"))
            world.venues[A].say(
                CancelRejected(cl_ord_id=asked.cl_ord_id, orig_cl_ord_id=new.cl_ord_id)
            )
            await everything_left(world, clock)
            state = world.loop.state
            assert not {"k1", "k2", "k3"} & (set(state.parents) | set(state.requests))
            seq = state.seq
            again = [await said(world, each) for each in (order, refused, request)]
            verdicts = [Verdict.REPEATED, Verdict.REFUSED, Verdict.REPEATED]
            assert [each.verdict for each in again] == verdicts
            for before, after in zip(first, again, strict=True):
                assert (after.order_id, after.seq) == (before.order_id, before.seq)
                assert after.reasons == before.reasons
            assert (await said(world, buy("k1", 7))).verdict is Verdict.REUSED
            assert state.seq == seq, "nothing of it was journaled"
            assert len(world.venues[A].news) == 1

    asyncio.run(play())


def test_an_order_that_has_left_can_be_named_and_has_ended() -> None:
    async def play() -> None:
        clock = Hurried()
        async with running(clock) as world:
            await said(world, buy("k1"))
            (new,) = world.venues[A].news
            world.venues[A].say(trade(new.cl_ord_id, 10, "x"))
            await everything_left(world, clock)
            archived = world.loop.archive.order(OrderID("k1"))
            assert archived is not None
            assert archived.orders[new.cl_ord_id].cum_qty == 10
            assert world.loop.archive.order(OrderID("never")) is None
            outcome = await said(world, cancel("c", "k1"))
            assert [r.code for r in outcome.reasons] == ["ORD-001"]
            assert "k1" in world.loop.state.parents, "it is over, and is here again for a while"
            assert (await said(world, cancel("d", "never"))).verdict is Verdict.NO_SUCH_ORDER

    asyncio.run(play())


@pytest.mark.holds("I2")
def test_a_used_key_that_comes_past_the_door_is_not_executed_again() -> None:
    async def play() -> None:
        clock = Hurried()
        async with running(clock) as world:
            await said(world, buy("k1"))
            (new,) = world.venues[A].news
            world.venues[A].say(trade(new.cl_ord_id, 10, "x"))
            await everything_left(world, clock)
            entry = await world.loop.submit("ann", buy("k1"))
            assert (entry.event, entry.commands) == (buy("k1"), ())
            assert len(world.venues[A].news) == 1

    asyncio.run(play())
