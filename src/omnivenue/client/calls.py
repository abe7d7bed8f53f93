"""Every call as steps, without a socket and without a clock: what is sent, what is made of an
answer, and when it is sent again. Both clients walk them, the one that blocks and the one that
awaits, so there is one rule for both.

What changes something carries a key, made here where the caller gives none, and is only ever sent
again with that key: so a lost answer costs a question and never a second order.
"""

import json
import os
from collections.abc import Generator, Mapping, Sequence
from contextlib import contextmanager
from decimal import Decimal
from typing import Any, NamedTuple
from urllib.parse import quote, urlencode

from omnivenue.client.connection import Answer, Lost, NeverLeft
from omnivenue.client.errors import (
    Document,
    Invalid,
    OmnivenueError,
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

_ORDER_ENDED = ("FILLED", "CANCELLED", "EXPIRED", "REJECTED", "FAILED", "ROLLED_BACK")
_PLAN_ENDED = ("COMPLETED", "UNWOUND", "PARTIAL_HELD", "NEEDS_OPERATOR")
ENDED = frozenset((*_ORDER_ENDED, *_PLAN_ENDED))
"""Words of an instruction that nothing more will become of by itself."""

_DONE_AT_ONCE = frozenset({"replace", "adjustment"})
"""Kinds of which ACCEPTED is the end: what they have changed goes on by itself."""

_UNDECIDED = frozenset({401, 403, 409, 429, 507})
"""Answers that say nothing about an earlier sending of the same key."""


class Request(NamedTuple):
    method: str
    path: str
    body: bytes | None


class Pause(NamedTuple):
    seconds: float
    is_retry: bool = False


class Time(NamedTuple):
    """Asks for the seconds of a clock that only goes on."""


type Step = Request | Pause | Time
type Steps[T] = Generator[Step, Any, T]
"""Whoever walks them sends back the Answer of a Request, or throws NeverLeft or Lost into it."""


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


def submit(instruction: Mapping[str, Any]) -> Steps[Document]:
    document = with_key(instruction)
    return (yield from send("/v1/instructions", document, str(document["id"])))


def submit_many(instructions: Sequence[Mapping[str, Any]]) -> Steps[list[Document]]:
    keyed = [with_key(each) for each in instructions]
    results: list[Document] = []
    for batch in _batches(keyed):
        try:
            answer = yield from send("/v1/instructions/batch", {"instructions": batch}, None)
            results += answer["results"]
        except OmnivenueError as error:
            if not results and not isinstance(error, Unknown):
                raise
            results += [_failed(error, each["id"]) for each in batch]
    return results


def adjust(said: Document) -> Steps[Document]:
    document = with_key(said)
    return (yield from send("/v1/adjustments", document, str(document["id"])))


def call(method: str, path: str, document: Document | None = None) -> Steps[Document]:
    body = None if document is None else encoded(document)
    return success((yield from attempt(method, path, body)))


def part(name: str, method: str, path: str, document: Document | None = None) -> Steps[Any]:
    """One member of the body."""
    return (yield from call(method, path, document))[name]


def pnl(account: str | None) -> Steps[Document]:
    query = "" if account is None else f"?{query_of({'account': account})}"
    return (yield from part("pnl", "GET", f"/v1/pnl{query}"))


def one(path: str, key: str) -> Steps[Document]:
    return (yield from call("GET", f"{path}/{_quoted(key)}"))


def health() -> Steps[Document]:
    """Also while the server starts, when its status is 503."""
    answer = yield from attempt("GET", "/health", None)
    if answer.document is not None and "error" not in answer.document:
        return answer.document
    return success(answer)


def rows(name: str, filters: Mapping[str, str | None]) -> Steps[list[Document]]:
    return (yield from listing(name, filters))[name]


def listing(name: str, filters: Mapping[str, str | None]) -> Steps[Document]:
    query = {k: v for k, v in filters.items() if v is not None} | {"limit": str(PAGE)}
    found: list[Document] = []
    while True:
        page = yield from call("GET", f"/v1/{name}?{query_of(query)}")
        found += page[name]
        cursor = page.get("next_cursor")
        if cursor is None:
            return {**page, name: found}
        query["cursor"] = cursor


def next_seq() -> Steps[int]:
    """Of the entry that comes next: where a stream begins that misses nothing from now on."""
    return (yield from call("GET", "/v1/venues?limit=1"))["seq"] + 1


def wait(key: str, timeout: float) -> Steps[Document]:
    deadline = (yield Time()) + timeout
    pause = POLL_FIRST
    while True:
        left = deadline - (yield Time())
        try:
            found = yield from one("/v1/instructions", key)
            if has_ended(found) or left <= 0:
                return found
        except Unreachable:
            if left <= 0:
                raise
        yield Pause(max(0.0, min(pause, left)))
        pause = min(pause * 2, POLL_MAX)


def send(path: str, document: Document, key: str | None) -> Steps[Document]:
    answer = yield from attempt("POST", path, encoded(document), key)
    return success(answer, key)


def attempt(method: str, path: str, body: bytes | None, key: str | None = None) -> Steps[Answer]:
    """Tries again where no answer came, and where the same key is being decided upon."""
    was_lost, may_be_taken, why, url, pause = False, False, "", "", PAUSE_FIRST
    answer: Answer | None = None
    for n in range(TRIES):
        if n:
            yield Pause(pause, is_retry=True)
            pause = min(pause * 2, PAUSE_MAX)
        try:
            answer = yield Request(method, path, body)
        except (NeverLeft, Lost) as error:
            answer, why, url = None, str(error), error.url
            was_lost = was_lost or (isinstance(error, Lost) and body is not None)
        if answer is not None and answer.status != 409:
            break
        may_be_taken = was_lost or answer is not None or may_be_taken
    if (answer is None and may_be_taken) or (was_lost and answer and _is_undecided(answer)):
        text = f"no answer to what was sent ({why}); ask or send again with the same key"
        raise Unknown(message=text, instruction_id=key)
    if answer is None:
        raise Unreachable(message=f"no answer from {url}: {why}", instruction_id=key)
    return answer


def success(answer: Answer, key: str | None = None) -> Document:
    if answer.status >= 300:
        raise error_of(answer.status, answer.document)
    if answer.document is None:
        text = f"what answers at {answer.url} is not omnivenue"
        raise Unreachable(message=text, instruction_id=key)
    return answer.document


def query_of(pairs: Mapping[str, str]) -> str:
    with _in_a_url():
        return urlencode(pairs)


def _quoted(text: str) -> str:
    with _in_a_url():
        return quote(text, safe="")


@contextmanager
def _in_a_url() -> Generator[None]:
    """Raises Invalid for what is no text: bytes that a shell hands on as they are."""
    try:
        yield
    except UnicodeEncodeError as error:
        raise Invalid("CLIENT-005", message=f"cannot stand in a URL: {error}") from error


def encoded(document: Document) -> bytes:
    """Raises Invalid for what JSON cannot say."""
    try:
        text = json.dumps(document, allow_nan=False, separators=(",", ":"), default=_plain)
    except (TypeError, ValueError, RecursionError) as error:
        raise Invalid("CLIENT-005", message=f"cannot be written as JSON: {error}") from error
    return text.encode()


def _is_undecided(answer: Answer) -> bool:
    """Also by whoever has the port now, who is not the server that may have taken it."""
    document = answer.document
    is_ours = document is not None and (answer.status < 300 or "error" in document)
    return answer.status in _UNDECIDED or answer.status >= 500 or not is_ours


def _batches(documents: Sequence[Document]) -> list[list[Document]]:
    """In order, each small enough for one request."""
    batches: list[list[Document]] = []
    size = BATCH_BYTES
    for document in documents:
        more = len(encoded(document)) + 1
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


def _plain(value: object) -> str:
    """Amounts are decimal strings; a Decimal is one already, but for its spelling."""
    if isinstance(value, Decimal):
        return f"{value:f}"
    raise TypeError(f"{type(value).__name__} has no place in an instruction")
