"""What an instruction or a question may name, and what is said of a name that stands for nothing:
which one was meant, as a rule. A hint must not cost more than the slip is worth.
"""

from collections.abc import Callable, Collection, Mapping
from itertools import islice

import msgspec

from omnivenue.message import OrderInstructed, Reason
from omnivenue.model import (
    VENUES,
    AccountID,
    Instrument,
    InstrumentID,
    NotCanonical,
    OrderID,
    VenueID,
    nearest,
    nearest_hint,
    parse_canonical_id,
)
from omnivenue.wire.errors import ErrorCode
from omnivenue.wire.fields import cut

WORD_MAX = 64

NEAREST_AMONG = 256
"""Instruments that a hint is looked for among: thousands would make a slip expensive."""


def _no_order(_: OrderID) -> OrderInstructed | None:
    return None


class Listings(msgspec.Struct, frozen=True, kw_only=True):
    """As the core has it now."""

    instruments: Mapping[InstrumentID, Instrument]
    venues: Collection[VenueID]
    accounts: Collection[AccountID]
    order: Callable[[OrderID], OrderInstructed | None] = _no_order


def unknown(
    listings: Listings, venue: str | None, instrument: str | None, account: str | None
) -> list[Reason]:
    """What of it is not there; None is not asked for."""
    wrong: list[Reason] = []
    if venue is not None and venue not in listings.venues:
        wrong.append(unknown_venue(venue, listings))
    if instrument is not None and instrument not in listings.instruments:
        wrong += unlisted(instrument, listings)
    if account is not None:
        wrong += unknown_account(account, listings)
    return wrong


def unknown_account(account: str, listings: Listings) -> list[Reason]:
    if account in listings.accounts:
        return []
    text = f"unknown account {cut(account)}{nearest_hint(account, listings.accounts)}"
    return [ErrorCode.UNKNOWN_ACCOUNT.because(text, value=cut(account))]


def unknown_venue(venue: str, listings: Listings) -> Reason:
    known = "unknown" if venue not in VENUES else "not configured here"
    hint = nearest_hint(venue, listings.venues) or f"; there are {_some(listings.venues)}"
    return ErrorCode.UNKNOWN_VENUE.because(f"venue {cut(venue)} is {known}{hint}", value=cut(venue))


def unlisted(text: str, listings: Listings) -> list[Reason]:
    """Why no instrument has this id: it is none, its venue is not here, or it is not listed."""
    found = nearest(text, _alike(text, listings)) or _by_pair(text, listings)
    hint = f"; nearest listed: {found}" if found else ""
    try:
        instrument = parse_canonical_id(text)
    except NotCanonical as error:
        words = f"instrument {cut(text)} is unknown: {'; '.join(error.problems)}{hint}"
        venue = text.partition(":")[0]
        is_venue = ":" in text and venue not in VENUES and venue not in listings.venues
        other = [unknown_venue(venue, listings)] if is_venue else []
        return [ErrorCode.UNKNOWN_INSTRUMENT.because(words, value=cut(text)), *other]
    if instrument.venue not in listings.venues:
        return [unknown_venue(instrument.venue, listings)]
    words = f"instrument {text} is not listed{hint}"
    return [ErrorCode.UNKNOWN_INSTRUMENT.because(words, value=cut(text))]


def _alike(text: str, listings: Listings) -> list[InstrumentID]:
    """Those of the same venue or with the same payload; any, where there are none."""
    venue, _, rest = text.partition(":")
    payload = rest.rpartition(":")[2]
    near = (i for i in listings.instruments if i.startswith(venue) or i.endswith(payload))
    found = list(islice(near, NEAREST_AMONG))
    return found or list(islice(listings.instruments, NEAREST_AMONG))


def _by_pair(text: str, listings: Listings) -> InstrumentID | None:
    """For those who write `BTCUSDT` or `BTC/USDT`: the first with these letters in its payload."""
    letters = _letters(text)
    alike = (i for i in sorted(listings.instruments) if _letters(i.rpartition(":")[2]) == letters)
    return next(alike, None)


def _letters(text: str) -> str:
    return "".join(c for c in text[:WORD_MAX].casefold() if c.isalnum())


def _some(names: Collection[str]) -> str:
    return ", ".join(sorted(names)[:20]) or "none"
