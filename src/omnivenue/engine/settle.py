"""The consequences of an order's facts for the books: posted as differences, so never twice.

Whatever made the facts what they are (a fill, a bust, a duplicate, a trade after a cancel), the
ledger, the parent, the exposure and the indexes are brought in line with what they say now.
"""

from collections.abc import Sequence

from omnivenue.engine.state import State
from omnivenue.ledger import free, held, margin, move, post_fill, realize
from omnivenue.model import Fill, Instrument, Nanos
from omnivenue.oms import Change, Order, Parent, at_risk_qty, hold_px, is_open, status


def settle(state: State, at: Nanos, order: Order, changes: Sequence[Change] = ()) -> None:
    new = order.new
    instrument, parent = state.listing(new), state.parents[new.parent_id]
    traded = 0
    for sign, fill in changes:
        _trade(state, parent, instrument, fill, sign)
        traded += sign * instrument.atoms(fill.qty)

    now = status(order)
    working = instrument.atoms(at_risk_qty(order, now))
    hold = instrument.hold_ceil(new.side, working, hold_px(order))
    if hold != order.held:
        source, target = free(new.account, new.venue_id), held(new.account, new.venue_id)
        move(state.ledger, source, target, instrument.spends(new.side), hold - order.held)
    parent.working += working - order.working
    parent.filled += traded
    parent.updated_at = at
    order.held, order.working = hold, working

    if traded:
        state.exposure(new.account, new.instrument_id).net += new.side.sign * traded
    reserve(state, parent)
    for index in (parent.open, state.venues[new.venue_id].open):
        if is_open(order, now):
            index[new.cl_ord_id] = None
        else:
            index.pop(new.cl_ord_id, None)


def reserve(state: State, parent: Parent) -> None:
    """A live parent reserves what it has not filled; its children draw from that. One that is over,
    or that only reduces, reserves what its children may still trade all the same."""
    wanted = parent.qty - parent.filled if parent.reserves_all else 0
    target = max(wanted, parent.working)
    if target != parent.reserved:
        order = parent.order
        exposure = state.exposure(order.account, order.instrument_id)
        exposure.reserve(order.side, target - parent.reserved)
        parent.reserved = target


def _trade(state: State, parent: Parent, instrument: Instrument, fill: Fill, sign: int) -> None:
    order = parent.order
    amount = post_fill(state.ledger, order.account, instrument, order.side, fill, sign)
    position = state.position(order.account, order.strategy_id, order.instrument_id)
    cost_before = abs(position.cost)
    side = order.side if sign > 0 else order.side.opposite
    realized = position.trade(side, instrument.atoms(fill.qty), amount)
    if not instrument.is_spot:
        realize(state.ledger, order.account, instrument, realized)
        ours = free(order.account, instrument.venue_id)
        target = margin(order.account, instrument.venue_id)
        move(state.ledger, ours, target, instrument.settle, abs(position.cost) - cost_before)
