"""Every error that the door gives by itself: one table of codes, one shape of answer.

What the core refuses has codes of its own (RISK-…, ORD-…) and the same shape. A refusal is a value
that names everything wrong at once, so that a client mends its instruction in one go.
"""

from collections.abc import Sequence
from enum import Enum

import msgspec

from omnivenue.message import Reason

REASONS_MAX = 50
"""An answer stays small whatever was sent; what is left out is counted."""


class ErrorCode(Enum):
    """Code and HTTP status. A code is never given another meaning."""

    NOT_JSON = ("API-001", 400)
    NO_KEY = ("API-002", 400)
    KEYS_DIFFER = ("API-003", 400)
    TOO_LARGE = ("API-004", 413)
    TOO_DEEP = ("API-005", 413)
    NOT_JSON_CONTENT = ("API-006", 415)
    TOO_SLOW = ("API-007", 408)
    HEAD_TOO_LARGE = ("API-008", 431)
    NOT_HTTP = ("API-009", 400)
    UNKNOWN_FIELD = ("API-010", 422)
    MISSING = ("API-011", 422)
    WRONG_TYPE = ("API-012", 422)
    NOT_DECIMAL = ("API-013", 422)
    NOT_ONE_OF = ("API-014", 422)
    BAD_ID = ("API-015", 422)
    CONTRADICTION = ("API-016", 422)
    OUT_OF_RANGE = ("API-017", 422)
    NOT_A_TIME = ("API-018", 422)
    UNKNOWN_INSTRUMENT = ("API-020", 422)
    UNKNOWN_VENUE = ("API-021", 422)
    UNKNOWN_ACCOUNT = ("API-022", 422)
    OFF_LOT = ("API-023", 422)
    OFF_TICK = ("API-024", 422)
    BELOW_MIN_QTY = ("API-025", 422)
    BELOW_MIN_NOTIONAL = ("API-026", 422)
    UNKNOWN_SCOPE = ("API-027", 422)
    UNKNOWN_TOKEN = ("API-028", 422)
    NO_POOLS = ("NO_POOLS", 422)
    NOT_BUILT = ("API-030", 501)
    UNAUTHORIZED = ("API-040", 401)
    FORBIDDEN = ("API-041", 403)
    NOT_FOUND = ("API-042", 404)
    IN_FLIGHT = ("API-043", 409)
    KEY_REUSED = ("API-044", 422)
    TOO_MANY = ("API-045", 429)
    UNAVAILABLE = ("API-046", 503)
    NO_SPACE = ("API-047", 507)

    @property
    def code(self) -> str:
        return self.value[0]

    @property
    def status(self) -> int:
        return self.value[1]

    def because(self, message: str, *, limit: str = "", value: str = "") -> Reason:
        return Reason(code=self.code, message=message, limit=limit, value=value)


_BY_CODE = {code.code: code for code in ErrorCode}


class ReasonRow(msgspec.Struct, frozen=True, kw_only=True):
    code: str
    message: str
    limit: str | None = None
    value: str | None = None


class ErrorRow(msgspec.Struct, frozen=True, kw_only=True):
    code: str
    message: str
    reasons: tuple[ReasonRow, ...]
    instruction_id: str | None


class ErrorDocument(msgspec.Struct, frozen=True, kw_only=True):
    """The body of every error answer."""

    error: ErrorRow


class Invalid(msgspec.Struct, frozen=True, kw_only=True):
    """Answered, not journaled; the key stays unused."""

    status: int
    reasons: tuple[Reason, ...]
    instruction_id: str | None = None

    @property
    def document(self) -> ErrorDocument:
        return error_document(self.reasons, self.instruction_id)


def invalid(reasons: Sequence[Reason], instruction_id: str | None = None) -> Invalid:
    """The verdict over all that is wrong: who cannot be understood is told that first (4xx before
    501, and of those 400 and 413 before 422), and the gravest reason stands first."""
    assert reasons
    ranked = sorted(reasons, key=lambda reason: _BY_CODE[reason.code].status)
    kept = ranked[:REASONS_MAX]
    if len(ranked) > len(kept):
        more = f"and {len(ranked) - len(kept)} more"
        kept.append(Reason(code=kept[-1].code, message=more))
    status = _BY_CODE[ranked[0].code].status
    return Invalid(status=status, reasons=tuple(kept), instruction_id=instruction_id)


def error_document(
    reasons: Sequence[Reason], instruction_id: str | None = None, message: str | None = None
) -> ErrorDocument:
    """The error document of any reasons, the core's as well. The first gives the code."""
    rows = tuple(
        ReasonRow(code=r.code, message=r.message, limit=r.limit or None, value=r.value or None)
        for r in reasons
    )
    text = message or "; ".join(row.message for row in rows)
    code = rows[0].code if rows else "OUR-001"
    row = ErrorRow(code=code, message=text, reasons=rows, instruction_id=instruction_id)
    return ErrorDocument(error=row)
