"""What can go wrong between a caller and the server, one type for each thing to do about it."""

from collections.abc import Mapping, Sequence
from typing import Any, cast

type Document = dict[str, Any]
type Reasons = Sequence[Mapping[str, Any]]

_UNSAID = "the server did not say why"


class OmnivenueError(Exception):
    """Whatever a call can raise. Of this very type: the server is at fault (5xx).

    `code` and `reasons` are those of the server's answer, `status` is its HTTP status (None: there
    was no answer) and `document` its body, or what stands in for one.
    """

    own_code = "CLIENT-000"  # where no answer brings one

    def __init__(
        self,
        code: str = "",
        reasons: Reasons = (),
        message: str = "",
        *,
        status: int | None = None,
        instruction_id: str | None = None,
        document: Document | None = None,
    ) -> None:
        self.code = code or self.own_code
        self.reasons = tuple(reasons)
        self.message = message or "; ".join(str(r.get("message")) for r in reasons) or _UNSAID
        self.status = status
        self.instruction_id = instruction_id
        self._document = document
        super().__init__(f"{self.code}: {self.message}")

    @property
    def document(self) -> Document:
        if self._document is not None:
            return self._document
        return {
            "error": {
                "code": self.code,
                "message": self.message,
                "reasons": list(self.reasons),
                "instruction_id": self.instruction_id,
            }
        }


class Refused(OmnivenueError):
    """Understood and not done: by a limit, a state, or for want of room. `reasons` say why."""


class Invalid(OmnivenueError):
    """Not an instruction, or about something that is not there: nothing was journaled."""


class Unauthorized(OmnivenueError):
    """No token, an unknown one, or one whose scope is too narrow."""

    own_code = "CLIENT-003"


class Unknown(OmnivenueError):
    """It may have been done, or not. Ask, or send again, with the same key: `instruction_id`."""

    own_code = "CLIENT-002"


class Unreachable(OmnivenueError):
    """Nobody answers, and nothing was sent that could have been done."""

    own_code = "CLIENT-001"


def error_of(status: int, document: Document | None) -> OmnivenueError:
    """The exception for an answer that is none of success."""
    told: Any = (document or {}).get("error")
    error: Document = cast("Document", told) if isinstance(told, dict) else {}
    code = str(error.get("code", f"HTTP-{status}"))
    return _kind(status, code, error.get("outcome"))(
        code,
        error.get("reasons") or (),
        str(error.get("message", "")) or f"the server answered {status}",
        status=status,
        instruction_id=error.get("instruction_id"),
        document=document if error else None,
    )


def _kind(status: int, code: str, outcome: object) -> type[OmnivenueError]:
    if status in {401, 403}:
        return Unauthorized
    if status == 503:
        return Unknown if outcome == "unknown" else Refused
    if status in {409, 423, 429, 501, 507}:
        return Refused
    if status >= 500:
        return OmnivenueError
    if status < 400:
        return Unreachable  # sent on to somewhere else: we never redirect
    # The door's own codes say that nothing was journaled; all others are the core's verdict.
    return Refused if status == 422 and not code.startswith("API-") else Invalid
