"""An order as all faces show it: what was asked for, with the venue orders that came of it.

Where it lies makes no difference: in State, or in the journal's archive after it was let go. An
order over venues or over time has its parts' venue orders, all of them.
"""

from collections.abc import Callable, Iterator

import msgspec

from omnivenue.engine import Archived, State
from omnivenue.model import ClOrdID, InstructionID, Instrument, OrderID
from omnivenue.oms import Composite, Order, Parent, Request
from omnivenue.route import meant

PARTS_SHOWN = 100
"""A day's algorithm has thousands: each is to be had by its id."""

type LookUp = Callable[[OrderID], Archived | None]
"""In the archive, by the key of an order or of a request."""


class Whole(msgspec.Struct, frozen=True):
    parent: Parent | Composite
    children: tuple[Order, ...]  # one after another
    open: tuple[Order, ...]  # of which something is still to be learned, or that may still trade

    @property
    def id(self) -> OrderID:
        return OrderID(self.parent.order.instruction_id)

    @property
    def is_composite(self) -> bool:
        return isinstance(self.parent, Composite)

    @property
    def last(self) -> Order | None:
        """What stands for the order at its venue: of several children the newest."""
        return self.children[-1] if self.children else None


class Records:
    """Orders and requests by their keys: those that State has, and those that have left it."""

    def __init__(self, state: State, archived: LookUp) -> None:
        self._state = state
        self._archived = archived

    def order(self, order_id: OrderID) -> Whole | None:
        found = found_in(self._state, order_id)
        if found is not None:
            return whole(self._state, found)
        archived = self._archived(order_id)
        return None if archived is None else whole_of(archived, order_id)

    def request(self, key: InstructionID) -> Request | None:
        found = self._state.requests.get(key)
        if found is not None:
            return found
        archived = self._archived(OrderID(key))
        return None if archived is None else archived.request


def found_in(state: State, order_id: OrderID) -> Parent | Composite | None:
    return state.parents.get(order_id) or state.composites.get(order_id)


def whole(state: State, parent: Parent | Composite) -> Whole:
    return _whole(parent, state.parents, state.orders)


def whole_of(archived: Archived, order_id: OrderID) -> Whole | None:
    parent = archived.parents.get(order_id) or archived.composites.get(order_id)
    return None if parent is None else _whole(parent, archived.parents, archived.orders)


def _whole(
    parent: Parent | Composite, parents: dict[OrderID, Parent], orders: dict[ClOrdID, Order]
) -> Whole:
    own = [parent] if isinstance(parent, Parent) else [parents[i] for i in parent.parts]
    children = tuple(orders[i] for each in own for i in each.children)
    return Whole(parent, children, tuple(orders[i] for each in own for i in each.open))


def part_ids(found: Whole) -> tuple[OrderID, ...]:
    """The orders that are shown with it: exits of a bracket, the newest parts of a whole."""
    parent = found.parent
    return parent.parts[-PARTS_SHOWN:] if isinstance(parent, Composite) else parent.exits


def filled(state: State, found: Whole) -> int:
    """Atoms, of all its children: each is counted in the version of its listing."""
    if isinstance(found.parent, Composite):
        return found.parent.filled
    return sum(state.listing(c.new).atoms(c.cum_qty) for c in found.children)


def listing(state: State, found: Whole) -> Instrument:
    """In the version that its newest child is counted in. Without a child there are no lots and
    ticks to show, and any version does; over venues, any of those that it was meant for."""
    last = found.last
    if last is not None:
        return state.listing(last.new)
    order = found.parent.order
    return meant(state.instruments, order.instrument_id, order.candidates)[0]


def ids(state: State) -> Iterator[tuple[OrderID, Parent | Composite]]:
    yield from state.parents.items()
    yield from state.composites.items()
