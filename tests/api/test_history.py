"""Lists go back to the first order there was: their pages are what the journal tells, folded as if
nothing had ever left State, whatever leaves and comes back while somebody turns them."""

import asyncio
import json
from collections.abc import AsyncGenerator, Iterable
from contextlib import asynccontextmanager
from hashlib import sha256
from pathlib import Path
from random import Random
from typing import Any
from urllib.parse import urlencode

import apsw
import msgspec
import pytest
from msgspec.structs import replace

import scene
from api_scene import BYBIT, SPOT, Client, World, order, running
from loops import Hurried
from omnivenue.api.order_index import place_of
from omnivenue.api.paging import cursor_of
from omnivenue.api.read import SCANNED_MAX
from omnivenue.api.status_words import WORKING
from omnivenue.api.view import fill_rows, order_row
from omnivenue.api.whole import ids, whole
from omnivenue.engine import Archived, State, decode_archived, evict
from omnivenue.journal import (
    Chain,
    Filed,
    Journal,
    MemoryJournal,
    Place,
    Placed,
    SqliteJournal,
    apply_entry,
    files,
    write_snapshot,
)
from omnivenue.journal.archive import places
from omnivenue.journal.journal import Row
from omnivenue.message import Evict, ExecType, OrderRecalled, decode_entry
from omnivenue.model import SECOND, SMART, InstructionID, Lots, Nanos, OrderID, Ticks
from omnivenue.oms import Parent
from sim.loop import CheckedLoop
from sim.retention import AT_ONCE
from sim.test_composites import ask
from sim.world import Day

type Rows = list[dict[str, Any]]

FILTERS = {"venue": "venue", "instrument": "instrument", "strategy": "strategy_id"}


class History:
    """All rows there are, by the places of their orders."""

    def __init__(self, lines: Iterable[bytes]) -> None:
        self.state, self.left, self.came_back = State(), 0, 0
        for line in lines:
            entry = decode_entry(line)
            stay = tuple(each for each in entry.commands if not isinstance(each, Evict))
            self.left += sum(len(e.order_ids) for e in entry.commands if isinstance(e, Evict))
            self.came_back += isinstance(entry.event, OrderRecalled)
            apply_entry(self.state, replace(entry, commands=stay))
        found = sorted((each for _, each in ids(self.state)), key=place_of)
        self._wholes = [whole(self.state, each) for each in found]

    def orders(self, **wanted: str) -> Rows:
        rows = [as_json(order_row(self.state, each, "paper")) for each in self._wholes]
        return [row for row in rows if _is_wanted(row, wanted)]

    def fills(self, **wanted: str) -> Rows:
        """A part's fills are not the whole's a second time."""
        found: Rows = []
        for each in self._wholes:
            row = as_json(order_row(self.state, each, "paper"))
            if isinstance(each.parent, Parent) and _is_wanted(row, wanted):
                found += [as_json(fill) for _, fill in fill_rows(self.state, each)]
        return found


def as_json(row: msgspec.Struct) -> dict[str, Any]:
    return json.loads(msgspec.json.encode(row))


def _is_wanted(row: dict[str, Any], wanted: dict[str, str]) -> bool:
    return all(row[FILTERS.get(name, name)] == value for name, value in wanted.items())


async def pages(client: Client, name: str, limit: int, **filters: str) -> AsyncGenerator[Rows]:
    asked = filters | {"limit": str(limit)}
    while True:
        page = await client.get(f"/v1/{name}?{urlencode(asked)}")
        assert len(page[name]) <= limit
        yield page[name]
        if page["next_cursor"] is None:
            return
        asked["cursor"] = page["next_cursor"]


async def listed(client: Client, name: str, limit: int, **filters: str) -> Rows:
    return [row async for page in pages(client, name, limit, **filters) for row in page]


def check_equal(found: Rows, told: Rows) -> None:
    assert [json.dumps(row) for row in found] == [json.dumps(row) for row in told]


# Days of the simulation, looked at when they are over or before.


class Forgetful(CheckedLoop):
    """What holds on such a day is looked at elsewhere."""

    def on_open(self) -> None:
        super().on_open()
        self.checkers = ()


def day(seed: int) -> list[bytes]:
    """Brackets, stops, orders over venues and over time, late facts, kills. What is over leaves at
    once."""
    found, random = Day(seed, Forgetful), Random(f"whole {seed}")
    found.loop.retention = AT_ONCE
    for n in range(3):
        ask(found, random, n)
    found.run()
    return found.disk


def filed(journal: Journal, lines: list[bytes]) -> Journal:
    """As those who wrote these lines have filed what left."""
    state, rows = State(), list[Row]()
    for line in lines:
        entry = decode_entry(line)
        apply_entry(state, entry)
        journal._to_file += files(state) if state.leaving else ()  # pyright: ignore[reportPrivateUsage]
        rows.append((entry, line, sha256(line).hexdigest()))
    journal._write(rows)  # pyright: ignore[reportPrivateUsage]
    return journal


def on_disk(home: Path, lines: list[bytes], *, is_older: bool) -> Journal:
    """`is_older`: of before there were places, up to somewhere in the middle of what has left."""
    filed(SqliteJournal(home, "paper"), lines).close()
    if is_older:
        db = apsw.Connection(str(home / "paper" / "journal.db"))
        middle = "(SELECT max(id) / 2 FROM archive)"
        db.execute(f"DELETE FROM archive_place WHERE id > {middle}")
        db.execute(f"INSERT INTO archive_place VALUES (-1, '', {middle})")
        db.close()
    return SqliteJournal(home, "paper")


def store(kind: str, home: Path, lines: list[bytes]) -> Journal:
    if kind == "memory":
        again = MemoryJournal("paper", lines)
        again.use(filed(MemoryJournal("paper"), lines)._shelf)  # type: ignore[attr-defined]
        return again
    return on_disk(home, lines, is_older=kind == "older")


@asynccontextmanager
async def looking(folder: Path, journal: Journal) -> AsyncGenerator[World]:
    async with running(folder, is_open=False, journal=journal) as world:
        yield world


@pytest.mark.parametrize(
    ("seed", "kind"), [(n, ("memory", "disk", "older")[n % 3]) for n in range(12)]
)
def test_on_any_day_the_lists_are_all_that_ever_was(
    seed: int, kind: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    lines, random = day(seed), Random(seed)
    until = random.choice((len(lines), random.randrange(len(lines) // 2, len(lines))))
    journal = store(kind, tmp_path, lines[:until])
    monkeypatch.setattr("omnivenue.api.walk.AT_ONCE", random.choice((1, 2, 64)))

    async def scene() -> None:
        async with looking(tmp_path, journal) as world:
            history = History(journal.lines())
            orders = history.orders()
            assert history.left > 5
            assert history.came_back
            client = world.client()
            for limit in (1, random.randrange(2, 20), 1_000):
                check_equal(await listed(client, "orders", limit), orders)
                check_equal(await listed(client, "fills", limit), history.fills())
            for name in (*FILTERS, "account", "status"):
                for value in {row[FILTERS.get(name, name)] for row in orders}:
                    limit, wanted = random.randrange(1, 20), {name: value}
                    found = await listed(client, "orders", limit, **wanted)
                    check_equal(found, history.orders(**wanted))
                    if name != "status":
                        found = await listed(client, "fills", limit, **wanted)
                        check_equal(found, history.fills(**wanted))

    asyncio.run(scene())
    journal.close()


# While somebody turns the pages.


class Desk:
    """A day of chance over the live loop: orders end, leave, and are called back."""

    def __init__(self, world: World, clock: Hurried, seed: int) -> None:
        self.world, self.clock, self.random = world, clock, Random(seed)
        self.client = world.client()
        self.made = 0

    async def act(self) -> None:
        await self.random.choice(
            (self.place, self.place, self.stop, self.let_go, self.call_back, self.fill_late)
        )()

    async def place(self) -> None:
        """Rests, fills at once, also over both venues, or fills at once and has an exit."""
        self.made += 1
        terms: dict[str, Any] = {"strategy_id": f"s{self.random.randrange(3)}", "qty": "0.01"}
        venue = self.random.choice((SPOT, BYBIT))
        match self.random.randrange(4):
            case 1:
                terms["price"] = "60100"
            case 2:
                terms |= {"price": "60100", "take_profit": {"price": "70000"}}
            case 3:
                venue, terms["price"], terms["qty"] = SMART, "60100", "0.6"
            case _:
                pass
        terms["instrument"] = f"{venue}:SPOT_PAIR:BTC-USDT"
        assert (await self.client.post(order(f"k{self.made}", **terms))).status == 202

    async def stop(self) -> None:
        working = await listed(self.client, "orders", 100, status="ACCEPTED")
        if working:
            await self.cancel(self.random.choice(working)["id"])

    async def cancel(self, order_id: str) -> None:
        key = f"c{self.world.loop.state.seq}"
        await self.client.post({"kind": "cancel", "id": key, "order_id": order_id})
        await self.rest()

    async def let_go(self) -> None:
        await self.rest()
        self.clock.ahead += 10 * SECOND
        await self.client.post({"kind": "cancel_all", "id": f"n{self.made}", "strategy_id": "x"})
        await self.client.post(order(f"t{self.world.loop.state.seq}", price="59000"))
        self.clock.ahead += 10 * SECOND
        self.world.loop._ring_out()  # pyright: ignore[reportPrivateUsage]
        await self.rest()

    async def call_back(self) -> None:
        """By a cancel that comes too late."""
        placed = self.world.loop.archive.placed(None, 1_000)
        if placed:
            await self.cancel(self.random.choice(placed).order_id)

    async def fill_late(self) -> None:
        """Of what has left: it fills after all."""
        placed = self.world.loop.archive.placed(None, 1_000)
        found = [self.world.loop.archive.family(each.number) for each in placed]
        new = [order.new for family in found for order in family.orders.values()]
        if new:
            late = self.random.choice(new)
            more: dict[str, Any] = {"last_qty": Lots(1), "last_px": Ticks(late.limit_px)}
            exchange = self.world.exchanges[late.venue_id]
            exchange._report(late.cl_ord_id, ExecType.TRADE, cum_qty=late.qty, **more)  # pyright: ignore[reportPrivateUsage]
            await self.rest()

    async def rest(self) -> None:
        for _ in range(40):
            await asyncio.sleep(0)

    def history(self) -> History:
        return History(self.world.loop._core.journal.lines())  # pyright: ignore[reportPrivateUsage]


def key_of(row: dict[str, Any]) -> tuple[str, str]:
    return row["order_id" if "exec_id" in row else "id"], row.get("exec_id", "")


@pytest.mark.parametrize("seed", range(4))
def test_who_turns_pages_meets_each_once_whatever_leaves_and_comes_back(
    seed: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(evict, "KEEP", Nanos(5 * SECOND))
    monkeypatch.setattr(evict, "EVERY", Nanos(SECOND))
    monkeypatch.setattr("omnivenue.api.walk.AT_ONCE", 1 + seed % 3)
    clock = Hurried()

    async def turned(desk: Desk, name: str) -> None:
        before, limit = desk.history(), desk.random.randrange(2, 6)
        found: Rows = []
        async for page in pages(desk.client, name, limit):
            found += page
            await desk.act()
        seen, after = [key_of(row) for row in found], desk.history()
        told = {"orders": History.orders, "fills": History.fills}[name]
        places = [key_of(row) for row in told(after)]
        assert [key for key in places if key in set(seen)] == seen, "each once, in its place"
        assert {key_of(row) for row in told(before)} <= set(seen), "none is missed"

    async def scene() -> History:
        journal = SqliteJournal(tmp_path, "paper")
        async with running(tmp_path, journal=journal, clock=clock) as world:
            desk = Desk(world, clock, seed)
            for _ in range(20):
                await desk.act()
            for name in ("orders", "fills") * 3:
                await turned(desk, name)
            await desk.rest()
            history = desk.history()
            check_equal(await listed(desk.client, "orders", 7), history.orders())
            check_equal(await listed(desk.client, "fills", 7), history.fills())
            if seed % 2:
                chain = Chain(journal.epoch, world.loop.state.seq, journal.head)
                write_snapshot(tmp_path / "again" / "snapshots", world.loop.state, chain)
        journal.close()
        return history

    async def again() -> None:
        """In the next process, for which what worked is in doubt."""
        journal = SqliteJournal(tmp_path, "paper")
        async with looking(tmp_path / "again", journal) as world:
            history = History(journal.lines())
            check_equal(await listed(world.client(), "orders", 7), history.orders())
            check_equal(await listed(world.client(), "fills", 7), history.fills())
        journal.close()

    history = asyncio.run(scene())
    assert history.left > 10
    assert history.came_back
    asyncio.run(again())


# What a page costs.

MANY = 100_000
AT_ONCE_READ = 64  # more than a page needs


class Counted(SqliteJournal):
    """Counts what is read of its archive."""

    families = places = 0

    def filed(self, number: int) -> Filed:
        self.families += 1
        return super().filed(number)

    def _placed(self, after: Place, most: int) -> list[Placed]:
        found = super()._placed(after, most)
        self.places += len(found)
        return found


def long_life(home: Path, many: int = MANY) -> None:
    """A journal whose archive holds very many orders, all of them like one that has traded."""
    desk = scene.Desk()
    desk.place(scene.buy("ORDER"))
    desk.tell(scene.trade(desk.order("ORDER").new.cl_ord_id, 10))
    desk.later(evict.KEEP // SECOND)
    desk.tell(scene.cancel("n", "nobody"))
    desk.wake(evict.TIMER_ID)
    (one,) = (each for each in desk.journal._shelf.all if each.order_id == "ORDER")  # pyright: ignore[reportPrivateUsage]
    told = b'"told":[%d,' % one.seq
    assert told in one.content

    def like(n: int) -> Filed:
        order_id = OrderID(f"old{n:06}")
        content = one.content.replace(told, b'"told":[%d,' % n).replace(b"ORDER", order_id.encode())
        return Filed(order_id, n, 0, content, (f"o:{order_id}",), ((n, order_id),))

    journal = on_disk(home, list(desk.journal.lines()), is_older=False)
    letting_go = scene.cancel("z", "nobody")
    journal.append(journal.last_at, "test", letting_go, (), (), [like(n) for n in range(many)])
    journal.commit()
    journal.close()


PARTS = 10_000  # the most that an algorithm may have


def long_algorithm(home: Path) -> None:
    """As `long_life`, with one family of very many."""
    long_life(home, 0)
    journal = SqliteJournal(home, "paper")
    (placed,) = journal.placed(None, 2)
    one = decode_archived(journal.filed(placed.number).content)
    parts = dict[OrderID, Parent]()
    for n in range(PARTS + 1):
        order_id, parent = OrderID(f"part{n:06}"), one.parents[placed.order_id]
        told = [placed.seq, *parent.told[1:]]
        own = replace(parent.order, instruction_id=InstructionID(order_id))
        parts[order_id] = replace(parent, told=told, order=own)
    family = Archived(parents=parts, orders=one.orders)
    first = Filed(OrderID("part000000"), placed.seq, 0, family.encoded(), (), places(family))
    journal.append(journal.last_at, "test", scene.cancel("z", "nobody"), (), (), [first])
    journal.commit()
    journal.close()


@pytest.mark.parametrize("name", ["orders", "fills"])
def test_a_page_of_an_algorithms_parts_is_full(name: str, tmp_path: Path) -> None:
    """What they are filed in is read once for it, however many they are."""
    long_algorithm(tmp_path)
    journal = Counted(tmp_path, "paper")

    async def play() -> None:
        async with looking(tmp_path / "api", journal) as world:
            cursor = ""
            for _ in range(2):
                journal.families = 0
                page = await world.client().get(f"/v1/{name}?limit=1000{cursor}")
                assert len(page[name]) == 1_000
                assert journal.families <= 3
                cursor = f"&cursor={page['next_cursor']}"

    asyncio.run(play())
    journal.close()


def test_a_page_reads_what_it_shows_however_long_the_past_is(tmp_path: Path) -> None:
    long_life(tmp_path)
    journal = Counted(tmp_path, "paper")

    async def ask_for(client: Client, path: str) -> tuple[Any, int, int]:
        journal.families = journal.places = 0
        return await client.get(path), journal.families, journal.places

    async def play() -> None:
        async with looking(tmp_path / "api", journal) as world:
            client = world.client()
            for name in ("orders", "fills"):
                for limit in (1, 100, 1_000):
                    amid = cursor_of((MANY // 2, "x", 0, "x")[: 4 if name == "fills" else 2])
                    for query in (f"limit={limit}", f"limit={limit}&cursor={amid}"):
                        page, families, places = await ask_for(client, f"/v1/{name}?{query}")
                        assert len(page[name]) == limit
                        assert families <= limit + AT_ONCE_READ
                        assert places <= 3 * (limit + AT_ONCE_READ)
            page, families, places = await ask_for(client, "/v1/orders?strategy=rare")
            assert (page["orders"], families <= SCANNED_MAX // 2) == ([], True)
            assert page["next_cursor"] is not None, "and the next page goes on from there"
            for status in WORKING:
                page, *read = await ask_for(client, f"/v1/orders?status={status}")
                assert (page["orders"], read) == ([], [0, 0]), "nothing that works has left"

    asyncio.run(play())
    journal.close()
