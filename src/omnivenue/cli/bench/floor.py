"""What the risk check cannot cost less than, in this interpreter.

The same facts for the same order are looked up, computed and compared, in one straight line: no
brackets, replaces or hedges, no second account, no inverse contract, no question to record and no
reasons to give. What lies between this and the real check is what all of that costs.
"""

from omnivenue.engine import State
from omnivenue.engine.measure import likeness
from omnivenue.engine.state import VenueStatus
from omnivenue.message import Missing, OrderInstructed
from omnivenue.model import BPS, QTY_UNIT, SHARE_UNIT, Instrument, Nanos, Side, unit
from omnivenue.model.instrument import PPM
from omnivenue.risk import DAY, OPEN_ORDERS_MAX, Bearing
from omnivenue.runtime import Books


def passes(
    state: State, books: Books, at: Nanos, order: OrderInstructed, instrument: Instrument
) -> bool:
    """Would a limit order pass, where each limit is set for all and money is the quote asset?"""
    account, buys, qty, px = order.account, order.side is Side.BUY, order.qty, order.limit_px or 0
    bearing = state.bearings[account, order.strategy_id, order.instrument_id]
    quote = books.quote(order.instrument_id, at)
    if isinstance(quote, Missing):
        return False
    limits, lot, tick, one = bearing.tightest, instrument.lot, instrument.tick, bearing.one
    venue, clock = state.venues[instrument.venue_id], state.clocks[instrument.venue_id]
    mark_px = (quote.bids[0][0] + quote.asks[0][0]) // 2 * tick
    fine = QTY_UNIT // unit(instrument.quote)
    unit_limit, unit_mark, wide_qty = px * fine, mark_px * fine, qty * (QTY_UNIT // one)
    worth = wide_qty * unit_limit // QTY_UNIT
    dearer = max(unit_limit, unit_mark)
    by_lots = qty // lot * lot * (px // tick * tick if buys else -(-px // tick) * tick) // one
    share = limits["price_collar"] if buys else -limits["price_collar"]
    bound = unit_mark * (SHARE_UNIT + share) // SHARE_UNIT
    resting = state.resting[order.instrument_id]
    meets = resting.sells if buys else resting.buys
    like_at = state.velocity.recent.accepted_at.get(likeness(order))
    return (
        venue.status is VenueStatus.OPEN
        and instrument.venue_id in state.accounts[account]
        and len(venue.open) < OPEN_ORDERS_MAX
        and not state.stopped
        and not state.quarantined
        and bearing.is_allowed
        and mark_px > 0
        and instrument.quote == state.limits.currency
        and wide_qty >= instrument.min_qty * lot * (QTY_UNIT // one)
        and wide_qty * dearer // QTY_UNIT >= instrument.min_notional * fine
        and wide_qty <= limits["order_qty"]
        and wide_qty * (unit_limit if buys else dearer) // QTY_UNIT <= limits["order_notional"]
        and (unit_limit <= bound if buys else unit_limit >= bound)
        and abs(worth - by_lots * fine) * SHARE_UNIT <= limits["notional_check"] * worth
        and (like_at is None or at - like_at >= limits["duplicate_window"])
        and not (meets and (meets[0][0] <= px if buys else meets[-1][0] >= px))
        and abs(clock.offset) <= limits["clock_offset"]
        and _is_counted(state, at, order, bearing, unit_mark)
        and _is_paid(state, order, instrument, px if buys or px > mark_px else mark_px, one)
    )


def _is_counted(
    state: State, at: Nanos, order: OrderInstructed, bearing: Bearing, unit_mark: int
) -> bool:
    """Nothing that is counted by something comes above its limit."""
    limits, one, buys = bearing.tightest, bearing.one, order.side is Side.BUY
    cell = state.exposures[order.account][order.instrument_id]
    net, highest, lowest = cell.net, cell.net + cell.buys, cell.net - cell.sells
    after = highest + order.qty if buys else lowest - order.qty
    most = max(abs(after), abs(lowest if buys else highest)) * unit_mark // one
    more = (abs(net) + cell.buys + cell.sells + order.qty) * unit_mark // one - cell.gross
    of_all, of_account = state.totals["global"], state.totals[bearing.scopes[2]]
    equity, velocity = state.worths[order.account].equity, state.velocity
    second, minute = bearing.message
    again = velocity.windows.get(bearing.repeated_buy if buys else bearing.repeated_sell)
    turnover = velocity.turnovers[order.strategy_id]
    ratio = turnover.cancels * SHARE_UNIT // max(1, turnover.trades)
    return (
        (
            (abs(after) < abs(net) and net * after >= 0)
            or (
                abs(after) * (QTY_UNIT // one) <= limits["position_qty"]
                and abs(after) * unit_mark // one <= limits["position_notional"]
                and of_all.total - cell.total + most <= limits["total_notional"]
                and of_all.gross + more <= limits["gross_notional"]
                and (of_account.gross + more) * SHARE_UNIT // max(1, equity) <= limits["leverage"]
            )
        )
        and velocity.windows[second.window].count(at) < second.limit
        and velocity.windows[minute.window].count(at) < minute.limit
        and (0 if again is None else again.count(at)) < limits["repeated_execution"]
        and state.open_orders["global"] < limits["open_orders"]
        and (turnover.day != at // DAY or ratio <= limits["cancel_ratio"])
    )


def _is_paid(
    state: State, order: OrderInstructed, instrument: Instrument, hold_px: int, one: int
) -> bool:
    """The account has what the order can take: of a derivative, its fee and the margin."""
    account, buys, qty = order.account, order.side is Side.BUY, order.qty
    balances = state.ledger.paths[f"{account}@{instrument.venue_id}/free"]
    if instrument.is_spot and not buys:
        return qty <= balances.get(instrument.base, 0)
    amount = -(-qty * hold_px // one)
    fee = -(-amount * max(instrument.maker_bps, instrument.taker_bps) // BPS)
    free = balances.get(instrument.quote, 0)
    if instrument.is_spot:
        return amount + fee <= free
    cell = state.exposures[account][order.instrument_id]
    leg, proceeds = cell.legs[""], qty * hold_px // one
    bought, sold = leg.cost + leg.buys, leg.cost + leg.sells
    worst = max(
        abs(leg.cost),
        abs(bought + amount if buys else bought),
        abs(sold if buys else sold - proceeds),
    )
    margin = -(-worst * instrument.margin[0].initial // PPM)
    return fee + margin - cell.margin <= free
