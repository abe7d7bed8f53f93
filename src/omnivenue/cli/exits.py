"""Exit codes: what a script can rely on, and the one place that maps everything to them."""

from enum import IntEnum
from typing import Any

from omnivenue.client import OmnivenueError, Unauthorized, Unknown, Unreachable


class ExitCode(IntEnum):
    DONE = 0
    REFUSED = 1  # or failed: the output says why
    USAGE = 2  # or configuration
    NO_SERVER = 3  # unreachable, or not authorised
    UNKNOWN = 4  # the outcome
    OUR_FAULT = 5


_FAILED = frozenset({"REJECTED", "FAILED", "ROLLED_BACK", "PARTIAL_HELD", "NEEDS_OPERATOR"})
_GRAVITY = (
    ExitCode.DONE,
    ExitCode.REFUSED,
    ExitCode.USAGE,
    ExitCode.NO_SERVER,
    ExitCode.OUR_FAULT,
    ExitCode.UNKNOWN,
)


def of_error(error: OmnivenueError) -> ExitCode:
    match error:
        case Unauthorized() | Unreachable():
            return ExitCode.NO_SERVER
        case Unknown():
            return ExitCode.UNKNOWN
        case _:
            return of_status(error.status or 400, error.document)


def of_status(status: int, body: dict[str, Any]) -> ExitCode:
    """From the HTTP status of an answer; 503 needs its body to be understood."""
    if status < 300:
        return ExitCode.DONE
    if status in {401, 403}:
        return ExitCode.NO_SERVER
    if status == 503:
        is_unknown = body.get("error", {}).get("outcome") == "unknown"
        return ExitCode.UNKNOWN if is_unknown else ExitCode.REFUSED
    if status < 500 or status in {501, 507}:
        return ExitCode.REFUSED
    return ExitCode.OUR_FAULT


def of_word(status: str) -> ExitCode:
    """From the status word of an instruction that was waited for."""
    if status == "UNKNOWN":
        return ExitCode.UNKNOWN
    return ExitCode.REFUSED if status in _FAILED else ExitCode.DONE


def gravest(codes: list[ExitCode]) -> ExitCode:
    """Of several answers: above all it must be known that something is not."""
    return max(codes, key=_GRAVITY.index, default=ExitCode.DONE)
