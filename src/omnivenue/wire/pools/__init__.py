"""Section 6 of the interface: the document of pools, requests for quotes and for rounds that earn,
their answers."""

from omnivenue.wire.pools.arbitrage import ArbRow, arbitrage
from omnivenue.wire.pools.pool_fields import EVERY
from omnivenue.wire.pools.quotes import answered, quote, quotes
from omnivenue.wire.pools.read import Pools, read_pools

__all__ = ["EVERY", "ArbRow", "Pools", "answered", "arbitrage", "quote", "quotes", "read_pools"]
