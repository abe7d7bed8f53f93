"""What the kinds of orders promise, held against the journal and the exchanges' own records.

A replace is in force as the exchange has it. Exits close no more than their entry has opened. One
of a group that trades ends the others in the same entry of the journal, so that no crash comes
between. A trigger sends one order, and nothing before it has come.
"""

from collections.abc import Iterable

from omnivenue.engine import State
from omnivenue.message import EndReason, NewOrder
from omnivenue.model import ClOrdID, OrderID
from omnivenue.oms import Order, OrdStatus, Parent, is_open, status, terms
from omnivenue.venue.sim.back_office import BackOffice
from omnivenue.venue.sim.record import Placed

_ENDS = frozenset(reason.value for reason in EndReason) | {"cancel_order"}


def broken(state: State, theirs: Iterable[BackOffice]) -> list[str]:
    """Promises that were not kept, in words. `theirs`: the exchanges, by their own records."""
    offices = list(theirs)
    placed = {i: order for office in offices for i, order in sorted(office.orders.items())}
    return [
        *_replaces(state, placed),
        *_exits(state, offices),
        *_groups(state),
        *_triggers(state, placed),
    ]


def _replaces(state: State, placed: dict[ClOrdID, Placed]) -> Iterable[str]:
    for cl_ord_id, order in placed.items():
        ours = state.orders.get(cl_ord_id)
        if ours is None or is_open(ours, status(ours)):
            continue
        theirs = order.version, order.qty, order.px
        if theirs != (ours.version, *terms(ours)):
            yield f"{cl_ord_id} is in force as {theirs}, and {(ours.version, *terms(ours))} by us"


def _exits(state: State, offices: Iterable[BackOffice]) -> Iterable[str]:
    traded: dict[OrderID, int] = {}
    for office in offices:
        for order in office.orders.values():
            order_id, atoms = order.new.parent_id, office.instrument_of(order.new).atoms(order.cum)
            traded[order_id] = traded.get(order_id, 0) + atoms
    for order_id, parent in sorted(state.parents.items()):
        out = sum(traded.get(exit_id, 0) for exit_id in parent.exits)
        if out > traded.get(order_id, 0):
            yield f"the exits of {order_id} traded {out}, and it {traded.get(order_id, 0)}"


def _groups(state: State) -> Iterable[str]:
    groups: dict[tuple[str, str, str], list[OrderID]] = {}
    for order_id, parent in sorted(state.parents.items()):
        if parent.order.oco is not None:
            name = parent.order.account, parent.order.strategy_id, parent.order.oco
            groups.setdefault(name, []).append(order_id)
    for members in groups.values():
        for order_id in members:
            traded = _first(state.parents[order_id], frozenset({"trade"}))
            if traded is not None:
                others = (i for i in members if i != order_id)
                yield from _went_on(state, order_id, traded, others)


def _went_on(
    state: State, order_id: OrderID, traded: int, others: Iterable[OrderID]
) -> Iterable[str]:
    """Those that were there before the trade. A trade of theirs, later, was on its way."""
    for other_id in others:
        other = state.parents[other_id]
        began, ended = _first(other, frozenset({"accept"})), _first(other, _ENDS)
        if began is None or began >= traded:
            continue
        if ended is None or ended > traded:
            yield f"{order_id} traded, and {other_id} of its group worked on"
        if any(what == "new_order" and seq > traded for seq, _, what in other.moments):
            yield f"{order_id} traded, and {other_id} of its group was sent after it"


def _first(parent: Parent, words: frozenset[str]) -> int | None:
    return min((seq for seq, _, what in parent.moments if what in words), default=None)


def _triggers(state: State, placed: dict[ClOrdID, Placed]) -> Iterable[str]:
    by_parent: dict[OrderID, list[NewOrder]] = {}
    for order in placed.values():
        parent = state.parents.get(order.new.parent_id)
        if parent is not None and parent.order.ord_type.is_triggered:
            by_parent.setdefault(order.new.parent_id, []).append(order.new)
    for order_id, news in sorted(by_parent.items()):
        parent = state.parents[order_id]
        for new in news:
            if new.stop_px is None and not (parent.is_triggered or parent.entry_id):
                yield f"{new.cl_ord_id} was placed before its trigger had come"
            if len(news) > 1 and not _may_follow(state, new.cl_ord_id, parent):
                yield f"{order_id} was placed again for one trigger, as {new.cl_ord_id}"


def _may_follow(state: State, cl_ord_id: ClOrdID, parent: Parent) -> bool:
    """All before it were ended to be sent anew, or never arrived. What its parent does not know of
    follows nothing."""
    if cl_ord_id not in parent.children:
        return False
    before = parent.children[: parent.children.index(cl_ord_id)]
    return all(_may_be_followed(state.orders[i], parent) for i in before)


def _may_be_followed(child: Order, parent: Parent) -> bool:
    """Or it is of an exit, which grows after it was filled, and is tried again where nobody was
    left to trade with."""
    was_cut_short = status(child) is OrdStatus.CANCELED and not child.cancels
    is_exits = parent.entry_id is not None
    return (
        child.rare.is_reworked
        or child.lost
        or child.withheld
        or (is_exits and (was_cut_short or status(child) is OrdStatus.FILLED))
    )
