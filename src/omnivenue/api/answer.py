"""What goes back over HTTP: a status and one JSON document, errors included."""

from collections.abc import Sequence

import msgspec

from omnivenue.api.asgi import Send
from omnivenue.message import Reason
from omnivenue.risk import LOCKED
from omnivenue.wire import ErrorCode, Invalid, error_document
from omnivenue.wire.errors import ErrorDocument, ErrorRow

type Headers = tuple[tuple[bytes, bytes], ...]

JSON = b"application/json"

NO_PAGE = b"default-src 'none'; frame-ancestors 'none'"
"""Answers hold what venues and strangers wrote: no browser may take one for a page."""

RETRY = (b"retry-after", b"1")

SAFE_HEADERS: Headers = (
    (b"x-content-type-options", b"nosniff"),
    (b"referrer-policy", b"no-referrer"),
    (b"cache-control", b"no-store"),
)

_ENCODER = msgspec.json.Encoder()


class Answer(msgspec.Struct, frozen=True):
    status: int
    document: object
    headers: Headers = ()


class Text(msgspec.Struct, frozen=True):
    """A document that is no JSON, as it goes out. `policy`: what a browser may do with it."""

    body: bytes
    content_type: bytes
    policy: bytes = NO_PAGE


class UnavailableRow(ErrorRow, frozen=True, kw_only=True):
    """`outcome` is "unknown" where the instruction may have been taken: ask again with its key.
    It is "not_taken" where nothing was done with it."""

    outcome: str


class UnavailableDocument(msgspec.Struct, frozen=True, kw_only=True):
    error: UnavailableRow


def encoded(document: object) -> bytes:
    return document.body if isinstance(document, Text) else _ENCODER.encode(document)


def refusal(code: ErrorCode, message: str, key: str | None = None, headers: Headers = ()) -> Answer:
    return Answer(code.status, error_document([code.because(message)], key), headers)


def invalid_answer(wrong: Invalid) -> Answer:
    return Answer(wrong.status, wrong.document)


def unavailable(message: str, key: str, *, is_unknown: bool) -> Answer:
    code = ErrorCode.UNAVAILABLE
    plain = error_document([code.because(message)], key).error
    row = UnavailableRow(
        code=plain.code,
        message=plain.message,
        reasons=plain.reasons,
        instruction_id=key,
        outcome="unknown" if is_unknown else "not_taken",
    )
    return Answer(code.status, UnavailableDocument(error=row))


def refused(reasons: Sequence[Reason], key: str) -> Answer:
    """By the core: journaled, and the answer to this key for ever. 423 where trading is stopped."""
    is_locked = any(reason.code in LOCKED for reason in reasons)
    return Answer(423 if is_locked else 422, error_document(reasons, key))


def no_such_call(message: str, status: int, headers: Headers = ()) -> Answer:
    """404 for a path, 405 for a method that it does not have."""
    document: ErrorDocument = error_document([ErrorCode.NOT_FOUND.because(message)])
    return Answer(status, document, headers)


def our_fault() -> Answer:
    reason = Reason(code="OUR-001", message="this is our fault; the log of the server says more")
    return Answer(500, error_document([reason]))


def headers_for(answer: Answer, body: bytes) -> list[tuple[bytes, bytes]]:
    length = (b"content-length", str(len(body)).encode())
    found = answer.document
    kind, policy = (
        (found.content_type, found.policy) if isinstance(found, Text) else (JSON, NO_PAGE)
    )
    first = ((b"content-type", kind), (b"content-security-policy", policy))
    return [*first, *SAFE_HEADERS, *answer.headers, length]


async def send_answer(send: Send, answer: Answer, body: bytes, prefix: str = "http") -> None:
    headers = headers_for(answer, body)
    start = {"type": f"{prefix}.response.start", "status": answer.status, "headers": headers}
    await send(start)
    await send({"type": f"{prefix}.response.body", "body": body})
