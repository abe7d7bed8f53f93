"""What an account has and has earned, in the risk currency, by the marks that the journal has.

Counted when they are set (`State.worths`), so whoever asks on the way of an order reads a number.
The daily loss looks at these numbers and at no other price: it is decided again in replay.
"""

from collections.abc import Iterator

from omnivenue.engine.rate import rates
from omnivenue.engine.state import State, Worth
from omnivenue.ledger import Exposure, Pnl, Rates, free, held, margin, pnl, worth
from omnivenue.model import SHARE_UNIT, AccountID, StrategyID, VenueID

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
