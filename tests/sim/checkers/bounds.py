"""I15 as the world has it: what its exchanges have done and may still do for one instruction.

Counted from the exchanges' records and from what is on its way, and not from our own sums: all
children of an order together never exceed it, and the exits of a bracket never exceed its entry.
"""

from collections import Counter

from omnivenue.journal import Durable
from omnivenue.message import NewOrder, ReplaceOrder, VenueCommand
from omnivenue.model import ClOrdID, OrderID
from sim.checkers.checker import Checker, Watched
from sim.checkers.wanted import WantedChecker

EXITS = ("~tp", "~sl")


class BoundChecker(Checker):
    def __init__(self, loop: Watched, wanted: WantedChecker) -> None:
        super().__init__(loop)
        self._wanted = wanted
        self.on_way: dict[ClOrdID, NewOrder] = {}

    def sent(self, durable: Durable) -> None:
        command = durable.command
        if isinstance(command, NewOrder):
            self.on_way[command.cl_ord_id] = command
            if self.loop.is_honest:
                self._check_children(command.parent_id)
                self._check_exits(command.parent_id)

    def arrived(self, command: VenueCommand) -> None:
        if isinstance(command, NewOrder | ReplaceOrder):
            self.on_way.pop(command.cl_ord_id, None)

    def done(self) -> tuple[Counter[OrderID], Counter[OrderID]]:
        """Per order, in atoms: what the world has traded, and that with what it may still trade."""
        traded: Counter[OrderID] = Counter()
        may: Counter[OrderID] = Counter()
        for exchange, _ in self.loop.venues.values():
            for placed in exchange.orders.values():
                lot = self.state.listing(placed.new).lot
                filled = sum(r.last_qty for r in placed.standing) * lot
                traded[placed.new.parent_id] += filled
                may[placed.new.parent_id] += filled + placed.leaves * lot
        for new in self.on_way.values():
            if new.expires_at > self.loop.now:
                may[new.parent_id] += self.state.listing(new).atoms(new.qty)
        return traded, may

    def _check_children(self, order_id: OrderID) -> None:
        _, may = self.done()
        most = self._wanted.most(self.state.parents[order_id])
        assert may[order_id] <= most, "I15: the world does more"

    def _check_exits(self, order_id: OrderID) -> None:
        if order_id.endswith(EXITS):
            entry_id = OrderID(order_id[: -len(EXITS[0])])
            traded, may = self.done()
            out = sum(may[OrderID(entry_id + leg)] for leg in EXITS)
            assert out <= traded[entry_id], "I15: exits of more than has been entered"
