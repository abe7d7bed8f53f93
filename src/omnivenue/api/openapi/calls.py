"""Of each endpoint what the table of routes does not say: its parameters, its body, its answers."""

from collections.abc import Mapping
from typing import Annotated, Any

import msgspec
from msgspec import Meta

from omnivenue.api.execution import BatchRow, ExecutionRow, SimulatedRow, StatisticsRow
from omnivenue.api.health import HealthRow
from omnivenue.api.openapi import bodies
from omnivenue.api.paging import LIMIT_MAX
from omnivenue.api.read import ORDER_FILTERS, TRADE_FILTERS
from omnivenue.api.status_words import ORDER_WORDS
from omnivenue.wire import (
    AcceptedRow,
    BalanceRow,
    ErrorDocument,
    FillRow,
    InstructionRow,
    InstrumentRow,
    MarketRow,
    OrderRow,
    PnlRow,
    PositionRow,
    RiskRow,
    StateRow,
    VenueRow,
)
from omnivenue.wire.pools import ArbRow
from omnivenue.wire.signal import Signal

HTML, TEXT = "text/html", "text/plain"
REFERENCE = "#/components/schemas/{name}"

Limit = Annotated[int, Meta(ge=1, le=LIMIT_MAX)]
Seq = Annotated[int, Meta(ge=0, le=10**18 - 1)]
Name = Annotated[str, Meta(min_length=1)]
Status = Annotated[str, Meta(extra_json_schema={"enum": [*ORDER_WORDS]})]


class Told(msgspec.Struct, frozen=True, kw_only=True):
    """`answers`: by status the type of the document, or the kind of a text. `errors`: statuses
    beside those that every call of its kind has. `key`: is the header required, or only taken?"""

    does: str
    answers: Mapping[int, Any]
    query: Mapping[str, Any] = {}
    body: Any = None
    key: bool | None = None
    errors: tuple[int, ...] = ()


_ONE_OF = [{"$ref": REFERENCE.format(name=name)} for name in ("AcceptedRow", "ErrorDocument")]


class Result(msgspec.Struct, frozen=True, kw_only=True):
    """As if it had been sent by itself."""

    status: int
    body: Annotated[dict[str, Any], Meta(extra_json_schema={"anyOf": _ONE_OF})]


class Results(msgspec.Struct, frozen=True, kw_only=True):
    results: tuple[Result, ...]


class Venues(msgspec.Struct, frozen=True, kw_only=True):
    venues: tuple[VenueRow, ...]
    seq: int


class Journal(msgspec.Struct, frozen=True, kw_only=True):
    """`seq`: the last entry that there is."""

    entries: tuple[dict[str, Any], ...]
    seq: int


class Quotes(msgspec.Struct, frozen=True, kw_only=True):
    """In the order of the requests."""

    answers: tuple[dict[str, Any], ...]


def _page(name: str, row: Any) -> Any:
    """`seq`: the entry that the answer stands at."""
    fields = [(name, row), ("next_cursor", str | None), ("seq", int)]
    return msgspec.defstruct(f"{name.title()}Page", fields, frozen=True, kw_only=True)


def _list(does: str, name: str, row: type, filters: tuple[str, ...]) -> Told:
    query = {each: Status if each == "status" else Name for each in filters}
    more = {"limit": Limit, "cursor": Name}
    return Told(does=does, answers={200: _page(name, tuple[row, ...])}, query={**query, **more})


_TAKEN = {200: AcceptedRow, 202: AcceptedRow}
_DECIDED = (409, 423, 507)
_PAGE = Told(does="A page for people.", answers={200: HTML})
_RISK = _page("risk", RiskRow)

CALLS: dict[str, Told] = {
    "front": _PAGE,
    "docs": _PAGE,
    "openapi": Told(does="This document.", answers={200: dict[str, Any]}),
    "health": Told(
        does="Is the server open for business? Nothing of the account.",
        answers={200: HealthRow, 503: HealthRow},
    ),
    "instruct": Told(
        does="Takes an instruction: 202 once it is durable, 200 where its key was used before.",
        answers=_TAKEN,
        body=bodies.Instruction,
        key=False,
        errors=(404, *_DECIDED, 501),
    ),
    "instruct_all": Told(
        does="Takes several, each by itself, in order.",
        answers={207: Results},
        body=bodies.Batch,
    ),
    "instruction": Told(does="What became of an instruction.", answers={200: InstructionRow}),
    "orders": _list("All orders, the oldest first.", "orders", OrderRow, ORDER_FILTERS),
    "order": Told(does="One order.", answers={200: OrderRow}),
    "cancel": Told(
        does="Cancels an order.", answers=_TAKEN, key=True, errors=(400, 422, *_DECIDED)
    ),
    "replace": Told(
        does="Changes an order's price or quantity.",
        answers=_TAKEN,
        body=bodies.Change,
        key=False,
        errors=_DECIDED,
    ),
    "fills": _list(
        "All that was traded, by orders, the oldest first.", "fills", FillRow, TRADE_FILTERS
    ),
    "positions": _list("Net quantities traded.", "positions", PositionRow, TRADE_FILTERS),
    "balances": _list("What lies where.", "balances", BalanceRow, ("account", "venue", "asset")),
    "instruments": _list("What can be traded.", "instruments", InstrumentRow, ("venue", "type")),
    "market": Told(does="At which prices, now.", answers={200: MarketRow}),
    "venues": _list("How each venue is.", "venues", VenueRow, ("venue", "state")),
    "pnl": Told(
        does="What was earned and lost, and what it came from.",
        answers={200: _page("pnl", PnlRow)},
        query={"account": Name},
    ),
    "risk": Told(
        does="Limits and what is used of them, breakers, stops, quarantine.",
        answers={200: _RISK},
        errors=(422,),
    ),
    "set_limits": Told(
        does="Changes limits; those that are not named stay.",
        answers={200: _RISK},
        body=bodies.Limits,
    ),
    "quote": Told(
        does="What swaps would bring, each by itself.",
        answers={200: Quotes},
        body=bodies.QuotesAsked,
    ),
    "arb": Told(
        does="Rounds of swaps that earn, the best first, each with its best size.",
        answers={200: ArbRow},
        body=bodies.RoundsAsked,
    ),
    "kill": Told(
        does="Stops trading in a scope.", answers={200: StateRow}, body=bodies.Kill, errors=(501,)
    ),
    "rearm": Told(
        does="Lets trading go on.", answers={200: StateRow}, body=bodies.Rearm, errors=(501,)
    ),
    "reconcile": Told(
        does="Asks venues what has happened there, and waits for it, up to five seconds.",
        answers={200: Venues},
        body=bodies.Reconcile,
    ),
    "adjust": Told(
        does="Explains a difference between a venue and us.",
        answers=_TAKEN,
        body=bodies.Adjustment,
        key=False,
        errors=_DECIDED,
    ),
    "journal": Told(
        does="What happened, entry by entry.",
        answers={200: Journal},
        query={"from_seq": Seq, "limit": Limit},
    ),
    "stream": Told(
        does="A WebSocket: docs/interface.md says what is said over it.",
        answers={101: None, 426: ErrorDocument},
    ),
    "metrics": Told(does="For Prometheus.", answers={200: TEXT}),
    "execute": Told(
        does="Executes an arbitrage route: its failures are answers too.",
        answers={200: ExecutionRow},
        body=Signal,
        key=False,
    ),
    "execute_all": Told(
        does="Executes several, each by itself.", answers={200: BatchRow}, body=bodies.Signals
    ),
    "simulate": Told(
        does="Simulates an arbitrage route.", answers={200: SimulatedRow}, body=Signal, key=False
    ),
    "stats": Told(does="Counts since the start.", answers={200: StatisticsRow}),
}
