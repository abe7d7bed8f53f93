"""Snapshots: the state after so many entries, in a file, so that a start need not read them all.

A snapshot is a shortcut and never a truth. It counts only while three things hold: its bytes are
those that were written, the program that made it kept state as this one does, and the journal's own
entry before it has the hash that it names. Else an older one serves, or the whole journal.

An intact snapshot whose journal says otherwise is worse than none: snapshots are made of durable
entries only, so the journal has lost or changed some. `contradiction` finds that.
"""

import os
from collections.abc import Iterator
from hashlib import sha256
from pathlib import Path
from typing import Protocol

import msgspec

from omnivenue.engine import DECISION_VERSION, State, decode_state, state_hash
from omnivenue.journal.chain import GENESIS, Chain
from omnivenue.journal.lock import private_folder, sync_folder
from omnivenue.message import SCHEMA_VERSION, encode

FORMAT = b"omnivenue-snapshot-5"
KEPT = 3


class Lines(Protocol):
    """Whoever has entries to read."""

    def line(self, seq: int) -> bytes | None: ...

    def lines(self, start: int = 0) -> Iterator[bytes]: ...


class Header(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """`seq` entries have been folded, the last of them of `epoch` and with the hash `head`."""

    schema_version: int
    decision_version: int
    seq: int
    epoch: int
    head: str
    state_hash: str


class BadSnapshot(Exception):
    """The file is torn or changed."""


class OldSnapshot(Exception):
    """Whole, and of another version of us, which may have kept its state otherwise."""


def write_snapshot(folder: Path, state: State, chain: Chain) -> Path:
    """Either the whole file under its name, or no file. The three newest are kept."""
    assert state.seq == chain.seq
    body = encode(state)
    header = Header(
        schema_version=SCHEMA_VERSION,
        decision_version=DECISION_VERSION,
        seq=chain.seq,
        epoch=chain.epoch,
        head=chain.head,
        state_hash=state_hash(state),
    )
    rest = encode(header) + b"\n" + body
    first = FORMAT + b" " + sha256(rest).hexdigest().encode()
    private_folder(folder)
    path = folder / f"{chain.seq}.snap"
    temporary = folder / f"{chain.seq}.tmp"
    fd = os.open(temporary, os.O_CREAT | os.O_TRUNC | os.O_WRONLY, 0o600)
    with os.fdopen(fd, "wb") as file:
        file.write(first + b"\n" + rest)
        file.flush()
        os.fsync(fd)
    temporary.rename(path)
    sync_folder(folder)
    _prune(folder, path)
    return path


def read_snapshot(path: Path) -> tuple[Header, bytes]:
    """The header and the encoded state. Raises BadSnapshot, OldSnapshot, OSError."""
    first, _, rest = path.read_bytes().partition(b"\n")
    name, _, digest = first.partition(b" ")
    if digest != sha256(rest).hexdigest().encode():
        raise BadSnapshot(f"{path.name} is not what was written")
    if name != FORMAT:
        raise OldSnapshot(f"{path.name} is of the format {name.decode(errors='replace')}")
    head, _, body = rest.partition(b"\n")
    try:
        header = msgspec.json.decode(head, type=Header)
    except msgspec.DecodeError as exc:
        raise BadSnapshot(f"{path.name}: {exc}") from exc
    if (header.schema_version, header.decision_version) != (SCHEMA_VERSION, DECISION_VERSION):
        raise OldSnapshot(f"{path.name} was made by another version")
    return header, body


def read_state(path: Path, header: Header, body: bytes) -> State:
    """The state, if it is what it was before it was written."""
    try:
        state = decode_state(body)
    except msgspec.DecodeError as exc:
        raise BadSnapshot(f"{path.name}: {exc}") from exc
    if state_hash(state) != header.state_hash:
        raise BadSnapshot(f"{path.name} reads back as another state")
    return state


def snapshot_files(folder: Path) -> list[Path]:
    """Newest first."""
    found = [p for p in folder.glob("*.snap") if p.stem.isdecimal()]
    return sorted(found, key=lambda p: int(p.stem), reverse=True)


def fits(header: Header, reader: Lines) -> bool:
    """Does the journal say the same of the entry before the snapshot?"""
    if header.seq == 0:
        return header.head == GENESIS
    line = reader.line(header.seq - 1)
    return line is not None and sha256(line).hexdigest() == header.head


def load_latest(
    folder: Path, reader: Lines, at_most: int | None = None
) -> tuple[State, Chain] | None:
    """The state of the newest snapshot that counts, and the chain up to it; of those of `at_most`
    entries, where that is given."""
    for path in snapshot_files(folder):
        if at_most is not None and int(path.stem) > at_most:
            continue
        try:
            header, body = read_snapshot(path)
            if fits(header, reader):
                state = read_state(path, header, body)
                return state, Chain(header.epoch, header.seq, header.head)
        except (BadSnapshot, OldSnapshot, OSError):
            continue
    return None


def contradiction(folder: Path, reader: Lines, after: int) -> str:
    """What an intact snapshot says against the journal; empty where all agree. Those of up to
    `after` entries are known to agree: a chain that fits at one point fits before it."""
    for path in snapshot_files(folder):
        try:
            if int(path.stem) <= after:
                break
            header, _ = read_snapshot(path)
        except (BadSnapshot, OldSnapshot, OSError):
            continue
        if not fits(header, reader):
            last = header.seq - 1
            if reader.line(last) is None:
                return f"the journal has lost entries: {path.name} was made with entry {last}"
            return f"entry {last} is not the one that {path.name} was made with"
    return ""


def _prune(folder: Path, newest: Path) -> None:
    """The one just written stays whatever its number; what a crash left half written goes."""
    kept = [newest, *(p for p in snapshot_files(folder) if p != newest)]
    for path in (*kept[KEPT:], *folder.glob("*.tmp")):
        path.unlink(missing_ok=True)
