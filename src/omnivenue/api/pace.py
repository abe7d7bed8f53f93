"""How fast one token may call: so many a second, and as many at once as a second brings.

One number a token: the time by which all that it has asked for would have been due at an even pace.
"""

from omnivenue.model import SECOND, Nanos

CALLS = 20_000
STOPS = 1_000
"""A stop has a pace of its own: what floods us must not use it up."""

NAMES_MAX = 4_096


class Pace:
    def __init__(self, per_second: int) -> None:
        self.per_second = per_second
        self._each = SECOND // per_second
        self._due: dict[str, int] = {}

    def is_too_fast(self, name: str, now: Nanos) -> bool:
        """One more call, which does not count where it is one too many."""
        due = max(self._due.get(name, 0), now) + self._each
        if due - now > SECOND:
            return True
        if len(self._due) >= NAMES_MAX and name not in self._due:
            self._due.clear()  # tokens come and go; a fresh second for each is no harm
        self._due[name] = due
        return False
