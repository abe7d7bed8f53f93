"""Section 4 of docs/interface.md: each call, error, row and frame of it, on a socket."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import msgspec
import pytest
from websockets.sync.client import connect

from interface import page
from interface.desk import SECONDS, Desk, key
from interface.shape import ANYTHING, List, Object, Shape, misfits, parse
from omnivenue.api.routes import ROUTES
from servers import BYBIT, resting

CALLS = page.calls()
COMPATIBLE = {  # section 5
    *("POST /execute", "POST /execute/batch", "POST /execute/arbitrage", "POST /simulate"),
    "GET /stats",
}
PUBLIC = {"GET /", "GET /docs", "GET /openapi.json", "GET /health"}
UNBUILT = page.not_built(4)
ELSEWHERE = {409, 429, 503, 507}  # what only a fault brings about: tests/api, tests/process


@dataclass(frozen=True)
class Ask:
    """How an example is filled in, and as what its answer is told."""

    path: Callable[[Desk], str]
    status: int = 200
    body: Callable[[Desk], Any] = lambda _: None
    key: bool = False
    shape: Shape | None = ANYTHING  # None: that of the page's own answer
    rows: tuple[str, Shape] | None = None


def at(path: str) -> Callable[[Desk], str]:
    return lambda _: path


def fixed(body: Any) -> Callable[[Desk], Any]:
    return lambda _: body


def found(call: str) -> page.Call:
    return next(each for each in CALLS if each.name == call)


ORDER = parse(msgspec.json.encode(page.order_example()).decode())
ROWS = page.rows()
ACCEPTED = found("POST /v1/instructions").shape
RISK = next(each.shape for each in CALLS if each.name == "GET /v1/risk" and "limits" in each.answer)


def member(shape: Shape, *names: str) -> Object:
    """What it has inside of it; of a list what each is."""
    for name in names:
        assert isinstance(shape, Object)
        shape = shape.members[name]
    found = shape.each if isinstance(shape, List) else shape
    assert isinstance(found, Object)
    return found


STATE_ROW = member(RISK, "risk", "states")
OF_ITS_ORDER = ("order_id", "instruction_id", "venue", "instrument", "side")
FILL = Object(
    member(ORDER, "fills").members | dict.fromkeys(OF_ITS_ORDER, ANYTHING),
    frozenset(),
    is_open=False,
)
KILL = {"scope": "strategy:page", "state": "HALTED", "reason": "an example"}
LIMIT = {"scope": "strategy:page", "name": "order_qty", "limit": "5"}
ADJUSTED = {"venue": "OKX", "asset": "USDT", "amount": "1.5", "reason": "an example"}

ASKED: dict[str, Ask] = {
    "POST /v1/instructions": Ask(at("/v1/instructions"), 202, lambda _: resting(key()), shape=None),
    "POST /v1/instructions/batch": Ask(
        at("/v1/instructions/batch"),
        207,
        lambda _: {"instructions": [resting(key()), resting(key())]},
        shape=None,
    ),
    "GET /v1/instructions/{id}": Ask(lambda d: f"/v1/instructions/{d.order()}", shape=None),
    "GET /v1/orders": Ask(at("/v1/orders"), shape=None, rows=("orders", ORDER)),
    "GET /v1/orders/{id}": Ask(lambda d: f"/v1/orders/{d.order()}", shape=ORDER),
    "DELETE /v1/orders/{id}": Ask(
        lambda d: f"/v1/orders/{d.order()}", 202, key=True, shape=ACCEPTED
    ),
    "PATCH /v1/orders/{id}": Ask(
        lambda d: f"/v1/orders/{d.order()}",
        202,
        fixed({"qty": "0.02", "price": "50100"}),
        key=True,
        shape=ACCEPTED,
    ),
    "GET /v1/fills": Ask(at("/v1/fills"), rows=("fills", FILL)),
    "GET /v1/positions": Ask(at("/v1/positions"), rows=("positions", ROWS["position"])),
    "GET /v1/balances": Ask(at("/v1/balances"), rows=("balances", ROWS["balance"])),
    "GET /v1/pnl": Ask(at("/v1/pnl"), rows=("pnl", ROWS["pnl"])),
    "GET /v1/venues": Ask(at("/v1/venues"), rows=("venues", ROWS["venue"])),
    "GET /v1/risk": Ask(at("/v1/risk"), shape=RISK),
    "GET /v1/instruments": Ask(at("/v1/instruments"), shape=None),
    "GET /v1/market/{instrument}": Ask(at(f"/v1/market/{BYBIT}"), shape=page.market_message()),
    "PATCH /v1/risk": Ask(
        at("/v1/risk"), body=fixed({"limits": [LIMIT], "reason": "an example"}), shape=RISK
    ),
    "POST /v1/quote": Ask(at("/v1/quote"), body=lambda _: quoting(), shape=None),
    "POST /v1/arb": Ask(
        at("/v1/arb"),
        body=fixed(page.searched_in_full()[0] | {"max_hops": 3, "start": ["WBTC"]}),
        shape=parse(msgspec.json.encode(page.searched_in_full()[1]).decode()),
    ),
    "POST /v1/kill": Ask(at("/v1/kill"), body=fixed(KILL), shape=STATE_ROW),
    "POST /v1/rearm": Ask(
        at("/v1/rearm"), body=fixed({"scope": "strategy:page", "reason": "x"}), shape=STATE_ROW
    ),
    "GET /v1/journal": Ask(at("/v1/journal?from_seq=0&limit=3"), shape=None),
    "GET /metrics": Ask(at("/metrics")),
    "POST /v1/reconcile": Ask(at("/v1/reconcile"), body=fixed({"venue": "OKX"}), shape=None),
    "POST /v1/adjustments": Ask(
        at("/v1/adjustments"), 202, lambda _: {"id": key(), **ADJUSTED}, shape=ACCEPTED
    ),
}


def quoting() -> dict[str, Any]:
    pools, request, _ = page.quoted_in_full()
    return {**pools, "requests": [request]}


def filled(call: page.Call) -> Ask:
    if call.name in UNBUILT:
        path = call.path.replace("{id}", "x")
        body = fixed({}) if call.method == "POST" else fixed(None)
        return Ask(at(path), 501, body, shape=member_of_error())
    return ASKED[call.name]


def member_of_error() -> Shape:
    return parse(msgspec.json.encode(page.error_example()).decode())


def test_the_page_tells_every_call_that_there_is_and_no_other() -> None:
    told = {call.name for call in CALLS if call.method != "WS"}
    served = {f"{route.method} {route.path}" for route in ROUTES}
    assert told == served - COMPATIBLE - PUBLIC - {"GET /v1/stream"}
    assert {f"{r.method} {r.path}" for r in ROUTES if not r.name} & told == UNBUILT
    assert set(ASKED) == told - UNBUILT


@pytest.mark.parametrize("call", [c for c in CALLS if c.method != "WS"], ids=lambda c: c.name)
def test_a_call_answers_as_the_page_has_it(desk: Desk, call: page.Call) -> None:
    ask = filled(call)
    body, headers = ask.body(desk), {"idempotency_key": key()} if ask.key else {}
    answer = desk.call(call.method, ask.path(desk), body, **headers)
    assert answer.status == ask.status, answer
    shape = call.shape if ask.shape is None else ask.shape
    assert misfits(shape, answer.document) == []
    if call.body and call.name not in UNBUILT:
        assert misfits(parse(call.body), body) == []
    if ask.rows is None:
        return
    name, row = ask.rows
    assert {name, "next_cursor", "seq"} == set(answer.document)
    rows = answer.document[name]
    assert rows, "an example without a row shows nothing"
    assert misfits(row, rows[0] if isinstance(rows, list) else rows) == []


FILTERS = {
    "status": "ACCEPTED",
    "venue": "BYBIT",
    "instrument": BYBIT,
    "strategy": "default",
    "account": "main",
    "type": "SPOT_PAIR",
    "limit": "1",
}
QUERIES = [(call, name) for call in CALLS for name in call.query if call.name != "GET /v1/journal"]


@pytest.mark.parametrize(("call", "name"), QUERIES, ids=str)
def test_each_filter_filters(desk: Desk, call: page.Call, name: str) -> None:
    desk.order()
    desk.order(instrument="OKX:SPOT_PAIR:BTC-USDT")
    if name == "cursor":
        first = desk.call("GET", f"{call.path}?limit=1").document
        second = desk.call("GET", f"{call.path}?limit=1&cursor={first['next_cursor']}").document
        assert second["seq"] >= first["seq"]
        (one,), (other,) = (rows_of(each) for each in (first, second))
        assert one != other
        return
    answer = desk.call("GET", f"{call.path}?{name}={FILTERS[name]}")
    shown = rows_of(answer.document)
    assert answer.status == 200
    if name == "limit":
        assert len(shown) == 1
        return
    column = "strategy_id" if name == "strategy" else name
    assert {row[column] for row in shown} == {FILTERS[name]}


def rows_of(document: dict[str, Any]) -> list[dict[str, Any]]:
    return next(value for name, value in document.items() if name not in ("next_cursor", "seq"))


ERRORS: list[tuple[int, str, str, Any, dict[str, str]]] = [
    (400, "POST", "/v1/instructions", b"{", {}),
    (400, "POST", "/v1/instructions", {**resting("x"), "id": None}, {}),
    (401, "GET", "/v1/orders", None, {"authorization": ""}),
    (401, "GET", "/v1/orders", None, {"authorization": "Bearer ovp_" + "A" * 43}),
    (403, "GET", "/v1/orders", None, {"host": "evil.example"}),
    (403, "GET", "/v1/orders", None, {"origin": "https://evil.example"}),
    (404, "GET", "/v1/orders/nobody", None, {}),
    (413, "POST", "/v1/instructions", b" " * (256 * 1024 + 1), {}),
    (413, "POST", "/v1/instructions", b"[" * 33 + b"]" * 33, {}),
    (415, "POST", "/v1/instructions", resting("x"), {"content_type": "text/plain"}),
    (422, "POST", "/v1/instructions", {**resting("x"), "qty": "-1"}, {}),
    (422, "POST", "/v1/instructions", {**resting("y"), "qty": "50000"}, {}),
    (422, "POST", "/v1/instructions", {**resting("traded")}, {}),
    (501, "POST", "/v1/instructions", {"kind": "plan", "id": "x"}, {}),
]


@pytest.mark.parametrize(("status", "method", "path", "body", "headers"), ERRORS)
def test_an_error_is_as_the_page_has_it(
    desk: Desk, status: int, method: str, path: str, body: Any, headers: dict[str, str]
) -> None:
    answer = desk.call(method, path, body, **headers)
    assert answer.status == status, answer
    assert misfits(member_of_error(), answer.document) == []


def test_what_is_stopped_is_refused_with_423_and_the_key_is_used(desk: Desk) -> None:
    stopped = {"scope": "strategy:stopped", "state": "HALTED", "reason": "an example"}
    assert desk.call("POST", "/v1/kill", stopped).status == 200
    order = resting(key()) | {"strategy_id": "stopped"}
    for _ in range(2):
        answer = desk.call("POST", "/v1/instructions", order)
        assert answer.status == 423
        assert misfits(member_of_error(), answer.document) == []


def test_every_status_of_the_page_is_seen() -> None:
    assert {status for status, *_ in ERRORS} | {423} | ELSEWHERE == page.statuses()


TOPICS = ("orders", "fills", "positions", "alerts", "market")  # plans, transactions: nothing yet
MARKET = page.market_message()


def as_message(row: Shape, **renamed: str) -> Shape:
    assert isinstance(row, Object)
    members = {renamed.get(name, name): shape for name, shape in row.members.items()}
    more = dict.fromkeys(("type", "seq", "at"), ANYTHING)
    return Object({**members, **more}, row.optional, is_open=False)


MESSAGES: dict[str, Shape] = {
    "order": as_message(ORDER, type="order_type"),
    "fill": as_message(Object({**FILL.members, "busted": ANYTHING}, frozenset(), is_open=False)),
    "position": as_message(ROWS["position"]),
    "alert": as_message(parse('{"topic","about"}')),
    "market": MARKET,
}


def test_the_stream_says_what_the_page_says(desk: Desk) -> None:
    """All topics of the page are taken; of each that is built a message comes."""
    auth, subscribe, lagged = map(as_frame, page.frames())
    assert lagged == {"type": "lagged", "resume_from": "n"}  # tests/api/test_stream.py
    desk.call("POST", "/v1/kill", {"scope": "strategy:loud", "state": "HALTED", "reason": "x"})
    heard: dict[str, dict[str, Any]] = {}
    url = f"ws://{desk.server.url.removeprefix('http://')}/v1/stream"
    with connect(url, proxy=None) as socket:
        socket.send(msgspec.json.encode(auth | {"token": desk.home.token}).decode())
        socket.send(msgspec.json.encode(subscribe | {"from_seq": 0}).decode())
        while not heard.keys() >= MESSAGES.keys():
            message = msgspec.json.decode(socket.recv(SECONDS))
            heard[message["type"]] = message
    assert {"orders", "fills", "positions", "plans", "transactions", "market", "alerts"} == set(
        subscribe["topics"]
    )
    assert {kind: misfits(MESSAGES[kind], said) for kind, said in heard.items()} == {
        kind: [] for kind in MESSAGES
    }


def as_frame(text: str) -> dict[str, Any]:
    """A frame of the page as JSON: what it leaves open is a text."""
    return msgspec.json.decode(text.replace("…", '"…"').replace(":n}", ':"n"}'))
