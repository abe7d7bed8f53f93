"""Writes the tables: `python -m omnivenue.api.tables.follow --home HOME --mode MODE`.

A process of its own, so that SQL users and slow disks keep nobody waiting, which reads the journal
without a lock while its writer runs. Whatever goes wrong ends it: who started it starts it again,
and it goes on from what the tables say. It ends when its stdin does, with all written that is there
by then: so it also ends with a parent that was killed.
"""

import argparse
import os
import signal
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from select import select

import apsw

from omnivenue import telemetry
from omnivenue.api.tables.file import NotTables, Overtaken, TablesFile
from omnivenue.api.tables.projection import Elsewhere, Projection
from omnivenue.journal import Broken, NotAJournal, SqliteReader, UnknownSchema
from omnivenue.model import Nanos
from omnivenue.runtime import spare

NICENESS = 10  # the loop goes first
LOOK_EVERY_SECONDS = 0.1
TOLD_EVERY_SECONDS = 1.0  # that somebody is there, where nothing is new
LAST_SECONDS = 3.0  # for what is left when it is told to end


class Follower:
    def __init__(self, folder: Path, mode: str) -> None:
        """Raises NotTables, NotAJournal, Broken, UnknownSchema."""
        self._reader = SqliteReader(folder / "journal.db")
        self._tables = TablesFile(folder, mode)
        self._projection = Projection(self._reader, mode)
        self._progress = self._tables.progress()
        self._told_at = 0.0
        try:
            self._projection.resume(self._progress, folder / "snapshots")
        except Elsewhere:
            self._progress = self._tables.empty()
            self._projection = Projection(self._reader, mode)
        spare()

    def write_next(self) -> bool:
        """One batch; False where nothing was new. Raises Overtaken."""
        batch = self._projection.fold()
        now, last = Nanos(time.time_ns()), self._reader.last_seq()
        if batch is not None:
            self._progress = self._tables.write(batch, self._progress, last, now)
        elif time.monotonic() - self._told_at >= TOLD_EVERY_SECONDS:
            self._progress = self._tables.looked(self._progress, last, now)
            self._told_at = time.monotonic()
        return batch is not None

    def close(self) -> None:
        self._tables.close()
        self._reader.close()


def follow(folder: Path, mode: str, logs: tuple[str, ...] = telemetry.FOLLOWED) -> None:
    """Until stdin ends."""
    telemetry.to_files(folder / "logs", logs)
    follower = Follower(folder, mode)
    try:
        while not _is_told_to_end(0 if follower.write_next() else LOOK_EVERY_SECONDS):
            pass
        deadline = time.monotonic() + LAST_SECONDS
        while follower.write_next() and time.monotonic() < deadline:
            pass
    finally:
        follower.close()


def _is_told_to_end(seconds: float) -> bool:
    ready, _, _ = select([sys.stdin], [], [], seconds)
    return bool(ready) and not os.read(sys.stdin.fileno(), 1)


def main(argv: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="omnivenue.api.tables.follow")
    parser.add_argument("--home", type=Path, required=True)
    parser.add_argument("--mode", required=True)
    parser.add_argument("--logs", default=",".join(telemetry.FOLLOWED))
    given = parser.parse_args(argv)
    logs = tuple(name for name in telemetry.FOLLOWED if name in given.logs.split(","))
    for number in (
        signal.SIGINT,
        signal.SIGTERM,
    ):  # meant for the server, which then ends our stdin
        signal.signal(number, signal.SIG_IGN)
    try:
        follow(given.home / given.mode, given.mode, logs)
    except NotTables as exc:
        sys.stderr.write(f"{exc}; omnivenue views rebuild makes them anew\n")
        return 1
    except (apsw.Error, Broken, NotAJournal, OSError, Overtaken, UnknownSchema) as exc:
        sys.stderr.write(f"{type(exc).__name__}: {exc}\n")
        return 1
    return 0


if __name__ == "__main__":
    os.nice(NICENESS)
    raise SystemExit(main())
