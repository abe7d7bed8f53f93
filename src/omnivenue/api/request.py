"""What came in over HTTP, within bounds: headers by name, the query, and a body of bounded size.
That it arrives in bounded time is the server's affair, as for the head."""

import asyncio
from collections.abc import Mapping
from typing import cast
from urllib.parse import unquote_plus

import msgspec

from omnivenue.api.answer import Answer, Headers, refusal
from omnivenue.api.asgi import Connection, Receive
from omnivenue.wire import BODY_MAX, ErrorCode

CLOSE: Headers = ((b"connection", b"close"),)
QUERY_MAX = 8192
LEFT = "omnivenue.left"
"""A server that knows how offers, as an extension, an Event that is set once the client says no
more: it has gone, or has closed its side, and which of the two only an answer would tell."""


class Gone(Exception):
    """The client went away; nobody is left to answer."""


class Call(msgspec.Struct, frozen=True, kw_only=True):
    """One request that was let in."""

    principal: str  # the token's name; empty on public routes
    param: str  # the last part of the path, on routes that have one
    query: str
    headers: Mapping[str, str]
    body: bytes
    left: asyncio.Event  # set once the client says no more

    @property
    def key(self) -> str | None:
        return self.headers.get("idempotency-key")


def headers_of(connection: Connection) -> dict[str, str]:
    """By lower-case name. What came twice is joined by a comma, which no key, token or host may
    hold: neither of two contradicting headers is believed."""
    found: dict[str, str] = {}
    for raw_name, raw_value in connection["headers"]:
        name, value = raw_name.decode("latin-1").lower(), raw_value.decode("latin-1")
        found[name] = f"{found[name]}, {value}" if name in found else value
    return found


def left_of(connection: Connection) -> asyncio.Event:
    """One that is never set where the server does not know."""
    extensions = cast("dict[str, asyncio.Event]", connection.get("extensions") or {})
    return extensions.get(LEFT) or asyncio.Event()


def path_of(connection: Connection) -> str:
    """As it came, so with its escapes: an id may hold a slash, which `path` does not tell from one
    that separates. A server need not give it; then nothing is left that could be an escape."""
    raw: bytes | None = connection.get("raw_path")
    return connection["path"].replace("%", "%25") if raw is None else raw.decode("latin-1")


def has_body(headers: Mapping[str, str]) -> bool:
    return "transfer-encoding" in headers or headers.get("content-length", "0") != "0"


def not_json_content(headers: Mapping[str, str]) -> Answer | None:
    """JSON and nothing else: what a browser's form can send without asking first is not read."""
    kind = headers.get("content-type", "").partition(";")[0].strip().lower()
    if kind != "application/json":
        text = "the body must be sent as content-type application/json"
        return refusal(ErrorCode.NOT_JSON_CONTENT, text, headers=CLOSE)
    if headers.get("content-encoding", "identity").lower() != "identity":
        text = "a compressed body is not read"
        return refusal(ErrorCode.NOT_JSON_CONTENT, text, headers=CLOSE)
    return None


async def read_body(receive: Receive, most: int = BODY_MAX) -> bytes | Answer:
    """The body, or why it was not read. Raises Gone."""
    parts: list[bytes] = []
    size = 0
    while True:
        message = await receive()
        if message["type"] == "http.disconnect":
            raise Gone
        part: bytes = message.get("body", b"")
        size += len(part)
        if size > most:
            text = f"the body is larger than the {most} bytes that are read"
            return refusal(ErrorCode.TOO_LARGE, text, headers=CLOSE)
        parts.append(part)
        if not message.get("more_body", False):
            return parts[0] if len(parts) == 1 else b"".join(parts)


def query_pairs(query: str) -> list[tuple[str, str]]:
    """Names and values of a query string, decoded; what has no `=` has an empty value."""
    found: list[tuple[str, str]] = []
    for piece in query[:QUERY_MAX].split("&"):
        if piece:
            name, _, value = piece.partition("=")
            found.append((unquote_plus(name), unquote_plus(value)))
    return found
