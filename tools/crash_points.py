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
    CloseParent,
    EndReason,
    ExecType,
    ExecutionReport,
    NewOrder,
    OrderInstructed,
    QueryOrders,
    ReplaceOrder,
    StartOrder,
    StatusReport,
    StopParent,
    TriggerParent,
    WatchFired,
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


def _anything(_: Any) -> bool:
    return True


def _is_of_exit(command: NewOrder) -> bool:
    return "~" in command.parent_id  # which no client's key has


def _ends_group(command: Any) -> bool:
    return isinstance(command, StopParent | CloseParent) and command.reason is EndReason.OCO


def _sent(kill: Kill, kind: type, such: Callable[[Any], bool]) -> Callable[..., None]:
    def matches(_venue: SimVenue, command: Any) -> None:
        if isinstance(command, kind) and such(command):
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


def _at_send(
    before: bool, kind: type, such: Callable[[Any], bool] = _anything
) -> Callable[[Kill], None]:
    def install(kill: Kill) -> None:
        hook = _sent(kill, kind, such)
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


def _decided(durable: bool, such: Callable[[Any], bool]) -> Callable[[Kill], None]:
    """An entry with such a command in it is made; or is durable, and nothing of it has left."""

    def install(kill: Kill) -> None:
        waiting: list[Any] = []

        def appended(_journal: Journal, *given: Any) -> None:
            if any(such(command) for command in given[4]):
                if durable:
                    waiting.append(given)
                else:
                    kill()

        def committed(*_: Any) -> None:
            if waiting:
                waiting.clear()
                kill()

        _around(Journal, "append", _nothing, appended)
        _around(SqliteJournal, "commit", _nothing, committed)

    return install


def _decides(kind: type) -> Callable[[Any], bool]:
    return lambda command: isinstance(command, kind)


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
    inner = telemetry.turned

    def turned(entries: Any) -> None:
        inner(entries)
        kill()

    telemetry.turned = turned  # each loop asks for it when it is made


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
    "bracket: filled, its exits not committed": _decided(False, _decides(StartOrder)),
    "bracket: filled and committed, its exits not sent": _decided(True, _decides(StartOrder)),
    "bracket: an exit, on the wire": _at_send(False, NewOrder, _is_of_exit),
    "group: one filled, the end of the others not committed": _decided(False, _ends_group),
    "group: one filled and committed, the others not cancelled": _decided(True, _ends_group),
    "stop: watch fired, not journaled": _at_append(True, WatchFired),
    "stop: watch fired, entry made": _at_append(False, WatchFired),
    "stop: triggered and committed, not sent": _decided(True, _decides(TriggerParent)),
    "stop: triggered by the venue, not journaled": _at_append(
        True, ExecutionReport, ExecType.TRIGGERED
    ),
    "replace: agreed and committed, not sent": _decided(True, _decides(ReplaceOrder)),
    "replace: on the wire": _at_send(False, ReplaceOrder),
    "replace: in force, not journaled": _at_append(True, ExecutionReport, ExecType.REPLACED),
    "replace: in force, entry made": _at_append(False, ExecutionReport, ExecType.REPLACED),
    "recover: question asked": _at_send(False, QueryOrders),
    "recover: answer received, not journaled": _at_append(True, StatusReport),
    "recover: answer journaled, not committed": _at_append(False, StatusReport),
}


def install(point: str, hit: int) -> None:
    POINTS[point](counting(hit))
