"""One pure function from limits, what is the case, and an intent, to a verdict that is a type.

All amounts here are wide: counted in 10^-18 of a whole asset, so that quantities, money and limits
compare without knowing the asset. Every rule is evaluated, so a refusal names all that is wrong
and not just the first. `rules.py` says what each of them is.
"""

from collections.abc import Callable, Sequence

import msgspec

from omnivenue.message import Reason
from omnivenue.model import (
    QTY_UNIT,
    SECOND_UNIT,
    SHARE_UNIT,
    AssetID,
    InstrumentID,
    LimitName,
    Side,
    TradingState,
    exponent,
    format_decimal,
    format_limit,
)
from omnivenue.risk.limits import Bound
from omnivenue.risk.rules import Rule

OPEN_ORDERS_MAX = 10_000
"""At one venue: one question about all of them must fit into a frame, its answer into a turn."""

WIDE = 18
"""Decimals of a wide amount: `QTY_UNIT` is 10 ** WIDE."""

type Say = Callable[[Reason], None]

_SECONDS = len(str(SECOND_UNIT)) - 1
_SHARE = len(str(SHARE_UNIT)) - 1


class Intent(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """An order that somebody would like."""

    instrument_id: InstrumentID
    side: Side
    qty: int  # atoms of what quantities are counted in
    limit_px: int  # quote atoms per whole base asset; a market order's protection price
    hold_px: int  # what is reserved at
    value_px: int = 0  # wide, in the risk currency: what a whole unit is worth at the mark
    is_reduction: bool = False  # makes the strategy's and the account's position smaller, no more


type Exceeded = tuple[Bound, int]
"""A limit that is counted by something, and what its scope would come to with this order, in the
limit's unit: more than the limit."""


class Terms(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """The price and the size of an order, and what they are compared with."""

    market: str  # why there is no price to go by; "" where there is one
    is_market: bool
    mark_px: int  # wide, in the quote asset
    limit_px: int  # wide, in the quote asset
    reference_px: int  # wide, in the quote asset: what the collar is measured from
    stop_loss: tuple[int, int] | None = None  # wide: its trigger, and its limit; 0: at market
    unit_mark: int  # wide, in the risk currency: what a whole unit is worth at the mark
    unit_limit: int  # and at the limit
    qty: int
    is_sized: bool = True  # else its size has been looked at before, as its parent's
    min_qty: int = 0
    min_notional: int = 0  # in the risk currency
    worth_by_lots: int | None = None  # in the risk currency; None: not looked at
    left_to_reduce: int | None = None  # of a reduce-only order


class Circumstances(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """All that the rules look at. In two parts, because a call with more than fifteen names is made
    through a dict."""

    terms: Terms
    venue_state: str  # "open", or what it is instead
    venue_orders: int  # open at the venue, in all accounts
    may_trade: bool  # the account is one of those that trade at the venue
    stopped: tuple[tuple[str, TradingState], ...] = ()  # of the scopes that bear on the order
    quarantine: str = ""  # the asset or instrument that is in it
    is_allowed: bool = True  # by the allow-list
    currency: str = ""  # why money cannot be told in the risk currency; "" where it can
    exceeded: Sequence[Exceeded] = ()
    duplicate_age: int | None = None  # nanoseconds since the same was accepted
    self_match: str = ""  # the order of ours that it would trade with
    clock_offset: int = 0  # nanoseconds, either way
    cash_asset: AssetID  # that the order spends
    cash: int  # in atoms of it, as is `cash_needed`
    cash_needed: int


class Approved(msgspec.Struct, frozen=True, gc=False):
    """The only thing that becomes an order. Made here and nowhere else."""

    intent: Intent


class Refused(msgspec.Struct, frozen=True):
    reasons: tuple[Reason, ...]


def check(limits: dict[str, int], now: Circumstances, intent: Intent) -> Approved | Refused:
    """A limit in money holds at the marks of this moment. When prices have moved a position above
    its limit, what makes the position smaller passes."""
    reasons: list[Reason] = []
    say = reasons.append
    if now.stopped:
        _states(say, now, intent)
    _conditions(say, limits, now)
    _sizes(say, limits, now.terms, intent)
    if now.exceeded:
        _counts(say, now)
    _prices(say, limits, now.terms, intent)
    _likeness(say, limits, now)
    return Refused(tuple(reasons)) if reasons else Approved(intent)


def _states(say: Say, now: Circumstances, intent: Intent) -> None:
    for scope, state in now.stopped:
        if state is TradingState.KILLED:
            say(Rule.KILLED.because(value=scope))
        elif state is TradingState.HALTED:
            say(Rule.HALTED.because(value=scope))
        elif state is TradingState.REDUCE_ONLY and not intent.is_reduction:
            say(Rule.STATE_REDUCE_ONLY.because(value=scope))


def _conditions(say: Say, limits: dict[str, int], now: Circumstances) -> None:
    terms = now.terms
    if now.venue_state != "open":
        say(Rule.VENUE_STATE.because(value=now.venue_state))
    if not now.may_trade:
        say(Rule.MAY_TRADE.because())
    if now.venue_orders >= OPEN_ORDERS_MAX:
        say(Rule.VENUE_ORDERS.because(limit=str(OPEN_ORDERS_MAX), value=str(now.venue_orders)))
    if now.quarantine:
        say(Rule.QUARANTINE.because(value=now.quarantine))
    if not now.is_allowed:
        say(Rule.ALLOW_LIST.because())
    if terms.market:
        say(Rule.PRICE.because(value=terms.market))
    elif terms.mark_px <= 0:
        say(Rule.PRICE.because(value="a mark of 0"))
    if now.currency:
        say(Rule.CURRENCY.because(value=now.currency))
    needs_protection = terms.is_market or (terms.stop_loss is not None and terms.stop_loss[1] == 0)
    if needs_protection and "price_collar" not in limits:
        say(Rule.PROTECTION.because())
    if now.cash_needed > now.cash:
        decimals = exponent(now.cash_asset)
        limit, value = format_decimal(now.cash, decimals), format_decimal(now.cash_needed, decimals)
        say(Rule.CASH.because(limit=limit, value=value))


def _sizes(say: Say, limits: dict[str, int], terms: Terms, intent: Intent) -> None:
    if terms.left_to_reduce is not None and terms.qty > terms.left_to_reduce:
        say(_wide(Rule.REDUCE_ONLY, max(0, terms.left_to_reduce), terms.qty))
    if not terms.is_sized:
        return
    px = max(terms.unit_limit, terms.unit_mark) if intent.side is Side.SELL else terms.unit_limit
    notional = terms.qty * px // QTY_UNIT
    if 0 < terms.qty < terms.min_qty:
        say(_wide(Rule.MIN_SIZE, terms.min_qty, terms.qty))
    elif notional < terms.min_notional:
        most = terms.qty * max(terms.unit_limit, terms.unit_mark) // QTY_UNIT
        if 0 < most < terms.min_notional:  # what has no price is refused for that
            say(_wide(Rule.MIN_SIZE, terms.min_notional, most))
    limit = limits.get("order_qty")
    if limit is not None and terms.qty > limit:
        say(_wide(Rule.ORDER_QTY, limit, terms.qty))
    limit = limits.get("order_notional")
    if limit is not None and notional > limit:
        say(_wide(Rule.ORDER_NOTIONAL, limit, notional))


def _wide(rule: Rule, limit: int, value: int) -> Reason:
    return rule.because(limit=format_decimal(limit, WIDE), value=format_decimal(value, WIDE))


def _counts(say: Say, now: Circumstances) -> None:
    for bound, value in sorted(
        now.exceeded, key=lambda found: (found[0].rule.code, found[0].scope)
    ):
        name = LimitName(bound.name)
        limit = format_limit(name, bound.limit)
        say(bound.rule.because(limit=limit, value=format_limit(name, value), scope=bound.scope))


def _prices(say: Say, limits: dict[str, int], terms: Terms, intent: Intent) -> None:
    """The collar is on the aggressive side only: a buy above the market, a sell below it. A market
    order's protection price was made from the collar."""
    share = limits.get("price_collar")
    if share is not None and not terms.is_market and terms.reference_px > 0:
        _collar(say, intent.side, terms.reference_px, terms.limit_px, share)
    if share is not None and terms.stop_loss is not None and terms.stop_loss[1] > 0:
        _collar(say, intent.side.opposite, *terms.stop_loss, share)
    share = limits.get("notional_check")
    if share is not None and terms.worth_by_lots is not None:
        worth = terms.qty * terms.unit_limit // QTY_UNIT
        if worth != terms.worth_by_lots:
            _notional_check(say, worth, terms.worth_by_lots, share)


def _notional_check(say: Say, worth: int, by_lots: int, share: int) -> None:
    most, differs = max(worth, by_lots), abs(worth - by_lots) * SHARE_UNIT
    if differs > share * most:
        limit, value = format_decimal(share, _SHARE), format_decimal(differs // most, _SHARE)
        say(Rule.NOTIONAL_CHECK.because(limit=limit, value=value))


def _collar(say: Say, side: Side, reference_px: int, px: int, share: int) -> None:
    bound = reference_px * (SHARE_UNIT + side.sign * share) // SHARE_UNIT
    if side.sign * (px - bound) > 0:
        say(
            Rule.PRICE_COLLAR.because(
                limit=format_decimal(bound, WIDE), value=format_decimal(px, WIDE)
            )
        )


def _likeness(say: Say, limits: dict[str, int], now: Circumstances) -> None:
    """To what was asked for before, to our own orders, and of the venue's clock to ours."""
    window = limits.get("duplicate_window")
    if window is not None and now.duplicate_age is not None and now.duplicate_age < window:
        say(
            Rule.DUPLICATE_WINDOW.because(
                limit=format_decimal(window, _SECONDS),
                value=format_decimal(now.duplicate_age, _SECONDS),
            )
        )
    if now.self_match:
        say(Rule.SELF_MATCH_PREVENTION.because(value=now.self_match))
    offset = limits.get("clock_offset")
    if offset is not None and now.clock_offset > offset:
        say(
            Rule.CLOCK_OFFSET.because(
                limit=format_decimal(offset, _SECONDS),
                value=format_decimal(now.clock_offset, _SECONDS),
            )
        )
