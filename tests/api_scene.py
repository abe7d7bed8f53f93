"""The API as clients meet it: the real application over a real loop, in one process and without a
socket, with exchanges that take orders, fill what crosses and answer questions."""

import asyncio
from collections.abc import AsyncGenerator, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import unquote

import msgspec

from omnivenue.api import Asgi, PoolsProcess, Scope, TokenFile, TokenTable, create_app
from omnivenue.engine import VenueStatus
from omnivenue.journal import Journal, MemoryJournal
from omnivenue.journal import recover as read_back
from omnivenue.market import Quote
from omnivenue.message import (
    AccountOpened,
    CancelOrder,
    Deposited,
    Event,
    ExecType,
    ExecutionReport,
    InstrumentsListed,
    LimitsSet,
    NewOrder,
    OrderState,
    QueryOrders,
    StatusReport,
    VenueCommand,
    VenueEvent,
    VenueUp,
)
from omnivenue.model import (
    SECOND,
    AccountID,
    AssetID,
    Atoms,
    Capabilities,
    ClOrdID,
    ExecID,
    Lots,
    Nanos,
    TimeInForce,
    VenueID,
    VenueOrderID,
    unit,
)
from omnivenue.runtime import Books, Clock, Core, Door, LiveLoop, recover, turn
from omnivenue.venue import Deliver
from omnivenue.wire.arbitrage import Chains
from scene import ACCOUNTS, BTC, ETH, LIMITS, MID, listed, quote

SPOT, BYBIT = VenueID("BINANCE-SPOT"), VenueID("BYBIT")
VENUE_IDS = (SPOT, BYBIT)
LISTED = tuple(
    listed(venue_id, base, lot=Atoms(lot))
    for venue_id in VENUE_IDS
    for base, lot in ((BTC, 10**3), (ETH, 10**14))
)
PAIR = "BINANCE-SPOT:SPOT_PAIR:BTC-USDT"
PX = dict(zip((BTC, ETH), MID.values(), strict=False))
CAPABILITIES = Capabilities(
    has_cancel=True,
    is_idempotent_by_cl_ord_id=True,
    finds_closed_orders=True,
    honours_expiry=True,
    tifs=(TimeInForce.GTC, TimeInForce.IOC, TimeInForce.FOK),
    confirms_by="ack",
)


class Exchange:
    """Fills at once and in full what crosses the mid, and lets the rest lie. `is_silent`: takes
    orders, and says nothing."""

    def __init__(self, venue_id: VenueID) -> None:
        self.venue_id = venue_id
        self.capabilities = CAPABILITIES
        self.is_silent = False
        self.news: list[NewOrder] = []
        self._said: asyncio.Queue[VenueEvent | VenueUp] = asyncio.Queue()
        self._states: dict[ClOrdID, OrderState] = {}
        self._reports = 0

    def send(self, command: VenueCommand) -> None:
        match command:
            case NewOrder():
                self.news.append(command)
                if not self.is_silent:
                    self._take(command)
            case CancelOrder(orig_cl_ord_id=cl_ord_id):
                self._end(cl_ord_id)
            case QueryOrders(query=query, cl_ord_ids=wanted):
                known = [self._states[i] for i in wanted if i in self._states]
                said = StatusReport(
                    venue_id=self.venue_id,
                    query=query,
                    as_of=Nanos(1),
                    reports=(),
                    orders=tuple(known),
                    not_found=tuple(i for i in wanted if i not in self._states),
                )
                self._said.put_nowait(said)
            case _:
                raise NotImplementedError(command)

    def tell(self, said: VenueEvent) -> None:
        """What nobody asked it for."""
        self._said.put_nowait(said)

    async def run(self, deliver: Deliver) -> None:
        deliver(VenueUp(venue_id=self.venue_id))
        while True:
            deliver(await self._said.get())

    def _take(self, new: NewOrder) -> None:
        self._report(new.cl_ord_id, ExecType.NEW)
        base = AssetID(new.instrument_id.rpartition(":")[2].partition("-")[0])
        mid = PX[base] * 100  # in ticks of a cent
        if new.side.sign * (new.limit_px - mid) > 0:
            fill: dict[str, Any] = {"last_qty": new.qty, "last_px": new.limit_px, "fee": Atoms(7)}
            self._report(new.cl_ord_id, ExecType.TRADE, cum_qty=new.qty, **fill)

    def _end(self, cl_ord_id: ClOrdID) -> None:
        state = self._states.get(cl_ord_id)
        if state is not None and state.ended is None:
            self._report(cl_ord_id, ExecType.CANCELED)

    def _report(self, cl_ord_id: ClOrdID, kind: ExecType, **more: Any) -> None:
        ended = None if kind is ExecType.NEW else kind
        cum_qty = more.get("cum_qty", Lots(0))
        self._states[cl_ord_id] = OrderState(cl_ord_id=cl_ord_id, cum_qty=cum_qty, ended=ended)
        self._reports += 1
        said = ExecutionReport(
            exec_id=ExecID(f"{self.venue_id}-{self._reports}"),
            cl_ord_id=cl_ord_id,
            exec_type=kind,
            venue_order_id=VenueOrderID(f"v-{cl_ord_id}"),
            fee_asset=AssetID("USDT"),
            transact_at=Nanos(self._reports),
            **more,
        )
        self._said.put_nowait(said)


def configuration() -> list[Event]:
    deposits = [
        Deposited(
            deposit_id=f"{venue_id}/{asset}",
            account=AccountID("main"),
            venue_id=venue_id,
            asset=AssetID(asset),
            amount=Atoms(amount * unit(AssetID(asset))),
        )
        for venue_id in VENUE_IDS
        for asset, amount in (("USDT", 1_000_000), ("BTC", 20), ("ETH", 200))
    ]
    account = AccountOpened(account=ACCOUNTS[0].account, venue_ids=VENUE_IDS)
    limits = LimitsSet(limits=LIMITS, from_file=True)
    return [InstrumentsListed(instruments=LISTED), limits, account, *deposits]


@dataclass
class Reply:
    status: int
    headers: dict[str, str]
    document: Any

    @property
    def code(self) -> str:
        return self.document["error"]["code"]


@dataclass
class Client:
    """Speaks ASGI to an application. A body that is no bytes is sent as JSON."""

    app: Asgi
    token: str | None = None
    peer: str = "127.0.0.1"

    async def call(
        self,
        method: str,
        path: str,
        body: object = None,
        headers: Mapping[str, str] | None = None,
        token: str | None = None,
    ) -> Reply:
        raw = body if isinstance(body, bytes) else b"" if body is None else _json(body)
        sent = {"host": "127.0.0.1:8001", "content-length": str(len(raw))}
        if method in {"POST", "PATCH"} or raw:
            sent["content-type"] = "application/json"
        if secret := token if token is not None else self.token:
            sent["authorization"] = f"Bearer {secret}"
        sent |= headers or {}
        path, _, query = path.partition("?")
        connection: dict[str, Any] = {
            "type": "http",
            "method": method,
            "path": unquote(path),
            "query_string": query.encode(),
            "headers": [(k.encode(), v.encode("latin-1")) for k, v in sent.items() if v],
            "client": (self.peer, 50_000),
        }
        if path.isascii():  # as a server gives it, which reads nothing else
            connection["raw_path"] = path.encode()
        return await self.exchange(connection, [raw[i : i + 65_536] for i in _starts(raw)])

    async def exchange(self, connection: dict[str, Any], chunks: list[bytes]) -> Reply:
        waiting = [
            {"type": "http.request", "body": chunk, "more_body": n < len(chunks) - 1}
            for n, chunk in enumerate(chunks)
        ]
        told: list[Any] = []

        async def receive() -> dict[str, Any]:
            return waiting.pop(0) if waiting else {"type": "http.disconnect"}

        async def send(message: Any) -> None:
            told.append(message)

        await self.app(connection, receive, send)
        start, *parts = told
        body = b"".join(part["body"] for part in parts)
        got = {k.decode(): v.decode() for k, v in start["headers"]}
        assert got["content-length"] == str(len(body))
        is_json = got["content-type"] == "application/json"
        return Reply(start["status"], got, msgspec.json.decode(body) if is_json else body.decode())

    async def get(self, path: str, **more: Any) -> Any:
        """The document of a GET that goes well."""
        reply = await self.call("GET", path, **more)
        assert reply.status == 200, reply
        return reply.document

    async def post(self, body: object, **more: Any) -> Reply:
        return await self.call("POST", "/v1/instructions", body, **more)


@dataclass
class World:
    """A running system, its exchanges, its journal, and a client with each scope."""

    app: Asgi
    loop: LiveLoop
    door: Door
    lines: list[bytes]
    exchanges: Mapping[VenueID, Exchange]
    pools: PoolsProcess
    pricing: PoolsProcess
    tokens: dict[Scope, str] = field(default_factory=dict[Scope, str])

    def client(self, scope: Scope | None = Scope.TRADE) -> Client:
        return Client(self.app, self.tokens[scope] if scope else None)

    @property
    def news(self) -> list[NewOrder]:
        """Every order that any exchange was ever sent."""
        return [new for exchange in self.exchanges.values() for new in exchange.news]


@asynccontextmanager
async def running(
    folder: Path,
    *,
    is_open: bool = True,
    journal: Journal | None = None,
    clock: Clock | None = None,
    chains: Chains | None = None,
) -> AsyncGenerator[World]:
    """`journal`: what another process has written, or in place of one in memory. `chains`: with
    pools."""
    file = TokenFile(folder, "paper")
    scopes = (Scope.READ, Scope.TRADE, Scope.TRANSFER, Scope.ADMIN)
    tokens = {scope: file.create(scope.value, scope, Nanos(0)) for scope in scopes}
    lines: list[bytes] = []
    journal, clock = journal or MemoryJournal("paper", lines), clock or Clock(Nanos(0))
    core = recover(read_back(journal, folder / "snapshots"), journal, Books(), Nanos(0), "")
    for event in () if core.state.venues else configuration():
        turn(core, clock.now(), "configuration", event)
    core.journal.commit()
    _quote_all(core, clock.now())
    exchanges = {venue_id: Exchange(venue_id) for venue_id in VENUE_IDS}
    loop = LiveLoop(core, clock, list(exchanges.values()))
    door = Door(loop)
    reckoned = chains or Chains()
    pools, pricing = PoolsProcess(reckoned), PoolsProcess(reckoned)
    table = TokenTable(file)
    app = create_app(door=door, loop=loop, tokens=table, pools=pools, pricing=pricing)
    world = World(app, loop, door, lines, exchanges, pools, pricing, tokens)
    if not is_open:
        yield world
        pools.close()
        pricing.close()
        return
    task = asyncio.create_task(loop.run())
    try:
        venues = loop.state.venues
        await until(lambda: all(v.status is VenueStatus.OPEN for v in venues.values()))
        yield world
    finally:
        pools.close()
        pricing.close()
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


async def until(holds: Callable[[], bool], turns: int = 10_000) -> None:
    """Bounded by turns of the event loop, not by the wall's clock."""
    for _ in range(turns):
        if holds():
            return
        await asyncio.sleep(0)
    raise AssertionError("it never came true")


def order(key: str | None, **more: Any) -> dict[str, Any]:
    """A buy that rests below the market."""
    given = {"kind": "order", "id": key, "instrument": PAIR, "side": "buy", "qty": "0.5"}
    return given | {"price": "59000"} | more


def _quote_all(core: Core, now: Nanos) -> None:
    """An hour ahead, so that no test depends on how fast it runs."""
    for each in LISTED:
        found: Quote = quote(now + 3_600 * SECOND, PX[each.base], each)
        core.books.update(found)


def _json(body: object) -> bytes:
    return msgspec.json.encode(body)


def _starts(raw: bytes) -> range:
    return range(0, max(1, len(raw)), 65_536)
