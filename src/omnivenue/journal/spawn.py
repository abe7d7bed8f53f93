"""Starts the process that makes snapshots, from the loop, without waiting for it.

A snapshot that fails costs a longer start one day, and nothing now: it is reported, and tried again
after as many entries as usual.
"""

import subprocess
from collections.abc import Callable
from pathlib import Path

from omnivenue.interpreter import words_for
from omnivenue.journal.snapshots import snapshot_files

EVERY = 50_000  # entries: what is left to fold at a start takes about a second
WORDS_MAX = 2_000  # of what a failed process said


class Snapshots:
    """At most one process at a time."""

    def __init__(
        self,
        home: Path,
        mode: str,
        every: int = EVERY,
        failed: Callable[[str], None] = lambda _: None,
    ) -> None:
        self._words = words_for("omnivenue.journal.snapshot")
        self._words += ["--home", str(home), "--mode", mode]
        self._every = every
        self._failed = failed
        self._running: subprocess.Popen[bytes] | None = None
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
            self._running = subprocess.Popen(
                self._words,
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.PIPE,
            )
        except OSError as exc:
            self._failed(str(exc))
            return False
        return True

    def poll(self) -> None:
        """Notice that it has ended, and how."""
        process = self._running
        if process is None or (code := process.poll()) is None:
            return
        self._running = None
        assert process.stderr is not None
        said = process.stderr.read(WORDS_MAX).decode("utf-8", "replace").strip()
        process.stderr.close()
        if code != 0:
            self._failed(f"exit {code}: {said}")

    def close(self, timeout: float = 5) -> None:
        """End what still runs. It writes its file in one step, so that none is left half done."""
        process = self._running
        if process is None:
            return
        process.terminate()
        try:
            process.wait(timeout)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
        self._running = None
        assert process.stderr is not None
        process.stderr.close()
