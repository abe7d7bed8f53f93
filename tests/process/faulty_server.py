"""A paper server whose chores fail once each, and are tried again soon. Everything else is the real
one."""

import os
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

from omnivenue.app import chore, serve
from omnivenue.app.tables import TablesProcess
from omnivenue.config import load
from omnivenue.environ import home as home_of
from omnivenue.journal import Snapshots


def failing_once(method: Callable[..., Any]) -> Callable[..., Any]:
    failed: list[str] = []

    def instead(*args: Any) -> Any:
        if not failed:
            failed.append("once")
            raise MemoryError(f"no memory for {method.__name__}")
        return method(*args)

    return instead


def main() -> int:
    chore.PAUSE_SECONDS = 0.01
    TablesProcess.tend = failing_once(TablesProcess.tend)
    Snapshots.maybe_start = failing_once(Snapshots.maybe_start)
    config = load(Path(sys.argv[2]), os.environ, Path.cwd())
    return serve(config, home_of(os.environ, Path.home()), port=0)


if __name__ == "__main__":
    sys.exit(main())
