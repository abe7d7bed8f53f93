"""Positions, balances, venues and the market as users read them. Sorted by what they are about, so
that pages of them are stable."""

from collections.abc import Iterator

from omnivenue.engine import State, VenueStatus
from omnivenue.ledger import Position, average_px_floor, free, held, margin, unrealized
from omnivenue.market import Level, Quote, mark
from omnivenue.message import Missing
from omnivenue.model import (
    AccountID,
    AssetID,
    Instrument,
    Lots,
    Nanos,
    StrategyID,
    Ticks,
    TradingState,
    VenueID,
    exponent,
    format_decimal,
)
from omnivenue.oms import OrdStatus, status
from omnivenue.runtime import Books
from omnivenue.telemetry import Meter
from omnivenue.wire import (
    BalanceRow,
    InstrumentRow,
    LastRow,
    MarketRow,
    PositionRow,
    VenueRow,
    instrument_row,
    iso,
)

LEVELS_SHOWN = 10
PX_DECIMALS = 18
NANOS_PER_US = 1_000

_STATES = {
    VenueStatus.OPEN: "RECONCILED",
    VenueStatus.RECONCILING: "RECONCILING",
    VenueStatus.DOWN: "DOWN",
}

_HALTED = frozenset({TradingState.HALTED, TradingState.KILLED})

type Key = tuple[str, ...]


def position_rows(state: State, books: Books, at: Nanos) -> Iterator[tuple[Key, PositionRow]]:
    for account, strategies in sorted(state.positions.items()):
        for strategy_id, positions in sorted(strategies.items()):
            for instrument_id, position in sorted(positions.items()):
                listed = state.instruments[instrument_id]
                row = position_row(account, strategy_id, listed, position, books, at)
                yield (account, strategy_id, instrument_id), row


def position_row(
    account: AccountID,
    strategy_id: StrategyID,
    instrument: Instrument,
    position: Position,
    books: Books,
    at: Nanos,
) -> PositionRow:
    mark_px = _mark_px(books, instrument, at)
    profit = None if mark_px is None else unrealized(instrument, position, mark_px)
    quote, cash = exponent(instrument.quote), exponent(instrument.cash)
    return PositionRow(
        account=account,
        strategy_id=strategy_id,
        venue=instrument.venue_id,
        instrument=instrument.instrument_id,
        side=side_of(position),
        qty=format_decimal(abs(position.qty), exponent(instrument.qty_asset)),
        avg_px=average_px(position, instrument),
        mark=None if mark_px is None else format_decimal(mark_px, quote),
        realized_pnl=format_decimal(position.realized, cash),
        unrealized_pnl=None if profit is None else format_decimal(profit, cash),
        asset=instrument.settle,
    )


def balance_rows(state: State) -> Iterator[tuple[Key, BalanceRow]]:
    """Reserved is what orders hold and what derivative positions bind; the rest is available."""
    for account, venue_id in _funded(state):
        paths = [place(account, venue_id) for place in (free, held, margin)]
        assets = {asset for path in paths for asset in state.ledger.paths.get(path, ())}
        for asset in sorted(assets):
            key = (account, venue_id, asset)
            yield key, _balance(state, key, paths)


def _funded(state: State) -> list[tuple[AccountID, VenueID]]:
    """Wherever the ledger has a path, and not only where the configuration trades now: money stays
    ours at a venue that an account no longer names. No path of the world's has a place in it."""
    owners = {owner for owner, slash, _ in (p.partition("/") for p in state.ledger.paths) if slash}
    named = (owner.partition("@") for owner in owners)
    return sorted((AccountID(account), VenueID(venue_id)) for account, _, venue_id in named)


def _balance(state: State, key: tuple[str, str, AssetID], paths: list[str]) -> BalanceRow:
    account, venue_id, asset = key
    available, *reserved = (state.ledger.balance(path, asset) for path in paths)
    digits = exponent(asset)
    return BalanceRow(
        account=account,
        venue=venue_id,
        asset=asset,
        total=format_decimal(available + sum(reserved), digits),
        reserved=format_decimal(sum(reserved), digits),
        available=format_decimal(available, digits),
    )


def instrument_rows(state: State) -> Iterator[tuple[Key, InstrumentRow]]:
    for instrument_id, instrument in sorted(state.instruments.items()):
        yield (instrument_id,), instrument_row(instrument)


def venue_rows(state: State, meter: Meter) -> Iterator[tuple[Key, VenueRow]]:
    for venue_id, venue in sorted(state.venues.items()):
        took = meter.round_trips.get(venue_id)
        now = [status(state.orders[cl_ord_id]) for cl_ord_id in venue.open]
        row = VenueRow(
            venue=venue_id,
            state=_state(state, venue_id),
            since=iso(venue.since),
            latency_us=None if took is None else took // NANOS_PER_US,
            open_orders=len(now),
            unknown=now.count(OrdStatus.UNKNOWN),
            time_jumps=meter.time_jumps[venue_id],
        )
        yield (venue_id,), row


def _state(state: State, venue_id: VenueID) -> str:
    """A venue that is there, and at which of all places trading is stopped, is halted."""
    word = _STATES[state.venues[venue_id].status]
    stop = state.stopped.get(f"venue:{venue_id}")
    is_halted = stop is not None and stop.state in _HALTED
    return "HALTED" if is_halted and word == "RECONCILED" else word


def market_row(instrument: Instrument, books: Books, at: Nanos) -> MarketRow:
    """The top of the book as it was last heard of. Never heard of: empty, and stale since now."""
    quote = books.latest(instrument.instrument_id)
    age, doubt = books.age(instrument.instrument_id, at), books.doubt(instrument.instrument_id, at)
    return MarketRow(
        at=iso(at if quote is None else quote.at),
        venue=instrument.venue_id,
        instrument=instrument.instrument_id,
        bids=() if quote is None else _levels(instrument, quote.bids),
        asks=() if quote is None else _levels(instrument, quote.asks),
        last=None if quote is None else _last(instrument, quote),
        state="stale" if doubt else "fresh",
        why=doubt or None,
        age_us=None if age is None else age // NANOS_PER_US,
    )


def _levels(instrument: Instrument, levels: tuple[Level, ...]) -> tuple[tuple[str, str], ...]:
    return tuple((_px(instrument, px), _qty(instrument, qty)) for px, qty in levels[:LEVELS_SHOWN])


def _last(instrument: Instrument, quote: Quote) -> LastRow | None:
    if quote.last is None:
        return None
    px, qty, side = quote.last
    return LastRow(px=_px(instrument, px), qty=_qty(instrument, qty), side=side.value)


def _px(instrument: Instrument, px: Ticks) -> str:
    return format_decimal(instrument.px(px), exponent(instrument.quote))


def _qty(instrument: Instrument, qty: Lots) -> str:
    return format_decimal(instrument.atoms(qty), exponent(instrument.qty_asset))


def side_of(position: Position) -> str:
    if position.qty == 0:
        return "flat"
    return "long" if position.qty > 0 else "short"


def average_px(position: Position, instrument: Instrument) -> str | None:
    """What is held, at average cost: the price at which its quantity comes to its cost. A flat
    position has none."""
    qty, cost = position.qty, position.cost
    if qty == 0 or cost == 0:
        return None
    fine = 10 ** (PX_DECIMALS - exponent(instrument.quote))
    px = average_px_floor(instrument, qty, cost, fine)
    return format_decimal(px, PX_DECIMALS)


def _mark_px(books: Books, instrument: Instrument, at: Nanos) -> int | None:
    """Quote atoms. None where no fresh price is known: an old one would be a claim."""
    quote = books.quote(instrument.instrument_id, at)
    found = quote if isinstance(quote, Missing) else mark(quote)
    return None if isinstance(found, Missing) else instrument.px(found.px)
