"""Canonical ids as Deribit's instrument names and NautilusTrader's symbols, and back.

A conversion is defined only where the way back gives the same id; everything else is refused with
what would be right. On all four exchanges a derivative quoted in USD is settled in the coin, and
any other quote settles in the quote: so USD and @INV go together, and options, which every venue
writes without it, carry no suffix.
"""

import re
from collections.abc import Callable

from omnivenue.model.canonical import (
    INVERSE,
    CanonicalID,
    NotCanonical,
    is_date,
    parse_canonical_id,
    shown,
)
from omnivenue.model.instrument import InstrumentType

type Forward = Callable[[CanonicalID], str | None]
type Back = Callable[[str], CanonicalID]

_SPOT, _PERP = InstrumentType.SPOT_PAIR, InstrumentType.PERPETUAL
_FUTURE, _OPTION = InstrumentType.FUTURE, InstrumentType.OPTION

_MONTHS = ["JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC"]
_QUOTES = ("USDT", "USDC", "FDUSD", "TUSD", "USD", "EUR", "GBP", "JPY", "BTC", "ETH", "BNB")
"""How a symbol without a separator is cut: at the longest of these that ends it."""

_DAY = r"(\d{1,2}(?:" + "|".join(_MONTHS) + r")\d{2})"
_DERIBIT_PERPETUAL = re.compile(r"([A-Z0-9]+)(?:_([A-Z0-9]+))?-PERPETUAL", re.ASCII)
_DERIBIT_FUTURE = re.compile(r"([A-Z0-9]+)(?:_([A-Z0-9]+))?-" + _DAY, re.ASCII)
_DERIBIT_OPTION = re.compile(
    r"([A-Z0-9]+)(?:_([A-Z0-9]+))?-" + _DAY + r"-([0-9d]+)-([CP])", re.ASCII
)
_DERIBIT_SPOT = re.compile(r"([A-Z0-9]+)_([A-Z0-9]+)", re.ASCII)
_BYBIT_OPTION = re.compile(r"([A-Z0-9]+)-" + _DAY + r"-([0-9.]+)-([CP])(-USDT)?-OPTION", re.ASCII)
_BYBIT_FUTURE = re.compile(r"([A-Z0-9]+)-" + _DAY + r"-LINEAR", re.ASCII)
_BINANCE_FUTURE = re.compile(r"([A-Z0-9]+)_(\d{6})", re.ASCII)


def canonical_to_deribit_symbol(instrument: CanonicalID) -> str:
    """`BTC-PERPETUAL`, `BTC-31DEC24-50000-C`, `BTC_USDC-PERPETUAL`. Raises NotCanonical."""
    if instrument.venue != "DERIBIT":
        raise NotCanonical(str(instrument), ("only the venue DERIBIT has Deribit symbols",))
    return _inverted(instrument, _deribit_name(instrument), deribit_symbol_to_canonical)


def deribit_symbol_to_canonical(symbol: str) -> CanonicalID:
    if match := _DERIBIT_PERPETUAL.fullmatch(symbol):
        return _listed("DERIBIT", _PERP, match[1], match[2] or "USD")
    if match := _DERIBIT_FUTURE.fullmatch(symbol):
        return _listed("DERIBIT", _FUTURE, match[1], match[2] or "USD", _date(symbol, match[3]))
    if match := _DERIBIT_OPTION.fullmatch(symbol):
        strike, day = match[4].replace("d", "."), _date(symbol, match[3])
        return _listed("DERIBIT", _OPTION, match[1], match[2] or "USD", strike, day, match[5])
    if match := _DERIBIT_SPOT.fullmatch(symbol):
        return _listed("DERIBIT", _SPOT, match[1], match[2])
    forms = "BTC-PERPETUAL, BTC-31DEC24, BTC-31DEC24-50000-C, BTC_USDC-PERPETUAL or BTC_USDC"
    raise NotCanonical(symbol, (f"a Deribit symbol looks like {forms}",))


def canonical_to_nautilus(instrument: CanonicalID) -> str:
    """`SYMBOL.VENUE` as NautilusTrader names it. Raises NotCanonical."""
    forward = _TO_NAUTILUS.get(instrument.venue)
    if forward is None:
        have = ", ".join(sorted(_TO_NAUTILUS))
        raise NotCanonical(str(instrument), (f"only these have NautilusTrader symbols: {have}",))
    return _inverted(instrument, forward(instrument), nautilus_to_canonical)


def nautilus_to_canonical(text: str) -> CanonicalID:
    symbol, _, venue = text.rpartition(".")
    back = _FROM_NAUTILUS.get(venue)
    if back is None:
        raise NotCanonical(text, (f"must be SYMBOL.VENUE of {', '.join(sorted(_FROM_NAUTILUS))}",))
    return back(symbol)


def _listed(venue: str, kind: InstrumentType, base: str, quote: str, *more: str) -> CanonicalID:
    """With the settlement that these exchanges give to the quote."""
    suffix = f"@{INVERSE}" if quote == "USD" and kind in {_PERP, _FUTURE} else ""
    return parse_canonical_id(f"{venue}:{kind.value}:{'-'.join((base, quote, *more))}{suffix}")


def _inverted(instrument: CanonicalID, symbol: str | None, back: Back) -> str:
    """`symbol`, if the way back finds the instrument again: else the venue has no such thing."""
    plain = instrument.instrument_id
    try:
        found = str(back(symbol)) if symbol else None
    except NotCanonical:
        found = None
    if symbol is None or found is None:
        raise NotCanonical(plain, (f"{instrument.venue} has no symbol for this",))
    if found != plain:
        raise NotCanonical(plain, (f"its symbol {symbol} means {found}: write that",))
    return symbol


def _deribit_name(instrument: CanonicalID) -> str | None:
    base, quote, *more = (*instrument.payload, "")
    stem = base if quote == "USD" else f"{base}_{quote}"
    if instrument.type is _PERP:
        return f"{stem}-PERPETUAL"
    if instrument.type is _FUTURE:
        return f"{stem}-{_day(more[0])}"
    if instrument.type is _OPTION:
        strike, day, call_or_put, *_ = more
        return f"{stem}-{_day(day)}-{strike.replace('.', 'd')}-{call_or_put}"
    return f"{base}_{quote}" if instrument.type is _SPOT else None


def _binance_name(instrument: CanonicalID) -> str | None:
    base, quote, *more = (*instrument.payload, "")
    if instrument.type is _SPOT:
        return f"{base}{quote}.BINANCE"
    if instrument.type is _PERP:
        return f"{base}{quote}{'_' if quote == 'USD' else '-'}PERP.BINANCE"
    return f"{base}{quote}_{more[0][2:]}.BINANCE" if instrument.type is _FUTURE else None


def _binance_id(symbol: str) -> CanonicalID:
    if symbol.endswith("_PERP"):
        return _listed("BINANCE-FUTURES", _PERP, *_coin_pair(symbol, symbol[:-5]))
    if symbol.endswith("-PERP"):
        return _listed("BINANCE-FUTURES", _PERP, *_pair(symbol, symbol[:-5]))
    if match := _BINANCE_FUTURE.fullmatch(symbol):
        return _listed(
            "BINANCE-FUTURES", _FUTURE, *_pair(symbol, match[1]), _checked(symbol, "20" + match[2])
        )
    return _listed("BINANCE-SPOT", _SPOT, *_pair(symbol, symbol))


def _bybit_name(instrument: CanonicalID) -> str | None:
    base, quote, *more = (*instrument.payload, "")
    if instrument.type is _SPOT:
        return f"{base}{quote}-SPOT.BYBIT"
    if instrument.type is _PERP:
        linear = "PERP" if quote == "USDC" else quote
        return f"{base}USD-INVERSE.BYBIT" if quote == "USD" else f"{base}{linear}-LINEAR.BYBIT"
    if instrument.type is _FUTURE:
        stem = {"USDC": base, "USDT": f"{base}USDT"}.get(quote)  # inverse ones have letter codes
        return f"{stem}-{_day(more[0])}-LINEAR.BYBIT" if stem else None
    if instrument.type is _OPTION:
        settle = {"USDC": "", "USDT": "-USDT"}.get(quote)
        strike, day, call_or_put, *_ = more
        name = f"{base}-{_day(day)}-{strike}-{call_or_put}"
        return None if settle is None else f"{name}{settle}-OPTION.BYBIT"
    return None


def _bybit_id(symbol: str) -> CanonicalID:
    if match := _BYBIT_OPTION.fullmatch(symbol):
        quote, day = "USDT" if match[5] else "USDC", _date(symbol, match[2])
        return _listed("BYBIT", _OPTION, match[1], quote, match[3], day, match[4])
    if match := _BYBIT_FUTURE.fullmatch(symbol):
        pair = _pair(symbol, match[1]) if match[1].endswith("USDT") else (match[1], "USDC")
        return _listed("BYBIT", _FUTURE, *pair, _date(symbol, match[2]))
    if symbol.endswith("PERP-LINEAR"):
        return _listed("BYBIT", _PERP, symbol[:-11], "USDC")
    if symbol.endswith("-LINEAR"):
        return _listed("BYBIT", _PERP, *_pair(symbol, symbol[:-7]))
    if symbol.endswith("-INVERSE"):
        return _listed("BYBIT", _PERP, *_coin_pair(symbol, symbol[:-8]))
    if symbol.endswith("-SPOT"):
        return _listed("BYBIT", _SPOT, *_pair(symbol, symbol[:-5]))
    raise NotCanonical(symbol, ("a Bybit symbol ends in -SPOT, -LINEAR, -INVERSE or -OPTION",))


def _okx_name(instrument: CanonicalID) -> str | None:
    base, quote, *more = (*instrument.payload, "")
    if instrument.type is _SPOT:
        return f"{base}-{quote}.OKX"
    if instrument.type is _PERP:
        return f"{base}-{quote}-SWAP.OKX"
    if instrument.type is _FUTURE:
        return f"{base}-{quote}-{more[0][2:]}.OKX"
    if instrument.type is _OPTION:
        strike, day, call_or_put, *_ = more
        return f"{base}-{quote}-{day[2:]}-{strike}-{call_or_put}.OKX"
    return None


def _okx_id(symbol: str) -> CanonicalID:
    match symbol.split("-"):
        case [base, quote]:
            return _listed("OKX", _SPOT, base, quote)
        case [base, quote, "SWAP"]:
            return _listed("OKX", _PERP, base, quote)
        case [base, quote, day]:
            return _listed("OKX", _FUTURE, base, quote, _checked(symbol, "20" + day))
        case [base, quote, day, strike, ("C" | "P") as side]:
            return _listed("OKX", _OPTION, base, quote, strike, _checked(symbol, "20" + day), side)
        case _:
            forms = "BTC-USDT, BTC-USDT-SWAP, BTC-USD-241231 or BTC-USD-241231-50000-C"
            raise NotCanonical(symbol, (f"an OKX symbol looks like {forms}",))


def _pair(symbol: str, stem: str) -> tuple[str, str]:
    for quote in sorted(_QUOTES, key=len, reverse=True):
        if stem.endswith(quote) and len(stem) > len(quote):
            return stem.removesuffix(quote), quote
    raise NotCanonical(symbol, (f"must end in a quote of {', '.join(_QUOTES)}",))


def _coin_pair(symbol: str, stem: str) -> tuple[str, str]:
    """Coin-margined contracts are quoted in USD, also where the base ends in letters of a quote."""
    if stem.endswith("USD") and stem != "USD":
        return stem.removesuffix("USD"), "USD"
    raise NotCanonical(symbol, (f"{shown(stem)} must end in USD: it is coin-margined",))


def _day(date: str) -> str:
    """20240105 as 5JAN24: these venues write no leading zero."""
    return f"{int(date[6:])}{_MONTHS[int(date[4:6]) - 1]}{date[2:4]}"


def _date(symbol: str, day: str) -> str:
    month = _MONTHS.index(day[-5:-2]) + 1
    return _checked(symbol, f"20{day[-2:]}{month:02}{int(day[:-5]):02}")


def _checked(symbol: str, date: str) -> str:
    if not is_date(date):
        raise NotCanonical(symbol, ("its expiry is no date",))
    return date


_TO_NAUTILUS: dict[str, Forward] = {
    "BINANCE-SPOT": _binance_name,
    "BINANCE-FUTURES": _binance_name,
    "BYBIT": _bybit_name,
    "OKX": _okx_name,
    "DERIBIT": lambda i: f"{name}.DERIBIT" if (name := _deribit_name(i)) else None,
}
_FROM_NAUTILUS: dict[str, Back] = {
    "BINANCE": _binance_id,
    "BYBIT": _bybit_id,
    "OKX": _okx_id,
    "DERIBIT": deribit_symbol_to_canonical,
}
