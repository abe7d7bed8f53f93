"""What is going to happen by itself, and when: the one clock of a simulated exchange."""

from enum import IntEnum
from heapq import heappop, heappush

import msgspec

from omnivenue.model import Nanos


class What(IntEnum):
    """Of two things at one instant, the first of these happens first."""

    EXPIRY = 0  # of an order
    FUNDING = 1  # of an instrument
    BUST = 2  # of a trade
    CORRECTION = 3
    CANCEL = 4  # by the venue, of an order
    DEAD_MAN = 5
    MARKET = 6  # of an instrument


class Due(msgspec.Struct, frozen=True, order=True, gc=False):
    at: Nanos
    what: What
    about: str = ""  # an order, or an instrument
    exec_id: str = ""


class Agenda:
    def __init__(self) -> None:
        self._due: list[Due] = []
        self._dead_man: Nanos | None = None

    def add(self, due: Due) -> None:
        heappush(self._due, due)

    def arm_dead_man(self, at: Nanos) -> None:
        """One for the venue, moved by each refresh and never back: refreshes overtake each other.
        At 0 there is none."""
        self._dead_man = Nanos(max(at, self._dead_man or 0)) if at else None

    def next_at(self) -> Nanos | None:
        due = self._next()
        return None if due is None else due.at

    def pop(self, at: Nanos) -> Due | None:
        """What is due first, up to `at`."""
        due = self._next()
        if due is None or due.at > at:
            return None
        if due.what is What.DEAD_MAN:
            self._dead_man = None
        else:
            heappop(self._due)
        return due

    def _next(self) -> Due | None:
        first = self._due[0] if self._due else None
        if self._dead_man is None:
            return first
        dead_man = Due(self._dead_man, What.DEAD_MAN)
        return dead_man if first is None else min(first, dead_man)
