"""The consequences of an order's facts for the books: posted as differences, so never twice.

Whatever made the facts what they are (a fill, a bust, a duplicate, a trade after a cancel), the
ledger, the parent, the exposure and the indexes are brought in line with what they say now.
"""

from collections.abc import Sequence

import msgspec

from omnivenue.engine.apply_exposure import expose, rest
from omnivenue.engine.state import State, VenueState
from omnivenue.ledger import (
    NET,
    free,
    held,
    leg_of,
    margin,
    move,
    needed_margin,
    post_fill,
    realize,
)
from omnivenue.model import AccountID, ClOrdID, Fill, Instrument, InstrumentID, Nanos
from omnivenue.oms import (
    Change,
    Composite,
    Order,
    Parent,
    Stage,
    at_risk_qty,
    hold_px,
    is_open,
    status,
)


def settle(state: State, at: Nanos, order: Order, changes: Sequence[Change] = ()) -> None:
    new = order.new
    instrument, parent = state.listing(new), state.parents[new.parent_id]
    venue = state.venues[new.venue_id]
    parent.updated_at = at
    traded = _book(state, venue, parent, order, instrument, changes) if changes else 0
    now = status(order)
    working = at_risk_qty(order, now) * instrument.lot
    if changes or working != order.working or order.replaces:  # else no money is concerned
        _hold(state, parent, order, instrument, working)
        reserve(state, parent, traded=new.side.sign * traded)
    is_still_open, was_open = is_open(order, now), new.cl_ord_id in venue.open
    if is_still_open != was_open:
        _list(venue, parent, new.cl_ord_id, is_still_open)
        rest(state, order, instrument, is_still_open)
    elif order.replaces or new.stop_px is not None:  # it may rest at another price, or only now
        rest(state, order, instrument, is_still_open)


def _book(
    state: State,
    venue: VenueState,
    parent: Parent,
    order: Order,
    instrument: Instrument,
    changes: Sequence[Change],
) -> int:
    """What has traded, and what no longer counts; the atoms of both together."""
    lots = 0
    for sign, fill in changes:
        _trade(state, parent, instrument, fill, sign)
        lots += sign * fill.qty
    traded = lots * instrument.lot
    parent.filled += traded
    if parent.part_of is not None:
        state.composites[parent.part_of].filled += traded
    venue.latest = max(venue.latest, order.last_at)  # what it says that we hold may be older
    state.marks_due = True
    return traded


def _list(venue: VenueState, parent: Parent, cl_ord_id: ClOrdID, is_still_open: bool) -> None:
    """Among those that are open, of the venue and of the parent; or no longer."""
    if is_still_open:
        venue.open[cl_ord_id] = None
        parent.open += (cl_ord_id,)
        return
    del venue.open[cl_ord_id]
    is_only = parent.open == (cl_ord_id,)
    parent.open = () if is_only else tuple(i for i in parent.open if i != cl_ord_id)


def reserve(state: State, parent: Parent, traded: int = 0) -> None:
    """A live parent reserves what it has not filled; its children draw from that. One that is over
    reserves what its children may still trade all the same. `traded`, signed, it no longer does."""
    if parent.entry_id is not None:
        if traded:
            expose(state, parent.order, traded=traded)
        _reserve_exits(state, state.parents[parent.entry_id])
        return
    left, target = parent.qty - parent.filled, parent.working
    if left > target and parent.is_live:
        target = left
    if traded or target != parent.reserved:
        more = target - parent.reserved
        expose(state, parent.order, traded=traded, reserved=more)
        parent.reserved = target
        if parent.part_of is not None:
            composite = state.composites[parent.part_of]
            composite.in_parts += more
            reserve_rest(state, composite)
    if parent.exits:
        _reserve_exits(state, parent)


def reserve_rest(state: State, composite: Composite) -> None:
    """What of an algorithm's order is no part yet keeps its place within the limits. One over
    venues is split at once, and its parts are all there is."""
    if composite.order.instrument_id not in state.instruments:
        return
    is_going_on = composite.stage is Stage.WORKING
    rest = composite.qty - composite.filled - composite.in_parts
    target = max(0, rest) if is_going_on else 0
    if target != composite.reserved:
        expose(state, composite.order, reserved=target - composite.reserved)
        composite.reserved = target


def _reserve_exits(state: State, entry: Parent) -> None:
    """A bracket's exits reserve together, since only one of them will do it, and from the turn of
    the fill on: so what the entry has filled and what is to close it make no worst case worse, and
    an order that is accepted later is measured with both."""
    exits = [state.parents[order_id] for order_id in entry.exits]
    is_live = any(each.is_live for each in exits)
    left = entry.filled - entry.closed - sum(each.filled for each in exits) if is_live else 0
    target = max(left, sum(each.working for each in exits))
    if target != entry.exits_reserved:
        order = msgspec.structs.replace(entry.order, side=entry.order.side.opposite)
        expose(state, order, reserved=target - entry.exits_reserved)
        entry.exits_reserved = target


def bind(state: State, account: AccountID, instrument_id: InstrumentID) -> None:
    """As much margin as what is held and what works needs by now, at the venue's present tiers."""
    instrument, exposure = state.instruments[instrument_id], state.exposure(account, instrument_id)
    wanted = needed_margin(exposure, instrument)
    if wanted != exposure.margin:
        ours = free(account, instrument.venue_id)
        bound = margin(account, instrument.venue_id)
        move(state.ledger, ours, bound, instrument.settle, wanted - exposure.margin)
        exposure.margin = wanted


def _hold(state: State, parent: Parent, order: Order, instrument: Instrument, working: int) -> None:
    """What works of an order is backed at the price that it is reserved at: by the asset that it
    spends; of a derivative by margin, and the fee is held."""
    new, px = order.new, hold_px(order, instrument)
    hold = instrument.hold_ceil(new.side, working, px) if working else 0
    if hold != order.held:
        source, target = free(new.account, new.venue_id), held(new.account, new.venue_id)
        move(state.ledger, source, target, instrument.spends(new.side), hold - order.held)
        order.held = hold
    if working != order.working:
        parent.working += working - order.working
        order.working = working
    if not instrument.is_spot:
        paid = instrument.paid_ceil(new.side, working, px) if working else 0
        leg = state.exposure(new.account, new.instrument_id).leg(_leg(state, parent))
        leg.commit(new.side, paid - order.committed)
        order.committed = paid
        bind(state, new.account, new.instrument_id)


def _leg(state: State, parent: Parent) -> str:
    order = parent.order
    if order.account not in state.hedging:
        return NET
    return leg_of(order.side, order.reduce_only)


def _trade(state: State, parent: Parent, instrument: Instrument, fill: Fill, sign: int) -> None:
    order, account = parent.order, parent.order.account
    paid = post_fill(state.ledger, account, instrument, order.side, fill, sign)
    qty = sign * order.side.sign * instrument.atoms(fill.qty)
    position = state.position(account, order.strategy_id, order.instrument_id)
    position.fees[fill.fee_asset] = position.fees.get(fill.fee_asset, 0) + sign * fill.fee
    if instrument.is_spot:
        position.trade(qty, paid)
        return
    cost_before, leg = position.cost, _leg(state, parent)
    realized = position.trade(qty, paid) if leg == NET else position.trade_leg(leg, qty, paid)
    realize(state.ledger, account, instrument, realized)
    exposure = state.exposure(account, order.instrument_id)
    exposure.leg(leg).cost += position.cost - cost_before  # `_hold` binds it
