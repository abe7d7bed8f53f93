"""Many at once, of whom none means well: orders and stops are answered all the same, and they get
what they should. `make flood` does so to a real server for longer, and looks at the clock."""

import asyncio
import gc
import gzip
import json
from collections import Counter
from collections.abc import AsyncGenerator, Callable, Coroutine
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path

import msgspec
import pytest
import uvloop

from api_scene import World, order
from listeners import WITHIN_SECONDS, serving
from omnivenue.api import Scope
from omnivenue.app import http_connection, turnstile
from omnivenue.app.http_server import listen_privately
from raw_http import Raw, eventually, raw, request

SEATS = 8
CROWD = 80
ROUNDS = 8
CHUNKED = "Transfer-Encoding: chunked"
JSON = "Content-Type: application/json"


def posted(body: bytes, *more: str) -> Callable[[str], bytes]:
    return lambda token: request("POST", "/v1/instructions", token, body, *more)


def in_chunks(token: str) -> bytes:
    chunk = b"10000\r\n" + b"x" * 0x10000 + b"\r\n"
    return request("POST", "/v1/instructions", token, b"", JSON, CHUNKED) + chunk * 16


def venues(token: str) -> bytes:
    return request("GET", "/v1/venues", token) * 12


class Public:
    """Who means well: an order and a stop on a connection that is kept, a stop on a new one, and
    one by the private socket."""

    def __init__(self, world: World, address: str, private: str, kept: Raw) -> None:
        self._token, self._kept = world.tokens[Scope.TRADE], kept
        self._address, self._private = address, private
        self._count = 0

    async def asks(self) -> None:
        self._count += 1
        body = msgspec.json.encode(order(f"k{self._count}", qty="0.001"))
        heard = await self._kept.ask("POST", "/v1/instructions", self._token, body)
        assert heard.status == 202, heard
        await self._stops(self._kept)
        for address in (self._address, self._private):
            async with raw(address) as client:
                await self._stops(client)

    async def _stops(self, client: Raw) -> None:
        stop = json.dumps({"scope": f"strategy:s{self._count}", "reason": "drill"}).encode()
        heard = await client.ask("POST", "/v1/kill", self._token, stop)
        assert heard.status == 200, heard


@asynccontextmanager
async def attacked(folder: Path) -> AsyncGenerator[tuple[World, str, Public]]:
    private = folder / "socket"
    async with (
        serving(folder, listen_privately(private)) as (world, address),
        raw(address) as kept,
    ):
        public = Public(world, address, str(private), kept)
        await public.asks()
        yield world, address, public
        await public.asks()


def run(scene: Callable[[], Coroutine[None, None, None]]) -> None:
    asyncio.run(scene(), loop_factory=uvloop.new_event_loop)


@pytest.mark.holds("T58")
@pytest.mark.parametrize("said", [b"", b"GET /v1/orders HT", b"GET /health HTTP/1.1\r\nX: y"])
def test_a_crowd_of_strangers_gets_its_seats_and_no_more(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, said: bytes
) -> None:
    monkeypatch.setattr("omnivenue.api.seats.STRANGERS_MAX", SEATS)
    monkeypatch.setattr(http_connection, "STRANGER_SECONDS", WITHIN_SECONDS)

    async def scene() -> None:
        async with attacked(tmp_path) as (_, address, public), AsyncExitStack() as stack:
            crowd: list[Raw] = []
            for _ in range(CROWD):
                crowd.append(await stack.enter_async_context(raw(address)))
                crowd[-1].say(said)
                if len(crowd) % 20 == 0:
                    await public.asks()
            await eventually(lambda: sum(one.is_open for one in crowd) <= SEATS)
            await public.asks()
            assert all(one.is_open for one in crowd[-SEATS + 1 :]), "the newest keep theirs"

    run(scene)


@pytest.mark.holds("T58", "T59")
@pytest.mark.parametrize(
    ("asked", "with_token", "without"),
    [
        (posted(b"[" * 100_000), 413, 401),
        (posted(b'{"a":' * 50_000), 413, 401),
        (posted(gzip.compress(b" " * 2**24), "Content-Encoding: gzip"), 415, 401),
        (in_chunks, 413, 401),
        (venues, 200, 401),
    ],
    ids=["arrays", "objects", "gzip", "chunks", "requests"],
)
def test_each_of_a_flood_gets_what_it_should(
    tmp_path: Path, asked: Callable[[str], bytes], with_token: int, without: int
) -> None:
    async def scene() -> None:
        async with attacked(tmp_path) as (world, address, public):

            async def lane(token: str, status: int) -> None:
                for _ in range(ROUNDS):
                    async with raw(address) as client:
                        said = asked(token)
                        client.say(said)
                        for _ in range(said.count(b" HTTP/1.1\r\n")):
                            assert (await client.hear()).status == status

            async def meanwhile() -> None:
                for _ in range(ROUNDS):
                    await public.asks()

            strangers = (lane("", without) for _ in range(4))
            known = (lane(world.tokens[Scope.ADMIN], with_token) for _ in range(4))
            await asyncio.gather(meanwhile(), *strangers, *known)

    run(scene)


@pytest.mark.holds("T58")
def test_who_waits_for_a_turn_is_heard_to_the_end(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its body comes after its head, and the turn in between."""
    monkeypatch.setattr(turnstile, "IN_ONE_TURN", 1)

    async def scene() -> None:
        async with attacked(tmp_path) as (world, address, _), AsyncExitStack() as stack:
            stop = b'{"scope":"strategy:s9","reason":"drill"}'
            asked = request("POST", "/v1/kill", world.tokens[Scope.TRADE], stop)
            crowd = [await stack.enter_async_context(raw(address)) for _ in range(20)]
            for part in (asked[: -len(stop)], stop[:9], stop[9:]):
                for one in crowd:
                    one.say(part)
                await asyncio.sleep(0)
            for one in crowd:
                assert (await one.hear()).status == 200

    run(scene)


@pytest.mark.holds("T58")
def test_what_nobody_will_read_keeps_nobody_waiting(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The loop itself would read a connection 32 times in a row."""
    reads: Counter[int] = Counter()
    turn = 0
    received = http_connection.HttpConnection.data_received

    def counted(self: http_connection.HttpConnection, data: bytes) -> None:
        reads[turn] += 1
        received(self, data)

    monkeypatch.setattr(http_connection.HttpConnection, "data_received", counted)

    async def scene() -> None:
        async with serving(tmp_path) as (_, address), raw(address) as client:
            loop, size = asyncio.get_running_loop(), 2**23

            def turns() -> None:
                nonlocal turn
                turn += 1
                loop.call_soon(turns)

            turns()
            client.say(request("POST", "/v1/quote", "", b"", JSON, f"Content-Length: {size}"))
            client.say(b" " * size)
            assert (await client.hear()).status == 401
            await client.writer.drain()
            assert max(reads.values()) == 1

    run(scene)


@pytest.mark.holds("T59")
def test_a_crowd_that_has_gone_needs_no_collector(tmp_path: Path) -> None:
    def connections() -> int:
        kind = http_connection.HttpConnection
        return sum(isinstance(each, kind) for each in gc.get_objects())

    async def scene() -> None:
        async with serving(tmp_path) as (_, address):
            gc.disable()
            try:
                for said in (b"", b"GET /v1/", request("GET", "/health"), b"nonsense\r\n\r\n"):
                    async with raw(address) as client:
                        client.say(said)
                        if b"\r\n\r\n" in said:
                            await client.hear()
                await eventually(lambda: not connections())
            finally:
                gc.enable()

    gc.collect()
    run(scene)
