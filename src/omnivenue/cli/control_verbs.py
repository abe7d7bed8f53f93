"""What an operator says to a running system: `kill`, `rearm`, `reconcile`, `risk`, `adjust`."""
# ruff: noqa: PLC0415 -- what a verb needs is imported when it runs, so that --help is quick

from typing import Annotated, Any

import typer

from omnivenue.cli import out
from omnivenue.cli.verb import Json, Key
from omnivenue.cli.words import Stop

Scope = Annotated[
    str, typer.Option(metavar="SCOPE", help="global, venue:V, strategy:S, account:A or chain:C.")
]
Reason = Annotated[str, typer.Option(metavar="TEXT", help="It is written into the journal.")]

STATE_COLUMNS = ("scope", "state", "since", "reason")
QUARANTINE_COLUMNS = ("account", "venue", "asset", "difference", "since")
LIMIT_COLUMNS = ("name", "scope", "limit", "used")
BREAKER_COLUMNS = ("name", "scope", "state", "since", "reason")
ANSWERED = ("RECONCILED", "HALTED")
VENUE_COLUMNS = ("venue", "state", "since", "open_orders", "unknown")


def kill(
    reason: Reason,
    scope: Scope = "global",
    state: Annotated[Stop, typer.Option(help="killed cancels everything as well.")] = Stop.KILLED,
    as_json: Json = False,
) -> int:
    """Stops trading; where no server does, by the file KILL."""
    from omnivenue.cli.killing import kill as killed

    row = killed(scope, state.upper(), reason)
    _show_state(row, as_json=as_json)
    return 0


def rearm(reason: Reason, scope: Scope = "global", as_json: Json = False) -> int:
    """Lets trading go on, once all its venues are reconciled."""
    from omnivenue.client import Client

    with Client() as client:
        row = client.rearm(scope, reason)
    _show_state(row, as_json=as_json)
    return 0 if row["state"] == "ACTIVE" else 1


def reconcile(
    venue: Annotated[str | None, typer.Option(help="Else every venue.")] = None,
    as_json: Json = False,
) -> int:
    """Asks venues what has happened there, and waits for it."""
    from omnivenue.client import Client

    with Client() as client:
        body = client.call("POST", "/v1/reconcile", {"venue": venue})
    if as_json:
        out.document(body)
    else:
        out.table(VENUE_COLUMNS, body["venues"])
    return 0 if all(row["state"] in ANSWERED for row in body["venues"]) else 1


def adjust(
    venue: Annotated[str, typer.Option(metavar="V")],
    asset: Annotated[str, typer.Option(metavar="ASSET|ID", help="Of cash, or of a position.")],
    amount: Annotated[str, typer.Option(metavar="DECIMAL", help="With a minus: less.")],
    reason: Reason,
    account: Annotated[str | None, typer.Option()] = None,
    key: Key = None,
    as_json: Json = False,
) -> None:
    """Explains what a venue holds and we do not know of."""
    from omnivenue.cli.send import keyed, sending, show
    from omnivenue.client import Client

    made = keyed({"id": key})["id"]
    with Client() as client, sending(made):
        answer = client.adjust(venue, asset, amount, reason, account=account, key=made)
    show(answer, as_json=as_json)


def risk(
    changes: Annotated[
        list[str] | None,
        typer.Option("--set", metavar="NAME=LIMIT", help="Change it; `waived` for none."),
    ] = None,
    scope: Annotated[str, typer.Option(metavar="SCOPE", help="Of --set.")] = "global",
    reason: Annotated[str | None, typer.Option(metavar="TEXT", help="Of --set.")] = None,
    as_json: Json = False,
) -> None:
    """Limits, what is used of them, and where trading is stopped."""
    from omnivenue.client import Client

    limits = [_limit(scope, text) for text in changes or []]
    if limits and reason is None:
        raise typer.BadParameter("--set needs it", param_hint="--reason")
    with Client() as client:
        if limits:
            body = client.call("PATCH", "/v1/risk", {"limits": limits, "reason": reason})
        else:
            body = client.call("GET", "/v1/risk")
    if as_json:
        return out.document(body)
    found = body["risk"]
    out.table(STATE_COLUMNS, found["states"])
    if found["quarantined"]:
        out.table(QUARANTINE_COLUMNS, found["quarantined"])
    if found["breakers"]:
        out.table(BREAKER_COLUMNS, found["breakers"])
    rows = [row | {"limit": row["limit"] or "waived"} for row in found["limits"]]
    return out.table(LIMIT_COLUMNS, rows)


def _limit(scope: str, text: str) -> dict[str, Any]:
    name, is_there, limit = text.partition("=")
    if not (name and is_there and limit):
        raise typer.BadParameter(f"{text!r} must be NAME=LIMIT", param_hint="--set")
    return {"scope": scope, "name": name, "limit": None if limit == "waived" else limit}


def _show_state(row: dict[str, Any], *, as_json: bool) -> None:
    if as_json:
        out.document(row)
    else:
        out.facts(row)
