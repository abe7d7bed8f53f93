"""Stopping trading, whatever still works: by the server, else by the file that it looks at. To a
server of this home by its socket, where no crowd of strangers stands before the door.

The file is also what the next start looks at first, so a stop that was asked for while nothing ran
is not forgotten. And it needs no token: who can write it may stop everything, so a token that was
revoked, or cannot be read, keeps nobody from it.
"""
# ruff: noqa: PLC0415 -- the file's side costs a second of imports, which a stop must not wait for

import os
from typing import Any
from urllib.parse import urlsplit

import typer

from omnivenue.cli import out
from omnivenue.client import Client, OmnivenueError, Unauthorized, Unknown, Unreachable
from omnivenue.client.find import folder, running, socket
from omnivenue.model import TradingState

KINDS = ("venue:", "account:", "strategy:", "chain:")
ANSWER_SECONDS = 0.5
"""Of each try. Whoever stops everything does not wait for a server that hangs; a stop that arrives
twice is one."""
LOOPBACK = frozenset({"localhost", "127.0.0.1", "::1"})


def kill(scope: str, state: str, reason: str) -> dict[str, Any]:
    """The row that holds now, with the `file` where only that could be written. Raises what the
    server said, or that there is none, where the file could not be written either."""
    if scope != "global" and not any(scope.startswith(k) and scope != k for k in KINDS):
        raise typer.BadParameter(f"{scope!r} is not global, {', '.join(KINDS)}…")
    try:
        with Client(socket(os.environ), timeout=ANSWER_SECONDS) as client:
            return client.kill(scope, reason, state)
    except (Unauthorized, Unreachable, Unknown) as error:
        was_refused = isinstance(error, Unauthorized) and error.status is not None
        if not _is_ours() or (was_refused and not _is_of_this_home()):
            raise
        return _by_file(scope, TradingState(state), reason, error)


def _is_ours() -> bool:
    """A server elsewhere looks at a file elsewhere."""
    url = os.environ.get("OMNIVENUE_URL")
    return not url or urlsplit(url).hostname in LOOPBACK


def _is_of_this_home() -> bool:
    """Is who refused us the server that looks at our file? Another one reads nothing of it, and a
    stop that was not done must not be told as one."""
    url = os.environ.get("OMNIVENUE_URL")
    ours = running(folder(os.environ))
    return ours is not None and (not url or urlsplit(url).port == urlsplit(ours).port)


def _by_file(scope: str, state: TradingState, reason: str, error: OmnivenueError) -> dict[str, Any]:
    from omnivenue.app.kill_file import KillFile
    from omnivenue.journal.lock import private_folder

    where = folder(os.environ)
    try:
        private_folder(where)
    except OSError as why:
        raise error from why
    KillFile(where).set(scope, state, reason)
    stops = [stop for stop in KillFile(where).read() if stop.scope in (scope, "global")]
    if not any(stop.state.severity >= state.severity for stop in stops):
        raise error
    out.note(f"{error.message}; {where / 'KILL'} says it to a server that runs or starts")
    row = {"scope": scope, "state": state.value, "since": None, "reason": reason}
    return {**row, "file": str(where / "KILL")}
