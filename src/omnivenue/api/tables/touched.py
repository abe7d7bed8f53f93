"""Which rows an entry may have changed: those of all orders and instruments that it names.

A name too many costs a row that is made and found to be the same; one too few leaves a row that is
wrong for ever. So whatever is named counts, without asking what was done with it.
"""

from collections.abc import Iterable, Iterator

from omnivenue.api.named import named_by
from omnivenue.engine import State
from omnivenue.message import (
    AdjustmentInstructed,
    CancelRejected,
    Command,
    Entry,
    Event,
    ExecutionReport,
    FundingPaid,
    InstrumentsListed,
    NotSent,
    Opened,
    OrderInstructed,
    OrderRecalled,
    PauseInstructed,
    SetMarks,
    StatusReport,
    VenueDown,
    VenueUp,
)
from omnivenue.model import ClOrdID, InstrumentID, OrderID, VenueID


class Touched:
    """`doubted` before the entry is applied, `named` after it."""

    def __init__(self) -> None:
        self.orders: dict[OrderID, None] = {}
        self.instruments: dict[InstrumentID, None] = {}

    def doubted(self, state: State, event: Event) -> None:
        """Of everything open at a venue that goes or comes, nothing is known for a while."""
        match event:
            case VenueUp(venue_id=venue_id) | VenueDown(venue_id=venue_id):
                self._open_at(state, [venue_id])
            case Opened():
                self._open_at(state, state.venues)
            case _:
                pass

    def named(self, state: State, entry: Entry) -> None:
        self._event(state, entry.event)
        for command in entry.commands:
            self._command(state, command)

    def _event(self, state: State, event: Event) -> None:
        match event:
            case OrderInstructed(instruction_id=key):
                self._order(state, OrderID(key))
            case OrderRecalled(order_id=order_id) | PauseInstructed(order_id=order_id):
                self._order(state, order_id)
            case CancelRejected(orig_cl_ord_id=cl_ord_id) | NotSent(cl_ord_id=cl_ord_id):
                self._child(state, cl_ord_id)
            case ExecutionReport(cl_ord_id=cl_ord_id):
                self._child(state, cl_ord_id)
            case StatusReport():
                for cl_ord_id in _answered(event):
                    self._child(state, cl_ord_id)
                self._instruments(state, (paid.instrument_id for paid in event.fundings))
            case FundingPaid(instrument_id=instrument_id):
                self._instruments(state, [instrument_id])
            case AdjustmentInstructed(asset=asset):
                self._instruments(state, [InstrumentID(asset)])
            case InstrumentsListed(instruments=listed):
                self._instruments(state, (each.instrument_id for each in listed))
            case _:
                pass

    def _command(self, state: State, command: Command) -> None:
        named = named_by(command)
        for order_id in named.orders:
            self._order(state, order_id)
        for cl_ord_id in named.children:
            self._child(state, cl_ord_id)
        if isinstance(command, SetMarks):
            self._instruments(state, command.marks)

    def _child(self, state: State, cl_ord_id: ClOrdID) -> None:
        """Also its instrument: what trades is a position."""
        order = state.orders.get(cl_ord_id)
        if order is not None:
            self._order(state, order.new.parent_id)
            self.instruments[order.new.instrument_id] = None

    def _order(self, state: State, order_id: OrderID) -> None:
        """What a part does, the whole has done."""
        parent = state.parents.get(order_id)
        if parent is not None or order_id in state.composites:
            self.orders[order_id] = None
        if parent is not None and parent.part_of is not None:
            self.orders[parent.part_of] = None

    def _instruments(self, state: State, named: Iterable[InstrumentID]) -> None:
        """An asset that is adjusted may be no instrument."""
        self.instruments |= dict.fromkeys(i for i in named if i in state.instruments)

    def _open_at(self, state: State, venue_ids: Iterable[VenueID]) -> None:
        for venue_id in venue_ids:
            if venue := state.venues.get(venue_id):
                for cl_ord_id in venue.open:
                    self._child(state, cl_ord_id)


def _answered(event: StatusReport) -> Iterator[ClOrdID]:
    yield from (report.cl_ord_id for report in event.reports)
    yield from (said.cl_ord_id for said in event.orders)
    yield from event.not_found
