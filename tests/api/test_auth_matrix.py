"""Who may call what: generated from the table of routes, so that a new route is in it at once."""

import asyncio
from itertools import product
from pathlib import Path
from typing import Any

import msgspec
import pytest

from api_scene import Client, World, order, running
from omnivenue.api import Asgi, Scope, TokenFile, TokenTable
from omnivenue.api.auth import Gatekeeper
from omnivenue.api.http import ENDPOINTS
from omnivenue.api.lockout import DELAY_MAX, FREE_FAILURES, Lockout
from omnivenue.api.routes import ROUTES, STREAMS, Route, RouteTable
from omnivenue.model import SECOND, Nanos

CALLERS: dict[str, Scope | None] = {
    "no token": None,
    "bad token": None,
    "read": Scope.READ,
    "trade": Scope.TRADE,
    "transfer": Scope.TRANSFER,
    "admin": Scope.ADMIN,
}
BAD = "ovp_" + "A" * 43
GUARDED = [route for route in ROUTES if route.scope is not Scope.PUBLIC]


def path_of(route: Route) -> str:
    return route.path.partition("{")[0] + ("x" if route.has_param else "")


def expected(route: Route, scope: Scope | None) -> set[int]:
    """Statuses that may come back. What is let in fails for reasons of its own."""
    if route.scope is Scope.PUBLIC:
        return {200, 501, 503}
    if scope is None:
        return {401}
    return {200, 207, 400, 404, 422, 426, 501} if scope.allows(route.scope) else {403}


@pytest.mark.holds("I22", "T55")
def test_every_route_opens_for_its_scope_and_no_other(tmp_path: Path) -> None:
    async def scene() -> None:
        async with running(tmp_path, is_open=False) as world:
            before = len(world.lines)
            for route, (caller, scope) in product(ROUTES, CALLERS.items()):
                token = BAD if caller == "bad token" else world.tokens.get(scope) if scope else None
                body = b"{}" if route.method in {"POST", "PATCH"} else None
                reply = await Client(world.app, token).call(route.method, path_of(route), body)
                assert reply.status in expected(route, scope), (route, caller, reply)
                if reply.status not in {200, 503}:
                    assert set(reply.document["error"]) >= {"code", "message", "reasons"}
            assert len(world.lines) == before

    asyncio.run(scene())


@pytest.mark.holds("I8")
@pytest.mark.parametrize("mode", ["live", "shadow"])
def test_a_token_of_another_mode_opens_nothing(tmp_path: Path, mode: str) -> None:
    other = TokenFile(tmp_path / mode, mode).create("bot", Scope.ADMIN, Nanos(0))

    async def scene() -> None:
        async with running(tmp_path / "paper", is_open=False) as world:
            for route in GUARDED:
                reply = await Client(world.app, other).call(route.method, path_of(route))
                assert reply.status == 401, route

    asyncio.run(scene())


def header(name: str, value: str) -> dict[str, str]:
    return {name: value}


FOREIGN = [
    header("host", "evil.example"),
    header("host", "evil.example:8001"),
    header("host", "127.0.0.1.evil.example"),
    header("host", "127.0.0.1@evil.example"),
    header("host", "evil.example/127.0.0.1"),
    header("host", "127.0.0.1, evil.example"),
    header("host", "localhost:x"),
    header("host", ""),
    header("host", "0.0.0.0"),
    header("host", "[::1"),
    header("origin", "https://evil.example"),
    header("origin", "null"),
    header("origin", "http://127.0.0.1.evil.example"),
    header("origin", "http://localhost@evil.example"),
    header("origin", "file://localhost"),
    header("origin", "chrome-extension://abcdef"),
]


@pytest.mark.holds("I22", "T56")
@pytest.mark.parametrize("headers", FOREIGN, ids=str)
def test_foreign_hosts_and_pages_get_nothing(tmp_path: Path, headers: dict[str, str]) -> None:
    async def scene() -> None:
        async with running(tmp_path, is_open=False) as world:
            for route in ROUTES:
                client = world.client(Scope.ADMIN)
                reply = await client.call(route.method, path_of(route), headers=headers)
                assert (reply.status, reply.code) == (403, "API-041"), route

    asyncio.run(scene())


@pytest.mark.parametrize(
    "headers",
    [
        {"host": "LocalHost:8001"},
        {"host": "[::1]:8001"},
        {"host": "127.0.0.1"},
        {"origin": "http://localhost:8001"},
        {"origin": "HTTPS://127.0.0.1"},
        {"authorization": "bearer {}"},
    ],
    ids=str,
)
def test_our_own_hosts_and_pages_are_let_in(tmp_path: Path, headers: dict[str, str]) -> None:
    async def scene() -> None:
        async with running(tmp_path, is_open=False) as world:
            token = world.tokens[Scope.READ]
            sent = {name: value.format(token) for name, value in headers.items()}
            await Client(world.app, token).get("/v1/orders", headers=sent)

    asyncio.run(scene())


def test_a_configured_host_is_let_in_whatever_its_case(tmp_path: Path) -> None:
    keeper = Gatekeeper(TokenTable(TokenFile(tmp_path, "paper")), ["Desk.Example"])
    assert keeper.foreign({"host": "desk.example:8001"}) is None
    assert keeper.foreign({"host": "DESK.EXAMPLE", "origin": "https://desk.example"}) is None
    assert keeper.foreign({"host": "other.example"}) is not None


@pytest.mark.holds("T56")
@pytest.mark.parametrize(
    "kind",
    [
        "text/plain",
        "application/x-www-form-urlencoded",
        "multipart/form-data; boundary=x",
        "application/jsonp",
        "",
        "application/json, text/plain",
    ],
)
def test_a_body_of_another_kind_is_not_read(tmp_path: Path, kind: str) -> None:
    async def scene() -> None:
        async with running(tmp_path, is_open=False) as world:
            for route in GUARDED:
                reply = await world.client(Scope.ADMIN).call(
                    route.method,
                    path_of(route),
                    order("k1"),
                    {"content-type": kind, "idempotency-key": "k1"},
                )
                assert (reply.status, reply.code) == (415, "API-006"), route

    asyncio.run(scene())


def test_a_compressed_body_is_not_read(tmp_path: Path) -> None:
    async def scene() -> None:
        async with running(tmp_path, is_open=False) as world:
            reply = await world.client().post(order("k1"), headers={"content-encoding": "gzip"})
            assert reply.status == 415

    asyncio.run(scene())


@pytest.mark.parametrize(
    "sent",
    [
        "",
        "Bearer",
        "Bearer ",
        "Basic dXNlcjpwYXNz",
        "Token {}",
        "{}",
        "Bearer {} x",
        "Bearer {}, Bearer {}",
    ],
)
def test_only_a_bearer_token_is_one(tmp_path: Path, sent: str) -> None:
    async def scene() -> None:
        async with running(tmp_path, is_open=False) as world:
            secret = world.tokens[Scope.READ]
            headers = {"authorization": sent.format(secret, secret)}
            reply = await Client(world.app).call("GET", "/v1/orders", headers=headers)
            assert (reply.status, reply.headers["www-authenticate"]) == (401, "Bearer")

    asyncio.run(scene())


def test_a_token_in_the_query_is_none(tmp_path: Path) -> None:
    async def scene() -> None:
        async with running(tmp_path, is_open=False) as world:
            path = f"/v1/orders?token={world.tokens[Scope.READ]}"
            assert (await Client(world.app).call("GET", path)).status == 401

    asyncio.run(scene())


@pytest.mark.holds("T55")
def test_who_guesses_is_slowed_down_and_who_knows_is_not(tmp_path: Path) -> None:
    async def scene() -> None:
        async with running(tmp_path, is_open=False) as world:
            for _ in range(FREE_FAILURES):
                reply = await Client(world.app, BAD).call("GET", "/v1/orders")
                assert reply.status == 401
            await locked_out(world)

    asyncio.run(scene())


async def locked_out(world: World) -> None:
    reply = await Client(world.app, BAD).call("GET", "/v1/orders")
    assert (reply.status, reply.headers["retry-after"]) == (429, "1")
    assert (await Client(world.app, BAD, peer="10.0.0.2").call("GET", "/v1/orders")).status == 401
    await world.client(Scope.READ).get("/v1/orders")


def test_the_wait_doubles_up_to_a_minute_and_is_forgotten() -> None:
    lockout = Lockout()
    now = Nanos(0)
    for _ in range(FREE_FAILURES):
        assert lockout.failed("p", now) == 0
    waits: list[int] = []
    for _ in range(8):
        waits.append(lockout.failed("p", now))
        assert lockout.failed("p", now) == waits[-1]  # asking while locked makes it no longer
        now = Nanos(now + waits[-1] * SECOND)
    assert waits == [1, 2, 4, 8, 16, 32, DELAY_MAX, DELAY_MAX]
    assert lockout.failed("p", Nanos(now + 11 * DELAY_MAX * SECOND)) == 0


def test_lockout_remembers_so_many_peers_and_no_more() -> None:
    lockout = Lockout()
    for n in range(10_000):
        lockout.failed(f"peer-{n}", Nanos(n))
    assert len(lockout._by_peer) <= 4_096  # pyright: ignore[reportPrivateUsage]


def test_a_route_without_a_scope_does_not_start() -> None:
    undeclared: Any = None
    with pytest.raises(ValueError, match="declares no scope"):
        RouteTable([Route("GET", "/v1/secrets", undeclared, "health")])
    with pytest.raises(ValueError, match="twice"):
        RouteTable([*ROUTES, ROUTES[0]])


def test_every_endpoint_is_behind_a_route_and_every_route_has_one() -> None:
    assert {route.name for route in ROUTES if route.name} == set(ENDPOINTS)


@pytest.mark.holds("T56")
@pytest.mark.parametrize("path", sorted(STREAMS))
@pytest.mark.parametrize("headers", FOREIGN, ids=str)
def test_a_foreign_page_gets_no_stream(tmp_path: Path, headers: dict[str, str], path: str) -> None:
    sent = {"host": "127.0.0.1"} | headers

    async def scene() -> list[Any]:
        async with running(tmp_path, is_open=False) as world:
            return await knock(world.app, sent, path)

    start, body = asyncio.run(scene())
    assert start["type"] == "websocket.http.response.start"
    assert start["status"] == 403
    assert "error" in msgspec.json.decode(body["body"])


async def knock(app: Asgi, headers: dict[str, str], path: str) -> list[Any]:
    told: list[Any] = []

    async def receive() -> dict[str, Any]:
        return {"type": "websocket.connect"}

    async def send(message: Any) -> None:
        told.append(message)

    connection: dict[str, Any] = {
        "type": "websocket",
        "path": path,
        "headers": [(k.encode(), v.encode()) for k, v in headers.items()],
        "extensions": {"websocket.http.response": {}},
    }
    await app(connection, receive, send)
    return told


def test_every_answer_forbids_browsers_to_run_it(tmp_path: Path) -> None:
    async def scene() -> None:
        async with running(tmp_path, is_open=False) as world:
            for method, path in (("GET", "/health"), ("GET", "/v1/orders"), ("GET", "/nowhere")):
                reply = await Client(world.app).call(method, path)
                assert reply.headers["content-type"] == "application/json"
                assert reply.headers["x-content-type-options"] == "nosniff"
                assert "default-src 'none'" in reply.headers["content-security-policy"]
                assert "access-control-allow-origin" not in reply.headers

    asyncio.run(scene())
