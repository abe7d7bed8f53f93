"""One named function per thing that people should know. What is wrong with it has a code."""

import logging
from collections import Counter
from collections.abc import Mapping

from omnivenue.message import Alert, FlagOrder, MarkUnknown, Quarantine
from omnivenue.model import InstrumentID, TradingState, VenueID
from omnivenue.telemetry.codes import Code
from omnivenue.telemetry.lines import ROOT

errors: Counter[Code] = Counter()
"""How often each was told since this process started."""


def failed(error: BaseException) -> None:
    _tell(logging.CRITICAL, Code.FAILED, "stopping: %s", error, error=error)


def alerted(alert: Alert) -> None:
    _tell(logging.WARNING, Code.ALERT, "%s: %s", alert.topic, alert.about)


def flagged(flag: FlagOrder) -> None:
    _tell(logging.ERROR, Code.FLAGGED, "order %s: %s", flag.cl_ord_id, flag.anomaly)


def unknown(marked: MarkUnknown) -> None:
    text = "order %s: outcome unknown"
    _tell(logging.WARNING, Code.OUTCOME_UNKNOWN, text, marked.cl_ord_id)


def quarantined(found: Quarantine) -> None:
    text = "%s at %s: %s differs by %d"
    about = (found.account, found.venue_id, found.asset, found.difference)
    _tell(logging.ERROR, Code.QUARANTINED, text, *about)


def venue_failed(venue_id: VenueID, error: BaseException) -> None:
    _tell(logging.WARNING, Code.SEND_FAILED, "%s: sending failed: %s", venue_id, error)


def venue_down(venue_id: VenueID, why: str) -> None:
    _tell(logging.WARNING, Code.VENUE_DOWN, "%s is down: %s", venue_id, why)


def time_leapt(instrument_id: InstrumentID, times: int) -> None:
    """Its book is as good as before; how old it was then, the messages beside it told."""
    text = "%s: a message came with a time that cannot be; its venue has had %d of them"
    _tell(logging.WARNING, Code.TIME_LEAPT, text, instrument_id, times)


def stopped(scope: str, state: TradingState, reason: str, source: str) -> None:
    """Trading, by somebody or something."""
    about = (scope, state.value, source, reason)
    _tell(logging.CRITICAL, Code.TRADING_STOPPED, "%s is %s, by %s: %s", *about)


def latch_failed(error: OSError) -> None:
    """The journal has to remember alone what is stopped."""
    _tell(logging.ERROR, Code.LATCH_FAILED, "the KILL file cannot be written: %s", error)


def snapshot_failed(why: str) -> None:
    """Costs a longer start one day."""
    _tell(logging.WARNING, Code.NO_SNAPSHOT, "no snapshot: %s", why)


def tables_failed(why: str) -> None:
    """They lag until they are written again."""
    _tell(logging.WARNING, Code.TABLES_BEHIND, "nobody writes the read tables: %s", why)


def tokens_untrusted(error: BaseException) -> None:
    _tell(logging.ERROR, Code.TOKENS_UNTRUSTED, "nobody is let in: %s", error)


def answer_failed(error: BaseException) -> None:
    _tell(logging.ERROR, Code.ANSWER_FAILED, "answering failed: %s", error, error=error)


def chore_failed(what: str, error: BaseException) -> None:
    _tell(logging.ERROR, Code.CHORE_FAILED, "%s: %s; tried again", what, error, error=error)


def refused_to_start(why: str, *about: object) -> None:
    _tell(logging.ERROR, Code.REFUSED_TO_START, why, *about)


def said(message: str, *about: object) -> None:
    """A step in the life of the process itself."""
    _LOGS["server"].info(message, *about)


def _tell(
    level: int, code: Code, text: str, *about: object, error: BaseException | None = None
) -> None:
    errors[code] += 1
    _LOGS[code.component].log(level, text, *about, exc_info=error, extra={"code": code.code})


_LOGS: Mapping[str, logging.Logger] = {
    component: logging.getLogger(f"{ROOT}.{component}")
    for component in {code.component for code in Code} | {"server"}
}
