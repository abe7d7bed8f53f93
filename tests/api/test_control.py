"""Over HTTP: stopping trading and arming it again, changing limits, replacing, reconciling."""

import asyncio
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest

from api_scene import PAIR, SPOT, Client, Reply, World, order, running, until
from omnivenue.api import Scope
from omnivenue.journal import JournalFailed
from omnivenue.message import LimitsSet, RearmAsked, StateSet, VenueDown, decode_entry
from omnivenue.model import LimitName, OrderID

type Act = Callable[[World], Awaitable[None]]


def play(folder: Path, act: Act) -> None:
    async def scene() -> None:
        async with running(folder) as world:
            await act(world)

    asyncio.run(scene())


async def post(client: Client, path: str, **body: Any) -> Reply:
    return await client.call("POST", path, body)


async def states(world: World) -> dict[str, str]:
    document = await world.client().get("/v1/risk")
    return {row["scope"]: row["state"] for row in document["risk"]["states"]}


async def placed(world: World, key: str, **more: Any) -> dict[str, Any]:
    client = world.client()
    assert (await client.post(order(key, **more))).status == 202
    await until(lambda: bool(world.loop.state.parents[OrderID(key)].children))
    await until(lambda: world.loop.state.orders[child(world, key)].acked)
    return await client.get(f"/v1/orders/{key}")


def child(world: World, key: str) -> Any:
    return world.loop.state.parents[OrderID(key)].children[-1]


def events(world: World, kind: type[Any]) -> list[Any]:
    found = [decode_entry(line) for line in world.lines]
    return [(e.principal, e.event) for e in found if isinstance(e.event, kind)]


# Kill and rearm.


@pytest.mark.covers("P5")
@pytest.mark.holds("I16")
def test_kill_cancels_everything_and_refuses_what_is_new_with_423(tmp_path: Path) -> None:
    async def act(world: World) -> None:
        client, admin = world.client(), world.client(Scope.ADMIN)
        await placed(world, "k1")
        reply = await post(client, "/v1/kill", scope="global", reason="a bad feeling")
        assert reply.status == 200
        row = reply.document
        assert (row["scope"], row["state"], row["reason"]) == ("global", "KILLED", "a bad feeling")
        await until(lambda: world.loop.state.parents[OrderID("k1")].is_over)
        ended = await client.get("/v1/orders/k1")
        assert (ended["status"], ended["reason"]) == ("CANCELLED", "KILLED")
        refused = await client.post(order("k2"))
        assert (refused.status, refused.code) == (423, "RISK-013")
        assert (await client.post(order("k2"))).status == 423, "the key has its answer"
        assert events(world, StateSet)[0][0] == "token:trade"
        reply = await post(admin, "/v1/rearm", scope="global", reason="looked at it")
        assert (reply.status, reply.document["state"]) == (200, "ACTIVE")
        assert events(world, RearmAsked)[0][0] == "token:admin"
        assert (await client.post(order("k3"))).status == 202
        assert (await client.post(order("k2"))).status == 423, "for ever"

    play(tmp_path, act)


@pytest.mark.holds("I16")
def test_halted_leaves_what_rests_and_reduce_only_is_a_422(tmp_path: Path) -> None:
    async def act(world: World) -> None:
        client = world.client()
        await placed(world, "k1")
        await post(client, "/v1/kill", scope=f"venue:{SPOT}", state="halted", reason="r")
        assert (await client.get("/v1/orders/k1"))["status"] == "ACCEPTED"
        assert (await client.post(order("k2"))).code == "RISK-014"
        (venue,) = (await client.get(f"/v1/venues?venue={SPOT}"))["venues"]
        assert venue["state"] == "HALTED"
        elsewhere = order("k3", instrument="BYBIT:SPOT_PAIR:BTC-USDT")
        assert (await client.post(elsewhere)).status == 202
        scope = "strategy:calm"
        await post(client, "/v1/kill", scope=scope, state="REDUCE_ONLY", reason="r")
        calm = order("k4", instrument="BYBIT:SPOT_PAIR:BTC-USDT", strategy_id="calm")
        reply = await client.post(calm)
        assert (reply.status, reply.code) == (422, "RISK-015")
        assert await states(world) == {
            "global": "ACTIVE",
            f"venue:{SPOT}": "HALTED",
            scope: "REDUCE_ONLY",
        }

    play(tmp_path, act)


@pytest.mark.holds("I16")
def test_a_stop_is_never_made_less_by_another(tmp_path: Path) -> None:
    async def act(world: World) -> None:
        client = world.client()
        await post(client, "/v1/kill", scope="global", reason="first")
        reply = await post(client, "/v1/kill", scope="global", state="HALTED", reason="second")
        assert (reply.document["state"], reply.document["reason"]) == ("KILLED", "first")

    play(tmp_path, act)


WRONG: list[tuple[str, dict[str, Any], int, str]] = [
    ("/v1/kill", {"scope": "global"}, 422, "API-011"),
    ("/v1/kill", {"reason": "r"}, 422, "API-011"),
    ("/v1/kill", {"scope": "global", "reason": "  "}, 422, "API-017"),
    ("/v1/kill", {"scope": "global", "reason": "a\nb"}, 422, "API-017"),
    ("/v1/kill", {"scope": "global", "state": "ACTIVE", "reason": "r"}, 422, "API-014"),
    ("/v1/kill", {"scope": "global:x", "reason": "r"}, 422, "API-027"),
    ("/v1/kill", {"scope": "venue", "reason": "r"}, 422, "API-027"),
    ("/v1/kill", {"scope": "venue:BYBITT", "reason": "r"}, 422, "API-027"),
    ("/v1/kill", {"scope": "account:nobody", "reason": "r"}, 422, "API-027"),
    ("/v1/kill", {"scope": "instrument:" + PAIR, "reason": "r"}, 422, "API-027"),
    ("/v1/kill", {"scope": "strategy:a b", "reason": "r"}, 422, "API-015"),
    ("/v1/kill", {"scope": "chain:ethereum", "reason": "r"}, 501, "API-030"),
    ("/v1/kill", {"scope": "global", "reason": "r", "id": "k"}, 422, "API-010"),
    ("/v1/rearm", {"scope": "global"}, 422, "API-011"),
    ("/v1/reconcile", {"venue": "BYBITT"}, 422, "API-021"),
]


@pytest.mark.parametrize(("path", "body", "status", "code"), WRONG, ids=str)
def test_what_is_wrong_stops_nothing_and_is_not_journaled(
    path: str, body: dict[str, Any], status: int, code: str, tmp_path: Path
) -> None:
    async def act(world: World) -> None:
        before = len(world.lines)
        reply = await world.client(Scope.ADMIN).call("POST", path, body)
        assert (reply.status, reply.code) == (status, code), reply
        assert len(world.lines) == before
        assert await states(world) == {"global": "ACTIVE"}

    play(tmp_path, act)


def test_what_waits_for_a_venue_that_is_away_says_so(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("omnivenue.runtime.live.REARM_WITHIN_SECONDS", 0.01)

    async def act(world: World) -> None:
        admin = world.client(Scope.ADMIN)
        await post(admin, "/v1/kill", scope="global", reason="r")
        world.loop.tell("test", VenueDown(venue_id=SPOT, why="gone"))
        reply = await post(admin, "/v1/rearm", scope="global", reason="again")
        assert (reply.status, reply.document["state"]) == (200, "KILLED")
        assert f"when {SPOT} is reconciled" in reply.document["reason"]

    play(tmp_path, act)


@pytest.mark.holds("I4", "I16")
def test_a_journal_that_fails_leaves_it_stopped_and_the_answer_unknown(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def act(world: World) -> None:
        def fails(*_: Any) -> Any:
            raise JournalFailed("disk")

        monkeypatch.setattr(world.loop, "submit", fails)
        monkeypatch.setattr(world.loop, "set_state", fails)
        client = world.client(Scope.ADMIN)
        reply = await post(client, "/v1/kill", scope="global", reason="r")
        assert (reply.status, reply.document["error"]["outcome"]) == (503, "unknown")
        change = {"scope": "global", "name": "order_qty", "limit": "1"}
        body = {"limits": [change], "reason": "r"}
        reply = await client.call("PATCH", "/v1/risk", body)
        assert (reply.status, reply.document["error"]["outcome"]) == (503, "unknown")

    play(tmp_path, act)


# Limits.


def line(name: str, limit: str | None, scope: str = "global") -> dict[str, Any]:
    return {"scope": scope, "name": name, "limit": limit}


async def patch(world: World, *limits: dict[str, Any], reason: str | None = "r") -> Reply:
    body = {"limits": list(limits), "reason": reason}
    return await world.client(Scope.ADMIN).call("PATCH", "/v1/risk", body)


def limits_of(document: dict[str, Any]) -> dict[tuple[str, str], dict[str, Any]]:
    return {(row["scope"], row["name"]): row for row in document["risk"]["limits"]}


@pytest.mark.covers("P5")
def test_limits_are_shown_with_what_is_used_and_changed_while_running(tmp_path: Path) -> None:
    async def act(world: World) -> None:
        client, scope = world.client(), f"instrument:{PAIR}"
        await placed(world, "k1")
        reply = await patch(world, line("position_qty", "0.6", scope), line("open_orders", "7"))
        assert reply.status == 200
        rows = limits_of(reply.document)
        assert rows[scope, "position_qty"] == line("position_qty", "0.6", scope) | {"used": "0.5"}
        assert rows["global", "open_orders"]["used"] == "1"
        assert rows["global", "position_notional"]["used"] == "30000", "at the mark"
        assert rows["global", "price_collar"]["used"] is None
        assert rows["global", "leverage"]["limit"] is None, "nobody has said anything: waived"
        ((who, event),) = events(world, LimitsSet)[1:]
        assert (who, event.reason, event.from_file) == ("token:admin", "r", False)
        refused = await client.post(order("k2", qty="0.2"))
        assert (refused.status, refused.code) == (422, "RISK-007")
        reply = await patch(world, line("position_qty", None, scope))
        assert limits_of(reply.document)[scope, "position_qty"]["limit"] is None
        assert (await client.post(order("k3", qty="0.2"))).status == 202

    play(tmp_path, act)


def test_two_changes_at_once_are_both_made(tmp_path: Path) -> None:
    async def act(world: World) -> None:
        await asyncio.gather(
            patch(world, line("open_orders", "7")), patch(world, line("order_qty", "8"))
        )
        rows = limits_of(await world.client().get("/v1/risk"))
        assert rows["global", "open_orders"]["limit"] == "7"
        assert rows["global", "order_qty"]["limit"] == "8"

    play(tmp_path, act)


WRONG_LIMITS: list[tuple[dict[str, Any], str]] = [
    (line("order_quantity", "1"), "API-014"),
    (line("order_qty", "one"), "API-013"),
    (line("order_qty", "1", "venue:BYBITT"), "API-027"),
    (line("leverage", "1", "venue:BYBIT"), "API-027"),
    (line("price_collar", "1.5"), "API-017"),
    (line("self_match_prevention", "1"), "API-017"),
    ({"scope": "global", "name": "order_qty"}, "API-011"),
    ({"scope": "global", "limit": "1"}, "API-011"),
    (line("order_qty", "1") | {"unit": "BTC"}, "API-010"),
    ({"scope": "global", "name": "order_qty", "limit": 1}, "API-012"),
]


@pytest.mark.parametrize(("row", "code"), WRONG_LIMITS, ids=str)
def test_a_wrong_limit_changes_none_of_them(row: dict[str, Any], code: str, tmp_path: Path) -> None:
    async def act(world: World) -> None:
        before = world.loop.state.limits
        reply = await patch(world, line("open_orders", "7"), row)
        assert (reply.status, reply.code) == (422, code), reply
        assert world.loop.state.limits == before

    play(tmp_path, act)


def test_a_change_of_limits_needs_a_reason_and_limits_and_says_each_once(tmp_path: Path) -> None:
    async def act(world: World) -> None:
        one = line("order_qty", "1")
        assert (await patch(world, one, reason=None)).code == "API-011"
        assert (await patch(world)).code == "API-011"
        assert (await patch(world, one, one | {"limit": "2"})).code == "API-016"
        too_many = [line("order_qty", "1", f"strategy:s{n}") for n in range(1_001)]
        assert (await patch(world, *too_many)).code == "API-017"
        nonsense: Any = [1] * 100_000
        reply = await patch(world, *nonsense)
        codes = [each["code"] for each in reply.document["error"]["reasons"]]
        assert codes == ["API-017"], "none of them is read"

    play(tmp_path, act)


def test_what_has_tripped_is_shown_and_what_has_not(tmp_path: Path) -> None:
    async def act(world: World) -> None:
        client, last = world.client(), LimitName.REPEATED_EXECUTION.value
        await patch(world, line(last, "2"), line("daily_loss", "0.05"))
        for n in range(3):
            await client.post(order(f"k{n}", strategy_id="mad"))
        rows = (await client.get("/v1/risk"))["risk"]["breakers"]
        found = {(row["name"], row["scope"]): row["state"] for row in rows}
        assert found == {
            (last, "strategy:mad"): "TRIPPED",
            (last, "global"): "OK",
            ("daily_loss", "global"): "OK",
        }
        assert (await states(world))["strategy:mad"] == "KILLED"

    play(tmp_path, act)


# Replace.


async def replace(world: World, key: str | None, order_id: str, **terms: Any) -> Reply:
    headers = {} if key is None else {"idempotency-key": key}
    return await world.client().call("PATCH", f"/v1/orders/{order_id}", terms, headers)


def test_a_replace_by_patch_is_the_instruction_of_that_kind(tmp_path: Path) -> None:
    """The venue here has no replace: the order is cancelled and sent anew, and stays one order."""

    async def act(world: World) -> None:
        client = world.client()
        await placed(world, "k1")
        reply = await replace(world, "r1", "k1", qty="0.4", price="58000.5")
        assert reply.status == 202
        expected = {"id": "r1", "order_id": "k1", "status": "RUNNING", "mode": "paper"}
        assert {name: reply.document[name] for name in expected} == expected
        await until(
            lambda: len(world.news) == 2 and world.loop.state.orders[child(world, "k1")].acked
        )
        row = await client.get("/v1/orders/k1")
        assert (row["status"], row["qty"], row["price"]) == ("ACCEPTED", "0.4", "58000.5")
        found = await client.get("/v1/instructions/r1")
        assert (found["kind"], found["status"]) == ("replace", "ACCEPTED")
        assert found["orders"] == [row]
        same = found["instruction"]
        assert same == {
            "kind": "replace",
            "id": "r1",
            "order_id": "k1",
            "qty": "0.4",
            "price": "58000.5",
        }
        again = await client.post(same)
        assert (again.status, again.document) == (200, reply.document)
        assert (await replace(world, "r1", "k1", qty="0.3")).code == "API-044"

    play(tmp_path, act)


def test_what_a_replace_may_not_be(tmp_path: Path) -> None:
    async def act(world: World) -> None:
        await placed(world, "k1")
        table: list[tuple[Reply, int, str]] = [
            (await replace(world, "r", "ghost", qty="1"), 404, "API-042"),
            (await replace(world, "r", "ghost", qty="x"), 404, "API-042"),
            (await replace(world, None, "k1", qty="1"), 400, "API-002"),
            (await replace(world, "r", "k1"), 422, "API-011"),
            (await replace(world, "r", "k1", price="1.001"), 422, "API-024"),
            (await replace(world, "r", "k1", qty="0.000001"), 422, "API-023"),
            (await replace(world, "r", "k1", qty="1", side="sell"), 422, "API-010"),
            (await replace(world, "r", "k1", qty="1", kind="cancel"), 422, "API-010"),
        ]
        for reply, status, code in table:
            assert (reply.status, reply.code) == (status, code), reply

    play(tmp_path, act)


def test_an_order_and_its_replace_may_come_in_one_batch(tmp_path: Path) -> None:
    async def act(world: World) -> None:
        change = {"kind": "replace", "id": "r1", "order_id": "k1", "price": "58000"}
        body = {"instructions": [order("k1"), change]}
        reply = await world.client().call("POST", "/v1/instructions/batch", body)
        assert [each["status"] for each in reply.document["results"]] == [202, 202]
        assert (await world.client().get("/v1/orders/k1"))["price"] == "58000"

    play(tmp_path, act)


# Reconcile.


def test_reconcile_waits_for_the_answers(tmp_path: Path) -> None:
    async def act(world: World) -> None:
        before = world.loop.state.venues[SPOT].queries
        reply = await post(world.client(), "/v1/reconcile", venue=str(SPOT))
        (row,) = reply.document["venues"]
        assert (reply.status, row["venue"], row["state"]) == (200, SPOT, "RECONCILED")
        assert world.loop.state.venues[SPOT].queries > before
        reply = await post(world.client(), "/v1/reconcile")
        assert len(reply.document["venues"]) == 2

    play(tmp_path, act)
