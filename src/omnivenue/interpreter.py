"""How a process of ours starts others: by the same interpreter, and each as a module of ours.

Left to itself, `python -m` looks for modules in the folder that it runs in before all others: a
file signal.py of the user's own, there by chance, would end each of these processes at its start,
or do in it what it likes.
"""

import os
import sys
from typing import IO

SAID_MAX = 2_000
"""Bytes of what a process said at last."""


def words_for(module: str) -> list[str]:
    """The beginning of a command line; arguments follow."""
    return [sys.executable, "-P", "-m", module]


def said_at_last(file: IO[bytes]) -> str:
    """The end of what a process that has ended wrote into its stderr, this file: an error stands
    last. Closes it. No pipe, for one that nobody reads while the process runs fills, and halts it.
    """
    with file:
        file.seek(max(0, file.seek(0, os.SEEK_END) - SAID_MAX))
        return file.read().decode("utf-8", "replace").strip()
