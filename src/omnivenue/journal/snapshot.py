"""Makes a snapshot: `python -m omnivenue.journal.snapshot --home HOME --mode MODE`.

A process of its own, because folding and writing take longer than the loop may stand still, and
because it then holds nothing but what a restart would hold: a snapshot that it can make and read
back is one that a restart can use. It reads the journal without a lock, while its writer runs.
"""

import argparse
import os
import sys
from collections.abc import Sequence
from pathlib import Path

from omnivenue.engine import decode_state, state_hash
from omnivenue.journal.chain import Broken, UnknownSchema
from omnivenue.journal.journal import WrongMode
from omnivenue.journal.replay import fold
from omnivenue.journal.snapshots import write_snapshot
from omnivenue.journal.sqlite import NotAJournal, SqliteReader
from omnivenue.message import encode

NICENESS = 10  # the loop goes first


def make_snapshot(home: Path, mode: str) -> Path:
    """Fold what is durable now, from the latest snapshot on, and write the next one."""
    folder = home / mode
    reader = SqliteReader(folder / "journal.db")
    try:
        state, chain = fold(reader, mode, folder / "snapshots")
    finally:
        reader.close()
    again = decode_state(encode(state))
    if state_hash(again) != state_hash(state):
        raise Broken(f"the state after entry {chain.seq - 1} is not itself when read back")
    return write_snapshot(folder / "snapshots", state, chain)


def main(argv: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="omnivenue.journal.snapshot")
    parser.add_argument("--home", type=Path, required=True)
    parser.add_argument("--mode", required=True)
    given = parser.parse_args(argv)
    try:
        path = make_snapshot(given.home, given.mode)
    except (Broken, NotAJournal, OSError, UnknownSchema, WrongMode) as exc:
        sys.stderr.write(f"no snapshot: {exc}\n")
        return 1
    sys.stderr.write(f"{path}\n")
    return 0


if __name__ == "__main__":
    os.nice(NICENESS)
    raise SystemExit(main())
