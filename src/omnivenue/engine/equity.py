"""What an account has, in the risk currency, by the marks that the journal has: read from State.

The daily loss looks at these numbers and at no other price, so it is decided again in replay.
"""

import msgspec

from omnivenue.engine.state import State
from omnivenue.ledger import Rates, contracts, free, held, margin, pnl, worth
from omnivenue.model import (
    SHARE_UNIT,
    AccountID,
    AssetID,
    Instrument,
    InstrumentID,
    VenueID,
)

OURS = (free, held, margin, contracts)
"""All paths whose sum is what a venue holds for an account."""


class MarginSummary(msgspec.Struct, frozen=True, kw_only=True):
    """Of an account at a venue: wide, in the risk currency."""

    equity: int
    initial: int  # bound: for what is held and for what works
    maintenance: int  # for what is held
    ratio: int | None  # of equity to what is held, in 1 / SHARE_UNIT; None where nothing is


def rates(state: State) -> Rates:
    return Rates(state.instruments, state.marks, state.limits.currency)


def total_at(state: State, account: AccountID, venue_id: VenueID) -> dict[AssetID, int]:
    """All that is ours there, as a venue counts it: cash with what contracts have cost, and the
    contracts under their instrument's id."""
    found: dict[AssetID, int] = {}
    for path in OURS:
        for asset, amount in state.ledger.paths.get(path(account, venue_id), {}).items():
            found[asset] = found.get(asset, 0) + amount
    return found


def equity(state: State, account: AccountID, by: Rates | None = None) -> int | None:
    """None where a mark is missing."""
    by = rates(state) if by is None else by
    total = 0
    for venue_id in sorted(state.venues):
        found = equity_at(state, account, venue_id, by)
        if found is None:
            return None
        total += found
    return total


def equity_at(state: State, account: AccountID, venue_id: VenueID, by: Rates) -> int | None:
    """An asset that no listed pair values counts for nothing, as long as we do not owe it: less
    equity than there is makes every share of it stricter."""
    total = 0
    for asset, amount in sorted(total_at(state, account, venue_id).items()):
        wide = _worth(state, asset, amount, by)
        if wide is None and (amount < 0 or by.pair(asset) or asset in state.instruments):
            return None
        total += wide or 0
    return total


def profit(state: State, account: AccountID, by: Rates | None = None) -> int | None:
    """Realised and unrealised, funding and fees, of all its strategies, ever."""
    by = rates(state) if by is None else by
    total = 0
    for _, positions in sorted(state.positions.get(account, {}).items()):
        for instrument_id, position in sorted(positions.items()):
            found = pnl(state.instruments[instrument_id], position, by)
            if found is None:
                return None
            total += found.total
    return total


def daily_loss(state: State, account: AccountID) -> int | None:
    """What the account has lost since its day began, in 1 / SHARE_UNIT of its equity then. None
    where that is not known: no day has begun, or a mark is missing. With a loss and no equity to
    lose it from, more than all of it."""
    day = state.days.get(account)
    now = None if day is None else profit(state, account)
    if day is None or now is None:
        return None
    lost = max(0, day.pnl - now)
    if day.equity <= 0:
        return 2 * SHARE_UNIT if lost else 0
    return -(-lost * SHARE_UNIT // day.equity)


def margin_summary(state: State, account: AccountID, venue_id: VenueID) -> MarginSummary | None:
    """None where a mark is missing."""
    by = rates(state)
    has = equity_at(state, account, venue_id, by)
    initial = maintenance = value = 0
    for instrument_id, exposure in sorted(state.exposures.get(account, {}).items()):
        instrument = state.instruments[instrument_id]
        if instrument.is_spot or instrument.venue_id != venue_id:
            continue
        amount = _amount_held(state, account, instrument, by)
        parts = [
            None if amount is None else by.wide(instrument.settle, part)
            for part in (exposure.margin, instrument.maintenance_ceil(amount or 0), amount or 0)
        ]
        if parts[0] is None or parts[1] is None or parts[2] is None:
            return None
        initial, maintenance, value = initial + parts[0], maintenance + parts[1], value + parts[2]
    if has is None:
        return None
    ratio = has * SHARE_UNIT // value if value else None
    return MarginSummary(equity=has, initial=initial, maintenance=maintenance, ratio=ratio)


def _worth(state: State, asset: AssetID, amount: int, by: Rates) -> int | None:
    instrument = state.instruments.get(InstrumentID(asset))
    if instrument is None or amount == 0:
        return by.wide(asset, amount)
    px = by.marks.get(instrument.instrument_id, 0)
    return None if px <= 0 else by.wide(instrument.cash, worth(instrument, amount, px))


def _amount_held(state: State, account: AccountID, instrument: Instrument, by: Rates) -> int | None:
    """What is held of a derivative at its mark, both legs of a hedge counted."""
    legs: dict[str, int] = {}
    for positions in state.positions.get(account, {}).values():
        position = positions.get(instrument.instrument_id)
        if position is None:
            continue
        qtys = {name: leg.qty for name, leg in position.legs.items()} or {"": position.qty}
        for name, qty in qtys.items():
            legs[name] = legs.get(name, 0) + qty
    px = by.marks.get(instrument.instrument_id, 0)
    if px <= 0 and any(legs.values()):
        return None
    return sum(instrument.cost_ceil(abs(qty), px) for qty in legs.values())
