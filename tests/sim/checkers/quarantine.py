"""What nobody explains is quarantined, nothing else is, and nothing new touches it (T35).

What a venue has more or less of without a word is told to this checker by whoever makes it so, and
what explains it too: an adjustment it reads off the journal.
"""

from collections.abc import Sequence

from omnivenue.message import (
    AdjustmentInstructed,
    Alert,
    Entry,
    NewOrder,
    Quarantine,
    ReleaseQuarantine,
    ReplaceOrder,
)
from omnivenue.model import AccountID, AssetID, VenueID
from omnivenue.oms import Order
from sim.checkers.checker import Checker, Watched

type Place = tuple[AccountID, VenueID, AssetID]


class QuarantineChecker(Checker):
    def __init__(self, loop: Watched) -> None:
        super().__init__(loop)
        self.unexplained: dict[Place, int] = {}
        self.ever: set[tuple[Place, int]] = set()  # an answer from before its explanation may come
        self.now: dict[Place, int] = {}  # in quarantine
        self.seen: list[Quarantine] = []

    def moved(self, place: Place, amount: int) -> None:
        """At the exchange, and nobody was told."""
        account, venue_id, asset = place
        exchange, _ = self.loop.venues[venue_id]
        exchange.deposit(account, asset, amount)
        self.unexplained[place] = amount
        self.ever.add((place, amount))

    def explained(self, place: Place) -> None:
        self.unexplained.pop(place, None)

    def opened(self) -> None:
        """What a failed commit had decided was never true."""
        found = self.state.quarantined.values()
        self.now = {(q.account, q.venue_id, q.asset): q.difference for q in found}
        assert self.now.items() <= self.ever, f"T35: {self.now}"

    def committed(self, entries: Sequence[Entry], touched: Sequence[Order]) -> None:
        for entry in entries:
            if isinstance(entry.event, AdjustmentInstructed):
                told = entry.event
                self.explained((told.account, told.venue_id, told.asset))
            alarms = {c.topic for c in entry.commands if isinstance(c, Alert)}
            for command in entry.commands:
                match command:
                    case Quarantine():
                        assert "quarantine" in alarms, f"T35: nobody is told of {command}"
                        self._begun(command)
                    case ReleaseQuarantine(account=account, venue_id=venue_id, asset=asset):
                        place = (account, venue_id, asset)
                        assert place not in self.unexplained, f"T35: nobody explained {place}"
                        self.now.pop(place, None)
                    case NewOrder() | ReplaceOrder() if self.now:
                        self._untouched(command)
                    case _:
                        pass

    def ended(self) -> None:
        assert not self.now, f"T35: {self.now}"
        assert not self.state.differences, f"I12: {self.state.differences}"

    def _begun(self, command: Quarantine) -> None:
        place = (command.account, command.venue_id, command.asset)
        assert (place, command.difference) in self.ever, f"T35: {command}"
        self.now[place] = command.difference
        self.seen.append(command)

    def _untouched(self, command: NewOrder | ReplaceOrder) -> None:
        """A replace may ask for less than works already."""
        new = command
        if isinstance(command, ReplaceOrder):
            order = self.state.orders[command.orig_cl_ord_id]
            asked = [(order.new.qty, order.new.limit_px)]
            asked += [(r.qty, r.limit_px) for r in order.replaces if r.version < command.version]
            sign = order.new.side.sign
            most, dearest = max(q for q, _ in asked), max(sign * px for _, px in asked)
            if command.qty <= most and sign * command.limit_px <= dearest:
                return
            new = order.new
        assert isinstance(new, NewOrder)
        instrument = self.state.instruments[new.instrument_id]
        moves = {AssetID(instrument.instrument_id), instrument.cash}
        moves |= {instrument.base} if instrument.is_spot else set()
        for asset in moves:
            place = (new.account, new.venue_id, asset)
            assert place not in self.now, f"T35: {command.cl_ord_id} moves {asset}"
