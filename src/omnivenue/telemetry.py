"""One named function per thing worth seeing: here it is decided what becomes a log line.

The pure core calls none of these. Logs go to stderr as JSON lines, so that stdout stays the
answer's.
"""

import logging
from collections.abc import Sequence

import msgspec

from omnivenue.message import Alert, Entry, FlagOrder, MarkUnknown, Refuse
from omnivenue.model import TradingState, VenueID

_LOG = logging.getLogger("omnivenue")


class JsonLines(logging.Formatter):
    """One object a line: time, level, component, message, and whatever belongs to it."""

    def format(self, record: logging.LogRecord) -> str:
        told = {
            "at": self.formatTime(record),
            "level": record.levelname,
            "logger": record.name,
            "message": record.getMessage(),
        }
        if record.exc_info:
            told["error"] = self.formatException(record.exc_info)
        return msgspec.json.encode(told).decode()


def to_stderr(level: int = logging.INFO) -> None:
    stream = logging.StreamHandler()
    stream.setFormatter(JsonLines())
    _LOG.handlers[:] = [stream]
    _LOG.setLevel(level)
    _LOG.propagate = False


def turned(entries: Sequence[Entry]) -> None:
    """What a turn of the loop decided, as far as people should know."""
    for entry in entries:
        for command in entry.commands:
            match command:
                case Alert(topic=topic, about=about):
                    _LOG.warning("%s: %s", topic, about)
                case FlagOrder(cl_ord_id=cl_ord_id, anomaly=anomaly):
                    _LOG.error("order %s: %s", cl_ord_id, anomaly)
                case MarkUnknown(cl_ord_id=cl_ord_id):
                    _LOG.warning("order %s: outcome unknown", cl_ord_id)
                case Refuse(instruction_id=key, reasons=reasons):
                    _LOG.info("refused %s: %s", key, " ".join(r.code for r in reasons))
                case _:
                    pass


def failed(error: BaseException) -> None:
    _LOG.critical("stopping: %s", error, exc_info=error)


def venue_failed(venue_id: VenueID, error: BaseException) -> None:
    _LOG.warning("%s: sending failed: %s", venue_id, error)


def venue_down(venue_id: VenueID, why: str) -> None:
    _LOG.warning("%s is down: %s", venue_id, why)


def stopped(scope: str, state: TradingState, reason: str, source: str) -> None:
    """Trading, by somebody or something."""
    _LOG.critical("%s is %s, by %s: %s", scope, state.value, source, reason)


def latch_failed(error: OSError) -> None:
    """The journal has to remember alone what is stopped."""
    _LOG.error("the KILL file cannot be written: %s", error)


def snapshot_failed(why: str) -> None:
    """Costs a longer start one day."""
    _LOG.warning("no snapshot: %s", why)


def tables_failed(why: str) -> None:
    """They lag until they are written again."""
    _LOG.warning("nobody writes the read tables: %s", why)


def said(message: str, *about: object) -> None:
    """A step in the life of the process itself."""
    _LOG.info(message, *about)
