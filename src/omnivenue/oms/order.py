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

type News = tuple[bool, list[Change]]
"""Whether a fact has come of it that was not there, and the fills that it made or unmade."""

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
    fills: list[Fill] = []  # by `exec_id`; each order has its own, which msgspec makes
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


def add_report(order: Order, report: ExecutionReport) -> News:
    """Join one report. Those that venues tell most of stand first."""
    _hear(order, report.transact_at, report.cum_qty)
    if report.venue_order_id > order.venue_order_id:  # noqa: PLR1730 -- to look is quicker than
        order.venue_order_id = report.venue_order_id  # to store the same again
    # Also of the same time: then both of an order's times are one object, and not 32 bytes more.
    if report.transact_at >= order.lives_at and report.exec_type in _SHOWS_LIFE:
        order.lives_at = report.transact_at
    match report.exec_type:
        case ExecType.TRADE:
            return _add_fill(order, report)
        case ExecType.NEW:
            return _acknowledge(order), []
        case ExecType.CANCELED | ExecType.EXPIRED | ExecType.DONE_FOR_DAY:
            return _close(order, report.exec_type), []
        case ExecType.REPLACED:
            return _add_version(order, report.version), []
        case ExecType.REJECTED:
            return _reject(order, report.text), []
        case ExecType.TRADE_CANCEL:
            return _add_bust(order, report.exec_ref_id)
        case ExecType.TRADE_CORRECT:
            is_bust, unmade = _add_bust(order, report.exec_ref_id)
            is_fill, made = _add_fill(order, report)
            return is_bust or is_fill, [*unmade, *made]
        case ExecType.TRIGGERED:
            is_first = _acknowledge(order)
            return _trigger(order) or is_first, []
        case ExecType.SUSPENDED:
            order.note(suspended_at=max(order.rare.suspended_at, report.transact_at))
            return _acknowledge(order), []


def is_told(order: Order, report: ExecutionReport) -> bool:
    """Whether all of it was told before: to add it would leave the order as it is. What few orders
    meet with is not looked into, and counts as new."""
    at = report.transact_at
    if at > order.last_at or (at == order.last_at and report.cum_qty > order.last_qty):
        return False
    if at > order.lives_at and report.exec_type in _SHOWS_LIFE:
        return False
    if report.venue_order_id > order.venue_order_id:
        return False
    match report.exec_type:
        case ExecType.NEW:
            return order.acked
        case ExecType.TRADE:
            return order.fill(report.exec_id) == _fill_of(report)
        case ExecType.CANCELED | ExecType.EXPIRED | ExecType.DONE_FOR_DAY:
            return report.exec_type.value in order.closings
        case ExecType.REPLACED:
            return order.acked and report.version <= order.version
        case ExecType.REJECTED:
            return report.text in order.rejections
        case _:
            return False


def add_state(order: Order, said: OrderState, as_of: Nanos) -> bool:
    """Join what the venue holds the order to be; was it news? That it is filled is left to its
    trades."""
    _hear(order, as_of, said.cum_qty)
    is_news = bool(said.version) and _add_version(order, said.version)
    if order.replaces:
        order.note(version_word=max(order.rare.version_word, (as_of, said.version)))
    if said.is_triggered:
        is_news |= _trigger(order)
    match said.ended:
        case ExecType.REJECTED:
            return _reject(order, "rejected") or is_news
        case ExecType.CANCELED | ExecType.EXPIRED | ExecType.DONE_FOR_DAY:
            return _close(order, said.ended) or is_news
        case _:
            return _acknowledge(order) or is_news


def add_request_reject(order: Order, reject: CancelRejected) -> None:
    order.note(request_rejects=order.rare.request_rejects | {reject.cl_ord_id})


def _acknowledge(order: Order) -> bool:
    if order.acked:
        return False
    order.acked = True
    return True


def _hear(order: Order, at: Nanos, cum_qty: Lots) -> None:
    """The latest word of the venue stays."""
    if at > order.last_at or (at == order.last_at and cum_qty > order.last_qty):
        order.last_at, order.last_qty = at, cum_qty


_exec_id = attrgetter("exec_id")


def _is_at(fills: list[Fill], n: int, exec_id: ExecID) -> bool:
    return n < len(fills) and fills[n].exec_id == exec_id


def _trigger(order: Order) -> bool:
    if order.is_triggered:
        return False
    order.is_triggered = True
    return True


def _reject(order: Order, text: str) -> bool:
    if text in order.rejections:
        return False
    order.rejections |= {text}
    return True


def _close(order: Order, exec_type: ExecType) -> bool:
    if exec_type.value in order.closings:
        return False
    order.closings |= {exec_type.value}
    return True


def _add_version(order: Order, version: int) -> bool:
    is_first, is_later = _acknowledge(order), version > order.version
    if is_later:
        order.version = version
    return is_first or is_later


def _add_fill(order: Order, report: ExecutionReport) -> News:
    exec_id, fill, fills = report.exec_id, _fill_of(report), order.fills
    n = bisect_left(fills, exec_id, key=_exec_id)
    known = fills[n] if _is_at(fills, n, exec_id) else None
    if known == fill:
        return False, []
    if known is None:
        fills.insert(n, fill)
    else:
        order.note(contradicted=True)
        if _rank(known) > _rank(fill):  # either would do; the larger, so that the sequence
            return False, []  # of arrival does not matter
        fills[n] = fill
    if exec_id in order.busts:
        return known is None, []
    changes: list[Change] = [(1, fill)] if known is None else [(-1, known), (1, fill)]
    return known is None, _count(order, changes)


def _fill_of(report: ExecutionReport) -> Fill:
    return Fill(
        report.last_qty,
        report.last_px,
        report.fee,
        AssetID(intern(report.fee_asset)),
        report.liquidity,
        report.transact_at,
        report.exec_id,
    )


def _rank(fill: Fill) -> tuple[int | str, ...]:
    return (fill.qty, fill.px, fill.fee, fill.fee_asset, fill.liquidity.value, fill.at)


def _add_bust(order: Order, exec_id: ExecID | None) -> News:
    if exec_id is None or exec_id in order.busts:
        return False, []
    order.busts |= {exec_id}
    fill = order.fill(exec_id)
    return True, [] if fill is None else _count(order, [(-1, fill)])


def _count(order: Order, changes: list[Change]) -> list[Change]:
    for sign, fill in changes:
        order.cum_qty = Lots(order.cum_qty + sign * fill.qty)
    assert order.cum_qty >= 0
    return changes
