"""How many may be connected: whoever has not said who it is, and each token by itself, so that one
program that leaks connections keeps no other from coming in."""

from collections.abc import Generator
from contextlib import contextmanager

STRANGERS_MAX = 64
TOKEN_MAX = 256


class Full(Exception):
    """No seat is left; the message says of which kind."""


class Seats:
    def __init__(self) -> None:
        self._strangers = 0
        self._by_name: dict[str, int] = {}

    @property
    def taken(self) -> int:
        """By those that have said who they are."""
        return sum(self._by_name.values())

    @contextmanager
    def stranger(self) -> Generator[None]:
        """Raises Full."""
        if self._strangers >= STRANGERS_MAX:
            raise Full(f"{STRANGERS_MAX} connections have not authenticated yet: wait")
        self._strangers += 1
        try:
            yield
        finally:
            self._strangers -= 1

    @contextmanager
    def known(self, name: str) -> Generator[None]:
        """Raises Full."""
        taken = self._by_name.get(name, 0)
        if taken >= TOKEN_MAX:
            raise Full(f"this token has {TOKEN_MAX} streams open already: close one")
        self._by_name[name] = taken + 1
        try:
            yield
        finally:
            self._by_name[name] -= 1
            if not self._by_name[name]:
                del self._by_name[name]
