"""Canonical ids: what must parse, what is refused and with which words, and venues' own names."""

import pytest

from omnivenue.model import (
    ASSET_CLASSES,
    CHAINS,
    VENUES,
    CanonicalID,
    InstrumentType,
    NotCanonical,
    canonical_to_deribit_symbol,
    canonical_to_nautilus,
    deribit_symbol_to_canonical,
    nautilus_to_canonical,
    nearest,
    parse_canonical_id,
)

_MUST_PARSE = """
    BINANCE-SPOT:SPOT_PAIR:BTC-USDT
    BINANCE-FUTURES:PERPETUAL:BTC-USDT
    DERIBIT:PERPETUAL:BTC-USD@INV
    DERIBIT:OPTION:BTC-USD-50000-20241231-C
    DERIBIT:FUTURE:BTC-USD-20241231@INV
    CRYPTO:BYBIT:SPOT_PAIR:ETH-USDT
    EQUITY:NASDAQ:EQUITY:AAPL
    CME:FUTURE:ES-USD-20260320
    SMART:SPOT_PAIR:BTC-USDT
    AAVE_V3:A_TOKEN:aUSDC@POLYGON
    UNISWAPV3-ETH:POOL:WETH-USDC-500@ETHEREUM
    WALLET:SPOT_ASSET:USDT@ARBITRUM
    DERIBIT:OPTION:XRP-USDC-0.625-20240105-P
"""
MUST_PARSE = _MUST_PARSE.split()


@pytest.mark.covers("Q2", "Q3")
@pytest.mark.parametrize("text", MUST_PARSE)
def test_it_parses_and_prints_back(text: str) -> None:
    assert str(parse_canonical_id(text)) == text


@pytest.mark.covers("Q4")
def test_the_parts_have_names() -> None:
    option = parse_canonical_id("CRYPTO:DERIBIT:OPTION:BTC-USD-50000-20241231-C@BASE")
    assert option.asset_class == "CRYPTO"
    assert option.venue == "DERIBIT"
    assert option.type is InstrumentType.OPTION
    assert option.payload == ("BTC", "USD", "50000", "20241231", "C")
    assert option.suffix == "BASE"


def test_linear_is_the_default_and_is_dropped() -> None:
    plain = parse_canonical_id("BYBIT:PERPETUAL:BTC-USDT")
    assert parse_canonical_id("BYBIT:PERPETUAL:BTC-USDT@LIN") == plain
    assert str(parse_canonical_id("BYBIT:SPOT_PAIR:BTC-USDT@LIN")) == "BYBIT:SPOT_PAIR:BTC-USDT"
    assert not plain.is_inverse
    assert parse_canonical_id("BYBIT:PERPETUAL:BTC-USD@INV").is_inverse


def test_an_asset_class_makes_no_other_instrument() -> None:
    with_class = parse_canonical_id("CRYPTO:OKX:SPOT_PAIR:BTC-USDT")
    assert with_class.instrument_id == "OKX:SPOT_PAIR:BTC-USDT"


REFUSED = {
    "": "must be [ASSET_CLASS:]VENUE:INSTRUMENT_TYPE:PAYLOAD[@CHAIN]",
    "BTCUSDT": "must be [ASSET_CLASS:]VENUE",
    "A:B:C:D:E": "must be [ASSET_CLASS:]VENUE",
    "OKX:SPOT_PAIR:" + "A" * 200: "at most 128 characters",
    "BINANCE:SPOT_PAIR:BTC-USDT": "unknown venue 'BINANCE'; nearest known: BINANCE-SPOT",
    "binance-spot:SPOT_PAIR:BTC-USDT": "nearest known: BINANCE-SPOT",
    "OKX:SPOT:BTC-USDT": "unknown instrument type 'SPOT'; nearest known: SPOT_PAIR",
    "CRIPTO:OKX:SPOT_PAIR:BTC-USDT": "unknown asset class 'CRIPTO'; nearest known: CRYPTO",
    "OKX:PERPETUAL:BTC-USD@INVERSE": "unknown suffix 'INVERSE'",
    "OKX:PERPETUAL:BTC-USD@": "unknown suffix ''",
    "WALLET:SPOT_ASSET:USDT@ETHERUM": "nearest known: ETHEREUM",
    "OKX:SPOT_PAIR:BTC-USDT@INV": "@INV belongs to PERPETUAL, FUTURE and OPTION",
    "OKX:SPOT_PAIR:BTC": "must be BASE-QUOTE",
    "OKX:SPOT_PAIR:BTC-": "payload part '' must be",
    "OKX:SPOT_PAIR:BTC-US DT": "payload part 'US DT' must be",
    "OKX:FUTURE:BTC-USDT": "must be BASE-QUOTE-YYYYMMDD",
    "OKX:FUTURE:BTC-USDT-20250229": "expiry must be a date YYYYMMDD",
    "OKX:FUTURE:BTC-USDT-20251301": "expiry must be a date YYYYMMDD",
    "OKX:FUTURE:BTC-USDT-19991231": "from 20000101 to 20991231",
    "OKX:OPTION:BTC-USD-20241231-50000-C": "expiry must be a date",
    "OKX:OPTION:BTC-USD-050000-20241231-C": "strike must be a decimal",
    "OKX:OPTION:BTC-USD-0-20241231-C": "strike must be a decimal",
    "OKX:OPTION:BTC-USD-1.50-20241231-C": "strike must be a decimal",
    "OKX:OPTION:BTC-USD-50000-20241231-X": "must be C (call) or P (put)",
    "OKX:POOL:A-B-C-D-E-F-G": "6 parts at most",
}


@pytest.mark.parametrize("text", REFUSED)
def test_what_is_wrong_is_named(text: str) -> None:
    with pytest.raises(NotCanonical) as caught:
        parse_canonical_id(text)
    assert REFUSED[text] in str(caught.value)


def test_everything_wrong_is_named_at_once() -> None:
    with pytest.raises(NotCanonical) as caught:
        parse_canonical_id("CRIPTO:BINANCE:SPOT:BTC-USDT@ETHERUM")
    assert len(caught.value.problems) == 4


def test_leap_days() -> None:
    for day, is_right in {"20240229": True, "20000229": True, "20230229": False}.items():
        if is_right:
            parse_canonical_id(f"OKX:FUTURE:BTC-USD-{day}")
        else:
            with pytest.raises(NotCanonical):
                parse_canonical_id(f"OKX:FUTURE:BTC-USD-{day}")


def test_the_sets_are_what_the_facts_say() -> None:
    assert {"BINANCE-SPOT", "DERIBIT", "AAVE_V3_ETH", "SMART", "MORPHO-ETHEREUM"} <= VENUES
    assert len(CHAINS - {"SOLANA"}) == 15
    assert "CRYPTO" in ASSET_CLASSES


NAUTILUS = {
    "BINANCE-SPOT:SPOT_PAIR:BTC-USDT": "BTCUSDT.BINANCE",
    "BINANCE-FUTURES:PERPETUAL:BTC-USDT": "BTCUSDT-PERP.BINANCE",
    "BINANCE-FUTURES:PERPETUAL:ARB-USD@INV": "ARBUSD_PERP.BINANCE",
    "BINANCE-FUTURES:FUTURE:BTC-USDT-20250627": "BTCUSDT_250627.BINANCE",
    "BYBIT:SPOT_PAIR:BTC-USDT": "BTCUSDT-SPOT.BYBIT",
    "BYBIT:PERPETUAL:BTC-USDT": "BTCUSDT-LINEAR.BYBIT",
    "BYBIT:PERPETUAL:BTC-USDC": "BTCPERP-LINEAR.BYBIT",
    "BYBIT:PERPETUAL:BTC-USD@INV": "BTCUSD-INVERSE.BYBIT",
    "BYBIT:FUTURE:BTC-USDT-20250221": "BTCUSDT-21FEB25-LINEAR.BYBIT",
    "BYBIT:FUTURE:BTC-USDC-20250221": "BTC-21FEB25-LINEAR.BYBIT",
    "BYBIT:OPTION:BTC-USDC-50000-20241231-C": "BTC-31DEC24-50000-C-OPTION.BYBIT",
    "BYBIT:OPTION:BTC-USDT-50000-20241231-P": "BTC-31DEC24-50000-P-USDT-OPTION.BYBIT",
    "OKX:SPOT_PAIR:BTC-USDT": "BTC-USDT.OKX",
    "OKX:PERPETUAL:BTC-USDT": "BTC-USDT-SWAP.OKX",
    "OKX:PERPETUAL:BTC-USD@INV": "BTC-USD-SWAP.OKX",
    "OKX:FUTURE:BTC-USD-20250328@INV": "BTC-USD-250328.OKX",
    "OKX:OPTION:BTC-USD-50000-20250328-C": "BTC-USD-250328-50000-C.OKX",
    "DERIBIT:PERPETUAL:BTC-USD@INV": "BTC-PERPETUAL.DERIBIT",
    "DERIBIT:OPTION:BTC-USD-50000-20241231-C": "BTC-31DEC24-50000-C.DERIBIT",
}


@pytest.mark.covers("Q4")
@pytest.mark.parametrize("text", NAUTILUS)
def test_nautilus_symbols_both_ways(text: str) -> None:
    assert canonical_to_nautilus(parse_canonical_id(text)) == NAUTILUS[text]
    assert str(nautilus_to_canonical(NAUTILUS[text])) == text


DERIBIT = {
    "DERIBIT:PERPETUAL:BTC-USD@INV": "BTC-PERPETUAL",
    "DERIBIT:PERPETUAL:BTC-USDC": "BTC_USDC-PERPETUAL",
    "DERIBIT:FUTURE:BTC-USD-20241231@INV": "BTC-31DEC24",
    "DERIBIT:FUTURE:BTC-USD-20240105@INV": "BTC-5JAN24",
    "DERIBIT:OPTION:BTC-USD-50000-20241231-C": "BTC-31DEC24-50000-C",
    "DERIBIT:OPTION:XRP-USDC-0.625-20230630-C": "XRP_USDC-30JUN23-0d625-C",
    "DERIBIT:SPOT_PAIR:BTC-USDC": "BTC_USDC",
}


@pytest.mark.covers("Q4")
@pytest.mark.parametrize("text", DERIBIT)
def test_deribit_symbols_both_ways(text: str) -> None:
    assert canonical_to_deribit_symbol(parse_canonical_id(text)) == DERIBIT[text]
    assert str(deribit_symbol_to_canonical(DERIBIT[text])) == text


NO_SYMBOL = {
    "UPBIT:SPOT_PAIR:BTC-USDT": "only these have NautilusTrader symbols",
    "BINANCE-SPOT:PERPETUAL:BTC-USDT": "means BINANCE-FUTURES:PERPETUAL:BTC-USDT: write that",
    "DERIBIT:PERPETUAL:BTC-USD": "means DERIBIT:PERPETUAL:BTC-USD@INV: write that",
    "DERIBIT:OPTION:BTC-USD-50000-20241231-C@INV": "-50000-20241231-C: write that",
    "BYBIT:FUTURE:BTC-USD-20250328@INV": "BYBIT has no symbol for this",
    "BINANCE-SPOT:SPOT_PAIR:BTCT-USD": "means BINANCE-SPOT:SPOT_PAIR:BTC-TUSD",
    "OKX:POOL:BTC": "OKX has no symbol for this",
}


@pytest.mark.parametrize("text", NO_SYMBOL)
def test_what_has_no_symbol_is_refused_with_what_would_be_right(text: str) -> None:
    with pytest.raises(NotCanonical) as caught:
        canonical_to_nautilus(parse_canonical_id(text))
    assert NO_SYMBOL[text] in str(caught.value)


@pytest.mark.parametrize(
    "symbol",
    ["", "BTC", "BTCUSDT.KRAKEN", "USDT.BINANCE", "BTCXYZ.BINANCE", "BTCUSDT.BYBIT", "A-B-C-D.OKX"],
)
def test_foreign_symbols_are_refused(symbol: str) -> None:
    with pytest.raises(NotCanonical):
        nautilus_to_canonical(symbol)


@pytest.mark.parametrize("symbol", ["BTC", "BTC-31FEB24", "BTC-0JAN24", "BTC-1FOO24", "btc_usdc"])
def test_what_is_no_deribit_symbol(symbol: str) -> None:
    with pytest.raises(NotCanonical):
        deribit_symbol_to_canonical(symbol)


def test_only_deribit_has_deribit_symbols() -> None:
    with pytest.raises(NotCanonical):
        canonical_to_deribit_symbol(parse_canonical_id("OKX:PERPETUAL:BTC-USDT"))


def test_ids_are_values() -> None:
    one, other = (parse_canonical_id("OKX:SPOT_PAIR:BTC-USDT") for _ in range(2))
    assert one == other
    assert len({one, other}) == 1
    assert isinstance(one, CanonicalID)


def test_the_nearest_name_ignores_case_and_gives_up() -> None:
    assert nearest("INSTRUMNT", ["instrument", "qty"]) == "instrument"
    assert nearest("zzz", ["instrument", "qty"]) is None
    assert nearest("x" * 100_000, ["instrument"]) is None
