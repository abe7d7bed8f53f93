"""`/v1/quote` and `/v1/arb`: what swaps bring and which rounds earn, beside the loop."""

import asyncio
import json
import os
import signal
import socket
import struct
import subprocess
import threading
import time
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import IO, Any

import msgspec
import pytest

from api_scene import World, running
from listeners import serving
from omnivenue.api import Scope
from omnivenue.api.openapi import bodies
from omnivenue.api.pools import PoolsProcess
from omnivenue.api.pools import process as pools_process
from omnivenue.api.pools.frames import Kind, read, write
from omnivenue.api.pools.process import WAITING_MAX
from omnivenue.api.pools.worker import answer
from omnivenue.interpreter import words_for
from omnivenue.wire.arbitrage import Chains
from omnivenue.wire.pools import arbitrage, quotes
from omnivenue.wire.pools.arbitrage import ARB_FIELDS
from omnivenue.wire.pools.quotes import QUOTE_FIELDS
from raw_http import eventually, raw, request

V2: dict[str, Any] = {
    "kind": "uniswap_v2",
    "tokens": ["A", "B"],
    "reserves": ["1000", "2000"],
    "fee_bps": 0,
}
POOLS = {"p": V2, "q": V2 | {"reserves": ["1000", "1000"]}}
GOOD: dict[str, Any] = {"id": "q1", "kind": "exact_in", "amount": "100"} | {
    "path": [{"pool": "p", "token_in": "A", "token_out": "B"}]
}
BAD: list[tuple[str, Any, int, str]] = [
    ("quote", {"requests": []}, 422, "NO_POOLS"),
    ("arb", {}, 422, "NO_POOLS"),
    ("arb", {"pools": None}, 422, "NO_POOLS"),
    ("quote", {"pools": POOLS}, 422, "API-011"),
    ("quote", {"pools": POOLS, "requests": {}}, 422, "API-012"),
    ("quote", {"pools": [], "requests": []}, 422, "API-012"),
    ("quote", {"pools": POOLS, "requests": [], "more": 1}, 422, "API-010"),
    ("quote", {"pools": POOLS, "requests": [1] * 100_001}, 413, "API-004"),
    ("arb", [], 422, "API-012"),
    ("arb", b"{", 400, "API-001"),
    ("arb", b"[" * 40, 413, "API-005"),
    ("arb", {"pools": POOLS, "max_hops": 1}, 422, "API-017"),
    ("arb", {"pools": POOLS, "start": ["C"]}, 422, "API-028"),
]


def looking(tmp_path: Path, scene: Callable[[World], Awaitable[None]]) -> None:
    async def run() -> None:
        async with running(tmp_path, is_open=False) as world:
            await scene(world)

    asyncio.run(run())


def test_answers_are_those_of_the_command_line(tmp_path: Path) -> None:
    async def scene(world: World) -> None:
        reader = world.client(Scope.READ)
        asked = {"pools": POOLS, "requests": [GOOD, {"id": 2, "kind": "exact_on"}, GOOD]}
        reply = await reader.call("POST", "/v1/quote", asked)
        assert (reply.status, reply.document) == (200, {"answers": quotes(asked)})
        assert [a.get("amount_out") for a in reply.document["answers"]] == ["181", None, "181"]
        asked = {"pools": POOLS, "start": ["A"], "gas": "7"}
        reply = await reader.call("POST", "/v1/arb", asked)
        assert reply.headers["content-type"] == "application/json"
        (cycle,) = reply.document["cycles"]
        assert (cycle["amount_in"], cycle["profit"], cycle["token"]) == ("139", "50", "A")
        expected = json.loads(msgspec.json.encode(arbitrage(asked)))
        assert reply.document | {"elapsed_us": 0} == expected | {"elapsed_us": 0}

    looking(tmp_path, scene)


def test_what_is_wrong_is_told_and_no_process_dies_of_it(tmp_path: Path) -> None:
    async def scene(world: World) -> None:
        reader = world.client(Scope.READ)
        for path, body, status, code in BAD:
            reply = await reader.call("POST", f"/v1/{path}", body)
            assert (reply.status, reply.code) == (status, code), body
        stranger = await world.client(None).call("POST", "/v1/arb", {"pools": POOLS})
        assert stranger.status == 401
        too_large = await reader.call("POST", "/v1/arb", b" " * (8 * 2**20 + 1))
        assert (too_large.status, too_large.code) == (413, "API-004")
        large = await reader.call("POST", "/v1/arb", b" " * 2**20 + b'{"pools": {}}')
        assert large.status == 200

    looking(tmp_path, scene)


def test_a_hundred_thousand_requests_have_their_answers_and_the_loop_goes_on(
    tmp_path: Path,
) -> None:
    async def scene(world: World) -> None:
        reader = world.client(Scope.READ)
        bad: dict[str, Any] = {"id": 0, "kind": "exact_in", "path": [], "amount": "1"}
        asked = {"pools": POOLS, "requests": [GOOD if n % 10 else bad for n in range(20_000)]}
        waiting = asyncio.create_task(reader.call("POST", "/v1/quote", asked))
        looks = 0
        while not waiting.done():
            await reader.get("/v1/orders")
            looks += 1
            await asyncio.sleep(0.001)
        answers = (await waiting).document["answers"]
        assert len(answers) == 20_000
        assert sum("error" in answer for answer in answers) == 2_000
        assert looks > 10

    looking(tmp_path, scene)


AT_ONCE = struct.pack("ii", 1, 0)


@pytest.mark.parametrize("size", [2, 100_000])
@pytest.mark.parametrize("goes", ["closes", "breaks off", "says no more"])
def test_who_leaves_ends_its_own_search_and_the_next_is_answered(
    tmp_path: Path, goes: str, size: int
) -> None:
    """Within less than the ten seconds that the search would have had. The body comes by itself,
    and in one piece."""
    file = tmp_path / "pools.json"
    os.mkfifo(file)  # whose reader waits for ever

    async def scene() -> None:
        async with (
            serving(tmp_path, chains=Chains(pools=file)) as (world, address),
            raw(address) as first,
            raw(address) as second,
        ):
            token = world.tokens[Scope.READ]
            asked = request("POST", "/v1/arb", token, b"{}".rjust(size))
            first.say(asked[:-size])
            await second.ask("GET", "/health")
            first.say(asked[-size:])
            descriptor = os.open(file, os.O_RDWR)
            await eventually(lambda: world.pools.pid is not None)
            if goes == "says no more":
                first.writer.write_eof()
                heard = await first.hear()
                assert (heard.status, heard.code) == (503, "API-046")
                assert "keep it open" in heard.document["error"]["message"]
            elif goes == "closes":
                first.writer.close()
            else:
                connection = first.writer.get_extra_info("socket")
                connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, AT_ONCE)
                first.writer.transport.abort()
            next_one = await second.ask("POST", "/v1/arb", token, body({"pools": POOLS}))
            assert next_one.status == 200
            os.close(descriptor)

    asyncio.run(asyncio.wait_for(scene(), 8))


HEAVY = {f"p{n}": V2 | {"tokens": [f"T{n // 30}", f"T{n % 30 + 30}"]} for n in range(900)}
"""So many rounds of eight hops that no kernel comes to their end."""


def body(document: object) -> bytes:
    return msgspec.json.encode(document)


def test_what_takes_too_long_is_given_up_and_the_next_is_answered() -> None:
    async def scene() -> None:
        process = PoolsProcess(Chains(), seconds=1)
        reply = await process.ask("t", Kind.ARB, body({"pools": HEAVY, "max_hops": 8}))
        assert reply.status == 413
        told = msgspec.to_builtins(reply.document)["error"]
        assert told["code"] == "API-004"
        assert "longer than 1 s" in told["message"]
        reply = await process.ask("t", Kind.ARB, body({"pools": POOLS}))
        assert reply.status == 200
        process.close()

    asyncio.run(scene())


def test_who_is_asked_too_much_says_so_and_who_goes_takes_the_process_along() -> None:
    async def scene() -> None:
        process = PoolsProcess(Chains(), seconds=30)
        heavy = body({"pools": HEAVY, "max_hops": 8})
        asked = [asyncio.create_task(process.ask("t", Kind.ARB, heavy)) for _ in range(WAITING_MAX)]
        await asyncio.sleep(0)
        refused = await process.ask("t", Kind.ARB, body({"pools": POOLS}))
        assert (refused.status, dict(refused.headers)[b"retry-after"]) == (429, b"1")
        for task in asked:
            task.cancel()
        await asyncio.gather(*asked, return_exceptions=True)
        reply = await process.ask("t", Kind.ARB, body({"pools": POOLS}))
        assert reply.status == 200
        process.close()

    asyncio.run(scene())


def test_a_process_that_is_late_to_start_is_given_up_all_the_same(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    class Late(pools_process.Worker):
        def __init__(self, *words: Any, **more: Any) -> None:
            time.sleep(0.3)
            super().__init__(*words, **more)

    async def scene() -> None:
        process = PoolsProcess(Chains(), seconds=30)
        reply = await process.ask("t", Kind.ARB, body({"pools": HEAVY, "max_hops": 8}))
        assert reply.status == 413
        process.close()

    monkeypatch.setattr(pools_process, "Worker", Late)
    monkeypatch.setattr(pools_process, "GRACE_SECONDS", 0.1 - 30)
    asyncio.run(asyncio.wait_for(scene(), 10))


def test_who_leaves_is_no_fault_of_ours(caplog: pytest.LogCaptureFixture) -> None:
    async def scene() -> None:
        process = PoolsProcess(Chains(), seconds=30)
        asked = asyncio.create_task(process.ask("t", Kind.ARB, body({"pools": HEAVY})))
        await eventually(lambda: process.pid is not None)
        asked.cancel()
        await asyncio.gather(asked, return_exceptions=True)
        process.close()

    asyncio.run(scene())
    assert not caplog.records


def dies_slowly(process: subprocess.Popen[bytes]) -> None:
    """As one does that has much memory to give back: it is deaf at once, and dead after a while."""
    process.send_signal(signal.SIGSTOP)
    threading.Timer(0.2, process.send_signal, [signal.SIGKILL]).start()


def test_whoever_leaves_as_he_is_answered_leaves_no_dying_process_to_the_next(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    async def scene() -> None:
        process = PoolsProcess(Chains())
        pools = body({"pools": POOLS})
        asked = asyncio.create_task(process.ask("t", Kind.ARB, pools))
        loop = asyncio.get_running_loop()

        def read_and_left(stream: IO[bytes]) -> tuple[int, bytes] | None:
            found = read(stream)
            loop.call_soon_threadsafe(asked.cancel)
            time.sleep(0.1)  # it is only now that the loop hears of the answer
            return found

        monkeypatch.setattr(pools_process, "read", read_and_left)
        await asyncio.gather(asked, return_exceptions=True)
        assert asked.cancelled()
        monkeypatch.setattr(pools_process, "read", read)
        assert (await process.ask("t", Kind.ARB, pools)).status == 200
        process.close()

    monkeypatch.setattr(subprocess.Popen, "kill", dies_slowly)
    asyncio.run(scene())


def test_the_process_of_a_server_that_was_killed_ends_without_a_word() -> None:
    words = [*words_for("omnivenue.api.pools.worker"), "10", "1"]
    pipe = subprocess.PIPE
    with subprocess.Popen(words, stdin=pipe, stdout=pipe, stderr=pipe) as process:
        assert process.stdin and process.stdout and process.stderr
        process.stdout.close()
        write(process.stdin, Kind.CHAINS, Chains().to_json())
        write(process.stdin, Kind.ARB, body({"pools": POOLS}))
        assert process.stderr.read() == b""
    assert process.returncode == -signal.SIGPIPE


def test_what_others_print_in_the_process_is_no_answer(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Such as a module of the site's, at each start."""
    (tmp_path / "sitecustomize.py").write_text("print('loaded the settings of this site')")
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))

    async def scene() -> None:
        process = PoolsProcess(Chains(), seconds=1)
        reply = await process.ask("t", Kind.ARB, body({"pools": POOLS}))
        assert reply.status == 200
        process.close()

    asyncio.run(scene())


def test_who_waits_while_the_server_stops_is_told_so() -> None:
    async def scene() -> None:
        process = PoolsProcess(Chains(), seconds=30)
        heavy = body({"pools": HEAVY, "max_hops": 8})
        asked = [asyncio.create_task(process.ask("t", Kind.ARB, heavy)) for _ in range(3)]
        await asyncio.sleep(0.5)
        process.stop()
        replies = [*await asyncio.gather(*asked), await process.ask("t", Kind.ARB, heavy)]
        assert [reply.status for reply in replies] == [503] * 4
        process.close()

    asyncio.run(asyncio.wait_for(scene(), 10))


@pytest.mark.parametrize("asked", [{}, {"pools": None}])
def test_a_question_without_pools_is_about_those_of_the_server(
    tmp_path: Path, asked: dict[str, Any]
) -> None:
    """A null is a member that is absent."""
    file = tmp_path / "pools.json"
    file.write_bytes(body({"pools": POOLS}))
    status, found = answer(Kind.ARB, body(asked), Chains(pools=file))
    assert (status, len(json.loads(found)["cycles"])) == (200, 1)


@pytest.mark.parametrize(
    ("told", "read"), [(bodies.QuotesAsked, QUOTE_FIELDS), (bodies.RoundsAsked, ARB_FIELDS)]
)
def test_a_body_has_the_members_that_are_read(
    told: type[msgspec.Struct], read: tuple[str, ...]
) -> None:
    assert set(told.__struct_fields__) == set(read)
