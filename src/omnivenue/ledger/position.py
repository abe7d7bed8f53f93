"""One strategy's position in one instrument, at average cost.

    cost - realized == what was paid for all trades, less what was received for them

to the atom, after every trade. A bust is the opposite trade at the same price: quantity and money
come back exactly, and only the split into cost and realized depends on what came between.

Nothing here asks whether who buys also pays: a buyer of inverse contracts receives. Funding and
fees are no part of the cost; they are summed beside it.
"""

import msgspec

from omnivenue.model import AssetID, Side

LONG, SHORT = "long", "short"


class Leg(msgspec.Struct):
    qty: int = 0  # atoms of the instrument's qty_asset; negative when short
    cost: int = 0  # atoms of its cash paid for what is held; negative: received
    realized: int = 0  # atoms of its cash

    def trade(self, qty: int, paid: int) -> int:
        """Add `qty` (negative: sell) for `paid` atoms (negative: received); what this realised.

        What closes leaves at average cost, rounded towards zero; what opens enters at its price.
        """
        if self.qty * qty >= 0:
            self.qty += qty
            self.cost += paid
            return 0
        closed = min(abs(qty), abs(self.qty))
        closed_paid = _share(paid, closed, abs(qty))
        released = _share(self.cost, closed, abs(self.qty))
        realized = -closed_paid - released
        self.qty += qty
        self.cost += paid - closed_paid - released
        self.realized += realized
        return realized


class Position(Leg):
    """Of a hedging account the sum of its legs, which are kept apart: what opens one never closes
    the other."""

    funding: int = 0  # atoms of its cash received; negative: paid
    fees: dict[AssetID, int] = {}  # paid
    delta: int = 0  # wide, in the risk currency: what the underlying's moves have earned
    basis: int = 0  # and what its own against the underlying
    legs: dict[str, Leg] = {}

    def trade_leg(self, name: str, qty: int, paid: int) -> int:
        """As `trade`. A leg may go through zero, where a bust comes after the close: that is a
        fact about the leg, and no reason to touch the other."""
        leg = self.legs.setdefault(name, Leg())
        cost_before = leg.cost
        realized = leg.trade(qty, paid)
        self.qty += qty
        self.cost += leg.cost - cost_before
        self.realized += realized
        return realized


def leg_of(side: Side, reduces: bool) -> str:
    """Which leg of a hedging account an order trades: what reduces closes the opposite one."""
    return LONG if (side is Side.BUY) != reduces else SHORT


def _share(amount: int, part: int, whole: int) -> int:
    share = abs(amount) * part // whole
    return share if amount >= 0 else -share
