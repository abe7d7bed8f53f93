"""Quotes, searches and prices over pools: work that may take seconds, so a process of its own
does it.

`process` keeps it and talks to it, `turns` says whose question is next, `worker` is what runs
there, `frames` what they say.
"""

from omnivenue.api.pools.frames import Kind
from omnivenue.api.pools.process import PoolsProcess

__all__ = ["Kind", "PoolsProcess"]
