"""TWAP: equal slices at equal intervals, the remainder with the last.

The schedule is kept, not the pace: a slice takes what has been missed before it too, up to
`CATCH_UP` slices' worth. So after an outage it does not fall upon the market with all that it had
no time for; what is still missing after the last slice is left, and said.
"""

from omnivenue.message import Twap

CATCH_UP = 3
"""Slices' worth in one child at most, its own included."""

SLICES_MAX = 10_000


def slices(twap: Twap, qty: int, least: int) -> int:
    """How many, of `least` atoms at least: fewer where there is not enough for more."""
    return max(1, min(-(-twap.horizon // twap.interval), qty // max(1, least), SLICES_MAX))


def due(*, qty: int, lot: int, slices: int, number: int, done: int) -> int:
    """Atoms that slice `number` (from 0) sends, where `done` are filled or under way. `lot`: atoms
    that a child is counted in. The last takes what the division left over."""
    each, rest = _shares(qty, lot, slices, number)
    missing = each * (number + 1) + rest - done
    return max(0, min(missing, most(qty=qty, lot=lot, slices=slices, number=number)))


def most(*, qty: int, lot: int, slices: int, number: int) -> int:
    """Atoms that are sent while slice `number` lasts, whatever has become of those before it."""
    each, rest = _shares(qty, lot, slices, number)
    return CATCH_UP * each + rest


def _shares(qty: int, lot: int, slices: int, number: int) -> tuple[int, int]:
    """Of each slice, and what this one has beyond that."""
    each = qty // slices // lot * lot
    rest = qty - each * slices if number >= slices - 1 else 0
    return each, rest
