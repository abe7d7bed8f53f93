"""One pure function from limits, what is the case, and an intent, to a verdict that is a type.

All amounts here are wide: counted in 10^-18 of a whole asset, so that quantities, money and limits
compare without knowing the asset. Every rule is evaluated, so a refusal names all that is wrong
and not just the first.
"""

from collections.abc import Iterator

import msgspec

from omnivenue.message import Reason
from omnivenue.model import QTY_UNIT, SHARE_UNIT, InstrumentID, Side, format_decimal

OPEN_ORDERS_MAX = 10_000
"""At one venue: one question about all of them must fit into a frame, its answer into a turn."""

WIDE = 18
"""Decimals of a wide amount: `QTY_UNIT` is 10 ** WIDE."""


class Intent(msgspec.Struct, frozen=True, kw_only=True):
    """An order that somebody would like."""

    instrument_id: InstrumentID
    side: Side
    qty: int  # base atoms
    limit_px: int  # quote atoms per whole base asset; a market order's protection price
    hold_px: int  # what is reserved at


class Circumstances(msgspec.Struct, frozen=True, kw_only=True):
    """All that the rules look at. Positions are signed: what is held, and the worst case with this
    order and all that work on its side."""

    venue_state: str  # "open", or what it is instead
    open_orders: int  # at the venue, in all accounts
    may_trade: bool  # the account is one of those that trade at the venue
    market: str  # why there is no price to go by; "" where there is one
    currency: str  # why money cannot be told in the risk currency; "" where it can
    is_market: bool
    mark_px: int  # wide, in the quote asset
    limit_px: int  # wide, in the quote asset
    qty: int
    position: int
    position_after: int
    position_elsewhere: int  # the worst cases of the other accounts, as sizes
    multiplier: int
    cash: int  # in atoms of the asset that the order spends, as is `cash_needed`
    cash_needed: int
    cash_exponent: int


class Approved(msgspec.Struct, frozen=True):
    """The only thing that becomes an order. Made here and nowhere else."""

    intent: Intent


class Refused(msgspec.Struct, frozen=True):
    reasons: tuple[Reason, ...]


def check(limits: dict[str, int], now: Circumstances, intent: Intent) -> Approved | Refused:
    """A limit in money holds at the marks of this moment. When prices have moved a position above
    its limit, what makes the position smaller passes."""
    reasons = (
        *_conditions(limits, now),
        *_sizes(limits, now, intent),
        *_collar(limits, now, intent),
    )
    return Refused(reasons) if reasons else Approved(intent)


def _conditions(limits: dict[str, int], now: Circumstances) -> Iterator[Reason]:
    if now.venue_state != "open":
        yield Reason(
            code="RISK-001", message="the venue is not open for business", value=now.venue_state
        )
    if not now.may_trade:
        yield Reason(code="RISK-011", message="the account does not trade at this venue")
    if now.open_orders >= OPEN_ORDERS_MAX:
        yield Reason(
            code="RISK-012",
            message="open orders at the venue",
            limit=str(OPEN_ORDERS_MAX),
            value=str(now.open_orders),
        )
    if now.market:
        yield Reason(code="RISK-002", message="there is no price to go by", value=now.market)
    elif now.mark_px <= 0:
        yield Reason(code="RISK-002", message="there is no price to go by", value="a mark of 0")
    if now.currency:
        yield Reason(code="RISK-003", message="money cannot be compared", value=now.currency)
    if now.is_market and "price_collar" not in limits:
        text = "a market order takes its protection price from price_collar, which is waived"
        yield Reason(code="RISK-004", message=text)
    if now.cash_needed > now.cash:
        yield Reason(
            code="RISK-010",
            message="free balance",
            limit=format_decimal(now.cash, now.cash_exponent),
            value=format_decimal(now.cash_needed, now.cash_exponent),
        )


def _reduces(position: int, after: int) -> bool:
    """Smaller, and on the same side: what goes through zero opens a position."""
    return abs(after) < abs(position) and position * after >= 0


def _sizes(limits: dict[str, int], now: Circumstances, intent: Intent) -> Iterator[Reason]:
    px = max(now.limit_px, now.mark_px) if intent.side is Side.SELL else now.limit_px
    notional = now.qty * now.multiplier * px // QTY_UNIT
    position = abs(now.position_after) + now.position_elsewhere
    position_notional = position * now.multiplier * now.mark_px // QTY_UNIT
    is_smaller = _reduces(now.position, now.position_after)
    for code, name, value, passes in (
        ("RISK-005", "order_qty", now.qty, False),
        ("RISK-006", "order_notional", notional, False),
        ("RISK-007", "position_qty", position, is_smaller),
        ("RISK-008", "position_notional", position_notional, is_smaller),
    ):
        limit = limits.get(name)
        if limit is not None and value > limit and not passes:
            yield Reason(
                code=code,
                message=name,
                limit=format_decimal(limit, WIDE),
                value=format_decimal(value, WIDE),
            )


def _collar(limits: dict[str, int], now: Circumstances, intent: Intent) -> Iterator[Reason]:
    """On the aggressive side only: a buy above the mark, a sell below it. A market order's
    protection price was made from the collar."""
    share = limits.get("price_collar")
    if share is None or now.is_market or now.mark_px == 0:
        return
    bound = now.mark_px * (SHARE_UNIT + intent.side.sign * share) // SHARE_UNIT
    if intent.side.sign * (now.limit_px - bound) > 0:
        yield Reason(
            code="RISK-009",
            message="price_collar",
            limit=format_decimal(bound, WIDE),
            value=format_decimal(now.limit_px, WIDE),
        )
