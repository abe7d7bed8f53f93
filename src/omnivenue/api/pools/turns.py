"""Whose question is next: one at a time, tokens in rotation, each token's in their order.

So who asks much waits for himself. Where no place is left, the newest question of the token that
has most of them goes, if another comes of a token that would still have fewer.
"""

import asyncio
from collections import deque
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager


class Crowded(Exception):
    """No place is left; the message says how many there are."""


class Turns:
    def __init__(self, most: int) -> None:
        """`most`: that wait, the one whose turn it is included."""
        self._most = most
        self._is_taken = False
        self._lines: dict[str, deque[asyncio.Future[None]]] = {}  # by name, who is next first

    @asynccontextmanager
    async def turn(self, name: str) -> AsyncGenerator[None]:
        """Raises Crowded, be it after a while."""
        if self._is_taken:
            await self._wait(name)
        self._is_taken = True
        try:
            yield
        finally:
            self._pass_on(name)

    async def _wait(self, name: str) -> None:
        if 1 + sum(map(len, self._lines.values())) >= self._most:
            self._make_room(name)
        place = asyncio.get_running_loop().create_future()
        self._lines.setdefault(name, deque()).append(place)
        try:
            await place
        except asyncio.CancelledError:
            if place.cancelled():
                self._leave(name, place)
            elif place.exception() is None:  # it was called up, and does not come
                self._pass_on(name)
            raise

    def _make_room(self, name: str) -> None:
        crowded = Crowded(f"{self._most} questions over pools wait already: repeat")
        fullest = max(self._lines, key=lambda each: len(self._lines[each]))
        if len(self._lines[fullest]) <= len(self._lines.get(name, ())) + 1:
            raise crowded
        newest = self._lines[fullest].pop()  # of two at least
        if not newest.done():
            newest.set_exception(crowded)

    def _leave(self, name: str, place: asyncio.Future[None]) -> None:
        """Unless it was called up, or had to go, in the same moment."""
        line = self._lines.get(name)
        if line is not None and place in line:
            line.remove(place)
            if not line:
                del self._lines[name]

    def _pass_on(self, name: str) -> None:
        """`name`: who had it, and goes behind all others. It stays taken where it goes to the next:
        nobody comes in between."""
        if line := self._lines.pop(name, None):
            self._lines[name] = line
        while self._lines:
            first, line = next(iter(self._lines.items()))
            place = line.popleft()
            if not line:
                del self._lines[first]
            if not place.done():
                place.set_result(None)
                return
        self._is_taken = False
