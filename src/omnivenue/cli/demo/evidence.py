"""The journal's story against the exchanges' own.

They are written by different processes that know nothing of each other, so where they agree to the
last atom, nothing was lost and nothing doubled. What an exchange has is what it would be itself
after a restart: its own reader makes it from its record, with funding, busts and what was done by
hand.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from enum import Enum
from pathlib import Path

from omnivenue.engine import Archived, State
from omnivenue.journal import Chain, SqliteReader, apply_entry
from omnivenue.ledger import contracts, free, held, margin
from omnivenue.model import ClOrdID, InstructionID, Lots, OrderID, VenueID
from omnivenue.oms import Request, is_open, status
from omnivenue.venue.sim import read_record
from omnivenue.venue.sim.back_office import BackOffice
from omnivenue.venue.sim.record import Placed
from omnivenue.venue.sim.restoring import restore
from omnivenue.venue.sim.rules import instruments_of


class Kind(Enum):
    LOST = "lost"  # it happened at the exchange, and not in the journal
    DOUBLED = "doubled"  # one instruction was placed more than once
    APART = "apart"  # two amounts differ, whatever the reason


@dataclass(frozen=True)
class Discrepancy:
    kind: Kind
    words: str

    def __str__(self) -> str:
        return self.words


def folded(folder: Path) -> State:
    """Who the server is, or was, by its journal alone, `remembering` everything. `folder` is the
    home of one mode."""
    reader = SqliteReader(folder / "journal.db")
    try:
        return remembering(reader.lines())
    finally:
        reader.close()


def remembering(lines: Iterable[bytes]) -> State:
    """The fold of a journal, with all that has left State beside what is there: an exchange's
    record lets nothing go either."""
    state, gone, requests = State(), Archived(), dict[InstructionID, Request]()
    for entry in Chain(0).check(lines):
        apply_entry(state, entry)
        for key, each in state.leaving.items():
            gone.parents |= each.parents
            gone.composites |= each.composites
            gone.orders |= each.orders
            if each.request is not None:
                requests[InstructionID(key)] = each.request
    # What has come back is newer here than as it left.
    state.parents = gone.parents | state.parents
    state.composites = gone.composites | state.composites
    state.orders = gone.orders | state.orders
    state.requests = requests | state.requests
    return state


def offices(records: Path) -> list[BackOffice]:
    """What each exchange has, by its record alone."""
    return [_office(VenueID(path.stem), path) for path in sorted(records.glob("*.jsonl"))]


def _office(venue_id: VenueID, path: Path) -> BackOffice:
    office = BackOffice(venue_id, instruments_of(venue_id), {})  # fees are as they were told
    restore(office, read_record(path))
    return office


def discrepancies(state: State, theirs: Iterable[BackOffice]) -> list[Discrepancy]:
    """What the two stories tell differently; nothing where they agree."""
    found: list[Discrepancy] = []
    for office in theirs:
        found += [*_orders(state, office), *_balances(state, office)]
    return found


def _orders(state: State, office: BackOffice) -> Iterable[Discrepancy]:
    by_instruction: dict[OrderID, list[ClOrdID]] = {}
    for cl_ord_id, placed in office.orders.items():
        order_id = placed.new.parent_id or OrderID(cl_ord_id)  # made by hand: it has no parent
        by_instruction.setdefault(order_id, []).append(cl_ord_id)
        ours = state.orders.get(cl_ord_id)
        if ours and ours.cum_qty != placed.cum and not is_open(ours, status(ours)):
            kind = Kind.LOST if ours.cum_qty < placed.cum else Kind.APART
            words = f"{office.venue_id} traded {placed.cum} of {cl_ord_id}, we {ours.cum_qty}"
            yield Discrepancy(kind, words)
    for order_id, orders in by_instruction.items():
        yield from _of_instruction(state, office, order_id, orders)


def _of_instruction(
    state: State, office: BackOffice, order_id: OrderID, orders: list[ClOrdID]
) -> Iterable[Discrepancy]:
    """One order may follow another, for the rest of it, if the journal knows both. One that it does
    not know was lost where it stands alone, and beside one that it knows it is a second."""
    parent = state.parents.get(order_id)
    unknown = [i for i in orders if i not in state.orders]
    most = sum(_most(office, office.orders[i]) for i in orders)
    is_second = 0 < len(unknown) < len(orders)
    for cl_ord_id in unknown:
        kind = Kind.DOUBLED if is_second else Kind.LOST
        yield Discrepancy(
            kind, f"{office.venue_id} has {cl_ord_id}, which the journal does not know"
        )
    if len(orders) > 1 and (parent is None or most > parent.qty):
        words = f"was placed {len(orders)} times at {office.venue_id}: {most} atoms in all"
        yield Discrepancy(Kind.DOUBLED, f"{order_id} {words}")


def _most(office: BackOffice, placed: Placed) -> int:
    """Atoms that have traded or still may, on the terms in force at the exchange."""
    return office.instrument_of(placed.new).atoms(Lots(placed.cum + placed.leaves))


def _balances(state: State, office: BackOffice) -> Iterable[Discrepancy]:
    venue_id = office.venue_id
    if state.venues[venue_id].open:
        return  # its trades may be on their way
    for account, balances in sorted(office.balances.items()):
        paths = [path(account, venue_id) for path in (free, held, margin, contracts)]
        for asset, amount in sorted(balances.items()):
            ours = sum(state.ledger.balance(path, asset) for path in paths)
            if ours != amount:
                words = f"has {amount} {asset} at {venue_id}, and {ours} by the journal"
                yield Discrepancy(Kind.APART, f"{account} {words}")
