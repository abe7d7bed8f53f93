"""The log of what is done: submissions, what risk said, where orders went, fills, and what venues
were asked. Written by the process that follows the journal, so that the loop writes none of it.

A line names its entry. A process that was killed may write the lines of some entries again.
"""

import logging

from omnivenue.engine import State
from omnivenue.message import (
    Accept,
    CloseParent,
    Command,
    Entry,
    Event,
    ExecType,
    ExecutionReport,
    NewOrder,
    OrderInstructed,
    Refuse,
    StatusReport,
    VenueDown,
    VenueUp,
)
from omnivenue.model import AssetID, exponent, format_decimal
from omnivenue.route import meant
from omnivenue.telemetry.lines import ROOT

_ORDERS = logging.getLogger(f"{ROOT}.orders")
_FILLS = logging.getLogger(f"{ROOT}.fills")
_SYNC = logging.getLogger(f"{ROOT}.sync")


def followed(state: State, entry: Entry) -> None:
    """An entry that has been applied. Costs a look where there is no log."""
    if not any(log.handlers for log in (_ORDERS, _FILLS, _SYNC)):
        return
    _event(state, entry, entry.event)
    for command in entry.commands:
        _command(state, entry, command)


def _event(state: State, entry: Entry, event: Event) -> None:
    match event:
        case OrderInstructed():
            _submitted(state, entry, event)
        case ExecutionReport():
            _filled(state, entry, event)
        case StatusReport(venue_id=venue_id, reports=reports, orders=orders):
            counts = {"reports": len(reports), "orders": len(orders)}
            _write(_SYNC, entry, f"{venue_id} answered", venue=venue_id, **counts)
            for report in reports:
                _filled(state, entry, report)
        case VenueUp(venue_id=venue_id):
            _write(_SYNC, entry, f"{venue_id} is there", venue=venue_id)
        case VenueDown(venue_id=venue_id, why=why):
            _write(_SYNC, entry, f"{venue_id} is not there: {why}", venue=venue_id)
        case _:
            pass


def _command(state: State, entry: Entry, command: Command) -> None:
    match command:
        case Accept(order_id=order_id):
            _write(_ORDERS, entry, "accepted", id=order_id)
        case Refuse(instruction_id=key, reasons=reasons):
            codes = " ".join(reason.code for reason in reasons)
            _write(_ORDERS, entry, f"refused: {codes}", id=key)
        case NewOrder():
            instrument = state.listing(command)
            _write(
                _ORDERS,
                entry,
                f"routed to {command.venue_id}",
                id=command.parent_id,
                cl_ord_id=command.cl_ord_id,
                venue=command.venue_id,
                instrument=command.instrument_id,
                qty=_text(instrument.atoms(command.qty), instrument.qty_asset),
                price=_text(instrument.px(command.limit_px), instrument.quote),
            )
        case CloseParent(order_id=order_id, reason=reason):
            _write(_ORDERS, entry, f"ended: {reason.name}", id=order_id)
        case _:
            pass


def _submitted(state: State, entry: Entry, event: OrderInstructed) -> None:
    # Over venues any that it was meant for: all count alike.
    instrument = meant(state.instruments, event.instrument_id, event.candidates)[0]
    _write(
        _ORDERS,
        entry,
        f"submitted by {entry.principal}",
        id=event.instruction_id,
        account=event.account,
        strategy_id=event.strategy_id,
        instrument=event.instrument_id,
        side=event.side.value,
        type=event.ord_type.value,
        qty=_text(event.qty, instrument.qty_asset),
        price=None if event.limit_px is None else _text(event.limit_px, instrument.quote),
    )


def _filled(state: State, entry: Entry, report: ExecutionReport) -> None:
    order = state.orders.get(report.cl_ord_id)
    if report.exec_type is not ExecType.TRADE or order is None:
        return
    instrument = state.listing(order.new)
    _write(
        _FILLS,
        entry,
        "filled",
        id=order.new.parent_id,
        exec_id=report.exec_id,
        venue=instrument.venue_id,
        instrument=instrument.instrument_id,
        side=order.new.side.value,
        qty=_text(instrument.atoms(report.last_qty), instrument.qty_asset),
        px=_text(instrument.px(report.last_px), instrument.quote),
    )


def _text(amount: int, asset: AssetID) -> str:
    return format_decimal(amount, exponent(asset))


def _write(log: logging.Logger, entry: Entry, words: str, **about: str | int | None) -> None:
    log.info("%s", words, extra={"at_ns": entry.at, "about": {"seq": entry.seq, **about}})
