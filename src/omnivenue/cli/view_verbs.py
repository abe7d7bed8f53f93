"""What can be looked at: instruments, a book, positions, balances, fills, profit and loss."""
# ruff: noqa: PLC0415 -- what a verb needs is imported when it runs, so that --help is quick

from itertools import zip_longest
from typing import Annotated, Any

import typer

from omnivenue.cli import out
from omnivenue.cli.verb import Json

Venue = Annotated[str | None, typer.Option(help="Only of this venue.")]

INSTRUMENT_COLUMNS = (
    *("instrument", "base", "quote", "tick", "lot", "min_qty", "min_notional"),
    *("maker_bps", "taker_bps"),
)
POSITION_COLUMNS = (
    *("account", "strategy_id", "instrument", "side", "qty", "avg_px", "mark"),
    *("realized_pnl", "unrealized_pnl", "asset"),
)
BALANCE_COLUMNS = ("account", "venue", "asset", "total", "reserved", "available")
PNL_COLUMNS = ("total", "realized", "unrealized", "funding", "fees")
FILL_COLUMNS = (
    *("at", "order_id", "instrument", "side", "qty", "px", "fee", "fee_asset", "liquidity"),
    "exec_id",
)


def instruments(venue: Venue = None, as_json: Json = False) -> None:
    """What can be traded: tick, lot, minimum, fees."""
    show_list("instruments", INSTRUMENT_COLUMNS, as_json=as_json, venue=venue)


def positions(as_json: Json = False) -> None:
    """The net quantity traded, by strategy and instrument."""
    show_list("positions", POSITION_COLUMNS, as_json=as_json)


def balances(as_json: Json = False) -> None:
    """What lies where, and how much of it is free."""
    show_list("balances", BALANCE_COLUMNS, as_json=as_json)


def fills(as_json: Json = False) -> None:
    """All that was traded, by orders, the oldest first."""
    show_list("fills", FILL_COLUMNS, as_json=as_json)


def pnl(
    account: Annotated[str | None, typer.Option(help="Only of this account.")] = None,
    as_json: Json = False,
) -> None:
    """What was earned and lost, and what it came from."""
    from omnivenue.client import Client
    from omnivenue.client.calls import query_of

    query = "" if account is None else f"?{query_of({'account': account})}"
    with Client() as client:
        body = client.call("GET", f"/v1/pnl{query}")
    if as_json:
        return out.document(body)
    found = body["pnl"]
    names = ("currency", "total", "realized", "unrealized", "funding", "fees")
    unmarked = ", ".join(found["unmarked"])
    out.facts({name: found[name] for name in names} | {"without a mark": unmarked})
    lines = [*found["lines"].items(), ("unexplained", found["unexplained"])]
    out.table(("line", "amount"), [{"line": name, "amount": amount} for name, amount in lines])
    out.table(("strategy_id", *PNL_COLUMNS), found["by_strategy"])
    return out.table(("venue", *PNL_COLUMNS), found["by_venue"])


def book(instrument: Annotated[str, typer.Argument(metavar="ID")], as_json: Json = False) -> None:
    """At what price it can be traded now."""
    from omnivenue.client import Client

    with Client() as client:
        market = client.market(instrument)
    if as_json:
        return out.document(market)
    state = market["why"] or market["state"]
    out.facts({"instrument": market["instrument"], "at": market["at"], "state": state})
    if last := market["last"]:
        out.line(f"last  {last['side']} {last['qty']} at {last['px']}")
    pairs = zip_longest(market["bids"], market["asks"], fillvalue=("", ""))
    rows: list[dict[str, Any]] = [
        {"bid_qty": bid[1], "bid": bid[0], "ask": ask[0], "ask_qty": ask[1]} for bid, ask in pairs
    ]
    return out.table(("bid_qty", "bid", "ask", "ask_qty"), rows)


def show_list(name: str, columns: tuple[str, ...], *, as_json: bool, **filters: str | None) -> None:
    """All rows of a list of the server."""
    from omnivenue.client import Client

    with Client() as client:
        body = client.listing(name, **filters)
    if as_json:
        out.document(body)
    else:
        out.table(columns, body[name])
