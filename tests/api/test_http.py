"""The main job over HTTP: an order in, and everything that became of it out again."""

import asyncio
from pathlib import Path
from urllib.parse import quote

import msgspec
import pytest

from api_scene import LISTED, PAIR, SPOT, Client, World, order, running, until
from omnivenue.api import Scope
from omnivenue.api.paging import cursor_of
from omnivenue.message import ExecType, ExecutionReport, External, VenueDown, decode_entry
from omnivenue.model import AccountID, ClOrdID, ExecID, Lots, OrderID, Side, Ticks


def settled(world: World, key: str) -> bool:
    parent = world.loop.state.parents.get(OrderID(key))
    return parent is not None and parent.is_over


@pytest.mark.holds("I1")
def test_an_order_is_taken_filled_and_seen_in_every_view(tmp_path: Path) -> None:
    async def scene() -> None:
        async with running(tmp_path) as world:
            client = world.client()
            reply = await client.post(order("k1", price="60100"))
            assert reply.status == 202
            seq: int = reply.document["seq"]
            assert reply.document == {
                "id": "k1",
                "order_id": "k1",
                "seq": seq,
                "status": "SUBMITTED",
                "mode": "paper",
            }
            entry = decode_entry(world.lines[seq])  # durable, and under the caller's name
            assert (entry.seq, entry.principal) == (seq, "token:trade")
            await until(lambda: settled(world, "k1"))
            await check_views(client)

    asyncio.run(scene())


async def check_views(client: Client) -> None:
    row = await client.get("/v1/orders/k1")
    assert row["status"] == "FILLED"
    assert row["ord_status"] == "2"
    assert (row["cum_qty"], row["leaves_qty"], row["avg_px"]) == ("0.5", "0", "60100")
    assert row["fees"] == [{"asset": "USDT", "amount": "0.00000007"}]
    assert (await client.get("/v1/orders"))["orders"] == [row]
    (fill,) = (await client.get("/v1/fills"))["fills"]
    assert fill | row["fills"][0] == fill
    assert (fill["order_id"], fill["venue"], fill["side"]) == ("k1", SPOT, "buy")
    (position,) = (await client.get("/v1/positions"))["positions"]
    assert (position["side"], position["qty"], position["avg_px"]) == ("long", "0.5", "60100")
    assert (position["mark"], position["unrealized_pnl"]) == ("60000", "-50")
    answer = await client.get("/v1/balances?venue=BINANCE-SPOT")
    by_asset = {row["asset"]: row for row in answer["balances"]}
    assert by_asset["BTC"]["total"] == "20.5"
    assert by_asset["USDT"]["available"] == "969949.99999993"
    document = await client.get("/v1/instructions/k1")
    assert document["status"] == "FILLED"
    assert document["orders"] == [row]
    assert document["fills"] == [fill]
    told = [moment["type"] for moment in document["timeline"]]
    assert told == ["order_instructed", "accept", "new_order", "new", "trade", "filled"]
    assert document["instruction"]["qty"] == "0.5"


def test_what_rests_is_cancelled_by_key(tmp_path: Path) -> None:
    async def scene() -> None:
        async with running(tmp_path) as world:
            client = world.client()
            await client.post(order("k1"))
            without = await client.call("DELETE", "/v1/orders/k1")
            assert without.status == 400
            key = {"idempotency-key": "c1"}
            first = await client.call("DELETE", "/v1/orders/k1", headers=key)
            assert first.status == 202
            assert (first.document["id"], first.document["order_id"]) == ("c1", "k1")
            assert first.document["status"] == "RUNNING"
            await until(lambda: settled(world, "k1"))
            again = await client.call("DELETE", "/v1/orders/k1", headers=key)
            assert (again.status, again.document) == (200, first.document)
            assert (await client.get("/v1/orders/k1"))["status"] == "CANCELLED"
            cancelling = await client.get("/v1/instructions/c1")
            assert (cancelling["kind"], cancelling["status"]) == ("cancel", "CANCELLED")
            assert [row["id"] for row in cancelling["orders"]] == ["k1"]
            (usdt,) = [
                row
                for row in (await client.get("/v1/balances?asset=USDT&venue=BINANCE-SPOT"))[
                    "balances"
                ]
            ]
            assert (usdt["reserved"], usdt["total"]) == ("0", "1000000")

    asyncio.run(scene())


def test_an_id_with_a_slash_is_named_like_any_other(tmp_path: Path) -> None:
    """Ids of venues are what venues like, and each call says with escapes which one is meant."""
    by_hand = ClOrdID("web/1/%41+~")
    key = "external~BINANCE-SPOT~web/1/%41+~"
    path = f"/v1/orders/{quote(key, safe='')}"
    grid = LISTED[0]
    told = External(
        account=AccountID("main"),
        instrument_id=grid.instrument_id,
        instrument_version=grid.version,
        side=Side.BUY,
        qty=Lots(10),
        limit_px=Ticks(5_900_000),
    )
    said = ExecutionReport(
        exec_id=ExecID("by-hand"), cl_ord_id=by_hand, exec_type=ExecType.NEW, external=told
    )

    async def scene() -> None:
        async with running(tmp_path) as world:
            client = world.client()
            world.exchanges[SPOT].tell(said)
            await until(lambda: OrderID(key) in world.loop.state.parents)
            assert (await client.get(path))["id"] == key
            replaced = await client.call(
                "PATCH", path, {"price": "58000"}, {"idempotency-key": "r1"}
            )
            assert "API-042" not in str(replaced.document), "it was found"
            cancelled = await client.call("DELETE", path, headers={"idempotency-key": "c1"})
            assert (cancelled.status, cancelled.document["order_id"]) == (202, key)
            for other in (f"/v1/orders/{key}", path.replace("%25", "%")):
                assert (await client.call("GET", other)).status == 404

    asyncio.run(scene())


def test_a_refusal_names_every_rule_and_repeats_itself(tmp_path: Path) -> None:
    async def scene() -> None:
        async with running(tmp_path) as world:
            client = world.client()
            body = order("k1", qty="90", price="64000")
            first = await client.post(body)
            assert first.status == 422
            codes = [reason["code"] for reason in first.document["error"]["reasons"]]
            assert codes == ["RISK-010", "RISK-006", "RISK-008", "RISK-009"]
            assert first.document["error"]["instruction_id"] == "k1"
            again = await client.post(body)
            assert (again.status, again.document) == (422, first.document)
            row = await client.get("/v1/orders/k1")
            assert (row["status"], row["ord_status"], row["leaves_qty"]) == ("REJECTED", "8", "0")
            assert row["reason"].startswith("RISK-010 ")
            assert not world.news

    asyncio.run(scene())


def test_a_batch_is_answered_in_order_each_by_itself(tmp_path: Path) -> None:
    async def scene() -> None:
        async with running(tmp_path) as world:
            bodies = [
                order("a"),
                order("b", qty="nan"),
                order("a"),
                {"kind": "cancel", "id": "c", "order_id": "a"},
                {"kind": "cancel", "id": "d", "order_id": "ghost"},
                order("e", qty="500"),
                {"kind": "cancel_all", "id": "f"},
            ]
            reply = await world.client().call(
                "POST", "/v1/instructions/batch", {"instructions": bodies}
            )
            assert reply.status == 207
            results = reply.document["results"]
            assert [each["status"] for each in results] == [202, 422, 200, 202, 404, 422, 202]
            assert results[0]["body"] == results[2]["body"]
            assert len(world.news) == 1
            await until(lambda: settled(world, "a"))
            document = await world.client().get("/v1/instructions/f")
            assert (document["kind"], document["status"]) == ("cancel_all", "CANCELLED")

    asyncio.run(scene())


def test_what_a_batch_says_of_itself_waits_for_it(tmp_path: Path) -> None:
    async def scene() -> None:
        async with running(tmp_path) as world:
            cancel = {"kind": "cancel", "id": "c", "order_id": "a"}
            bodies = [order("a"), cancel, cancel, order("b"), order("b")]
            reply = await world.client().call(
                "POST", "/v1/instructions/batch", {"instructions": bodies}
            )
            statuses = [each["status"] for each in reply.document["results"]]
            assert statuses == [202, 202, 200, 202, 200]

    asyncio.run(scene())


@pytest.mark.parametrize("body", [{}, [], {"instructions": {}}, {"instructions": [], "x": 1}, "a"])
def test_a_batch_of_another_shape_is_refused_whole(tmp_path: Path, body: object) -> None:
    async def scene() -> None:
        async with running(tmp_path, is_open=False) as world:
            reply = await world.client().call("POST", "/v1/instructions/batch", body)
            assert reply.status == 422

    asyncio.run(scene())


def test_lists_are_filtered_exactly_and_paged_without_gaps(tmp_path: Path) -> None:
    async def scene() -> None:
        async with running(tmp_path) as world:
            client = world.client()
            for n in range(7):
                await client.post(order(f"k{n}", strategy_id=f"s{n % 2}"))
            await client.post(order("filled", price="60100"))
            await until(lambda: settled(world, "filled"))
            ids = await paged(client, "/v1/orders?limit=3")
            assert ids == [[f"k{n}" for n in (0, 1, 2)], ["k3", "k4", "k5"], ["k6", "filled"]]
            assert await paged(client, "/v1/orders?strategy=s1&limit=2") == [["k1", "k3"], ["k5"]]
            assert await paged(client, "/v1/orders?status=FILLED") == [["filled"]]
            resting = await paged(client, "/v1/orders?status=ACCEPTED&limit=4&venue=BINANCE-SPOT")
            assert resting == [["k0", "k1", "k2", "k3"], ["k4", "k5", "k6"]]
            assert await paged(client, f"/v1/orders?instrument={PAIR}@LIN&strategy=s9") == [[]]
            assert await paged(client, f"/v1/orders?instrument={PAIR}@LIN&status=FILLED") == [
                ["filled"]
            ]

    asyncio.run(scene())


def test_fills_are_paged_and_filtered(tmp_path: Path) -> None:
    async def scene() -> None:
        async with running(tmp_path) as world:
            client = world.client()
            for n in range(7):
                await client.post(order(f"k{n}", price="60100", strategy_id=f"s{n % 2}"))
            await until(lambda: settled(world, "k6"))
            found: list[str] = []
            path: str | None = "/v1/fills?limit=2"
            while path is not None:
                document = await client.get(path)
                found += [row["order_id"] for row in document["fills"]]
                cursor = document["next_cursor"]
                path = f"/v1/fills?limit=2&cursor={cursor}" if cursor else None
            assert found == [f"k{n}" for n in range(7)]
            odd = (await client.get("/v1/fills?strategy=s1"))["fills"]
            assert [row["order_id"] for row in odd] == ["k1", "k3", "k5"]

    asyncio.run(scene())


def test_a_rare_filter_is_looked_for_in_bounded_steps(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("omnivenue.api.read.SCANNED_MAX", 2)

    async def scene() -> None:
        async with running(tmp_path) as world:
            client = world.client()
            for n in range(5):
                await client.post(order(f"k{n}", strategy_id="rare" if n == 4 else "many"))
            assert await paged(client, "/v1/orders?strategy=rare") == [[], [], ["k4"]]

    asyncio.run(scene())


LISTS = ("/v1/orders", "/v1/orders?status=ACCEPTED", "/v1/fills", "/v1/fills?limit=1000")


@pytest.mark.parametrize("path", LISTS)
def test_others_come_between_while_a_long_list_is_made(
    tmp_path: Path, path: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """And `seq` is where it began: who listens on from there misses nothing."""
    monkeypatch.setattr("omnivenue.api.walk.AT_ONCE", 1)

    async def scene() -> None:
        async with running(tmp_path) as world:
            client = world.client()
            for n in range(5):
                await client.post(order(f"k{n}", price="60000.5" if "fills" in path else "59000"))
            await until(lambda: len(world.app._site.orders) == 5)  # type: ignore[attr-defined]
            before, turns = world.loop.state.seq - 1, 0
            asked = asyncio.create_task(client.get(path))
            await asyncio.sleep(0)
            late = asyncio.create_task(client.post(order("late", price="59000")))
            while not asked.done():
                await asyncio.sleep(0)
                turns += 1
            assert turns >= 5
            assert (await asked)["seq"] == before
            assert (await late).status == 202

    asyncio.run(scene())


@pytest.mark.parametrize("path", LISTS)
def test_a_list_that_the_end_came_between_is_no_answer(
    tmp_path: Path, path: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("omnivenue.api.walk.AT_ONCE", 1)

    async def scene() -> None:
        async with running(tmp_path) as world:
            for n in range(5):
                await world.client().post(order(f"k{n}", price="59000"))
            asked = asyncio.create_task(world.client().call("GET", path))
            await asyncio.sleep(0)
            with monkeypatch.context() as ending:
                ending.setattr(type(world.loop), "has_ended", True)
                reply = await asked
            assert (reply.status, reply.code) == (503, "API-046")

    asyncio.run(scene())


async def paged(client: Client, path: str) -> list[list[str]]:
    pages: list[list[str]] = []
    cursor = ""
    while True:
        document = await client.get(path + (f"&cursor={cursor}" if cursor else ""))
        pages.append([row["id"] for row in document["orders"]])
        cursor = document["next_cursor"]
        if cursor is None:
            return pages


@pytest.mark.parametrize(
    ("query", "code"),
    [
        ("limit=0", "API-017"),
        ("limit=1001", "API-017"),
        ("limit=x", "API-017"),
        ("limit=%C2%B2", "API-017"),
        ("cursor=x", "API-015"),
        ("cursor=bnVsbA==", "API-015"),
        (f"cursor={cursor_of((2**63, 'x'))}", "API-015"),
        (f"cursor={cursor_of((-1, 'x'))}", "API-015"),
        ("status=filled", "API-014"),
        ("state=FILLED", "API-010"),
        ("venue=A&venue=B", "API-016"),
        ("status=", "API-015"),
        ("strategy=", "API-015"),
    ],
)
def test_a_query_that_cannot_be_followed_is_refused(tmp_path: Path, query: str, code: str) -> None:
    async def scene() -> None:
        async with running(tmp_path, is_open=False) as world:
            reply = await world.client().call("GET", f"/v1/orders?{query}")
            assert (reply.status, reply.code) == (422, code)

    asyncio.run(scene())


@pytest.mark.parametrize("name", ["orders", "fills", "positions", "balances", "venues", "pnl"])
def test_a_filter_for_what_is_not_there_is_refused_and_names_what_is(
    tmp_path: Path, name: str
) -> None:
    """An empty list would read as if nothing were there."""
    mistakes = {
        "venue": ("BINANCE-SPOTT", "API-021", "BINANCE-SPOT"),
        "instrument": ("BYBIT:SPOT_PAIR:BTC-USTD", "API-020", "BYBIT:SPOT_PAIR:BTC-USDT"),
        "account": ("mian", "API-022", "main"),
    }
    taken = {
        "pnl": {"account"},
        "venues": {"venue"},
        "balances": {"account", "venue"},
    }.get(name, set(mistakes))

    async def scene() -> None:
        async with running(tmp_path) as world:
            client = world.client()
            for each in sorted(taken):
                word, code, meant = mistakes[each]
                reply = await client.call("GET", f"/v1/{name}?{each}={word}")
                assert (reply.status, reply.code) == (422, code)
                assert meant in reply.document["error"]["message"]
                empty = await client.call("GET", f"/v1/{name}?{each}=")
                assert (empty.status, empty.code) == (422, "API-015")
                found = await client.call("GET", f"/v1/{name}?{each}={meant}")
                assert found.status == 200
            if name in ("orders", "fills", "positions"):
                free = await client.get(f"/v1/{name}?strategy=whatever")
                assert free[name] == []
                both = f"/v1/{name}?venue=SMART&instrument=SMART:SPOT_PAIR:BTC-USDT"
                assert (await client.get(both))[name] == []

    asyncio.run(scene())


def test_instruments_venues_and_the_market_are_shown(tmp_path: Path) -> None:
    async def scene() -> None:
        async with running(tmp_path) as world:
            client = world.client(Scope.READ)
            found = (await client.get("/v1/instruments?venue=BYBIT"))["instruments"]
            assert [row["instrument"] for row in found] == [
                "BYBIT:SPOT_PAIR:BTC-USDT",
                "BYBIT:SPOT_PAIR:ETH-USDT",
            ]
            rows = (await client.get("/v1/venues"))["venues"]
            assert [(row["venue"], row["state"]) for row in rows] == [
                ("BINANCE-SPOT", "RECONCILED"),
                ("BYBIT", "RECONCILED"),
            ]
            assert all(row["latency_us"] >= 0 for row in rows), "each has answered a question"
            market = await client.get(f"/v1/market/{PAIR}")
            assert (market["type"], market["seq"], market["state"]) == ("market", None, "fresh")
            assert (market["bids"], market["asks"]) == ([["59999", "0.05"]], [["60001", "0.05"]])
            ghost = await client.call("GET", "/v1/market/BINANCE-SPOT:SPOT_PAIR:BTC-USDC")
            assert ghost.status == 404
            assert PAIR in ghost.document["error"]["message"]

    asyncio.run(scene())


def test_a_venue_that_goes_down_shows_and_refuses(tmp_path: Path) -> None:
    async def scene() -> None:
        async with running(tmp_path) as world:
            world.loop.tell("test", VenueDown(venue_id=SPOT, why="unplugged"))
            await until(lambda: world.loop.state.venues[SPOT].why == "unplugged")
            client = world.client()
            (row,) = (await client.get("/v1/venues?venue=BINANCE-SPOT"))["venues"]
            assert row["state"] == "DOWN"
            reply = await client.post(order("k1"))
            assert (reply.status, reply.code) == (422, "RISK-001")

    asyncio.run(scene())


def test_a_stopping_server_says_that_nothing_was_done(tmp_path: Path) -> None:
    async def scene() -> None:
        async with running(tmp_path) as world:
            await world.client().post(order("old"))
            world.door.is_stopping = True
            reply = await world.client().post(order("k1"))
            assert (reply.status, reply.document["error"]["outcome"]) == (503, "not_taken")
            assert (await world.client().post(order("old"))).status == 200  # it has its answer

    asyncio.run(scene())


@pytest.mark.holds("I4")
def test_a_failed_journal_is_never_told_as_not_taken(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object) -> None:
        raise OSError("no space left")

    async def scene() -> None:
        async with running(tmp_path) as world:
            monkeypatch.setattr("omnivenue.journal.MemoryJournal._write", full)
            reply = await world.client().post(order("k1"))
            assert (reply.status, reply.document["error"]["outcome"]) == (503, "unknown")
            assert not world.news

    asyncio.run(scene())


def test_without_space_orders_are_refused_and_cancels_go_on(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def scene() -> None:
        async with running(tmp_path) as world:
            client = world.client()
            await client.post(order("k1"))
            monkeypatch.setattr(world.loop, "has_space", lambda: False)
            assert (await client.post(order("k2"))).status == 507
            body = {"kind": "cancel", "id": "c1", "order_id": "k1"}
            assert (await client.post(body)).status == 202

    asyncio.run(scene())


def test_a_fault_of_ours_is_answered_and_not_thrown(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: object) -> None:
        raise RuntimeError("planted")

    async def scene() -> None:
        async with running(tmp_path, is_open=False) as world:
            monkeypatch.setattr("omnivenue.api.read.balance_rows", broken)
            reply = await world.client().call("GET", "/v1/balances")
            assert (reply.status, reply.code) == (500, "OUR-001")
            assert "planted" not in msgspec.json.encode(reply.document).decode()

    asyncio.run(scene())
