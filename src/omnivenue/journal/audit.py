"""The whole journal, read as somebody who trusts nothing in it: for `omnivenue replay`.

One pass, in constant memory. What is wrong becomes a line of the report and not an exception,
because the one who asks wants to know how far it was right.
"""

from collections.abc import Iterator
from hashlib import sha256
from itertools import tee
from pathlib import Path

import msgspec

from omnivenue.engine import DECISION_VERSION, State, state_hash
from omnivenue.journal.archive import Filed, left
from omnivenue.journal.chain import Broken, Chain, UnknownSchema
from omnivenue.journal.journal import WrongMode, check_mode
from omnivenue.journal.replay import (
    Differs,
    apply_entry,
    decide_entry,
    decision_version,
    uncollected,
)
from omnivenue.journal.snapshots import (
    BadSnapshot,
    Header,
    OldSnapshot,
    read_snapshot,
    read_state,
    snapshot_files,
)
from omnivenue.journal.sqlite import NotAJournal, SqliteReader
from omnivenue.message import Entry, Opened, decision


class Report(msgspec.Struct, frozen=True, kw_only=True):
    """`entries` were found right. The hashes are those after the last of them; `problem` is what
    came next, and empty where nothing did."""

    entries: int
    state_hash: str
    decision_hash: str
    epochs: int
    snapshots_checked: int
    ok: bool
    problem: str


class _Audit:
    def __init__(self, folder: Path, *, decide: bool) -> None:
        self.state, self.chain, self.decisions = State(), Chain(0), sha256()
        self.epochs, self.checked, self.applied = 0, 0, 0
        self._decide, self._version, self._mode = decide, DECISION_VERSION, ""
        self._due: list[tuple[Header, Path]] = []  # the next one last
        self._folder = folder

    def run(self, lines: Iterator[bytes], archive: Iterator[Filed]) -> str:
        try:
            self._find_snapshots()
            self._check_snapshots()
            ahead, lines = tee(lines)
            for entry, line in zip(self.chain.check(ahead), lines, strict=True):
                self._entry(entry, line)
                if self.state.leaving:
                    self._check_archive(archive)
                self._check_snapshots()
            if self._due:
                raise Broken(
                    f"the journal has lost entries: it ends before {self._due[-1][1].name}"
                )
        except (BadSnapshot, Broken, Differs, OSError, UnknownSchema, WrongMode) as exc:
            return str(exc)
        except Exception as exc:  # an entry that our own rules cannot bear
            return f"entry {self.chain.seq - 1} cannot be applied: {type(exc).__name__}: {exc}"
        return ""

    def _find_snapshots(self) -> None:
        """Before any entry is read, so that none of them can be ahead of the journal."""
        for path in snapshot_files(self._folder):
            try:
                self._due.append((read_snapshot(path)[0], path))
            except (FileNotFoundError, OldSnapshot):
                continue  # pruned a moment ago, or not ours to judge

    def _entry(self, entry: Entry, line: bytes) -> None:
        if type(entry.event) is Opened:
            self._mode = self._mode or entry.event.mode
            check_mode(entry, self._mode)
            self.epochs += 1
        self._version = decision_version(entry, self._version)
        if self._decide and self._version == DECISION_VERSION:
            decide_entry(self.state, entry)
        else:
            apply_entry(self.state, entry)
        self.decisions.update(decision(entry, line))
        self.applied += 1

    def _check_archive(self, archive: Iterator[Filed]) -> None:
        """What has left State stands there as it was, in the order in which it left."""
        for each in left(self.state):
            found = next(archive, None)
            if found is None or not found.is_as(each):
                raise Broken(f"the archive does not hold {each.order_id} as it left State")

    def _check_snapshots(self) -> None:
        while self._due and self._due[-1][0].seq == self.chain.seq:
            header, path = self._due.pop()
            if header.head != self.chain.head:
                raise Broken(
                    f"entry {header.seq - 1} is not the one that {path.name} was made with"
                )
            if header.state_hash != state_hash(self.state):
                raise Broken(f"{path.name} holds another state than its entries make")
            self._read_back(path)

    def _read_back(self, path: Path) -> None:
        try:
            read_state(path, *read_snapshot(path))
        except FileNotFoundError:
            return
        self.checked += 1


def verify_journal(path: Path, *, decide: bool = True) -> Report:
    """Check the chain, every decision of the running version, and every snapshot beside `path`.
    Without `decide` the journal's decisions are believed: faster, and all that replay promises."""
    try:
        reader = SqliteReader(path)
    except NotAJournal as exc:
        return Report(
            entries=0,
            state_hash="",
            decision_hash="",
            epochs=0,
            snapshots_checked=0,
            ok=False,
            problem=str(exc),
        )
    audit = _Audit(path.parent / "snapshots", decide=decide)
    try:
        with uncollected():
            problem = audit.run(reader.lines(), reader.archive())
    finally:
        reader.close()
    return Report(
        entries=audit.applied,
        state_hash=state_hash(audit.state),
        decision_hash=audit.decisions.hexdigest(),
        epochs=audit.epochs,
        snapshots_checked=audit.checked,
        ok=not problem,
        problem=problem,
    )
