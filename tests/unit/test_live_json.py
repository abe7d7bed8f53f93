"""The live configuration of older programs, in JSON, as ours."""

import json
from pathlib import Path
from typing import Any

import pytest

from omnivenue.config import Config, ConfigInvalid, load, parse_config, show
from omnivenue.config.defaults import LIMIT_WORDS

CLIENTS = [
    {
        "name": "BINANCE_SPOT",
        "api_key": "${BINANCE_API_KEY}",
        "api_secret": "${BINANCE_API_SECRET}",
        "base_url": "https://api.example",
    },
    {"name": "OKX", "api_key": "env:OKX_KEY"},
]
LIVE: dict[str, Any] = {
    "trading_node": {
        "data_clients": [*CLIENTS, {"name": "BYBIT"}],
        "exec_clients": CLIENTS,
        "portfolio": {"accounts": [{"account_id": "fund-1", "base_currency": "USDT"}]},
    },
    "external_adapters": {
        "DERIBIT": {"api_key": "${DERIBIT_API_KEY}", "api_secret": "${DERIBIT_API_SECRET}"},
        "INTERACTIVE_BROKERS": {"host": "127.0.0.1", "port": 7497, "client_id": 1},
    },
    "risk_engine": {"limits": [{"scope": "global", "name": "order_qty", "limit": "2"}]},
    "router": {"smart_execution_enabled": True, "deribit_routing_enabled": True},
    "database": {"url": "${DATABASE_URL}", "pool_size": 10},
    "logging": {"level": "${LEVEL:-WARNING}", "log_orders": False, "log_fills": True},
}


def read(document: Any, **environ: str) -> Config:
    return parse_config(json.dumps(document), "live.json", environ)


def mistakes(document: Any, **environ: str) -> dict[str, str]:
    with pytest.raises(ConfigInvalid) as caught:
        read(document, **environ)
    return {mistake.path: mistake.message for mistake in caught.value.mistakes}


def with_(path: str, value: Any) -> dict[str, Any]:
    """LIVE, and otherwise at one place."""
    changed = json.loads(json.dumps(LIVE))
    place = changed
    *parents, last = path.split(".")
    for name in parents:
        place = place[int(name) if name.isdecimal() else name]
    place[last] = value
    return changed


@pytest.mark.covers("S1", "S2")
def test_it_is_read_as_our_own_file_would_be() -> None:
    config = read(LIVE)
    assert config.mode == "paper", "whoever does not say live does not get it"
    assert [v.venue_id for v in config.venues] == ["BINANCE-SPOT", "BYBIT", "OKX"]
    assert {v.kind for v in config.venues} == {"sim"}
    (account,) = config.accounts
    assert (account.account, account.venue_ids) == ("fund-1", ("BINANCE-SPOT", "OKX"))
    limits = {limit.name.value: limit.value for limit in config.limits.limits}
    assert limits["order_qty"] == 2 * 10**18
    assert (config.logging.level, config.logging.log_orders) == ("WARNING", False)
    assert config.logging.log_fills
    ours = """
    [venues.BINANCE-SPOT]
    api_key = "env:BINANCE_API_KEY"
    api_secret = "env:BINANCE_API_SECRET"
    [venues.BYBIT]
    [venues.OKX]
    api_key = "env:OKX_KEY"
    [accounts.fund-1]
    venues = ["BINANCE-SPOT", "OKX"]
    [[risk.limits]]
    scope = "global"
    name = "order_qty"
    limit = "2"
    """
    assert parse_config(ours, "own.toml", {}).config_hash == config.config_hash


@pytest.mark.holds("T64")
def test_a_secret_stays_where_it_is() -> None:
    secrets = {
        name: "hunter2" for name in ("BINANCE_API_KEY", "BINANCE_API_SECRET", "DATABASE_URL")
    }
    config = read(LIVE, **secrets)
    assert str(config.venues[0].api_key) == "env:BINANCE_API_KEY"
    assert "hunter2" not in str(config) + json.dumps(show(config))
    found = mistakes(with_("trading_node.exec_clients.0.api_key", "hunter2"))
    assert "never the secret" in found["trading_node.exec_clients[0].api_key"]
    assert "hunter2" not in str(found)


def test_what_nothing_uses_yet_is_named() -> None:
    told = {warning.partition(" is read")[0] for warning in show(read(LIVE))["warnings"]}
    assert told >= {
        "trading_node.data_clients[0].base_url",
        "trading_node.exec_clients[0].base_url",
        "external_adapters.DERIBIT",
        "external_adapters.INTERACTIVE_BROKERS",
        "router.deribit_routing_enabled",
        "database",
    }
    assert not any("smart" in warning or "okx" in warning.lower() for warning in told)
    quiet = with_("external_adapters", {"DERIBIT": {"enabled": False}})
    quiet["trading_node"]["portfolio"]["accounts"][0]["base_currency"] = "EUR"
    told = {warning.partition(" is read")[0] for warning in show(read(quiet))["warnings"]}
    assert "external_adapters.DERIBIT" not in told
    assert "trading_node.portfolio.accounts[0].base_currency" in told


@pytest.mark.parametrize(
    ("path", "value", "where", "words"),
    [
        ("logging.log_order", True, "logging.log_order", "nearest known: log_orders"),
        ("logging.level", "LOUD", "logging.level", "must be one of DEBUG, INFO"),
        ("database.pool_size", 0, "database.pool_size", "1 to 1000"),
        ("trading_node.exec_clients.1.name", "", "trading_node.exec_clients[1].name", "short text"),
        ("trading_node.exec_clients.1.name", "OKXX", "venues.OKXX", "nearest known: OKX"),
        ("trading_node.exec_clients", [], "accounts.fund-1.venues", "at least one venue"),
        ("router.smart_execution_enabled", False, "router.smart_execution_enabled", "cannot be"),
        ("external_adapters.DERIBIT.key", "x", "external_adapters.DERIBIT.key", "unknown key"),
        ("mode", "liv", "mode", "nearest known: live"),
    ],
)
def test_a_mistake_is_told_where_it_stands(path: str, value: Any, where: str, words: str) -> None:
    assert words in mistakes(with_(path, value))[where]


def test_in_live_everything_must_be_said_as_in_our_own_file() -> None:
    found = mistakes(with_("mode", "live"))
    assert "order_notional" in found["risk.limits"]
    waived = [{"scope": "global", "name": word, "limit": "waived"} for word in LIMIT_WORDS]
    document = with_("risk_engine", {"limits": waived}) | {"mode": "live"}
    assert {path: text.split(" is ")[0] for path, text in mistakes(document).items()} == {
        "venues.BINANCE-SPOT.kind": "the adapter 'binance_spot'",
        "venues.BYBIT.kind": "the adapter 'bybit'",
        "venues.OKX.kind": "the adapter 'okx'",
    }


def test_nothing_said_is_the_built_in_one_and_the_environment_overrides(tmp_path: Path) -> None:
    assert read({}).config_hash == parse_config("", "", {}).config_hash
    (tmp_path / "live.json").write_text("{}")
    environ = {"OMNIVENUE__LOGGING__LOG_FILLS": "false"}
    assert not load(tmp_path / "live.json", environ, tmp_path).logging.log_fills
