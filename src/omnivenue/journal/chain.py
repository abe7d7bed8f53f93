"""The chain of entries: numbered without gaps, each naming the hash of the one before.

A chain shows tampering to whoever remembers a later hash; nobody else. So heads are worth keeping
elsewhere: the store keeps each line's hash beside it, and every snapshot keeps one.
"""

from collections.abc import Iterable, Iterator
from hashlib import sha256

import msgspec

from omnivenue.message import (
    SCHEMA_VERSION,
    Asked,
    Command,
    Entry,
    Event,
    Opened,
    decode_entry,
    encode,
)
from omnivenue.model import Nanos

GENESIS = "0" * 64

type Row = tuple[Entry, bytes, str]
"""The entry, its line, the line's hash."""


class Broken(Exception):
    """The journal does not continue what it says that it continues."""


class UnknownSchema(Exception):
    """Written by a program newer than this one: reading on would be guessing."""


class Chain:
    """The end of a journal, where the next entry goes; or a point within it, read up to."""

    __slots__ = ("epoch", "head", "seq")

    def __init__(self, epoch: int, seq: int = 0, head: str = GENESIS) -> None:
        self.epoch = epoch
        self.seq = seq
        self.head = head

    def seal(
        self,
        at: Nanos,
        principal: str,
        event: Event,
        seen: tuple[Asked, ...],
        commands: tuple[Command, ...],
    ) -> Row:
        entry = Entry(
            seq=self.seq,
            epoch=self.epoch,
            at=at,
            principal=principal,
            event=event,
            seen=seen,
            commands=commands,
            prev_hash=self.head,
        )
        line = encode(entry)
        self.head = digest = sha256(line).hexdigest()
        self.seq += 1
        return entry, line, digest

    def check(self, lines: Iterable[bytes]) -> Iterator[Entry]:
        """The entries of `lines`, if they continue from here. Each is given out only when the one
        after it has named its hash, or `lines` has ended well: nobody folds what was changed. The
        chain then stands behind it."""
        waiting: Entry | None = None
        seq, epoch, head = self.seq, self.epoch, self.head
        for line in lines:
            entry = read_entry(line, seq)
            if entry.prev_hash != head:
                raise Broken(
                    f"entry {seq} follows {entry.prev_hash[:16]}…, "
                    f"and the hash of what stands before it is {head[:16]}…"
                )
            if entry.epoch < epoch:
                raise Broken(f"entry {seq} is of epoch {entry.epoch}, after {epoch}")
            if waiting is not None:
                self.seq, self.epoch, self.head = seq, epoch, head
                yield waiting
            waiting, epoch, head = entry, entry.epoch, sha256(line).hexdigest()
            seq += 1
        if waiting is not None:
            self.seq, self.epoch, self.head = seq, epoch, head
            yield waiting


def read_entry(line: bytes, seq: int) -> Entry:
    """The entry that stands at `seq`. Raises Broken where it is none or another one, UnknownSchema
    where it opens what a newer program has written."""
    try:
        entry = decode_entry(line)
    except (msgspec.DecodeError, UnicodeDecodeError) as exc:
        _refuse_newer(_schema_version(line), seq)
        raise Broken(f"entry {seq} cannot be read: {exc}") from exc
    if type(entry.event) is Opened:
        _refuse_newer(entry.event.schema_version, seq)
    if entry.seq != seq:
        raise Broken(f"entry {seq} is missing: entry {entry.seq} stands in its place")
    return entry


class _OpenedLoosely(msgspec.Struct):
    schema_version: int = 0


class _Loosely(msgspec.Struct):
    event: _OpenedLoosely


def _schema_version(line: bytes) -> int:
    """Of a line that we cannot read otherwise; 0 where it does not say."""
    try:
        return msgspec.json.decode(line, type=_Loosely).event.schema_version
    except (msgspec.DecodeError, UnicodeDecodeError):
        return 0


def _refuse_newer(version: int, seq: int) -> None:
    if version > SCHEMA_VERSION:
        raise UnknownSchema(
            f"entry {seq} was written under schema {version}; this program reads up to "
            f"{SCHEMA_VERSION}: use the program that wrote it, or a newer one"
        )
