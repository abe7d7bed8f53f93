"""What the environment adds to a configuration: variables, and overrides of any key."""

from pathlib import Path

import pytest

from omnivenue.client import find
from omnivenue.config import BUILT_IN, Config, ConfigInvalid, load, parse_config, show


def read(text: str, **environ: str) -> Config:
    return parse_config(text, "f.toml", environ)


def mistakes(text: str, **environ: str) -> dict[str, str]:
    with pytest.raises(ConfigInvalid) as caught:
        read(text, **environ)
    return {mistake.path: mistake.message for mistake in caught.value.mistakes}


@pytest.mark.covers("S2")
def test_variables_are_substituted_from_the_environment() -> None:
    text = """
    [server]
    host = "${BIND:-127.0.0.1}"
    port = "${PORT}"
    [accounts.main]
    venues = ["${FIRST}", "BYBIT"]
    [venues.OKX]
    cancel_on_stop = "${STOP:-true}"
    market = "recording:${DIR:-/data}/btc.ovr"
    speed = "${SPEED:-2.5}"
    [venues.BYBIT]
    """
    config = read(text, PORT="9000", FIRST="OKX")
    assert (config.server.host, config.server.port) == ("127.0.0.1", 9000)
    assert config.accounts[0].venue_ids == ("OKX", "BYBIT")
    okx = next(v for v in config.venues if v.venue_id == "OKX")
    assert okx.cancel_on_stop
    assert (okx.recording, okx.speed) == ("/data/btc.ovr", 2500)
    assert show(config)["venues"]["OKX"]["speed"] == "2.5"
    assert next(v for v in config.venues if v.venue_id == "BYBIT").speed == 1000


@pytest.mark.covers("S2")
def test_an_empty_variable_is_as_good_as_none() -> None:
    assert read('[server]\nhost = "${BIND:-::1}"', BIND="").server.host == "::1"
    assert "BIND is empty" in mistakes('[server]\nhost = "${BIND}"', BIND="")["server.host"]


@pytest.mark.covers("S2")
def test_a_value_from_the_environment_is_never_shown_and_never_a_key() -> None:
    found = mistakes('[server]\nport = "${PORT}"', PORT="hunter2\nhost = 'evil'")
    assert found == {
        "server.port": "must be a port, 1 to 65535, or 0 for a free one, "
        "not what the environment has"
    }


def test_the_environment_overrides_any_key() -> None:
    config = read(
        "",
        OMNIVENUE__SERVER__PORT="0",
        OMNIVENUE__VENUES__BINANCE_SPOT__SEED="7",
        OMNIVENUE__VENUES__BINANCE_SPOT__FAULTS__REJECT="3",
        OMNIVENUE__ACCOUNTS__MAIN__VENUES="OKX, BINANCE-SPOT",
        OMNIVENUE__ACCOUNTS__MAIN__BALANCES__USDT="5",
    )
    spot = next(v for v in config.venues if v.venue_id == "BINANCE-SPOT")
    assert (config.server.port, spot.seed, spot.faults.reject) == (0, 7, 3)
    assert config.accounts[0].venue_ids == ("OKX", "BINANCE-SPOT")
    balances = {b.asset: b.amount for b in config.accounts[0].balances}
    assert balances["USDT"] == 5 * 10**8  # pyright: ignore[reportArgumentType]


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("OMNIVENUE__SERVR__PORT", "there is no SERVR; nearest known: server"),
        ("OMNIVENUE__SERVER__PRT", "there is no PRT; nearest known: port"),
        ("OMNIVENUE__SERVER", "server is a section: name one of its keys"),
        ("OMNIVENUE__MODE__X", "mode is no section"),
        ("OMNIVENUE__RISK__LIMITS__0", "limits is no section"),
        ("OMNIVENUE__VENUES__BYBITT__SEED", "there is no BYBITT; nearest known: BYBIT"),
        ("OMNIVENUE__VENUES__BYBIT", "BYBIT is a section"),
        ("OMNIVENUE__", "there is no"),
    ],
)
def test_an_override_of_nothing_is_a_mistake(name: str, words: str) -> None:
    assert words in mistakes("", **{name: "1"})[name]


def test_a_mode_from_the_environment_is_as_good_as_one_of_a_file() -> None:
    """It is hashed, and `serve --mode` sets it in this way."""
    assert read("", OMNIVENUE__MODE="paper").config_hash == read('mode = "paper"').config_hash


@pytest.mark.covers("G6")
def test_the_older_names_of_mode_host_and_port_are_read() -> None:
    given = {"EXECUTION_MODE": "PAPER", "EXECUTION_HOST": "::1", "EXECUTION_PORT": "9001"}
    config = read("", **given)
    assert (config.mode, config.server.host, config.server.port) == ("paper", "::1", 9001)
    assert "port" in mistakes("", EXECUTION_PORT="many")["server.port"]
    assert "mode" in mistakes("", EXECUTION_MODE="REAL")


def test_our_own_name_for_it_comes_first() -> None:
    config = read("", EXECUTION_PORT="9001", OMNIVENUE__SERVER__PORT="9002", EXECUTION_MODE="")
    assert (config.mode, config.server.port) == ("paper", 9002)
    config = read('mode = "paper"\n[server]\nport = 9000', EXECUTION_PORT="9001")
    assert config.server.port == 9001, "what is said for this start comes before the file"


def test_for_live_and_nothing_else_the_older_file_is_read(tmp_path: Path) -> None:
    older = tmp_path / "older.json"
    older.write_text("{")
    environ = {"LIVE_TRADING_CONFIG_PATH": str(older)}
    assert load(None, environ, tmp_path).source == BUILT_IN
    with pytest.raises(ConfigInvalid) as caught:
        load(None, {**environ, "EXECUTION_MODE": "LIVE"}, tmp_path)
    assert caught.value.source == str(older)
    ours = tmp_path / "ours.toml"
    ours.write_text("mode = 1")
    with pytest.raises(ConfigInvalid) as caught:
        load(ours, {**environ, "EXECUTION_MODE": "LIVE"}, tmp_path)
    assert caught.value.source == str(ours), "a file that is named comes first"


def test_a_client_looks_where_such_a_server_would_be() -> None:
    assert find.configured({}) == "http://127.0.0.1:8001"
    assert find.configured({"EXECUTION_HOST": "::1", "EXECUTION_PORT": "9"}) == "http://[::1]:9"
    assert find.configured({"OMNIVENUE__SERVER__PORT": "7"}, "there") == "http://there:7"
    assert find.folder({"OMNIVENUE_HOME": "/h", "EXECUTION_MODE": "LIVE"}) == Path("/h/live")
