"""What clients of an older execution server find here: a greeting, statistics, and a plain word
about what is not built."""

import asyncio
from pathlib import Path
from typing import Any

import pytest

from api_scene import Reply, order, running
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
USDC, WETH = f"0xA0b8{'6' * 36}", f"0xC02a{'a' * 36}"
ROUTER = f"0x7a25{'0' * 36}"
SIGNAL: dict[str, Any] = {
    "chainId": 1,
    "token": USDC,
    "amount": "1000000000",
    "flashSource": 1,
    "protocols": [0, 1],
    "routers": [ROUTER, ROUTER],
    "path": [WETH, USDC],
    "extras": ["0x", "0x0bb8"],
    "expected_profit": 50.0,
}
DOCUMENTED = SIGNAL | {"protocols": [0], "routers": [ROUTER], "path": [USDC], "extras": ["0x"]}


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
            no_signal = {"type": "execute", "signal": {"chainId": 0}}
            wrong = (({"type": "dance"}, "API-014"), ("x", "API-001"), (no_signal, "API-012"))
            for frame, code in wrong:
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


def post(folder: Path, path: str, *bodies: object, **headers: str) -> list[Reply]:
    async def scene() -> list[Reply]:
        async with running(folder, is_open=False) as world:
            before = len(world.lines)
            sent = {name.replace("_", "-"): value for name, value in headers.items()}
            client = world.client(Scope.TRADE)
            found = [await client.call("POST", path, body, sent) for body in bodies]
            assert len(world.lines) == before
            return [*found, await client.call("GET", "/stats")]

    return asyncio.run(scene())


@pytest.mark.covers("E3", "E14")
def test_a_route_on_a_chain_without_an_endpoint_is_a_failure_with_its_cause(tmp_path: Path) -> None:
    reply, stats = post(tmp_path, "/execute", SIGNAL)
    assert reply.status == 200
    assert (reply.document["success"], reply.document["mode"]) == (False, "PAPER")
    assert reply.document["error"].startswith("Chain 1 not configured")
    assert (stats.document["total_signals"], stats.document["failed"]) == (1, 1)


@pytest.mark.covers("E18")
@pytest.mark.parametrize("path", ["/execute", "/simulate"])
def test_the_documented_trade_is_a_simulation_error_and_no_success(
    tmp_path: Path, path: str
) -> None:
    reply, _ = post(tmp_path, path, DOCUMENTED)
    assert (reply.status, reply.document["success"]) == (200, False)
    assert reply.document["error"] == "Simulation failed: hop 0 has the same token in and out"


ROUTES: list[tuple[dict[str, Any], str]] = [
    ({"path": [WETH, WETH]}, "hop 1 has the same token in and out; the last token of path is not"),
    ({"path": [USDC.upper().replace("X", "x"), USDC]}, "hop 0 has the same token in and out"),
    ({"extras": ["0x"]}, "must be equally long; protocols has 2"),
    ({"path": [WETH, WETH, USDC]}, "must be equally long; protocols has 2"),
    ({"flashSource": 3, "protocols": [0, 3]}, "its vault is locked then"),
    ({"path": [USDC, WETH, USDC]}, "Chain 1 not configured"),  # with the token it begins with
    ({"chainId": 999}, "Chain 999 not configured"),
    ({"comment": "clients send along what they have"}, "Chain 1 not configured"),
]


@pytest.mark.parametrize(("change", "cause"), ROUTES)
def test_what_no_chain_would_take_is_found_without_one(
    tmp_path: Path, change: dict[str, Any], cause: str
) -> None:
    reply, _ = post(tmp_path, "/execute", SIGNAL | change)
    assert reply.status == 200
    assert cause in reply.document["error"]


@pytest.mark.covers("E7")
def test_a_simulation_that_there_is_none_of_says_so(tmp_path: Path) -> None:
    reply, stats = post(tmp_path, "/simulate", SIGNAL)
    simulation = reply.document["simulation"]
    assert set(simulation) == {"success", "gasUsed", "error"}
    assert (simulation["success"], simulation["gasUsed"]) == (False, None)
    assert reply.document["estimated_profit"] is None
    assert simulation["error"] == reply.document["error"]
    assert stats.document["total_signals"] == 0, "a simulation is no trade"


@pytest.mark.covers("E6")
def test_of_a_batch_each_has_its_answer(tmp_path: Path) -> None:
    signals = [SIGNAL, {}, "x", DOCUMENTED]
    reply, stats = post(tmp_path, "/execute/batch", {"signals": signals})
    assert reply.status == 200
    assert {k: v for k, v in reply.document.items() if k != "results"} == {
        "total": 4,
        "succeeded": 0,
        "failed": 4,
    }
    causes = [result["error"] for result in reply.document["results"]]
    starts = ("Chain 1 not configured", "chainId is required", "a signal must be", "Simulation")
    assert all(c.startswith(s) for c, s in zip(causes, starts, strict=True))
    assert stats.document["failed"] == 4


def test_all_that_is_wrong_with_a_signal_is_named(tmp_path: Path) -> None:
    wrong = {
        "chainId": 0,
        "token": "0x12",
        "amount": "1.5",
        "flashSource": 0,
        "protocols": [9],
        "routers": [],
        "path": "x",
        "expected_profit": "much",
        "operation_id": "a b",
    }
    reply, _ = post(tmp_path, "/execute", wrong)
    assert (reply.status, reply.code) == (422, "API-012")
    said = " ".join(reason["message"] for reason in reply.document["error"]["reasons"])
    assert [name for name in (*wrong, "extras") if name not in said] == []
    assert "protocols[0]" in said


BODIES: list[tuple[object, int]] = [
    (b"{", 400),
    ([], 422),
    (SIGNAL | {"amount": "0"}, 422),
    (SIGNAL | {"amount": str(2**256)}, 422),
    (SIGNAL | {"amount": 5}, 422),
    (SIGNAL | {"amount": f"{SIGNAL['amount']}\n"}, 422),
    (SIGNAL | {"token": f"{SIGNAL['token']}\n"}, 422),
    (SIGNAL | {"extras": ["0x\n"]}, 422),
    (SIGNAL | {"operation_id": "k1\n"}, 422),
    (SIGNAL | {"operation_id": "other"}, 400),
    (SIGNAL | {"protocols": [0] * 6}, 422),
]


@pytest.mark.parametrize(("body", "status"), BODIES)
def test_what_is_no_signal_is_told_as_everywhere(tmp_path: Path, body: object, status: int) -> None:
    reply, stats = post(tmp_path, "/execute", body, idempotency_key="k1")
    assert reply.status == status
    assert stats.document["total_signals"] == 0


NO_BATCHES: list[object] = [{}, [], {"signals": 5}, {"signals": [{}] * 257}]


@pytest.mark.parametrize("body", NO_BATCHES)
def test_what_is_no_batch_is_told(tmp_path: Path, body: object) -> None:
    reply, _ = post(tmp_path, "/execute/batch", body)
    assert reply.status == 422
