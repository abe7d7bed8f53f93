"""Price-time matching of our orders in one instrument against a market that does not know us.

The book holds what is shown less what we took: a level that the market changes is shown anew, and
until then what we took of it is missing, so that nothing is bought twice. A book that was lost, or
that is crossed after an instant, is none until the next whole one. A resting order stands
behind what was shown at its price when it came; prints and our own takers use that up first. What
is shown ahead of it only ever shrinks, because newcomers queue behind. Before a reduce-only order
trades, its account is asked how much is left to reduce.
"""

from collections.abc import Callable, Iterable, Sequence

import msgspec

from omnivenue.market.book import Book
from omnivenue.model import ClOrdID, Lots, Nanos, Side, Ticks
from omnivenue.venue.sim.resting import LAST, Queue, Queues, Resting
from omnivenue.venue.sim.source import (
    BookLost,
    BookReset,
    Doubt,
    LevelChanged,
    MarketEvent,
    Printed,
    TimeJumped,
)

LOOK_FIRST = 16  # levels; twice as many each time, while an all-or-nothing order needs more


class Trade(msgspec.Struct, frozen=True, gc=False):
    """One price. None is the market's side: whoever we cannot name."""

    px: Ticks
    qty: Lots
    taker: ClOrdID | None
    maker: ClOrdID | None


type Room = Callable[[ClOrdID, Sequence[Trade]], int]
"""How many lots a reduce-only order may trade, after trades that nobody was told of yet."""


def _endless(_: ClOrdID, __: Sequence[Trade]) -> int:
    return LAST


class Matching:
    def __init__(self, room: Room = _endless) -> None:
        self.book = Book()
        self.stopped: list[ClOrdID] = []  # that would have done more than reduce; they rest no more
        self._room = room
        self.at = Nanos(0)  # of the market's last event
        self.last: tuple[Ticks, Lots, Side] | None = None
        self.doubt: Doubt | None = None  # why there is no book to trade on: nothing is shown then
        self.time_jumps = 0  # in what the market comes from, so far
        self._own = {side: Queues(side) for side in Side}
        self._resting: dict[ClOrdID, Resting] = {}

    def take(self, cl_ord_id: ClOrdID, side: Side, limit_px: Ticks, qty: Lots) -> list[Trade]:
        """Trade with what is there, best first, up to the limit. What is left rests only if asked
        to."""
        trades: list[Trade] = []
        theirs, left = side.opposite, qty
        while left:
            px = self._best(theirs)
            if px is None or (px - limit_px) * side.sign > 0:
                break
            left = self._take_level(cl_ord_id, theirs, px, left, trades)
        return trades

    def can_fill(self, side: Side, limit_px: Ticks, qty: Lots) -> bool:
        """Counts on no reduce-only order: how much of it is there is known when it trades."""
        theirs, own = side.opposite, self._own[side.opposite]
        there = (order for px in own.reached(limit_px) for order in (own.at(px) or {}).values())
        found = sum(order.leaves for order in there if not order.is_reduce_only)
        count = LOOK_FIRST
        while True:
            levels = self.book.levels(theirs, count)
            within = [lots for px, lots in levels if (px - limit_px) * side.sign <= 0]
            if found + sum(within) >= qty:
                return True
            if len(within) < count:
                return False
            count *= 2

    def would_take(self, side: Side, limit_px: Ticks) -> bool:
        px = self._best(side.opposite)
        return px is not None and (px - limit_px) * side.sign <= 0

    def rest(
        self, cl_ord_id: ClOrdID, side: Side, px: Ticks, leaves: Lots, *, reduce_only: bool = False
    ) -> None:
        ahead = LAST if self.doubt else self.book.qty_at(side, px)
        self._join(Resting(cl_ord_id, side, px, leaves, ahead, reduce_only))

    def rejoin(
        self, cl_ord_id: ClOrdID, side: Side, px: Ticks, leaves: Lots, *, reduce_only: bool = False
    ) -> None:
        """After a restart: its place is forgotten, so it is the last of what will be shown."""
        self._join(Resting(cl_ord_id, side, px, leaves, LAST, reduce_only))

    def shrink(self, cl_ord_id: ClOrdID, leaves: Lots) -> None:
        """Less of it, in the place that it has."""
        order = self._resting[cl_ord_id]
        assert 0 < leaves <= order.leaves
        order.leaves = leaves

    def leave(self, cl_ord_id: ClOrdID) -> None:
        order = self._resting.pop(cl_ord_id, None)
        if order is not None:
            self._own[order.side].leave(order)

    def apply(self, at: Nanos, events: Iterable[MarketEvent]) -> list[Trade]:
        """All that the market did at one instant, and what of ours traded because of it."""
        self.at = at
        trades: list[Trade] = []
        for event in events:
            match event:
                case LevelChanged(side=side, px=px, qty=qty) if self.doubt is None:
                    self.book.set_level(side, px, qty)
                    for order in (self._own[side].at(px) or {}).values():
                        order.ahead = min(order.ahead, qty)
                case Printed():
                    self.last = (event.px, event.qty, event.aggressor)
                    self._meet_print(event, trades)
                case BookReset():
                    self._reset(event)
                case BookLost(doubt=doubt):
                    self._lose(doubt)
                case TimeJumped(count=count):
                    self.time_jumps += count
                case LevelChanged():
                    pass  # of a book that we do not have
        if self.book.is_crossed:
            self._lose(Doubt.CROSSED)
        for side in Side:
            self._meet_crossing(side, trades)
        return trades

    def _lose(self, doubt: Doubt) -> None:
        self.doubt = doubt
        self.book.reset((), ())

    def _reset(self, event: BookReset) -> None:
        self.doubt = None
        self.book.reset(event.bids, event.asks)
        for order in self._resting.values():
            order.ahead = min(order.ahead, self.book.qty_at(order.side, order.px))

    def _best(self, side: Side) -> Ticks | None:
        """Of what is shown and what of ours rests."""
        shown, own = self.book.best(side), self._own[side].best()
        if shown is None or own is None:
            return own if shown is None else shown[0]
        return max(shown[0], own) if side is Side.BUY else min(shown[0], own)

    def _take_level(
        self, taker: ClOrdID, side: Side, px: Ticks, qty: Lots, trades: list[Trade]
    ) -> Lots:
        """Take up to `qty` of one price; what is left to be done."""
        shown = self.book.qty_at(side, px)
        queue = self._own[side].at(px)
        if queue is None:
            used, left = 0, qty
        else:
            used, left = self._pass(queue, shown, qty, taker, trades)
        behind = min(left, shown - used)
        assert behind >= 0
        if used + behind:
            self.book.set_level(side, px, Lots(shown - used - behind))
            trades.append(Trade(px, Lots(used + behind), taker, None))
        return Lots(left - behind)

    def _pass(
        self, queue: Queue, there: int, qty: Lots, taker: ClOrdID | None, trades: list[Trade]
    ) -> tuple[int, Lots]:
        """`qty` goes through a queue, oldest first: what it used of the market's in between, of
        which `there` is, and what is left of it."""
        used, left = 0, int(qty)
        for order in list(queue.values()):
            step = min(left, max(0, min(order.ahead, there) - used))
            used, left = used + step, left - step
            left -= self._trade(order, min(left, order.leaves), taker, trades)
        for order in queue.values():
            order.ahead = Lots(max(0, order.ahead - used))
        return used, Lots(left)

    def _meet_print(self, event: Printed, trades: list[Trade]) -> None:
        """Others traded at this price. Who rests there is met after those ahead of him. Who rests
        at a better one would have been met before: the market went through him, so he is filled."""
        own = self._own[event.aggressor.opposite]
        for px in own.reached(event.px):
            queue = own.at(px)
            assert queue
            if px == event.px:
                self._pass(queue, LAST, event.qty, None, trades)
                continue
            for order in list(queue.values()):
                self._trade(order, order.leaves, None, trades)

    def _meet_crossing(self, side: Side, trades: list[Trade]) -> None:
        """The market came to our price: it trades with us there, as far as it goes."""
        own = self._own[side]
        while (px := own.best()) is not None:
            shown = self.book.best(side.opposite)
            if shown is None or (shown[0] - px) * side.sign > 0:
                return
            queue = own.at(px)
            assert queue
            order = next(iter(queue.values()))
            qty = self._trade(order, min(order.leaves, shown[1]), None, trades)
            self.book.set_level(side.opposite, shown[0], Lots(shown[1] - qty))

    def _join(self, order: Resting) -> None:
        self._resting[order.cl_ord_id] = order
        self._own[order.side].join(order)

    def _trade(
        self, order: Resting, wanted: int, taker: ClOrdID | None, trades: list[Trade]
    ) -> int:
        """Who rests trades at his own price. What he does: less where it would not reduce."""
        qty = wanted
        if wanted and order.is_reduce_only:
            qty = min(wanted, self._room(order.cl_ord_id, trades))
        if qty:
            trades.append(Trade(order.px, Lots(qty), taker, order.cl_ord_id))
            order.leaves = Lots(order.leaves - qty)
        if qty < wanted:
            self.stopped.append(order.cl_ord_id)
        if qty < wanted or not order.leaves:
            self.leave(order.cl_ord_id)
        return qty
