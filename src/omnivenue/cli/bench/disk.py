"""The floor of this disk: one durable commit of the journal's kind, and nothing else."""

import tempfile
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path
from time import perf_counter_ns

import apsw

from omnivenue.cli.bench.result import Result, percentile

COMMITS = 2_000
ENTRY = b"x" * 1_000  # as long as the entry of an order that is accepted and sent
HASH = b"x" * 32


@contextmanager
def scratch() -> Generator[Path]:
    """A folder on the disk that is measured, not in memory: under the current one."""
    with tempfile.TemporaryDirectory(dir=Path.cwd(), prefix=".bench-") as folder:
        yield Path(folder)


def measure(commits: int = COMMITS) -> list[Result]:
    with scratch() as folder:
        db = apsw.Connection(str(folder / "floor.db"))
        for pragma in ("PRAGMA journal_mode = WAL", "PRAGMA synchronous = FULL"):
            db.execute(pragma).fetchall()
        db.execute("CREATE TABLE entry (seq INTEGER PRIMARY KEY, line BLOB, hash BLOB) STRICT")
        took = [_commit(db, seq) for seq in range(commits)]
        db.close()
    p50 = percentile(took, 50)
    return [
        Result(name="disk.commit", value=p50, unit="us", p50_us=p50, p99_us=percentile(took, 99))
    ]


def _commit(db: apsw.Connection, seq: int) -> int:
    started = perf_counter_ns()
    db.execute("BEGIN IMMEDIATE")
    db.execute("INSERT INTO entry VALUES (?, ?, ?)", (seq, ENTRY, HASH))
    db.execute("COMMIT")
    return perf_counter_ns() - started
