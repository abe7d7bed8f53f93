"""What happens comes over the WebSocket: all of it, in order, from any entry on, and nothing that
is not durable."""

import asyncio
from pathlib import Path
from typing import Any

import msgspec
import pytest
from websockets.asyncio.client import connect

from api_scene import PAIR, World, order, until
from listeners import Listener, listening_to, narrow, serving
from omnivenue.api import Scope
from omnivenue.message import Entry, ExecType, ExecutionReport, VenueDown
from omnivenue.model import ExecID, Lots, Nanos, Ticks, VenueID

ALL = ("orders", "fills", "positions", "plans", "transactions", "alerts")
SPOT = VenueID("BINANCE-SPOT")


async def filled(world: World, key: str, **more: Any) -> dict[str, Any]:
    """An order that trades at once; as it is shown when it is done."""
    reply = await world.client().post(order(key, price="60000.5", **more))
    assert reply.status == 202, reply
    client = world.client(Scope.READ)
    while (shown := await client.get(f"/v1/orders/{key}"))["status"] != "FILLED":
        await asyncio.sleep(0)
    return shown


@pytest.mark.holds("T26")
def test_an_order_is_told_from_its_beginning_to_its_end(tmp_path: Path) -> None:
    async def scene() -> None:
        async with (
            serving(tmp_path) as (world, address),
            listening_to(world, address, *ALL, from_seq=None) as listener,
        ):
            await subscribed(world)
            shown = await filled(world, "k1")
            heard = [await listener.hear()]
            while heard[-1].get("status") != "FILLED":
                heard.append(await listener.hear())
            assert [m["seq"] for m in heard] == sorted(m["seq"] for m in heard)
            last = heard[-1]
            assert last["type"] == "order"
            assert last["order_type"] == shown["type"] == "limit"
            same = {name: last[name] for name in shown if name != "type"}
            assert same == {name: value for name, value in shown.items() if name != "type"}
            rows = {m["type"]: m for m in [*heard, *(await listener.hear_until("position"))]}
            (in_order,) = shown["fills"]
            assert {name: rows["fill"][name] for name in in_order} == in_order
            assert (rows["fill"]["order_id"], rows["fill"]["busted"]) == ("k1", False)
            assert (rows["position"]["qty"], rows["position"]["side"]) == ("0.5", "long")
            assert rows["position"]["seq"] == rows["fill"]["seq"]

    asyncio.run(scene())


async def subscribed(world: World) -> None:
    """Until the server has read what the client has sent."""
    feed = world.app._streams._feed  # type: ignore[attr-defined]
    async with asyncio.timeout(5):
        while not feed._idle:
            await asyncio.sleep(0.001)


def test_only_what_was_subscribed_to_comes(tmp_path: Path) -> None:
    async def scene() -> None:
        async with serving(tmp_path) as (world, address):
            for n in range(3):
                await filled(world, f"k{n}")
            async with listening_to(world, address, "fills") as listener:
                heard = [await listener.hear() for _ in range(3)]
                await listener.say({"type": "subscribe", "topics": ["positions"], "from_seq": 0})
                heard += [await listener.hear() for _ in range(3)]
            assert [m["type"] for m in heard] == ["fill"] * 3 + ["position"] * 3

    asyncio.run(scene())


@pytest.mark.holds("T26")
def test_who_comes_back_gets_the_rest_and_misses_nothing(tmp_path: Path) -> None:
    """Cut off after each message in turn, and resumed at the entry that was heard last."""

    async def scene() -> None:
        async with serving(tmp_path) as (world, address):
            for n in range(4):
                await filled(world, f"k{n}")
            await world.client(Scope.ADMIN).call(
                "POST", "/v1/kill", {"scope": "venue:BYBIT", "reason": "a test"}
            )
            whole = await heard_until_alert(world, address, 0)
            assert {m["type"] for m in whole} == {"order", "fill", "position", "alert"}
            for cut in range(1, len(whole)):
                first = whole[:cut]
                rest = await heard_until_alert(world, address, first[-1]["seq"])
                assert united(first, rest) == whole, cut

    asyncio.run(scene())


async def heard_until_alert(world: World, address: str, seq: int) -> list[dict[str, Any]]:
    async with listening_to(world, address, *ALL, from_seq=seq) as listener:
        return await listener.hear_until("alert")


def united(first: list[dict[str, Any]], rest: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """As a client puts them together: messages of the entry that it stopped at come again."""
    return [m for m in first if m["seq"] < rest[0]["seq"]] + rest


def test_every_entry_that_changes_an_order_is_told(tmp_path: Path) -> None:
    """Against the timelines, which the core writes by itself."""

    async def scene() -> None:
        async with serving(tmp_path) as (world, address):
            await filled(world, "k1")
            client = world.client()
            await client.post(order("k2", price="59000"))
            await client.post({"kind": "cancel", "id": "c2", "order_id": "k2"})
            await client.post(order("k3", qty="9999"))  # refused
            await client.post(order("k4", take_profit={"price": "63000"}, price="60000.5"))
            world.loop.tell("runtime", VenueDown(venue_id=SPOT, why="a test"))
            await until(lambda: world.loop.state.orders != {} and not venue_is_open(world))
            moments = {
                (key, moment[0])
                for key, parent in world.loop.state.parents.items()
                for moment in parent.moments
            }
            async with listening_to(world, address, "orders", "alerts") as listener:
                heard = await listener.hear_until("alert")
            told = {(m["id"], m["seq"]) for m in heard if m["type"] == "order"}
            assert moments <= told
            assert {key for key, _ in told} == {"k1", "k2", "k3", "k4", "k4~tp"}
            assert heard[-1]["topic"] == "venue down"

    asyncio.run(scene())


def venue_is_open(world: World) -> bool:
    return world.loop.state.venues[SPOT].status.name == "OPEN"


def test_a_trade_that_is_taken_back_is_told_again(tmp_path: Path) -> None:
    async def scene() -> None:
        async with serving(tmp_path) as (world, address):
            shown = await filled(world, "k1")
            (fill,) = shown["fills"]
            (child,) = world.loop.state.parents["k1"].children  # type: ignore[index]
            taken_back = ExecutionReport(
                exec_id=ExecID("b1"),
                cl_ord_id=child,
                exec_type=ExecType.TRADE_CANCEL,
                exec_ref_id=ExecID(fill["exec_id"]),
                transact_at=Nanos(10**9),
            )
            world.loop.tell("venue:BINANCE-SPOT", taken_back)
            world.loop.tell("venue:BINANCE-SPOT", taken_back)  # said twice, and news once
            async with listening_to(world, address, "fills", "positions") as listener:
                heard = [await listener.hear() for _ in range(4)]
                await filled(world, "k2")
                heard.append(await listener.hear())
            kinds = [(m["type"], m.get("busted")) for m in heard]
            assert kinds == [
                ("fill", True),  # as it stands now, when its entry is read again
                ("position", None),
                ("fill", True),
                ("position", None),
                ("fill", False),
            ]
            assert heard[3]["side"] == "flat"
            assert heard[4]["order_id"] == "k2"

    asyncio.run(scene())


def test_what_has_left_memory_is_told_from_the_archive(tmp_path: Path) -> None:
    """The entry is read from the journal, the order from what was filed when it left."""

    async def scene() -> None:
        async with serving(tmp_path) as (world, address):
            await filled(world, "k1")
            before = await heard_of(world, address, "k1")
            state = world.loop.state
            (child,) = state.parents["k1"].children  # type: ignore[index]
            filed(world, "k1")
            assert child not in state.orders
            assert await heard_of(world, address, "k1") == before

    asyncio.run(scene())


async def heard_of(world: World, address: str, key: str) -> list[dict[str, Any]]:
    async with listening_to(world, address, "orders", "fills") as listener:
        heard = [await listener.hear() for _ in range(4)]
    assert any(m["type"] == "fill" for m in heard)
    return heard


def filed(world: World, key: str) -> None:
    """Out of State and into the archive, as the core does it when an order has been over for
    long."""
    from omnivenue.engine import apply_command  # noqa: PLC0415
    from omnivenue.journal import files  # noqa: PLC0415
    from omnivenue.message import Evict  # noqa: PLC0415
    from omnivenue.model import OrderID  # noqa: PLC0415

    state, journal = world.loop.state, world.loop._core.journal  # type: ignore[attr-defined]
    evict = Evict(order_ids=(OrderID(key),), instruction_ids=(), taken=1)
    apply_command(state, world.loop.now(), evict)
    journal._shelf.file(files(state))  # type: ignore[attr-defined]
    journal.has_archive = True


@pytest.mark.parametrize("topics", [["market"], ["market", "orders"]])
def test_the_market_comes_at_once_and_then_when_it_is_new(
    tmp_path: Path, topics: list[str]
) -> None:
    async def scene() -> None:
        async with (
            serving(tmp_path) as (world, address),
            listening_to(world, address, *topics, from_seq=None) as listener,
        ):
            heard = [await listener.hear() for _ in range(4)]
            assert len({m["instrument"] for m in heard}) == 4
            one = next(m for m in heard if m["instrument"] == PAIR)
            assert one == await world.client(Scope.READ).get(f"/v1/market/{PAIR}")
            assert one["seq"] is None
            assert len(one["bids"]) <= 10
            moved(world, 500)
            assert (await listener.hear())["bids"] != one["bids"]

    asyncio.run(scene())


def moved(world: World, times: int) -> None:
    """The market of one pair moves, more often than anybody is told."""
    books = world.loop.books
    quote = books.latest(PAIR)  # type: ignore[arg-type]
    assert quote is not None
    for n in range(1, times + 1):
        bids = ((Ticks(quote.bids[0][0] - n), Lots(n)),)
        books.update(msgspec.structs.replace(quote, bids=bids))


def test_the_market_is_told_ten_times_a_second_at_most(tmp_path: Path) -> None:
    async def scene() -> None:
        async with (
            serving(tmp_path) as (world, address),
            listening_to(world, address, "market") as listener,
        ):
            for _ in range(4):
                await listener.hear()
            loop = asyncio.get_running_loop()
            started, heard = loop.time(), 0
            while heard < 5:
                moved(world, 1)
                try:
                    async with asyncio.timeout(0.01):
                        await listener.socket.recv()
                        heard += 1
                except TimeoutError:
                    pass
            assert loop.time() - started >= 0.35

    asyncio.run(scene())


@pytest.mark.holds("T26")
def test_who_does_not_read_is_told_and_dropped_and_loses_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("omnivenue.api.stream.feed.ENTRIES_MAX", 50)

    async def scene() -> None:
        async with serving(tmp_path) as (world, address):
            slow: dict[str, Any] = {"max_queue": 1, "sock": narrow(address)}
            async with listening_to(world, address, *ALL, **slow) as listener:
                await subscribed(world)
                await many(world, 300)
                heard = [await listener.hear()]
                while heard[-1]["type"] != "lagged":
                    heard.append(await listener.hear())
                assert await listener.ended() == 1013
                *before, lagged = heard
            async with listening_to(
                world, address, *ALL, from_seq=lagged["resume_from"]
            ) as listener:
                after = [await listener.hear()]
                while not (after[-1].get("id") == "k299" and after[-1]["status"] == "FILLED"):
                    after.append(await listener.hear())
            told = {(m["id"], m["status"]) for m in before + after if m["type"] == "order"}
            assert {(f"k{n}", "FILLED") for n in range(300)} <= told
            seqs = [m["seq"] for m in [*(m for m in before if m["seq"] < after[0]["seq"]), *after]]
            assert seqs == sorted(seqs)

    asyncio.run(scene())


async def many(world: World, count: int) -> None:
    """Orders that fill, faster than a client that does not read takes their messages. Their names
    are long, so that the socket between is soon full."""
    for n in range(count):
        await world.client().post(order(f"k{n}", price="60000.5", qty="0.01", strategy_id="s" * 64))
    await until(lambda: world.loop.state.parents[f"k{count - 1}"].is_over)  # type: ignore[index]


@pytest.mark.holds("T26")
def test_who_takes_nothing_is_cut_off_and_leaves_nothing_behind(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """However little there is to take, and though it never reads that it was cut off."""
    monkeypatch.setattr("omnivenue.api.stream.session.SEND_SECONDS", 0.05)
    monkeypatch.setattr("omnivenue.app.http_server.LINGER_SECONDS", 0.05)

    async def scene() -> None:
        async with serving(tmp_path) as (world, address):
            narrow_one = narrow(address)
            async with listening_to(world, address, *ALL, sock=narrow_one, max_queue=1) as slow:
                slow.socket.transport.pause_reading()
                await subscribed(world)
                await many(world, 200)
                async with asyncio.timeout(10):
                    while (await world.client(Scope.READ).get("/stats"))["connected_clients"]:
                        await asyncio.sleep(0.01)
                slow.socket.transport.abort()

    asyncio.run(scene())


def test_who_is_far_behind_when_the_journal_fails_is_told_so(tmp_path: Path) -> None:
    """In the middle of reading what is old, and of it nothing more comes."""

    async def scene() -> None:
        async with serving(tmp_path) as (world, address):
            await many(world, 100)
            async with listening_to(world, address, *ALL) as listener:
                await listener.hear()

                def fails(rows: list[Entry]) -> None:
                    raise OSError("the disk is gone")

                world.loop._core.journal._write = fails  # type: ignore[attr-defined]
                reply = await world.client().post(order("last", price="60000.5"))
                assert reply.status == 503
                heard = await listener.hear_until("error")
                assert all(m.get("id") != "last" for m in heard)
                assert await listener.ended() == 1011

    asyncio.run(scene())


def test_other_topics_from_the_same_entry_begin_at_it(tmp_path: Path) -> None:
    async def scene() -> None:
        async with serving(tmp_path) as (world, address):
            await filled(world, "k1")
            async with listening_to(world, address, "fills") as listener:
                seq = (await listener.hear())["seq"]
                for topic in ("positions", "fills", "orders"):
                    await listener.say({"type": "subscribe", "topics": [topic], "from_seq": seq})
                    heard = await listener.hear()
                    assert (heard["seq"], heard["type"]) == (seq, topic[:-1])

    asyncio.run(scene())


def test_a_venue_that_goes_down_is_told_in_pieces(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Of each order that it has, and other turns come between."""
    monkeypatch.setattr("omnivenue.api.stream.feed.MADE_AT_ONCE", 5)

    async def scene() -> None:
        async with serving(tmp_path) as (world, address):
            for n in range(40):
                await world.client().post(order(f"k{n}", qty="0.001"))
            async with listening_to(world, address, "orders", from_seq=None) as listener:
                await subscribed(world)
                down = world.loop.state.seq
                turns: list[int] = []
                made = asyncio.create_task(counted(turns))
                world.loop.tell("runtime", VenueDown(venue_id=SPOT, why="a test"))
                told: set[str] = set()
                while len(told) < 40:
                    heard = await listener.hear()
                    if heard["seq"] == down:
                        told.add(heard["id"])
                made.cancel()
            assert told == {f"k{n}" for n in range(40)}
            assert len(turns) > 8

    asyncio.run(scene())


async def counted(turns: list[int]) -> None:
    while True:
        turns.append(1)
        await asyncio.sleep(0)


@pytest.mark.holds("T26")
@pytest.mark.parametrize("ending", ["abort", "close"])
def test_who_leaves_is_forgotten(tmp_path: Path, ending: str) -> None:
    async def scene() -> None:
        async with serving(tmp_path) as (world, address):
            async with listening_to(world, address, *ALL) as listener:
                await subscribed(world)
                if ending == "abort":
                    listener.socket.transport.abort()
            await filled(world, "k1")
            feed = world.app._streams._feed  # type: ignore[attr-defined]
            async with asyncio.timeout(10):
                while feed._subscribers or world.app._site.audience.streams:  # type: ignore[attr-defined]
                    await asyncio.sleep(0.001)
            assert not feed._slots
            assert feed._ticking is None

    asyncio.run(scene())


def test_an_order_is_taken_while_subscribers_do_not_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nobody waits for them, and they cost a bounded number of entries."""
    monkeypatch.setattr("omnivenue.api.stream.feed.ENTRIES_MAX", 50)

    async def scene() -> None:
        async with serving(tmp_path) as (world, address):
            sockets = [await connect(f"ws://{address}/v1/stream", proxy=None) for _ in range(20)]
            for socket in sockets:
                listener = Listener(socket)
                await listener.say({"type": "auth", "token": world.tokens[Scope.READ]})
                await listener.say({"type": "subscribe", "topics": list(ALL)})
            await many(world, 100)
            stats = (await world.client(Scope.READ).get("/stats"))["connected_clients"]
            assert stats <= 20
            assert len(world.app._streams._feed._slots) <= 50  # type: ignore[attr-defined]
            for socket in sockets:
                socket.transport.abort()

    asyncio.run(scene())


def test_nothing_is_told_that_is_not_durable(tmp_path: Path) -> None:
    """A commit fails in the middle: whoever listens hears that, and nothing of the order."""

    async def scene() -> None:
        async with (
            serving(tmp_path) as (world, address),
            listening_to(world, address, *ALL, from_seq=None) as listener,
        ):
            await subscribed(world)

            def fails(rows: list[Entry]) -> None:
                raise OSError("the disk is gone")

            world.loop._core.journal._write = fails  # type: ignore[attr-defined]
            reply = await world.client().post(order("k1", price="60000.5"))
            assert reply.status == 503
            heard = await listener.hear()
            assert (heard["type"], heard["error"]["code"]) == ("error", "API-046")
            assert await listener.ended() == 1011

    asyncio.run(scene())


def test_an_adjustment_is_an_alert(tmp_path: Path) -> None:

    async def scene() -> None:
        async with serving(tmp_path) as (world, address):
            await filled(world, "k1")
            said = {"venue": "BINANCE-SPOT", "asset": "BTC", "amount": "1", "reason": "found"}
            reply = await world.client(Scope.ADMIN).call(
                "POST", "/v1/adjustments", {**said, "id": "a1"}
            )
            assert reply.status == 202, reply
            async with listening_to(world, address, "alerts") as listener:
                heard = await listener.hear()
            assert (heard["topic"], "BTC" in heard["about"]) == ("adjustment", True)

    asyncio.run(scene())
