"""`config check`, `config show`, `config schema`."""
# ruff: noqa: PLC0415 -- what a verb needs is imported when it runs, so that --help is quick

from typing import Any

from omnivenue.cli import out
from omnivenue.cli.verb import ConfigFile, Json


def check(config: ConfigFile = None, as_json: Json = False) -> None:
    """Is it right? Tells all mistakes at once."""
    from omnivenue.cli.settings import load_config
    from omnivenue.config import show as shown

    document = shown(load_config(config, None, as_json=as_json))
    if as_json:
        names = ("source", "config_hash", "mode", "warnings")
        return out.document({"ok": True} | {name: document[name] for name in names})
    out.line(f"{document['source']}: ok (mode {document['mode']})")
    _warn(document)
    return None


def show(config: ConfigFile = None, as_json: Json = False) -> None:
    """What the file says, and what holds where that is something else."""
    from omnivenue.cli.settings import load_config
    from omnivenue.config import show as shown

    loaded = load_config(config, None, as_json=as_json)
    document: dict[str, Any] = {**shown(loaded), "holds": _holds(loaded)}
    if as_json:
        return out.document(document)
    server = document["server"]
    out.facts(
        {
            "source": document["source"],
            "mode": document["mode"],
            "server": f"{server['host']}:{server['port']}",
            "config hash": document["config_hash"],
            "risk currency": document["risk"]["currency"],
        }
    )
    limits = [_limit(row) for row in document["risk"]["limits"]]
    out.table(("limit", "scope", "value", "watched"), limits)
    out.table(("account", "venues", "balances"), map(_account, document["accounts"].items()))
    venues = [{"venue": name, **row} for name, row in document["venues"].items()]
    out.table(("venue", "kind", "market", "latency_us", "instruments"), map(_venue, venues))
    _warn(document)
    if holds := document["holds"]:
        _show_holds(holds)
    return None


def schema(as_json: Json = False) -> None:
    """JSON Schema of the configuration file, for editors."""
    from omnivenue.config import schema as schema_of

    if as_json:
        return out.document(schema_of())
    from json import dumps

    out.line(dumps(schema_of(), indent=2))
    return None


def _holds(config: Any) -> dict[str, Any] | None:
    """By the journal of the mode; None before the first start, and where it cannot be read, which
    `doctor` and the server say more of."""
    from msgspec import to_builtins

    from omnivenue.app.standing import limits_otherwise, sections_to_come, standing
    from omnivenue.cli.settings import home
    from omnivenue.journal import Broken, NotAJournal, UnknownSchema, WrongMode

    try:
        found = standing(home() / config.mode, config.mode)
    except (Broken, NotAJournal, UnknownSchema, WrongMode) as error:
        out.note(f"warning: what holds is not known: {error}")
        return None
    if found is None:
        return None
    rows = to_builtins(limits_otherwise(found.state, config))
    return {"to_come": sections_to_come(found.state, config), "limits": rows}


def _show_holds(holds: dict[str, Any]) -> None:
    if holds["to_come"]:
        out.note(f"the next start takes from the file: {', '.join(holds['to_come'])}")
    if holds["limits"]:
        out.note("these hold otherwise, until the file itself changes:")
        rows = [{name: row[name] or "waived" for name in row} for row in holds["limits"]]
        out.table(("name", "scope", "file", "holds"), rows)


def _warn(document: dict[str, Any]) -> None:
    for warning in document["warnings"]:
        out.note(f"warning: {warning}")


def _limit(row: dict[str, Any]) -> dict[str, str]:
    is_set = row["state"] == "set"
    return {
        "limit": row["name"],
        "scope": f"{row['scope']} ({row['per']})" if "per" in row else row["scope"],
        "value": row["limit"] if is_set else "waived",
        "watched": ("yes" if row["enforced"] else "NOT ENFORCED YET") if is_set else "",
    }


def _account(item: tuple[str, dict[str, Any]]) -> dict[str, str]:
    name, account = item
    balances = [f"{amount} {asset}" for asset, amount in account["balances"].items()]
    return {
        "account": name,
        "venues": ", ".join(account["venues"]),
        "balances": ", ".join(balances),
    }


def _venue(row: dict[str, Any]) -> dict[str, Any]:
    return row | {"instruments": ", ".join(row["instruments"])}
