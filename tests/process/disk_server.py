"""A paper server on a disk that a test can spoil, by files beside its home: `<home>.fails` makes
commits fail, `<home>.free` says how many bytes are free. Everything else is the real one."""

import argparse
import os
import sys
from pathlib import Path

from omnivenue.app import serve
from omnivenue.config import load
from omnivenue.environ import home as home_of
from omnivenue.journal import SqliteJournal
from omnivenue.journal.journal import Row


def spoil(home: Path) -> None:
    fails, free = home.with_suffix(".fails"), home.with_suffix(".free")
    write = SqliteJournal._write  # pyright: ignore[reportPrivateUsage]
    make = SqliteJournal.__init__

    def failing(journal: SqliteJournal, rows: list[Row]) -> None:
        """As a disk may: with `written`, everything is there, and an error all the same."""
        if not fails.exists():
            write(journal, rows)
            return
        if fails.read_text() == "written":
            write(journal, rows)
        raise OSError(5, "Input/output error")

    def measured() -> int:
        return int(free.read_text()) if free.exists() else 1 << 40

    def made(journal: SqliteJournal, where: Path, mode: str) -> None:
        make(journal, where, mode, measured)

    SqliteJournal._write = failing  # pyright: ignore[reportPrivateUsage, reportAttributeAccessIssue]
    SqliteJournal.__init__ = made  # pyright: ignore[reportAttributeAccessIssue]


def main() -> int:
    parser = argparse.ArgumentParser()
    parser.add_argument("--config", type=Path, required=True)
    given = parser.parse_args()
    home = home_of(os.environ, Path.home())
    spoil(home)
    return serve(load(given.config, os.environ, Path.cwd()), home, port=0)


if __name__ == "__main__":
    sys.exit(main())
