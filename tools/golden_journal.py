"""Writes tests/replay/golden-<schema>.jsonl: a journal that every later version must still read.

Run it once for a schema, with `PYTHONPATH=src:tests python tools/golden_journal.py`, when that
schema is released. From then on the file is only ever read: that a change makes a golden journal
unreadable, or decides it otherwise under the same decision version, is what the file is there to
show. The journal is one of every kind of event and command that the script of the tests knows.
"""

import sys
from pathlib import Path

from journals import ACTIONS, written
from omnivenue.message import SCHEMA_VERSION

FOLDER = Path(__file__).parents[1] / "tests" / "replay"


def script() -> list[int]:
    """Every action after every other, so that most pairs of events stand in the file."""
    pairs = [(first, second) for first in range(ACTIONS) for second in range(ACTIONS)]
    return [action for pair in pairs for action in pair]


def main() -> None:
    lines = list(written(script()).journal.lines())
    path = FOLDER / f"golden-{SCHEMA_VERSION}.jsonl"
    FOLDER.mkdir(parents=True, exist_ok=True)
    path.write_bytes(b"\n".join(lines) + b"\n")
    sys.stderr.write(f"{path}: {len(lines)} entries\n")


if __name__ == "__main__":
    main()
