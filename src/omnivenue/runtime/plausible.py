"""What a venue cannot mean.

It is that venue's error, so it ends that venue's connection, and reaches neither the core, which
asserts, nor the journal, which is for ever.
"""

import msgspec

from omnivenue.engine import State
from omnivenue.journal import Broken
from omnivenue.market import Quote
from omnivenue.message import (
    CancelRejected,
    ExecType,
    ExecutionReport,
    FundingPaid,
    StatusReport,
    VenueEvent,
    VenueUp,
)
from omnivenue.model import SECOND, ClOrdID, Nanos, VenueID
from omnivenue.oms import EXPIRY_MARGIN
from omnivenue.runtime.archive import Archive

LAST_NANO = (1 << 63) - 1
"""Of the year 2262: later ones have no date. How far a venue's clock may be off is not asked."""

_TRADES = (ExecType.TRADE, ExecType.TRADE_CORRECT)
"""Each of these makes a fill."""


class Implausible(ConnectionError):
    """The venue said what cannot be; what is true is asked for after it comes up again."""


def implausible(
    state: State,
    archive: Archive,
    now: Nanos,
    venue_id: VenueID,
    said: VenueEvent | VenueUp | Quote,
) -> str:
    """What is wrong with it, in words; nothing where it can be meant. An order that has left State
    is still its own venue's alone."""
    match said:
        case Quote():
            return _quote(state, venue_id, said)
        case ExecutionReport():
            return _report(state, archive, now, venue_id, said)
        case CancelRejected(orig_cl_ord_id=cl_ord_id):
            return _order(state, archive, venue_id, cl_ord_id)
        case VenueUp():
            return "" if said.venue_id == venue_id else f"speaks for {said.venue_id}"
        case FundingPaid():
            listed = state.instruments.get(said.instrument_id)
            if said.venue_id != venue_id or listed is None or listed.venue_id != venue_id:
                return f"pays funding of {said.instrument_id}, not listed there"
            return _funding(now, venue_id, said)
        case StatusReport():
            if said.venue_id != venue_id:
                return f"answers for {said.venue_id}"
            if ahead := _ahead(now, said.as_of):  # its denials would come before the orders expire
                return ahead
            wrong = [_report(state, archive, now, venue_id, report) for report in said.reports]
            wrong += [_funding(now, venue_id, paid) for paid in said.fundings]
            named = (*(order.cl_ord_id for order in said.orders), *said.not_found)
            wrong += [_order(state, archive, venue_id, cl_ord_id) for cl_ord_id in named]
            wrong += ["a negative CumQty" for order in said.orders if order.cum_qty < 0]
            return next(filter(None, wrong), "")


def _quote(state: State, venue_id: VenueID, quote: Quote) -> str:
    listed = state.instruments.get(quote.instrument_id)
    if listed is None or listed.venue_id != venue_id:
        return f"quotes {quote.instrument_id}, which it does not list"
    if any(px <= 0 or qty <= 0 for px, qty in (*quote.bids, *quote.asks)):
        return f"quotes {quote.instrument_id} at or for nothing"
    if not 0 <= quote.at <= LAST_NANO:
        return f"quotes {quote.instrument_id} at {quote.at} ns, which is no time"
    return ""


def _ahead(now: Nanos, at: Nanos) -> str:
    """What has a time that has not come would be newer than all that the venue says until then: no
    answer about what we hold would count any more."""
    if at <= now + EXPIRY_MARGIN:
        return ""
    return f"its clock is {(at - now) // SECOND} s ahead of ours"


def _report(
    state: State, archive: Archive, now: Nanos, venue_id: VenueID, report: ExecutionReport
) -> str:
    if report.cum_qty < 0:
        return f"a negative CumQty of {report.cl_ord_id}"
    if report.exec_type in _TRADES and (report.last_qty <= 0 or report.last_px <= 0):
        return f"a trade of {report.cl_ord_id} for {report.last_qty} at {report.last_px}"
    told = report.external
    listed = None if told is None else state.instruments.get(told.instrument_id)
    if listed is not None and listed.venue_id != venue_id:
        return f"speaks of {report.cl_ord_id} in {listed.instrument_id}, which it does not list"
    return _ahead(now, report.transact_at) or _order(state, archive, venue_id, report.cl_ord_id)


def _funding(now: Nanos, venue_id: VenueID, paid: FundingPaid) -> str:
    if paid.venue_id != venue_id:
        return f"pays funding at {paid.venue_id}"
    return _ahead(now, paid.at)


def _order(state: State, archive: Archive, venue_id: VenueID, cl_ord_id: ClOrdID) -> str:
    try:
        order = state.orders.get(cl_ord_id) or archive.child(cl_ord_id)
    except (Broken, msgspec.DecodeError):
        return ""  # no fault of the venue's: to bring the order back fails, and ends the process
    if order is None or order.new.venue_id == venue_id:
        return ""
    return f"speaks of {cl_ord_id}, which is at {order.new.venue_id}"
