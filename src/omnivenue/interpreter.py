"""How a process of ours starts others: by the same interpreter, and each as a module of ours.

Left to itself, `python -m` looks for modules in the folder that it runs in before all others: a
file signal.py of the user's own, there by chance, would end each of these processes at its start,
or do in it what it likes.
"""

import os
import subprocess
import sys
from contextlib import ExitStack
from pathlib import Path
from tempfile import TemporaryFile

SAID_MAX = 2_000
"""Bytes of what a process said at last."""


def words_for(module: str) -> list[str]:
    """The beginning of a command line; arguments follow."""
    return [sys.executable, "-P", "-m", module]


class SideProcess(subprocess.Popen[bytes]):
    """A process beside the server. Its stderr is a file of no name in `folder`: a pipe that nobody
    reads while it runs fills, and halts it. Raises OSError where it cannot be started."""

    def __init__(self, words: list[str], folder: Path, stdin: int = subprocess.DEVNULL) -> None:
        with ExitStack() as undo:
            self._said = undo.enter_context(TemporaryFile(dir=folder))
            super().__init__(words, stdin=stdin, stdout=subprocess.DEVNULL, stderr=self._said)
            undo.pop_all()

    def said_at_last(self) -> str:
        """Once it has ended, and once: the end of what it wrote, for an error stands last."""
        with self._said as said:
            said.seek(max(0, said.seek(0, os.SEEK_END) - SAID_MAX))
            return said.read().decode("utf-8", "replace").strip()
