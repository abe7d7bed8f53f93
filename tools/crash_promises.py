"""What the kinds of orders promise, held against the journal and the exchanges' own records.

A replace is in force as the exchange has it. Exits close no more than their entry has opened. One
of a group that trades ends the others in the same entry of the journal, so that no crash comes
between. A trigger sends one order, and nothing before it has come.
"""

from collections.abc import Iterable
from pathlib import Path

from omnivenue.engine import State
from omnivenue.message import EndReason, ExecType, ExecutionReport, NewOrder, ReplaceOrder
from omnivenue.model import ClOrdID, Lots, OrderID, Ticks
from omnivenue.oms import Order, OrdStatus, Parent, is_open, status, terms
from omnivenue.venue.sim import read_record

_ENDS = frozenset(reason.value for reason in EndReason) | {"cancel_order"}


class Told:
    """What the exchanges say of orders, all of their records together."""

    def __init__(self, records: Path) -> None:
        self.placed: dict[ClOrdID, NewOrder] = {}
        self.cum: dict[ClOrdID, int] = {}
        self.version: dict[ClOrdID, int] = {}
        self._asked: dict[tuple[ClOrdID, int], ReplaceOrder] = {}
        self._trades: dict[str, ExecutionReport] = {}
        for path in sorted(records.glob("*.jsonl")):
            for line in read_record(path):
                command = line.command
                if isinstance(command, NewOrder) and line.said:
                    self.placed.setdefault(command.cl_ord_id, command)
                if isinstance(command, ReplaceOrder):
                    self._asked[command.orig_cl_ord_id, command.version] = command
                for said in line.said:
                    if isinstance(said, ExecutionReport):
                        self._count(said)

    def terms(self, cl_ord_id: ClOrdID) -> tuple[Lots, Ticks]:
        """In force at the exchange."""
        version = self.version.get(cl_ord_id, 0)
        now = self._asked[cl_ord_id, version] if version else self.placed[cl_ord_id]
        return now.qty, now.limit_px

    def _count(self, report: ExecutionReport) -> None:
        key = report.cl_ord_id
        if report.exec_type is ExecType.REPLACED:
            self.version[key] = max(self.version.get(key, 0), report.version)
        elif report.exec_type is ExecType.TRADE:
            self._trades[report.exec_id] = report
            self.cum[key] = self.cum.get(key, 0) + report.last_qty
        elif report.exec_type is ExecType.TRADE_CANCEL:
            self.cum[key] -= self._trades[str(report.exec_ref_id)].last_qty


def broken(state: State, told: Told) -> list[str]:
    """Promises that were not kept, in words."""
    return [*_replaces(state, told), *_exits(state, told), *_groups(state), *_triggers(state, told)]


def _replaces(state: State, told: Told) -> Iterable[str]:
    for cl_ord_id in sorted(told.placed):
        ours = state.orders.get(cl_ord_id)
        if ours is None or is_open(ours, status(ours)):
            continue
        theirs = told.version.get(cl_ord_id, 0), *told.terms(cl_ord_id)
        if theirs != (ours.version, *terms(ours)):
            yield f"{cl_ord_id} is in force as {theirs}, and {(ours.version, *terms(ours))} by us"


def _exits(state: State, told: Told) -> Iterable[str]:
    traded: dict[OrderID, int] = {}
    for cl_ord_id, cum in told.cum.items():
        new = told.placed[cl_ord_id]
        atoms = state.listing(new).atoms(Lots(cum))
        traded[new.parent_id] = traded.get(new.parent_id, 0) + atoms
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


def _triggers(state: State, told: Told) -> Iterable[str]:
    for cl_ord_id, new in sorted(told.placed.items()):
        parent = state.parents.get(new.parent_id)
        if parent is None or not parent.order.ord_type.is_triggered:
            continue
        if new.stop_px is None and not (parent.is_triggered or parent.entry_id):
            yield f"{cl_ord_id} was placed before its trigger had come"
        if cl_ord_id not in parent.children:
            continue  # the journal does not know it, which is told elsewhere
        followed = parent.children[: parent.children.index(cl_ord_id)]
        for before in (state.orders[i] for i in followed):
            if not _may_be_followed(before, parent):
                yield f"{new.parent_id} was placed again for one trigger, as {cl_ord_id}"


def _may_be_followed(child: Order, parent: Parent) -> bool:
    """It was ended to be sent anew, or never arrived; or an exit has grown since it was filled."""
    is_filled = status(child) is OrdStatus.FILLED
    return child.is_reworked or child.lost or child.withheld or bool(parent.entry_id and is_filled)
