"""The tables, column by column.

Amounts, prices and quantities are decimal strings, as on every wire: SQLite has no decimals, and
would make floats of them. PostgreSQL takes the same columns as DECIMAL(36,18) and JSONB. A column
that nothing fills yet stands there all the same, because others have queries that name it.
"""

LAYOUT = 2
"""Of the tables below. One of another number is made anew from the journal."""

ORDERS = "unified_orders"
POSITIONS = "unified_positions"
PARTS = "strategy_positions"
PROGRESS = "views_progress"

ORDER_COLUMNS = (
    *("operation_id", "canonical_id", "venue", "venue_type", "venue_order_id", "status", "side"),
    *("quantity", "price", "fills", "strategy_id", "created_at", "updated_at", "order_type"),
    *("time_in_force", "exec_algorithm", "exec_algorithm_params", "rejection_reason"),
    *("error_message", "operation", "metadata"),
    *("account", "parent_id", "filled_quantity", "average_price"),
)
"""Those that are filled so far, in the order in which `rows` gives them."""

POSITION_COLUMNS = (
    *("canonical_id", "base_asset", "aggregated_quantity", "venue_positions", "venue_types"),
    *("average_entry_price", "current_price", "unrealized_pnl", "realized_pnl", "updated_at"),
)
PART_COLUMNS = (
    *("account", "strategy_id", "venue", "canonical_id", "side", "quantity"),
    *("average_entry_price", "current_price", "unrealized_pnl", "realized_pnl", "asset"),
    "updated_at",
)

CREATE = """
CREATE TABLE unified_orders (
    operation_id TEXT PRIMARY KEY,
    canonical_id TEXT NOT NULL,
    venue TEXT NOT NULL,
    venue_type TEXT NOT NULL,
    venue_order_id TEXT,
    status TEXT NOT NULL,
    side TEXT NOT NULL,
    quantity TEXT NOT NULL,
    price TEXT,
    fills TEXT NOT NULL,
    strategy_id TEXT NOT NULL,
    created_at TEXT NOT NULL,
    updated_at TEXT NOT NULL,
    order_type TEXT NOT NULL,
    time_in_force TEXT NOT NULL,
    exec_algorithm TEXT,
    exec_algorithm_params TEXT,
    rejection_reason TEXT,
    error_message TEXT,
    operation TEXT NOT NULL,
    expected_deltas TEXT,
    atomic_group_id TEXT,
    sequence_in_group INTEGER,
    tx_hash TEXT,
    gas_used TEXT,
    gas_price_gwei TEXT,
    contract_address TEXT,
    source_token TEXT,
    target_token TEXT,
    max_slippage TEXT,
    odds TEXT,
    selection TEXT,
    potential_payout TEXT,
    source_venue TEXT,
    target_venue TEXT,
    metadata TEXT NOT NULL,
    account TEXT NOT NULL,
    parent_id TEXT,
    filled_quantity TEXT NOT NULL,
    average_price TEXT
) STRICT, WITHOUT ROWID;
CREATE INDEX orders_status ON unified_orders (status, strategy_id);
CREATE INDEX orders_instrument ON unified_orders (canonical_id);
CREATE INDEX orders_venue ON unified_orders (venue, status);
CREATE INDEX orders_strategy ON unified_orders (strategy_id);
CREATE INDEX orders_created_at ON unified_orders (created_at);
CREATE INDEX orders_operation ON unified_orders (operation);
CREATE INDEX orders_atomic_group ON unified_orders (atomic_group_id)
    WHERE atomic_group_id IS NOT NULL;
CREATE INDEX orders_tx_hash ON unified_orders (tx_hash) WHERE tx_hash IS NOT NULL;

CREATE TABLE unified_positions (
    canonical_id TEXT PRIMARY KEY,
    base_asset TEXT NOT NULL,
    aggregated_quantity TEXT NOT NULL,
    venue_positions TEXT NOT NULL,
    venue_types TEXT NOT NULL,
    average_entry_price TEXT,
    current_price TEXT,
    unrealized_pnl TEXT,
    realized_pnl TEXT NOT NULL,
    updated_at TEXT NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE strategy_positions (
    account TEXT NOT NULL,
    strategy_id TEXT NOT NULL,
    venue TEXT NOT NULL,
    canonical_id TEXT NOT NULL,
    side TEXT NOT NULL,
    quantity TEXT NOT NULL,
    average_entry_price TEXT,
    current_price TEXT,
    unrealized_pnl TEXT,
    realized_pnl TEXT NOT NULL,
    asset TEXT NOT NULL,
    updated_at TEXT NOT NULL,
    PRIMARY KEY (account, strategy_id, canonical_id)
) STRICT, WITHOUT ROWID;
CREATE INDEX positions_instrument ON strategy_positions (canonical_id);

CREATE TABLE views_progress (
    id INTEGER PRIMARY KEY CHECK (id = 1),
    mode TEXT NOT NULL,
    seq INTEGER NOT NULL,
    head TEXT NOT NULL,
    at TEXT,
    journal_seq INTEGER NOT NULL,
    behind INTEGER GENERATED ALWAYS AS (journal_seq - seq) VIRTUAL,
    looked_at TEXT
) STRICT;
"""
"""`views_progress` is one row: the tables stand at entry `seq` of the journal (-1: none), which was
made `at`; the journal had `journal_seq` when it was `looked_at`, so many entries `behind`. Whoever
finds `looked_at` old finds that nobody writes."""

DROP = """
DROP TABLE IF EXISTS unified_orders;
DROP TABLE IF EXISTS unified_positions;
DROP TABLE IF EXISTS strategy_positions;
DROP TABLE IF EXISTS views_progress;
"""


def upsert(table: str, columns: tuple[str, ...]) -> str:
    names, places = ", ".join(columns), ", ".join("?" * len(columns))
    return "INSERT OR REPLACE INTO " + table + " (" + names + ") VALUES (" + places + ")"
