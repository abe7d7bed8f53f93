"""Canonical instrument ids: `[ASSET_CLASS:]VENUE:INSTRUMENT_TYPE:PAYLOAD[@SUFFIX]`.

One instrument has one id, because ids are compared as text everywhere else: what has a default
(`@LIN`) is dropped when printed, and what could be written in two ways (a strike of `050000`) is
refused in all but one. Every set is closed, so that a slip of the pen is an error with the nearest
known name and never a new venue.
"""

import re

import msgspec

from omnivenue.model.chains import CHAIN_IDS
from omnivenue.model.ids import InstrumentID, VenueID
from omnivenue.model.instrument import InstrumentType
from omnivenue.model.nearest import nearest_hint

_ASSET_CLASSES = "BINARY CEFI COMMODITY CRYPTO DEFI EQUITY FX INDEX RATES SPORTS TRADFI"
ASSET_CLASSES = frozenset(_ASSET_CLASSES.split())

SMART = VenueID("SMART")
"""No venue of its own: the router chooses among those that list the same type and pair."""

_VENUES = """
    AAVE_V3 AAVE_V3_ETH AERODROME-BASE ASTER BALANCER-ETH BETFAIR BINANCE-FUTURES BINANCE-SPOT
    BYBIT CBOE CME COINBASE CURVE-ETH DERIBIT ETHENA ETHERFI HYPERLIQUID ICE INSTADAPP
    INTERACTIVE_BROKERS IQ_OPTION KRAKEN LIDO MORPHO-ETHEREUM MT5 NASDAQ NYSE OKX
    POCKET_OPTION SMART UNISWAPV2-ETH UNISWAPV3-ETH UNISWAPV4-ETH UPBIT WALLET
"""
VENUES = frozenset(VenueID(name) for name in _VENUES.split())

LINEAR = "LIN"  # settled in the quote asset: the default, never printed
INVERSE = "INV"  # settled in the base asset
CHAINS = frozenset((*CHAIN_IDS, "SOLANA"))
SUFFIXES = CHAINS | {LINEAR, INVERSE}

_TYPES = frozenset(t.value for t in InstrumentType)
_DERIVATIVES = frozenset({InstrumentType.PERPETUAL, InstrumentType.FUTURE, InstrumentType.OPTION})
_PAYLOADS = {
    InstrumentType.SPOT_PAIR: "BASE-QUOTE",
    InstrumentType.PERPETUAL: "BASE-QUOTE",
    InstrumentType.FUTURE: "BASE-QUOTE-YYYYMMDD",
    InstrumentType.OPTION: "BASE-QUOTE-STRIKE-YYYYMMDD-C|P",
}
_PARTS_MAX = 6
_ID_MAX = 128

_PART = re.compile(r"[A-Za-z0-9][A-Za-z0-9._]{0,39}", re.ASCII)
_STRIKE = re.compile(r"(?!0$)(?:0|[1-9]\d{0,17})(?:\.\d{0,17}[1-9])?", re.ASCII)
_DATE = re.compile(r"20\d{6}", re.ASCII)
_MONTH_DAYS = (31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31)


class NotCanonical(ValueError):
    """The text is no canonical id, or names what has no such symbol. `problems` holds all that is
    wrong, each with what would be right."""

    def __init__(self, text: str, problems: tuple[str, ...]) -> None:
        super().__init__(f"{shown(text)}: {'; '.join(problems)}")
        self.problems = problems


class CanonicalID(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A canonical id in its parts. `suffix` is INV, a chain, or None for the default."""

    venue: VenueID
    type: InstrumentType
    payload: tuple[str, ...]
    suffix: str | None = None
    asset_class: str | None = None

    def __str__(self) -> str:
        prefix = f"{self.asset_class}:" if self.asset_class else ""
        suffix = f"@{self.suffix}" if self.suffix else ""
        return f"{prefix}{self.venue}:{self.type.value}:{'-'.join(self.payload)}{suffix}"

    @property
    def instrument_id(self) -> InstrumentID:
        """The key of tables. An asset class sorts ids for people, it makes no other instrument."""
        return InstrumentID(str(msgspec.structs.replace(self, asset_class=None)))

    @property
    def is_inverse(self) -> bool:
        return self.suffix == INVERSE


def parse_canonical_id(text: str) -> CanonicalID:
    """Raises NotCanonical, which names everything that is wrong at once."""
    head, at, suffix = text.partition("@")
    parts = head.split(":")
    if len(text) > _ID_MAX or not 3 <= len(parts) <= 4:
        form = "must be [ASSET_CLASS:]VENUE:INSTRUMENT_TYPE:PAYLOAD[@CHAIN]"
        raise NotCanonical(text, (f"{form}, at most {_ID_MAX} characters",))
    asset_class = parts[0] if len(parts) == 4 else None
    venue, type_name, payload = parts[-3:]
    problems = [
        *_unless_known("asset class", asset_class, ASSET_CLASSES),
        *_unless_known("venue", venue, VENUES),
        *_unless_known("instrument type", type_name, _TYPES),
        *_unless_known("suffix", suffix if at else None, SUFFIXES),
        *_payload_problems(type_name, tuple(payload.split("-"))),
        *_suffix_problems(type_name, suffix),
    ]
    if problems:
        raise NotCanonical(text, tuple(problems))
    return CanonicalID(
        venue=VenueID(venue),
        type=InstrumentType(type_name),
        payload=tuple(payload.split("-")),
        suffix=None if suffix in {"", LINEAR} else suffix,
        asset_class=asset_class,
    )


def shown(text: str) -> str:
    """What a stranger wrote, quoted and cut, for a message."""
    return repr(text if len(text) <= _ID_MAX else text[:_ID_MAX] + "…")


def _unless_known(what: str, word: str | None, known: frozenset[str]) -> list[str]:
    if word is None or word in known:
        return []
    return [f"unknown {what} {shown(word)}{nearest_hint(word, known)}"]


def _payload_problems(type_name: str, parts: tuple[str, ...]) -> list[str]:
    """What is wrong with the payload, as far as a known type says what it must be."""
    form = _PAYLOADS.get(InstrumentType(type_name)) if type_name in _TYPES else None
    count = form.count("-") + 1 if form else len(parts)
    if len(parts) != count or len(parts) > _PARTS_MAX:
        return [f"payload {shown('-'.join(parts))} must be {form or f'{_PARTS_MAX} parts at most'}"]
    allowed = "1 to 40 of A-Z a-z 0-9 . _"
    found = [f"payload part {shown(p)} must be {allowed}" for p in parts if not _PART.fullmatch(p)]
    if type_name in {"FUTURE", "OPTION"} and not is_date(parts[2 if type_name == "FUTURE" else 3]):
        found.append("expiry must be a date YYYYMMDD from 20000101 to 20991231")
    if type_name == "OPTION":
        found += [] if _STRIKE.fullmatch(parts[2]) else ["strike must be a decimal such as 50000"]
        found += [] if parts[4] in {"C", "P"} else ["the last part must be C (call) or P (put)"]
    return found


def _suffix_problems(type_name: str, suffix: str) -> list[str]:
    if suffix != INVERSE or type_name not in _TYPES:
        return []
    if InstrumentType(type_name) in _DERIVATIVES:
        return []
    return [f"@{INVERSE} belongs to PERPETUAL, FUTURE and OPTION, not to {type_name}"]


def is_date(text: str) -> bool:
    """YYYYMMDD of this century, in the Gregorian calendar. Two-digit years stay unambiguous."""
    if not _DATE.fullmatch(text):
        return False
    year, month, day = int(text[:4]), int(text[4:6]), int(text[6:])
    if not 1 <= month <= 12:
        return False
    leap_day = 1 if month == 2 and year % 4 == 0 else 0  # 2000 was a leap year, 2100 is not here
    return 1 <= day <= _MONTH_DAYS[month - 1] + leap_day
