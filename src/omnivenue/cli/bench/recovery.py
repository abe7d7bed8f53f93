"""How long a restart takes after a long day, and how long to read all of that day anew.

A journal of so many entries is made first, which takes longer than all that is measured with it:
so this is only measured where it is asked for by name. Each measurement is a process of its own, as
a start is, and says how much memory it came to need. All hashes are checked as they always are.
"""

import resource
import sys
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ProcessPoolExecutor
from hashlib import sha256
from multiprocessing import get_context
from pathlib import Path
from time import perf_counter

import msgspec

from omnivenue.cli import out
from omnivenue.cli.bench.day import Day
from omnivenue.cli.bench.disk import scratch
from omnivenue.cli.bench.memory import MB
from omnivenue.cli.bench.result import Peer, Result
from omnivenue.journal import SqliteJournal, SqliteReader, recover, verify_journal
from omnivenue.journal.snapshot import make_snapshot
from omnivenue.journal.snapshots import snapshot_files
from omnivenue.journal.spawn import EVERY
from omnivenue.message import decode_entry

ENTRIES = 1_000_000
MODE = "bench"
START_GOAL, FOLD_GOAL = 2.0, 40_000


class Took(msgspec.Struct, frozen=True):
    seconds: float
    entries: int
    peak: int  # bytes of memory, all of the process

    @property
    def rate(self) -> float:
        return self.entries / self.seconds

    def __str__(self) -> str:
        return f"{self.seconds:.2f} s, {self.peak / MB:.0f} MB at most"


def build(home: Path, entries: int, tail: int) -> int:
    """A day's journal, with a snapshot that was made `tail` entries ago."""
    journal = SqliteJournal(home, MODE)
    day = Day(journal)
    day.until(entries - tail)
    day.snapshot(home / MODE / "snapshots")
    day.until(entries)
    journal.close()
    return day.entries


def start(home: Path) -> int:
    """As a server does before it says that it is back."""
    journal = SqliteJournal(home, MODE)
    state = recover(journal, home / MODE / "snapshots")
    journal.close()
    return state.seq


def fold(home: Path) -> int:
    """As a server that has lost its snapshots."""
    journal = SqliteJournal(home, MODE)
    state = recover(journal)
    journal.close()
    return state.seq


def replay(home: Path) -> int:
    """As `omnivenue replay`: also the decision hash, the archive and the snapshots."""
    report = verify_journal(home / MODE / "journal.db", decide=False)
    assert report.ok, report.problem
    return report.entries


def snapshot(home: Path) -> int:
    """As the process that a server starts now and then: from the last one and the entries since."""
    made = make_snapshot(home, MODE)
    return int(made.stem)


def floor(home: Path, does: Callable[[bytes], object]) -> int:
    """Every line read, and one thing done with it."""
    reader, n = SqliteReader(home / MODE / "journal.db"), 0
    for line in reader.lines():
        does(line)
        n += 1
    reader.close()
    return n


def decoded(home: Path) -> int:
    return floor(home, decode_entry)


def hashed(home: Path) -> int:
    return floor(home, lambda line: sha256(line).hexdigest())


def measure(entries: int = ENTRIES, tail: int = EVERY) -> list[Result]:
    """`recovery.start`, `.fold`, `.replay` and `.snapshot`."""
    with scratch() as folder:
        home = folder / "home"
        built = _timed(build, home, entries, tail)
        out.note(f"{built.entries} entries made: {built}")
        (newest,) = snapshot_files(home / MODE / "snapshots")
        size = newest.stat().st_size / MB
        took = [_timed(each, home) for each in (start, fold, replay, snapshot, decoded, hashed)]
    return list(_results(took, f"a snapshot of {size:.1f} MB, and {tail} entries since"))


def _results(took: Iterable[Took], of_what: str) -> Iterator[Result]:
    started, folded, replayed, made, alone, hashes = took
    yield Result(
        name="recovery.start",
        value=started.seconds,
        unit="s",
        goal=START_GOAL,
        note=f"{of_what}: {started}",
    )
    for name, found in (("recovery.fold", folded), ("recovery.replay", replayed)):
        floors = f"read and hashed alone {hashes.rate:.0f} entries/s"
        yield Result(
            name=name,
            value=found.rate,
            unit="entries/s",
            goal=FOLD_GOAL,
            peer=Peer(name="read and decoded", value=alone.rate, ratio=found.rate / alone.rate),
            note=f"{found.entries} entries: {found}; {floors}",
        )
    note = f"{of_what}: {made}"
    yield Result(name="recovery.snapshot", value=made.seconds, unit="s", note=note)


def _timed(does: Callable[..., int], *given: object) -> Took:
    """In a process that does nothing else, and was there before the clock runs."""
    with ProcessPoolExecutor(1, get_context("spawn")) as fresh:
        return fresh.submit(_here, does, given).result()


def _here(does: Callable[..., int], given: tuple[object, ...]) -> Took:
    began = perf_counter()
    entries = does(*given)
    return Took(perf_counter() - began, entries, _peak())


def _peak() -> int:
    """Linux counts in kilobytes, others in bytes. A process that was started by a larger one may
    say what that one had: so this is at most what it says."""
    told = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return told * 1024 if sys.platform == "linux" else told
