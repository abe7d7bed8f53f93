"""`status`: one look at a running server. A token that reads is enough."""
# ruff: noqa: PLC0415 -- what a verb needs is imported when it runs, so that --help is quick

from typing import Any

from omnivenue.cli import out
from omnivenue.cli.control_verbs import (
    BREAKER_COLUMNS,
    QUARANTINE_COLUMNS,
    STATE_COLUMNS,
    VENUE_COLUMNS,
)
from omnivenue.cli.verb import Json


def status(as_json: Json = False) -> None:
    """Is it well, what works where, and what is stopped?"""
    document = _looked()
    if as_json:
        return out.document(document)
    names = ("status", "mode", "url", "open_orders", "unknown", "last_entry")
    counts = ", ".join(f"{name.replace('_', ' ')} {n}" for name, n in document["stats"].items())
    up = {"up": _spoken(int(document["uptime"])), "since then": counts}
    out.facts({name: document[name] for name in names} | up)
    out.table(VENUE_COLUMNS, document["venues"])
    out.table(STATE_COLUMNS, document["states"])
    if tripped := [row for row in document["breakers"] if row["state"] != "OK"]:
        out.table(BREAKER_COLUMNS, tripped)
    if document["quarantined"]:
        out.table(QUARANTINE_COLUMNS, document["quarantined"])
    return None


def _looked() -> dict[str, Any]:
    """What several calls say, as one document."""
    from omnivenue.client import Client
    from omnivenue.client.place import place

    with Client() as client:
        health = client.health()
        venues = client.venues()
        body = client.call("GET", "/v1/risk")
    risk = body["risk"]
    return {
        "status": health["status"],
        "mode": health["mode"].lower(),
        "url": place(None, None).http_url,
        "uptime": health["uptime"],
        "last_entry": body["seq"],
        "open_orders": sum(row["open_orders"] for row in venues),
        "unknown": sum(row["unknown"] for row in venues),
        "stats": health["stats"],
        "venues": venues,
        **{name: risk[name] for name in ("states", "breakers", "quarantined")},
    }


def _spoken(seconds: int) -> str:
    """Two units are enough."""
    minutes, hours, days = seconds // 60, seconds // 3600, seconds // 86_400
    if days:
        return f"{days} d {hours % 24} h"
    if hours:
        return f"{hours} h {minutes % 60} min"
    return f"{minutes} min {seconds % 60} s" if minutes else f"{seconds} s"
