"""From a form to an event: what the form names must be listed, and its numbers must fit.

Only what syntax, the instrument table and ids decide is judged here. Limits, balances and states
are the core's, and are journaled.
"""

from collections.abc import Callable, Collection, Mapping
from itertools import islice
from sys import intern

import msgspec

from omnivenue.message import (
    AdjustmentInstructed,
    CancelAllInstructed,
    CancelInstructed,
    Exit,
    Instruction,
    OrderInstructed,
    PauseInstructed,
    Reason,
    ReplaceInstructed,
)
from omnivenue.model import (
    VENUES,
    AccountID,
    AssetID,
    Atoms,
    InstructionID,
    Instrument,
    InstrumentID,
    Nanos,
    NotCanonical,
    OrderID,
    OrdType,
    Side,
    StrategyID,
    TimeInForce,
    TriggerBy,
    VenueID,
    nearest,
    nearest_hint,
    parse_canonical_id,
)
from omnivenue.route import candidates, is_smart
from omnivenue.wire.algo import algo_event
from omnivenue.wire.errors import ErrorCode, Invalid, invalid
from omnivenue.wire.fields import cut
from omnivenue.wire.grid import digits_misfit, px_misfits, qty_misfits, to_atoms, too_little
from omnivenue.wire.instruction import (
    AdjustmentForm,
    CancelAllForm,
    CancelForm,
    Form,
    OrderForm,
    PauseForm,
    ReplaceForm,
    ResumeForm,
    body_hash,
    parse,
)
from omnivenue.wire.json_body import read_json
from omnivenue.wire.smart import candidates_wrong, grid_of
from omnivenue.wire.terms import LAST, ExitForm

WORD_MAX = 64

_SIDES, _TYPES = {side.value: side for side in Side}, {kind.value: kind for kind in OrdType}
_TIFS, _TRIGGERS = {tif.value: tif for tif in TimeInForce}, {by.value: by for by in TriggerBy}
_NO_EXIT = ExitForm()

NEAREST_AMONG = 256
"""Instruments that a hint is looked for among: thousands would make a slip expensive."""


def _no_order(_: OrderID) -> OrderInstructed | None:
    return None


class Listings(msgspec.Struct, frozen=True, kw_only=True):
    """What an instruction may name, as the core has it now."""

    instruments: Mapping[InstrumentID, Instrument]
    venues: Collection[VenueID]
    accounts: Collection[AccountID]
    order: Callable[[OrderID], OrderInstructed | None] = _no_order


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
        case PauseForm() | ResumeForm():
            return PauseInstructed(
                instruction_id=InstructionID(form.id),
                body_hash=body_hash(form),
                order_id=OrderID(form.order_id),
                is_over=isinstance(form, ResumeForm),
            )
        case ReplaceForm():
            return _replace(form, listings)
        case AdjustmentForm():
            return _adjustment(form, listings)


def _order(form: OrderForm, listings: Listings) -> OrderInstructed | Invalid:
    wrong = _unknown_account(form.account, listings)
    wrong += candidates_wrong(form, listings.instruments, lambda i: _unlisted(i, listings))
    named = tuple(map(InstrumentID, form.candidates or ()))
    found = candidates(listings.instruments, InstrumentID(form.instrument), named)
    if not found:
        if not is_smart(InstrumentID(form.instrument)):
            wrong += _unlisted(form.instrument, listings)
        return invalid(wrong, form.id)
    instrument, misfits = grid_of(found, lambda each: _misfits(form, each))
    wrong += misfits
    if wrong:
        return invalid(wrong, form.id)
    return OrderInstructed(
        instruction_id=InstructionID(form.id),
        body_hash=body_hash(form),
        account=AccountID(intern(form.account)),  # one for all orders: they are kept for long
        strategy_id=StrategyID(intern(form.strategy_id)),
        instrument_id=InstrumentID(intern(form.instrument)),
        side=_SIDES[form.side],
        qty=to_atoms(form.qty, instrument.qty_asset),
        ord_type=_TYPES[form.type],
        limit_px=_px(form.price, instrument),
        tif=_TIFS[form.tif],
        stop_px=_px(form.stop_price, instrument),
        trigger_by=_TRIGGERS[form.trigger_by or LAST],
        expire_at=None if form.expire_at is None else Nanos(form.expire_at),
        post_only=form.post_only,
        reduce_only=form.reduce_only,
        take_profit=_exit(form.take_profit, instrument),
        stop_loss=_exit(form.stop_loss, instrument),
        oco=form.oco,
        allow_duplicate=form.allow_duplicate,
        candidates=named,
        algo=algo_event(form.algo),
    )


def _misfits(form: OrderForm, instrument: Instrument) -> list[Reason]:
    """Everything in which quantity and prices do not fit the listing, those of the exits as well:
    a bracket whose exits cannot be sent would be none."""
    profit, loss = form.take_profit or _NO_EXIT, form.stop_loss or _NO_EXIT
    limits = (
        ("price", form.price),
        ("take_profit.price", profit.price),
        ("stop_loss.price", loss.price),
    )
    triggers = (("stop_price", form.stop_price), ("stop_loss.stop_price", loss.stop_price))
    return [
        *qty_misfits(instrument, form.qty),
        *px_misfits(instrument, (*limits, *triggers)),
        *too_little(instrument, form.qty, limits),
    ]


def _exit(form: ExitForm | None, instrument: Instrument) -> Exit | None:
    if form is None:
        return None
    stop_px = _px(form.stop_price, instrument)
    return Exit(limit_px=_px(form.price, instrument), stop_px=stop_px)


def _px(text: str | None, instrument: Instrument) -> Atoms | None:
    return None if text is None else to_atoms(text, instrument.quote)


def _replace(form: ReplaceForm, listings: Listings) -> ReplaceInstructed | Invalid:
    """Held against the listing of the order that it names. Whether that still works is a state."""
    order = listings.order(OrderID(form.order_id))
    if order is None:
        return invalid([ErrorCode.NOT_FOUND.because("there is no such order")], form.id)
    instrument = listings.instruments.get(order.instrument_id)
    wrong: list[Reason] = []
    if instrument is None:
        text = "an order over venues is not replaced: cancel it, and send another"
        return invalid([ErrorCode.CONTRADICTION.because(text)], form.id)
    if form.price is not None and order.limit_px is None:
        text = f"a {order.ord_type.value} order has no price that could be replaced"
        wrong.append(ErrorCode.CONTRADICTION.because(text))
    if form.qty is not None:
        wrong += qty_misfits(instrument, form.qty)
    wrong += px_misfits(instrument, [("price", form.price)])
    if form.qty is not None:
        wrong += too_little(instrument, form.qty, [("price", form.price)])
    if wrong:
        return invalid(wrong, form.id)
    return ReplaceInstructed(
        instruction_id=InstructionID(form.id),
        body_hash=body_hash(form),
        order_id=OrderID(form.order_id),
        qty=None if form.qty is None else to_atoms(form.qty, instrument.qty_asset),
        limit_px=_px(form.price, instrument),
    )


def _adjustment(form: AdjustmentForm, listings: Listings) -> AdjustmentInstructed | Invalid:
    wrong = _unknown_account(form.account, listings)
    if form.venue not in listings.venues:
        wrong.append(_unknown_venue(form.venue, listings))
    instrument = listings.instruments.get(InstrumentID(form.asset))
    if ":" in form.asset and instrument is None:
        wrong += _unlisted(form.asset, listings)
    elif instrument is None and form.asset not in (known := _assets(listings)):
        text = f"unknown asset {cut(form.asset)}{nearest_hint(form.asset, known)}"
        wrong.append(ErrorCode.UNKNOWN_INSTRUMENT.because(text, value=cut(form.asset)))
    elif instrument is not None and instrument.venue_id != form.venue:
        text = f"{form.asset} is not listed at {cut(form.venue)}"
        wrong.append(ErrorCode.CONTRADICTION.because(text))
    counted_in = AssetID(form.asset) if instrument is None else instrument.qty_asset
    wrong += digits_misfit("amount", form.amount, counted_in)
    if wrong:
        return invalid(wrong, form.id)
    is_less = form.amount.startswith("-")
    amount = to_atoms(form.amount.removeprefix("-"), counted_in)
    return AdjustmentInstructed(
        instruction_id=InstructionID(form.id),
        body_hash=body_hash(form),
        account=AccountID(form.account),
        venue_id=VenueID(form.venue),
        asset=AssetID(form.asset),
        amount=-amount if is_less else amount,
        reason=form.reason,
    )


def _assets(listings: Listings) -> set[str]:
    return {a for i in listings.instruments.values() for a in (i.base, i.quote, i.settle)}


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


def _some(names: Collection[str]) -> str:
    return ", ".join(sorted(names)[:20]) or "none"
