"""Which limits bear on an order. The tightest of each name holds, whatever scope it comes from.

Some names are counted by something (an instrument, a strategy …): those are compared scope by scope
with what that scope has used.
"""

from collections.abc import Callable

import msgspec

from omnivenue.ledger import wide_unit
from omnivenue.model import (
    QTY_UNIT,
    AccountID,
    Instrument,
    InstrumentID,
    Limits,
    Side,
    StrategyID,
    VenueID,
    unit,
)
from omnivenue.risk.rules import Rule
from omnivenue.risk.velocity import Window, a_minute, a_second

BEARINGS_MAX = 4_096
"""Remembered at once: strategies are named freely."""

type LimitIndex = dict[str, dict[str, int]]
"""Scope to limit name to value, in the units of `Limit`; what is waived is not in it."""


type Cell = tuple[AccountID, StrategyID, InstrumentID]
"""Whose position it is, and in what."""

type Scopes = tuple[str, str, str, str, str]
"""All that bear on an order: global, its venue, account, strategy, instrument."""


SUMMED = frozenset(rule.title for rule in (Rule.TOTAL_NOTIONAL, Rule.GROSS_NOTIONAL, Rule.LEVERAGE))
"""Limits on money over many instruments: sums are kept for whoever has one of them."""

type Begin = Callable[[], Window]
"""Makes the window that a pace is counted in."""


def scopes_of_order(
    venue_id: VenueID, account: AccountID, strategy_id: StrategyID, instrument_id: InstrumentID
) -> Scopes:
    return (
        "global",
        f"venue:{venue_id}",
        f"account:{account}",
        f"strategy:{strategy_id}",
        f"instrument:{instrument_id}",
    )


def index(limits: Limits) -> LimitIndex:
    found: LimitIndex = {}
    for limit in limits.limits:
        if limit.value is not None:
            found.setdefault(limit.scope, {})[limit.name.value] = limit.value
    return found


class Bound(msgspec.Struct, frozen=True, gc=False):
    """A limit of one scope, and what it is compared with."""

    rule: Rule
    name: str
    scope: str
    limit: int
    window: str = ""  # the name of the one that counts it, where one does


class Bearing(msgspec.Struct, frozen=True, gc=False):
    """All that bears on the orders of one account and strategy in one instrument."""

    one: int  # atoms in a whole unit of quantity
    qty_unit: int  # an atom of quantity, wide
    quote_unit: int  # an atom of the quote asset, wide
    min_qty: int  # wide: the least that the venue takes
    scopes: Scopes
    of_account: tuple[str, ...]  # scopes with a sum in which what the account has of it counts
    of_strategy: tuple[str, ...]  # and with one in which the strategy's part does
    counting: tuple[str, ...]  # scopes that limit how many orders are open
    tightest: dict[str, int]  # of every limit, whatever scope it comes from; not to be changed
    account_sizes: tuple[Bound, ...]  # of what the account may come to have, where the order adds
    strategy_sizes: tuple[Bound, ...]  # and of what the strategy may
    message: tuple[Bound, ...]  # of a replace too, which is a message to the venue
    part: tuple[Bound, ...]  # of a part of an order: a message, and one more that is open
    instruction: tuple[Bound, ...]  # of what is asked for, once, as it comes
    message_windows: dict[str, Begin]  # in which a message is counted
    is_repeat_counted: bool
    repeated_buy: str  # in which window the same again is counted
    repeated_sell: str
    is_allowed: bool
    duplicate_window: int  # nanoseconds, the longest; 0: none

    def repeat_key(self, side: Side) -> str:
        return self.repeated_buy if side is Side.BUY else self.repeated_sell


def bearing(limits: LimitIndex, scopes: Scopes, instrument: Instrument) -> Bearing:
    there = [(scope, limits[scope]) for scope in scopes if scope in limits]
    message = _bounds(there, scopes, tuple(_WINDOWS))
    part = message + _bounds(there, scopes, (Rule.OPEN_ORDERS,))
    sizes = _bounds(there, scopes, _SIZES)
    summing = {scope for scope, found in there if SUMMED & found.keys()}
    tightest: dict[str, int] = {}
    for _, of_scope in there:
        for name, value in of_scope.items():
            tightest[name] = min(value, tightest.get(name, value))
    if Rule.LEVERAGE.title in tightest:  # whoever states it, it is each account's
        summing.add(scopes[2])
    one = unit(instrument.qty_asset)
    return Bearing(
        one=one,
        qty_unit=QTY_UNIT // one,
        quote_unit=wide_unit(instrument.quote),
        min_qty=instrument.atoms(instrument.min_qty) * (QTY_UNIT // one),
        scopes=scopes,
        of_account=tuple(scope for scope in scopes[:3] if scope in summing),
        of_strategy=tuple(scope for scope in scopes[3:4] if scope in summing),
        counting=tuple(scope for scope, found in there if Rule.OPEN_ORDERS.title in found),
        tightest=tightest,
        account_sizes=tuple(bound for bound in sizes if bound.scope != scopes[3]),
        strategy_sizes=tuple(bound for bound in sizes if bound.scope == scopes[3]),
        message=message,
        part=part,
        instruction=part + _bounds(there, scopes, _HABITS),
        message_windows={bound.window: _WINDOWS[bound.rule] for bound in message},
        repeated_buy=f"repeated {_name(scopes[3])} buy {_name(scopes[4])}",
        repeated_sell=f"repeated {_name(scopes[3])} sell {_name(scopes[4])}",
        is_repeat_counted=Rule.REPEATED_EXECUTION.title in tightest,
        is_allowed="allow_list" not in limits.get("global", ())
        or any("allow_list" in limits.get(scope, ()) for scope in (scopes[1], scopes[4])),
        duplicate_window=max((found.get("duplicate_window", 0) for _, found in there), default=0),
    )


def _name(scope: str) -> str:
    """Whose it is: without what kind of thing that is."""
    return scope.partition(":")[2]


class Bearings(dict[Cell, Bearing]):
    """Those that somebody has asked for, because every order asks a dozen times."""

    def look_up(self, limits: LimitIndex, instrument: Instrument, cell: Cell) -> Bearing:
        if len(self) >= BEARINGS_MAX:
            self.clear()
        scopes = scopes_of_order(instrument.venue_id, *cell)
        found = self[cell] = bearing(limits, scopes, instrument)
        return found


_SIZES = (
    Rule.POSITION_QTY,
    Rule.POSITION_NOTIONAL,
    Rule.TOTAL_NOTIONAL,
    Rule.GROSS_NOTIONAL,
    Rule.LEVERAGE,
)
_WINDOWS = {Rule.ORDERS_PER_SECOND: a_second, Rule.ORDERS_PER_MINUTE: a_minute}
_HABITS = (Rule.CANCEL_RATIO, Rule.REPEATED_EXECUTION)


def _bounds(
    there: list[tuple[str, dict[str, int]]], scopes: Scopes, rules: tuple[Rule, ...]
) -> tuple[Bound, ...]:
    """Of the scope `global` each strategy's pace is counted by itself."""
    return tuple(
        Bound(
            rule=rule,
            name=rule.title,
            scope=scope,
            limit=of_scope[rule.title],
            window=f"{rule.title} {scopes[3] if scope == 'global' else scope}",
        )
        for scope, of_scope in there
        for rule in rules
        if rule.title in of_scope
    )
