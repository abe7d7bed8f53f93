"""The floor under an order over HTTP does what an order does: it writes the same entries, asks the
exchange the same, and gives the same answer. So what it leaves out is what it says that it does."""

import asyncio

import aiohttp
from msgspec.structs import asdict

from omnivenue.api import Asgi
from omnivenue.cli.bench.http_floor import FLOOR, Floor
from omnivenue.cli.bench.served import Served, serving
from omnivenue.journal import Journal
from omnivenue.message import (
    Accept,
    Entry,
    ExecType,
    ExecutionReport,
    NewOrder,
    OrderInstructed,
    decode_entry,
)

BODY = {
    "kind": "order",
    "instrument": "BINANCE-SPOT:SPOT_PAIR:BTC-USDT",
    "side": "buy",
    "qty": "0.0002",
    "price": "59000",
}
KEYS = ("a", "b", "c")
OWN = frozenset({"instruction_id", "body_hash", "cl_ord_id", "parent_id", "order_id"})
"""What tells one order from another."""

LEFT_OUT = frozenset({"expires_at", "transact_at", "exec_id", "venue_order_id", "value_px"})
"""Times, what the exchange counts, and what is valued for a limit that the floor only compares."""


async def both() -> tuple[list[Entry], list[Entry], list[dict[str, object]]]:
    """Entries of real orders, those of the floor, and the answers of both."""
    floors: list[Floor] = []

    def around(app: Asgi) -> Asgi:
        floors.append(Floor(app))
        return floors[0]

    async with serving(around) as served, floors[0].opened(served.desk):
        real = await ask(served, "/v1/instructions", "real")
        straight = await ask(served, FLOOR, "floor")
        await ask(served, FLOOR, "last")  # what was acknowledged shares its commit
        await asyncio.sleep(0)
        ours = entries(served.desk.core.journal)
        return ours, entries(floors[0].journal), [*real, *straight]


async def ask(served: Served, path: str, prefix: str) -> list[dict[str, object]]:
    headers = {"Authorization": f"Bearer {served.token}"}
    async with aiohttp.ClientSession(served.url, headers=headers) as session:

        async def one(key: str) -> dict[str, object]:
            async with session.post(path, json=BODY | {"id": f"{prefix}-{key}"}) as answer:
                assert answer.status == 202
                return await answer.json()

        return await asyncio.gather(*map(one, KEYS))


def entries(journal: Journal) -> list[Entry]:
    return [decode_entry(line) for line in journal.lines()]


def of_orders(found: list[Entry], prefix: str) -> list[dict[str, object]]:
    """Events and commands of the orders whose keys begin so, without what is each one's own."""
    told: list[dict[str, object]] = []
    names: set[str] = set()
    for entry in found:
        event = entry.event
        if isinstance(event, OrderInstructed) and event.instruction_id.startswith(prefix):
            told.append(shown(event))
            for command in entry.commands:
                if isinstance(command, Accept | NewOrder):
                    told.append(shown(command))
                if isinstance(command, NewOrder):
                    names.add(command.cl_ord_id)
        elif isinstance(event, ExecutionReport) and event.cl_ord_id in names:
            assert event.exec_type is ExecType.NEW
            told.append(shown(event))
    return told


def shown(message: OrderInstructed | Accept | NewOrder | ExecutionReport) -> dict[str, object]:
    return {name: value for name, value in asdict(message).items() if name not in OWN | LEFT_OUT}


def test_the_floor_writes_what_an_order_writes():
    ours, straight, answers = asyncio.run(both())
    real = of_orders(ours, "real")
    assert len(real) == 4 * len(KEYS)
    assert by_kind(of_orders(straight, "floor")) == by_kind(real)
    assert {tuple(sorted(answer)) for answer in answers} == {
        ("id", "mode", "order_id", "seq", "status")
    }
    assert {(answer["status"], answer["mode"]) for answer in answers} == {("SUBMITTED", "bench")}
    seqs = {entry.seq for entry in straight if isinstance(entry.event, OrderInstructed)}
    assert {answer["seq"] for answer in answers[len(KEYS) :]} < seqs


def by_kind(told: list[dict[str, object]]) -> list[str]:
    """In which order the orders came is nobody's affair."""
    return sorted(map(str, told))
