"""The log's way to stderr, where nobody is waited for.

Whoever reads a pipe may stop to, a pager for one, and a terminal may be halted. A write would then
wait, and with it the loop, its orders and its kill switch. So what there is no room for is lost
there, and stands in the files alone.
"""

import logging
import os
from select import PIPE_BUF, POLLOUT, poll
from typing import TextIO


class Stderr(logging.StreamHandler[TextIO]):
    """What is no file of the system's, as in tests, takes all."""

    def __init__(self) -> None:
        super().__init__()
        self._is_cut = False  # the line that was written last lacks its end

    def emit(self, record: logging.LogRecord) -> None:
        try:
            descriptor = self.stream.fileno()
        except OSError:
            super().emit(record)
            return
        try:
            self._write(descriptor, f"{self.format(record)}\n".encode())
        except Exception:  # a log that fails fails nobody
            self.handleError(record)

    def _write(self, descriptor: int, line: bytes) -> None:
        rest = memoryview(b"\n" + line if self._is_cut else line)
        while rest and _has_room(descriptor):
            self._is_cut = True
            rest = rest[os.write(descriptor, rest[:PIPE_BUF]) :]
        self._is_cut = self._is_cut and bool(rest)


def _has_room(descriptor: int) -> bool:
    """For PIPE_BUF bytes, if for any."""
    ready = poll()
    ready.register(descriptor, POLLOUT)
    return bool(ready.poll(0))
