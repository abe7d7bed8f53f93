"""What clients of an older execution server find here: a greeting, statistics, and a plain word
about what is not built."""

import asyncio
from pathlib import Path

import pytest

from api_scene import order
from listeners import Listener, knocking, serving
from omnivenue.api import Scope

STATS = {
    "total_signals": 1,
    "executed": 0,
    "paper_executed": 1,
    "failed": 0,
    "total_profit": 0,
    "mode": "PAPER",
    "connected_clients": 0,
    "providers": 0,
}
SIGNAL = {"chainId": 1, "token": "0xA0b8", "amount": "1000000000", "flashSource": 1}


async def greeted(listener: Listener, token: str) -> dict[str, object]:
    await listener.say({"type": "auth", "token": token})
    return await listener.hear()


@pytest.mark.covers("E9", "E10")
def test_who_connects_is_greeted_with_mode_and_statistics(tmp_path: Path) -> None:
    async def scene() -> None:
        async with serving(tmp_path) as (world, address):
            await world.client().post(order("k1"))
            assert await world.client(Scope.READ).get("/stats") == STATS
            async with knocking(address, "/") as listener:
                greeting = await greeted(listener, world.tokens[Scope.READ])
                stats = STATS | {"connected_clients": 1}
                assert greeting == {"type": "connected", "mode": "PAPER", "stats": stats}
                assert await world.client(Scope.READ).get("/stats") == stats

    asyncio.run(scene())


def test_what_it_cannot_do_it_says(tmp_path: Path) -> None:
    async def scene() -> None:
        async with serving(tmp_path) as (world, address), knocking(address, "/") as listener:
            await greeted(listener, world.tokens[Scope.TRADE])
            await listener.say({"type": "ping"})
            assert await listener.hear() == {"type": "pong"}
            await listener.say({"type": "execute", "signal": SIGNAL})
            result = await listener.hear()
            assert (result["type"], result["success"]) == ("execution_result", False)
            assert (result["mode"], "not built" in result["error"]) == ("PAPER", True)
            for frame, code in (({"type": "dance"}, "API-014"), ("x", "API-001")):
                await listener.say(frame)
                heard = await listener.hear()
                assert (heard["type"], heard["error"]["code"]) == ("error", code)

    asyncio.run(scene())


@pytest.mark.holds("T55")
def test_a_token_that_may_only_read_executes_nothing(tmp_path: Path) -> None:
    async def scene() -> None:
        async with serving(tmp_path) as (world, address), knocking(address, "/") as listener:
            await greeted(listener, world.tokens[Scope.READ])
            await listener.say({"type": "execute", "signal": SIGNAL})
            heard = await listener.hear()
            assert (heard["type"], heard["error"]["code"]) == ("error", "API-041")

    asyncio.run(scene())


def test_a_stream_is_no_answer_to_a_call(tmp_path: Path) -> None:
    async def scene() -> None:
        async with serving(tmp_path) as (world, _):
            reply = await world.client().call("GET", "/v1/stream")
            assert (reply.status, reply.headers["upgrade"]) == (426, "websocket")

    asyncio.run(scene())
