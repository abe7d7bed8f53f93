"""Orders over venues and over time as clients meet them: one instruction, its parts, and why."""

import asyncio
from pathlib import Path
from typing import Any

import pytest
from msgspec.structs import replace

from api_scene import PAIR, Client, World, order, running, until
from omnivenue.api.view import order_row
from omnivenue.api.whole import whole
from omnivenue.message import InstrumentsListed
from omnivenue.model import SECOND, InstrumentID, OrderID
from scene import AT_A, Desk, buy

SMART = "SMART:SPOT_PAIR:BTC-USDT"


def is_over(world: World, key: str) -> bool:
    composite = world.loop.state.composites.get(OrderID(key))
    return composite is not None and composite.is_over


def smart(key: str, **more: Any) -> dict[str, Any]:
    return order(key, instrument=SMART, price="60100", **more)


@pytest.mark.covers("P1", "P3", "V2")
def test_one_instruction_its_parts_and_why_they_went_there(tmp_path: Path) -> None:
    async def scene() -> None:
        async with running(tmp_path) as world:
            client = world.client()
            reply = await client.post(smart("k1"))
            assert (reply.status, reply.document["order_id"]) == (202, "k1")
            await until(lambda: is_over(world, "k1"))
            await check_views(client)
            again = await client.post(smart("k1"))
            assert (again.status, again.document["seq"]) == (200, reply.document["seq"])
            other = await client.post(smart("k1", qty="0.6"))
            assert other.status == 422

    asyncio.run(scene())


async def check_views(client: Client) -> None:
    document = await client.get("/v1/instructions/k1")
    assert document["status"] == "FILLED"
    whole, *parts = document["orders"]
    assert (whole["venue"], whole["instrument"], whole["cum_qty"]) == ("SMART", SMART, "0.5")
    assert whole["children"] == [part["id"] for part in parts]
    assert {part["parent_id"] for part in parts} == {"k1"}
    assert {part["instruction_id"] for part in parts} == {"k1"}
    assert [fill["order_id"] for fill in document["fills"]] == whole["children"], "each once"
    route = next(row for row in document["timeline"] if row["type"] == "route")
    assert [leg["qty"] for leg in route["legs"]] == [part["qty"] for part in parts]
    assert (route["left"], route["why_left"]) == ("0", None)
    fills = (await client.get("/v1/fills"))["fills"]
    assert len(fills) == len(parts)
    listed = (await client.get("/v1/orders"))["orders"]
    assert [row["id"] for row in listed] == ["k1", *whole["children"]]
    (one,) = (await client.get("/v1/orders?venue=SMART"))["orders"]
    assert one["id"] == "k1"


def test_its_document_is_what_was_asked_for(tmp_path: Path) -> None:
    async def scene() -> None:
        async with running(tmp_path) as world:
            client = world.client()
            chosen = ["BYBIT:SPOT_PAIR:BTC-USDT", PAIR]
            algo = {"name": "twap", "horizon_secs": 20, "interval_secs": "0.5"}
            body = smart("k1", candidates=chosen, algo=algo)
            assert (await client.post(body)).status == 202
            shown = (await client.get("/v1/instructions/k1"))["instruction"]
            assert shown["candidates"] == sorted(chosen)
            assert shown["algo"] == algo
            assert (await client.post(shown)).status == 200, "sent again it is the same"

    asyncio.run(scene())


def test_a_twap_is_paused_resumed_and_cancelled(tmp_path: Path) -> None:
    async def scene() -> None:
        async with running(tmp_path) as world:
            client = world.client()
            algo = {"name": "twap", "horizon_secs": 20, "interval_secs": 1}
            assert (await client.post(order("k1", algo=algo, price="60100"))).status == 202
            running_now = await client.get("/v1/instructions/k1")
            assert running_now["status"] == "RUNNING"
            for kind in ("pause", "resume"):
                reply = await client.post({"kind": kind, "id": f"{kind}-1", "order_id": "k1"})
                assert reply.status == 202
                told = await client.get(f"/v1/instructions/{kind}-1")
                assert (told["kind"], told["status"]) == (kind, "ACCEPTED")
            missing = await client.post({"kind": "pause", "id": "p2", "order_id": "nobody"})
            assert missing.status == 404
            working = (await client.get("/v1/orders?status=PARTIALLY_FILLED"))["orders"]
            assert "k1" in [row["id"] for row in working]
            key = {"idempotency-key": "c1"}
            assert (await client.call("DELETE", "/v1/orders/k1", headers=key)).status == 202
            await until(lambda: is_over(world, "k1"))
            assert (await client.get("/v1/orders/k1"))["status"] == "CANCELLED"

    asyncio.run(scene())


@pytest.mark.parametrize("name", ["k1", "k1~0"])
def test_it_is_not_replaced(tmp_path: Path, name: str) -> None:
    async def scene() -> None:
        async with running(tmp_path) as world:
            client = world.client()
            await client.post(order("k1", instrument=SMART, price="59000"))
            reply = await client.post(
                {"kind": "replace", "id": "r1", "order_id": name, "price": "59001"}
            )
            assert reply.status == 422

    asyncio.run(scene())


def test_a_refused_one_is_shown_when_nobody_lists_the_like_any_more() -> None:
    desk = Desk()
    desk.at += 60 * SECOND  # the feed is stale
    desk.tell(replace(buy("i"), instrument_id=InstrumentID(SMART)))
    desk.tell(InstrumentsListed(instruments=(replace(AT_A, version=2, multiplier=3),)))
    found = whole(desk.state, desk.state.composites[OrderID("i")])
    row = order_row(desk.state, found, "paper")
    assert (row.status, row.qty) == ("REJECTED", "0.001")
