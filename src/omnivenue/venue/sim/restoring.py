"""A back office becomes what its record says, and decides nothing: each trade counts in the version
of its instrument that was listed then, and each fee is the one that was told."""

from collections.abc import Iterable

from omnivenue.message import (
    ExecType,
    ExecutionReport,
    FundingPaid,
    NewOrder,
    ReplaceOrder,
    VenueCommand,
)
from omnivenue.venue.sim.back_office import BackOffice, change
from omnivenue.venue.sim.by_hand import order_of
from omnivenue.venue.sim.record import Line, Placed


def restore(office: BackOffice, lines: Iterable[Line]) -> None:
    listed = dict(office.versions)
    for line in lines:
        _restore_line(office, line)
    office.versions |= listed


def _restore_line(office: BackOffice, line: Line) -> None:
    for i in line.listed:
        office.versions[i.instrument_id, i.version] = i
    if paid := line.paid_in:
        office.deposit(paid.account, paid.asset, paid.amount)
    new = line.command
    if isinstance(new, NewOrder) and line.said and new.cl_ord_id not in office.orders:
        office.open(new)
    for said in line.said:
        match said:
            case ExecutionReport():
                _restore_report(office, said, line.command)
            case FundingPaid():
                ever = office.versions.items()
                settle = next(i.settle for (name, _), i in ever if name == said.instrument_id)
                office.deposit(said.account, settle, said.amount)
                office.fundings.append(said)
                office.stamped = said.at
            case _:
                pass


def _restore_report(
    office: BackOffice, report: ExecutionReport, command: VenueCommand | None
) -> None:
    if report.external is not None and report.cl_ord_id not in office.orders:
        new = order_of(office.venue_id, report.cl_ord_id, report.external)
        office.open(new, report.external)
    order = office.orders[report.cl_ord_id]
    match report.exec_type:
        case ExecType.NEW:
            pass
        case ExecType.TRIGGERED:
            order.is_triggered = True
        case ExecType.REPLACED:
            assert isinstance(command, ReplaceOrder)
            change(order, command)
        case ExecType.TRADE:
            _trade(office, order, report)
        case ExecType.TRADE_CORRECT:
            _take_back(office, order, report)
            _trade(office, order, report)
        case ExecType.TRADE_CANCEL:
            _take_back(office, order, report)
        case _:
            order.ended = report.exec_type
    order.reports.append(report)
    office.log.append(report)
    office.stamped = report.transact_at


def _trade(office: BackOffice, order: Placed, report: ExecutionReport) -> None:
    office.pay(order, report)
    office.count(order, report.last_qty)


def _take_back(office: BackOffice, order: Placed, report: ExecutionReport) -> None:
    office.undo(order, next(r for r in order.reports if r.exec_id == report.exec_ref_id))
