"""From a form to an event: what the form names must be listed, and its numbers must fit.

Only what syntax, the instrument table and ids decide is judged here. Limits, balances and states
are the core's, and are journaled.
"""

from collections.abc import Collection, Mapping
from itertools import islice

import msgspec

from omnivenue.message import (
    CancelAllInstructed,
    CancelInstructed,
    Instruction,
    OrderInstructed,
    Reason,
)
from omnivenue.model import (
    SMART,
    VENUES,
    AccountID,
    AssetID,
    Atoms,
    InstructionID,
    Instrument,
    InstrumentID,
    NotCanonical,
    OrderID,
    OrdType,
    Side,
    StrategyID,
    TimeInForce,
    VenueID,
    exponent,
    format_decimal,
    mul_div_floor,
    nearest,
    nearest_hint,
    parse_canonical_id,
    parse_decimal,
)
from omnivenue.wire.errors import ErrorCode, Invalid, invalid
from omnivenue.wire.fields import DECIMALS_MAX, cut
from omnivenue.wire.instruction import (
    CancelAllForm,
    CancelForm,
    Form,
    OrderForm,
    body_hash,
    parse,
)
from omnivenue.wire.json_body import read_json

WORD_MAX = 64

NEAREST_AMONG = 256
"""Instruments that a hint is looked for among: thousands would make a slip expensive."""


class Listings(msgspec.Struct, frozen=True, kw_only=True):
    """What an instruction may name, as the core has it now."""

    instruments: Mapping[InstrumentID, Instrument]
    venues: Collection[VenueID]
    accounts: Collection[AccountID]


def decode_instruction(
    raw: bytes, header_key: str | None, listings: Listings
) -> Instruction | Invalid:
    """Both steps over the bytes of a body."""
    document = read_json(raw)
    if isinstance(document, Invalid):
        return document
    form = parse(document, header_key)
    return form if isinstance(form, Invalid) else to_event(form, listings)


def to_event(form: Form, listings: Listings) -> Instruction | Invalid:
    match form:
        case OrderForm():
            return _order(form, listings)
        case CancelAllForm():
            return _cancel_all(form, listings)
        case CancelForm():
            return CancelInstructed(
                instruction_id=InstructionID(form.id),
                body_hash=body_hash(form),
                order_id=OrderID(form.order_id),
            )


def _order(form: OrderForm, listings: Listings) -> OrderInstructed | Invalid:
    wrong = _unknown_account(form.account, listings)
    instrument = listings.instruments.get(InstrumentID(form.instrument))
    if instrument is None:
        return invalid([*wrong, *_unlisted(form.instrument, listings)], form.id)
    qty = parse_decimal(form.qty, DECIMALS_MAX)
    px = None if form.price is None else parse_decimal(form.price, DECIMALS_MAX)
    wrong += _misfits(instrument, qty, px)
    if wrong:
        return invalid(wrong, form.id)
    return OrderInstructed(
        instruction_id=InstructionID(form.id),
        body_hash=body_hash(form),
        account=AccountID(form.account),
        strategy_id=StrategyID(form.strategy_id),
        instrument_id=instrument.instrument_id,
        side=Side(form.side),
        qty=_atoms(qty, _fine(instrument.base)),
        ord_type=OrdType(form.type),
        limit_px=None if px is None else _atoms(px, _fine(instrument.quote)),
        tif=TimeInForce(form.tif),
    )


def _cancel_all(form: CancelAllForm, listings: Listings) -> CancelAllInstructed | Invalid:
    wrong: list[Reason] = []
    if form.venue is not None and form.venue not in listings.venues:
        wrong.append(_unknown_venue(form.venue, listings))
    if form.instrument is not None and form.instrument not in listings.instruments:
        wrong += _unlisted(form.instrument, listings)
    if form.account is not None:
        wrong += _unknown_account(form.account, listings)
    if wrong:
        return invalid(wrong, form.id)
    return CancelAllInstructed(
        instruction_id=InstructionID(form.id),
        body_hash=body_hash(form),
        venue_id=None if form.venue is None else VenueID(form.venue),
        instrument_id=None if form.instrument is None else InstrumentID(form.instrument),
        strategy_id=None if form.strategy_id is None else StrategyID(form.strategy_id),
        account=None if form.account is None else AccountID(form.account),
    )


def _unknown_account(account: str, listings: Listings) -> list[Reason]:
    if account in listings.accounts:
        return []
    text = f"unknown account {account}{nearest_hint(account, listings.accounts)}"
    return [ErrorCode.UNKNOWN_ACCOUNT.because(text, value=account)]


def _unknown_venue(venue: str, listings: Listings) -> Reason:
    known = "unknown" if venue not in VENUES else "not configured here"
    hint = nearest_hint(venue, listings.venues) or f"; there are {_some(listings.venues)}"
    return ErrorCode.UNKNOWN_VENUE.because(f"venue {cut(venue)} is {known}{hint}", value=cut(venue))


def _unlisted(text: str, listings: Listings) -> list[Reason]:
    """Why no instrument has this id: it is none, its venue is not here, or it is not listed."""
    found = nearest(text, _alike(text, listings)) or _by_pair(text, listings)
    hint = f"; nearest listed: {found}" if found else ""
    try:
        instrument = parse_canonical_id(text)
    except NotCanonical as error:
        words = f"instrument {cut(text)} is unknown: {'; '.join(error.problems)}{hint}"
        venue = text.partition(":")[0]
        is_venue = ":" in text and venue not in VENUES and venue not in listings.venues
        other = [_unknown_venue(venue, listings)] if is_venue else []
        return [ErrorCode.UNKNOWN_INSTRUMENT.because(words, value=cut(text)), *other]
    if instrument.venue == SMART:
        return [ErrorCode.NOT_BUILT.because("the venue SMART is not built yet")]
    if instrument.venue not in listings.venues:
        return [_unknown_venue(instrument.venue, listings)]
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


def _misfits(instrument: Instrument, qty: int, px: int | None) -> list[Reason]:
    """Everything in which quantity and price do not fit the listing. Both in 10^-18."""
    lot = instrument.lot * _fine(instrument.base)
    tick = instrument.tick * _fine(instrument.quote)
    wrong = _off_grid(ErrorCode.OFF_LOT, "qty", "lot", qty, lot)
    if px is not None:
        wrong += _off_grid(ErrorCode.OFF_TICK, "price", "tick", px, tick)
    if qty < instrument.min_qty * lot:
        least = _shown(instrument.min_qty * lot)
        text = f"qty {_shown(qty)} is below the venue's minimum {least}"
        wrong.append(ErrorCode.BELOW_MIN_QTY.because(text, limit=least, value=_shown(qty)))
    if px is not None:
        wrong += _too_little(instrument, qty, px)
    return wrong


def _off_grid(code: ErrorCode, name: str, step_name: str, value: int, step: int) -> list[Reason]:
    """Names both neighbours, so that the caller can choose: rounding for it would be a guess."""
    if value % step == 0:
        return []
    below, step_text = value - value % step, _shown(step)
    around = f"{_shown(below)} or {_shown(below + step)}" if below else _shown(step)
    text = (
        f"{name} {_shown(value)} is no multiple of the {step_name} {step_text}: {around} would be"
    )
    return [code.because(text, limit=step_text, value=_shown(value))]


def _too_little(instrument: Instrument, qty: int, px: int) -> list[Reason]:
    """A limit order's worth at its own price. A market order's is known when it is done."""
    worth = mul_div_floor(qty * instrument.multiplier, px, 10**DECIMALS_MAX)
    least = instrument.min_notional * _fine(instrument.quote)
    if worth >= least:
        return []
    text = f"qty x price is {_shown(worth)} {instrument.quote}, the venue's minimum {_shown(least)}"
    code = ErrorCode.BELOW_MIN_NOTIONAL
    return [code.because(text, limit=_shown(least), value=_shown(worth))]


def _fine(asset: AssetID) -> int:
    """How many 10^-18 one atom of `asset` is."""
    return 10 ** (DECIMALS_MAX - exponent(asset))


def _atoms(value: int, fine: int) -> Atoms:
    assert value % fine == 0, "a multiple of the lot or tick is one of atoms"
    return Atoms(value // fine)


def _shown(value: int) -> str:
    return format_decimal(value, DECIMALS_MAX)


def _some(names: Collection[str]) -> str:
    return ", ".join(sorted(names)[:20]) or "none"
