"""What every endpoint works with."""

import asyncio
from pathlib import Path

import msgspec

from omnivenue.api.order_index import OrderIndex
from omnivenue.api.pools import PoolsProcess
from omnivenue.api.whole import Records
from omnivenue.engine import State
from omnivenue.model import Nanos
from omnivenue.runtime import Door, LiveLoop
from omnivenue.wire import Listings


class Tally(msgspec.Struct):
    """Instructions since start, for the public health page: counts, and nothing of the account."""

    total_signals: int = 0
    executed: int = 0  # accepted, in a mode that trades for real
    paper_executed: int = 0  # accepted, in a mode that does not
    failed: int = 0  # refused


class Audience(msgspec.Struct):
    streams: int = 0  # that are open, and whose client has said who it is


class Site(msgspec.Struct, frozen=True, kw_only=True):
    door: Door
    loop: LiveLoop
    orders: OrderIndex
    records: Records
    listings: Listings  # which follow State by themselves
    limits_lock: asyncio.Lock  # a change of limits is made of those that hold, so one at a time
    tally: Tally
    audience: Audience
    pools: PoolsProcess  # for who looks, be it for seconds
    pricing: PoolsProcess  # for who trades, and does not wait for those
    started_at: Nanos
    folder: Path | None  # of the mode, where it has one

    @property
    def state(self) -> State:
        return self.loop.state

    @property
    def last_seq(self) -> int:
        """Of the entry that the views stand at."""
        return self.loop.state.seq - 1
