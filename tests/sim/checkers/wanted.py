"""What was ever wanted of each order, as the journal has it: the bound of I15.

An exit grows and shrinks with what its entry has filled, and a replace is taken back where the
venue turns it down. A child that was asked for in between is out there all the same, so it counts
what its parent was to be in the moment in which it was asked for: not what it asked for itself.
"""

from collections import Counter
from collections.abc import Sequence

from omnivenue.message import (
    AmendParent,
    Entry,
    NewOrder,
    OrderInstructed,
    ReplaceOrder,
    StartOrder,
    decode_entry,
)
from omnivenue.model import ClOrdID, OrderID
from omnivenue.oms import Order, Parent
from sim.checkers.checker import Checker, Watched


class WantedChecker(Checker):
    """Follows the journal, and checks nothing: others ask it."""

    def __init__(self, loop: Watched) -> None:
        super().__init__(loop)
        self._seen = -1
        self._now: dict[OrderID, int] = {}  # what it shall be, in atoms
        self._most: Counter[OrderID] = Counter()  # what it was to be when a child was asked for
        self._parents: dict[ClOrdID, OrderID] = {}

    def most(self, parent: Parent) -> int:
        order_id = OrderID(parent.order.instruction_id)
        return max(parent.order.qty, parent.qty, self._most[order_id])

    def opened(self) -> None:
        """A commit that failed may have been written: the next process goes on from it."""
        for line in self.loop.core.journal.lines(self._seen + 1):
            self._follow(decode_entry(line))

    def committed(self, entries: Sequence[Entry], touched: Sequence[Order]) -> None:
        for entry in entries:
            self._follow(entry)

    def _follow(self, entry: Entry) -> None:
        if entry.seq <= self._seen:
            return
        self._seen = entry.seq
        if isinstance(event := entry.event, OrderInstructed):
            self._now.setdefault(OrderID(event.instruction_id), event.qty)
        for command in entry.commands:
            match command:
                case StartOrder(order=order):
                    self._now[OrderID(order.instruction_id)] = order.qty
                case AmendParent(order_id=order_id, qty=qty):
                    self._now[order_id] = qty
                case NewOrder(cl_ord_id=cl_ord_id, parent_id=order_id):
                    self._parents[cl_ord_id] = order_id
                    self._count(order_id)
                case ReplaceOrder(orig_cl_ord_id=cl_ord_id):
                    self._count(self._parents[cl_ord_id])
                case _:
                    pass

    def _count(self, order_id: OrderID) -> None:
        self._most[order_id] = max(self._most[order_id], self._now.get(order_id, 0))
