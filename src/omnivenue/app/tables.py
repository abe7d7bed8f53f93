"""Keeps the process that writes the read tables: starts it, and starts it again when it dies.

Nothing waits for it: tables that lag, or that nobody writes for a while, stop no trading.
"""

import subprocess
import time
from collections.abc import Callable, Sequence
from pathlib import Path

from omnivenue import telemetry
from omnivenue.interpreter import SideProcess, words_for

WAITS_SECONDS = (0.2, 0.5, 1.0, 2.0, 5.0, 15.0)
"""Before it is started again: longer, the more often it dies young."""

YOUNG_SECONDS = 60.0
END_SECONDS = 5.0


class TablesProcess:
    """At most one at a time. `failed` is told why it ended."""

    def __init__(
        self,
        home: Path,
        mode: str,
        failed: Callable[[str], None],
        logs: Sequence[str] = telemetry.FOLLOWED,
    ) -> None:
        """`logs`: those that it writes."""
        self._words = words_for("omnivenue.api.tables.follow")
        self._words += ["--home", str(home), "--mode", mode, "--logs", ",".join(logs)]
        self._home, self._failed = home, failed
        self._process: SideProcess | None = None
        self._started_at = 0.0
        self._starts_at = 0.0
        self._deaths = 0  # one young after another

    @property
    def pid(self) -> int | None:
        return None if self._process is None else self._process.pid

    def tend(self) -> None:
        """Call often: it costs a look at the process."""
        now = time.monotonic()
        if self._process is not None and self._process.poll() is not None:
            self._died(now)
        if self._process is None and now >= self._starts_at:
            self._start(now)

    def _start(self, now: float) -> None:
        try:
            self._process = SideProcess(self._words, self._home, stdin=subprocess.PIPE)
        except OSError as exc:
            self._failed(str(exc))
            self._starts_at = now + WAITS_SECONDS[-1]
        self._started_at = now

    def _died(self, now: float) -> None:
        code, said = self._let_go()
        is_young = now - self._started_at < YOUNG_SECONDS
        self._deaths = self._deaths + 1 if is_young else 1
        self._starts_at = now + WAITS_SECONDS[min(self._deaths, len(WAITS_SECONDS)) - 1]
        self._failed(f"exit {code}: {said}")

    def _let_go(self) -> tuple[int, str]:
        process, self._process = self._process, None
        assert process is not None
        assert process.stdin is not None
        process.stdin.close()
        try:
            code = process.wait(END_SECONDS)
        except subprocess.TimeoutExpired:
            process.kill()
            code = process.wait()
        return code, process.said_at_last()

    def close(self) -> None:
        """Let it write what is there, and end. Blocks for some seconds at most."""
        if self._process is not None:
            code, said = self._let_go()
            if code != 0:
                self._failed(f"exit {code}: {said}")
