"""What holds where no file says otherwise: built-in paper defaults, written as a file would be."""

from omnivenue.model import LimitName

DEFAULTS = """\
mode = "paper"

[server]
host = "127.0.0.1"
port = 8001

[risk]
currency = "USDT"

[[risk.limits]]
scope = "global"
name = "order_notional"
limit = "1000000"

[[risk.limits]]
scope = "global"                       # of each instrument
name = "position_notional"
limit = "5000000"

[[risk.limits]]
scope = "global"                       # of each strategy
name = "orders_per_second"
limit = "500"

[[risk.limits]]
scope = "global"
name = "price_collar"
limit = "0.05"

[[risk.limits]]
scope = "global"                       # of each account
name = "daily_loss"
limit = "0.05"

[accounts.main]
venues = ["BINANCE-SPOT", "BYBIT", "OKX", "BINANCE-FUTURES"]
balances = { USDT = "1000000", BTC = "20", ETH = "200" }

[venues.BINANCE-SPOT]
kind = "sim"
market = "generated"

[venues.BYBIT]
kind = "sim"
market = "generated"

[venues.OKX]
kind = "sim"
market = "generated"

[venues.BINANCE-FUTURES]
kind = "sim"
market = "generated"
"""

FURTHER_CHECKS = (
    "approval_exact",
    "binary_stake",
    "bridge_in_transit",
    "slippage",
    "transfer_allow_list",
)
"""Checks that have a name and nobody yet who makes them: they can be waived, and are in paper."""

LIMIT_WORDS = (
    *(name.value for name in LimitName if name is not LimitName.SELF_MATCH_PREVENTION),
    *FURTHER_CHECKS,
)
"""Self-match prevention has a key of its own."""
WAIVED = "waived"
