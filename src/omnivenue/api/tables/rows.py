"""Rows of the tables, made of the rows that the API gives: one truth, in two shapes.

Profit that is not realised is counted by the marks of the journal, as the daily loss is: a live
price is nowhere written down, and a table that is made anew must come out the same.
"""

from collections.abc import Iterable
from typing import NamedTuple, cast

import msgspec

from omnivenue.api.status_words import REJECTED
from omnivenue.api.view_rows import average_px, side_of
from omnivenue.engine import State
from omnivenue.ledger import Position, unrealized
from omnivenue.model import Instrument, InstrumentID, Nanos, exponent, format_decimal
from omnivenue.wire import OrderRow, iso

EXTERNAL_SDK = "EXTERNAL_SDK"
"""An adapter of ours; the other word of the column is NAUTILUS."""

TRADE = "trade"

type Cell = str | int | None
type Row = tuple[Cell, ...]

_COLUMNS = frozenset(
    {
        *("id", "instrument", "venue", "venue_order_id", "status", "side", "qty", "price", "fills"),
        *("strategy_id", "created_at", "updated_at", "type", "tif", "account", "parent_id"),
        *("cum_qty", "avg_px", "algo"),
    }
)
"""Fields of an order's row that have a column of their own; the rest is its metadata."""


def order_cells(row: OrderRow) -> Row:
    """As `schema.ORDER_COLUMNS`."""
    rest = {name: getattr(row, name) for name in row.__struct_fields__ if name not in _COLUMNS}
    is_rejected = row.status == REJECTED
    params = dict(row.algo or {})
    algorithm = cast("str | None", params.pop("name", None))
    return (
        row.id,
        row.instrument,
        row.venue,
        EXTERNAL_SDK,
        row.venue_order_id,
        row.status,
        row.side.upper(),
        row.qty,
        row.price,
        _json(row.fills),
        row.strategy_id,
        row.created_at,
        row.updated_at,
        row.type,
        row.tif,
        algorithm,
        _json(params) if algorithm else None,
        row.reason if is_rejected else None,
        None if is_rejected else row.reason,
        TRADE,
        _json(rest),
        row.account,
        row.parent_id,
        row.cum_qty,
        row.avg_px,
    )


class Held(NamedTuple):
    account: str
    strategy_id: str
    position: Position


def held(state: State, instrument_id: InstrumentID) -> list[Held]:
    """By whom, in the order of the table's key."""
    return [
        Held(account, strategy_id, positions[instrument_id])
        for account, strategies in sorted(state.positions.items())
        for strategy_id, positions in sorted(strategies.items())
        if instrument_id in positions
    ]


def part_cells(state: State, instrument: Instrument, found: Held, at: Nanos) -> Row:
    """As `schema.PART_COLUMNS`."""
    position = found.position
    return (
        found.account,
        found.strategy_id,
        instrument.venue_id,
        instrument.instrument_id,
        side_of(position),
        format_decimal(abs(position.qty), exponent(instrument.qty_asset)),
        average_px(position, instrument),
        _price(state, instrument),
        _profit(state, instrument, [found]),
        format_decimal(position.realized, exponent(instrument.cash)),
        instrument.settle,
        iso(at),
    )


def position_cells(state: State, instrument: Instrument, parts: list[Held], at: Nanos) -> Row:
    """As `schema.POSITION_COLUMNS`. Of parts that are long and short there is no price at which
    they were entered together."""
    total = Position()
    for _, _, each in parts:
        total.qty += each.qty
        total.cost += each.cost
        total.realized += each.realized
    signs = {part.position.qty > 0 for part in parts if part.position.qty}
    qty = format_decimal(total.qty, exponent(instrument.qty_asset))
    return (
        instrument.instrument_id,
        instrument.base,
        qty,
        _json({instrument.venue_id: qty}),
        _json({instrument.venue_id: EXTERNAL_SDK}),
        average_px(total, instrument) if len(signs) == 1 else None,
        _price(state, instrument),
        _profit(state, instrument, parts),
        format_decimal(total.realized, exponent(instrument.cash)),
        iso(at),
    )


def _price(state: State, instrument: Instrument) -> str | None:
    mark = state.marks.get(instrument.instrument_id)
    return None if mark is None else format_decimal(mark, exponent(instrument.quote))


def _profit(state: State, instrument: Instrument, parts: Iterable[Held]) -> str | None:
    """The sum of what each would realise by itself, which is rounded once for each."""
    mark = state.marks.get(instrument.instrument_id)
    if mark is None:
        return None
    profit = sum(unrealized(instrument, each.position, mark) for each in parts)
    return format_decimal(profit, exponent(instrument.cash))


def _json(value: object) -> str:
    return msgspec.json.encode(value).decode()
