"""Starts the process that makes snapshots, from the loop, without waiting for it.

A snapshot that fails costs a longer start one day, and nothing now: it is reported, and tried again
after as many entries as usual.
"""

import subprocess
import time
from collections.abc import Callable
from pathlib import Path

from omnivenue.interpreter import SideProcess, words_for
from omnivenue.journal.snapshots import snapshot_files

EVERY = 50_000  # entries: what is left to fold at a start takes about a second
SECONDS_MAX = 900.0
"""For one, be its journal as long as it may: a process that hangs would be the last."""


class Snapshots:
    """At most one process at a time."""

    def __init__(
        self,
        home: Path,
        mode: str,
        every: int = EVERY,
        failed: Callable[[str], None] = lambda _: None,
        seconds: float = SECONDS_MAX,
    ) -> None:
        self._words = words_for("omnivenue.journal.snapshot")
        self._words += ["--home", str(home), "--mode", mode]
        self._every = every
        self._failed = failed
        self._home, self._seconds = home, seconds
        self._running: SideProcess | None = None
        self._started_at = 0.0
        newest = snapshot_files(home / mode / "snapshots")[:1]
        self._last = int(newest[0].stem) if newest else 0

    def maybe_start(self, seq: int) -> bool:
        """Call often: it costs a comparison. Starting a process costs some milliseconds, once in
        `every` entries. True where one was started."""
        if self._running is not None:
            self.poll()
        if self._running is not None or seq - self._last < self._every:
            return False
        self._last = seq
        try:
            self._running = SideProcess(self._words, self._home)
        except OSError as exc:
            self._failed(str(exc))
            return False
        self._started_at = time.monotonic()
        return True

    def poll(self) -> None:
        """Notice that it has ended, and how; and end one that does not."""
        process = self._running
        if process is None:
            return
        if (code := process.poll()) is None:
            if time.monotonic() - self._started_at > self._seconds:
                process.kill()
            return
        self._running = None
        said = process.said_at_last()
        if code != 0:
            self._failed(f"exit {code}: {said}")

    def close(self, timeout: float = 5) -> None:
        """End what still runs. It writes its file in one step, so that none is left half done."""
        process, self._running = self._running, None
        if process is None:
            return
        process.terminate()
        try:
            process.wait(timeout)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
        process.said_at_last()
