"""An order as all faces show it: what was asked for, with the venue orders that came of it.

Where it lies makes no difference: in State, or in the journal's archive after it was let go.
"""

from collections.abc import Callable

import msgspec

from omnivenue.engine import Archived, State
from omnivenue.model import InstructionID, Instrument, OrderID
from omnivenue.oms import Order, Parent, Request

type LookUp = Callable[[OrderID], Archived | None]
"""In the archive, by the key of an order or of a request."""


class Whole(msgspec.Struct, frozen=True):
    parent: Parent
    children: tuple[Order, ...]  # one after another

    @property
    def id(self) -> OrderID:
        return OrderID(self.parent.order.instruction_id)

    @property
    def last(self) -> Order | None:
        """What stands for the order at its venue: of several children the newest."""
        return self.children[-1] if self.children else None

    @property
    def open(self) -> tuple[Order, ...]:
        """Of what is still to be learned something, or that may still trade."""
        return tuple(c for c in self.children if c.new.cl_ord_id in self.parent.open)


class Records:
    """Orders and requests by their keys: those that State has, and those that have left it."""

    def __init__(self, state: State, archived: LookUp) -> None:
        self._state = state
        self._archived = archived

    def order(self, order_id: OrderID) -> Whole | None:
        parent = self._state.parents.get(order_id)
        if parent is not None:
            return whole(self._state, parent)
        archived = self._archived(order_id)
        parent = None if archived is None else archived.parents.get(order_id)
        if archived is None or parent is None:
            return None
        return Whole(parent, tuple(archived.orders[i] for i in parent.children))

    def request(self, key: InstructionID) -> Request | None:
        found = self._state.requests.get(key)
        if found is not None:
            return found
        archived = self._archived(OrderID(key))
        return None if archived is None else archived.request


def whole(state: State, parent: Parent) -> Whole:
    return Whole(parent, tuple(state.orders[i] for i in parent.children))


def filled(state: State, found: Whole) -> int:
    """Atoms, of all its children: each is counted in the version of its listing."""
    return sum(state.listing(c.new).atoms(c.cum_qty) for c in found.children)


def listing(state: State, found: Whole) -> Instrument:
    """In the version that its newest child is counted in. Without a child there are no lots and
    ticks to show, and any version does."""
    last = found.last
    if last is None:
        return state.instruments[found.parent.order.instrument_id]
    return state.listing(last.new)
