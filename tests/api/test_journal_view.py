"""The journal, read over HTTP."""

import asyncio
from pathlib import Path
from typing import Any

import msgspec
import pytest

from api_scene import order, running
from omnivenue.api import Scope


def test_entries_are_shown_as_they_were_written(tmp_path: Path) -> None:
    async def scene() -> None:
        async with running(tmp_path) as world:
            await world.client().post(order("k1"))
            client = world.client(Scope.ADMIN)
            found: list[Any] = []
            while True:
                page = await client.get(f"/v1/journal?from_seq={len(found)}&limit=40")
                found += page["entries"]
                if found[-1]["seq"] == page["seq"]:
                    break
                assert len(page["entries"]) == 40
            assert found == [msgspec.json.decode(line) for line in world.lines[: len(found)]]
            keys = [e["event"].get("instruction_id") for e in found]
            assert keys.count("k1") == 1
            beyond = await client.get(f"/v1/journal?from_seq={page['seq'] + 1}")
            assert beyond["entries"] == []

    asyncio.run(scene())


@pytest.mark.parametrize("query", ["from_seq=-1", "from_seq=x", "limit=0", "cursor=x", "from=1"])
def test_what_is_no_place_in_it_is_told(tmp_path: Path, query: str) -> None:
    async def scene() -> None:
        async with running(tmp_path, is_open=False) as world:
            reply = await world.client(Scope.ADMIN).call("GET", f"/v1/journal?{query}")
            assert reply.status == 422
            assert (await world.client(Scope.TRADE).call("GET", "/v1/journal")).status == 403

    asyncio.run(scene())
