"""An order as all faces show it: what was asked for, with the venue orders that came of it.

Where it lies makes no difference: in State, or in the journal's archive after it was let go.
"""

from collections.abc import Callable

import msgspec

from omnivenue.engine import State
from omnivenue.model import Instrument, OrderID
from omnivenue.oms import Order, Parent


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


type Find = Callable[[OrderID], Whole | None]


def whole(state: State, parent: Parent) -> Whole:
    return Whole(parent, tuple(state.orders[i] for i in parent.children))


def in_state(state: State, order_id: OrderID) -> Whole | None:
    parent = state.parents.get(order_id)
    return None if parent is None else whole(state, parent)


def filled(state: State, found: Whole) -> int:
    """Atoms, of all its children: each is counted in the version of its listing."""
    return sum(state.listing(c.new).atoms(c.cum_qty) for c in found.children)


def listing(state: State, found: Whole) -> Instrument:
    """In the version that its newest child is counted in. Without a child there are no lots and
    ticks to show, and any version does."""
    last = found.last
    return (
        state.instruments[found.parent.order.instrument_id]
        if last is None
        else state.listing(last.new)
    )
