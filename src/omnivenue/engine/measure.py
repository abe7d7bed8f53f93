"""What the scopes of an order come to with it: the counted limits, each with its value.

Sums are kept by whoever applies (`apply_risk`), so nothing here walks orders or positions; only the
other accounts' exposures in the same instrument are added up.
"""

from collections.abc import Callable
from typing import NamedTuple

from omnivenue.engine.equity import equity
from omnivenue.engine.state import State
from omnivenue.ledger import Exposure
from omnivenue.message import OrderInstructed, encode
from omnivenue.model import QTY_UNIT, SHARE_UNIT, Instrument, Nanos, Side, unit
from omnivenue.risk import DAY, Counted, Rule, Totals, Turnover, qty_asset

NOTHING = Exposure()
_NO_TOTALS = Totals()
_NO_TURNOVER = Turnover()


class Asked(NamedTuple):
    """An order, and what it adds to what is there."""

    order: OrderInstructed
    instrument: Instrument
    at: Nanos
    more: int  # atoms that nothing is reserved for yet
    is_first: bool  # the instruction itself, and not a child of what was accepted
    unit_mark: int  # wide, in the risk currency
    of_account: Exposure
    of_strategy: Exposure


type Measure = Callable[[State, Asked, str], tuple[int, bool] | None]
"""(value, it makes smaller what the limit bounds); None where the limit does not bear again."""


def counted(state: State, asked: Asked, scopes: tuple[str, ...]) -> tuple[Counted, ...]:
    found: list[Counted] = []
    for scope in scopes:
        of_scope = state.limit_index.get(scope)
        if of_scope is None:
            continue
        for name, limit in of_scope.items():
            by = MEASURES.get(name)
            if by is None:
                continue
            rule, measure = by
            measured = measure(state, asked, scope)
            if measured is not None:
                found.append(Counted(rule, scope, limit, measured[0], measured[1]))
    return tuple(found)


def reduces(position: int, after: int) -> bool:
    """Smaller, and on the same side: what goes through zero opens a position."""
    return abs(after) < abs(position) and position * after >= 0


def elsewhere(state: State, order: OrderInstructed) -> int:
    """A limit of an instrument counts what all accounts have in it, none against another."""
    if len(state.exposures) <= 1 and order.account in state.exposures:
        return 0
    return sum(
        exposures[order.instrument_id].worst()
        for account, exposures in state.exposures.items()
        if account != order.account and order.instrument_id in exposures
    )


def _of_strategy_elsewhere(state: State, order: OrderInstructed) -> int:
    found = 0
    for account, strategies in state.strategy_exposures.items():
        if account != order.account:
            cell = strategies.get(order.strategy_id, {}).get(order.instrument_id)
            found += 0 if cell is None else cell.worst()
    return found


def _position_atoms(state: State, asked: Asked, scope: str) -> tuple[int, bool] | None:
    if asked.more == 0:
        return None
    side = asked.order.side
    if scope.startswith("strategy:"):
        cell, others = asked.of_strategy, _of_strategy_elsewhere(state, asked.order)
    elif scope.startswith("account:"):
        cell, others = asked.of_account, 0
    else:
        cell, others = asked.of_account, elsewhere(state, asked.order)
    after = cell.after(side, asked.more)
    return abs(after) + others, reduces(cell.net, after)


def _position_qty(state: State, asked: Asked, scope: str) -> tuple[int, bool] | None:
    found = _position_atoms(state, asked, scope)
    if found is None:
        return None
    return found[0] * (QTY_UNIT // unit(qty_asset(asked.instrument))), found[1]


def _position_notional(state: State, asked: Asked, scope: str) -> tuple[int, bool] | None:
    found = _position_atoms(state, asked, scope)
    if found is None:
        return None
    return found[0] * asked.unit_mark // unit(qty_asset(asked.instrument)), found[1]


def _cell(asked: Asked, scope: str) -> Exposure:
    return asked.of_strategy if scope.startswith("strategy:") else asked.of_account


def _total_notional(state: State, asked: Asked, scope: str) -> tuple[int, bool] | None:
    if asked.more == 0:
        return None
    cell, side = _cell(asked, scope), asked.order.side
    after = cell.after(side, asked.more)
    worst = max(abs(after), abs(cell.after(side.opposite)))
    value = worst * asked.unit_mark // unit(qty_asset(asked.instrument))
    total = state.totals.get(scope, _NO_TOTALS).total
    return total - cell.total + value, reduces(cell.net, after)


def _gross(state: State, asked: Asked, scope: str) -> int:
    cell = _cell(asked, scope)
    value = (cell.all_of_it() + asked.more) * asked.unit_mark // unit(qty_asset(asked.instrument))
    return state.totals.get(scope, _NO_TOTALS).gross - cell.gross + value


def _gross_notional(state: State, asked: Asked, scope: str) -> tuple[int, bool] | None:
    if asked.more == 0:
        return None
    cell = _cell(asked, scope)
    passes = reduces(cell.net, cell.after(asked.order.side, asked.more))
    return _gross(state, asked, scope), passes


def _leverage(state: State, asked: Asked, scope: str) -> tuple[int, bool] | None:
    if asked.more == 0:
        return None
    cell, has = asked.of_account, equity(state, asked.order.account)
    gross = _gross(state, asked, f"account:{asked.order.account}")
    passes = reduces(cell.net, cell.after(asked.order.side, asked.more))
    return gross * SHARE_UNIT // max(1, has), passes


def _orders_within(name: str) -> Measure:
    def measure(state: State, asked: Asked, scope: str) -> tuple[int, bool] | None:
        if not asked.is_first:
            return None
        return state.velocity.count(pace_key(name, scope, asked.order), asked.at) + 1, False

    return measure


def pace_key(name: str, scope: str, order: OrderInstructed) -> str:
    """Of the scope `global` each strategy is counted by itself."""
    return f"{name} strategy:{order.strategy_id}" if scope == "global" else f"{name} {scope}"


def repeat_key(order: OrderInstructed) -> str:
    side = "buy" if order.side is Side.BUY else "sell"
    return f"repeated {order.strategy_id} {side} {order.instrument_id}"


def likeness(order: OrderInstructed) -> str:
    """Orders that are the same but for their key."""
    who = (order.account, order.strategy_id, order.instrument_id)
    what = (order.side, order.qty, order.ord_type, order.limit_px, order.stop_px, order.tif)
    return encode((who, what)).decode()


def _open_orders(state: State, asked: Asked, scope: str) -> tuple[int, bool] | None:
    return (state.open_orders.get(scope, 0) + 1, False) if asked.is_first else None


def _cancel_ratio(state: State, asked: Asked, scope: str) -> tuple[int, bool] | None:
    if not asked.is_first:
        return None
    turnover = state.velocity.turnovers.get(asked.order.strategy_id, _NO_TURNOVER)
    cancels, trades = turnover.on(asked.at // DAY)
    return cancels * SHARE_UNIT // max(1, trades), False


def _repeated(state: State, asked: Asked, scope: str) -> tuple[int, bool] | None:
    if not asked.is_first:
        return None
    return state.velocity.count(repeat_key(asked.order), asked.at) + 1, False


MEASURES: dict[str, tuple[Rule, Measure]] = {
    rule.title: (rule, measure)
    for rule, measure in (
        (Rule.POSITION_QTY, _position_qty),
        (Rule.POSITION_NOTIONAL, _position_notional),
        (Rule.TOTAL_NOTIONAL, _total_notional),
        (Rule.GROSS_NOTIONAL, _gross_notional),
        (Rule.LEVERAGE, _leverage),
        (Rule.ORDERS_PER_SECOND, _orders_within("orders_per_second")),
        (Rule.ORDERS_PER_MINUTE, _orders_within("orders_per_minute")),
        (Rule.OPEN_ORDERS, _open_orders),
        (Rule.CANCEL_RATIO, _cancel_ratio),
        (Rule.REPEATED_EXECUTION, _repeated),
    )
}
