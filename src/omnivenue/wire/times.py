"""Times on the wire: ISO 8601 in UTC, or nanoseconds since 1970. Integers throughout, so that no
digit is lost on the way."""

import re
from datetime import UTC, datetime

from omnivenue.model import SECOND, Nanos

EARLIEST = Nanos(1_577_836_800 * SECOND)  # 2020-01-01
LATEST = Nanos(253_402_300_799 * SECOND)  # the last second of the year 9999

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_ISO = re.compile(
    r"(\d{4}-\d\d-\d\d)[T ](\d\d:\d\d)(?::(\d\d)(?:\.(\d{1,9}))?)?(Z|[+-]\d\d:?\d\d)?", re.ASCII
)
_NANOS = re.compile(r"\d{1,21}", re.ASCII)


class NotATime(ValueError):
    """The text is no time that we take; the message says why, ready to follow a field's name."""


def iso(at: Nanos) -> str:
    """`2026-11-21T10:15:00.123456Z`: six digits, nine where the time is finer than that."""
    seconds, nanos = divmod(at, SECOND)
    day = datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%dT%H:%M:%S")
    fraction = f"{nanos:09}" if nanos % 1000 else f"{nanos // 1000:06}"
    return f"{day}.{fraction}Z"


def parse_time(text: str) -> Nanos:
    """Nanoseconds as digits, or ISO 8601 with its zone. Raises NotATime, also for what lies so far
    away that it must be meant otherwise: seconds or milliseconds taken for nanoseconds."""
    at = int(text) if _NANOS.fullmatch(text) else _from_iso(text)
    if not EARLIEST <= at <= LATEST:
        bounds = f"between {iso(EARLIEST)} and {iso(LATEST)}"
        raise NotATime(f"must be {bounds}; digits alone are nanoseconds since 1970")
    return Nanos(at)


def _from_iso(text: str) -> int:
    found = _ISO.fullmatch(text)
    if found is None:
        raise NotATime("must be ISO 8601 (2027-01-31T12:00:00Z) or nanoseconds since 1970")
    day, minute, second, fraction, zone = found.groups()
    if zone is None:
        raise NotATime("names no time zone: end it with Z for UTC")
    try:
        whole = datetime.fromisoformat(f"{day}T{minute}:{second or '00'}{zone}")
    except ValueError as error:
        raise NotATime(f"is no time: {error}") from None
    since = whole - _EPOCH
    seconds = since.days * 86_400 + since.seconds
    return seconds * SECOND + int((fraction or "").ljust(9, "0"))
