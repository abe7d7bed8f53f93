"""How a process of ours starts others: by the same interpreter, and each as a module of ours.

Left to itself, `python -m` looks for modules in the folder that it runs in before all others: a
file signal.py of the user's own, there by chance, would end each of these processes at its start,
or do in it what it likes.
"""

import sys


def words_for(module: str) -> list[str]:
    """The beginning of a command line; arguments follow."""
    return [sys.executable, "-P", "-m", module]
