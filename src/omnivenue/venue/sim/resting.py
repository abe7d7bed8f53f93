"""Our own orders that rest on one side of a simulated book: by price, then by time.

Kept apart from the book that is shown, because the two follow different rules: the market decides
what is shown, and only our commands and trades decide what rests here.
"""

from bisect import bisect_left, insort

import msgspec

from omnivenue.model import ClOrdID, Lots, Side, Ticks

LAST = Lots(1 << 62)
"""Ahead of an order whose book was not shown yet. The first book makes it all that is shown."""


class Resting(msgspec.Struct):
    cl_ord_id: ClOrdID
    side: Side
    px: Ticks
    leaves: Lots
    ahead: Lots  # of what is shown at `px`, the part that came before
    is_reduce_only: bool = False


type Queue = dict[ClOrdID, Resting]
"""The orders of one price, oldest first: a dict keeps the order of insertion."""


class Queues:
    def __init__(self, side: Side) -> None:
        self._is_buy = side is Side.BUY
        self._queues: dict[Ticks, Queue] = {}
        self._pxs: list[Ticks] = []  # ascending

    def best(self) -> Ticks | None:
        if not self._pxs:
            return None
        return self._pxs[-1] if self._is_buy else self._pxs[0]

    def at(self, px: Ticks) -> Queue | None:
        return self._queues.get(px)

    def all(self) -> list[Resting]:
        return [order for px in self._pxs for order in self._queues[px].values()]

    def reached(self, px: Ticks) -> list[Ticks]:
        """The prices that one who trades at `px` meets first or at last, best first."""
        if not self._pxs:
            return []
        if self._is_buy:
            return self._pxs[bisect_left(self._pxs, px) :][::-1]
        return self._pxs[: bisect_left(self._pxs, px + 1)]

    def join(self, order: Resting) -> None:
        queue = self._queues.get(order.px)
        if queue is None:
            queue = self._queues[order.px] = {}
            insort(self._pxs, order.px)
        queue[order.cl_ord_id] = order

    def leave(self, order: Resting) -> None:
        queue = self._queues[order.px]
        del queue[order.cl_ord_id]
        if not queue:
            del self._queues[order.px]
            del self._pxs[bisect_left(self._pxs, order.px)]
