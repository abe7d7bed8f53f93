"""An orderly end: what is asked for is cancelled, outcomes are awaited and not for ever, and what
stays at the venues is counted."""

import asyncio
from pathlib import Path

import msgspec
import pytest

from loops import Hurried, Running, eventually, running
from omnivenue.app import stop
from omnivenue.config import Config, load
from omnivenue.message import CancelAllInstructed, ExecType
from omnivenue.model import VenueID
from omnivenue.oms import OrdStatus
from scene import AT_B, VENUES, A, B, buy, report, trade


def config(*cancelling: VenueID) -> Config:
    """Of the venues of the loop under test; only their names and `cancel_on_stop` matter here."""
    plain = load(None, {}, Path("nowhere"))
    venues = tuple(
        msgspec.structs.replace(
            plain.venues[0], venue_id=venue_id, cancel_on_stop=venue_id in cancelling
        )
        for venue_id in VENUES
    )
    return msgspec.structs.replace(plain, venues=venues)


async def two_orders(world: Running) -> None:
    """One rests at A and one at B, both acknowledged."""
    await world.loop.submit("ann", buy("at-a"))
    await world.loop.submit("ann", buy("at-b", instrument=AT_B))
    for venue_id in (A, B):
        (new,) = world.venues[venue_id].news
        world.venues[venue_id].say(report(new.cl_ord_id, ExecType.NEW, f"ack-{venue_id}"))
        cl_ord_id = new.cl_ord_id
        await eventually(lambda i=cl_ord_id: world.order_status(i) is OrdStatus.NEW)


def confirm(world: Running, venue_id: VenueID) -> None:
    (cancel,) = world.venues[venue_id].cancels
    done = report(cancel.orig_cl_ord_id, ExecType.CANCELED, f"end-{venue_id}")
    world.venues[venue_id].say(done)


def test_everywhere_means_every_venue() -> None:
    async def play() -> None:
        async with running() as world:
            await two_orders(world)
            assert stop.working_orders(world.loop.state) == 2
            stop.cancel_all(world.loop, config(), everywhere=True)
            await eventually(lambda: world.venues[A].cancels and world.venues[B].cancels)
            assert stop.awaited(world.loop.state) == 2, "a cancel may lose its race yet"
            for venue_id in (A, B):
                confirm(world, venue_id)
            await stop.settle_outcomes(world.loop)
            assert stop.working_orders(world.loop.state) == 0

    asyncio.run(play())


def test_else_only_where_the_configuration_says_so() -> None:
    async def play() -> None:
        async with running() as world:
            await two_orders(world)
            stop.cancel_all(world.loop, config(B), everywhere=False)
            await eventually(lambda: world.venues[B].cancels)
            confirm(world, B)
            await stop.settle_outcomes(world.loop)
            assert not world.venues[A].cancels
            assert stop.working_orders(world.loop.state) == 1
            told = [e for e in world.disk.entries() if isinstance(e.event, CancelAllInstructed)]
            assert [(e.principal, e.event.venue_id) for e in told] == [("operator", B)]  # type: ignore[union-attr]

    asyncio.run(play())


def test_two_stops_use_two_keys_and_none_of_a_clients() -> None:
    async def play() -> None:
        async with running() as world:
            for _ in range(2):
                stop.cancel_all(world.loop, config(), everywhere=True)
                await asyncio.sleep(0)
                await asyncio.sleep(0)
            keys = list(world.loop.state.requests)
            assert len(set(keys)) == 2 * len(VENUES)
            assert all("/" in key for key in keys), "a client's key has no slash"

    asyncio.run(play())


def test_it_waits_for_an_answer_that_comes() -> None:
    async def play() -> None:
        async with running() as world:
            await world.loop.submit("ann", buy("k1"))
            assert stop.awaited(world.loop.state) == 1
            waiting = asyncio.create_task(stop.settle_outcomes(world.loop))
            await asyncio.sleep(2 * stop.LOOK_EVERY_SECONDS)
            assert not waiting.done()
            (new,) = world.venues[A].news
            world.venues[A].say(trade(new.cl_ord_id, int(new.qty), "x1"))
            await asyncio.wait_for(waiting, 5)
            assert stop.working_orders(world.loop.state) == 0

    asyncio.run(play())


def test_what_rests_acknowledged_is_not_waited_for() -> None:
    async def play() -> None:
        async with running() as world:
            await two_orders(world)
            assert stop.awaited(world.loop.state) == 0
            await asyncio.wait_for(stop.settle_outcomes(world.loop), 1)
            assert stop.working_orders(world.loop.state) == 2

    asyncio.run(play())


@pytest.mark.holds("I9")
def test_it_does_not_wait_for_ever_and_decides_nothing_by_itself() -> None:
    async def play() -> None:
        clock = Hurried()
        async with running(clock) as world:
            await world.loop.submit("ann", buy("k1"))
            waiting = asyncio.create_task(stop.settle_outcomes(world.loop))
            await asyncio.sleep(0)
            clock.ahead += int(stop.OUTCOMES_WITHIN_SECONDS * 1_000_000_000)
            await asyncio.wait_for(waiting, 5)
            assert stop.awaited(world.loop.state) == 1
            assert stop.working_orders(world.loop.state) == 1, "it is counted, and not forgotten"

    asyncio.run(play())
