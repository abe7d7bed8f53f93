"""A position, and what is there to make it smaller: orders that only reduce, and exits of brackets.

A bracket's exits are one claim on the position, because only one of them will do it.
"""

from typing import NamedTuple

from omnivenue.engine.state import State
from omnivenue.engine.turn import Cell
from omnivenue.ledger import leg_of
from omnivenue.model import OrderID, Side
from omnivenue.oms import Parent


class Claim(NamedTuple):
    seq: int
    order_id: OrderID  # of the order, or of the entry whose exits these are
    reserved: int


def reducible(state: State, cell: Cell, side: Side) -> int:
    """How much there is that `side` makes smaller; negative where it would make it larger."""
    account, strategy_id, instrument_id = cell
    if account in state.hedging:
        position = state.positions.get(account, {}).get(strategy_id, {}).get(instrument_id)
        leg = None if position is None else position.legs.get(leg_of(side, reduces=True))
        return 0 if leg is None else -side.sign * leg.qty
    strategies = state.strategy_exposures.get(account, {})
    exposure = strategies.get(strategy_id, {}).get(instrument_id)
    return 0 if exposure is None else -side.sign * exposure.net


def claims(state: State, cell: Cell, side: Side) -> list[Claim]:
    """The oldest first."""
    account, strategy_id, instrument_id = cell
    parents = (state.parents[i] for i in state.reducing.get(instrument_id, ()))
    found = {
        _claim(state, parent)
        for parent in parents
        if parent.order.side is side
        and (parent.order.account, parent.order.strategy_id) == (account, strategy_id)
    }
    return sorted(found)


def _claim(state: State, parent: Parent) -> Claim:
    if parent.entry_id is None:
        return Claim(parent.seq, OrderID(parent.order.instruction_id), parent.reserved)
    entry = state.parents[parent.entry_id]
    return Claim(entry.seq, parent.entry_id, entry.exits_reserved)
