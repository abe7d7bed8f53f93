"""What clients of an older execution server call: routes to execute or to simulate, statistics.

Their failures are answers like their successes, with 200, `success` and the cause: so they read
them. A body that is no signal is told as such, as for every other call. No chain has an endpoint
yet, so each route that could be one ends there: nothing is built, and nothing is sent.
"""

from typing import Any, cast

import msgspec

from omnivenue.api.answer import Answer, invalid_answer, no_such_call
from omnivenue.api.request import Call
from omnivenue.api.routes import Route
from omnivenue.api.scope import Scope
from omnivenue.api.site import Site
from omnivenue.wire import ErrorCode, Invalid, invalid, read_json
from omnivenue.wire.signal import Signal, parse_signal, route_faults

EXECUTE = Route("POST", "/execute", Scope.TRADE, "execute")
SIGNALS_MAX = 256
"""Of one batch: an answer may be as long as what it is about."""


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


class ExecutionRow(msgspec.Struct, frozen=True, kw_only=True):
    success: bool
    mode: str
    error: str


class BatchRow(msgspec.Struct, frozen=True, kw_only=True):
    total: int
    succeeded: int
    failed: int
    results: tuple[ExecutionRow, ...]


class SimulationRow(msgspec.Struct, frozen=True, kw_only=True, rename={"gas_used": "gasUsed"}):
    """`gas_used` is null where nothing came to be simulated."""

    success: bool
    gas_used: int | None
    error: str | None


class SimulatedRow(msgspec.Struct, frozen=True, kw_only=True):
    success: bool
    mode: str
    error: str
    simulation: SimulationRow
    estimated_profit: float | None


def execute(site: Site, call: Call) -> Answer:
    signal = _signal(call)
    if isinstance(signal, Invalid):
        return invalid_answer(signal)
    return Answer(200, sent(site, signal))


def execute_all(site: Site, call: Call) -> Answer:
    """Each by itself, in order: one that is no signal keeps none of the others from being done."""
    documents = _batch(read_json(call.body))
    if isinstance(documents, Invalid):
        return invalid_answer(documents)
    results = tuple(sent(site, parse_signal(document)) for document in documents)
    succeeded = sum(result.success for result in results)
    row = BatchRow(
        total=len(results),
        succeeded=succeeded,
        failed=len(results) - succeeded,
        results=results,
    )
    return Answer(200, row)


def simulate(site: Site, call: Call) -> Answer:
    signal = _signal(call)
    if isinstance(signal, Invalid):
        return invalid_answer(signal)
    error = _cause(signal)
    row = SimulatedRow(
        success=False,
        mode=site.loop.mode.upper(),
        error=error,
        simulation=SimulationRow(success=False, gas_used=None, error=error),
        estimated_profit=None,
    )
    return Answer(200, row)


def sent(site: Site, signal: Signal | Invalid) -> ExecutionRow:
    """What became of a signal, counted."""
    if isinstance(signal, Invalid):
        error = "; ".join(reason.message for reason in signal.reasons)
    else:
        error = _cause(signal)
    site.tally.total_signals += 1
    site.tally.failed += 1
    return ExecutionRow(success=False, mode=site.loop.mode.upper(), error=error)


def _cause(signal: Signal) -> str:
    """In the words that its clients know. What is wrong with a route is said first: that does not
    become right by asking another server."""
    if faults := route_faults(signal):
        return f"Simulation failed: {'; '.join(faults)}"
    text = "on-chain execution is not built yet, so no chain has an endpoint here"
    return f"Chain {signal.chain_id} not configured: {text}"


def _signal(call: Call) -> Signal | Invalid:
    document = read_json(call.body)
    return document if isinstance(document, Invalid) else parse_signal(document, call.key)


def _batch(document: object) -> list[object] | Invalid:
    if isinstance(document, Invalid):
        return document
    members = cast("dict[str, Any]", document) if isinstance(document, dict) else {}
    found = members.get("signals")
    if not isinstance(found, list):
        return invalid([ErrorCode.WRONG_TYPE.because('the body must be {"signals": [...]}')])
    signals = cast("list[object]", found)
    if len(signals) > SIGNALS_MAX:
        text = f"signals may be {SIGNALS_MAX} at a time"
        limit, value = str(SIGNALS_MAX), str(len(signals))
        return invalid([ErrorCode.OUT_OF_RANGE.because(text, limit=limit, value=value)])
    return signals


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
        connected_clients=site.audience.streams,
        providers=0,
    )
