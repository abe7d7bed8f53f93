"""Over HTTP: profit and loss, what a venue holds otherwise, and a person's explanation of it."""

import asyncio
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest

from api_scene import BYBIT, PAIR, SPOT, Reply, World, order, running, until
from omnivenue.api import Scope
from omnivenue.message import AdjustmentInstructed, Held, StatusReport, decode_entry
from omnivenue.model import SECOND, AccountID, AssetID, Nanos, OrderID, unit

type Act = Callable[[World], Awaitable[None]]
BTC, USDT = AssetID("BTC"), AssetID("USDT")


def play(folder: Path, act: Act) -> None:
    async def scene() -> None:
        async with running(folder) as world:
            await act(world)

    asyncio.run(scene())


async def adjust(world: World, key: str | None, scope: Scope = Scope.ADMIN, **more: Any) -> Reply:
    body = {"venue": SPOT, "asset": "USDT", "amount": "-12.5", "reason": "a fee by hand"} | more
    headers = {} if key is None else {"idempotency-key": key}
    return await world.client(scope).call("POST", "/v1/adjustments", body, headers)


async def total(world: World, asset: str) -> str:
    document = await world.client().get(f"/v1/balances?venue={SPOT}&asset={asset}")
    (row,) = document["balances"]
    return row["total"]


def test_an_adjustment_is_an_instruction_with_a_key_and_a_reason(tmp_path: Path) -> None:
    async def act(world: World) -> None:
        reply = await adjust(world, "a1")
        assert reply.status == 202
        assert (reply.document["status"], reply.document["order_id"]) == ("ACCEPTED", None)
        seq: int = reply.document["seq"]
        entry = decode_entry(world.lines[seq])
        assert (type(entry.event), entry.principal) == (AdjustmentInstructed, "token:admin")
        assert await total(world, "USDT") == "999987.5"
        again = await adjust(world, "a1")
        assert (again.status, again.document) == (200, reply.document)
        assert await total(world, "USDT") == "999987.5"
        assert (await adjust(world, "a1", amount="1")).code == "API-044"
        found = await world.client().get("/v1/instructions/a1")
        assert (found["kind"], found["status"], found["orders"]) == ("adjustment", "ACCEPTED", [])
        assert found["instruction"]["amount"] == "-12.5"
        assert found["instruction"]["reason"] == "a fee by hand"

    play(tmp_path, act)


def test_a_position_is_adjusted_by_its_instrument(tmp_path: Path) -> None:
    async def act(world: World) -> None:
        assert (await adjust(world, "a1", asset=PAIR, amount="0.25")).status == 202
        (row,) = (await world.client().get("/v1/positions"))["positions"]
        assert (row["strategy_id"], row["side"], row["qty"]) == ("EXTERNAL", "long", "0.25")
        found = await world.client().get("/v1/instructions/a1")
        assert found["instruction"]["amount"] == "0.25"

    play(tmp_path, act)


WRONG: list[tuple[dict[str, Any], int, str]] = [
    ({"reason": None}, 422, "API-011"),
    ({"amount": "0"}, 422, "API-017"),
    ({"amount": "0.0000000001"}, 422, "API-023"),
    ({"asset": "USDTT"}, 422, "API-020"),
    ({"venue": "BYBITT"}, 422, "API-021"),
    ({"venue": BYBIT, "asset": PAIR}, 422, "API-016"),
    ({"account": "nobody"}, 422, "API-022"),
    ({"kind": "order"}, 422, "API-014"),
    ({"qty": "1"}, 422, "API-010"),
]


@pytest.mark.parametrize(("more", "status", "code"), WRONG, ids=str)
def test_a_wrong_adjustment_moves_nothing(
    more: dict[str, Any], status: int, code: str, tmp_path: Path
) -> None:
    async def act(world: World) -> None:
        before = len(world.lines)
        reply = await adjust(world, "a1", **more)
        assert (reply.status, reply.code) == (status, code), reply
        assert (await adjust(world, None)).code == "API-002"
        assert len(world.lines) == before

    play(tmp_path, act)


@pytest.mark.holds("I22")
def test_only_an_admin_explains_differences(tmp_path: Path) -> None:
    async def act(world: World) -> None:
        for scope in (Scope.READ, Scope.TRADE, Scope.TRANSFER):
            assert (await adjust(world, "a1", scope)).status == 403
        smuggled = {"kind": "adjustment", "id": "a2", "venue": SPOT, "asset": "USDT"}
        reply = await world.client().post(smuggled | {"amount": "1", "reason": "r"})
        assert (reply.status, reply.code) == (422, "API-014"), "nor as any instruction"
        assert await total(world, "USDT") == "1000000"

    play(tmp_path, act)


def held(world: World, btc: int) -> None:
    """The venue says what the account has there, in two answers some time apart."""
    venue = world.loop.state.venues[SPOT]
    has = ((USDT, 1_000_000), (AssetID("ETH"), 200), (BTC, btc))
    for as_of in (world.loop.now(), world.loop.now() + 3 * SECOND):
        said = StatusReport(
            venue_id=SPOT,
            query=venue.queries,
            as_of=Nanos(as_of),
            reports=(),
            orders=(),
            not_found=(),
            held=tuple(Held(account=AccountID("main"), asset=a, total=n * unit(a)) for a, n in has),
        )
        world.loop.tell("test", said)


@pytest.mark.covers("P5")
def test_what_is_in_quarantine_is_shown_until_it_is_explained(tmp_path: Path) -> None:
    async def act(world: World) -> None:
        client = world.client()
        held(world, btc=21)
        await until(lambda: bool(world.loop.state.quarantined))
        (row,) = (await client.get("/v1/risk"))["risk"]["quarantined"]
        assert (row["venue"], row["asset"], row["difference"]) == (SPOT, "BTC", "1")
        assert (await client.post(order("k1", side="sell", price="61000"))).code == "RISK-016"
        await adjust(world, "a1", asset="BTC", amount="1", reason="mined at home")
        assert (await client.get("/v1/risk"))["risk"]["quarantined"] == []
        assert (await client.post(order("k2", side="sell", price="61000"))).status == 202

    play(tmp_path, act)


def test_profit_and_loss_is_of_all_or_of_one_account(tmp_path: Path) -> None:
    async def act(world: World) -> None:
        client = world.client()
        for key, side, price in (("k1", "buy", "60100"), ("k2", "sell", "59900")):
            await client.post(order(key, side=side, price=price, strategy_id=key))
            await until(lambda key=key: world.loop.state.parents[OrderID(key)].is_over)
        document = await client.get("/v1/pnl")
        assert (document["next_cursor"], document["seq"]) == (None, world.loop.state.seq - 1)
        found = document["pnl"]
        assert (found["currency"], found["realized"]) == ("USDT", "0"), "two strategies"
        assert found["fees"] == "0.00000014"
        assert [row["strategy_id"] for row in found["by_strategy"]] == ["k1", "k2"]
        assert [row["venue"] for row in found["by_venue"]] == [SPOT]
        assert found["by_venue"][0]["fees"] == found["fees"]
        assert set(found["lines"]) >= {"delta_pnl", "funding_pnl", "transaction_costs"}
        sums = [found[name] for name in ("total", "unexplained")]
        assert all(isinstance(text, str) for text in sums)
        assert (await client.get("/v1/pnl?account=main"))["pnl"] == found
        wrong = await client.call("GET", "/v1/pnl?account=mane")
        assert (wrong.status, wrong.code) == (422, "API-022")
        assert "main" in wrong.document["error"]["message"]

    play(tmp_path, act)
