"""Find the process of the simulated exchanges, or start it. Blocking: for threads and start-up.

It is started detached, with a session and a log of its own: a signal to our group, or our death,
does not reach it.
"""

import os
import socket
import subprocess
import time
from contextlib import ExitStack, suppress
from pathlib import Path
from threading import Lock
from typing import BinaryIO

import msgspec

from omnivenue.interpreter import words_for
from omnivenue.model import VenueID
from omnivenue.venue.sim.codec import (
    Answer,
    AskCounts,
    Control,
    Counts,
    Done,
    Login,
    PlanFault,
    Refused,
    Stop,
    Welcome,
    decode_answer,
    encode,
)
from omnivenue.venue.sim.config import SimConfig
from omnivenue.venue.sim.endpoint import (
    LOCKED,
    Endpoint,
    config_hash,
    read_endpoint,
    write_private,
)
from omnivenue.venue.sim.faults import Planned

PATIENCE_SECONDS = 20.0  # for a start, which reads the whole record
POLL_SECONDS = 0.02
ANSWER_SECONDS = 5.0

_one_at_a_time = Lock()  # several venues come back at once, and want the same process
_children: list[subprocess.Popen[bytes]] = []  # kept, so that those which ended are reaped
_late: dict[Path, subprocess.Popen[bytes]] = {}
"""Of a home: did not come up in time, and yet may. None is started beside it, else a disk that
hangs would fill the memory with those that wait for it."""


class ControlLine:
    """A control connection: tests plan faults on it. A context manager; raises ConnectionError."""

    def __init__(self, endpoint: Endpoint) -> None:
        address = ("127.0.0.1", endpoint.port)
        self._socket = socket.create_connection(address, timeout=ANSWER_SECONDS)
        self._file = self._socket.makefile("rb")
        with ExitStack() as undo:
            undo.callback(self.close)
            answer = self._exchange(Login(token=endpoint.token, control=True))
            if not isinstance(answer, Welcome):
                raise ConnectionRefusedError(str(answer))
            undo.pop_all()

    def __enter__(self) -> "ControlLine":
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def plan(self, venue_id: VenueID, planned: Planned) -> None:
        answer = self.ask(PlanFault(venue=venue_id, planned=planned))
        if isinstance(answer, Refused):
            raise ValueError(answer.why)

    def counts(self) -> Counts:
        answer = self.ask(AskCounts())
        assert isinstance(answer, Counts)
        return answer

    def stop(self) -> None:
        """Returns when the process has let go of everything."""
        answer = self.ask(Stop())
        assert isinstance(answer, Done)
        with suppress(ConnectionResetError):  # that is how it ends a connection
            while self._file.readline():
                continue

    def ask(self, question: Control) -> Answer:
        answer = self._exchange(question)
        assert not isinstance(answer, Welcome)
        return answer

    def close(self) -> None:
        self._file.close()
        self._socket.close()

    def _exchange(self, message: Login | Control) -> Answer | Welcome:
        self._socket.sendall(encode(message))
        line = self._file.readline()
        if not line:
            raise ConnectionResetError("the process closed the connection")
        return decode_answer(line)


def find(home: Path) -> Endpoint | None:
    """The process of this home, if it lives and lets us in."""
    endpoint = read_endpoint(home)
    if endpoint is None:
        return None
    try:
        os.kill(endpoint.pid, 0)
        with ControlLine(endpoint):
            return endpoint
    except (OSError, msgspec.MsgspecError):
        return None


def find_or_start(home: Path, config: SimConfig) -> Endpoint:
    """The process of this home, with this configuration: one with another is stopped first. `home`
    is the directory of its records. Raises ConnectionError where it does not come up in time."""
    with _one_at_a_time:
        _children[:] = [child for child in _children if child.poll() is None]
        home.mkdir(mode=0o700, parents=True, exist_ok=True)
        endpoint = find(home)
        if endpoint is not None and endpoint.config_hash != config_hash(config):
            stop(endpoint)
            endpoint = None
        return endpoint or _start(home, config)


def stop(endpoint: Endpoint) -> None:
    """An orderly end. Nothing happens where there is no such process any more."""
    with (
        suppress(OSError, msgspec.MsgspecError),  # nobody there, or somebody else on that port
        ControlLine(endpoint) as line,
    ):
        line.stop()


def _start(home: Path, config: SimConfig) -> Endpoint:
    write_private(home / "config.json", msgspec.json.encode(config))
    deadline = time.monotonic() + PATIENCE_SECONDS
    late = _late.pop(home, None)
    child = _spawn(home) if late is None or late.poll() is not None else late
    while True:
        endpoint = find(home)
        if endpoint is not None and endpoint.config_hash == config_hash(config):
            return endpoint
        if time.monotonic() > deadline:
            if child.poll() is None:
                _late[home] = child
            text = f"no simulated exchange at {home}: process {child.pid} does not come up"
            raise ConnectionError(f"{text}: see {home / 'process.log'}")
        if child.poll() == LOCKED:  # the lock of one that is ending is held a moment longer
            child = _spawn(home)
        elif child.poll() is not None:
            raise ConnectionError(f"the simulated exchange failed: see {home / 'process.log'}")
        time.sleep(POLL_SECONDS)


def _spawn(home: Path) -> subprocess.Popen[bytes]:
    words = words_for("omnivenue.venue.exchanges")  # by name: it is made of more than this folder
    where = ["--home", str(home), "--config", str(home / "config.json")]
    with _private_log(home / "process.log") as log:
        child = subprocess.Popen(
            [*words, *where],
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            start_new_session=True,
        )
    _children.append(child)
    return child


def _private_log(path: Path) -> BinaryIO:
    """It names accounts and orders, so it is for our own eyes, also where it was there before."""
    log = os.fdopen(os.open(path, os.O_CREAT | os.O_APPEND | os.O_WRONLY, 0o600), "ab")
    os.fchmod(log.fileno(), 0o600)
    return log
