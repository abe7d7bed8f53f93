"""The bugs to plant: one line of the source each, and what it is replaced with.

A bug worth a place here is one that somebody could write. `old` stands exactly once in its file,
which tests/tidy checks, so that the list does not rot.
"""

from typing import NamedTuple


class Mutant(NamedTuple):
    name: str  # what goes wrong, in the domain's words
    path: str  # below src/omnivenue
    old: str
    new: str


MUTANTS: list[Mutant] = []
