"""Every step of the write-ahead protocol, as a place where the process can be killed.

Each point wraps one function of the running system, so that the system itself carries no such
code. SIGKILL comes from within, at the n-th time the point is passed: no handler runs, no buffer
is flushed, exactly as when somebody pulls the plug on the process.
"""

import os
import signal
from collections.abc import Callable
from typing import Any

import apsw

from omnivenue import telemetry
from omnivenue.journal import Journal, SqliteJournal
from omnivenue.message import (
    CancelOrder,
    ExecType,
    ExecutionReport,
    NewOrder,
    OrderInstructed,
    QueryOrders,
    StatusReport,
)
from omnivenue.runtime import Door, LiveLoop
from omnivenue.venue.sim import SimVenue

type Kill = Callable[[], None]


def counting(hit: int) -> Kill:
    """Kills at the `hit`-th call."""
    left = [hit]

    def passed() -> None:
        left[0] -= 1
        if left[0] == 0:
            os.kill(os.getpid(), signal.SIGKILL)

    return passed


def _around(
    owner: type, name: str, before: Callable[..., None], after: Callable[..., None]
) -> None:
    inner: Callable[..., Any] = getattr(owner, name)

    def wrapped(*args: Any, **named: Any) -> Any:
        before(*args)
        result = inner(*args, **named)
        after(*args)
        return result

    setattr(owner, name, wrapped)


def _nothing(*_: Any) -> None:
    return None


def _appended(kill: Kill, kind: type, exec_type: ExecType | None = None) -> Callable[..., None]:
    """Matches the event that `Journal.append` was given."""

    def matches(_journal: Journal, _at: int, _who: str, event: Any, *_: Any) -> None:
        if isinstance(event, kind) and exec_type in (None, getattr(event, "exec_type", None)):
            kill()

    return matches


def _sent(kill: Kill, kind: type) -> Callable[..., None]:
    def matches(_venue: SimVenue, command: Any) -> None:
        if isinstance(command, kind):
            kill()

    return matches


def _at_append(
    before: bool, kind: type, exec_type: ExecType | None = None
) -> Callable[[Kill], None]:
    def install(kill: Kill) -> None:
        hook = _appended(kill, kind, exec_type)
        first, then = (hook, _nothing) if before else (_nothing, hook)
        _around(Journal, "append", first, then)

    return install


def _at_send(before: bool, kind: type) -> Callable[[Kill], None]:
    def install(kill: Kill) -> None:
        hook = _sent(kill, kind)
        first, then = (hook, _nothing) if before else (_nothing, hook)
        _around(SimVenue, "send", first, then)

    return install


def _at_commit(before: bool) -> Callable[[Kill], None]:
    def install(kill: Kill) -> None:
        def hook(journal: Journal, *_: Any) -> None:
            if journal.durable_seq > 0:
                kill()

        first, then = (hook, _nothing) if before else (_nothing, hook)
        _around(SqliteJournal, "commit", first, then)

    return install


def _within_commit(kill: Kill) -> None:
    """After the rows are inserted, before SQLite commits them."""

    def install(journal: SqliteJournal, *_: Any) -> None:
        for value in vars(journal).values():
            if isinstance(value, apsw.Connection):

                def hook() -> bool:
                    kill()
                    return False

                value.set_commit_hook(hook)

    _around(SqliteJournal, "__init__", _nothing, install)


def _before_the_answer(kill: Kill) -> None:
    _around(LiveLoop, "_dispatch", _nothing, lambda *_: kill())


def _after_the_answer(kill: Kill) -> None:
    _around(telemetry.Meter, "turned", _nothing, lambda *_: kill())


def _refused_by_door(kill: Kill) -> None:
    _around(Door, "_shut", lambda *_: kill(), _nothing)


POINTS: dict[str, Callable[[Kill], None]] = {
    "accept: key looked up, nothing written": _refused_by_door,
    "accept: before the entry is made": _at_append(True, OrderInstructed),
    "accept: entry made, not committed": _at_append(False, OrderInstructed),
    "commit: before it begins": _at_commit(True),
    "commit: rows written, not committed": _within_commit,
    "commit: durable, nothing dispatched": _at_commit(False),
    "send: an order, before the wire": _at_send(True, NewOrder),
    "send: an order, on the wire": _at_send(False, NewOrder),
    "send: a cancel, before the wire": _at_send(True, CancelOrder),
    "send: a cancel, on the wire": _at_send(False, CancelOrder),
    "answer: dispatched, not answered": _before_the_answer,
    "answer: answered": _after_the_answer,
    "outcome: acknowledged, not journaled": _at_append(True, ExecutionReport, ExecType.NEW),
    "outcome: acknowledged, entry made": _at_append(False, ExecutionReport, ExecType.NEW),
    "settle: filled, not journaled": _at_append(True, ExecutionReport, ExecType.TRADE),
    "settle: filled, entry made": _at_append(False, ExecutionReport, ExecType.TRADE),
    "recover: question asked": _at_send(False, QueryOrders),
    "recover: answer received, not journaled": _at_append(True, StatusReport),
    "recover: answer journaled, not committed": _at_append(False, StatusReport),
}


def install(point: str, hit: int) -> None:
    POINTS[point](counting(hit))
