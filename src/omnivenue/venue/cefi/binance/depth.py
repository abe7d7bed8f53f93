"""When a book built from Binance's differences is whole.

The exchange sends differences and, on request, a snapshot; only its published rules say which
differences belong on top of which snapshot. They are kept here, away from any connection, because
a book that is silently wrong looks exactly like one that is right.
Rules: "How to manage a local order book correctly", in the WebSocket streams of Binance's spot API
and, with other numbers, of its USD-margined futures.
"""

from collections import deque

import msgspec

from omnivenue.market import Book
from omnivenue.model import Side
from omnivenue.venue.cefi.binance.codec import DepthUpdate, Snapshot

BUFFER_MAX = 1000
"""Differences kept while there is no snapshot: a hundred seconds of them. Beyond it the oldest go,
which the rule about the first difference notices unless the snapshot is newer than them."""


class Buffered(msgspec.Struct, frozen=True):
    """There is no snapshot to put it on: `count` updates wait for one."""

    count: int


class Applied(msgspec.Struct, frozen=True):
    """What went into the book, in order; nothing at all where the message was an old one."""

    snapshot: Snapshot | None = None
    updates: tuple[DepthUpdate, ...] = ()


class Gap(msgspec.Struct, frozen=True):
    """Updates are missing: the book is stale until a next snapshot. The stream should have gone on
    at `expected_id`, and went on at `first_id`. Where updates name the one before, both are of
    that: the last that we have, and the one that is named."""

    expected_id: int
    first_id: int


class Crossed(msgspec.Struct, frozen=True):
    """After `update_id` a bid stood at an ask's price or above, which no exchange shows: something
    was missed, and the book is stale until a next snapshot."""

    update_id: int


type Outcome = Applied | Buffered | Gap | Crossed


class DepthSync:
    """A book that knows whether it is whole. While `is_fresh` is False, do not read `book`."""

    def __init__(self) -> None:
        self.book = Book()
        self.is_fresh = False
        self.update_id = 0  # the last one in the book
        self._is_first = False  # no update has been put on this snapshot yet
        self._waiting: deque[DepthUpdate] = deque(maxlen=BUFFER_MAX)

    def take(self, message: Snapshot | DepthUpdate) -> Outcome:
        if isinstance(message, Snapshot):
            return self._take_snapshot(message)
        if not self.is_fresh:
            self._waiting.append(message)
            return Buffered(count=len(self._waiting))
        return self._take_updates((message,))

    def lose(self) -> None:
        """Something was missed that had no number: a message that could not be read."""
        self.is_fresh = False

    def _take_snapshot(self, snapshot: Snapshot) -> Outcome:
        if self.is_fresh and snapshot.update_id <= self.update_id:
            return Applied()  # the book is further on; to go back would need updates long gone
        self.book.reset(snapshot.bids, snapshot.asks)
        self.update_id = snapshot.update_id
        self.is_fresh = self._is_first = True
        if crossed := self._crossed():
            return crossed  # those that wait do so for a next one
        waiting = tuple(self._waiting)
        self._waiting.clear()
        outcome = self._take_updates(waiting)
        if not isinstance(outcome, Applied):
            return outcome
        return msgspec.structs.replace(outcome, snapshot=snapshot)

    def _take_updates(self, updates: tuple[DepthUpdate, ...]) -> Applied | Gap | Crossed:
        """Those up to a gap. From there on they wait: a newer snapshot will need them."""
        applied: list[DepthUpdate] = []
        for i, update in enumerate(updates):
            if self._is_old(update):
                continue
            if gap := self._gap(update):
                self.is_fresh = False
                self._waiting.extend(updates[i:])
                return gap
            self._apply(update)
            if crossed := self._crossed():
                self._waiting.extend(updates[i + 1 :])
                return crossed
            applied.append(update)
        return Applied(updates=tuple(applied))

    def _is_old(self, update: DepthUpdate) -> bool:
        """All of it is in the book. One that ends with the snapshot is no old one where updates
        name the one before: the next will name it."""
        if self._is_first and update.prev_id is not None:
            return update.last_id < self.update_id
        return update.last_id <= self.update_id

    def _gap(self, update: DepthUpdate) -> Gap | None:
        """A snapshot is taken at any moment, so the first update on it may begin before it (that it
        reaches to its end is known: it would have been old). After that the exchange's updates
        join without overlap, and one that does not is not trusted."""
        has, first_id, prev_id = self.update_id, update.first_id, update.prev_id
        if prev_id is None:
            joins = first_id <= has + 1 if self._is_first else first_id == has + 1
            return None if joins else Gap(expected_id=has + 1, first_id=first_id)
        if self._is_first:
            return None if first_id <= has else Gap(expected_id=has, first_id=first_id)
        return None if prev_id == has else Gap(expected_id=has, first_id=prev_id)

    def _apply(self, update: DepthUpdate) -> None:
        self.book.set_levels(Side.BUY, update.bids)
        self.book.set_levels(Side.SELL, update.asks)
        self.update_id, self._is_first = update.last_id, False

    def _crossed(self) -> Crossed | None:
        if not self.book.is_crossed:
            return None
        self.is_fresh = False
        return Crossed(update_id=self.update_id)
