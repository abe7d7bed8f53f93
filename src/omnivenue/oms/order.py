"""A venue order is a set of facts. Adding one is a join: it commutes, and twice is once.

Venues repeat, reorder and contradict themselves, so nothing here depends on the order of arrival:
`status.py` reads the set, and permuted reports read the same. A replace is a fact like the others:
the versions that we asked for, and the latest that the venue has named; its terms are in force.
"""

from bisect import bisect_left
from operator import attrgetter
from sys import intern

import msgspec
from msgspec.structs import replace

from omnivenue.message import (
    CancelRejected,
    ExecType,
    ExecutionReport,
    NewOrder,
    OrderState,
    ReplaceOrder,
)
from omnivenue.model import AssetID, ClOrdID, ExecID, Fill, Lots, Nanos, VenueOrderID

type Change = tuple[int, Fill]
"""+1 and a fill that counts from now on, or -1 and one that no longer does."""

UNDISPUTED = -1

_SHOWS_LIFE = (ExecType.NEW, ExecType.TRADE, ExecType.TRIGGERED, ExecType.REPLACED)
"""Of a suspended order these say that it is one no more."""


class Rare(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True, gc=False):
    """What few orders meet with: one object says so of all that do not, and saves its room."""

    request_rejects: frozenset[ClOrdID] = frozenset()  # cancels and replaces that it turned down
    version_word: tuple[Nanos, int] = (Nanos(0), 0)  # its latest answer about that, and when
    suspended_at: Nanos = Nanos(-1)  # when it last said so; never: before all
    denials: tuple[Nanos, ...] = ()  # when it said that it does not know this order
    contradicted: bool = False  # one exec id with two contents
    disputed_since: int = UNDISPUTED  # the first query sent after it was both taken and rejected
    verdict: tuple[Nanos, ExecType] | None = None  # the final status named after a dispute
    is_reworked: bool = False  # cancelled only to be sent anew on other terms
    flagged: tuple[str, ...] = ()  # what has been said about it


class Order(msgspec.Struct, kw_only=True, omit_defaults=True, forbid_unknown_fields=True, gc=False):
    """Changed in place: a copy per report would make many fills cost their square."""

    new: NewOrder
    # What the venue said.
    venue_order_id: VenueOrderID = VenueOrderID("")
    acked: bool = False
    rejections: frozenset[str] = frozenset()
    fills: list[Fill] = msgspec.field(default_factory=list[Fill])  # by `exec_id`
    busts: frozenset[ExecID] = frozenset()  # also of trades that we have not seen yet
    closings: frozenset[str] = frozenset()  # values of ExecType: a snapshot sorts what it holds
    version: int = 0  # of the latest replace that it has named as in force
    is_triggered: bool = False
    lives_at: Nanos = Nanos(0)  # when it last said something that a suspended order does not
    last_at: Nanos = Nanos(0)  # the venue's latest word: its time,
    last_qty: Lots = Lots(0)  # and CumQty by then
    # What we know of ourselves.
    cancels: tuple[ClOrdID, ...] = ()
    replaces: tuple[ReplaceOrder, ...] = ()  # version 1 first
    withheld: bool = False  # by our own gateway
    doubted: bool = False  # no answer in time, or the process or the venue went down
    lost: bool = False  # proven never placed
    asked_at: Nanos = Nanos(0)
    # Of the fills that count. Kept, so that a report costs the same however many came before.
    cum_qty: Lots = Lots(0)
    # What `settle` has booked for this order so far.
    hold_px: int = 0  # quote atoms: what `new` is reserved at; each replace has its own
    held: int = 0
    working: int = 0
    committed: int = 0  # of a derivative: what `working` would pay
    rare: Rare = Rare()

    def note(self, **news: object) -> None:
        self.rare = replace(self.rare, **news)

    def fill(self, exec_id: ExecID) -> Fill | None:
        """Also one that does not count any more."""
        n = bisect_left(self.fills, exec_id, key=_exec_id)
        return self.fills[n] if _is_at(self.fills, n, exec_id) else None

    @property
    def standing(self) -> list[Fill]:
        """The fills that count."""
        busts = self.busts
        return [fill for fill in self.fills if fill.exec_id not in busts]


def add_report(order: Order, report: ExecutionReport) -> list[Change]:
    """Join one report; the fills that it made or unmade."""
    word = report.transact_at, report.cum_qty
    order.last_at, order.last_qty = max((order.last_at, order.last_qty), word)
    if report.venue_order_id:
        order.venue_order_id = max(order.venue_order_id, report.venue_order_id)
    if report.exec_type in _SHOWS_LIFE and report.transact_at >= order.lives_at:
        order.lives_at = report.transact_at
    match report.exec_type:
        case ExecType.TRADE:
            return _add_fill(order, report)
        case ExecType.NEW:
            order.acked = True
        case ExecType.REJECTED:
            order.rejections |= {report.text}
        case ExecType.CANCELED | ExecType.EXPIRED | ExecType.DONE_FOR_DAY:
            order.closings |= {report.exec_type.value}
        case ExecType.TRADE_CANCEL:
            return _add_bust(order, report.exec_ref_id)
        case ExecType.TRADE_CORRECT:
            return [*_add_bust(order, report.exec_ref_id), *_add_fill(order, report)]
        case ExecType.REPLACED:
            _add_version(order, report.version)
        case ExecType.TRIGGERED:
            order.acked = order.is_triggered = True
        case ExecType.SUSPENDED:
            order.acked = True
            order.note(suspended_at=max(order.rare.suspended_at, report.transact_at))
    return []


def add_state(order: Order, said: OrderState, as_of: Nanos) -> None:
    """Join what the venue holds the order to be. That it is filled is left to its trades."""
    order.last_at, order.last_qty = max((order.last_at, order.last_qty), (as_of, said.cum_qty))
    if said.version:
        _add_version(order, said.version)
    if order.replaces:
        order.note(version_word=max(order.rare.version_word, (as_of, said.version)))
    order.is_triggered |= said.is_triggered
    match said.ended:
        case ExecType.REJECTED:
            order.rejections |= {"rejected"}
        case ExecType.CANCELED | ExecType.EXPIRED | ExecType.DONE_FOR_DAY:
            order.closings |= {said.ended.value}
        case _:
            order.acked = True


def count_facts(order: Order) -> int:
    """Grows with every fact that is news: facts are joined and never taken away."""
    return (
        order.acked
        + len(order.rejections)
        + len(order.fills)
        + len(order.busts)
        + len(order.closings)
        + order.version
        + order.is_triggered
    )


def add_request_reject(order: Order, reject: CancelRejected) -> None:
    order.note(request_rejects=order.rare.request_rejects | {reject.cl_ord_id})


def _add_version(order: Order, version: int) -> None:
    order.acked = True
    order.version = max(order.version, version)


_exec_id = attrgetter("exec_id")


def _is_at(fills: list[Fill], n: int, exec_id: ExecID) -> bool:
    return n < len(fills) and fills[n].exec_id == exec_id


def _add_fill(order: Order, report: ExecutionReport) -> list[Change]:
    exec_id = report.exec_id
    fill = Fill(
        report.last_qty,
        report.last_px,
        report.fee,
        AssetID(intern(report.fee_asset)),
        report.liquidity,
        report.transact_at,
        exec_id,
    )
    fills = order.fills
    n = bisect_left(fills, exec_id, key=_exec_id)
    known = fills[n] if _is_at(fills, n, exec_id) else None
    if known == fill:
        return []
    if known is None:
        fills.insert(n, fill)
    else:
        order.note(contradicted=True)
        if _rank(known) > _rank(fill):  # either would do; the larger, so that the sequence
            return []  # of arrival does not matter
        fills[n] = fill
    if exec_id in order.busts:
        return []
    return _count(order, [(1, fill)] if known is None else [(-1, known), (1, fill)])


def _rank(fill: Fill) -> tuple[int | str, ...]:
    return (fill.qty, fill.px, fill.fee, fill.fee_asset, fill.liquidity.value, fill.at)


def _add_bust(order: Order, exec_id: ExecID | None) -> list[Change]:
    if exec_id is None or exec_id in order.busts:
        return []
    order.busts |= {exec_id}
    fill = order.fill(exec_id)
    return [] if fill is None else _count(order, [(-1, fill)])


def _count(order: Order, changes: list[Change]) -> list[Change]:
    for sign, fill in changes:
        order.cum_qty = Lots(order.cum_qty + sign * fill.qty)
    assert order.cum_qty >= 0
    return changes
