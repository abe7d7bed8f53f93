"""Printing and parsing are inverse for every id, and no conversion maps two ids to one symbol."""

from collections.abc import Callable
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

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
    parse_canonical_id,
)

PAIRS = (InstrumentType.SPOT_PAIR, InstrumentType.PERPETUAL)
DATED = (InstrumentType.FUTURE, InstrumentType.OPTION)
COINS = st.sampled_from(["BTC", "ETH", "ARB", "BTCT", "XRP", "1000PEPE", "kPEPE", "weETH", "A.B"])
QUOTES = st.sampled_from(["USDT", "USDC", "USD", "TUSD", "BTC", "EUR", "XYZ"])
DATES = st.dates(
    min_value=date(2000, 1, 1),
    max_value=date(2099, 12, 31),
).map(lambda d: d.strftime("%Y%m%d"))
PARTS = st.text("ABab09._", min_size=1, max_size=5).filter(lambda part: part[0] not in "._")
STRIKES = st.sampled_from(["50000", "0.625", "1", "100.5", "999999999999999999"])


@st.composite
def payloads(draw: st.DrawFn, kind: InstrumentType) -> tuple[str, ...]:
    if kind in PAIRS:
        return draw(COINS), draw(QUOTES)
    if kind is InstrumentType.FUTURE:
        return draw(COINS), draw(QUOTES), draw(DATES)
    if kind is InstrumentType.OPTION:
        side = st.sampled_from("CP")
        return draw(COINS), draw(QUOTES), draw(STRIKES), draw(DATES), draw(side)
    return tuple(draw(st.lists(PARTS, min_size=1, max_size=6)))


@st.composite
def ids(draw: st.DrawFn, venues: frozenset[str] = frozenset(VENUES)) -> CanonicalID:
    kind = draw(st.sampled_from(InstrumentType))
    settlements = {"INV"} if kind in (InstrumentType.PERPETUAL, *DATED) else set[str]()
    return CanonicalID(
        venue=draw(st.sampled_from(sorted(venues))),  # pyright: ignore[reportArgumentType]
        type=kind,
        payload=draw(payloads(kind)),
        suffix=draw(st.sampled_from([None, *sorted(settlements | CHAINS)])),
        asset_class=draw(st.sampled_from([None, *sorted(ASSET_CLASSES)])),
    )


@pytest.mark.covers("Q2")
@given(ids())
def test_parsing_what_was_printed_gives_it_back(instrument: CanonicalID) -> None:
    assert parse_canonical_id(str(instrument)) == instrument
    assert parse_canonical_id(instrument.instrument_id).asset_class is None


@given(st.text(max_size=150))
def test_any_text_is_an_id_or_is_refused(text: str) -> None:
    try:
        printed = str(parse_canonical_id(text))
    except NotCanonical as refused:
        assert refused.problems
    else:
        assert str(parse_canonical_id(printed)) == printed


def inverts(
    instrument: CanonicalID,
    there: Callable[[CanonicalID], str],
    back: Callable[[str], CanonicalID],
) -> None:
    try:
        symbol = there(instrument)
    except NotCanonical:
        return
    assert str(back(symbol)) == instrument.instrument_id


@pytest.mark.covers("Q4")
@given(ids(frozenset({"BINANCE-SPOT", "BINANCE-FUTURES", "BYBIT", "OKX", "DERIBIT"})))
def test_nautilus_symbols_invert_where_they_are_defined(instrument: CanonicalID) -> None:
    inverts(instrument, canonical_to_nautilus, nautilus_to_canonical)


@pytest.mark.covers("Q4")
@given(ids(frozenset({"DERIBIT"})))
def test_deribit_symbols_invert_where_they_are_defined(instrument: CanonicalID) -> None:
    inverts(instrument, canonical_to_deribit_symbol, deribit_symbol_to_canonical)


@given(st.text(max_size=40) | st.from_regex(r"[A-Z]{2,8}[-_]?[A-Z0-9-]{0,20}\.(OKX|BYBIT|BINANCE)"))
def test_any_symbol_is_known_or_refused(symbol: str) -> None:
    for back in (nautilus_to_canonical, deribit_symbol_to_canonical):
        try:
            instrument = back(symbol)
        except NotCanonical:
            continue
        assert parse_canonical_id(str(instrument)) == instrument
