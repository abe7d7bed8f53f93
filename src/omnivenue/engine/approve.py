"""Gathers what the risk check looks at, for an order to be accepted."""

from omnivenue.engine.state import State
from omnivenue.engine.turn import Turn
from omnivenue.ledger import Exposure, free
from omnivenue.message import Missing, OrderInstructed
from omnivenue.model import SHARE_UNIT, Instrument, Side, Ticks, exponent
from omnivenue.risk import WIDE, Approved, Circumstances, Intent, Refused, bearing, check

_NOTHING = Exposure()


def approve(
    turn: Turn,
    order: OrderInstructed,
    instrument: Instrument,
    *,
    qty: int | None = None,
    px: int | None = None,
    reserved: int = 0,
) -> Approved | Refused:
    """Of an order that is accepted already: `qty` and `px` of its next child, and how much of it is
    `reserved` in the exposure."""
    state, side = turn.state, order.side
    qty = order.qty if qty is None else qty
    px = order.limit_px if px is None else px
    limits = bearing(
        state.limit_index,
        (
            "global",
            f"venue:{instrument.venue_id}",
            f"account:{order.account}",
            f"strategy:{order.strategy_id}",
            f"instrument:{order.instrument_id}",
        ),
    )
    limit_px, mark_px, why = _prices(turn, order, instrument, px, limits.get("price_collar", 0))
    is_sold_short = side is Side.SELL and not instrument.is_spot
    hold_px = max(limit_px, mark_px) if is_sold_short else limit_px
    exposure = state.exposures.get(order.account, {}).get(order.instrument_id, _NOTHING)
    venue = state.venues[instrument.venue_id]
    base = 10 ** (WIDE - exponent(instrument.base))
    quote = 10 ** (WIDE - exponent(instrument.quote))
    spends = instrument.spends(side)
    now = Circumstances(
        venue_state=venue.status.value,
        open_orders=len(venue.open),
        may_trade=instrument.venue_id in state.accounts.get(order.account, ()),
        market=why,
        currency=_currency(turn, instrument),
        is_market=px is None,
        mark_px=mark_px * quote,
        limit_px=limit_px * quote,
        qty=qty * base,
        position=exposure.net * base,
        position_after=exposure.after(side, qty - reserved) * base,
        position_elsewhere=_elsewhere(state, order) * base,
        multiplier=instrument.multiplier,
        cash=state.ledger.balance(free(order.account, instrument.venue_id), spends),
        cash_needed=instrument.hold_ceil(side, qty, hold_px),
        cash_exponent=exponent(spends),
    )
    intent = Intent(
        instrument_id=order.instrument_id,
        side=side,
        qty=qty,
        limit_px=limit_px,
        hold_px=hold_px,
    )
    return check(limits, now, intent)


def _elsewhere(state: State, order: OrderInstructed) -> int:
    """A limit of an instrument counts what all accounts have in it, none against another."""
    return sum(
        exposures[order.instrument_id].worst()
        for account, exposures in state.exposures.items()
        if account != order.account and order.instrument_id in exposures
    )


def _prices(
    turn: Turn, order: OrderInstructed, instrument: Instrument, px: int | None, collar: int
) -> tuple[int, int, str]:
    """Limit and mark in quote atoms, or why there are none. A market order's limit is the far
    touch moved by the collar and rounded inwards: it never trades beyond it."""
    if px is not None:
        mark = turn.seen.mark(order.instrument_id)
        if isinstance(mark, Missing):
            return px, 0, mark.why
        return px, instrument.px(mark.px), ""
    top = turn.seen.top(instrument.venue_id, order.instrument_id)
    if isinstance(top, Missing):
        return 0, 0, top.why
    touch = top.ask if order.side is Side.BUY else top.bid
    bound = instrument.px(touch) * (SHARE_UNIT + order.side.sign * collar) // SHARE_UNIT
    inwards = instrument.limit_ticks(order.side, bound)
    return instrument.px(inwards), instrument.px(Ticks((top.bid + top.ask) // 2)), ""


def _currency(turn: Turn, instrument: Instrument) -> str:
    """Limits in money are in one currency, and so far so is all that we trade."""
    currency = turn.state.limits.currency
    return "" if instrument.quote == currency else f"{instrument.quote} is not {currency}"
