"""One entry of the journal as the messages that subscribers get.

What traded stands in the entry. An order or a position is shown as it stands when the message is
made: at its entry or later, never before it. Whatever changed it later has an entry of its own, so
the last message of an order is always its last state, also for who resumes after days.
"""

from collections.abc import Iterable, Iterator
from typing import Any

from msgspec.structs import asdict, replace

from omnivenue.api.answer import encoded
from omnivenue.api.named import named_by
from omnivenue.api.site import Site
from omnivenue.api.view import fill_rows, order_row
from omnivenue.api.view_rows import position_row
from omnivenue.api.whole import Whole
from omnivenue.message import (
    AdjustmentInstructed,
    Alert,
    CancelRejected,
    Command,
    Entry,
    Event,
    ExecType,
    ExecutionReport,
    FlagOrder,
    NotSent,
    Opened,
    OrderInstructed,
    SetState,
    StatusReport,
    VenueDown,
    VenueUp,
)
from omnivenue.model import AccountID, ClOrdID, ExecID, InstrumentID, OrderID, StrategyID
from omnivenue.oms import Moment, is_disputed
from omnivenue.wire import FillRow, iso

TOPICS = ("orders", "fills", "positions", "plans", "transactions", "market", "alerts")

type Told = tuple[str, bytes]
"""The topic, and the message as it goes out."""

type Held = tuple[AccountID, StrategyID, InstrumentID]

_TRADES = frozenset({ExecType.TRADE, ExecType.TRADE_CORRECT, ExecType.TRADE_CANCEL})


def told(site: Site, entry: Entry) -> Iterator[Told]:
    """In the order of the interface: orders, fills, positions, alerts. One by one, since a venue
    that goes down makes one of each order there; other turns may come between."""
    yield from _orders(site, entry)
    yield from _fills(site, entry)
    yield from _positions(site, entry)
    yield from _alerts(entry)


def message(kind: str, seq: int, at: str, row: dict[str, Any]) -> bytes:
    """A row's own `type` is that of an order, and gives way; its own `at` is what it tells of."""
    if "type" in row:
        row["order_type"] = row.pop("type")
    return encoded({"type": kind, "seq": seq, "at": at, **row})


def _orders(site: Site, entry: Entry) -> Iterator[Told]:
    """With whatever an order is a part of: that is, too, what its parts are."""
    waiting = list(_touched(site, entry))
    for order_id in waiting:
        found = site.records.order(order_id)
        if found is None or found.parent.seq > entry.seq:  # open at the venue now, and not then
            continue
        row = order_row(site.state, found, site.loop.mode)
        if row.parent_id is not None and row.parent_id not in waiting:
            waiting.append(OrderID(row.parent_id))
        document = asdict(row)
        yield "orders", message("order", entry.seq, iso(entry.at), document)


def _fills(site: Site, entry: Entry) -> Iterator[Told]:
    """A trade that is taken back is told again, with `busted`."""
    for report in _reports(entry.event):
        found = _traded(site, entry, report)
        if found is None:
            continue
        is_trade = report.exec_type is not ExecType.TRADE_CANCEL
        for exec_id in (report.exec_ref_id, report.exec_id if is_trade else None):
            row = None if exec_id is None else _fill_row(site, found, exec_id)
            if row is not None:
                is_busted = any(exec_id in child.busts for child in found.children)
                document = asdict(row) | {"busted": is_busted}
                yield "fills", message("fill", entry.seq, row.at, document)


def _fill_row(site: Site, found: Whole, exec_id: ExecID) -> FillRow | None:
    """Of one trade, and of one that does not count any more as well."""
    for child in found.children:
        if fill := child.fill(exec_id):
            alone = replace(child, fills=[fill], busts=frozenset())
            ((_, row),) = fill_rows(site.state, replace(found, children=(alone,)))
            return row
    return None


def _positions(site: Site, entry: Entry) -> Iterator[Told]:
    held: dict[Held, None] = {}
    for report in _reports(entry.event):
        found = _traded(site, entry, report)
        if found is not None:
            order = found.parent.order
            held[order.account, order.strategy_id, order.instrument_id] = None
    if isinstance(entry.event, AdjustmentInstructed):
        held |= dict.fromkeys(_adjusted(site, entry.event))
    for account, strategy_id, instrument_id in held:
        position = site.state.positions.get(account, {}).get(strategy_id, {}).get(instrument_id)
        if position is not None:
            instrument = site.state.instruments[instrument_id]
            now = site.loop.now()
            row = position_row(account, strategy_id, instrument, position, site.loop.books, now)
            document = asdict(row)
            yield "positions", message("position", entry.seq, iso(entry.at), document)


def _alerts(entry: Entry) -> Iterator[Told]:
    for command in entry.commands:
        match command:
            case Alert(topic=topic, about=about):
                pass
            case SetState(scope=scope, state=state, reason=reason, source=source):
                topic, about = "trading state", f"{scope} is {state.value}, by {source}: {reason}"
            case FlagOrder(cl_ord_id=cl_ord_id, anomaly=anomaly):
                topic, about = "anomaly", f"order {cl_ord_id}: {anomaly}"
            case _:
                continue
        row: dict[str, object] = {"topic": topic, "about": about}
        yield "alerts", message("alert", entry.seq, iso(entry.at), row)


def _adjusted(site: Site, event: AdjustmentInstructed) -> Iterator[Held]:
    instrument_id = InstrumentID(event.asset)
    for strategy_id, positions in sorted(site.state.positions.get(event.account, {}).items()):
        if instrument_id in positions:
            yield event.account, strategy_id, instrument_id


def _reports(event: Event) -> tuple[ExecutionReport, ...]:
    match event:
        case ExecutionReport():
            reports = (event,)
        case StatusReport(reports=reports):
            pass
        case _:
            return ()
    return tuple(report for report in reports if report.exec_type in _TRADES)


def _traded(site: Site, entry: Entry, report: ExecutionReport) -> Whole | None:
    """The order, if the report was news to it: venues say some things twice."""
    found = _whole_of(site, report.cl_ord_id)
    if found is None:
        return None
    what = report.exec_type.name.lower()
    return found if what in _moments(found.parent.moments, entry.seq) else None


def _moments(moments: Iterable[Moment], seq: int) -> list[str]:
    """What an entry did to an order."""
    return [moment[2] for moment in moments if moment[0] == seq]


def _whole_of(site: Site, cl_ord_id: ClOrdID) -> Whole | None:
    order_id = _order_id(site, cl_ord_id)
    return None if order_id is None else site.records.order(order_id)


def _touched(site: Site, entry: Entry) -> dict[OrderID, None]:
    """Every order that the entry made anything of, each once, in the order of the entry."""
    found: dict[OrderID, None] = {}
    for order_id in _touched_by_event(site, entry):
        found[order_id] = None
    for command in entry.commands:
        found |= dict.fromkeys(_touched_by(site, command))
    return found


def _touched_by_event(site: Site, entry: Entry) -> Iterator[OrderID]:
    match entry.event:
        case OrderInstructed(instruction_id=key):
            yield OrderID(key)
        case ExecutionReport(cl_ord_id=cl_ord_id) | NotSent(cl_ord_id=cl_ord_id):
            yield from _parents(site, [cl_ord_id])
        case CancelRejected(orig_cl_ord_id=cl_ord_id):
            yield from _parents(site, [cl_ord_id])
        case StatusReport():
            yield from _parents(site, (report.cl_ord_id for report in entry.event.reports))
            yield from _answered(site, entry, entry.event)
        case VenueDown(venue_id=venue_id) | VenueUp(venue_id=venue_id):
            yield from _parents(site, site.state.venues[venue_id].open)
        case Opened():
            for venue in site.state.venues.values():
                yield from _parents(site, venue.open)
        case _:
            pass


def _answered(site: Site, entry: Entry, report: StatusReport) -> Iterator[OrderID]:
    """Of all that a venue was asked about, what its answer is news of: it is asked every few
    seconds, and mostly says what is known."""
    for said in report.orders:
        for order_id in _parents(site, [said.cl_ord_id]):
            parent, child = site.state.parents.get(order_id), site.state.orders.get(said.cl_ord_id)
            if parent is None or child is None:
                yield order_id
                continue
            is_plain = said.ended is None and not (child.replaces or is_disputed(child))
            if not is_plain or _moments(parent.moments, entry.seq):
                yield order_id


def _touched_by(site: Site, command: Command) -> list[OrderID]:
    named = named_by(command)
    return [*named.orders, *_parents(site, named.children)]


def _parents(site: Site, cl_ord_ids: Iterable[ClOrdID]) -> list[OrderID]:
    found = (_order_id(site, cl_ord_id) for cl_ord_id in cl_ord_ids)
    return [order_id for order_id in found if order_id is not None]


def _order_id(site: Site, cl_ord_id: ClOrdID) -> OrderID | None:
    child = site.state.orders.get(cl_ord_id)
    return site.loop.archive.parent(cl_ord_id) if child is None else child.new.parent_id
