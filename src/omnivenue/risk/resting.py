"""Our own orders that rest in one instrument, by price: who would trade with an order of ours?

Sorted lists, so that the best of each side is read off their end however many there are.
"""

from bisect import bisect_left, insort

import msgspec

from omnivenue.model import ClOrdID, Side

type Rest = tuple[int, ClOrdID]
"""Price in quote atoms, and whose."""


class Resting(msgspec.Struct):
    buys: list[Rest] = []
    sells: list[Rest] = []
    px_of: dict[ClOrdID, int] = {}

    def put(self, side: Side, cl_ord_id: ClOrdID, px: int | None) -> None:
        """It rests at `px`, or no longer (None)."""
        before = self.px_of.get(cl_ord_id)
        if before == px:
            return
        orders = self.buys if side is Side.BUY else self.sells
        if before is not None:
            del orders[bisect_left(orders, (before, cl_ord_id))]
            del self.px_of[cl_ord_id]
        if px is not None:
            insort(orders, (px, cl_ord_id))
            self.px_of[cl_ord_id] = px

    def meets(self, side: Side, px: int) -> Rest | None:
        """The best order on the other side that one on `side` at `px` would trade with."""
        if side is Side.BUY:
            return self.sells[0] if self.sells and self.sells[0][0] <= px else None
        return self.buys[-1] if self.buys and self.buys[-1][0] >= px else None
