"""What nobody explains is quarantined, nothing else is, and nothing new touches it (T35).

The world's thefts and gifts are told to this checker by whoever commits them.
"""

from collections.abc import Sequence

from omnivenue.message import Entry, NewOrder, Quarantine, ReleaseQuarantine
from omnivenue.model import AccountID, AssetID, VenueID
from omnivenue.oms import Order
from sim.checkers.checker import Checker, Watched

type Place = tuple[AccountID, VenueID, str]


class QuarantineChecker(Checker):
    def __init__(self, loop: Watched) -> None:
        super().__init__(loop)
        self.unexplained: dict[Place, int] = {}
        self.now: dict[Place, int] = {}  # in quarantine
        self.seen: list[Quarantine] = []

    def moved(self, account: AccountID, venue_id: VenueID, asset: AssetID, amount: int) -> None:
        """At the exchange, and nobody was told."""
        exchange, _ = self.loop.venues[venue_id]
        exchange.deposit(account, asset, amount)
        self.unexplained[account, venue_id, asset] = amount

    def opened(self) -> None:
        """What a failed commit had decided was never true."""
        found = self.state.quarantined.values()
        self.now = {(q.account, q.venue_id, q.asset): q.difference for q in found}

    def committed(self, entries: Sequence[Entry], touched: Sequence[Order]) -> None:
        for command in (c for entry in entries for c in entry.commands):
            match command:
                case Quarantine(account=account, venue_id=venue_id, asset=asset):
                    key = (account, venue_id, asset)
                    assert self.unexplained.get(key) == command.difference, f"T35: {command}"
                    self.now[key] = command.difference
                    self.seen.append(command)
                case ReleaseQuarantine(account=account, venue_id=venue_id, asset=asset):
                    self.now.pop((account, venue_id, asset), None)
                case NewOrder() if self.now:
                    instrument = self.state.instruments[command.instrument_id]
                    moves = {instrument.instrument_id, instrument.quote, instrument.settle}
                    moves |= {instrument.base} if instrument.is_spot else set()
                    for asset in moves:
                        place = (command.account, command.venue_id, asset)
                        assert place not in self.now, f"T35: {command.cl_ord_id} moves {asset}"
                case _:
                    pass

    def ended(self) -> None:
        assert not self.now, f"T35: {self.now}"
        assert not self.state.differences, f"I12: {self.state.differences}"
