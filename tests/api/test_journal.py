"""The journal over HTTP: page by page it is what stands on the disk, and no page fills a memory."""

import asyncio
from pathlib import Path

import msgspec
import pytest

from api_scene import World, order, running
from omnivenue.api import Scope, journal_view


async def walked(world: World, limit: int) -> list[object]:
    """All of it, as somebody reads it who goes on where the last page ended."""
    client, found = world.client(Scope.ADMIN), list[object]()
    while True:
        page = await client.get(f"/v1/journal?from_seq={len(found)}&limit={limit}")
        assert len(page["entries"]) <= limit
        found += page["entries"]
        if len(found) > page["seq"]:
            return found
        assert page["entries"], "there is more"


@pytest.mark.parametrize("bytes_max", [journal_view.BYTES_MAX, 1])
def test_read_page_by_page_it_is_what_was_written(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, bytes_max: int
) -> None:
    monkeypatch.setattr(journal_view, "BYTES_MAX", bytes_max)

    async def scene() -> None:
        async with running(tmp_path) as world:
            for n in range(5):
                assert (await world.client().post(order(f"k{n}"))).status == 202
            found = await walked(world, 7)
            lines = [world.loop.entry(seq) for seq in range(len(found))]
            assert found == msgspec.json.decode(msgspec.json.encode(lines))

    asyncio.run(scene())


def test_a_page_has_as_many_bytes_as_there_is_room_for(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def scene() -> None:
        async with running(tmp_path) as world:
            client = world.client(Scope.ADMIN)
            (first, second) = (await client.get("/v1/journal?limit=2"))["entries"]
            size = len(msgspec.json.encode(first)) + len(msgspec.json.encode(second))
            for room, entries in ((1, 1), (size, 2), (size + 1, 3)):
                monkeypatch.setattr(journal_view, "BYTES_MAX", room)
                page = await client.get("/v1/journal?limit=3")
                assert len(page["entries"]) == entries
            after = await client.get(f"/v1/journal?from_seq={page['seq'] + 1}")
            assert after["entries"] == []

    asyncio.run(scene())
