"""The Python client: whatever happens on the way, a key is sent and no second order."""

import asyncio
import json
import os
from collections.abc import Callable
from decimal import Decimal
from inspect import iscoroutinefunction, signature
from pathlib import Path
from typing import Any

import pytest

from answering import LOST, Asked, Reply, answering, error, unavailable
from omnivenue import client as clients
from omnivenue.client import (
    AsyncClient,
    Client,
    Invalid,
    OmnivenueError,
    Refused,
    Unauthorized,
    Unknown,
    Unreachable,
)
from omnivenue.client.calls import TRIES

ORDER = {"kind": "order", "instrument": "X:SPOT_PAIR:A-B", "side": "buy", "qty": "1"}
NOBODY = "http://127.0.0.1:9"


class Awaited:
    """The asynchronous client, each call of it awaited at once: all that holds for the one holds
    for the other."""

    def __init__(self, *place: str, **more: Any) -> None:
        self._runner = asyncio.Runner()
        self._client = AsyncClient(*place, **more)

    def __enter__(self) -> "Awaited":
        return self

    def __exit__(self, *_: object) -> None:
        self._runner.run(self._client.close())
        self._runner.close()

    def __getattr__(self, name: str) -> Callable[..., Any]:
        def call(*words: Any, **more: Any) -> Any:
            return self._runner.run(getattr(self._client, name)(*words, **more))

        return call


@pytest.fixture(autouse=True, params=[clients.Client, Awaited])
def _either(monkeypatch: pytest.MonkeyPatch, request: pytest.FixtureRequest) -> None:
    monkeypatch.setitem(globals(), "Client", request.param)


@pytest.fixture(autouse=True)
def _alone(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """No pauses, and nothing of the machine's own."""
    monkeypatch.setattr("omnivenue.client.calls.PAUSE_FIRST", 0.001)
    monkeypatch.setattr("omnivenue.client.calls.PAUSE_MAX", 0.001)
    monkeypatch.setenv("OMNIVENUE_HOME", str(tmp_path))
    for name in ("OMNIVENUE_URL", "OMNIVENUE_TOKEN", "OMNIVENUE__MODE"):
        monkeypatch.delenv(name, raising=False)


def page(name: str) -> dict[str, Any]:
    return {name: [], "next_cursor": None, "seq": 1}


def accepted(asked: Asked) -> Reply:
    return 202, {"id": asked.key, "order_id": asked.key, "seq": 1, "status": "SUBMITTED"}


# Sending again.


@pytest.mark.parametrize("lost", [1, 2, TRIES - 1])
def test_a_lost_answer_is_asked_for_with_the_same_key(lost: int) -> None:
    with answering(*[(LOST, None)] * lost, accepted) as server, Client(server.url) as client:
        answer = client.submit(ORDER)
    assert len(server.keys) == lost + 1
    assert set(server.keys) == {answer["id"]}
    assert len({json.dumps(asked.body) for asked in server.asked}) == 1


def test_each_instruction_has_a_key_of_its_own() -> None:
    with answering(accepted) as server, Client(server.url) as client:
        keys = {client.submit(ORDER)["id"] for _ in range(3)} | {client.order(**ORDER)["id"]}
    assert len(keys) == 4


@pytest.mark.parametrize("key", ["mine", ""])
def test_a_given_key_is_kept(key: str) -> None:
    with answering(accepted) as server, Client(server.url) as client:
        client.submit({**ORDER, "id": key})
    assert server.keys == [key]


def test_what_never_gets_an_answer_is_unknown_and_names_its_key() -> None:
    with answering((LOST, None)) as server, Client(server.url) as client:
        with pytest.raises(Unknown) as raised:
            client.submit({**ORDER, "id": "k1"})
        assert raised.value.instruction_id == "k1"
        assert raised.value.document["error"]["instruction_id"] == "k1"
    assert server.keys == ["k1"] * TRIES


def test_what_never_left_is_not_unknown() -> None:
    with pytest.raises(Unreachable, match="Connection refused"):
        Client(NOBODY).submit(ORDER)


@pytest.mark.parametrize(
    ("status", "body"),
    [
        (401, error("API-040")),
        (403, error("API-041")),
        (409, error("API-043")),
        (429, error("API-045")),
        (500, error("OUR-001")),
        (503, unavailable("not_taken")),
        (507, error("API-047")),
    ],
)
def test_after_a_lost_answer_only_a_verdict_ends_the_doubt(status: int, body: object) -> None:
    """The second sending was turned away; about the first one that says nothing."""
    with (
        answering((LOST, None), (status, body)) as server,
        Client(server.url) as client,
        pytest.raises(Unknown),
    ):
        client.submit(ORDER)
    assert len(set(server.keys)) == 1


def test_a_verdict_ends_the_doubt() -> None:
    replies: tuple[Reply, ...] = ((LOST, None), (422, error("RISK-006")))
    with answering(*replies) as server, Client(server.url) as client, pytest.raises(Refused):
        client.submit(ORDER)


def test_a_key_in_flight_is_waited_for() -> None:
    busy: Reply = (409, error("API-043"))
    with answering(busy, busy, accepted) as server, Client(server.url) as client:
        client.submit(ORDER)
        assert len(set(server.keys)) == 1
    with answering(busy) as server, Client(server.url) as client:
        with pytest.raises(Refused, match="API-043"):
            client.submit(ORDER)
        assert len(server.asked) == TRIES


def test_what_was_in_flight_when_the_server_went_is_unknown(tmp_path: Path) -> None:
    """The last word was not that nobody is there."""

    def leave(asked: Asked) -> Reply:
        (tmp_path / "paper" / "server.json").write_text(
            json.dumps({"url": NOBODY, "pid": os.getpid()})
        )
        return LOST, None

    with answering((409, error("API-043")), leave) as server:
        written(tmp_path, server.url)
        with Client() as client, pytest.raises(Unknown):
            client.submit(ORDER)


def test_a_look_is_repeated_and_is_never_unknown() -> None:
    with answering((LOST, None), (200, page("fills"))) as server, Client(server.url) as client:
        assert client.fills() == []
    with (
        answering((LOST, None)) as server,
        Client(server.url) as client,
        pytest.raises(Unreachable),
    ):
        client.fills()


# Errors.


@pytest.mark.parametrize(
    ("status", "body", "kind"),
    [
        (400, error("API-002"), Invalid),
        (401, error("API-040"), Unauthorized),
        (403, error("API-041"), Unauthorized),
        (404, error("API-042"), Invalid),
        (413, error("API-004"), Invalid),
        (415, error("API-006"), Invalid),
        (422, error("API-023"), Invalid),
        (422, error("RISK-006"), Refused),
        (422, error("ORD-001"), Refused),
        (423, error("RISK-020"), Refused),
        (429, error("API-045"), Refused),
        (501, error("API-030"), Refused),
        (503, unavailable("unknown"), Unknown),
        (503, unavailable("not_taken"), Refused),
        (507, error("API-047"), Refused),
        (500, error("OUR-001"), OmnivenueError),
        (502, b"<html>", OmnivenueError),
        (404, b"<html>", Invalid),
        (302, b"", Unreachable),
        (200, b"<html>", Unreachable),
        (200, b"[]", Unreachable),
    ],
)
def test_each_answer_is_an_error_of_its_kind(
    status: int, body: object, kind: type[OmnivenueError]
) -> None:
    with answering((status, body)) as server, pytest.raises(OmnivenueError) as raised:
        Client(server.url).submit(ORDER)
    assert type(raised.value) is kind
    assert raised.value.document["error"]["code"] == raised.value.code
    if isinstance(body, dict):
        assert raised.value.document == body
        assert raised.value.status == status
        assert raised.value.reasons[0]["limit"] == "1"


@pytest.mark.parametrize(
    "url", ["127.0.0.1:8001", "ftp://h", "http://", "http://u@h", "http://h:x", "http://h?a=1"]
)
def test_a_url_that_is_none_is_told_at_once(url: str) -> None:
    with pytest.raises(Invalid, match="CLIENT-004"):
        Client(url)


def test_a_decimal_is_sent_as_its_digits_and_what_json_cannot_say_is_not_sent() -> None:
    with answering(accepted) as server, Client(server.url) as client:
        client.submit({**ORDER, "qty": Decimal("1E-7")})
        assert server.asked[0].body["qty"] == "0.0000001"
        for wrong in (float("nan"), {1, 2}):
            with pytest.raises(Invalid, match="CLIENT-005"):
                client.submit({**ORDER, "qty": wrong})
    assert len(server.asked) == 1


# What is called, and how.


def of(call: Callable[[Client], object], reply: object) -> Asked:
    with answering((200, reply)) as server, Client(server.url) as client:
        call(client)
    return server.asked[0]


def test_calls_go_where_the_interface_says() -> None:
    asked = of(lambda c: c.orders(status="FILLED", venue=None), page("orders"))
    assert (asked.method, asked.path) == ("GET", "/v1/orders?status=FILLED&limit=1000")
    assert of(lambda c: c.instruction("a:b"), {}).path == "/v1/instructions/a%3Ab"
    assert of(lambda c: c.find_order("x/y"), {}).path == "/v1/orders/x%2Fy"
    assert of(lambda c: c.market("X:S:A-B@LIN"), {}).path == "/v1/market/X%3AS%3AA-B%40LIN"
    for name in ("positions", "balances", "instruments", "venues"):
        assert of(lambda c, n=name: getattr(c, n)(), page(name)).path == f"/v1/{name}?limit=1000"
    assert of(lambda c: c.cancel("o1", key="k"), {"id": "k"}).body == {
        "kind": "cancel",
        "id": "k",
        "order_id": "o1",
    }
    body = of(lambda c: c.cancel_all(venue="OKX"), {}).body
    assert (body["kind"], body["venue"], len(body["id"])) == ("cancel_all", "OKX", 32)


def test_what_changes_something_says_what() -> None:
    body = of(lambda c: c.replace("o1", price="5", key="k"), {}).body
    assert body == {"kind": "replace", "id": "k", "order_id": "o1", "qty": None, "price": "5"}
    assert len(of(lambda c: c.replace("o1", "2"), {}).body["id"]) == 32
    asked = of(lambda c: c.kill("venue:OKX", "r", "HALTED"), {})
    assert (asked.method, asked.path) == ("POST", "/v1/kill")
    assert asked.body == {"scope": "venue:OKX", "state": "HALTED", "reason": "r"}
    assert of(lambda c: c.kill("global", "r"), {}).body["state"] is None
    asked = of(lambda c: c.rearm("global", "r"), {})
    assert (asked.path, asked.body) == ("/v1/rearm", {"scope": "global", "reason": "r"})
    asked = of(lambda c: c.reconcile("OKX"), {"venues": []})
    assert (asked.path, asked.body) == ("/v1/reconcile", {"venue": "OKX"})


def test_an_adjustment_carries_a_key() -> None:
    asked = of(lambda c: c.adjust("OKX", "BTC", "-1", "r", account="a", key="k"), {})
    assert (asked.method, asked.path) == ("POST", "/v1/adjustments")
    said = {"venue": "OKX", "asset": "BTC", "amount": "-1", "reason": "r"}
    assert asked.body == said | {"account": "a", "id": "k"}
    assert len(of(lambda c: c.adjust("OKX", "BTC", "1", "r"), {}).body["id"]) == 32


def test_profit_and_loss_is_looked_at() -> None:
    assert of(lambda c: c.pnl(), {"pnl": {}}).path == "/v1/pnl"
    assert of(lambda c: c.pnl("a b"), {"pnl": {}}).path == "/v1/pnl?account=a+b"


def test_limits_are_changed_and_looked_at() -> None:
    rows = [{"scope": "global", "name": "order_qty", "limit": None}]
    asked = of(lambda c: c.set_limits(rows, "r"), {"risk": {}})
    assert (asked.method, asked.path) == ("PATCH", "/v1/risk")
    assert asked.body == {"limits": rows, "reason": "r"}
    with answering((200, {"risk": {"currency": "USDT"}, "seq": 3})) as server:
        assert Client(server.url).risk() == {"currency": "USDT"}


def test_a_stop_whose_answer_is_lost_is_sent_again_and_never_forgotten() -> None:
    with (
        answering((LOST, None), (200, {"state": "KILLED"})) as server,
        Client(server.url) as client,
    ):
        assert client.kill("global", "r")["state"] == "KILLED"
    assert len(server.asked) == 2
    with (
        answering((LOST, None)) as server,
        Client(server.url) as client,
        pytest.raises(Unknown),
    ):
        client.kill("global", "r")


def test_a_list_follows_its_cursor() -> None:
    pages: list[Reply] = [
        (200, {"fills": [{"n": 1}], "next_cursor": "c 1", "seq": 7}),
        (200, {"fills": [{"n": 2}], "next_cursor": None, "seq": 9}),
    ]
    with answering(*pages) as server, Client(server.url) as client:
        found = client.listing("fills", venue="OKX")
    assert found == {"fills": [{"n": 1}, {"n": 2}], "next_cursor": None, "seq": 9}
    assert server.asked[1].path == "/v1/fills?venue=OKX&limit=1000&cursor=c+1"


def test_one_connection_serves_many_calls() -> None:
    with answering((200, {"status": "healthy"})) as server, Client(server.url) as client:
        for _ in range(3):
            client.health()
    assert len({asked.port for asked in server.asked}) == 1


def test_health_is_told_while_the_server_starts() -> None:
    with answering((503, {"status": "starting"})) as server, Client(server.url) as client:
        assert client.health() == {"status": "starting"}
    with (
        answering((403, error("API-041"))) as server,
        Client(server.url) as client,
        pytest.raises(Unauthorized),
    ):
        client.health()


def batch(asked: Asked) -> Reply:
    return 207, {"results": [{"status": 202, "body": {"id": i["id"]}} for i in keyed(asked)]}


def keyed(asked: Asked) -> list[dict[str, Any]]:
    return asked.body["instructions"]


def test_many_are_sent_in_order_and_in_pieces(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("omnivenue.client.calls.BATCH_BYTES", 300)
    with answering(batch) as server, Client(server.url) as client:
        results = client.submit_many([{**ORDER, "id": f"k{n}"} for n in range(7)])
    assert [result["body"]["id"] for result in results] == [f"k{n}" for n in range(7)]
    assert len(server.asked) > 1
    assert max(len(json.dumps(asked.body)) for asked in server.asked) < 400


def test_a_piece_that_fails_hides_none_before_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("omnivenue.client.calls.BATCH_BYTES", 1)
    with answering(batch, (LOST, None)) as server, Client(server.url) as client:
        first, second = client.submit_many([ORDER, {**ORDER, "id": "k2"}])
    assert first["status"] == 202
    assert second["status"] == 503
    assert second["body"]["error"]["outcome"] == "unknown"
    assert second["body"]["error"]["instruction_id"] == "k2"
    assert len({keyed(asked)[0]["id"] for asked in server.asked[1:]}) == 1
    with (
        answering((401, error("API-040"))) as server,
        Client(server.url) as client,
        pytest.raises(Unauthorized),
    ):
        client.submit_many([ORDER])


def test_waiting_ends_with_the_instruction_or_the_time() -> None:
    running, filled = (
        (200, {"id": "k", "status": "RUNNING"}),
        (200, {"id": "k", "status": "FILLED"}),
    )
    with answering(running, running, filled) as server, Client(server.url) as client:
        assert client.wait("k")["status"] == "FILLED"
        assert len(server.asked) == 3
    changed = (200, {"id": "k", "status": "ACCEPTED", "kind": "replace"})
    with answering(running, changed) as server, Client(server.url) as client:
        assert client.wait("k")["status"] == "ACCEPTED", "the order goes on; this is done"
    works = (200, {"id": "k", "status": "ACCEPTED", "kind": "order"})
    with answering(works, filled) as server, Client(server.url) as client:
        assert client.wait("k")["status"] == "FILLED"
    unknown = (200, {"id": "k", "status": "UNKNOWN"})
    with answering(running, unknown) as server, Client(server.url) as client:
        assert client.wait("k", timeout=0.05)["status"] == "UNKNOWN"
        assert len(server.asked) > 2


def test_waiting_outlasts_an_outage() -> None:
    lost: list[Reply] = [(LOST, None)] * (TRIES + 1)
    with answering(*lost, (200, {"status": "FILLED"})) as server, Client(server.url) as client:
        assert client.wait("k")["status"] == "FILLED"
    with pytest.raises(Unreachable):
        Client(NOBODY).wait("k", timeout=0)


# Where the server is, and what opens it.


def written(home: Path, url: str, pid: int | None = None, token: str = "from-file") -> None:
    folder = home / "paper"
    folder.mkdir(exist_ok=True)
    (folder / "server.json").write_text(
        json.dumps({"url": url, "pid": os.getpid() if pid is None else pid})
    )
    (folder / "token").write_text(token + "\n")


def test_the_running_server_is_found_with_its_token(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with answering((200, {"status": "healthy"})) as server:
        written(tmp_path, server.url)
        Client().health()
        monkeypatch.setenv("OMNIVENUE_TOKEN", "from-env")
        Client().health()
        Client(token="given").health()
    said = [asked.headers["authorization"] for asked in server.asked]
    assert said == ["Bearer from-file", "Bearer from-env", "Bearer given"]


def test_the_environment_comes_before_the_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    written(tmp_path, NOBODY)
    with answering((200, {"status": "healthy"})) as server:
        monkeypatch.setenv("OMNIVENUE_URL", server.url)
        assert Client().health() == {"status": "healthy"}


def test_a_token_of_another_mode_is_not_taken(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OMNIVENUE__MODE", "live")
    with answering((200, {"status": "healthy"})) as server:
        written(tmp_path, NOBODY)
        Client(server.url).health()
    assert "authorization" not in server.asked[0].headers


def test_the_port_of_a_dead_server_is_not_called(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Somebody else may have it by now, and would be told our token."""
    monkeypatch.setenv("EXECUTION_PORT", NOBODY.rpartition(":")[2])
    with answering((200, {"status": "healthy"})) as server:
        written(tmp_path, server.url, pid=2**22 + 1)
        with pytest.raises(Unreachable):
            Client().health()
    assert not server.asked


def test_a_server_that_comes_back_elsewhere_is_found(tmp_path: Path) -> None:
    with answering(accepted) as second:

        def moves(asked: Asked) -> Reply:
            written(tmp_path, second.url, token="new")
            return LOST, None

        with answering(moves) as first:
            written(tmp_path, first.url, token="old")
            Client().submit(ORDER)
    assert first.keys == second.keys
    assert second.asked[0].headers["authorization"] == "Bearer new"


@pytest.mark.parametrize("token", ["a\nb", "ключ"])
def test_a_token_that_cannot_be_sent_is_told(token: str) -> None:
    with pytest.raises(Unauthorized):
        Client(NOBODY, token)


def test_a_token_file_that_cannot_be_read_is_told(tmp_path: Path) -> None:
    (tmp_path / "paper" / "token").mkdir(parents=True)
    with pytest.raises(Unauthorized, match="cannot be read"):
        Client(NOBODY)


def test_both_clients_have_the_same_methods() -> None:
    def calls(kind: type[object]) -> dict[str, list[str]]:
        own = {name: value for name, value in vars(kind).items() if not name.startswith("_")}
        return {name: list(signature(value).parameters) for name, value in own.items()}

    assert calls(clients.Client) == calls(AsyncClient)
    assert all(
        iscoroutinefunction(getattr(AsyncClient, name)) or name == "stream"
        for name in calls(AsyncClient)
    )


def test_many_calls_at_once_each_keep_their_key() -> None:
    async def scene(url: str) -> list[dict[str, Any]]:
        async with AsyncClient(url) as client:
            sent = [client.submit({**ORDER, "id": f"k{n}"}) for n in range(40)]
            return await asyncio.gather(*sent)

    def sometimes(asked: Asked) -> Reply:
        return (LOST, None) if len(server.asked) % 3 == 0 else accepted(asked)

    with answering(sometimes) as server:
        answers = asyncio.run(scene(server.url))
    assert [answer["id"] for answer in answers] == [f"k{n}" for n in range(40)]
    assert set(server.keys) == {f"k{n}" for n in range(40)}
    assert len(server.keys) > 40
