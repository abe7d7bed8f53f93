"""Times on the wire: ISO 8601 in UTC, from integers, so that no digit is lost on the way."""

from datetime import UTC, datetime

from omnivenue.model import SECOND, Nanos


def iso(at: Nanos) -> str:
    """`2026-11-21T10:15:00.123456Z`: six digits, nine where the time is finer than that."""
    seconds, nanos = divmod(at, SECOND)
    day = datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%dT%H:%M:%S")
    fraction = f"{nanos:09}" if nanos % 1000 else f"{nanos // 1000:06}"
    return f"{day}.{fraction}Z"
