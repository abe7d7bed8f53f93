"""What of an order over time is due, by its algorithm: the slice whose time it is, what it sends,
and what may go out while it lasts. Without an algorithm all of it is due at once."""

from omnivenue.algo import due, most
from omnivenue.engine.routing import instruments_for
from omnivenue.engine.state import State
from omnivenue.model import Nanos
from omnivenue.oms import Composite


def number_now(at: Nanos, composite: Composite) -> int:
    """The slice whose time it is. What was missed in between is caught up in part."""
    assert composite.order.algo is not None
    by_time = (at - composite.began_at) // composite.order.algo.interval
    return min(composite.slices - 1, max(composite.number + 1, by_time))


def due_now(state: State, composite: Composite, number: int, done: int) -> int:
    """Atoms that the slice sends, where `done` are filled or under way."""
    if composite.order.algo is None:
        return composite.qty - done
    lot, count = _largest_lot(state, composite), composite.slices
    return due(qty=composite.qty, lot=lot, slices=count, number=number, done=done)


def most_now(state: State, composite: Composite) -> int:
    """Atoms that may go out now. Children of slices before may all end at once, at a venue that
    cancels everything: that is caught up like what was missed, and not at once either."""
    if composite.order.algo is None:
        return composite.qty
    lot, live, qty = _largest_lot(state, composite), composite.live, composite.qty
    parts = [(i in live, state.parents[i]) for i in composite.parts[composite.slice_from :]]
    began = sum(max(p.qty, p.filled) if is_live else p.filled for is_live, p in parts)
    return most(qty=qty, lot=lot, slices=composite.slices, number=composite.number) - began


def _largest_lot(state: State, composite: Composite) -> int:
    """What a slice is counted in, so that it is whole lots wherever it goes."""
    return max((i.lot for i in instruments_for(state, composite.order)), default=1)
