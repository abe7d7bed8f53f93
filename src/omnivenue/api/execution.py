"""What clients of an older execution server read: its statistics, with its names."""

import msgspec

from omnivenue.api.answer import Answer, no_such_call
from omnivenue.api.request import Call
from omnivenue.api.routes import Route
from omnivenue.api.scope import Scope
from omnivenue.api.site import Site

EXECUTE = Route("POST", "/execute", Scope.TRADE, "")
NOT_BUILT = "on-chain execution is not built yet: no transaction was made, and none will be"


class StatisticsRow(msgspec.Struct, frozen=True, kw_only=True):
    """`total_profit` is what receipts have booked, so it stays 0 until there are any."""

    total_signals: int
    executed: int
    paper_executed: int
    failed: int
    total_profit: float
    mode: str
    connected_clients: int
    providers: int  # chains with an endpoint


def stats(site: Site, call: Call) -> Answer:
    return Answer(200, statistics(site))


def stream(site: Site, call: Call) -> Answer:
    """A stream is no answer to a call."""
    text = "/v1/stream is a WebSocket: open it as one"
    return no_such_call(text, 426, ((b"upgrade", b"websocket"),))


def statistics(site: Site) -> StatisticsRow:
    tally = site.tally
    return StatisticsRow(
        total_signals=tally.total_signals,
        executed=tally.executed,
        paper_executed=tally.paper_executed,
        failed=tally.failed,
        total_profit=0.0,
        mode=site.loop.mode.upper(),
        connected_clients=site.seats.taken,
        providers=0,
    )
