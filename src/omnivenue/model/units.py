"""Units. Core arithmetic is integer; the type names the unit, the function names the rounding."""

from typing import NewType

Lots = NewType("Lots", int)
"""A count of a venue's smallest tradable quantity. Only venue orders and books speak in lots."""

Ticks = NewType("Ticks", int)
"""A count of a venue's smallest price step."""

Nanos = NewType("Nanos", int)
"""Nanoseconds since the Unix epoch. Time enters the core only as a value of this type."""

Atoms = NewType("Atoms", int)
"""A count of an asset's smallest unit: a cent, a satoshi, a wei; up to 256 bits. A price in atoms
is quote atoms per one whole base asset."""

SECOND = Nanos(1_000_000_000)
BPS = 10_000


def mul_div_floor(x: int, y: int, denominator: int) -> int:
    """x * y / denominator, rounded towards zero. For what we receive."""
    assert x >= 0
    assert y >= 0
    assert denominator > 0
    return x * y // denominator


def mul_div_ceil(x: int, y: int, denominator: int) -> int:
    """x * y / denominator, rounded away from zero. For what we pay."""
    assert x >= 0
    assert y >= 0
    assert denominator > 0
    return -(-x * y // denominator)
