"""The server's calls as methods. Rows are dicts in the shapes of the API.

What changes something carries a key, made here where the caller gives none, and is only ever sent
again with that key: so a lost answer costs a question and never a second order.
"""

import json
import os
import re
import time
from collections.abc import Mapping, Sequence
from decimal import Decimal
from types import TracebackType
from typing import Any, Self
from urllib.parse import quote, urlencode

from omnivenue.client import find
from omnivenue.client.connection import Answer, Connection, Lost, NeverLeft
from omnivenue.client.errors import (
    Document,
    Invalid,
    OmnivenueError,
    Unauthorized,
    Unknown,
    Unreachable,
    error_of,
)

TRIES = 5
PAUSE_FIRST, PAUSE_MAX = 0.1, 1.0
"""Seconds between tries, doubling: 1.5 in all, about what a restart of the server takes."""

POLL_FIRST, POLL_MAX = 0.01, 0.25
PAGE = 1_000  # rows; the most that the server gives at once
BATCH_BYTES = 192 * 1024  # of the 256 KiB that the server reads
KEY = re.compile(r"[A-Za-z0-9._:-]{1,128}")

_ORDER_ENDED = ("FILLED", "CANCELLED", "EXPIRED", "REJECTED", "FAILED", "ROLLED_BACK")
_PLAN_ENDED = ("COMPLETED", "UNWOUND", "PARTIAL_HELD", "NEEDS_OPERATOR")
ENDED = frozenset((*_ORDER_ENDED, *_PLAN_ENDED))
"""Words of an instruction that nothing more will become of by itself."""

_DONE_AT_ONCE = frozenset({"replace", "adjustment"})
"""Kinds of which ACCEPTED is the end: what they have changed goes on by itself."""

_UNDECIDED = frozenset({401, 403, 409, 429, 507})
"""Answers that say nothing about an earlier sending of the same key."""


def new_key() -> str:
    """128 random bits: no two callers ever make the same."""
    return os.urandom(16).hex()


def with_key(instruction: Mapping[str, Any]) -> Document:
    """A key is made where none was given. An empty one was: the caller's mistake is told, and not
    turned into a key that nobody remembers."""
    key = instruction.get("id")
    return {**instruction, "id": new_key() if key is None else key}


def has_ended(instruction: Mapping[str, Any]) -> bool:
    word = instruction["status"]
    return word in ENDED or (word == "ACCEPTED" and instruction["kind"] in _DONE_AT_ONCE)


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
        self._used_url = ""
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
        document = with_key(instruction)
        return self._send("/v1/instructions", document, str(document["id"]))

    def submit_many(self, instructions: Sequence[Mapping[str, Any]]) -> list[Document]:
        """In order; of each `{"status", "body"}` as if it had been sent by itself. Raises only
        where nothing was sent at all; later failures stand in the results."""
        keyed = [with_key(each) for each in instructions]
        results: list[Document] = []
        for batch in _batches(keyed):
            try:
                answer = self._send("/v1/instructions/batch", {"instructions": batch}, None)
                results += answer["results"]
            except OmnivenueError as error:
                if not results and not isinstance(error, Unknown):
                    raise
                results += [_failed(error, each["id"]) for each in batch]
        return results

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
        document = with_key({**said, "account": account, "id": key})
        return self._send("/v1/adjustments", document, str(document["id"]))

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
        return self.call("PATCH", "/v1/risk", {"limits": rows, "reason": reason})["risk"]

    def reconcile(self, venue: str | None = None) -> list[Document]:
        """Asks the venue, or all, what has happened there; their rows when they have answered."""
        return self.call("POST", "/v1/reconcile", {"venue": venue})["venues"]

    def call(self, method: str, path: str, document: Document | None = None) -> Document:
        """Any call of the interface that carries no key; its whole body."""
        body = None if document is None else _encoded(document)
        return self._success(self._call(method, path, body))

    # What only looks.

    def pnl(self, account: str | None = None) -> Document:
        query = "" if account is None else "?" + urlencode({"account": account})
        return self._get(f"/v1/pnl{query}")["pnl"]

    def risk(self) -> Document:
        return self._get("/v1/risk")["risk"]

    def instruction(self, key: str) -> Document:
        return self._get(f"/v1/instructions/{quote(key, safe='')}")

    def find_order(self, order_id: str) -> Document:
        return self._get(f"/v1/orders/{quote(order_id, safe='')}")

    def orders(self, **filters: str | None) -> list[Document]:
        return self.listing("orders", **filters)["orders"]

    def fills(self, **filters: str | None) -> list[Document]:
        return self.listing("fills", **filters)["fills"]

    def positions(self, **filters: str | None) -> list[Document]:
        return self.listing("positions", **filters)["positions"]

    def balances(self, **filters: str | None) -> list[Document]:
        return self.listing("balances", **filters)["balances"]

    def instruments(self, **filters: str | None) -> list[Document]:
        return self.listing("instruments", **filters)["instruments"]

    def venues(self) -> list[Document]:
        return self.listing("venues")["venues"]

    def market(self, instrument: str) -> Document:
        return self._get(f"/v1/market/{quote(instrument, safe='')}")

    def health(self) -> Document:
        """Also while the server starts, when its status is 503."""
        answer = self._call("GET", "/health", None)
        if answer.document is not None and "error" not in answer.document:
            return answer.document
        return self._success(answer)

    def listing(self, name: str, **filters: str | None) -> Document:
        """All pages of a list as one: the body of the call, without a next page."""
        query = {k: v for k, v in filters.items() if v is not None} | {"limit": str(PAGE)}
        rows: list[Document] = []
        while True:
            page = self._get(f"/v1/{name}?{urlencode(query)}")
            rows += page[name]
            cursor = page.get("next_cursor")
            if cursor is None:
                return {**page, name: rows}
            query["cursor"] = cursor

    def wait(self, key: str, timeout: float = 30) -> Document:
        """The instruction, when it is done or the time (in seconds) is up: look at its `status`. A
        server that is away meanwhile is waited for as well."""
        deadline = time.monotonic() + timeout
        pause = POLL_FIRST
        while True:
            left = deadline - time.monotonic()
            try:
                found = self.instruction(key)
                if has_ended(found) or left <= 0:
                    return found
            except Unreachable:
                if left <= 0:
                    raise
            time.sleep(max(0.0, min(pause, left)))
            pause = min(pause * 2, POLL_MAX)

    # How it is done.

    def _get(self, path: str) -> Document:
        return self._success(self._call("GET", path, None))

    def _send(self, path: str, document: Document, key: str | None) -> Document:
        return self._success(self._call("POST", path, _encoded(document), key), key)

    def _call(self, method: str, path: str, body: bytes | None, key: str | None = None) -> Answer:
        """Tries again where no answer came, and where the same key is being decided upon."""
        was_lost, may_be_taken, why, pause = False, False, "", PAUSE_FIRST
        answer: Answer | None = None
        for n in range(TRIES):
            if n:
                time.sleep(pause)
                pause = min(pause * 2, PAUSE_MAX)
            try:
                answer = self._open().call(method, path, body)
            except (NeverLeft, Lost) as error:
                answer, why = None, str(error)
                was_lost = was_lost or (isinstance(error, Lost) and body is not None)
                self.close()  # so that the next try looks anew where the server is
            if answer is not None and answer.status != 409:
                break
            may_be_taken = was_lost or answer is not None or may_be_taken
        if (answer is None and may_be_taken) or (was_lost and answer and _is_undecided(answer)):
            text = f"no answer to what was sent ({why}); ask or send again with the same key"
            raise Unknown(message=text, instruction_id=key)
        if answer is None:
            raise Unreachable(message=f"no answer from {self._used_url}: {why}", instruction_id=key)
        return answer

    def _open(self) -> Connection:
        if self._connection is None:
            self._used_url = self._url or find.url(os.environ)
            token = self._token or find.token(os.environ)
            if token and not (token.isascii() and token.isprintable()):
                raise Unauthorized(message="the token has characters that no token has")
            try:
                self._connection = Connection(self._used_url, token, self._timeout)
            except ValueError as error:
                raise Invalid("CLIENT-004", message=str(error)) from error
        return self._connection

    def _success(self, answer: Answer, key: str | None = None) -> Document:
        if answer.status >= 300:
            raise error_of(answer.status, answer.document)
        if answer.document is None:
            text = f"what answers at {self._used_url} is not omnivenue"
            raise Unreachable(message=text, instruction_id=key)
        return answer.document


def _is_undecided(answer: Answer) -> bool:
    return answer.status in _UNDECIDED or answer.status >= 500


def _batches(documents: Sequence[Document]) -> list[list[Document]]:
    """In order, each small enough for one request."""
    batches: list[list[Document]] = []
    size = BATCH_BYTES
    for document in documents:
        more = len(_encoded(document)) + 1
        if size + more > BATCH_BYTES:
            batches.append([])
            size = 0
        batches[-1].append(document)
        size += more
    return batches


def _failed(error: OmnivenueError, key: str) -> Document:
    said = {**error.document["error"], "instruction_id": key}
    if isinstance(error, Unknown):
        said["outcome"] = "unknown"
    return {"status": error.status or 503, "body": {"error": said}}


def _encoded(document: Document) -> bytes:
    """Raises Invalid for what JSON cannot say."""
    try:
        text = json.dumps(document, allow_nan=False, separators=(",", ":"), default=_plain)
    except (TypeError, ValueError, RecursionError) as error:
        raise Invalid("CLIENT-005", message=f"cannot be written as JSON: {error}") from error
    return text.encode()


def _plain(value: object) -> str:
    """Amounts are decimal strings; a Decimal is one already, but for its spelling."""
    if isinstance(value, Decimal):
        return f"{value:f}"
    raise TypeError(f"{type(value).__name__} has no place in an instruction")
