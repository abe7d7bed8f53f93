"""The same calls for programs that await them. Each is one line here and there: what it sends, and
what it makes of the answer, is written once, in `calls`."""

import asyncio
import time
from collections.abc import AsyncGenerator, Mapping, Sequence
from contextlib import aclosing
from types import TracebackType
from typing import Any, Self

from omnivenue.client import calls
from omnivenue.client.async_connection import AsyncConnection
from omnivenue.client.async_stream import stream
from omnivenue.client.calls import Pause, Request, Steps
from omnivenue.client.connection import Lost, NeverLeft
from omnivenue.client.errors import Document
from omnivenue.client.place import place


class AsyncClient:
    """For one event loop, and for as many calls at once as there are connections."""

    def __init__(
        self, url: str | None = None, token: str | None = None, *, timeout: float = 30.0
    ) -> None:
        """`url`: else OMNIVENUE_URL, else the running server's, else port 8001 here. `token`: else
        OMNIVENUE_TOKEN, else the token file of the mode. `timeout`: seconds for each step of a
        call. Raises Invalid for a URL that is none."""
        self._url, self._token, self._timeout = url, token, timeout
        self._connection: AsyncConnection | None = None
        self._old: list[AsyncConnection] = []  # of calls that were under way when the server moved
        self._is_lost = False
        self._place = place(url, token)
        self.resent = 0  # calls that were sent again, each with what it had

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        await self.close()

    async def close(self) -> None:
        old, self._old, self._connection = [*self._old, self._connection], [], None
        for connection in old:
            if connection is not None:
                await connection.close()

    # What changes something.

    async def submit(self, instruction: Mapping[str, Any]) -> Document:
        """Any instruction. Its answer, once it is durable; `id` is its key. Raises Refused,
        Invalid, Unauthorized, Unknown, Unreachable."""
        return await self._walk(calls.submit(instruction))

    async def submit_many(self, instructions: Sequence[Mapping[str, Any]]) -> list[Document]:
        """In order; of each `{"status", "body"}` as if it had been sent by itself. Raises only
        where nothing was sent at all; later failures stand in the results."""
        return await self._walk(calls.submit_many(instructions))

    async def order(self, **fields: Any) -> Document:
        """The order instruction by keyword: `order(instrument=…, side="buy", qty="0.5")`."""
        return await self.submit({"kind": "order", **fields})

    async def cancel(self, order_id: str, *, key: str | None = None) -> Document:
        return await self.submit({"kind": "cancel", "id": key, "order_id": order_id})

    async def cancel_all(self, *, key: str | None = None, **scope: str | None) -> Document:
        """`scope`: venue, instrument, strategy_id, account; what is not given is every one."""
        return await self.submit({"kind": "cancel_all", "id": key, **scope})

    async def replace(
        self,
        order_id: str,
        qty: str | None = None,
        price: str | None = None,
        *,
        key: str | None = None,
    ) -> Document:
        """What is not given stays as it is; `qty` is all of it, what has filled included."""
        terms = {"qty": qty, "price": price}
        return await self.submit({"kind": "replace", "id": key, "order_id": order_id, **terms})

    async def adjust(
        self,
        venue: str,
        asset: str,
        amount: str,
        reason: str,
        *,
        account: str | None = None,
        key: str | None = None,
    ) -> Document:
        """Explains a difference between us and a venue: so much more (or, with a minus, less) of an
        asset, or of an instrument's position. Scope admin."""
        said = {"venue": venue, "asset": asset, "amount": amount, "reason": reason}
        return await self._walk(calls.adjust({**said, "account": account, "id": key}))

    # What carries no key, because it may be said twice.

    async def kill(self, scope: str, reason: str, state: str | None = None) -> Document:
        """Stops trading in `scope` (global, venue:V, account:A, strategy:S) and cancels all of it;
        `state` HALTED or REDUCE_ONLY: less than that. The row that now holds."""
        return await self.call(
            "POST", "/v1/kill", {"scope": scope, "state": state, "reason": reason}
        )

    async def rearm(self, scope: str, reason: str) -> Document:
        """The row that now holds: ACTIVE, unless a venue is away that must be reconciled first."""
        return await self.call("POST", "/v1/rearm", {"scope": scope, "reason": reason})

    async def set_limits(self, limits: Sequence[Mapping[str, Any]], reason: str) -> Document:
        """Of each `scope`, `name` and `limit` (None: waived). All that hold then, as `risk`."""
        rows = [dict(limit) for limit in limits]
        said = {"limits": rows, "reason": reason}
        return await self._walk(calls.part("risk", "PATCH", "/v1/risk", said))

    async def reconcile(self, venue: str | None = None) -> list[Document]:
        """Asks the venue, or all, what has happened there; their rows when they have answered."""
        return await self._walk(calls.part("venues", "POST", "/v1/reconcile", {"venue": venue}))

    async def call(self, method: str, path: str, document: Document | None = None) -> Document:
        """Any call of the interface that carries no key; its whole body."""
        return await self._walk(calls.call(method, path, document))

    # What only looks.

    async def pnl(self, account: str | None = None) -> Document:
        return await self._walk(calls.pnl(account))

    async def risk(self) -> Document:
        return await self._walk(calls.part("risk", "GET", "/v1/risk"))

    async def instruction(self, id: str) -> Document:
        return await self._walk(calls.one("/v1/instructions", id))

    async def find_order(self, order_id: str) -> Document:
        return await self._walk(calls.one("/v1/orders", order_id))

    async def orders(self, **filters: str | None) -> list[Document]:
        return await self._walk(calls.rows("orders", filters))

    async def fills(self, **filters: str | None) -> list[Document]:
        return await self._walk(calls.rows("fills", filters))

    async def positions(self, **filters: str | None) -> list[Document]:
        return await self._walk(calls.rows("positions", filters))

    async def balances(self, **filters: str | None) -> list[Document]:
        return await self._walk(calls.rows("balances", filters))

    async def instruments(self, **filters: str | None) -> list[Document]:
        return await self._walk(calls.rows("instruments", filters))

    async def venues(self) -> list[Document]:
        return await self._walk(calls.rows("venues", {}))

    async def market(self, instrument: str) -> Document:
        return await self._walk(calls.one("/v1/market", instrument))

    async def health(self) -> Document:
        """Also while the server starts, when its status is 503."""
        return await self._walk(calls.health())

    async def listing(self, name: str, **filters: str | None) -> Document:
        """All pages of a list as one: the body of the call, without a next page."""
        return await self._walk(calls.listing(name, filters))

    async def wait(self, id: str, timeout: float = 30) -> Document:
        """The instruction, when it is done or the time (in seconds) is up: look at its `status`. A
        server that is away meanwhile is waited for as well."""
        return await self._walk(calls.wait(id, timeout))

    async def stream(
        self, topics: Sequence[str], from_seq: int | None = None
    ) -> AsyncGenerator[Document]:
        """Messages as they happen, from an entry on or from now; for ever. Connects again and goes
        on where it was, so none is missed, and those of one entry may come twice. Raises
        Unauthorized, Invalid, and Unreachable where nobody answers for a minute."""
        first = await self._walk(calls.next_seq()) if from_seq is None else from_seq
        async with aclosing(stream(lambda: place(self._url, self._token), topics, first)) as heard:
            async for message in heard:
                yield message

    # How it is done.

    async def _walk[T](self, steps: Steps[T]) -> T:
        """One step after another, until they return."""
        said: Any = None
        failure: Exception | None = None
        while True:
            try:
                step = steps.send(said) if failure is None else steps.throw(failure)
            except StopIteration as done:
                return done.value
            said = failure = None
            match step:
                case Request():
                    try:
                        said = await (await self._open()).call(*step)
                    except (NeverLeft, Lost) as error:
                        failure = error
                        self._is_lost = True  # so that the next try looks where the server is now
                case Pause(seconds=seconds, is_retry=is_retry):
                    self.resent += is_retry
                    await asyncio.sleep(seconds)
                case _:
                    said = time.monotonic()

    async def _open(self) -> AsyncConnection:
        """One that others are using is only replaced where the server is somewhere else now."""
        if self._is_lost:
            self._is_lost = False
            where = place(self._url, self._token)
            if where != self._place and self._connection is not None:
                self._old.append(self._connection)
                self._connection = None
            self._place = where
        for idle in [each for each in self._old if not each.calls]:
            self._old.remove(idle)
            await idle.close()
        if self._connection is None:
            self._connection = AsyncConnection(self._place, self._timeout)
        return self._connection
