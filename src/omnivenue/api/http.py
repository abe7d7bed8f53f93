"""The HTTP application: one table of routes, one gate, one way in and one way out.

Plain ASGI: what a framework would add here is start-up time. Whatever a client sends, the answer is
a JSON document; a 500 is our fault and never the request's.
"""

import asyncio
from collections.abc import Awaitable, Callable, Collection, Mapping
from pathlib import Path

from omnivenue import telemetry
from omnivenue.api import (
    arbitrage,
    control,
    execution,
    health,
    instruct,
    journal_view,
    metrics,
    pages,
    pnl_view,
    pricing,
    read,
    risk_view,
)
from omnivenue.api.answer import (
    RETRY,
    Answer,
    encoded,
    no_such_call,
    our_fault,
    refusal,
    send_answer,
    unavailable,
)
from omnivenue.api.asgi import Asgi, Connection, Receive, Send
from omnivenue.api.auth import Gatekeeper
from omnivenue.api.order_index import OrderIndex
from omnivenue.api.pace import CALLS, STOPS, Pace
from omnivenue.api.pools import PoolsProcess
from omnivenue.api.request import (
    CLOSE,
    Call,
    Gone,
    has_body,
    headers_of,
    left_of,
    not_json_content,
    path_of,
    read_body,
)
from omnivenue.api.routes import ROUTES, WITH_BODY, Route, RouteTable
from omnivenue.api.scope import Scope
from omnivenue.api.seats import Full, seat_of
from omnivenue.api.site import Audience, Site, Tally
from omnivenue.api.stream import StreamDoor
from omnivenue.api.tokens import TokenTable
from omnivenue.api.whole import Records
from omnivenue.message import OrderInstructed
from omnivenue.model import OrderID, nearest_hint
from omnivenue.runtime import Door, LiveLoop
from omnivenue.wire import ErrorCode, Listings
from omnivenue.wire.arbitrage import Chains
from omnivenue.wire.fields import cut

type Endpoint = Callable[[Site, Call], Answer | Awaitable[Answer]]

ENDPOINTS: Mapping[str, Endpoint] = {
    "front": pages.front,
    "docs": pages.docs,
    "openapi": pages.openapi,
    "health": health.health,
    "instruct": instruct.instruct,
    "instruct_all": instruct.instruct_all,
    "cancel": instruct.cancel,
    "replace": instruct.replace,
    "instruction": read.instruction,
    "orders": read.orders,
    "order": read.order,
    "fills": read.fills,
    "positions": read.positions,
    "balances": read.balances,
    "instruments": read.instruments,
    "market": read.market,
    "venues": read.venues,
    "adjust": instruct.adjust,
    "pnl": pnl_view.pnl,
    "risk": risk_view.risk,
    "set_limits": risk_view.set_limits,
    "quote": pricing.quote,
    "arb": pricing.arb,
    "kill": control.kill,
    "rearm": control.rearm,
    "reconcile": control.reconcile,
    "journal": journal_view.journal,
    "metrics": metrics.metrics,
    "execute": execution.execute,
    "execute_all": execution.execute_all,
    "execute_arbitrage": arbitrage.execute_arbitrage,
    "simulate": execution.simulate,
    "stats": execution.stats,
    "stream": execution.stream,
}


def create_app(
    *,
    door: Door,
    loop: LiveLoop,
    tokens: TokenTable,
    hosts: Collection[str] = (),
    folder: Path | None = None,
    pools: PoolsProcess | None = None,
    pricing: PoolsProcess | None = None,
) -> Asgi:
    """The application, over a loop that runs or is about to. `hosts` are names beside the
    loopback's under which it may be called; `folder` is the mode's; who
    gives `pools` and `pricing` closes them.
    Raises where a route lacks a scope or an endpoint."""
    orders = OrderIndex(loop.state)
    loop.subscribe(orders.follow)
    state, records = loop.state, Records(loop.state, loop.archive.order)

    def order(order_id: OrderID) -> OrderInstructed | None:
        found = records.order(order_id)
        return None if found is None else found.parent.order

    site = Site(
        door=door,
        loop=loop,
        orders=orders,
        records=records,
        listings=Listings(
            instruments=state.instruments,
            venues=state.venues.keys(),
            accounts=state.accounts.keys(),
            order=order,
        ),
        limits_lock=asyncio.Lock(),
        tally=Tally(),
        audience=Audience(),
        pools=pools or PoolsProcess(Chains()),
        pricing=pricing or PoolsProcess(Chains()),
        started_at=loop.now(),
        folder=folder,
    )
    return App(site, Gatekeeper(tokens, hosts), RouteTable(ROUTES))


class App:
    def __init__(self, site: Site, keeper: Gatekeeper, routes: RouteTable) -> None:
        missing = {route.name for route in ROUTES if route.name} - set(ENDPOINTS)
        if missing:
            raise ValueError(f"nothing answers {', '.join(sorted(missing))}")
        self._site = site
        self._keeper = keeper
        self._routes = routes
        self._streams = StreamDoor(site, keeper)
        self._calls, self._stops = Pace(CALLS), Pace(STOPS)

    async def __call__(self, connection: Connection, receive: Receive, send: Send) -> None:
        match connection["type"]:
            case "http":
                await self._http(connection, receive, send)
            case "websocket":
                await self._streams(connection, receive, send)
            case "lifespan":
                await _lifespan(receive, send)
            case _:
                pass

    async def _http(self, connection: Connection, receive: Receive, send: Send) -> None:
        try:
            answer = await self._answer(connection, receive)
            body = encoded(answer.document)
        except Gone:
            return
        except Exception as error:  # ours: told in the log and answered, never thrown at a client
            telemetry.answer_failed(error)
            answer = our_fault()
            body = encoded(answer.document)
        self._site.loop.meter.answers[answer.status] += 1
        await send_answer(send, answer, body)

    async def _answer(self, connection: Connection, receive: Receive) -> Answer:
        headers = headers_of(connection)
        if foreign := self._keeper.foreign(headers):
            return foreign
        found = self._route(connection["method"], path_of(connection))
        if isinstance(found, Answer):
            return found
        route, param = found
        admitted = self._keeper.admit(route, headers, _peer(connection), self._site.loop.now())
        if isinstance(admitted, Answer):
            return admitted
        if crowded := self._crowded(route, admitted.name, connection):
            return crowded
        body = b""
        if route.method in WITH_BODY or has_body(headers):
            if refused := not_json_content(headers):
                return refused
            arrived = await read_body(receive, route.body_max)
            if isinstance(arrived, Answer):
                return arrived
            body = arrived
        call = Call(
            principal=admitted.name,
            param=param,
            query=connection["query_string"].decode("latin-1"),
            headers=headers,
            body=body,
            left=left_of(connection),
        )
        return await self._endpoint(route, call)

    def _crowded(self, route: Route, name: str, connection: Connection) -> Answer | None:
        """Where a token asks for more than its share. A stop is told all the same: it has a pace
        of its own, and needs no seat."""
        if not name:
            return None
        is_stop = route.name == "kill"
        pace = self._stops if is_stop else self._calls
        if pace.is_too_fast(name, self._site.loop.now()):
            text = f"more than {pace.per_second} calls a second with one token: wait a second"
            return refusal(ErrorCode.TOO_MANY, text, headers=(RETRY,))
        seat = seat_of(connection)
        try:
            if seat is not None:
                seat.take(name)
        except Full as full:
            return (
                None if is_stop else refusal(ErrorCode.TOO_MANY, str(full), headers=(RETRY, *CLOSE))
            )
        return None

    async def _endpoint(self, route: Route, call: Call) -> Answer:
        if not route.name:
            return refusal(ErrorCode.NOT_BUILT, f"{route.method} {route.path} is not built yet")
        if ended := self._ended(route, call):
            return ended
        answer = ENDPOINTS[route.name](self._site, call)
        if isinstance(answer, Answer):
            return answer
        found = await answer
        # Who changes something is told by what it waited for. Who looks was not asked meanwhile.
        return (route.method == "GET" and self._ended(route, call)) or found

    def _ended(self, route: Route, call: Call) -> Answer | None:
        """What State knows once the loop has ended may not be durable, and so is no answer."""
        if not self._site.loop.has_ended or route.scope is Scope.PUBLIC:
            return None
        text = "the journal failed, and the server is ending: start it again, and repeat"
        return unavailable(text, call.key or "", is_unknown=route.method != "GET")

    def _route(self, method: str, path: str) -> tuple[Route, str] | Answer:
        found = self._routes.find(method, path)
        if found is not None:
            return found
        methods = self._routes.methods(path)
        if methods:
            allowed = ", ".join(methods)
            text = f"{cut(path)} has no {cut(method)}, but {allowed}"
            return no_such_call(text, 405, ((b"allow", allowed.encode()),))
        hint = nearest_hint(path, (route.path for route in ROUTES))
        return no_such_call(f"there is no path {cut(path)}{hint}", 404)


async def _lifespan(receive: Receive, send: Send) -> None:
    """The composition root opens and closes everything; the server only wants to hear so."""
    while True:
        message = await receive()
        await send({"type": f"{message['type']}.complete"})
        if message["type"] == "lifespan.shutdown":
            return


def _peer(connection: Connection) -> str:
    client = connection.get("client")
    return str(client[0]) if client else "unknown"
