"""One key is one instruction for ever, however many send it, and at whatever moment."""

import asyncio
from collections import Counter
from pathlib import Path

import msgspec
import pytest

from api_scene import LISTED, PAIR, Client, Reply, World, order, running, until
from omnivenue.api import Scope
from omnivenue.message import InstrumentsListed
from omnivenue.model import Atoms, InstrumentID, OrderID

CLIENTS = 64


@pytest.mark.holds("I1", "I2")
@pytest.mark.parametrize("price", ["59000", "60100"])
def test_many_clients_with_one_key_are_one_order(tmp_path: Path, price: str) -> None:
    async def scene() -> None:
        async with running(tmp_path) as world:
            scopes = (Scope.TRADE, Scope.TRANSFER, Scope.ADMIN)
            clients = [world.client(scopes[n % 3]) for n in range(CLIENTS)]
            body = order("k1", price=price)
            first = await asyncio.gather(*(client.post(body) for client in clients))
            statuses = Counter(reply.status for reply in first)
            assert statuses[202] == 1
            assert set(statuses) <= {200, 202, 409}
            again = await asyncio.gather(*(client.post(body) for client in clients))
            assert {reply.status for reply in again} == {200}
            taken = next(reply for reply in first if reply.status == 202)
            assert all(reply.document == taken.document for reply in again)
            assert len(world.news) == 1

    asyncio.run(scene())


@pytest.mark.holds("I2")
def test_many_keys_at_once_are_as_many_orders(tmp_path: Path) -> None:
    async def scene() -> None:
        async with running(tmp_path) as world:
            client = world.client()
            posts = [client.post(order(f"k{n % CLIENTS}", qty="0.01")) for n in range(2 * CLIENTS)]
            replies = await asyncio.gather(*posts)
            assert Counter(reply.status for reply in replies)[202] == CLIENTS
            assert len(world.news) == CLIENTS

    asyncio.run(scene())


def test_a_key_with_another_body_is_refused_whatever_has_become_of_it(tmp_path: Path) -> None:
    async def scene() -> None:
        async with running(tmp_path) as world:
            client = world.client()
            await client.post(order("k1", price="60100"))
            for body in (order("k1", qty="0.4"), {"kind": "cancel_all", "id": "k1"}):
                reply = await client.post(body)
                assert (reply.status, reply.code) == (422, "API-044")
            parent = world.loop.state.parents[OrderID("k1")]
            await until(lambda: parent.is_over)
            assert (await client.post(order("k1", qty="0.4"))).status == 422
            assert (await client.post(order("k1", price="60100"))).status == 200
            assert len(world.news) == 1

    asyncio.run(scene())


@pytest.mark.parametrize(
    "other",
    [
        order("k1", qty="0.50"),
        order("k1", price="59000.00"),
        order("k1", tif="gtc", type="limit", account="main", strategy_id="default"),
        order("k1", instrument="BINANCE-SPOT:SPOT_PAIR:BTC-USDT@LIN", stop_price=None),
        dict(reversed(order("k1").items())),
    ],
    ids=str,
)
def test_the_same_instruction_otherwise_written_is_the_same(
    tmp_path: Path, other: dict[str, object]
) -> None:
    async def scene() -> None:
        async with running(tmp_path) as world:
            first = await world.client().post(order("k1"))
            again = await world.client().post(other)
            assert (first.status, again.status) == (202, 200)
            assert first.document == again.document

    asyncio.run(scene())


def test_the_key_may_stand_in_the_header_or_the_body(tmp_path: Path) -> None:
    async def scene() -> None:
        async with running(tmp_path) as world:
            header = {"idempotency-key": "k1"}
            replies = [
                await world.client().post(order(None), headers=header),
                await world.client().post(order("k1"), headers=header),
                await world.client().post(order("k1")),
            ]
            assert [reply.status for reply in replies] == [202, 200, 200]

    asyncio.run(scene())


@pytest.mark.holds("I2")
def test_a_silent_venue_is_not_sent_the_order_again(tmp_path: Path) -> None:
    async def scene() -> None:
        async with running(tmp_path) as world:
            for exchange in world.exchanges.values():
                exchange.is_silent = True
            assert (await world.client().post(order("k1"))).status == 202
            for _ in range(10):
                assert (await world.client().post(order("k1"))).status == 200
            assert len(world.news) == 1
            assert (await world.client().get("/v1/orders/k1"))["status"] == "SUBMITTED"

    asyncio.run(scene())


def test_one_cancel_by_many_is_one_cancel(tmp_path: Path) -> None:
    async def scene() -> None:
        async with running(tmp_path) as world:
            await world.client().post(order("k1"))
            statuses = Counter(reply.status for reply in await cancels(world))
            assert statuses[202] == 1
            assert set(statuses) <= {200, 202, 409}
            await until(lambda: world.loop.state.parents[OrderID("k1")].is_over)
            assert {reply.status for reply in await cancels(world)} == {200}

    asyncio.run(scene())


async def cancels(world: World) -> list[Reply]:
    key = {"idempotency-key": "c1"}
    calls = [world.client().call("DELETE", "/v1/orders/k1", headers=key) for _ in range(CLIENTS)]
    return await asyncio.gather(*calls)


async def relist(world: World) -> None:
    """The lot of the pair becomes a hundred times as coarse, and 0.00101 is no multiple of it."""
    coarser = msgspec.structs.replace(LISTED[0], version=2, lot=Atoms(10**5))
    world.loop.tell("test", InstrumentsListed(instruments=(coarser,)))
    pair = InstrumentID(PAIR)
    await until(lambda: world.loop.state.instruments[pair].version == 2)


FINE = {"qty": "0.00101"}  # on the grid until it is relisted


async def in_batch(client: Client, body: object) -> tuple[int, object]:
    reply = await client.call("POST", "/v1/instructions/batch", {"instructions": [body]})
    (result,) = reply.document["results"]
    return result["status"], result["body"]


@pytest.mark.holds("I2")
@pytest.mark.parametrize(
    ("body", "status", "later"),
    [(order("k1", **FINE), 202, 200), (order("k1", qty="500.00001"), 422, 422)],
    ids=["accepted", "refused"],
)
def test_a_key_has_its_answer_whatever_has_become_of_the_grid(
    tmp_path: Path, body: dict[str, object], status: int, later: int
) -> None:
    async def scene() -> None:
        async with running(tmp_path) as world:
            client = world.client()
            first = await client.post(body)
            assert first.status == status
            await relist(world)
            before = world.loop.state.seq
            again = await client.post(body)
            assert (again.status, again.document) == (later, first.document)
            assert await in_batch(client, body) == (later, first.document)
            other = await client.post(body | {"qty": "0.00102"})
            assert (other.status, other.code) == (422, "API-044")
            new = await client.post(body | {"id": "k2"})
            assert (new.status, new.code) == (422, "API-023")
            assert world.loop.state.seq == before

    asyncio.run(scene())


@pytest.mark.holds("I2")
def test_a_used_key_is_told_so_before_the_order_is_looked_for(tmp_path: Path) -> None:
    async def scene() -> None:
        async with running(tmp_path) as world:
            client = world.client()
            await client.post(order("k1"))
            key = {"idempotency-key": "k1"}
            reply = await client.call("DELETE", "/v1/orders/ghost", headers=key)
            assert (reply.status, reply.code) == (422, "API-044")
            body = {"kind": "cancel_all", "id": "k1", "venue": "NOWHERE"}
            reply = await client.post(body)
            assert (reply.status, reply.code) == (422, "API-044")

    asyncio.run(scene())


@pytest.mark.holds("I2")
def test_a_key_that_is_decided_upon_is_not_judged_meanwhile(tmp_path: Path) -> None:
    async def scene() -> None:
        async with running(tmp_path) as world:
            client = world.client()
            off_grid = order("k1", price="59000.001")
            first, second = await asyncio.gather(client.post(order("k1")), client.post(off_grid))
            assert (first.status, second.status) == (202, 409)

    asyncio.run(scene())
