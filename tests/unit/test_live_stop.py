"""Trading is stopped at the gate, at once, whatever the journal does; and the market is watched."""

import asyncio

import pytest
from msgspec.structs import replace

from loops import Running, eventually, running
from omnivenue.engine.state import Stopped
from omnivenue.journal import Durable, JournalFailed
from omnivenue.message import (
    CancelRejected,
    NotSent,
    OrderInstructed,
    ReplaceOrder,
    SetState,
    StateSet,
    WatchFired,
)
from omnivenue.model import (
    SECOND,
    Atoms,
    ClOrdID,
    Lots,
    Nanos,
    OrdType,
    Side,
    Ticks,
    TradingState,
    TriggerBy,
)
from omnivenue.runtime import LiveLoop
from omnivenue.venue import Overloaded
from scene import AT_B, S1, WHOLE, A, B, buy, cancel_all, quote

KILLED, ACTIVE = TradingState.KILLED, TradingState.ACTIVE


class Latched:
    """What has been put on the latch and taken off it, and how much was durable by then."""

    def __init__(self) -> None:
        self.told: list[str] = []

    def set(self, scope: str, state: TradingState, reason: str) -> None:
        self.told.append(f"{scope} {state.value} {reason}")

    def lift(self, scope: str) -> None:
        self.told.append(f"{scope} lifted")


def latched(world: Running) -> Latched:
    latch = Latched()
    world.loop._latch = latch  # pyright: ignore[reportPrivateUsage]
    return latch


def withheld(world: Running) -> list[NotSent]:
    return [e.event for e in world.disk.entries() if isinstance(e.event, NotSent)]


def obey(loop: LiveLoop, seq: int, command: SetState | ReplaceOrder) -> None:
    loop._dispatch(Durable(seq, loop._gate._epoch, command))  # pyright: ignore[reportPrivateUsage]


def lifted(scope: str) -> SetState:
    return SetState(scope=scope, state=ACTIVE, reason="", source="")


@pytest.mark.covers("P5")
@pytest.mark.holds("I16", "T33")
def test_from_the_call_on_nothing_new_leaves_and_cancels_do() -> None:
    async def play() -> None:
        async with running() as world:
            latch = latched(world)
            await world.loop.submit("ann", buy("before"))
            waiting = world.loop.submit("ann", buy("waiting"))
            before = world.disk.durable_seq
            answer = world.loop.set_state("global", KILLED, "enough", "http", "ann")
            assert latch.told == ["global KILLED enough"]
            assert world.disk.durable_seq == before, "the latch comes first"
            assert world.loop.trading_state("global") is KILLED
            entry = await answer
            assert entry.seq == before + 1, "before all that waited"
            assert entry.principal == "ann"
            assert entry.event == StateSet(
                scope="global", state=KILLED, reason="enough", source="http"
            )
            await waiting
            await world.loop.submit("ann", cancel_all("all"))
            await world.loop.submit("ann", buy("after"))
            assert [new.parent_id for new in world.venues[A].news] == ["before"]
            assert world.venues[A].cancels

    asyncio.run(play())


@pytest.mark.holds("I16")
def test_one_venue_is_stopped_alone() -> None:
    async def play() -> None:
        async with running() as world:
            await world.loop.set_state(f"venue:{A}", KILLED, "", "http")
            await world.loop.submit("ann", buy("k1"))
            await world.loop.submit("ann", buy("k2", instrument=AT_B))
            assert not world.venues[A].news
            assert len(world.venues[B].news) == 1

    asyncio.run(play())


@pytest.mark.holds("I4", "I16")
def test_a_stop_that_cannot_be_written_down_is_a_stop() -> None:
    async def play() -> None:
        async with running() as world:
            latch = latched(world)
            world.disk.fails = OSError(5, "Input/output error")
            answer = world.loop.set_state("global", KILLED, "enough", "signal")
            with pytest.raises(JournalFailed):
                await answer
            assert world.loop.trading_state("global") is KILLED
            with pytest.raises(JournalFailed):
                world.loop.set_state(f"venue:{A}", KILLED, "late", "file")
            assert latch.told == ["global KILLED enough", f"venue:{A} KILLED late"]
            assert world.loop.trading_state(f"venue:{A}") is KILLED

    asyncio.run(play())


def test_the_latch_is_lifted_by_a_decision_that_is_newer_and_by_no_other() -> None:
    async def play() -> None:
        async with running() as world:
            latch = latched(world)
            entry = await world.loop.set_state("global", KILLED, "enough", "file")
            obey(world.loop, entry.seq - 1, lifted("global"))
            obey(world.loop, entry.seq + 1, lifted(f"venue:{A}"))
            assert world.loop.trading_state("global") is KILLED
            obey(world.loop, entry.seq + 1, lifted("global"))
            assert latch.told == ["global KILLED enough", "global lifted"]
            await world.loop.submit("ann", buy("k1"))

    asyncio.run(play())


REPLACE = ReplaceOrder(
    cl_ord_id=ClOrdID("r1"),
    orig_cl_ord_id=ClOrdID("ov_nobody"),
    venue_id=A,
    account=buy("k").account,
    strategy_id=S1,
    version=1,
    qty=Lots(5),
    limit_px=Ticks(1),
    expires_at=Nanos(2**62),
)


@pytest.mark.holds("I9", "I16")
@pytest.mark.parametrize("how", ["killed", "overloaded"])
def test_a_replace_that_did_not_leave_is_refused_as_by_its_venue(how: str) -> None:
    async def play() -> None:
        async with running() as world:
            if how == "killed":
                await world.loop.set_state("global", KILLED, "", "http")
            else:
                world.venues[A].refuses = Overloaded("the outbox is full")
            obey(world.loop, 0, REPLACE)
            await world.loop.submit("ann", cancel_all("k"))
            (entry,) = (e for e in world.disk.entries() if isinstance(e.event, CancelRejected))
            assert entry.principal == "gate"
            assert isinstance(entry.event, CancelRejected)
            assert (entry.event.cl_ord_id, entry.event.orig_cl_ord_id) == ("r1", "ov_nobody")
            assert how == "overloaded" or entry.event.text == "killed: global"

    asyncio.run(play())


def stop_at(px: int, by: TriggerBy = TriggerBy.LAST) -> OrderInstructed:
    """A stop that its venue does not keep, so we watch; with the scene's mid at 60,000."""
    return buy("k1", px=None, ord_type=OrdType.STOP, stop_px=Atoms(px * WHOLE), trigger_by=by)


def fired(world: Running) -> list[WatchFired]:
    return [e.event for e in world.disk.entries() if isinstance(e.event, WatchFired)]


@pytest.mark.covers("O1")
def test_a_watch_is_told_of_when_its_venue_shows_the_price() -> None:
    async def play() -> None:
        async with running() as world:
            await world.loop.submit("ann", stop_at(61_000))
            far = 3_601 * SECOND  # the scene's quotes are an hour ahead
            shown = quote(world.loop.now() + far, 61_000)
            world.venues[A].say(shown)
            await world.loop.submit("ann", cancel_all("k2", venue_id=B))
            assert fired(world) == [], "nobody has traded there"
            last = (Ticks(6_100_000), shown.bids[0][1], Side.BUY)
            world.venues[A].say(replace(shown, at=Nanos(shown.at + 1), last=last))
            world.venues[A].say(replace(shown, at=Nanos(shown.at + 2), last=last))
            await world.loop.submit("ann", cancel_all("k3", venue_id=B))
            assert fired(world) == [WatchFired(watch_id="stop/k1", px=Ticks(6_100_000))]
            assert [new.parent_id for new in world.venues[A].news] == ["k1"]

    asyncio.run(play())


def test_what_is_armed_where_the_market_is_already_is_told_of_at_once() -> None:
    async def play() -> None:
        async with running() as world:
            await world.loop.submit("ann", stop_at(59_990, TriggerBy.ASK))
            await eventually(lambda: world.venues[A].news)

    asyncio.run(play())


def test_watches_of_the_last_process_are_looked_after_by_this_one() -> None:
    async def play() -> None:
        async with running() as world:
            await world.loop.submit("ann", stop_at(61_000, TriggerBy.BID))
            world.task.cancel()
            clock = world.loop._clock  # pyright: ignore[reportPrivateUsage]
            after = LiveLoop(world.core, clock, list(world.venues.values()))
            task = asyncio.create_task(after.run())
            await eventually(lambda: world.venues[A].runs > 1)
            world.venues[A].say(quote(after.now() + 3_601 * SECOND, 61_001))
            await eventually(lambda: fired(world))
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)

    asyncio.run(play())


@pytest.mark.holds("I16")
def test_who_stopped_before_a_restart_has_stopped_after_it() -> None:
    async def play() -> None:
        async with running() as world:
            world.task.cancel()
            world.loop.state.stopped["global"] = Stopped(
                state=KILLED, since=Nanos(0), reason="", source=""
            )
            clock = world.loop._clock  # pyright: ignore[reportPrivateUsage]
            after = LiveLoop(world.core, clock, list(world.venues.values()))
            assert after.trading_state("global") is KILLED

    asyncio.run(play())
