"""Per account and instrument: what we have traded, and what accepted orders may still trade.

Kept up to date by differences, so the risk check reads three numbers instead of every order.
"""

import msgspec

from omnivenue.model import Side


class Exposure(msgspec.Struct):
    net: int = 0
    buys: int = 0
    sells: int = 0
    px: int = 0  # wide, in the risk currency: what a whole unit was last valued at
    total: int = 0  # wide: what the worst case has been counted with in `Totals`
    gross: int = 0

    def reserve(self, side: Side, atoms: int) -> None:
        if side is Side.BUY:
            self.buys += atoms
        else:
            self.sells += atoms
        assert self.buys >= 0
        assert self.sells >= 0

    def after(self, side: Side, more: int = 0) -> int:
        """The signed position if everything on `side`, and `more`, were to trade."""
        return self.net + self.buys + more if side is Side.BUY else self.net - self.sells - more

    def all_of_it(self) -> int:
        """The position and every order, none against another."""
        return abs(self.net) + self.buys + self.sells

    def worst(self) -> int:
        """The largest that the position can become by what works now."""
        return max(abs(self.after(Side.BUY)), abs(self.after(Side.SELL)))
