"""Who may be connected, by HTTP and by WebSocket alike: one seat a connection, whoever comes.

A connection is a stranger's until it has brought a token; then it is that token's. Each token has
so many seats, so that one program that leaks connections keeps no other from coming in. Strangers
have few, and the newest always gets one: the one that has been there longest goes, for whoever has
a token shows it at once, and a seat that is refused to the next would be held by who shows none.
"""

from collections.abc import Callable
from time import monotonic
from typing import cast

from omnivenue.api.asgi import Connection

STRANGERS_MAX = 64
TOKEN_MAX = 256
GRACE_SECONDS = 0.1
"""So long nobody is sent away for being one too many: to connect and to say who one is are two
things that we hear of one after the other, with a crowd in between."""

CROWD_MAX = 512
"""But no more than these, whatever happens: each costs a file and some kilobytes."""

DROPPED_AT_ONCE = 8
"""To hang up on somebody takes time, and whoever is served waits for it."""

SEAT = "omnivenue.seat"
"""A server that knows how offers a connection's Seat as an extension."""


class Full(Exception):
    """No seat is left; the message says of which kind."""


class Seat:
    def __init__(self, seats: "Seats", drop: Callable[[], None], since: float) -> None:
        self._seats = seats
        self.drop = drop
        self.since = since
        self.name = ""  # of its token; empty while it is a stranger's
        self._is_left = False

    def take(self, name: str) -> None:
        """It is this token's from now on. Raises Full. Who has gone takes none: a request may
        outlive its connection, and nobody would ever give that seat back."""
        if self.name != name and not self._is_left:
            self._seats.move(self, name)

    def leave(self) -> None:
        """The connection is gone."""
        self._is_left = True
        self._seats.free(self)


def seat_of(connection: Connection) -> Seat | None:
    extensions = cast("dict[str, Seat]", connection.get("extensions") or {})
    return extensions.get(SEAT)


class Seats:
    def __init__(self, now: Callable[[], float] = monotonic) -> None:
        self._now = now
        self._strangers: dict[Seat, None] = {}  # the oldest first
        self._by_name: dict[str, int] = {}

    @property
    def strangers(self) -> int:
        return len(self._strangers)

    def stranger(self, drop: Callable[[], None]) -> Seat:
        """A seat for whoever comes. `drop` ends that connection, and is called at most once."""
        seat = Seat(self, drop, self._now())
        self._strangers[seat] = None
        self.clear()
        return seat

    def clear(self) -> None:
        """Whoever is one too many goes, few at a time. To be called now and then, too: grace passes
        by itself."""
        for _ in range(DROPPED_AT_ONCE):
            if len(self._strangers) <= STRANGERS_MAX:
                return
            oldest = next(iter(self._strangers))
            is_due = self._now() - oldest.since >= GRACE_SECONDS
            if not is_due and len(self._strangers) <= CROWD_MAX:
                return
            del self._strangers[oldest]
            oldest.drop()

    def move(self, seat: Seat, name: str) -> None:
        taken = self._by_name.get(name, 0)
        if taken >= TOKEN_MAX:
            raise Full(f"this token has {TOKEN_MAX} connections open already: close one")
        self.free(seat)
        seat.name = name
        self._by_name[name] = taken + 1

    def free(self, seat: Seat) -> None:
        self._strangers.pop(seat, None)
        if seat.name:
            left = self._by_name[seat.name] - 1
            if left:
                self._by_name[seat.name] = left
            else:
                del self._by_name[seat.name]
            seat.name = ""
