"""The journal's story against the exchanges' own.

They are written by different processes that know nothing of each other, so where they agree to the
last atom, nothing was lost and nothing doubled.
"""

from collections.abc import Iterable
from pathlib import Path

from omnivenue.engine import State
from omnivenue.journal import SqliteReader, replay
from omnivenue.ledger import contracts, free, held, margin
from omnivenue.message import ExecType, ExecutionReport, NewOrder
from omnivenue.model import AccountID, AssetID, ClOrdID, Lots, OrderID, VenueID
from omnivenue.oms import is_open, status
from omnivenue.venue.sim import read_record
from omnivenue.venue.sim.rules import instruments_of
from omnivenue.venue.sim.settle import flows


def folded(folder: Path) -> State:
    """Who the server is, or was, by its journal alone. `folder` is the home of one mode."""
    reader = SqliteReader(folder / "journal.db")
    try:
        return replay(State(), reader.lines())
    finally:
        reader.close()


def discrepancies(state: State, records: Path) -> list[str]:
    """What the two stories tell differently, in words; nothing where they agree."""
    found: list[str] = []
    for path in sorted(records.glob("*.jsonl")):
        found += _of_venue(state, VenueID(path.stem), path)
    return found


def _of_venue(state: State, venue_id: VenueID, path: Path) -> Iterable[str]:
    placed: dict[ClOrdID, NewOrder] = {}
    cum: dict[ClOrdID, int] = {}
    balances: dict[tuple[AccountID, AssetID], int] = {}
    trades: dict[str, ExecutionReport] = {}
    for line in read_record(path):
        if line.paid_in is not None:
            key = (line.paid_in.account, line.paid_in.asset)
            balances[key] = balances.get(key, 0) + line.paid_in.amount
        if isinstance(line.command, NewOrder) and line.said:
            placed.setdefault(line.command.cl_ord_id, line.command)
        for said in line.said:
            if isinstance(said, ExecutionReport):
                _count(said, placed, trades, cum, balances)
    yield from _orders(state, venue_id, placed, cum)
    yield from _balances(state, venue_id, balances)


def _count(
    report: ExecutionReport,
    placed: dict[ClOrdID, NewOrder],
    trades: dict[str, ExecutionReport],
    cum: dict[ClOrdID, int],
    balances: dict[tuple[AccountID, AssetID], int],
) -> None:
    sign, trade = 1, report
    if report.exec_type is ExecType.TRADE_CANCEL:
        sign, trade = -1, trades[str(report.exec_ref_id)]
    elif report.exec_type is not ExecType.TRADE:
        return
    new = placed[report.cl_ord_id]
    listed = {i.instrument_id: i for i in instruments_of(new.venue_id)}[new.instrument_id]
    moved, _ = flows(listed, new.side, trade.last_qty, trade.last_px, trade.liquidity)
    for asset, amount in moved:
        key = (new.account, asset)
        balances[key] = balances.get(key, 0) + sign * amount
    cum[new.cl_ord_id] = cum.get(new.cl_ord_id, 0) + sign * trade.last_qty
    trades[report.exec_id] = report


def _orders(
    state: State, venue_id: VenueID, placed: dict[ClOrdID, NewOrder], cum: dict[ClOrdID, int]
) -> Iterable[str]:
    by_instruction: dict[str, list[ClOrdID]] = {}
    for cl_ord_id, new in placed.items():
        by_instruction.setdefault(new.parent_id, []).append(cl_ord_id)
        ours = state.orders.get(cl_ord_id)
        if ours is None:
            yield f"{venue_id} has {cl_ord_id}, which the journal does not know"
        elif ours.cum_qty != cum.get(cl_ord_id, 0) and not is_open(ours, status(ours)):
            yield f"{venue_id} traded {cum.get(cl_ord_id, 0)} of {cl_ord_id}, we {ours.cum_qty}"
    for instruction, orders in by_instruction.items():
        parent = state.parents.get(OrderID(instruction))
        most = sum(_most(state, placed[i], cum.get(i, 0)) for i in orders)
        if len(orders) > 1 and (parent is None or most > parent.qty):
            yield f"{instruction} was placed {len(orders)} times at {venue_id}: {most} atoms in all"


def _most(state: State, new: NewOrder, cum_qty: int) -> int:
    """Atoms that have traded or still may. One order may follow another, for the rest of it."""
    ours = state.orders.get(new.cl_ord_id)
    has_ended = ours is not None and not is_open(ours, status(ours))
    return state.listing(new).atoms(Lots(cum_qty if has_ended else max(cum_qty, new.qty)))


def _balances(
    state: State, venue_id: VenueID, theirs: dict[tuple[AccountID, AssetID], int]
) -> Iterable[str]:
    if state.venues[venue_id].open:
        return  # its trades may be on their way
    for (account, asset), amount in sorted(theirs.items()):
        paths = [path(account, venue_id) for path in (free, held, margin, contracts)]
        ours = sum(state.ledger.balance(path, asset) for path in paths)
        if ours != amount:
            yield f"{account} has {amount} {asset} at {venue_id}, and {ours} by the journal"
