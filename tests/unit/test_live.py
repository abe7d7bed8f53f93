"""The live loop: what leaves is written down, what fails fails alone, and a journal that fails
ends everything at once."""

import asyncio
import logging
from collections.abc import Sequence

import msgspec
import pytest

from loops import Hurried, Running, eventually, running
from omnivenue.engine import State, VenueStatus
from omnivenue.engine.sweep import ANSWER_WITHIN
from omnivenue.journal import Durable, JournalFailed, MemoryJournal, replay
from omnivenue.message import (
    CloseParent,
    EndReason,
    Entry,
    ExecType,
    ExecutionReport,
    NewOrder,
    NotSent,
    TimerFired,
    VenueCommand,
    VenueDown,
    VenueUp,
)
from omnivenue.model import ClOrdID, Nanos
from omnivenue.oms import OrdStatus
from omnivenue.runtime import Fenced, Gate, InboxFull, LiveLoop, Verdict, live
from omnivenue.telemetry import Code
from omnivenue.venue import Overloaded
from scene import AT_A, AT_B, A, B, F, answer, buy, cancel, cancel_all, quote, report, sell, trade

UNKNOWN_ORDER = ClOrdID("nobody's")


def journaled(world: Running, kind: type) -> list[Entry]:
    return [e for e in world.disk.entries() if isinstance(e.event, kind)]


def watched(world: Running) -> list[Entry]:
    """All entries from now on, as listeners are told of them."""
    told: list[Entry] = []
    world.loop.subscribe(told.extend)
    return told


# What leaves, and when.


@pytest.mark.holds("I1", "I3")
def test_what_leaves_and_what_is_answered_is_durable() -> None:
    async def play() -> None:
        async with running() as world:
            seqs: list[int] = []
            send = world.venues[A].send

            def noting(command: object) -> None:
                seqs.append(world.disk.durable_seq)
                send(command)  # type: ignore[arg-type]

            world.venues[A].send = noting  # type: ignore[method-assign]
            entry = await world.loop.submit("ann", buy("k1"))
            assert seqs == [entry.seq]
            assert len(world.disk.kept) == entry.seq + 1
            assert entry.principal == "ann"
            assert [new.parent_id for new in world.venues[A].news] == ["k1"]

    asyncio.run(play())


def test_what_waits_together_is_committed_together() -> None:
    async def play() -> None:
        async with running() as world:
            turns: list[int] = []
            world.loop.subscribe(lambda entries: turns.append(len(entries)))
            await asyncio.gather(*(world.loop.submit("ann", buy(f"k{n}")) for n in range(300)))
            assert turns == [live.BATCH_MAX, 300 - live.BATCH_MAX]
            assert len(world.venues[A].news) == 300

    asyncio.run(play())


def acked_at_once(world: Running) -> None:
    """As an exchange in this process does: its answer comes while the order is being sent."""
    venue, send = world.venues[A], world.venues[A].send

    def answering(command: VenueCommand) -> None:
        send(command)
        if isinstance(command, NewOrder):
            venue.say(report(command.cl_ord_id, ExecType.NEW, command.cl_ord_id))

    venue.send = answering  # type: ignore[method-assign]


def test_an_acknowledgement_shares_the_commit_of_what_comes_next(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(live, "LINGER_SECONDS", 3600.0)

    async def play() -> None:
        async with running() as world:
            acked_at_once(world)
            turns: list[list[str]] = []
            world.loop.subscribe(lambda told: turns.append([type(e.event).__name__ for e in told]))
            for n in range(3):
                await world.loop.submit("ann", buy(f"k{n}"))
                for _ in range(10):  # time enough for a turn, were one asked for
                    await asyncio.sleep(0)
            both = ["ExecutionReport", "OrderInstructed"]
            assert turns == [["OrderInstructed"], both, both]

    asyncio.run(play())


def test_an_acknowledgement_is_not_kept_waiting_where_nothing_comes(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(live, "LINGER_SECONDS", 0.0)

    async def play() -> None:
        async with running() as world:
            acked_at_once(world)
            await world.loop.submit("ann", buy("k1"))
            await eventually(lambda: bool(journaled(world, ExecutionReport)))

    asyncio.run(play())


@pytest.mark.holds("I5")
def test_the_journal_leads_to_where_the_loop_is() -> None:
    async def play() -> None:
        async with running() as world:
            await world.loop.submit("ann", buy("k1"))
            (new,) = world.venues[A].news
            world.venues[A].say(report(new.cl_ord_id, ExecType.NEW, "e1"))
            world.venues[A].say(trade(new.cl_ord_id, int(new.qty), "e2"))
            await eventually(lambda: world.order_status(new.cl_ord_id) is OrdStatus.FILLED)
            assert replay(State(), world.disk.lines()) == world.loop.state

    asyncio.run(play())


def test_quotes_change_the_books_and_no_entry() -> None:
    async def play() -> None:
        async with running() as world:
            before = world.loop.state.seq
            world.venues[A].say(quote(world.loop.now(), 61_000))  # by another clock than before
            world.venues[A].say(later := quote(world.loop.now(), 61_000))
            assert world.loop.books.latest(later.instrument_id) == later
            await world.loop.submit("ann", buy("k1"))
            assert world.loop.state.seq == before + 1

    asyncio.run(play())


@pytest.mark.holds("I17", "T34")
def test_a_time_that_leaps_is_counted_told_of_and_makes_nothing_stale(
    caplog: pytest.LogCaptureFixture,
) -> None:
    """Here and where a venue reads its own feed; told when there are twice as many."""

    async def play() -> None:
        async with running() as world:
            say, now = world.venues[A].say, world.loop.now
            for _ in range(2):
                say(quote(now(), 60_000))
            assert world.loop.meter.time_jumps == {A: 1}, "what was quoted before is of an hour on"
            say(quote(now() + 10**18, 61_000))
            say(quote(now(), 62_000))
            assert world.loop.books.is_fresh(AT_A.instrument_id, now())
            assert world.loop.meter.time_jumps == {A: 2}
            for jumps in (1, 2, 3):
                say(msgspec.structs.replace(quote(now(), 62_000), time_jumps=jumps))
            assert world.loop.meter.time_jumps == {A: 5}

    with caplog.at_level(logging.WARNING, "omnivenue"):
        asyncio.run(play())
    told = [r for r in caplog.records if r.__dict__["code"] == Code.TIME_LEAPT.code]
    assert [r.getMessage().rsplit("had ")[1] for r in told] == [
        "1 of them",
        "2 of them",
        "4 of them",
    ]


def test_listeners_are_told_of_every_turn_once_it_is_durable() -> None:
    async def play() -> None:
        async with running() as world:
            durable: list[bool] = []

            def turned(entries: Sequence[Entry]) -> None:
                durable.append(entries[-1].seq == world.disk.durable_seq)

            told = watched(world)
            world.loop.subscribe(turned)
            for n in range(3):
                await world.loop.submit("ann", buy(f"k{n}"))
            await eventually(lambda: len(told) == 3)
            seqs = [entry.seq for entry in told]
            assert seqs == list(range(seqs[0], seqs[0] + 3))
            assert durable == [True] * 3

    asyncio.run(play())


# A venue that fails.


@pytest.mark.covers("N3")
@pytest.mark.holds("I12")
@pytest.mark.parametrize(
    "why",
    [ConnectionResetError("reset"), ValueError("an adapter's own mistake"), None],
    ids=["connection", "bug", "closed"],
)
def test_a_venue_that_fails_is_halted_by_itself_and_comes_back(
    why: Exception | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(live, "RECONNECT_SECONDS", (0.01,))

    async def play() -> None:
        async with running() as world:
            told = watched(world)
            world.venues[A].is_up = False
            world.venues[A].end(why)
            await eventually(lambda: world.venue_status(A) is VenueStatus.DOWN)
            assert [world.venue_status(v) for v in (B, F)] == [VenueStatus.OPEN] * 2
            refused = await world.door.instruct("ann", buy("k1"))
            assert refused.verdict is Verdict.REFUSED
            accepted = await world.door.instruct("ann", sell("k2", instrument=AT_B))
            assert accepted.verdict is Verdict.ACCEPTED
            await eventually(lambda: world.venues[A].runs > 3)
            world.venues[A].is_up = True
            await eventually(lambda: world.venue_status(A) is VenueStatus.OPEN)
            downs = [e for e in told if isinstance(e.event, VenueDown)]
            assert len(downs) == 1, "once, however often it is tried again"
            assert (await world.door.instruct("ann", buy("k3"))).verdict is Verdict.ACCEPTED

    asyncio.run(play())


@pytest.mark.covers("O9")
@pytest.mark.holds("I12")
def test_it_opens_only_on_the_answer_to_a_question_asked_after_it_came_up() -> None:
    async def play() -> None:
        async with running() as world:
            world.venues[A].answers = False
            world.venues[A].end()
            await eventually(lambda: world.venue_status(A) is VenueStatus.RECONCILING)
            question = world.loop.state.venues[A].reconciles_with
            assert (await world.door.instruct("ann", buy("k1"))).verdict is Verdict.REFUSED
            world.venues[A].say(answer(A, question - 1, 1))
            await world.loop.submit("ann", cancel_all("k2"))
            assert world.venue_status(A) is VenueStatus.RECONCILING
            world.venues[A].say(answer(A, question, 1))
            await eventually(lambda: world.venue_status(A) is VenueStatus.OPEN)

    asyncio.run(play())


@pytest.mark.covers("O9")
def test_a_venue_is_asked_again_on_demand_by_the_same_path() -> None:
    async def play() -> None:
        async with running() as world:
            queries = world.loop.state.venues[A].queries
            world.loop.ask(A)
            await eventually(lambda: world.loop.state.venues[A].queries == queries + 1)
            await eventually(world.is_open)
            assert journaled(world, VenueUp)[-1].principal == "operator"

    asyncio.run(play())


@pytest.mark.holds("I9")
def test_a_send_that_took_nothing_is_proof_that_nothing_left() -> None:
    async def play() -> None:
        async with running() as world:
            told = watched(world)
            world.venues[A].refuses = Overloaded("the outbox is full")
            assert (await world.door.instruct("ann", buy("k1"))).verdict is Verdict.ACCEPTED
            await eventually(lambda: any(isinstance(e.event, NotSent) for e in told))
            (entry,) = (e for e in told if isinstance(e.event, NotSent))
            assert entry.principal == "gate"
            assert [c.reason for c in entry.commands if isinstance(c, CloseParent)] == [
                EndReason.NOT_SENT
            ]

    asyncio.run(play())


@pytest.mark.holds("I9")
@pytest.mark.parametrize("error", [ConnectionResetError, TimeoutError, KeyError, ValueError])
def test_a_send_that_may_have_left_proves_nothing(error: type[Exception]) -> None:
    """Whatever an adapter raises: its venue is halted and asked, and the others go on."""

    async def play() -> None:
        async with running() as world:
            world.venues[A].refuses = error("in the middle of it")
            assert (await world.door.instruct("ann", buy("k1"))).verdict is Verdict.ACCEPTED
            await world.loop.submit("ann", buy("k2", instrument=AT_B))
            assert not journaled(world, NotSent)
            (order,) = (o for o in world.loop.state.orders.values() if o.new.parent_id == "k1")
            cl_ord_id = order.new.cl_ord_id
            await eventually(lambda: world.order_status(cl_ord_id) is OrdStatus.UNKNOWN)
            assert not journaled(world, NotSent)

    asyncio.run(play())


def test_what_is_sent_to_a_venue_that_is_away_keeps_nobody_from_coming_back() -> None:
    async def play() -> None:
        async with running() as world:
            venue = world.venues[A]
            assert (await world.door.instruct("ann", buy("k1"))).verdict is Verdict.ACCEPTED
            venue.is_up = False
            venue.end(ConnectionResetError("gone"))
            await eventually(lambda: world.venue_status(A) is VenueStatus.DOWN)
            venue.refuses = ConnectionError("not connected")
            assert (await world.door.instruct("ann", cancel("k2", "k1"))).verdict is (
                Verdict.ACCEPTED
            )
            venue.refuses, venue.is_up = None, True
            await eventually(world.is_open)

    asyncio.run(play())


def test_what_is_sent_while_a_venue_logs_in_does_not_end_the_login() -> None:
    async def play() -> None:
        async with running() as world:
            venue = world.venues[A]
            assert (await world.door.instruct("ann", buy("k1"))).verdict is Verdict.ACCEPTED
            venue.may_log_in.clear()
            venue.end()
            await eventually(lambda: venue.runs == 2)
            venue.refuses = ConnectionError("not connected")
            assert (await world.door.instruct("ann", cancel("k2", "k1"))).verdict is (
                Verdict.ACCEPTED
            )
            venue.refuses = None
            venue.may_log_in.set()
            await eventually(world.is_open)
            assert venue.runs == 2

    asyncio.run(play())


def test_an_order_for_a_venue_that_is_not_there_did_not_leave() -> None:
    async def play() -> None:
        async with running() as world:
            told = watched(world)
            del world.loop._venues[A]  # pyright: ignore[reportPrivateUsage]
            await world.loop.submit("ann", buy("k1"))
            await eventually(lambda: any(isinstance(e.event, NotSent) for e in told))

    asyncio.run(play())


def test_instructions_leave_half_of_the_inbox_to_the_venues() -> None:
    async def play() -> None:
        async with running() as world:
            answers = [
                world.loop.submit("ann", cancel_all(f"k{n}")) for n in range(live.INSTRUCTIONS_MAX)
            ]
            with pytest.raises(InboxFull):
                world.loop.submit("ann", cancel_all("one too many"))
            world.venues[A].say(trade(UNKNOWN_ORDER, 1))
            await asyncio.gather(*answers)
            full = await asyncio.gather(world.loop.submit("ann", cancel_all("k")))
            assert full[0].seq == world.loop.state.seq - 1

    asyncio.run(play())


def test_a_venue_that_says_more_than_we_can_decide_is_told_so(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(live, "INBOX_MAX", 10)

    async def play() -> None:
        async with running() as world:
            with pytest.raises(ConnectionError):
                for n in range(11):
                    world.venues[A].say(trade(UNKNOWN_ORDER, 1, f"x{n}"))
            world.venues[A].say(quote(1, 60_000))  # no letter, so always welcome
            world.loop.tell("runtime", VenueDown(venue_id=A, why="full"))  # our own always fits
            await eventually(lambda: world.venue_status(A) is VenueStatus.DOWN)

    asyncio.run(play())


# A journal that fails.


@pytest.mark.holds("I4")
def test_after_a_failed_commit_nothing_leaves_and_nobody_is_told_that_it_was_not_taken() -> None:
    async def play() -> None:
        async with running() as world:
            sent = {venue_id: len(venue.sent) for venue_id, venue in world.venues.items()}
            durable = len(world.disk.kept)
            told = watched(world)
            world.disk.fails = OSError(5, "Input/output error")
            outcomes = await asyncio.gather(
                *(world.door.instruct("ann", buy(f"k{n}")) for n in range(300))
            )
            assert {o.verdict for o in outcomes} == {Verdict.OUTCOME_UNKNOWN}
            late = await world.door.instruct("ann", buy("late"))
            assert late.verdict is Verdict.OUTCOME_UNKNOWN
            again = await world.door.instruct("ann", buy("k0"))
            assert again.verdict is Verdict.OUTCOME_UNKNOWN, "state knows it, the disk may not"
            with pytest.raises(JournalFailed):
                world.loop.submit("ann", buy("later"))
            world.disk.fails = None  # a disk that gets well again is not believed
            world.loop.tell("runtime", VenueUp(venue_id=A))
            with pytest.raises(JournalFailed, match="unknown"):
                await asyncio.wait_for(world.task, 10)
            assert {v: len(venue.sent) for v, venue in world.venues.items()} == sent
            assert (len(world.disk.kept), told) == (durable, [])

    asyncio.run(play())


@pytest.mark.holds("I4")
def test_what_was_decided_before_the_failure_is_what_the_next_process_finds() -> None:
    async def play() -> None:
        async with running() as world:
            await world.loop.submit("ann", buy("k1"))
            world.disk.fails = OSError("no")
            assert (await world.door.instruct("ann", buy("k2"))).verdict is Verdict.OUTCOME_UNKNOWN
            state = replay(State(), MemoryJournal("paper", world.disk.kept).lines())
            assert set(state.parents) == {"k1"}
            assert (await asyncio.gather(world.task, return_exceptions=True))[0] is not None

    asyncio.run(play())


@pytest.mark.holds("I4")
def test_a_command_of_another_epoch_ends_the_process_before_it_leaves(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    async def play() -> None:
        async with running() as world:
            commit = world.disk.commit

            def of_the_past() -> list[Durable]:
                return [Durable(d.seq, d.epoch - 1, d.command) for d in commit()]

            monkeypatch.setattr(world.disk, "commit", of_the_past)
            outcome = await world.door.instruct("ann", buy("k1"))
            assert outcome.verdict is Verdict.OUTCOME_UNKNOWN
            assert not world.venues[A].news
            with pytest.raises(Fenced):
                await asyncio.wait_for(world.task, 10)

    asyncio.run(play())


def test_the_gate_withholds_what_has_expired_and_lets_cancels_go() -> None:
    async def play() -> None:
        async with running() as world:
            await world.loop.submit("ann", buy("k1"))
            (new,) = world.venues[A].news
            gate = Gate(epoch=7)
            late = gate.withholds(Durable(1, 7, new), new.expires_at)
            assert late is not None
            assert late.cl_ord_id == new.cl_ord_id
            assert gate.withholds(Durable(1, 7, new), Nanos(new.expires_at - 1)) is None
            await world.loop.submit("ann", cancel_all("k2"))
            (cancel,) = world.venues[A].cancels
            assert gate.withholds(Durable(2, 7, cancel), Nanos(2 * new.expires_at)) is None
            with pytest.raises(Fenced):
                gate.withholds(Durable(2, 8, cancel), Nanos(0))

    asyncio.run(play())


@pytest.mark.covers("N3")
@pytest.mark.holds("I9")
def test_silence_is_asked_about_when_its_timer_rings() -> None:
    async def play() -> None:
        clock = Hurried()
        async with running(clock) as world:
            await world.loop.submit("ann", buy("k1"))
            (new,) = world.venues[A].news
            clock.ahead += ANSWER_WITHIN  # and the ring, set for then, is due
            world.loop._ring_out()  # pyright: ignore[reportPrivateUsage]
            await eventually(lambda: world.order_status(new.cl_ord_id) is OrdStatus.UNKNOWN)
            rung = [e for e in journaled(world, TimerFired) if e.principal == "runtime"]
            assert {type(e.event) for e in rung} == {TimerFired}

    asyncio.run(play())


def test_the_loop_rings_by_itself(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("omnivenue.engine.sweep.ANSWER_WITHIN", Nanos(20_000_000))

    async def play() -> None:
        async with running() as world:
            world.venues[A].answers = False
            await world.loop.submit("ann", buy("k1"))
            (new,) = world.venues[A].news
            await eventually(lambda: world.order_status(new.cl_ord_id) is OrdStatus.UNKNOWN)

    asyncio.run(play())


def test_timers_of_the_last_process_ring_in_this_one() -> None:
    async def play() -> None:
        clock = Hurried()
        async with running(clock) as world:
            await world.loop.submit("ann", buy("k1"))
            world.task.cancel()
            clock.ahead += 10 * ANSWER_WITHIN
            after = LiveLoop(world.core, clock, list(world.venues.values()))
            fired: list[Entry] = []
            after.subscribe(fired.extend)
            task = asyncio.create_task(after.run())
            await eventually(lambda: any(isinstance(e.event, TimerFired) for e in fired))
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)

    asyncio.run(play())
