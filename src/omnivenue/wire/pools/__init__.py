"""Section 6 of the interface: the document of pools, requests for quotes, their answers."""

from omnivenue.wire.pools.quotes import answered, quote
from omnivenue.wire.pools.read import Pools, read_pools

__all__ = ["Pools", "answered", "quote", "read_pools"]
