"""What somebody probably meant: every refusal of a name says the nearest one that we know."""

from collections.abc import Iterable
from difflib import get_close_matches

WORD_MAX = 96
"""Longer words are compared by their beginning: comparing is quadratic, callers are strangers."""


def nearest(word: str, known: Iterable[str]) -> str | None:
    """The known name most like `word`, whatever its case; None where none is like it."""
    by_fold = {name[:WORD_MAX].casefold(): name for name in sorted(known)}
    found = get_close_matches(word[:WORD_MAX].casefold(), by_fold, n=1)
    return by_fold[found[0]] if found else None


def nearest_hint(word: str, known: Iterable[str]) -> str:
    """`; nearest known: X`, or nothing: ready to be put at the end of a message."""
    found = nearest(word, known)
    return f"; nearest known: {found}" if found else ""
