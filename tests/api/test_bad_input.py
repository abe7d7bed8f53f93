"""Whatever is sent is answered: with the right status and code, with what would have been right,
without a trace in the journal where the instruction was invalid, and never with a 5xx."""

import asyncio
from pathlib import Path
from typing import Any

import msgspec
import pytest

from api_scene import PAIR, Reply, World, order, running, until
from omnivenue.message import decode_entry
from omnivenue.model import OrderID

MILLION = 10**6

NOT_JSON: list[tuple[str, bytes, int, str]] = [
    ("nothing", b"", 400, "API-001"),
    ("half an object", b'{"kind": "order"', 400, "API-001"),
    ("a word", b"order", 400, "API-001"),
    ("two documents", b"{}{}", 400, "API-001"),
    ("a trailing comma", b'{"a": 1,}', 400, "API-001"),
    ("NaN as a number", b'{"qty": NaN}', 400, "API-001"),
    ("Infinity as a number", b'{"qty": -Infinity}', 400, "API-001"),
    ("no UTF-8", b'{"id": "\xff\xfe"}', 400, "API-001"),
    ("a lone surrogate", b'{"id": "\\ud800"}', 400, "API-001"),
    ("a NUL byte", b"\x00", 400, "API-001"),
    ("a million brackets", b"[" * 100_000, 413, "API-005"),
    ("a million objects", b'{"a":' * 50_000, 413, "API-005"),
    ("nesting of 33", b"[" * 33 + b"]" * 33, 413, "API-005"),
    ("a million levels", b"[" * MILLION, 413, "API-004"),
    ("ten megabytes", b'{"id": "' + b"x" * 10 * 2**20 + b'"}', 413, "API-004"),
    ("twenty megabytes", b" " * 20 * 2**20, 413, "API-004"),
    ("one byte too many", b" " * (256 * 1024 + 1), 413, "API-004"),
]


INVALID: list[tuple[str, Any, str, str]] = [
    ("null", None, "API-012", "object"),
    ("a list", [], "API-012", "object"),
    ("a string", "order", "API-012", "object"),
    ("no kind", {"id": "k"}, "API-011", "kind"),
    ("an unknown kind", order("k", kind="ordre"), "API-014", "order"),
    ("an unknown field", order("k", pirce="1"), "API-010", "price"),
    ("our word for another's", order("k", quantity="1"), "API-010", "qty"),
    ("an id of a number", order("k", id=7), "API-012", "id"),
    ("an id with a space", order("k 1"), "API-015", "128"),
    ("an id that is too long", order("k" * 129), "API-015", "128"),
    ("an id like a path", order("../../etc/passwd"), "API-015", "128"),
    ("an id with a newline", order("k\n"), "API-015", "128"),
    ("an unknown instrument", order("k", instrument=PAIR.replace("BTC", "BTX")), "API-020", PAIR),
    ("no instrument id", order("k", instrument="BTC-USDT"), "API-020", "VENUE"),
    ("an unknown venue", order("k", instrument="BYBITT:SPOT_PAIR:BTC-USDT"), "API-020", "BYBIT"),
    ("a venue that is not here", order("k", instrument="OKX:SPOT_PAIR:BTC-USDT"), "API-021", "OKX"),
    ("an unknown account", order("k", account="mian"), "API-022", "main"),
    ("off the lot", order("k", qty="0.123456"), "API-023", "0.12345 or 0.12346"),
    ("off the tick", order("k", price="59000.001"), "API-024", "59000 or 59000.01"),
    ("below the least worth", order("k", qty="0.00001"), "API-026", "5"),
    ("NaN", order("k", qty="NaN"), "API-013", "not a number"),
    ("infinity", order("k", qty="inf"), "API-013", "not a number"),
    ("an exponent", order("k", qty="1e3"), "API-013", "exponent"),
    ("a negative", order("k", qty="-1"), "API-013", "negative"),
    ("a negative zero", order("k", qty="-0"), "API-013", "negative"),
    ("zero", order("k", qty="0"), "API-017", "more than 0"),
    ("10^40", order("k", qty="1" + "0" * 40), "API-017", "less than"),
    ("10^400", order("k", qty="1" + "0" * 400), "API-013", "too large"),
    ("empty", order("k", qty=""), "API-013", "empty"),
    ("a number", order("k", qty=0.5), "API-012", "string"),
    ("a huge number", order("k", qty=10**400), "API-012", "string"),
    ("true", order("k", qty=True), "API-012", "string"),
    ("a list of numbers", order("k", qty=["1"]), "API-012", "string"),
    ("an object", order("k", side={"$ne": None}), "API-012", "string"),
    ("a comma", order("k", qty="0,5"), "API-013", "qty"),
    ("thousands", order("k", price="59 000"), "API-013", "price"),
    ("hexadecimal", order("k", qty="0x10"), "API-013", "qty"),
    ("other digits", order("k", qty="٣"), "API-013", "qty"),
    ("no side", {**order("k"), "side": None}, "API-011", "side"),
    ("an unknown side", order("k", side="BUY"), "API-014", "buy"),
    ("a market order with a price", order("k", type="market"), "API-016", "price"),
    ("a limit order without one", order("k", type="limit", price=None), "API-016", "price"),
    ("an unknown tif", order("k", tif="good"), "API-014", "gtc"),
    ("a cancel of nothing", {"kind": "cancel", "id": "k"}, "API-011", "order_id"),
    (
        "all of an unknown venue",
        {"kind": "cancel_all", "id": "k", "venue": "BYBITT"},
        "API-021",
        "BYBIT",
    ),
    ("SQL", order("k", strategy_id="'; DROP TABLE journal; --"), "API-015", "64"),
    ("markup", order("k", strategy_id="<script>alert(1)</script>"), "API-015", "64"),
]


async def refused(world: World, body: Any, **more: Any) -> Reply:
    """Answered, not journaled, nothing sent, and the error document is whole."""
    before = len(world.lines)
    reply = await world.client().post(body, **more)
    assert len(world.lines) == before
    assert not world.news
    assert set(reply.document) == {"error"}
    assert set(reply.document["error"]) == {"code", "message", "reasons", "instruction_id"}
    return reply


@pytest.mark.holds("T54", "T59")
def test_what_is_no_json_is_refused(tmp_path: Path) -> None:
    async def scene() -> None:
        async with running(tmp_path, is_open=False) as world:
            for name, raw, status, code in NOT_JSON:
                reply = await refused(world, raw)
                assert (reply.status, reply.code) == (status, code), name
                batch = await world.client().call("POST", "/v1/instructions/batch", raw)
                assert (batch.status, batch.code) == (status, code), name

    asyncio.run(scene())


@pytest.mark.holds("T32", "T54", "T61", "T62")
def test_what_is_invalid_is_refused_and_says_what_would_be_right(tmp_path: Path) -> None:
    async def scene() -> None:
        async with running(tmp_path) as world:
            for name, body, code, hint in INVALID:
                raw = msgspec.json.encode(body)
                more = {"headers": {"idempotency-key": "k"}} if body in (None, [], "order") else {}
                reply = await refused(world, raw, **more)
                assert (reply.status, reply.code) == (422, code), (name, reply)
                assert hint in reply.document["error"]["message"], (name, reply)
            taken = await world.client().post(order("k"))
            assert taken.status == 202  # the key is unused

    asyncio.run(scene())


@pytest.mark.parametrize("body", [order("k"), {"kind": "cancel_all", "id": "k"}], ids=str)
def test_an_instruction_needs_one_key(tmp_path: Path, body: dict[str, Any]) -> None:
    async def scene() -> None:
        async with running(tmp_path) as world:
            keyless = {**body, "id": None}
            reply = await refused(world, keyless)
            assert (reply.status, reply.code) == (400, "API-002")
            reply = await refused(world, keyless, headers={"idempotency-key": ""})
            assert (reply.status, reply.code) == (400, "API-002")
            reply = await refused(world, body, headers={"idempotency-key": "other"})
            assert (reply.status, reply.code) == (400, "API-003")

    asyncio.run(scene())


def test_everything_wrong_is_named_at_once(tmp_path: Path) -> None:
    async def scene() -> None:
        async with running(tmp_path) as world:
            body = order("k", qty="-1", price="x", side="up", account="a b", extra=1)
            reply = await refused(world, body)
            codes = [reason["code"] for reason in reply.document["error"]["reasons"]]
            assert sorted(codes) == ["API-010", "API-013", "API-013", "API-014", "API-015"]
            assert reply.document["error"]["instruction_id"] == "k"

    asyncio.run(scene())


@pytest.mark.parametrize(
    "more",
    [
        {"algo": {"name": "vwap"}},
        {"kind": "plan"},
    ],
    ids=str,
)
def test_what_is_not_built_says_so(tmp_path: Path, more: dict[str, Any]) -> None:
    async def scene() -> None:
        async with running(tmp_path) as world:
            reply = await refused(world, order("k", **more))
            assert (reply.status, reply.code) == (501, "API-030")

    asyncio.run(scene())


def test_a_cancel_of_an_unknown_order_is_not_journaled(tmp_path: Path) -> None:
    async def scene() -> None:
        async with running(tmp_path) as world:
            body = {"kind": "cancel", "id": "c1", "order_id": "ghost"}
            assert (await refused(world, body)).status == 404
            before = len(world.lines)
            for path in ("ghost", "%00", "..", "a b", "x" * 5_000):
                key = {"idempotency-key": "c1"}
                reply = await world.client().call("DELETE", f"/v1/orders/{path}", headers=key)
                assert reply.status == 404, path
            assert len(world.lines) == before

    asyncio.run(scene())


def test_a_cancel_of_a_finished_order_is_journaled_and_uses_its_key(tmp_path: Path) -> None:
    async def scene() -> None:
        async with running(tmp_path) as world:
            client = world.client()
            await client.post(order("k1", price="60100"))
            await until(lambda: world.loop.state.parents[OrderID("k1")].is_over)
            before = len(world.lines)
            body = {"kind": "cancel", "id": "c1", "order_id": "k1"}
            first, again = await client.post(body), await client.post(body)
            assert (first.status, first.code) == (422, "ORD-001")
            assert first.document == again.document
            (line,) = world.lines[before:]
            entry = decode_entry(line)
            assert (entry.event.__class__.__name__, entry.principal) == (
                "CancelInstructed",
                "token:trade",
            )
            assert (await client.post(order("c1"))).code == "API-044"
            assert (await client.get("/v1/instructions/c1"))["status"] == "REJECTED"

    asyncio.run(scene())


def test_a_refusal_by_risk_is_journaled_and_uses_its_key(tmp_path: Path) -> None:
    async def scene() -> None:
        async with running(tmp_path) as world:
            before = len(world.lines)
            assert (await world.client().post(order("k1", qty="90"))).status == 422
            assert len(world.lines) == before + 1
            assert (await world.client().post(order("k1", qty="80"))).code == "API-044"

    asyncio.run(scene())


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("GET", "/nowhere", 404),
        ("GET", "/v1", 404),
        ("GET", "/v1/", 404),
        ("GET", "/v1/orders/", 404),
        ("GET", "/v1/orders/a/b", 404),
        ("GET", "//v1/orders", 404),
        ("GET", "/v1/../v1/orders/x/../y", 404),
        ("GET", "/" + "x" * 50_000, 404),
        ("GET", "/v1/orders/..%2F..%2Frisk", 404),
        ("GET", "/v1/orders/%2e%2e/risk", 404),
        ("GET", "/v1/orders%2Fk1", 404),
        ("GET", "/v1%2Frisk", 404),
        ("GET", "/v1/risk%2F", 404),
        ("GET", "/v1/orders/%", 404),
        ("GET", "/v1/orders/%ff%00", 404),
        ("GET", "/v1/orders/\ud800", 404),
        ("GET", "/nowhere/\ufffd", 404),
        ("POST", "/v1/orders", 405),
        ("DELETE", "/v1/instructions", 405),
        ("OPTIONS", "/v1/instructions", 405),
        ("TRACE", "/health", 405),
        ("BREW", "/v1/orders/x", 405),
        ("GET", "/v1/instructions/batch", 404),
        ("GET", "/v1/instructions", 405),
    ],
    ids=lambda value: str(value)[:40].encode("ascii", "replace").decode(),
)
def test_what_does_not_exist_says_so(tmp_path: Path, method: str, path: str, status: int) -> None:
    async def scene() -> None:
        async with running(tmp_path, is_open=False) as world:
            reply = await world.client().call(method, path)
            assert reply.status == status
            assert reply.document["error"]["message"]
            if status == 405:
                assert reply.headers["allow"]

    asyncio.run(scene())


def test_a_client_that_goes_away_is_not_answered_and_leaves_nothing(tmp_path: Path) -> None:
    async def scene() -> None:
        async with running(tmp_path) as world:
            told: list[Any] = []

            async def gone() -> dict[str, Any]:
                return {"type": "http.disconnect"}

            async def send(message: Any) -> None:
                told.append(message)

            token = world.client().token
            headers = {
                "host": "localhost",
                "content-type": "application/json",
                "authorization": f"Bearer {token}",
            }
            connection: dict[str, Any] = {
                "type": "http",
                "method": "POST",
                "path": "/v1/instructions",
                "query_string": b"",
                "headers": [(k.encode(), v.encode()) for k, v in headers.items()],
                "client": None,
            }
            before = len(world.lines)
            await world.app(connection, gone, send)
            assert (told, len(world.lines)) == ([], before)

    asyncio.run(scene())
