"""What an order over HTTP cannot cost less than, in this interpreter, on this disk.

The same request is read, the same facts are compared, the same two entries are written, the same
exchange is asked and the same answer is given, in one straight line: no token or host is looked at,
no wrong body is explained, and no state is kept, so nothing could be cancelled, filled or repeated.
What lies between this and the real order is what all of that costs.
"""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from hashlib import sha256

import msgspec

from omnivenue.api import Asgi
from omnivenue.api.asgi import Connection, Receive, Send
from omnivenue.cli.bench.disk import scratch
from omnivenue.cli.bench.floor import passes
from omnivenue.cli.bench.paper import Desk, exchange
from omnivenue.cli.bench.scene import MAIN, SPOT, VENUE
from omnivenue.journal import SqliteJournal
from omnivenue.market import Quote
from omnivenue.message import (
    Accept,
    Entry,
    NewOrder,
    OrderInstructed,
    TimerFired,
    VenueEvent,
    VenueUp,
)
from omnivenue.model import (
    SECOND,
    Atoms,
    ClOrdID,
    InstructionID,
    Lots,
    Nanos,
    OrderID,
    OrdType,
    Side,
    StrategyID,
    Ticks,
    TimeInForce,
    unit,
)
from omnivenue.runtime import Clock
from omnivenue.wire import AcceptedRow

FLOOR = "/floor"
PRINCIPAL, STRATEGY = "token:bench", StrategyID("default")

type Waiting = tuple[OrderInstructed, asyncio.Future[int]]


class Body(msgspec.Struct):
    kind: str
    instrument: str
    side: str
    qty: str
    price: str
    id: str


_READ = msgspec.json.Decoder(Body).decode
_WRITE = msgspec.json.Encoder().encode


class Floor:
    """The route that does no more than it must, before the application and in no table of it."""

    def __init__(self, app: Asgi) -> None:
        self._app = app
        self._waiting: list[Waiting] = []
        self._acknowledged: list[VenueEvent] = []
        self.answered = 0

    @asynccontextmanager
    async def opened(self, desk: Desk) -> AsyncGenerator[None]:
        """Facts are looked up in what `desk` has traded; journal and exchange are its own."""
        await desk.order(0)
        desk.loop.tell("bench", TimerFired(timer_id="mark"))  # as each second: so equity is known
        while MAIN not in desk.loop.state.worths:
            await asyncio.sleep(0.001)
        self._desk, self._loop = desk, asyncio.get_running_loop()
        with scratch() as folder:
            self.journal = SqliteJournal(folder, "bench")
            self._wire = exchange(Clock(Nanos(0)))
            listening = asyncio.create_task(self._wire.listen(self._hear))
            await asyncio.sleep(0)
            try:
                yield
            finally:
                listening.cancel()
                await asyncio.gather(listening, return_exceptions=True)
                self.journal.close()

    def _hear(self, said: VenueEvent | VenueUp | Quote) -> None:
        if not isinstance(said, VenueUp | Quote):
            self._acknowledged.append(said)

    async def __call__(self, connection: Connection, receive: Receive, send: Send) -> None:
        if connection.get("path") != FLOOR:
            await self._app(connection, receive, send)
            return
        raw = (await receive())["body"]
        order, decided = _order(raw, _READ(raw)), self._loop.create_future()
        self._waiting.append((order, decided))
        if len(self._waiting) == 1:
            self._loop.call_soon(self._loop.call_soon, self._turn)  # as the loop does
        row = AcceptedRow(
            id=order.instruction_id,
            order_id=OrderID(order.instruction_id),
            seq=await decided,
            status="SUBMITTED",
            mode="bench",
        )
        body = _WRITE(row)
        length = (b"content-length", str(len(body)).encode())
        headers = [(b"content-type", b"application/json"), length]
        await send({"type": "http.response.start", "status": 202, "headers": headers})
        await send({"type": "http.response.body", "body": body})
        self.answered += 1

    def _turn(self) -> None:
        journal, desk = self.journal, self._desk
        at = Nanos(max(desk.loop.now(), journal.last_at))
        for event in self._acknowledged:
            journal.append(at, f"venue:{VENUE}", event, (), ())
        self._acknowledged.clear()
        waiting, self._waiting = self._waiting, []
        entries: list[Entry] = []
        for order, _ in waiting:
            assert passes(desk.loop.state, desk.core.books, at, order, SPOT)
            entries.append(journal.append(at, PRINCIPAL, order, (), _decided(order, at)))
        for durable in journal.commit():
            if isinstance(durable.command, NewOrder):
                self._wire.send(durable.command)
        for entry, (_, decided) in zip(entries, waiting, strict=True):
            decided.set_result(entry.seq)


def _order(raw: bytes, body: Body) -> OrderInstructed:
    return OrderInstructed(
        instruction_id=InstructionID(body.id),
        body_hash=sha256(raw).hexdigest(),
        account=MAIN,
        strategy_id=STRATEGY,
        instrument_id=SPOT.instrument_id,
        side=Side.BUY,
        qty=Atoms(round(float(body.qty) * unit(SPOT.base))),
        ord_type=OrdType.LIMIT,
        limit_px=Atoms(round(float(body.price) * unit(SPOT.quote))),
        tif=TimeInForce.GTC,
    )


def _decided(order: OrderInstructed, at: Nanos) -> tuple[Accept, NewOrder]:
    order_id, px = OrderID(order.instruction_id), order.limit_px or 0
    new = NewOrder(
        cl_ord_id=ClOrdID(order.instruction_id),
        parent_id=order_id,
        account=order.account,
        venue_id=VENUE,
        instrument_id=order.instrument_id,
        instrument_version=SPOT.version,
        side=order.side,
        qty=Lots(order.qty // SPOT.lot),
        limit_px=Ticks(px // SPOT.tick),
        tif=order.tif,
        expires_at=Nanos(at + 5 * SECOND),
        strategy_id=order.strategy_id,
    )
    return Accept(order_id=order_id, limit_px=px, hold_px=px), new
