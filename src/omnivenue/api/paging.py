"""Filters and pages of lists. A cursor is the key of the last row of a page, so rows that come in
between two calls neither shift nor repeat what follows."""

import binascii
import re
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Callable, Collection, Iterable, Mapping
from itertools import islice

import msgspec

from omnivenue.api.request import query_pairs
from omnivenue.message import Reason
from omnivenue.model import SMART, InstrumentID, nearest_hint
from omnivenue.route import is_smart
from omnivenue.wire import ErrorCode, Invalid, Listings, invalid, normal_instrument_id, unknown
from omnivenue.wire.fields import cut

LIMIT, LIMIT_MAX = 100, 1_000
PAGING = ("limit", "cursor")
_DIGITS = re.compile(r"[0-9]{1,4}")


class Query(msgspec.Struct, frozen=True):
    """What a call asks of a list. A filter that was not given is not in `filters`."""

    filters: Mapping[str, str]
    limit: int
    cursor: str | None

    def after[K](self, key_type: type[K]) -> K | Invalid | None:
        """The key that the page comes after; None for the first page."""
        if self.cursor is None:
            return None
        try:
            raw = urlsafe_b64decode(self.cursor.encode())
            return msgspec.json.decode(raw, type=key_type)
        except (binascii.Error, ValueError, msgspec.DecodeError):
            text = "cursor is none of ours: give back a next_cursor as it was"
            return invalid([ErrorCode.BAD_ID.because(text, value=cut(self.cursor))])


def read_query(
    raw: str,
    allowed: Collection[str],
    paging: Collection[str] = PAGING,
    listings: Listings | None = None,
) -> Query | Invalid:
    """Strict: a misspelt filter that filtered nothing would be answered with too much, and one for
    what is not there (in `listings`) with nothing, which reads as if nothing were held there."""
    wrong: list[Reason] = []
    given: dict[str, str] = {}
    known = (*allowed, *paging)
    for name, value in query_pairs(raw):
        if name not in known:
            text = f"unknown parameter {cut(name)}{nearest_hint(name, known)}"
            wrong.append(ErrorCode.UNKNOWN_FIELD.because(text))
        elif name in given:
            wrong.append(ErrorCode.CONTRADICTION.because(f"{name} is given twice"))
        elif not value and name in allowed:
            wrong.append(ErrorCode.BAD_ID.because(f"{name} is empty: name one, or leave it out"))
        else:
            given[name] = value
    cursor, limit_text = given.pop("cursor", None), given.pop("limit", str(LIMIT))
    limit = int(limit_text) if _DIGITS.fullmatch(limit_text) else 0
    if not 1 <= limit <= LIMIT_MAX:
        text = f"limit must be a whole number from 1 to {LIMIT_MAX}"
        wrong.append(ErrorCode.OUT_OF_RANGE.because(text, value=cut(limit_text)))
    wrong += _not_there(given, listings) if listings else []
    return invalid(wrong) if wrong else Query(given, limit, cursor)


def _not_there(given: Mapping[str, str], listings: Listings) -> list[Reason]:
    """Strategies are free words. SMART is where an order is that names no venue, and may be asked
    for with whatever its candidates are."""
    venue, instrument = given.get("venue"), given.get("instrument")
    if instrument is not None:
        instrument = normal_instrument_id(instrument)
        instrument = None if is_smart(InstrumentID(instrument)) else instrument
    return unknown(listings, None if venue == SMART else venue, instrument, given.get("account"))


def cursor_of(key: object) -> str:
    return urlsafe_b64encode(msgspec.json.encode(key)).decode()


def page[K, T](
    rows: Iterable[tuple[K, T]], query: Query, is_after: Callable[[K], bool]
) -> tuple[list[T], str | None]:
    """The next page of rows sorted by key, and the cursor of the page after it."""
    kept = list(islice((pair for pair in rows if is_after(pair[0])), query.limit + 1))
    shown = kept[: query.limit]
    cursor = cursor_of(shown[-1][0]) if len(kept) > len(shown) else None
    return [row for _, row in shown], cursor
