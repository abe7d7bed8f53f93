"""How much of a limit is used: what its scope comes to now, in the limit's own unit.

Where a limit of the scope `global` holds for each strategy, account, venue or instrument by itself,
it is the largest of them. A limit of single orders has nothing that is used up.
"""

from collections.abc import Callable, Iterable, Iterator

from omnivenue.engine import State, daily_loss, equity
from omnivenue.ledger import Exposure
from omnivenue.model import (
    QTY_UNIT,
    SHARE_UNIT,
    AccountID,
    Instrument,
    InstrumentID,
    Limit,
    LimitName,
    Nanos,
    VenueID,
    unit,
)
from omnivenue.oms import OrdStatus, status
from omnivenue.risk import DAY, Totals

type Used = Callable[[State, Nanos, Limit], int | None]

_NO_TOTALS = Totals()


def used(state: State, at: Nanos, limit: Limit) -> int | None:
    """None where nothing is counted."""
    count = _COUNTS.get(limit.name)
    return None if count is None else count(state, at, limit)


def _cells(state: State, scope: str) -> Iterator[tuple[InstrumentID, Exposure]]:
    """What has a position in the scope; each account's comes by itself."""
    kind, _, what = scope.partition(":")
    if kind == "strategy":
        for strategies in state.strategy_exposures.values():
            for strategy_id, cells in strategies.items():
                if strategy_id == what:
                    yield from cells.items()
        return
    for account, cells in state.exposures.items():
        if kind != "account" or account == what:
            yield from (each for each in cells.items() if _bears(state, each[0], kind, what))


def _bears(state: State, instrument_id: InstrumentID, kind: str, what: str) -> bool:
    if kind == "instrument":
        return instrument_id == what
    return kind != "venue" or state.instruments[instrument_id].venue_id == what


def _largest_position(
    state: State, scope: str, worth: Callable[[Instrument, Exposure], int]
) -> int:
    """Of one instrument, by the worst case of each account."""
    sums: dict[InstrumentID, int] = {}
    for instrument_id, cell in _cells(state, scope):
        value = worth(state.instruments[instrument_id], cell)
        sums[instrument_id] = sums.get(instrument_id, 0) + value
    return max(sums.values(), default=0)


def _position_qty(state: State, at: Nanos, limit: Limit) -> int:
    def qty(instrument: Instrument, cell: Exposure) -> int:
        return cell.worst() * (QTY_UNIT // unit(instrument.qty_asset))

    return _largest_position(state, limit.scope, qty)


def _position_notional(state: State, at: Nanos, limit: Limit) -> int:
    def notional(instrument: Instrument, cell: Exposure) -> int:
        return cell.worst() * cell.px // unit(instrument.qty_asset)

    return _largest_position(state, limit.scope, notional)


def _total_notional(state: State, at: Nanos, limit: Limit) -> int:
    return state.totals.get(limit.scope, _NO_TOTALS).total


def _gross_notional(state: State, at: Nanos, limit: Limit) -> int:
    return state.totals.get(limit.scope, _NO_TOTALS).gross


def _leverage(state: State, at: Nanos, limit: Limit) -> int:
    def of(account: AccountID) -> int:
        gross = state.totals.get(f"account:{account}", _NO_TOTALS).gross
        return gross * SHARE_UNIT // max(1, equity(state, account))

    return max(map(of, _accounts(state, limit.scope)), default=0)


def _daily_loss(state: State, at: Nanos, limit: Limit) -> int | None:
    losses = (daily_loss(state, account) for account in _accounts(state, limit.scope))
    return max((lost for lost in losses if lost is not None), default=None)


def _orders_within(state: State, at: Nanos, limit: Limit) -> int:
    name = limit.name.value
    if limit.scope != "global":
        return state.velocity.count(f"{name} {limit.scope}", at)
    return _busiest(state, at, f"{name} strategy:")


def _repeated(state: State, at: Nanos, limit: Limit) -> int:
    _, _, strategy_id = limit.scope.partition(":")
    return _busiest(state, at, f"repeated {strategy_id} " if strategy_id else "repeated ")


def _busiest(state: State, at: Nanos, prefix: str) -> int:
    windows = state.velocity.windows
    found = (window.count(at) for key, window in windows.items() if key.startswith(prefix))
    return max(found, default=0)


def _open_orders(state: State, at: Nanos, limit: Limit) -> int:
    return state.open_orders.get(limit.scope, 0)


def _cancel_ratio(state: State, at: Nanos, limit: Limit) -> int:
    _, _, strategy_id = limit.scope.partition(":")
    turnovers = state.velocity.turnovers
    days = [t.on(at // DAY) for name, t in turnovers.items() if strategy_id in ("", name)]
    return max((c * SHARE_UNIT // max(1, trades) for c, trades in days), default=0)


def _clock_offset(state: State, at: Nanos, limit: Limit) -> int:
    known = [v for v in _venues(state, limit.scope) if v in state.clocks]
    return max((abs(state.clocks[venue_id].offset) for venue_id in known), default=0)


def _reject_rate(state: State, at: Nanos, limit: Limit) -> int:
    def of(venue_id: VenueID) -> int:
        sent = state.velocity.count(f"sent {venue_id}", at)
        return state.velocity.count(f"rejected {venue_id}", at) * SHARE_UNIT // max(1, sent)

    return max(map(of, _venues(state, limit.scope)), default=0)


def _unknown_count(state: State, at: Nanos, limit: Limit) -> int:
    def of(venue_id: VenueID) -> int:
        return sum(
            status(state.orders[i]) is OrdStatus.UNKNOWN for i in state.venues[venue_id].open
        )

    return max(map(of, _venues(state, limit.scope)), default=0)


def _accounts(state: State, scope: str) -> Iterable[AccountID]:
    _, _, what = scope.partition(":")
    return [account for account in state.accounts if what in ("", account)]


def _venues(state: State, scope: str) -> Iterable[VenueID]:
    _, _, what = scope.partition(":")
    return [venue_id for venue_id in state.venues if what in ("", venue_id)]


_COUNTS: dict[LimitName, Used] = {
    LimitName.POSITION_QTY: _position_qty,
    LimitName.POSITION_NOTIONAL: _position_notional,
    LimitName.TOTAL_NOTIONAL: _total_notional,
    LimitName.GROSS_NOTIONAL: _gross_notional,
    LimitName.LEVERAGE: _leverage,
    LimitName.DAILY_LOSS: _daily_loss,
    LimitName.ORDERS_PER_SECOND: _orders_within,
    LimitName.ORDERS_PER_MINUTE: _orders_within,
    LimitName.OPEN_ORDERS: _open_orders,
    LimitName.CANCEL_RATIO: _cancel_ratio,
    LimitName.REPEATED_EXECUTION: _repeated,
    LimitName.CLOCK_OFFSET: _clock_offset,
    LimitName.REJECT_RATE: _reject_rate,
    LimitName.UNKNOWN_COUNT: _unknown_count,
}
