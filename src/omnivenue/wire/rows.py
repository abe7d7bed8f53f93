"""The rows that users and their programs see: names and shapes are promises, additions are welcome.

Amounts, prices and quantities are decimal strings, times ISO 8601. A field that may be unknown is
null and never left out, so that a row always has the same members.
"""

import msgspec


class Row(msgspec.Struct, frozen=True, kw_only=True):
    """Read by others: written once, whole, and never changed."""


class FeeRow(Row, frozen=True, kw_only=True):
    asset: str
    amount: str


class OrderFillRow(Row, frozen=True, kw_only=True):
    """A fill inside its order."""

    exec_id: str
    qty: str
    px: str
    fee: str
    fee_asset: str
    liquidity: str  # maker, taker
    at: str


class FillRow(OrderFillRow, frozen=True, kw_only=True):
    """A fill by itself."""

    order_id: str
    instruction_id: str
    venue: str
    instrument: str
    side: str


class OrderRow(Row, frozen=True, kw_only=True):
    id: str
    instruction_id: str
    parent_id: str | None
    venue: str
    venue_order_id: str | None
    instrument: str
    side: str  # buy, sell
    type: str
    tif: str
    qty: str
    price: str | None
    status: str  # the words of the status table
    ord_status: str  # FIX 39
    cum_qty: str
    leaves_qty: str
    avg_px: str | None
    fees: tuple[FeeRow, ...]
    fills: tuple[OrderFillRow, ...]
    pending: str | None  # cancel, replace
    reason: str | None
    anomalies: tuple[str, ...]
    mode: str
    strategy_id: str
    account: str
    created_at: str
    updated_at: str
    stop_price: str | None
    trigger_by: str | None  # last, bid, ask, mark; null where nothing triggers it
    triggered: bool | None
    expire_at: str | None
    post_only: bool
    reduce_only: bool
    oco: str | None
    exits: tuple[str, ...]  # orders that close what this one fills
    children: tuple[str, ...]  # orders that this one is split into
    algo: dict[str, object] | None  # as it was asked for


class PositionRow(Row, frozen=True, kw_only=True):
    """`qty` is unsigned; `asset` is what profit and loss are settled in."""

    account: str
    strategy_id: str
    venue: str
    instrument: str
    side: str  # long, short, flat
    qty: str
    avg_px: str | None
    mark: str | None
    realized_pnl: str
    unrealized_pnl: str | None
    asset: str


class BalanceRow(Row, frozen=True, kw_only=True):
    account: str
    venue: str
    asset: str
    total: str
    reserved: str
    available: str


class InstrumentRow(Row, frozen=True, kw_only=True):
    instrument: str
    venue: str
    type: str
    base: str
    quote: str
    settle: str
    tick: str
    lot: str
    min_qty: str
    min_notional: str
    multiplier: str
    maker_bps: int
    taker_bps: int


class VenueRow(Row, frozen=True, kw_only=True):
    venue: str
    state: str  # RECONCILED, RECONCILING, HALTED, DOWN
    since: str
    latency_us: int | None
    open_orders: int
    unknown: int
    time_jumps: int  # messages of its feeds whose time was not believed, since the start


class AcceptedRow(Row, frozen=True, kw_only=True):
    """The answer to an instruction, once it is durable."""

    id: str
    order_id: str | None
    seq: int
    status: str
    mode: str


class InstructionRow(Row, frozen=True, kw_only=True):
    """`timeline` holds members of its own per `type`, beside `seq`, `at` and `type`."""

    id: str
    kind: str
    status: str
    instruction: dict[str, object]
    orders: tuple[OrderRow, ...]
    fills: tuple[FillRow, ...]
    transactions: tuple[dict[str, object], ...]
    timeline: tuple[dict[str, object], ...]
    mode: str


class LastRow(Row, frozen=True, kw_only=True):
    px: str
    qty: str
    side: str


class MarketRow(Row, frozen=True, kw_only=True, tag_field="type", tag="market"):
    """A `market` message. It is not journaled, so it has no sequence number."""

    seq: None = None
    at: str
    venue: str
    instrument: str
    bids: tuple[tuple[str, str], ...]  # price, quantity; best first
    asks: tuple[tuple[str, str], ...]
    last: LastRow | None
    state: str  # fresh, stale
    why: str | None  # it is stale
    age_us: int | None  # of the feed's last message


class LimitRow(Row, frozen=True, kw_only=True):
    """`limit` is null where it is waived, `used` where nothing is counted."""

    scope: str
    name: str
    limit: str | None
    used: str | None


class BreakerRow(Row, frozen=True, kw_only=True):
    name: str
    scope: str
    state: str  # OK, TRIPPED
    since: str | None
    reason: str | None


class StateRow(Row, frozen=True, kw_only=True):
    scope: str
    state: str  # ACTIVE, REDUCE_ONLY, HALTED, KILLED
    since: str | None  # null where it has never been anything else, as far as is remembered
    reason: str | None


class QuarantineRow(Row, frozen=True, kw_only=True):
    """The venue holds `difference` more than we know of, of an asset or of an instrument."""

    account: str
    venue: str
    asset: str
    difference: str
    since: str


class RiskRow(Row, frozen=True, kw_only=True):
    currency: str
    limits: tuple[LimitRow, ...]
    breakers: tuple[BreakerRow, ...]
    states: tuple[StateRow, ...]
    quarantined: tuple[QuarantineRow, ...]


class PnlRow(Row, frozen=True, kw_only=True):
    """Ever. `total` is what was realised and is not, and funding, less fees; with `unexplained` the
    lines come to it. `unmarked` counts for nothing, because nobody says what it is worth."""

    currency: str
    realized: str
    unrealized: str
    funding: str
    fees: str
    total: str
    lines: dict[str, str]
    unexplained: str
    unmarked: tuple[str, ...]
    by_strategy: tuple[dict[str, str], ...]
    by_venue: tuple[dict[str, str], ...]
