"""Chance that is a function of its seed and of what it decides about.

No stream of numbers that would have to be remembered: an exchange that comes back from its record
decides about the same trade as before.
"""

from zlib import crc32


def chance(below: int, *about: str | int) -> int:
    """A number in [0, below), the same for the same `about` for ever."""
    text = repr(about)
    high, low = crc32(text.encode()), crc32(text[::-1].encode())
    return ((high << 32) | low) % below


def happens(percent: int, *about: str | int) -> bool:
    return percent > 0 and chance(100, *about) < percent
