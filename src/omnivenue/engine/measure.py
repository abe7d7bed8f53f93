"""What the scopes of an order come to with it: the limits that are counted by something.

Sums are kept by whoever applies (`apply_risk`), so nothing here walks orders or positions; only the
other accounts' exposures in the same instrument are added up.
"""

from collections.abc import Callable, Mapping

import msgspec

from omnivenue.engine.equity import equity
from omnivenue.engine.state import State
from omnivenue.ledger import Exposure
from omnivenue.message import OrderInstructed, encode
from omnivenue.model import SHARE_UNIT, Instrument, Nanos
from omnivenue.risk import DAY, Bearing, Bound, Exceeded, Rule, Totals, Turnover

_NO_TOTALS = Totals()
_NO_TURNOVER = Turnover()


class Reach(msgspec.Struct, frozen=True, gc=False):
    """An exposure, and the worst that the position comes to on the order's side with it."""

    cell: Exposure
    after: int
    reduces: bool  # the position gets smaller: no limit on size stands against that


class Asked(msgspec.Struct, frozen=True, gc=False):
    """An order, and what it adds to what is there."""

    order: OrderInstructed
    instrument: Instrument
    bearing: Bearing
    at: Nanos
    more: int  # atoms that nothing is reserved for yet
    unit_mark: int  # wide, in the risk currency
    one: int  # atoms in a whole unit of quantity
    of_account: Exposure
    of_strategy: Exposure


type Measure = Callable[[State, Asked, Bound], int]

type MeasureSize = Callable[[State, Asked, Bound, Exposure, int], int]
"""Of an exposure, and the worst that the position comes to on the order's side with it."""


def exceeded(state: State, asked: Asked, paces: tuple[Bound, ...]) -> list[Exceeded]:
    """Of the limits that are counted by something: those above which the order would come."""
    found: list[Exceeded] = []
    if asked.more:
        bearing = asked.bearing
        _outgrown(found, state, asked, asked.of_account, bearing.account_sizes)
        if bearing.strategy_sizes:
            _outgrown(found, state, asked, asked.of_strategy, bearing.strategy_sizes)
    for bound in paces:
        value = _PACES[bound.name](state, asked, bound)
        if value > bound.limit:
            found.append((bound, value))
    return found


def _outgrown(
    found: list[Exceeded], state: State, asked: Asked, cell: Exposure, bounds: tuple[Bound, ...]
) -> None:
    """Where the position gets smaller no limit on size stands against that."""
    after = cell.after(asked.order.side, asked.more)
    if reduces(cell.net, after):
        return
    for bound in bounds:
        value = _SIZES[bound.name](state, asked, bound, cell, after)
        if value > bound.limit:
            found.append((bound, value))


def reduces(position: int, after: int) -> bool:
    """Smaller, and on the same side: what goes through zero opens a position."""
    return abs(after) < abs(position) and position * after >= 0


def _elsewhere(state: State, order: OrderInstructed, bound: Bound) -> int:
    """A limit of an instrument counts what all accounts have in it, none against another; that of
    a strategy what it has in all of them."""
    account, instrument_id = order.account, order.instrument_id
    if len(state.exposures) <= 1 and account in state.exposures:
        return 0
    if bound.scope.startswith("account:"):
        return 0
    if bound.scope.startswith("strategy:"):
        return _of_strategy_elsewhere(state, order)
    return sum(
        exposures[instrument_id].worst()
        for other, exposures in state.exposures.items()
        if other != account and instrument_id in exposures
    )


def _of_strategy_elsewhere(state: State, order: OrderInstructed) -> int:
    found = 0
    for account, strategies in state.strategy_exposures.items():
        if account != order.account:
            cell = strategies.get(order.strategy_id, {}).get(order.instrument_id)
            found += 0 if cell is None else cell.worst()
    return found


def _position_qty(state: State, asked: Asked, bound: Bound, cell: Exposure, after: int) -> int:
    return (abs(after) + _elsewhere(state, asked.order, bound)) * asked.bearing.qty_unit


def _position_notional(state: State, asked: Asked, bound: Bound, cell: Exposure, after: int) -> int:
    atoms = abs(after) + _elsewhere(state, asked.order, bound)
    return atoms * asked.unit_mark // asked.one


def _total_notional(state: State, asked: Asked, bound: Bound, cell: Exposure, after: int) -> int:
    worst = max(abs(after), abs(cell.after(asked.order.side.opposite)))
    total = state.totals.get(bound.scope, _NO_TOTALS).total
    return total - cell.total + worst * asked.unit_mark // asked.one


def _gross_notional(state: State, asked: Asked, bound: Bound, cell: Exposure, after: int) -> int:
    return _gross_of(state, asked, bound.scope, cell)


def _gross_of(state: State, asked: Asked, scope: str, cell: Exposure) -> int:
    value = (cell.all_of_it() + asked.more) * asked.unit_mark // asked.one
    return state.totals.get(scope, _NO_TOTALS).gross - cell.gross + value


def _leverage(state: State, asked: Asked, bound: Bound, cell: Exposure, after: int) -> int:
    account = asked.order.account
    gross = _gross_of(state, asked, asked.bearing.scopes[2], asked.of_account)
    return gross * SHARE_UNIT // max(1, equity(state, account))


def _pace(state: State, asked: Asked, bound: Bound) -> int:
    return state.velocity.count(bound.window, asked.at) + 1


def likeness(order: OrderInstructed) -> str:
    """Orders that are the same but for their key."""
    return encode(
        (
            (order.account, order.strategy_id, order.instrument_id),
            (order.side, order.qty, order.ord_type, order.limit_px, order.stop_px, order.tif),
        )
    ).decode()


def _open_orders(state: State, asked: Asked, bound: Bound) -> int:
    return state.open_orders.get(bound.scope, 0) + 1


def _cancel_ratio(state: State, asked: Asked, bound: Bound) -> int:
    turnover = state.velocity.turnovers.get(asked.order.strategy_id, _NO_TURNOVER)
    cancels, trades = turnover.on(asked.at // DAY)
    return cancels * SHARE_UNIT // max(1, trades)


def _repeated(state: State, asked: Asked, bound: Bound) -> int:
    return state.velocity.count(asked.bearing.repeat_key(asked.order.side), asked.at) + 1


_SIZES: Mapping[str, MeasureSize] = {
    Rule.POSITION_QTY.title: _position_qty,
    Rule.POSITION_NOTIONAL.title: _position_notional,
    Rule.TOTAL_NOTIONAL.title: _total_notional,
    Rule.GROSS_NOTIONAL.title: _gross_notional,
    Rule.LEVERAGE.title: _leverage,
}
_PACES: Mapping[str, Measure] = {
    Rule.ORDERS_PER_SECOND.title: _pace,
    Rule.ORDERS_PER_MINUTE.title: _pace,
    Rule.OPEN_ORDERS.title: _open_orders,
    Rule.CANCEL_RATIO.title: _cancel_ratio,
    Rule.REPEATED_EXECUTION.title: _repeated,
}
