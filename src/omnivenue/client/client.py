"""The server's calls as methods. Rows are dicts in the shapes of the API."""

import time
from collections.abc import Iterator, Mapping, Sequence
from types import TracebackType
from typing import Any, Self

from omnivenue.client import calls
from omnivenue.client.calls import Pause, Request, Steps
from omnivenue.client.connection import Connection, Lost, NeverLeft
from omnivenue.client.errors import Document
from omnivenue.client.place import place
from omnivenue.client.stream import stream


class Client:
    """Not for several threads at once: each takes its own."""

    def __init__(
        self, url: str | None = None, token: str | None = None, *, timeout: float = 30.0
    ) -> None:
        """`url`: else OMNIVENUE_URL, else the running server's, else port 8001 here. `token`: else
        OMNIVENUE_TOKEN, else the token file of the mode. `timeout`: seconds for each step of a
        call. Raises Invalid for a URL that is none."""
        self._url, self._token, self._timeout = url, token, timeout
        self._connection: Connection | None = None
        self.resent = 0  # calls that were sent again, each with what it had
        self._open()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def close(self) -> None:
        if self._connection is not None:
            self._connection.close()
            self._connection = None

    # What changes something.

    def submit(self, instruction: Mapping[str, Any]) -> Document:
        """Any instruction. Its answer, once it is durable; `id` is its key. Raises Refused,
        Invalid, Unauthorized, Unknown, Unreachable."""
        return self._walk(calls.submit(instruction))

    def submit_many(self, instructions: Sequence[Mapping[str, Any]]) -> list[Document]:
        """In order; of each `{"status", "body"}` as if it had been sent by itself. Raises only
        where nothing was sent at all; later failures stand in the results."""
        return self._walk(calls.submit_many(instructions))

    def order(self, **fields: Any) -> Document:
        """The order instruction by keyword: `order(instrument=…, side="buy", qty="0.5")`."""
        return self.submit({"kind": "order", **fields})

    def cancel(self, order_id: str, *, key: str | None = None) -> Document:
        return self.submit({"kind": "cancel", "id": key, "order_id": order_id})

    def cancel_all(self, *, key: str | None = None, **scope: str | None) -> Document:
        """`scope`: venue, instrument, strategy_id, account; what is not given is every one."""
        return self.submit({"kind": "cancel_all", "id": key, **scope})

    def replace(
        self,
        order_id: str,
        qty: str | None = None,
        price: str | None = None,
        *,
        key: str | None = None,
    ) -> Document:
        """What is not given stays as it is; `qty` is all of it, what has filled included."""
        terms = {"qty": qty, "price": price}
        return self.submit({"kind": "replace", "id": key, "order_id": order_id, **terms})

    def adjust(
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
        return self._walk(calls.adjust({**said, "account": account, "id": key}))

    # What carries no key, because it may be said twice.

    def kill(self, scope: str, reason: str, state: str | None = None) -> Document:
        """Stops trading in `scope` (global, venue:V, account:A, strategy:S) and cancels all of it;
        `state` HALTED or REDUCE_ONLY: less than that. The row that now holds."""
        return self.call("POST", "/v1/kill", {"scope": scope, "state": state, "reason": reason})

    def rearm(self, scope: str, reason: str) -> Document:
        """The row that now holds: ACTIVE, unless a venue is away that must be reconciled first."""
        return self.call("POST", "/v1/rearm", {"scope": scope, "reason": reason})

    def set_limits(self, limits: Sequence[Mapping[str, Any]], reason: str) -> Document:
        """Of each `scope`, `name` and `limit` (None: waived). All that hold then, as `risk`."""
        rows = [dict(limit) for limit in limits]
        said = {"limits": rows, "reason": reason}
        return self._walk(calls.part("risk", "PATCH", "/v1/risk", said))

    def reconcile(self, venue: str | None = None) -> list[Document]:
        """Asks the venue, or all, what has happened there; their rows when they have answered."""
        return self._walk(calls.part("venues", "POST", "/v1/reconcile", {"venue": venue}))

    def call(self, method: str, path: str, document: Document | None = None) -> Document:
        """Any call of the interface that carries no key; its whole body."""
        return self._walk(calls.call(method, path, document))

    # What only looks.

    def pnl(self, account: str | None = None) -> Document:
        return self._walk(calls.pnl(account))

    def risk(self) -> Document:
        return self._walk(calls.part("risk", "GET", "/v1/risk"))

    def instruction(self, id: str) -> Document:
        return self._walk(calls.one("/v1/instructions", id))

    def find_order(self, order_id: str) -> Document:
        return self._walk(calls.one("/v1/orders", order_id))

    def orders(self, **filters: str | None) -> list[Document]:
        return self._walk(calls.rows("orders", filters))

    def fills(self, **filters: str | None) -> list[Document]:
        return self._walk(calls.rows("fills", filters))

    def positions(self, **filters: str | None) -> list[Document]:
        return self._walk(calls.rows("positions", filters))

    def balances(self, **filters: str | None) -> list[Document]:
        return self._walk(calls.rows("balances", filters))

    def instruments(self, **filters: str | None) -> list[Document]:
        return self._walk(calls.rows("instruments", filters))

    def venues(self) -> list[Document]:
        return self._walk(calls.rows("venues", {}))

    def market(self, instrument: str) -> Document:
        return self._walk(calls.one("/v1/market", instrument))

    def health(self) -> Document:
        """Also while the server starts, when its status is 503."""
        return self._walk(calls.health())

    def listing(self, name: str, **filters: str | None) -> Document:
        """All pages of a list as one: the body of the call, without a next page."""
        return self._walk(calls.listing(name, filters))

    def wait(self, id: str, timeout: float = 30) -> Document:
        """The instruction, when it is done or the time (in seconds) is up: look at its `status`. A
        server that is away meanwhile is waited for as well."""
        return self._walk(calls.wait(id, timeout))

    def stream(self, topics: Sequence[str], from_seq: int | None = None) -> Iterator[Document]:
        """Messages as they happen, from an entry on or from now; for ever. Connects again and goes
        on where it was, so none is missed, and those of one entry may come twice. Raises
        Unauthorized, Invalid, and Unreachable where nobody answers for a minute."""
        if from_seq is None:
            from_seq = self._walk(calls.next_seq())
        return stream(lambda: place(self._url, self._token), topics, from_seq)

    # How it is done.

    def _walk[T](self, steps: Steps[T]) -> T:
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
                        said = self._open().call(*step)
                    except (NeverLeft, Lost) as error:
                        failure = error
                        self.close()  # so that the next try looks anew where the server is
                case Pause(seconds=seconds, is_retry=is_retry):
                    self.resent += is_retry
                    time.sleep(seconds)
                case _:
                    said = time.monotonic()

    def _open(self) -> Connection:
        if self._connection is None:
            self._connection = Connection(place(self._url, self._token), self._timeout)
        return self._connection
