"""I16: after a kill nothing leaves that makes a risk larger, whatever dies or restarts, until one
has armed it again and every venue of the scope has answered a question asked after that.

Kept beside the loop, so it outlives every process; the core's own flags are not looked at.
"""

from collections.abc import Sequence

import msgspec

from omnivenue.journal import Durable
from omnivenue.message import (
    Entry,
    NewOrder,
    QueryOrders,
    RearmAsked,
    ReplaceOrder,
    SetState,
    StatusReport,
    decode_entry,
)
from omnivenue.model import TradingState, VenueID
from omnivenue.oms import Order, Stage
from sim.checkers.checker import Checker, Watched


class Stop(msgspec.Struct):
    state: TradingState
    asks: dict[VenueID, int] | None = None  # re-arming: venues that have not answered so far yet


class KillChecker(Checker):
    def __init__(self, loop: Watched) -> None:
        super().__init__(loop)
        self.stops: dict[str, Stop] = {}
        self._queries: dict[VenueID, int] = {}  # the last number asked
        self._seen = -1  # the last entry that was followed

    def tripped(self, scope: str, state: TradingState) -> None:
        """Told by whoever trips, before the gate hears of it. A process that comes up may trip
        before anybody has looked at what it read."""
        self.opened()
        self._trip(scope, state)

    def _trip(self, scope: str, state: TradingState) -> None:
        before = self.stops.get(scope)
        if before is not None and before.state.severity > state.severity:
            state = before.state
        self.stops[scope] = Stop(state)

    def opened(self) -> None:
        """A commit that failed may have been written: the next process goes on from it."""
        for line in self.loop.core.journal.lines(self._seen + 1):
            self._follow(decode_entry(line))

    def committed(self, entries: Sequence[Entry], touched: Sequence[Order]) -> None:
        for entry in entries:
            self._follow(entry)

    def sent(self, durable: Durable) -> None:
        command = durable.command
        if not isinstance(command, NewOrder | ReplaceOrder):
            return
        scopes = (
            "global",
            f"venue:{command.venue_id}",
            f"account:{command.account}",
            f"strategy:{command.strategy_id}",
        )
        for scope in scopes:
            stop = self.stops.get(scope)
            if stop is None:
                continue
            is_let_through = stop.state is TradingState.REDUCE_ONLY and command.is_reduction
            assert is_let_through, f"I16: sent, and {scope} is {stop.state.value}"

    def calm(self) -> None:
        for scope, stop in self.stops.items():
            if stop.state is TradingState.KILLED and stop.asks is None:
                for order_id in self.state.live:
                    self._check_killed(scope, order_id)

    def _check_killed(self, scope: str, order_id: str) -> None:
        parent = next(p for i, p in self.state.parents.items() if i == order_id)
        order = parent.order
        kind, _, name = scope.partition(":")
        venue_id = self.state.instruments[order.instrument_id].venue_id
        named = {"venue": venue_id, "account": order.account, "strategy": order.strategy_id}
        is_ours = order.strategy_id != "EXTERNAL"
        if is_ours and (kind == "global" or named.get(kind) == name):
            assert parent.stage is Stage.STOPPING, "I16: killed, and something goes on"

    def _follow(self, entry: Entry) -> None:
        if entry.seq <= self._seen:
            return
        self._seen = entry.seq
        match entry.event:
            case RearmAsked(scope=scope) if scope in self.stops:
                kind, _, name = scope.partition(":")
                venues = [VenueID(name)] if kind == "venue" else sorted(self.state.venues)
                asks = {v: self._queries.get(v, -1) + 1 for v in venues}
                self.stops[scope].asks = asks
            case StatusReport(venue_id=venue_id, query=query):
                for stop in self.stops.values():
                    if stop.asks and query >= stop.asks.get(venue_id, query + 1):
                        del stop.asks[venue_id]
            case _:
                pass
        for command in entry.commands:
            match command:
                case QueryOrders(venue_id=venue_id, query=query):
                    self._queries[venue_id] = max(query, self._queries.get(venue_id, -1))
                case SetState(scope=scope, state=TradingState.ACTIVE):
                    stop = self.stops.pop(scope, None)
                    is_asked = stop is None or stop.asks == {}
                    assert is_asked, "I16: armed again, and the venues were not asked"
                case SetState(scope=scope, state=state):
                    self._trip(scope, state)
                case _:
                    pass
