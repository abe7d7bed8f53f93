"""The log on stderr, where it is a pipe that somebody reads, or nobody."""

import logging
import os
from collections.abc import Iterator
from contextlib import redirect_stderr, suppress
from threading import Thread

import pytest

from omnivenue.telemetry.stderr import Stderr

WITHIN_SECONDS = 10
LONG = "x" * 3 * 65_536


class Pipe:
    def __init__(self) -> None:
        self._out, self._in = os.pipe()
        os.set_blocking(self._out, False)
        self.stream = os.fdopen(self._in, "w")
        with redirect_stderr(self.stream):
            self._handler = Stderr()

    def log(self, message: str) -> None:
        self._handler.emit(logging.LogRecord("a", logging.INFO, "", 0, message, None, None))

    def read(self) -> str:
        found = b""
        with suppress(BlockingIOError):
            while chunk := os.read(self._out, 65_536):
                found += chunk
        return found.decode()

    def close_reader(self) -> None:
        os.close(self._out)


@pytest.fixture
def pipe() -> Iterator[Pipe]:
    made = Pipe()
    yield made
    with suppress(OSError):
        made.close_reader()  # first: so nobody waits any more
    with suppress(OSError):
        made.stream.close()


@pytest.fixture(autouse=True)
def quiet(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(logging, "raiseExceptions", False)


def test_a_line_goes_out_at_once_and_whole(pipe: Pipe) -> None:
    pipe.log("ünd")
    pipe.log("y" * 30_000)
    assert pipe.read() == "ünd\n" + "y" * 30_000 + "\n"


def test_nothing_waits_for_who_does_not_read(pipe: Pipe) -> None:
    """And whoever reads again finds each line that is whole on a line of its own."""
    logging_all = Thread(target=lambda: [pipe.log(f"{n}{LONG}") for n in range(3)], daemon=True)
    logging_all.start()
    logging_all.join(WITHIN_SECONDS)
    assert not logging_all.is_alive()
    cut = pipe.read()
    assert cut
    assert set(cut) == {"0", "x"}
    pipe.log("again")
    pipe.log("and again")
    assert pipe.read() == "\nagain\nand again\n"


def test_a_line_that_nobody_can_read_any_more_fails_nobody(pipe: Pipe) -> None:
    pipe.close_reader()
    pipe.log("gone")
    pipe.log("and gone")
