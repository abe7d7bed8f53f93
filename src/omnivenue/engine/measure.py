"""What the scopes of an order come to with it: the counted limits, each with its value.

Sums are kept by whoever applies (`apply_risk`), so nothing here walks orders or positions; only the
other accounts' exposures in the same instrument are added up.
"""

from collections.abc import Callable
from functools import lru_cache

import msgspec

from omnivenue.engine.equity import equity
from omnivenue.engine.state import State
from omnivenue.ledger import Exposure
from omnivenue.message import OrderInstructed, encode
from omnivenue.model import QTY_UNIT, SHARE_UNIT, Instrument, Nanos, Side, StrategyID
from omnivenue.risk import DAY, Counted, Rule, Scopes, Totals, Turnover

NOTHING = Exposure()
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
    at: Nanos
    more: int  # atoms that nothing is reserved for yet
    is_first: bool  # the instruction itself, and not a child of what was accepted
    is_paced: bool  # or another that has its own message: a replace
    is_part: bool  # of an order over venues or over time: one more that is open
    unit_mark: int  # wide, in the risk currency
    one: int  # atoms in a whole unit of quantity
    of_account: Reach
    of_strategy: Reach


type Measure = Callable[[State, Asked, str, Reach], int]


def reach(cell: Exposure, side: Side, more: int) -> Reach:
    after = cell.after(side, more)
    return Reach(cell, after, reduces(cell.net, after))


def counted(state: State, asked: Asked, scopes: Scopes) -> tuple[Counted, ...]:
    found: list[Counted] = []
    for scope in scopes:
        of_scope = state.limit_index.get(scope)
        if of_scope is None:
            continue
        of = asked.of_strategy if scope is scopes[3] else asked.of_account
        measures = _SIZES if asked.more and not of.reduces else ()
        if asked.is_paced:
            measures += _PACES if asked.is_first else _MESSAGES
        elif asked.is_part:
            measures += _MESSAGES + _OPEN
        for name, rule, measure in measures:
            limit = of_scope.get(name)
            if limit is not None:
                found.append((rule, scope, limit, measure(state, asked, scope, of)))
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


def _position_atoms(state: State, asked: Asked, scope: str, of: Reach) -> int:
    if of is asked.of_strategy:
        others = _of_strategy_elsewhere(state, asked.order)
    elif scope.startswith("account:"):
        others = 0
    else:
        others = elsewhere(state, asked.order)
    return abs(of.after) + others


def _position_qty(state: State, asked: Asked, scope: str, of: Reach) -> int:
    return _position_atoms(state, asked, scope, of) * (QTY_UNIT // asked.one)


def _position_notional(state: State, asked: Asked, scope: str, of: Reach) -> int:
    return _worth(asked, _position_atoms(state, asked, scope, of))


def _worth(asked: Asked, atoms: int) -> int:
    return atoms * asked.unit_mark // asked.one


def _total_notional(state: State, asked: Asked, scope: str, of: Reach) -> int:
    worst = max(abs(of.after), abs(of.cell.after(asked.order.side.opposite)))
    total = state.totals.get(scope, _NO_TOTALS).total
    return total - of.cell.total + _worth(asked, worst)


def _gross_notional(state: State, asked: Asked, scope: str, of: Reach) -> int:
    value = _worth(asked, of.cell.all_of_it() + asked.more)
    return state.totals.get(scope, _NO_TOTALS).gross - of.cell.gross + value


def _leverage(state: State, asked: Asked, scope: str, of: Reach) -> int:
    account = asked.order.account
    gross = _gross_notional(state, asked, f"account:{account}", asked.of_account)
    return gross * SHARE_UNIT // max(1, equity(state, account))


def _orders_per_second(state: State, asked: Asked, scope: str, of: Reach) -> int:
    key = pace_key("orders_per_second", scope, asked.order.strategy_id)
    return state.velocity.count(key, asked.at) + 1


def _orders_per_minute(state: State, asked: Asked, scope: str, of: Reach) -> int:
    key = pace_key("orders_per_minute", scope, asked.order.strategy_id)
    return state.velocity.count(key, asked.at) + 1


@lru_cache(maxsize=4096)
def pace_key(name: str, scope: str, strategy_id: StrategyID) -> str:
    """Of the scope `global` each strategy is counted by itself."""
    return f"{name} strategy:{strategy_id}" if scope == "global" else f"{name} {scope}"


def repeat_key(order: OrderInstructed) -> str:
    side = "buy" if order.side is Side.BUY else "sell"
    return f"repeated {order.strategy_id} {side} {order.instrument_id}"


def likeness(order: OrderInstructed) -> str:
    """Orders that are the same but for their key."""
    who = (order.account, order.strategy_id, order.instrument_id)
    what = (order.side, order.qty, order.ord_type, order.limit_px, order.stop_px, order.tif)
    return encode((who, what)).decode()


def _open_orders(state: State, asked: Asked, scope: str, of: Reach) -> int:
    return state.open_orders.get(scope, 0) + 1


def _cancel_ratio(state: State, asked: Asked, scope: str, of: Reach) -> int:
    turnover = state.velocity.turnovers.get(asked.order.strategy_id, _NO_TURNOVER)
    cancels, trades = turnover.on(asked.at // DAY)
    return cancels * SHARE_UNIT // max(1, trades)


def _repeated(state: State, asked: Asked, scope: str, of: Reach) -> int:
    return state.velocity.count(repeat_key(asked.order), asked.at) + 1


def _named(*measures: tuple[Rule, Measure]) -> tuple[tuple[str, Rule, Measure], ...]:
    return tuple((rule.title, rule, measure) for rule, measure in measures)


_SIZES = _named(
    (Rule.POSITION_QTY, _position_qty),
    (Rule.POSITION_NOTIONAL, _position_notional),
    (Rule.TOTAL_NOTIONAL, _total_notional),
    (Rule.GROSS_NOTIONAL, _gross_notional),
    (Rule.LEVERAGE, _leverage),
)
"""Of what may come of the order: looked at where it adds something."""

_MESSAGES = _named(
    (Rule.ORDERS_PER_SECOND, _orders_per_second),
    (Rule.ORDERS_PER_MINUTE, _orders_per_minute),
)
"""Of a replace too, and of each part: it is a message to the venue as a new order is."""

_OPEN = _named((Rule.OPEN_ORDERS, _open_orders))
"""Of each part too: while those before it rest, it is one order more."""

_PACES = (
    *_MESSAGES,
    *_OPEN,
    *_named((Rule.CANCEL_RATIO, _cancel_ratio), (Rule.REPEATED_EXECUTION, _repeated)),
)
"""Of what is asked for, and how often: looked at once, as the instruction comes."""
