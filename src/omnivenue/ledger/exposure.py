"""Per account and instrument: what we have traded, what accepted orders may still trade, and the
margin that the two bind.

Kept up to date by differences, so the risk check reads a few numbers instead of every order.
"""

import msgspec

from omnivenue.model import Instrument, Side

_BUY = Side.BUY  # at hand

NET = ""
"""The only leg of an account that nets."""


class Commitment(msgspec.Struct):
    """One leg in atoms of the instrument's cash, each positive where it is paid."""

    cost: int = 0  # of what is held
    buys: int = 0  # of what works, at the prices that it is reserved at
    sells: int = 0

    def worst(self) -> int:
        """The largest amount that it can come to. An order that closes makes none of it larger, so
        it binds nothing for a second time."""
        cost = self.cost
        return max(abs(cost), abs(cost + self.buys), abs(cost + self.sells))

    def commit(self, side: Side, paid: int) -> None:
        if side is Side.BUY:
            self.buys += paid
        else:
            self.sells += paid


class Exposure(msgspec.Struct):
    net: int = 0
    buys: int = 0
    sells: int = 0
    margin: int = 0  # on the account's margin path for this instrument
    legs: dict[str, Commitment] = {}
    px: int = 0  # wide, in the risk currency: what a whole unit was last valued at
    total: int = 0  # wide: what the worst case has been counted with in `Totals`
    gross: int = 0

    def reserve(self, side: Side, atoms: int) -> None:
        if side is _BUY:
            self.buys += atoms
            assert self.buys >= 0
        else:
            self.sells += atoms
            assert self.sells >= 0

    def after(self, side: Side, more: int = 0) -> int:
        """The signed position if everything on `side`, and `more`, were to trade."""
        return self.net + self.buys + more if side is Side.BUY else self.net - self.sells - more

    def all_of_it(self) -> int:
        """The position and every order, none against another."""
        return abs(self.net) + self.buys + self.sells

    def worst(self) -> int:
        """The largest that the position can become by what works now, long or short."""
        return max(self.net + self.buys, self.sells - self.net)

    def leg(self, name: str) -> Commitment:
        """Made where it is not there: only for those who apply."""
        return self.legs.setdefault(name, Commitment())


def needed_margin(exposure: Exposure, instrument: Instrument) -> int:
    """The initial margin of the worst that the legs can come to."""
    return instrument.initial_ceil(sum(leg.worst() for leg in exposure.legs.values()))


def cash_needed(
    exposure: Exposure,
    instrument: Instrument,
    side: Side,
    atoms: int,
    px: int,
    leg: str = NET,
    committed: int = 0,
) -> int:
    """What an order at `px` takes of the free balance of what it spends: all that it can cost, of a
    derivative its fee and the margin that it needs on top of what is bound already. `px` is the
    instrument's `hold_px`. `committed`: what is so for what it takes the place of."""
    hold = instrument.hold_ceil(side, atoms, px)
    if instrument.is_spot:
        return hold
    after = margin_after(exposure, instrument, side, atoms, px, leg, committed)
    return hold + after - exposure.margin


def margin_after(
    exposure: Exposure,
    instrument: Instrument,
    side: Side,
    atoms: int,
    px: int,
    leg: str = NET,
    committed: int = 0,
) -> int:
    """All the margin that the instrument binds once that order works too; `committed` of the leg is
    for what it takes the place of."""
    others = sum(found.worst() for name, found in exposure.legs.items() if name != leg)
    now = exposure.legs.get(leg, _NONE)
    after = Commitment(now.cost, now.buys, now.sells)
    after.commit(side, instrument.paid_ceil(side, atoms, px) - committed)
    return instrument.initial_ceil(others + after.worst())


_NONE = Commitment()
