"""The configuration as people and editors read it: a document, and a JSON Schema of the file."""

from typing import Any

import msgspec

from omnivenue.config.defaults import LIMIT_WORDS
from omnivenue.config.settled import AccountConfig, ChainConfig, Config, VenueConfig
from omnivenue.config.shape import File
from omnivenue.model import (
    EACH,
    ENFORCED,
    SECOND,
    Limit,
    exponent,
    format_decimal,
    format_limit,
)


def show(config: Config) -> dict[str, Any]:
    """What holds, where it came from, and what of it nobody watches over yet."""
    rows = [_limit(config, limit) for limit in config.limits.limits]
    rows += [
        {"scope": "global", "name": name, "limit": None, "state": "waived", "enforced": False}
        for name in config.waived_checks
    ]
    unwatched = [
        f"{row['name']} of {row['scope']} is set, but nothing enforces it yet"
        for row in rows
        if row["state"] == "set" and not row["enforced"]
    ]
    unused = [f"{name} is read, and nothing uses it yet" for name in config.unused]
    return {
        "source": config.source,
        "config_hash": config.config_hash,
        "mode": config.mode,
        "server": msgspec.to_builtins(config.server),
        "logging": msgspec.to_builtins(config.logging),
        "risk": {"currency": config.limits.currency, "limits": rows},
        "accounts": {account.account: _account(account) for account in config.accounts},
        "venues": {venue.venue_id: _venue(venue) for venue in config.venues},
        "chain": {chain.chain.lower(): _chain(chain) for chain in config.chains},
        "warnings": [*unused, *unwatched, *_narrow(config.limits.limits)],
    }


def schema() -> dict[str, Any]:
    """JSON Schema of the configuration file, made from the shape that reads it."""
    document = msgspec.json.schema(File)
    document["$schema"] = "https://json-schema.org/draft/2020-12/schema"
    document["$defs"]["LimitLine"]["properties"]["name"]["enum"] = list(LIMIT_WORDS)
    return document


def _limit(config: Config, limit: Limit) -> dict[str, Any]:
    value = limit.value
    row = {
        "scope": limit.scope,
        "name": limit.name.value,
        "limit": None if value is None else format_limit(limit.name, value),
        "state": "waived" if value is None else "set",
        "enforced": value is not None and limit.name in ENFORCED,
    }
    if limit.scope == "global" and limit.name in EACH:
        row["per"] = EACH[limit.name]
    return row


def _narrow(limits: tuple[Limit, ...]) -> list[str]:
    """A limit that only some scopes have leaves the others without one, which is easily missed."""
    everywhere = {limit.name for limit in limits if limit.scope == "global"}
    narrow = sorted({limit.name.value for limit in limits if limit.name not in everywhere})
    return [f"{name} has no line of scope global: elsewhere there is none" for name in narrow]


def _account(account: AccountConfig) -> dict[str, Any]:
    balances = {
        balance.asset: format_decimal(balance.amount, exponent(balance.asset))
        for balance in account.balances
    }
    return {"venues": list(account.venue_ids), "balances": balances}


def _chain(chain: ChainConfig) -> dict[str, Any]:
    return {
        "pools": chain.pools,
        "native": list(chain.native),
        "base_fee_gwei": format_decimal(chain.base_fee, 9),
        "priority_fee_gwei": format_decimal(chain.priority_fee, 9),
        "loan_fee_bps": chain.loan_fee_bps,
        "dollars": dict(chain.dollars),
    }


def _venue(venue: VenueConfig) -> dict[str, Any]:
    secrets = {
        "api_key": venue.api_key,
        "api_secret": venue.api_secret,
        "api_passphrase": venue.api_passphrase,
    }
    return {
        "kind": venue.kind,
        "market": f"recording:{venue.recording}" if venue.recording else "generated",
        "keeps_going": venue.keeps_going,
        "speed": format_decimal(venue.speed, 3),
        "cancel_on_stop": venue.cancel_on_stop,
        "dead_man_secs": venue.dead_man // SECOND,
        "seed": venue.seed,
        "latency_us": venue.latency_us,
        "faults": msgspec.to_builtins(venue.faults),
        "instruments": [instrument.instrument_id for instrument in venue.instruments],
        **{name: str(secret) for name, secret in secrets.items() if secret},
    }
