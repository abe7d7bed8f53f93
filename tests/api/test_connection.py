"""Whatever a client does or leaves undone on its connection ends within bounded time and memory,
and costs nobody else anything: a real server, and sockets that misbehave."""

import asyncio
import json
import socket
from collections.abc import Awaitable, Callable
from contextlib import AsyncExitStack
from pathlib import Path

import msgspec
import pytest
import uvloop

from api_scene import World, order
from listeners import narrow, serving
from omnivenue.api import Scope
from omnivenue.app import http_connection
from raw_http import Raw, eventually, raw, request

SHORT = 0.15

type Attack = Callable[[World, str], Awaitable[None]]


def attacked(folder: Path, attack: Attack) -> None:
    """And afterwards an order is taken as ever."""

    async def scene() -> None:
        async with serving(folder) as (world, address):
            await attack(world, address)
            async with raw(address) as client:
                body = msgspec.json.encode(order("after"))
                heard = await client.ask(
                    "POST", "/v1/instructions", world.tokens[Scope.TRADE], body
                )
                assert heard.status == 202, heard

    asyncio.run(scene(), loop_factory=uvloop.new_event_loop)


async def dribbled(client: Raw, text: bytes) -> None:
    """A byte at a time, for as long as anybody reads."""
    for n in range(len(text)):
        if not client.is_open:
            return
        client.say(text[n : n + 1])
        await asyncio.sleep(SHORT / 20)


@pytest.mark.holds("T58")
@pytest.mark.parametrize("has_token", [True, False])
@pytest.mark.parametrize("is_head", [True, False])
def test_a_request_that_does_not_arrive_is_given_up(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, has_token: bool, is_head: bool
) -> None:
    monkeypatch.setattr(http_connection, "REQUEST_SECONDS", SHORT)

    async def attack(world: World, address: str) -> None:
        token = world.tokens[Scope.TRADE] if has_token else ""
        whole = request("POST", "/v1/instructions", token, b" " * 200)
        async with raw(address) as client:
            begun = b"" if is_head else whole[:-200]
            client.say(begun)
            slow = asyncio.create_task(dribbled(client, whole[len(begun) :]))
            heard = await client.hear()
            if is_head or has_token:
                assert (heard.status, heard.code) == (408, "API-007")
                assert heard.headers["connection"] == "close"
            else:
                assert heard.status == 401, "who has no token is told before it sends a body"
                heard = await client.hear()
                assert heard.status == 408
            assert await client.ended() == b""
            await slow

    attacked(tmp_path, attack)


@pytest.mark.holds("T58")
def test_who_says_nothing_is_left_and_who_has_a_token_may_think(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(http_connection, "STRANGER_SECONDS", SHORT)

    async def attack(world: World, address: str) -> None:
        async with raw(address) as silent, raw(address) as nosy, raw(address) as known:
            assert (await known.ask("GET", "/v1/venues", world.tokens[Scope.READ])).status == 200
            assert (await nosy.ask("GET", "/health")).status == 200
            assert await silent.ended() == b""
            assert await nosy.ended() == b""
            assert known.is_open
            monkeypatch.setattr(http_connection, "IDLE_SECONDS", SHORT)
            assert await known.ended() == b""

    attacked(tmp_path, attack)


@pytest.mark.holds("T58")
def test_the_newest_stranger_gets_a_seat_and_whoever_has_a_token_keeps_his(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("omnivenue.api.seats.STRANGERS_MAX", 3)

    async def attack(world: World, address: str) -> None:
        token = world.tokens[Scope.READ]
        async with raw(address) as first, raw(address) as known, AsyncExitStack() as stack:
            assert (await known.ask("GET", "/v1/venues", token)).status == 200
            crowd = [await stack.enter_async_context(raw(address)) for _ in range(6)]
            assert await first.ended() == b""
            for one in crowd[:3]:
                assert await one.ended() == b""
            assert all(one.is_open for one in crowd[3:])
            async with raw(address) as newest:
                assert (await newest.ask("GET", "/v1/venues", token)).status == 200
            assert (await known.ask("GET", "/v1/venues", token)).status == 200

    attacked(tmp_path, attack)


@pytest.mark.holds("T58")
def test_a_token_has_so_many_connections_and_its_stop_is_heard_all_the_same(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("omnivenue.api.seats.TOKEN_MAX", 2)

    async def attack(world: World, address: str) -> None:
        token, other = world.tokens[Scope.TRADE], world.tokens[Scope.ADMIN]
        async with raw(address) as one, raw(address) as two, raw(address) as three:
            for held in (one, two):
                for _ in range(2):  # a seat is taken once
                    assert (await held.ask("GET", "/v1/venues", token)).status == 200
            heard = await three.ask("GET", "/v1/venues", token)
            assert (heard.status, heard.code) == (429, "API-045")
            assert "2 connections" in heard.document["error"]["message"]
            assert heard.headers["retry-after"] == "1"
            assert await three.ended() == b""
            stop = json.dumps({"scope": "strategy:s9", "reason": "crowded"}).encode()
            async with raw(address) as four:
                assert (await four.ask("POST", "/v1/kill", token, stop)).status == 200
                assert (await four.ask("GET", "/v1/venues", other)).status == 200
            two.writer.close()
            await eventually(lambda: world.loop.has_ended or not two.is_open)
        async with raw(address) as five:
            assert (await five.ask("GET", "/v1/venues", token)).status == 200

    attacked(tmp_path, attack)


@pytest.mark.holds("T58")
def test_a_token_that_floods_is_told_to_wait_and_its_stop_is_heard(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("omnivenue.api.http.CALLS", 3)

    async def attack(world: World, address: str) -> None:
        token = world.tokens[Scope.READ]
        async with raw(address) as client:
            heard = [await client.ask("GET", "/v1/venues", token) for _ in range(6)]
            assert [one.status for one in heard[:3]] == [200] * 3
            late = [one for one in heard if one.status == 429]
            assert late, "three a second, and these were at once"
            assert late[0].headers["retry-after"] == "1"
            assert "3 calls a second" in late[0].document["error"]["message"]
            assert (await client.ask("GET", "/health")).status == 200
        trade, stop = world.tokens[Scope.ADMIN], b'{"scope":"strategy:s9","reason":"x"}'
        async with raw(address) as client:
            while (await client.ask("GET", "/v1/venues", trade)).status != 429:
                pass
            assert (await client.ask("POST", "/v1/kill", trade, stop)).status == 200

    attacked(tmp_path, attack)


@pytest.mark.holds("T59")
@pytest.mark.parametrize(
    ("head", "why"),
    [
        (b"GET /" + b"x" * 20_000 + b" HTTP/1.1\r\nHost: a\r\n\r\n", "a long path"),
        (b"GET / HTTP/1.1\r\nHost: a\r\nX: " + b"x" * 20_000 + b"\r\n\r\n", "a long header"),
        (b"GET / HTTP/1.1\r\nHost: a\r\n" + b"X: y\r\n" * 101 + b"\r\n", "many headers"),
        (b"GET / HTTP/1.1\r\n" + b"X" * 40_000, "a name without an end"),
        (b"GET /" + b"x" * 40_000, "a path without an end"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_a_head_is_only_so_large(tmp_path: Path, head: bytes, why: str) -> None:
    async def attack(_: World, address: str) -> None:
        async with raw(address) as client:
            for start in range(0, len(head), 4_096):
                client.say(head[start : start + 4_096])
                await asyncio.sleep(0)
            heard = await client.hear()
            assert (heard.status, heard.code) == (431, "API-008"), why
            assert await client.ended() == b""

    attacked(tmp_path, attack)


UPGRADE = b"Connection: Upgrade\r\nUpgrade: websocket\r\n"
KEY = b"Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n"


@pytest.mark.holds("T54", "T58")
@pytest.mark.parametrize(
    "more",
    [b"Content-Length: 2\r\n", b"Transfer-Encoding: chunked\r\n", b"X: " + b"x" * 9_000 + b"\r\n"],
    ids=lambda value: value[:14],
)
def test_what_the_websocket_library_cannot_read_is_told_so(tmp_path: Path, more: bytes) -> None:
    async def attack(_: World, address: str) -> None:
        async with raw(address) as client:
            client.say(b"GET /v1/stream HTTP/1.1\r\nHost: localhost\r\n" + UPGRADE + KEY + more)
            client.say(b"\r\n")
            heard = await client.hear()
            assert (heard.status, heard.code) == (400, "API-009")
            assert await client.ended() == b""

    attacked(tmp_path, attack)


@pytest.mark.holds("T54")
def test_a_call_that_asks_for_a_websocket_is_a_call(tmp_path: Path) -> None:
    async def attack(world: World, address: str) -> None:
        async with raw(address) as client:
            client.say(b"POST /v1/kill HTTP/1.1\r\nHost: localhost\r\n" + UPGRADE + b"\r\n")
            assert (await client.hear()).status == 401
            assert await client.ended() == b""

    attacked(tmp_path, attack)


@pytest.mark.holds("T54")
@pytest.mark.parametrize(
    "said",
    [
        b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03",
        b"nonsense\r\n\r\n",
        b"GET / HTTP/1.1\r\nHost\r\n\r\n",
        b"GET /\xff HTTP/1.1\r\nHost: a\r\n\r\n",
        b"POST /v1/kill HTTP/1.1\r\nHost: a\r\nContent-Length: -1\r\n\r\n",
        b"POST /v1/kill HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\n"
        b"Transfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
        b"POST /v1/kill HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n",
    ],
    ids=lambda value: str(value)[:30],
)
def test_what_is_no_http_is_told_so(tmp_path: Path, said: bytes) -> None:
    async def attack(_: World, address: str) -> None:
        async with raw(address) as client:
            client.say(said)
            heard = await client.hear()
            while heard.status == 401:  # what came before the nonsense had its answer
                heard = await client.hear()
            assert (heard.status, heard.code) == (400, "API-009")
            assert await client.ended() == b""

    attacked(tmp_path, attack)


@pytest.mark.holds("T59")
def test_a_body_without_an_end_is_refused_while_it_comes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(http_connection, "FORGOTTEN_MAX", 2**20)
    chunk = b"10000\r\n" + b"x" * 0x10000 + b"\r\n"

    async def attack(world: World, address: str) -> None:
        more = ["Transfer-Encoding: chunked", "Content-Type: application/json"]
        for token, status in ((world.tokens[Scope.TRADE], 413), ("", 401)):
            async with raw(address) as client:
                client.say(request("POST", "/v1/instructions", token, b"", *more))
                sent = 0
                while client.is_open and sent < 1_000:
                    client.say(chunk)
                    sent += 1
                    await asyncio.sleep(0)
                assert sent < 1_000, "it has been cut off"
            async with raw(address) as client:
                client.say(request("POST", "/v1/instructions", token, b"", *more) + chunk * 8)
                assert (await client.hear()).status == status

    attacked(tmp_path, attack)


@pytest.mark.holds("T59")
def test_what_waits_unread_is_bounded(tmp_path: Path) -> None:
    """A body for nobody in particular: its client waits, and not its bytes with us."""

    async def attack(world: World, address: str) -> None:
        token, more = world.tokens[Scope.READ], "Content-Type: application/json"
        async with raw(address) as client:
            length = f"Content-Length: {7 * 2**20}"
            client.say(request("POST", "/v1/quote", token, b"", more, length))
            client.say(b" " * 7 * 2**20)
            heard = await client.hear()
            assert heard.status != 413, "pools may be larger than orders"
            assert (await client.ask("GET", "/v1/venues", token)).status == 200
            length = f"Content-Length: {8 * 2**20 + 1}"
            client.say(request("POST", "/v1/quote", token, b"", more, length))
            client.say(b" " * (8 * 2**20 + 1))
            assert (await client.hear()).status == 413

    attacked(tmp_path, attack)


def test_requests_at_once_are_answered_in_order_up_to_so_many(tmp_path: Path) -> None:
    async def attack(world: World, address: str) -> None:
        token = world.tokens[Scope.TRADE]
        bodies = [msgspec.json.encode(order(f"p{n}", qty="0.01")) for n in range(70)]
        asked = [request("POST", "/v1/instructions", token, body) for body in bodies]
        async with raw(address) as client:
            client.say(b"".join(asked[:20]) + request("GET", "/v1/orders/p7", token))
            heard = [await client.hear() for _ in range(21)]
            assert [one.document["id"] for one in heard[:20]] == [f"p{n}" for n in range(20)]
            assert heard[20].document["id"] == "p7"
        async with raw(address) as client:
            client.say(b"".join(asked))
            heard = [await client.hear() for _ in range(65)]
            assert {one.status for one in heard[:20]} == {200}
            assert {one.status for one in heard[20:64]} == {202}
            assert (heard[64].status, heard[64].code) == (429, "API-045")
            assert await client.ended() == b""

    attacked(tmp_path, attack)


@pytest.mark.holds("T58")
def test_a_client_that_does_not_read_is_left(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(http_connection, "UNTAKEN_SECONDS", SHORT)

    async def attack(world: World, address: str) -> None:
        asked = request("GET", "/openapi.json", world.tokens[Scope.READ])
        loop, lazy = asyncio.get_running_loop(), narrow(address)
        lazy.setblocking(False)
        with lazy, pytest.raises(ConnectionError):
            while True:
                await loop.sock_sendall(lazy, asked)
                await asyncio.sleep(0.001)

    attacked(tmp_path, attack)


def test_what_a_client_may_do_works(tmp_path: Path) -> None:
    async def attack(world: World, address: str) -> None:
        token = world.tokens[Scope.TRADE]
        body = msgspec.json.encode(order("k1"))
        async with raw(address) as client:  # leave to send, which a client may wait for
            whole = request("POST", "/v1/instructions", token, body, "Expect: 100-continue")
            client.say(whole[: -len(body)])
            assert (await client.hear()).status == 100
            client.say(body)
            assert (await client.hear()).status == 202
        async with raw(address) as client:  # nothing more to say, and an answer all the same
            client.say(request("GET", "/v1/orders/k1", token))
            client.writer.write_eof()
            assert (await client.hear()).document["id"] == "k1"
            assert await client.ended() == b""
        async with raw(address) as client:  # an older client
            client.say(b"GET /health HTTP/1.0\r\nHost: localhost\r\n\r\n")
            assert (await client.hear()).headers["connection"] == "close"
            assert await client.ended() == b""
        async with raw(address) as client:
            client.say(request("HEAD", "/health"))
            assert (await client.hear(has_body=False)).status == 405
            assert (await client.ask("GET", "/health")).status == 200
        async with raw(address) as client:  # an upgrade to what we do not speak is a request
            client.say(request("GET", "/health", "", b"", "Connection: Upgrade", "Upgrade: h2c"))
            assert (await client.hear()).status == 200
            assert await client.ended() == b""

    attacked(tmp_path, attack)


@pytest.mark.holds("T55")
def test_who_calls_is_who_connects_whatever_a_header_says(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("omnivenue.api.lockout.FREE_FAILURES", 3)

    async def attack(world: World, address: str) -> None:
        async with raw(address) as client:
            statuses: list[int] = []
            for n in range(6):
                named = f"X-Forwarded-For: 10.0.0.{n}"
                client.say(request("GET", "/v1/venues", "ovp_" + "A" * 43, b"", named))
                statuses.append((await client.hear()).status)
            assert statuses == [401, 401, 401, 429, 429, 429]
            heard = await client.ask("GET", "/v1/venues", world.tokens[Scope.READ])
            assert heard.status == 200, "a good token is never kept waiting"

    attacked(tmp_path, attack)


def test_a_client_that_goes_leaves_nothing_behind(tmp_path: Path) -> None:
    async def attack(world: World, address: str) -> None:
        whole = request("POST", "/v1/instructions", world.tokens[Scope.TRADE], b" " * 99)
        for said in (b"", whole[:40], whole[:-50], whole * 3):
            for is_rude in (True, False):
                async with raw(address) as client:
                    client.say(said)
                    await asyncio.sleep(0.002)
                    if is_rude:
                        linger = b"\x01\x00\x00\x00\x00\x00\x00\x00"
                        found: socket.socket = client.writer.get_extra_info("socket")
                        found.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, linger)
                    client.writer.close()

    attacked(tmp_path, attack)
