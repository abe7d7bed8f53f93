"""One strategy's position in one instrument, at average cost.

    cost - realized == what was paid for all trades, less what was received for them

to the atom, after every trade. A bust is the opposite trade at the same price: quantity and money
come back exactly, and only the split into cost and realized depends on what came between.
"""

import msgspec

from omnivenue.model import Side


class Position(msgspec.Struct):
    qty: int = 0  # base atoms; negative when short
    cost: int = 0  # quote atoms paid for what is held; negative for what was sold short
    realized: int = 0  # quote atoms

    def trade(self, side: Side, atoms: int, amount: int) -> int:
        """Buy or sell `atoms` for `amount` quote atoms; what this realised.

        What closes leaves at average cost, rounded towards zero; what opens enters at its price.
        """
        if self.qty * side.sign >= 0:
            self.qty += side.sign * atoms
            self.cost += side.sign * amount
            return 0
        closed = min(atoms, abs(self.qty))
        closed_amount = amount * closed // atoms
        released = abs(self.cost) * closed // abs(self.qty)
        if closed == abs(self.qty):
            released = abs(self.cost)
        was_long = self.qty > 0
        realized = closed_amount - released if was_long else released - closed_amount
        self.qty += side.sign * atoms
        self.cost += -released if was_long else released
        self.cost += side.sign * (amount - closed_amount)
        self.realized += realized
        return realized
