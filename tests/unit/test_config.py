"""The configuration: what the defaults are, what is refused in which words, what it becomes."""

from pathlib import Path
from typing import Any

import msgspec
import pytest

from omnivenue.config import (
    BUILT_IN,
    DEFAULTS,
    Config,
    ConfigInvalid,
    SecretRef,
    load,
    parse_config,
    schema,
    show,
)
from omnivenue.config.defaults import LIMIT_WORDS
from omnivenue.environ import home
from omnivenue.model import SHARE_UNIT, LimitName, unit
from omnivenue.venue.sim import rules

BTC_SPOT = "BINANCE-SPOT:SPOT_PAIR:BTC-USDT"
INTERFACE_EXAMPLE = f"""
mode = "paper"
[server]
host = "127.0.0.1"
port = 8001
[risk]
currency = "USDT"
[[risk.limits]]
scope = "instrument:{BTC_SPOT}"
name = "position_notional"
limit = "5000000"                      # "waived" where a limit is deliberately none
[accounts.main]
venues = ["BINANCE-SPOT", "BYBIT"]
[venues.BINANCE-SPOT]
kind = "sim"                           # sim, or the adapter's name
market = "generated"                   # or "recording:FILE"
[venues.BYBIT]
"""


def read(text: str, **environ: str) -> Config:
    return parse_config(text, "f.toml", environ)


def mistakes(text: str, **environ: str) -> dict[str, str]:
    with pytest.raises(ConfigInvalid) as caught:
        read(text, **environ)
    return {mistake.path: mistake.message for mistake in caught.value.mistakes}


RECORDED = '[venues.OKX]\nmarket = "recording:FILE"\nspeed = "{}"'


def limit_lines(scope: str, name: str, limit: str) -> str:
    return f'[[risk.limits]]\nscope = "{scope}"\nname = "{name}"\nlimit = "{limit}"\n'


def limits(config: Config) -> dict[tuple[str, str], int | None]:
    return {(limit.scope, limit.name.value): limit.value for limit in config.limits.limits}


def test_the_built_in_defaults_are_the_promised_ones() -> None:
    config = read(DEFAULTS)
    assert config.mode == "paper"
    assert (config.server.host, config.server.port) == ("127.0.0.1", 8001)
    assert [v.venue_id for v in config.venues] == [
        "BINANCE-FUTURES",
        "BINANCE-SPOT",
        "BYBIT",
        "OKX",
    ]
    assert config.instruments == tuple(sorted(rules.INSTRUMENTS, key=lambda i: i.instrument_id))
    assert config.limits.currency == "USDT"
    money = 10**18
    assert {key: value for key, value in limits(config).items() if value is not None} == {
        ("global", "order_notional"): 1_000_000 * money,
        ("global", "position_notional"): 5_000_000 * money,
        ("global", "orders_per_second"): 500,
        ("global", "price_collar"): SHARE_UNIT * 5 // 100,
        ("global", "daily_loss"): SHARE_UNIT * 5 // 100,
        ("global", "self_match_prevention"): 1,
    }
    start = {"USDT": 1_000_000 * unit("USDT"), "BTC": 20 * 10**8, "ETH": 200 * 10**18}  # pyright: ignore[reportArgumentType]
    assert config.balances == {"main": dict.fromkeys([v.venue_id for v in config.venues], start)}


def test_every_limit_that_has_a_name_is_set_or_waived() -> None:
    document = show(read(DEFAULTS))
    states = {row["name"]: row["state"] for row in document["risk"]["limits"]}
    assert set(states) == {*LIMIT_WORDS, "self_match_prevention"}
    assert {name.value for name in LimitName} <= set(states)
    assert states["duplicate_window"] == states["open_orders"] == "waived"


def test_self_match_prevention_is_on_unless_switched_off() -> None:
    for text, limit, state in (
        ("", "on", "set"),
        ("self_match_prevention = false", None, "waived"),
    ):
        document = show(read(f"[risk]\n{text}"))
        (row,) = (r for r in document["risk"]["limits"] if r["name"] == "self_match_prevention")
        assert (row["limit"], row["state"], row["enforced"]) == (limit, state, limit is not None)
        assert not any("self_match" in warning for warning in document["warnings"])


def test_the_example_of_the_interface_is_read() -> None:
    config = read(INTERFACE_EXAMPLE)
    assert [a.venue_ids for a in config.accounts] == [("BINANCE-SPOT", "BYBIT")]
    found = limits(config)
    assert found[f"instrument:{BTC_SPOT}", "position_notional"] == 5_000_000 * 10**18
    assert found["global", "order_notional"] == 1_000_000 * 10**18, "paper keeps its defaults"


def test_an_empty_file_is_the_built_in_one() -> None:
    assert read("").config_hash == read(DEFAULTS).config_hash


def test_without_accounts_there_is_main_on_the_venues_there_are() -> None:
    config = read("[venues.OKX]\nseed = 7")
    assert [(a.account, a.venue_ids) for a in config.accounts] == [("main", ("OKX",))]
    assert config.venues[0].seed == 7


LIVE = 'mode = "live"\n[accounts.main]\nvenues = ["OKX"]\n[venues.OKX]\n'

MISTAKES: list[tuple[str, str, str]] = [
    ("mode = ", "", "is not TOML"),
    ('mod = "paper"', "mod", "unknown key; nearest known: mode"),
    ('mode = "papr"', "mode", "must be one of paper, shadow, live; nearest known: paper"),
    ("mode = 3", "mode", "must be one of paper, shadow, live"),
    ("server = 3", "server", "must be a table"),
    ("[server]\nprt = 1", "server.prt", "unknown key; nearest known: port"),
    ('[server]\nport = "x"', "server.port", "must be a port, 1 to 65535, or 0 for a free one, not"),
    ("[server]\nport = 70000", "server.port", "must be a port"),
    ("[server]\nport = true", "server.port", "must be a port"),
    ('[server]\nhost = ""', "server.host", "must be a short text"),
    ('[server]\nhost = "${HOST}"', "server.host", "the variable HOST is not set"),
    ('[server]\nhost = "${HO ST}"', "server.host", "has a ${ that is no ${VAR}"),
    ('venues = ["OKX"]', "venues", "must be a table"),
    ("[venues.BYBITT]", "venues.BYBITT", "unknown venue; nearest known: BYBIT"),
    ("[venues.SMART]", "venues.SMART", "unknown venue"),
    ('[venues.OKX]\nkind = "okx"', "venues.OKX.kind", "'okx' is not built yet"),
    ('[venues.DERIBIT]\nkind = "sim"', "venues.DERIBIT", "lists no instrument by itself"),
    (
        "[venues.OKX]\n[[venues.OKX.instruments]]\ninstrument = 'OKX:PERPETUAL:BTC-USD@INV'\n"
        "tick = '0.5'\nlot = '0.01'",
        "venues.OKX.instruments[0].instrument",
        "is inverse, and those are not built yet",
    ),
    ('[venues.OKX]\nmarket = "rec"', "venues.OKX.market", '"generated" or "recording:FILE"'),
    (RECORDED.format("fast"), "venues.OKX.speed", "how many times as fast as recorded"),
    (RECORDED.format("-1"), "venues.OKX.speed", "how many times as fast as recorded"),
    (RECORDED.format("0.0001"), "venues.OKX.speed", "how many times as fast as recorded"),
    (RECORDED.format("0.000"), "venues.OKX.speed", "0.001 to 1000"),
    (RECORDED.format("1000.001"), "venues.OKX.speed", "0.001 to 1000"),
    ('[venues.OKX]\nspeed = "2"', "venues.OKX.speed", "is of a recording"),
    ('[venues.OKX]\ncancel_on_stop = "yes"', "venues.OKX.cancel_on_stop", "true or false"),
    ("[venues.OKX]\nseed = -1", "venues.OKX.seed", "must be a seed"),
    ("[venues.OKX.faults]\nbust = 101", "venues.OKX.faults.bust", "whole percentage, 0 to 100"),
    ("[venues.OKX.faults]\nbustt = 1", "venues.OKX.faults.bustt", "nearest known: bust"),
    ("[venues]\n[accounts.main]\nvenues = []", "venues", "at least one"),
    ("[accounts.main]", "accounts.main.venues", "is required"),
    ("[accounts.main]\nvenues = []", "accounts.main.venues", "at least one venue"),
    ('[accounts.main]\nvenues = "OKX"', "accounts.main.venues", "must be a list"),
    ('[accounts.main]\nvenues = ["OKKX"]', "accounts.main.venues[0]", "nearest known: OKX"),
    ('[accounts.main]\nvenues = ["OKX", "OKX"]', "accounts.main.venues[1]", "named twice"),
    ('[accounts."a b"]\nvenues = ["OKX"]', "accounts.a b", "1 to 64 characters"),
    (
        '[accounts.main]\nvenues = ["OKX"]\nbalances = { BTC = "1e3" }',
        "accounts.main.balances.BTC",
        "plain non-negative decimal",
    ),
    (
        '[accounts.main]\nvenues = ["OKX"]\nbalances = { BTC = 1 }',
        "accounts.main.balances.BTC",
        "decimal string",
    ),
    (limit_lines("global", "position_notionl", "1"), "risk.limits[0].name", "position_notional"),
    (limit_lines("global", "order_qty", "1e3"), "risk.limits[0].limit", "plain non-negative"),
    (limit_lines("global", "price_collar", "5"), "risk.limits[0].limit", '5 % is "0.05"'),
    (limit_lines("global", "open_orders", "1.5"), "risk.limits[0].limit", "more than 0 decimals"),
    (limit_lines("globl", "order_qty", "1"), "risk.limits[0].scope", "nearest known: global"),
    (limit_lines("global:x", "order_qty", "1"), "risk.limits[0].scope", "must be global, venue:V"),
    (limit_lines("venue:OKXX", "order_qty", "1"), "risk.limits[0].scope", "nearest known: OKX"),
    (limit_lines("account:min", "order_qty", "1"), "risk.limits[0].scope", "nearest known: main"),
    (limit_lines("strategy:a b", "order_qty", "1"), "risk.limits[0].scope", "is no strategy"),
    (
        limit_lines("instrument:OKX:SPOT_PAIR:BTC-USD", "order_qty", "1"),
        "risk.limits[0].scope",
        "not listed by a configured venue; nearest known: OKX:SPOT_PAIR:BTC-USDT",
    ),
    (limit_lines("instrument:BTC", "order_qty", "1"), "risk.limits[0].scope", "must be [ASSET"),
    (
        limit_lines("venue:OKX", "leverage", "1"),
        "risk.limits[0].scope",
        "leverage means nothing for venue: its scopes are global, account",
    ),
    (limit_lines("account:main", "reject_rate", "1"), "risk.limits[0].scope", "global, venue"),
    (limit_lines("global", "slippage", "3"), "risk.limits[0].limit", "slippage is not built yet"),
    (limit_lines("global", "allow_list", "3"), "risk.limits[0].limit", 'it is "on"'),
    (limit_lines("global", "duplicate_window", "61"), "risk.limits[0].limit", "at most 60 seconds"),
    (limit_lines("global", "order_qty", "1") * 2, "risk.limits[1]", "is set twice"),
    ('[[risk.limits]]\nname = "order_qty"\nlimit = "1"', "risk.limits[0].scope", "is required"),
    (
        '[venues.OKX]\napi_key = "hunter2"',
        "venues.OKX.api_key",
        'must be a reference, "env:NAME", "file:PATH" or "keyring:NAME"',
    ),
    (
        '[[venues.OKX.instruments]]\ninstrument = "OKX:SPOT_PAIR:SOL-USDT"',
        "venues.OKX.instruments[0].tick",
        "is required: the venue lists no OKX:SPOT_PAIR:SOL-USDT by itself",
    ),
    (
        f'[[venues.OKX.instruments]]\ninstrument = "{BTC_SPOT}"',
        "venues.OKX.instruments[0].instrument",
        "is not of the venue OKX",
    ),
    (
        '[[venues.OKX.instruments]]\ninstrument = "OKX:FUTURE:BTC-USDT-20270101"',
        "venues.OKX.instruments[0].instrument",
        "FUTURE is not built yet",
    ),
    (
        '[[venues.OKX.instruments]]\ninstrument = "OKX:SPOT_PAIR:BTC-USDT"\ntick = "0"',
        "venues.OKX.instruments[0].tick",
        "must be more than 0",
    ),
    (LIVE, "risk.limits", 'neither set nor "waived": order_qty, order_notional'),
    (
        LIVE.replace("[venues", 'balances = { BTC = "1" }\n[venues'),
        "accounts.main.balances",
        "live",
    ),
    ('mode = "live"', "venues", "at least one"),
]


@pytest.mark.parametrize(("text", "path", "words"), MISTAKES, ids=[m[0][-30:] for m in MISTAKES])
def test_a_mistake_is_told_with_its_key_and_what_would_be_right(
    text: str, path: str, words: str
) -> None:
    found = mistakes(text)
    assert words in found[path]


def test_one_mistake_is_told_once() -> None:
    for text, path, _ in MISTAKES[:20]:
        with pytest.raises(ConfigInvalid) as caught:
            read(text)
        assert [mistake.path for mistake in caught.value.mistakes] == [path]


@pytest.mark.parametrize("lines", ["instruments = 3", "[[venues.DERIBIT.instruments]]"])
def test_a_venue_whose_instruments_are_wrong_is_not_also_told_to_list_some(lines: str) -> None:
    assert "venues.DERIBIT" not in mistakes(f"[venues.DERIBIT]\n{lines}")


def test_all_mistakes_are_told_at_once() -> None:
    text = """
    mod = "paper"
    [server]
    port = "x"
    [venues.BYBITT]
    kind = "binance"
    api_key = "hunter2"
    [accounts.main]
    venues = ["OKX"]
    """
    found = mistakes(text, OMNIVENUE__SERVR__PORT="1")
    assert set(found) == {
        "OMNIVENUE__SERVR__PORT",
        "accounts.main.venues[0]",
        "mod",
        "server.port",
        "venues.BYBITT",
        "venues.BYBITT.api_key",
        "venues.BYBITT.kind",
    }
    assert "hunter2" not in str(found)


def test_secrets_are_references() -> None:
    config = read('[venues.OKX]\napi_key = "env:OKX_KEY"\napi_secret = "file:/run/secret"')
    venue = config.venues[0]
    assert venue.api_key == SecretRef(scheme="env", name="OKX_KEY")
    assert str(venue.api_secret) == "file:/run/secret"
    assert show(config)["venues"]["OKX"]["api_key"] == "env:OKX_KEY"


def test_an_instrument_may_be_changed_or_added() -> None:
    text = """
    [venues.OKX]
    [[venues.OKX.instruments]]
    instrument = "OKX:SPOT_PAIR:BTC-USDT@LIN"
    tick = "0.1"
    lot = "0.001"
    taker_bps = 10
    [[venues.OKX.instruments]]
    instrument = "OKX:PERPETUAL:BTC-USD"
    tick = "0.5"
    lot = "0.01"
    min_qty = "0.025"
    min_notional = "0"
    """
    found = {i.instrument_id: i for i in read(text).instruments}
    changed, added = found["OKX:SPOT_PAIR:BTC-USDT"], found["OKX:PERPETUAL:BTC-USD"]  # pyright: ignore[reportArgumentType]
    assert (changed.tick, changed.lot, changed.taker_bps) == (10_000_000, 100_000, 10)
    assert (changed.maker_bps, changed.min_notional) == (2, 5 * 10**8), "stays as it was"
    assert (added.settle, added.tick, added.min_qty) == ("USD", 50_000_000, 3)
    assert "OKX:SPOT_PAIR:ETH-USDT" in found


def test_a_limit_of_the_file_takes_the_place_of_the_default_of_its_scope() -> None:
    text = limit_lines("global", "order_notional", "7") + limit_lines("global", "price_collar", "1")
    found = limits(read(text + limit_lines("global", "daily_loss", "waived")))
    assert found["global", "order_notional"] == 7 * 10**18
    assert found["global", "price_collar"] == SHARE_UNIT
    assert found["global", "daily_loss"] is None
    assert found["global", "position_notional"] == 5_000_000 * 10**18


def test_an_instrument_scope_is_written_in_one_way() -> None:
    text = limit_lines("instrument:CRYPTO:OKX:SPOT_PAIR:BTC-USDT@LIN", "order_qty", "2")
    assert ("instrument:OKX:SPOT_PAIR:BTC-USDT", "order_qty") in limits(read(text))


def test_live_says_every_limit_itself() -> None:
    lines = "".join(limit_lines("global", word, "waived") for word in LIMIT_WORDS)
    config = read(LIVE + lines)
    assert config.mode == "live"
    assert config.accounts[0].balances == ()
    named = {limit.name: limit.value for limit in config.limits.limits}
    assert named.pop(LimitName.SELF_MATCH_PREVENTION) == 1
    assert set(named.values()) == {None}


def test_every_limit_that_is_set_is_enforced() -> None:
    document = show(read(limit_lines("venue:OKX", "total_notional", "5")))
    rows = {(row["scope"], row["name"]): row for row in document["risk"]["limits"]}
    assert rows["global", "order_notional"]["enforced"]
    assert all(row["enforced"] for row in rows.values() if row["state"] == "set")
    assert rows["global", "position_notional"]["per"] == "each instrument"
    assert (
        "total_notional has no line of scope global: elsewhere there is none"
        in (document["warnings"])
    )


def test_the_hash_is_of_what_decides() -> None:
    one = read("[server]\nport = 1")
    assert one.config_hash == read("[server]\nport = 2").config_hash
    assert one.config_hash != read(limit_lines("global", "order_notional", "7")).config_hash
    assert one.config_hash == parse_config("", "elsewhere.toml", {}).config_hash


def test_the_search_order(tmp_path: Path) -> None:
    assert load(None, {}, tmp_path).source == BUILT_IN
    (tmp_path / "omnivenue.toml").write_text("[server]\nport = 1")
    (tmp_path / "own.toml").write_text("[server]\nport = 2")
    assert load(None, {}, tmp_path).server.port == 1
    assert load(tmp_path / "own.toml", {}, tmp_path).server.port == 2


@pytest.mark.parametrize(
    ("name", "content", "words"),
    [
        ("live.json", b"{", "is not JSON"),
        ("live.json", b"[]", "must be a JSON object"),
        ("none.toml", None, "cannot be read: No such file or directory"),
        ("latin.toml", b"mode = '\xe9'", "is not UTF-8"),
        ("huge.toml", b"#" * 5_000_000, "is larger than"),
    ],
)
def test_files_that_cannot_be_read(
    tmp_path: Path, name: str, content: bytes | None, words: str
) -> None:
    if content is not None:
        (tmp_path / name).write_bytes(content)
    with pytest.raises(ConfigInvalid, match=words):
        load(tmp_path / name, {}, tmp_path)


def test_home() -> None:
    assert home({"OMNIVENUE_HOME": "/srv/ov"}, Path("/home/u")) == Path("/srv/ov")
    assert home({}, Path("/home/u")) == Path("/home/u/.local/share/omnivenue")


def test_the_schema_is_of_the_file() -> None:
    document: dict[str, Any] = schema()
    assert msgspec.json.encode(document)
    assert document["$defs"]["ServerSection"]["additionalProperties"] is False
    assert document["$defs"]["LimitLine"]["properties"]["name"]["enum"] == list(LIMIT_WORDS)
    assert document["$defs"]["LimitLine"]["required"] == ["scope", "name", "limit"]
