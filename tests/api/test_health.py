"""The public page: one word for the venues that this process talks to, and counts."""

import asyncio
from pathlib import Path

import pytest

from api_scene import SPOT, order, running, until
from omnivenue.message import InstrumentsListed, VenueDown
from omnivenue.model import Nanos, VenueID
from scene import BTC, listed


@pytest.mark.covers("E8")
def test_health_is_public_and_says_nothing_of_the_account(tmp_path: Path) -> None:
    async def scene() -> None:
        async with running(tmp_path) as world:
            client = world.client(None)
            document = await client.get("/health")
            assert sorted(document) == ["chains", "mode", "stats", "status", "uptime"]
            assert (document["status"], document["mode"]) == ("healthy", "PAPER")
            await world.client().post(order("k1"))
            for _ in range(3):  # a repetition counts once
                await world.client().post(order("k2", qty="500"))
            stats = (await client.get("/health"))["stats"]
            assert stats == {"total_signals": 2, "executed": 0, "paper_executed": 1, "failed": 1}

    asyncio.run(scene())


def test_health_before_venues_have_reconciled(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def scene() -> None:
        async with running(tmp_path, is_open=False) as world:
            client = world.client(None)
            reply = await client.call("GET", "/health")
            assert (reply.status, reply.document["status"]) == (503, "starting")
            now = world.loop.now()
            monkeypatch.setattr(world.loop, "now", lambda: Nanos(now + 11 * 10**9))
            assert (await client.get("/health"))["status"] == "degraded"

    asyncio.run(scene())


def test_a_venue_of_an_older_configuration_is_listed_and_does_not_count(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def scene() -> None:
        async with running(tmp_path) as world:
            gone = listed(VenueID("OKX"), BTC)
            world.loop.tell("test", InstrumentsListed(instruments=(gone,)))
            await until(lambda: gone.venue_id in world.loop.state.venues)
            client = world.client()
            assert (await client.get("/health"))["status"] == "healthy"
            (row,) = (await client.get("/v1/venues?venue=OKX"))["venues"]
            assert row["state"] == "DOWN"
            now = world.loop.now()
            monkeypatch.setattr(world.loop, "now", lambda: Nanos(now + 11 * 10**9))
            assert (await client.get("/health"))["status"] == "healthy"
            world.loop.tell("test", VenueDown(venue_id=SPOT, why="unplugged"))
            await until(lambda: world.loop.state.venues[SPOT].why == "unplugged")
            assert (await client.get("/health"))["status"] == "degraded"

    asyncio.run(scene())
