"""Who may listen, and what becomes of those who say what nobody understands."""

import asyncio
import json
import random
from itertools import product
from pathlib import Path
from typing import Any

import pytest
from websockets.asyncio.client import connect
from websockets.exceptions import ConnectionClosed, InvalidStatus

from api_scene import World, order, running
from listeners import Listener, knocking, listening_to, serving
from omnivenue.api import FRAME_MAX, Scope, TokenFile
from omnivenue.api.routes import STREAMS
from omnivenue.api.scope import TOKEN_SCOPES

NONE = {"code": ""}
BAD = "ovp_" + "A" * 43
STREAM = {"type": "subscribe", "topics": ["orders"], "from_seq": 0}


def auth(token: str) -> dict[str, str]:
    return {"type": "auth", "token": token}


async def turned_away(address: str, path: str = "/v1/stream", **more: Any) -> int:
    with pytest.raises(InvalidStatus) as raised:
        async with connect(f"ws://{address}{path}", proxy=None, **more):
            pass
    answer = json.loads(raised.value.response.body)
    assert set(answer["error"]) >= {"code", "message", "reasons"}
    return raised.value.response.status_code


async def refused(listener: Listener) -> str:
    """The code of the error with which it ends."""
    heard = await listener.hear()
    assert heard["type"] == "error", heard
    assert await listener.ended() == 1008
    return heard["error"]["code"]


@pytest.mark.holds("I22", "T55")
@pytest.mark.parametrize("path", sorted(STREAMS))
def test_every_stream_opens_for_its_scope_and_no_other(
    tmp_path: Path, path: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("omnivenue.api.stream.door.AUTH_SECONDS", 0.05)

    async def scene() -> None:
        async with serving(tmp_path) as (world, address):
            before = len(world.lines)
            for scope in TOKEN_SCOPES:
                async with knocking(address, path) as listener:
                    await listener.say(auth(world.tokens[scope]))
                    if path == "/":
                        assert (await listener.hear())["type"] == "connected"
                        continue
                    await listener.say(STREAM | {"topics": ["market"]})
                    assert (await listener.hear())["type"] == "market"
            for frame in (auth(BAD), auth(""), auth("Bearer " + world.tokens[Scope.READ])):
                async with knocking(address, path) as listener:
                    await listener.say(frame)
                    assert await refused(listener) == "API-040"
            async with knocking(address, path) as listener:  # says nothing
                assert await refused(listener) == "API-040"
            assert len(world.lines) == before

    asyncio.run(scene())


@pytest.mark.holds("I8")
@pytest.mark.parametrize(("path", "mode"), [*product(sorted(STREAMS), ["live", "shadow"])])
def test_a_token_of_another_mode_hears_nothing(tmp_path: Path, path: str, mode: str) -> None:
    from omnivenue.model import Nanos  # noqa: PLC0415

    other = TokenFile(tmp_path / mode, mode).create("bot", Scope.ADMIN, Nanos(0))

    async def scene() -> None:
        async with serving(tmp_path / "paper") as (_, address), knocking(address, path) as listener:
            await listener.say(auth(other))
            assert await refused(listener) == "API-040"

    asyncio.run(scene())


@pytest.mark.holds("T56")
def test_foreign_pages_and_unknown_paths_are_turned_away(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    async def scene() -> None:
        async with serving(tmp_path) as (world, address):
            for path in STREAMS:
                assert await turned_away(address, path, origin="https://evil.example") == 403
                assert (
                    await turned_away(address, path, additional_headers={"Origin": "null"}) == 403
                )
            assert await turned_away(address, "/v1/orders") == 404
            token = world.tokens[Scope.READ]
            assert await turned_away(address, f"/v1/streams?token={token}") == 404
            async with knocking(address, origin=f"http://{address}") as listener:  # type: ignore[arg-type]
                await listener.say(auth(token))

    asyncio.run(scene())
    assert not [each for each in caplog.records if each.levelname == "ERROR"], "no fault of ours"


def test_a_header_opens_the_older_stream_and_not_the_newer_one(tmp_path: Path) -> None:
    async def scene() -> None:
        async with serving(tmp_path) as (world, address):
            headers = {"Authorization": f"Bearer {world.tokens[Scope.READ]}"}
            async with knocking(address, "/", additional_headers=headers) as listener:
                assert (await listener.hear())["type"] == "connected"
            async with knocking(address, additional_headers=headers) as listener:
                await listener.say(STREAM)
                assert await refused(listener) == "API-014"
            bad = {"Authorization": f"Bearer {BAD}"}
            async with knocking(address, "/", additional_headers=bad) as listener:
                assert await refused(listener) == "API-040"

    asyncio.run(scene())


def test_a_token_that_is_revoked_ends_its_streams(tmp_path: Path) -> None:
    async def scene() -> None:
        async with (
            serving(tmp_path) as (world, address),
            listening_to(world, address, "orders") as listener,
        ):
            TokenFile(tmp_path, "paper").revoke(Scope.READ.value)
            assert await refused(listener) == "API-040"

    asyncio.run(scene())


@pytest.mark.holds("T58")
def test_so_many_strangers_may_wait_and_no_more(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("omnivenue.api.seats.STRANGERS_MAX", 3)
    monkeypatch.setattr("omnivenue.api.seats.TOKEN_MAX", 2)

    async def scene() -> None:
        async with serving(tmp_path) as (world, address):
            waiting = [await connect(f"ws://{address}/", proxy=None) for _ in range(4)]
            with pytest.raises(ConnectionClosed):
                await waiting.pop(0).recv()  # there the longest, and nobody knows who it is
            for one in waiting:
                await one.send(json.dumps(auth(world.tokens[Scope.READ])))
            kinds = sorted([json.loads(await one.recv())["type"] for one in waiting])
            assert kinds == ["connected", "connected", "error"]
            async with knocking(address, "/") as listener:  # another token has seats of its own
                await listener.say(auth(world.tokens[Scope.ADMIN]))
                greeting = await listener.hear()
                assert greeting["stats"]["connected_clients"] == 3
            for one in waiting:
                await one.close()
            async with asyncio.timeout(5):
                while world.app._site.audience.streams:  # type: ignore[attr-defined]
                    await asyncio.sleep(0.001)

    asyncio.run(scene())


WRONG: list[tuple[object, str]] = [
    ({"type": "subscribe"}, "API-012"),
    ({"type": "subscribe", "topics": []}, "API-012"),
    ({"type": "subscribe", "topics": "orders"}, "API-012"),
    ({"type": "subscribe", "topics": ["order"]}, "API-014"),
    ({"type": "subscribe", "topics": [1]}, "API-014"),
    ({"type": "subscribe", "topics": [["orders"]]}, "API-014"),
    ({"type": "subscribe", "topics": ["orders"] * 9 + ["nope"]}, "API-014"),
    ({"type": "subscribe", "topics": ["orders"] * 9 + [{}]}, "API-014"),
    ({"type": "subscribe", "topics": ["orders"], "from_seq": -1}, "API-017"),
    ({"type": "subscribe", "topics": ["orders"], "from_seq": True}, "API-017"),
    ({"type": "subscribe", "topics": ["orders"], "from_seq": "0"}, "API-017"),
    ({"type": "subscribe", "topics": ["orders"], "from_seq": 1.0}, "API-017"),
    ({"type": "subscribe", "topics": ["orders"], "from_seq": 10**9}, "API-017"),
    ({"type": "subscribe", "topics": ["orders"], "from": 1}, "API-010"),
    ({"type": "sub", "topics": ["orders"]}, "API-014"),
    ({"topics": ["orders"]}, "API-014"),
    ([], "API-012"),
    (None, "API-012"),
    ("", "API-001"),
    ("nonsense", "API-001"),
    (b"\xff\x00", "API-001"),
    ("[" * 1_000, "API-005"),
]


@pytest.mark.parametrize(("frame", "code"), WRONG, ids=str)
def test_what_cannot_be_subscribed_to_is_told_and_ends_it(
    tmp_path: Path, frame: object, code: str
) -> None:
    async def scene() -> None:
        async with serving(tmp_path) as (world, address):
            for frames in ([frame], [STREAM | {"topics": ["plans"]}, frame]):  # at first, and later
                async with knocking(address) as listener:
                    await listener.say(auth(world.tokens[Scope.READ]))
                    for each in frames:
                        await listener.say(each)
                    assert await refused(listener) == code

    asyncio.run(scene())


def test_who_says_too_much_is_dropped(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("omnivenue.api.stream.session.FRAMES_MAX", 5)

    async def scene() -> None:
        async with serving(tmp_path) as (world, address):
            for path, frame in (("/v1/stream", STREAM | {"topics": ["plans"]}), ("/", {"type": 1})):
                async with knocking(address, path) as listener:
                    await listener.say(auth(world.tokens[Scope.READ]))
                    for _ in range(7):
                        await listener.say(frame)
                    heard = await listener.hear()
                    while heard.get("error", NONE)["code"] != "API-045":
                        heard = await listener.hear()
                    assert await listener.ended() == 1008

    asyncio.run(scene())


@pytest.mark.holds("T54", "T59")
def test_an_oversize_frame_ends_the_connection_unread(tmp_path: Path) -> None:
    async def scene() -> None:
        async with serving(tmp_path) as (world, address):
            for first in ([], [auth(world.tokens[Scope.READ])]):
                async with knocking(address) as listener:
                    for frame in first:
                        await listener.say(frame)
                    await listener.say("x" * (FRAME_MAX + 1))
                    assert await listener.ended() == 1009
            async with knocking(address) as listener:  # in pieces, as one message
                piece = "x" * (FRAME_MAX // 2)
                await listener.socket.send([piece] * 3)
                assert await listener.ended() == 1009

    asyncio.run(scene())


@pytest.mark.holds("T54")
@pytest.mark.parametrize("path", sorted(STREAMS))
def test_no_frame_brings_it_down(
    tmp_path: Path, path: str, caplog: pytest.LogCaptureFixture
) -> None:
    """Random bytes, broken JSON, wrong types and depth, before and after the token; on the frames
    and below them. An order is answered all the while, and nothing unasked for is journaled."""
    rng = random.Random(20_261)

    async def scene() -> None:
        async with serving(tmp_path) as (world, address):
            for n in range(120):
                await attacked(world, address, path, rng)
                if n % 20 == 0:
                    assert (await world.client().post(order(f"k{n}"))).status == 202
            assert (await world.client().post(order("last"))).status == 202
            assert not world.loop.has_ended
            assert len(world.loop.state.parents) == 7

    with caplog.at_level("ERROR", logger="omnivenue"):
        asyncio.run(scene())
    ours = [each for each in caplog.records if each.name.startswith("omnivenue")]
    assert not ours, "what a client sends is never our fault"
    crashes = [each for each in caplog.records if "ASGI application" in each.getMessage()]
    assert not crashes


async def attacked(world: World, address: str, path: str, rng: random.Random) -> None:
    try:
        async with knocking(address, path, close_timeout=0.05) as listener:
            if rng.random() < 0.7:
                await listener.say(auth(world.tokens[Scope.TRADE]))
            if rng.random() < 0.3:
                await listener.say(STREAM)
            for _ in range(rng.randint(1, 4)):
                await listener.say(nonsense(rng))
            if rng.random() < 0.3:  # not even a frame
                listener.socket.transport.write(rng.randbytes(rng.randint(1, 200)))
            if rng.random() < 0.5:
                listener.socket.transport.abort()
    except (ConnectionClosed, OSError):
        pass  # that is what it is for


def nonsense(rng: random.Random) -> object:
    values: list[Any] = [None, True, -1, 10**30, 1.5, "", "orders", [], {}, [["orders"]], "\ud800"]
    names = ["type", "topics", "from_seq", "token", "signal", "", "\x00"]
    kinds = ["auth", "subscribe", "execute", "ping", "pong", "connected", rng.choice(values)]
    frame = {rng.choice(names): rng.choice(values) for _ in range(rng.randint(0, 5))}
    frame["type"] = rng.choice(kinds)
    text = json.dumps(frame)
    return rng.choice(
        [
            text,
            text[: rng.randint(0, len(text))],
            text.encode(),
            rng.randbytes(rng.randint(0, 300)),
            "[" * rng.randint(1, 30_000),
            '{"type":' * rng.randint(1, 5_000),
            '{"type":"subscribe","topics":["orders"],"from_seq":' + "9" * 5_000 + "}",
            json.dumps(["orders"] * 5_000),
        ]
    )


@pytest.mark.parametrize("path", sorted(STREAMS))
@pytest.mark.parametrize("token", ["right", "wrong"])
def test_who_has_been_cut_off_by_the_server_is_no_fault(
    tmp_path: Path, path: str, token: str, caplog: pytest.LogCaptureFixture
) -> None:
    """A server that has ended a connection, for what its client sent, takes nothing more for it."""
    connection: dict[str, Any] = {
        "type": "websocket",
        "path": path,
        "headers": [(b"host", b"127.0.0.1")],
    }

    async def scene() -> list[str]:
        async with running(tmp_path) as world:
            secret = world.tokens[Scope.READ] if token == "right" else BAD
            frames = [json.dumps(frame) for frame in (auth(secret), STREAM, {"type": "ping"})]
            coming = [
                {"type": "websocket.connect"},
                *({"type": "websocket.receive", "text": frame} for frame in frames),
            ]
            told: list[str] = []

            async def receive() -> Any:
                return coming.pop(0) if coming else {"type": "websocket.disconnect"}

            async def send(message: Any) -> None:
                told.append(message["type"])
                if message["type"] != "websocket.accept":
                    raise RuntimeError("Unexpected ASGI message, after sending 'websocket.close'.")

            await world.app(connection, receive, send)
            return told

    assert len(asyncio.run(scene())) == 2, "accepted, one try, and no further one"
    assert caplog.records == []
