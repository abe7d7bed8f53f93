"""What an account has and has earned, in the risk currency, by the marks that the journal has.

Counted when they are set (`State.worths`), so whoever asks on the way of an order reads a number.
The daily loss looks at these numbers and at no other price: it is decided again in replay.
"""

from collections import Counter
from collections.abc import Iterator

import msgspec

from omnivenue.engine.rate import rates
from omnivenue.engine.state import State, Worth
from omnivenue.ledger import NET, Exposure, Pnl, Rates, free, held, margin, pnl, worth
from omnivenue.model import SHARE_UNIT, AccountID, Instrument, StrategyID, VenueID

type Cell = tuple[StrategyID, VenueID]


def equity(state: State, account: AccountID) -> int:
    """Wide. As of the last marks; counted now where none were set."""
    found = state.worths.get(account)
    return equity_now(state, account, rates(state)) if found is None else found.equity


def daily_loss(state: State, account: AccountID) -> int | None:
    """What the account has lost since its day began, in 1 / SHARE_UNIT of its equity then. None
    where no day has begun. With a loss and no equity to lose it from, more than all of it."""
    day, now = state.days.get(account), state.worths.get(account)
    if day is None or now is None:
        return None
    lost = max(0, day.pnl - now.pnl)
    if day.equity <= 0:
        return 2 * SHARE_UNIT if lost else 0
    return -(-lost * SHARE_UNIT // day.equity)


def worth_now(state: State, account: AccountID, by: Rates) -> Worth:
    total = sum(found.total for _, found in profits(state, account, by))
    return Worth(equity=equity_now(state, account, by), pnl=total)


def equity_now(state: State, account: AccountID, by: Rates) -> int:
    return sum(_equity_at(state, account, venue_id, by) for venue_id in state.venues)


def profits(state: State, account: AccountID, by: Rates) -> Iterator[tuple[Cell, Pnl]]:
    """Ever, of each position. What is not marked counts for nothing, and is named."""
    for strategy_id, positions in sorted(state.positions.get(account, {}).items()):
        for instrument_id, position in sorted(positions.items()):
            instrument = state.instruments[instrument_id]
            yield (strategy_id, instrument.venue_id), pnl(instrument, position, by)


class MarginSummary(msgspec.Struct, frozen=True, kw_only=True):
    """Of an account at a venue: wide, in the risk currency."""

    equity: int
    initial: int  # bound: for what is held and for what works
    maintenance: int  # for what is held
    ratio: int | None  # of equity to what is held, in 1 / SHARE_UNIT; None where nothing is


def margin_summary(state: State, account: AccountID, venue_id: VenueID) -> MarginSummary:
    by = rates(state)
    has = _equity_at(state, account, venue_id, by)
    initial = maintenance = value = 0
    for instrument_id, exposure in state.exposures.get(account, {}).items():
        instrument = state.instruments[instrument_id]
        if instrument.is_spot or instrument.venue_id != venue_id:
            continue
        amount = _amount_held(state, account, instrument, by)
        settle = instrument.settle
        initial += by.worth(settle, exposure.margin) or 0
        maintenance += by.worth(settle, instrument.maintenance_ceil(amount)) or 0
        value += by.worth(settle, amount) or 0
    ratio = has * SHARE_UNIT // value if value else None
    return MarginSummary(equity=has, initial=initial, maintenance=maintenance, ratio=ratio)


def _equity_at(state: State, account: AccountID, venue_id: VenueID, by: Rates) -> int:
    """Cash, and what closing the derivatives would realise. What has no mark counts for nothing:
    less equity than there is makes every share of it stricter."""
    total = 0
    for path in (free(account, venue_id), held(account, venue_id), margin(account, venue_id)):
        for asset, amount in state.ledger.paths.get(path, {}).items():
            total += by.worth(asset, amount) or 0
    for instrument_id, exposure in state.exposures.get(account, {}).items():
        instrument = state.instruments[instrument_id]
        if instrument.is_spot or instrument.venue_id != venue_id:
            continue
        px = by.px(instrument_id)
        if px > 0 and exposure.legs:
            open_profit = worth(instrument, exposure.net, px) - _cost(exposure)
            total += by.worth(instrument.settle, open_profit) or 0
    return total


def _cost(exposure: Exposure) -> int:
    return sum(leg.cost for leg in exposure.legs.values())


def _amount_held(state: State, account: AccountID, instrument: Instrument, by: Rates) -> int:
    """What is held of a derivative at its mark, both legs of a hedge counted; without a mark at
    what it cost."""
    px = by.px(instrument.instrument_id)
    if px <= 0:
        legs = state.exposures[account][instrument.instrument_id].legs
        return sum(abs(leg.cost) for leg in legs.values())
    qtys: Counter[str] = Counter()
    for positions in state.positions.get(account, {}).values():
        position = positions.get(instrument.instrument_id)
        if position is not None:
            qtys.update(
                {name: leg.qty for name, leg in position.legs.items()} or {NET: position.qty}
            )
    return sum(instrument.cost_ceil(abs(qty), px) for qty in qtys.values())
