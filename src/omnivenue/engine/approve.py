"""Gathers what the risk check looks at, for an order to be accepted or to go on.

An instruction is measured whole. A child of what was accepted (`qty` is given, and of it `reserved`
is in the exposure already) is measured by what is new about it: the market, the states, the collar,
the cash, whether it reduces; its size only as far as it is larger than what is reserved.
"""

from collections.abc import Sequence

from omnivenue.engine.measure import Asked, exceeded, likeness
from omnivenue.engine.price import Prices, prices, short_of, within
from omnivenue.engine.rate import rate
from omnivenue.engine.reducing import claims, reducible
from omnivenue.engine.state import State, VenueStatus, place
from omnivenue.engine.turn import Turn
from omnivenue.ledger import NET, ONE, Exposure, Rate, cash_needed, free, leg_of
from omnivenue.message import Exit, Missing, OrderInstructed
from omnivenue.model import (
    AssetID,
    Instrument,
    InstrumentID,
    OrderID,
    Side,
    TradingState,
)
from omnivenue.oms import Order, hold_px
from omnivenue.risk import (
    Approved,
    Bearing,
    Bound,
    Circumstances,
    Intent,
    Refused,
    Rest,
    Resting,
    Terms,
    check,
    unit_value,
)

_NOTHING = Exposure()


def approve(
    turn: Turn,
    order: OrderInstructed,
    instrument: Instrument,
    *,
    qty: int | None = None,
    px: int | None = None,
    reserved: int = 0,
    instead_of: Sequence[Order] | None = None,
    is_triggered: bool = False,
    exit_of: OrderID | None = None,
) -> Approved | Refused:
    """`qty` and `px` in place of the order's: of a child, or of what a replace asks for.
    `instead_of`: of a replace, what works already, and this takes the place of.
    `is_triggered`: its trigger has come. `exit_of`: the entry whose bracket's exit it is."""
    state = turn.state
    bearing = state.bearing(order.account, order.strategy_id, order.instrument_id)
    limits = bearing.tightest
    waits = order.stop_px is not None and not is_triggered
    at = prices(turn, order, instrument, px, limits.get("price_collar", 0), waits=waits)
    if exit_of is not None and instead_of is None and "price_collar" in limits:
        at = within(at, instrument, order.side, limits["price_collar"])  # late is worse than short
    resting, own = state.resting.get(order.instrument_id), None
    if resting is not None and not waits and "self_match_prevention" in limits:
        at, own = _short_of_own(resting, instrument, order.side, at)
    worth, currency = _money(turn, instrument)
    amount = order.qty if qty is None else qty
    asked = _asked(turn, order, instrument, bearing, max(0, amount - reserved), at.mark_px, worth)
    left, left_in_all = _lefts(state, asked, reserved, exit_of)
    is_reduction = amount <= left and amount <= left_in_all
    terms = _terms(
        asked,
        at,
        worth,
        amount,
        is_first=qty is None,
        is_sized=asked.more > 0 or _is_dearer(state, order, px),
        left_to_reduce=left if order.reduce_only else None,
    )
    now = _circumstances(
        turn,
        asked,
        terms,
        _cash(state, asked, amount, at.hold_px, instead_of or (), is_reduction),
        currency,
        bearing.instruction if qty is None else _paces(state, asked, instead_of),
        is_first=qty is None,
        self_match="" if own is None else state.orders[own[1]].new.parent_id,
    )
    intent = Intent(
        instrument_id=order.instrument_id,
        side=order.side,
        qty=amount,
        limit_px=at.limit_px,
        hold_px=at.hold_px,
        value_px=asked.unit_mark,
        is_reduction=is_reduction,
    )
    return check(limits, now, intent)


def _paces(state: State, asked: Asked, instead_of: Sequence[Order] | None) -> tuple[Bound, ...]:
    """A replace has its own message. What is a part of an order over venues or over time is one
    more that is open; another child is what was counted as its parent came."""
    if instead_of is not None:
        return asked.bearing.message
    is_part = OrderID(asked.order.instruction_id) not in state.parents
    return asked.bearing.part if is_part else ()


def _circumstances(
    turn: Turn,
    asked: Asked,
    terms: Terms,
    cash: tuple[AssetID, int, int],
    currency: str,
    paces: tuple[Bound, ...],
    *,
    is_first: bool,
    self_match: str,
) -> Circumstances:
    state, order, venue_id = turn.state, asked.order, asked.instrument.venue_id
    venue, clock = state.venues[venue_id], state.clocks.get(venue_id)
    return Circumstances(
        terms=terms,
        venue_state="open" if venue.status is VenueStatus.OPEN else venue.status.value,
        venue_orders=len(venue.open),
        may_trade=venue_id in state.accounts.get(order.account, ()),
        stopped=_stopped(state, asked.bearing.scopes) if state.stopped else (),
        quarantine=quarantined(state, order, asked.instrument) if state.quarantined else "",
        is_allowed=asked.bearing.is_allowed,
        currency=currency,
        exceeded=exceeded(state, asked, paces),
        duplicate_age=_age_of_like(turn, asked) if is_first else None,
        self_match=self_match,
        clock_offset=0 if clock is None else abs(clock.offset),
        cash_asset=cash[0],
        cash=cash[1],
        cash_needed=cash[2],
    )


def _terms(
    asked: Asked,
    at: Prices,
    worth: Rate,
    amount: int,
    *,
    is_first: bool,
    is_sized: bool,
    left_to_reduce: int | None,
) -> Terms:
    """Wide, because so are limits."""
    order, instrument, bearing = asked.order, asked.instrument, asked.bearing
    quote_unit, qty_unit = bearing.quote_unit, bearing.qty_unit
    limit_px, by_lots = at.limit_px * quote_unit, None
    if asked.more > 0 and "notional_check" in bearing.tightest:
        by_lots = _worth_by_lots(asked, amount, at.limit_px)
    return Terms(
        market=at.why,
        is_market=at.is_protection,
        mark_px=at.mark_px * quote_unit,
        limit_px=limit_px,
        reference_px=at.reference_px * quote_unit,
        stop_loss=_stop_loss(order.stop_loss, quote_unit) if is_first and order.stop_loss else None,
        unit_mark=asked.unit_mark,
        unit_limit=worth.of(unit_value(instrument, limit_px)),
        qty=amount * qty_unit,
        is_sized=is_sized,
        min_qty=bearing.min_qty,
        min_notional=worth.of(instrument.min_notional * quote_unit),
        worth_by_lots=None if by_lots is None else worth.of(by_lots * quote_unit),
        left_to_reduce=None if left_to_reduce is None else left_to_reduce * qty_unit,
    )


def _stop_loss(stop: Exit, quote_unit: int) -> tuple[int, int] | None:
    """Where a bracket's stop is, and the limit that it has by then; 0: at market."""
    if stop.stop_px is None:
        return None
    return stop.stop_px * quote_unit, (stop.limit_px or 0) * quote_unit


def _cash(
    state: State,
    asked: Asked,
    amount: int,
    px: int,
    instead_of: Sequence[Order],
    is_reduction: bool,
) -> tuple[AssetID, int, int]:
    """The asset that the order spends, what is free of it, and what the order needs of it."""
    order, instrument = asked.order, asked.instrument
    leg = leg_of(order.side, order.reduce_only) if order.account in state.hedging else NET
    if instead_of:
        needed = _needed_instead(asked, amount, px, leg, instead_of)
    else:
        needed = cash_needed(asked.of_account, instrument, order.side, amount, px, leg)
    asset = instrument.spends(order.side)
    cash = state.ledger.balance(free(order.account, instrument.venue_id), asset)
    if is_reduction and not instrument.is_spot:  # it gives back more than its fee
        needed = min(needed, cash)
    return asset, cash, needed


def _needed_instead(
    asked: Asked, amount: int, px: int, leg: str, instead_of: Sequence[Order]
) -> int:
    """Beyond what is reserved for what it takes the place of; until that is replaced, it all stays
    reserved at the dearer price."""
    instrument, side, cell = asked.instrument, asked.order.side, asked.of_account
    for order in instead_of:
        px = instrument.dearer_px(px, hold_px(order, instrument))
    committed = sum(order.committed for order in instead_of)
    needed = cash_needed(cell, instrument, side, amount, px, leg, committed)
    return needed - sum(order.held for order in instead_of)


def _is_dearer(state: State, order: OrderInstructed, px: int | None) -> bool:
    """A replace by the price alone: worth more or less than what was looked at before."""
    parent = state.parents.get(OrderID(order.instruction_id))
    return px is not None and parent is not None and px != parent.limit_px


def _money(turn: Turn, instrument: Instrument) -> tuple[Rate, str]:
    """From the quote asset to the risk currency, or why not."""
    if instrument.quote == turn.state.limits.currency:
        return ONE, ""
    found = rate(turn.state, instrument.quote, lambda i: _mark(turn, i))
    return (ONE, found) if isinstance(found, str) else (found, "")


def _mark(turn: Turn, instrument_id: InstrumentID) -> int | str:
    found = turn.seen.mark(instrument_id)
    if isinstance(found, Missing):
        return found.why
    return turn.state.instruments[instrument_id].px(found.px)


def _asked(
    turn: Turn,
    order: OrderInstructed,
    instrument: Instrument,
    bearing: Bearing,
    more: int,
    mark_px: int,
    worth: Rate,
) -> Asked:
    state, account, instrument_id = turn.state, order.account, order.instrument_id
    strategies = state.strategy_exposures.get(account, {})
    return Asked(
        order=order,
        instrument=instrument,
        bearing=bearing,
        at=turn.at,
        more=more,
        unit_mark=worth.of(unit_value(instrument, mark_px * bearing.quote_unit)),
        one=bearing.one,
        of_account=state.exposures.get(account, {}).get(instrument_id, _NOTHING),
        of_strategy=strategies.get(order.strategy_id, {}).get(instrument_id, _NOTHING),
    )


def _lefts(state: State, asked: Asked, reserved: int, exit_of: OrderID | None) -> tuple[int, int]:
    """To reduce: of the strategy's position, and of the account's."""
    if exit_of is not None:
        return _left_for_exit(state, asked, exit_of)
    side, of_strategy, of_account = asked.order.side, asked.of_strategy, asked.of_account
    if asked.order.account in state.hedging:
        net = _leg_to_close(state, asked.order)
        left = _left_to_reduce(net, of_strategy, side, reserved)
        return left, _left_to_reduce(net, of_account, side, reserved)
    left = _left_to_reduce(of_strategy.net, of_strategy, side, reserved)
    return left, _left_to_reduce(of_account.net, of_account, side, reserved)


def _leg_to_close(state: State, order: OrderInstructed) -> int:
    """An account that hedges closes the leg on the other side, and only where it says so."""
    strategies = state.positions.get(order.account, {})
    position = strategies.get(order.strategy_id, {}).get(order.instrument_id)
    leg = None if position is None else position.legs.get(leg_of(order.side, reduces=True))
    return leg.qty if leg is not None and order.reduce_only else 0


def _left_to_reduce(net: int, cell: Exposure, side: Side, reserved: int) -> int:
    """What the order may have without going through zero: the position, less all that works on
    that side already. Negative where that is too much by now."""
    if side is Side.SELL:
        return net - (cell.sells - reserved)
    return -net - (cell.buys - reserved)


def _left_for_exit(state: State, asked: Asked, entry_id: OrderID) -> tuple[int, int]:
    """Of the strategy's position, and of the account's. An exit is there to close what its entry
    has opened, so it does not wait for an order that might do so as well and perhaps never will;
    should that be first, the exit is made smaller (`shrink.py`)."""
    order, side = asked.order, asked.order.side
    cell = (order.account, order.strategy_id, order.instrument_id)
    left = reducible(state, cell, side)
    others = sum(c.reserved for c in claims(state, cell, side) if c.order_id != entry_id)
    of_account = left if order.account in state.hedging else -side.sign * asked.of_account.net
    return left - others, of_account


def _stopped(state: State, scopes: tuple[str, ...]) -> tuple[tuple[str, TradingState], ...]:
    """The worst of all that bear on the order decides; each is told."""
    return tuple((s, state.stopped[s].state) for s in scopes if s in state.stopped)


def quarantined(state: State, order: OrderInstructed, instrument: Instrument) -> str:
    """What the order would move while nobody knows how much of it there is."""
    assets = (AssetID(instrument.instrument_id), instrument.base, instrument.cash)
    moved = assets if instrument.is_spot else (assets[0], assets[2])
    found = dict.fromkeys((*moved, instrument.fee_asset or instrument.cash))
    there = (a for a in found if place(order.account, instrument.venue_id, a) in state.quarantined)
    return ", ".join(there)


def _worth_by_lots(asked: Asked, amount: int, limit_px: int) -> int:
    """In quote atoms: once more, from lots and ticks, multiplied in another order than `unit_value`
    does."""
    instrument = asked.instrument
    lots = instrument.lots_floor(amount)
    ticks = instrument.limit_ticks(asked.order.side, limit_px)
    count = lots * instrument.lot * instrument.multiplier
    of_one = unit_value(instrument, ticks * instrument.tick) // max(1, instrument.multiplier)
    return count * of_one // asked.one


def _age_of_like(turn: Turn, asked: Asked) -> int | None:
    """Since when the same order is there, where that matters."""
    window = asked.bearing.tightest.get("duplicate_window")
    if window is None or asked.order.allow_duplicate:
        return None
    recent = turn.state.velocity.recent
    before = recent.accepted_at.get(likeness(asked.order))
    if before is not None:
        return turn.at - before
    return 0 if recent.is_full(turn.at, window) else None


def _short_of_own(
    resting: Resting, instrument: Instrument, side: Side, at: Prices
) -> tuple[Prices, Rest | None]:
    """What has a protection price stops before our own; what would meet it all the same."""
    own = _own(resting, side, at.limit_px)
    if own is None or not at.touch_px:
        return at, own
    at = short_of(at, instrument, side, own[0])
    return at, _own(resting, side, at.limit_px)


def _own(resting: Resting, side: Side, limit_px: int) -> Rest | None:
    """The best of our own that it would trade with."""
    return resting.meets(side, limit_px) if limit_px else None
