"""From a form to an event: what the form names must be listed, and its numbers must fit.

Only what syntax, the instrument table and ids decide is judged here. Limits, balances and states
are the core's, and are journaled.
"""

from sys import intern

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
    AccountID,
    AssetID,
    Atoms,
    InstructionID,
    Instrument,
    InstrumentID,
    Nanos,
    OrderID,
    OrdType,
    Side,
    StrategyID,
    TimeInForce,
    TriggerBy,
    VenueID,
    nearest_hint,
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
from omnivenue.wire.listings import Listings, unknown, unknown_account, unknown_venue, unlisted
from omnivenue.wire.smart import candidates_wrong, grid_of
from omnivenue.wire.terms import LAST, ExitForm

_SIDES, _TYPES = {side.value: side for side in Side}, {kind.value: kind for kind in OrdType}
_TIFS, _TRIGGERS = {tif.value: tif for tif in TimeInForce}, {by.value: by for by in TriggerBy}
_NO_EXIT = ExitForm()


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
    wrong = unknown_account(form.account, listings)
    wrong += candidates_wrong(form, listings.instruments, lambda i: unlisted(i, listings))
    named = tuple(map(InstrumentID, form.candidates or ()))
    found = candidates(listings.instruments, InstrumentID(form.instrument), named)
    if not found:
        if not is_smart(InstrumentID(form.instrument)):
            wrong += unlisted(form.instrument, listings)
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
    wrong = unknown_account(form.account, listings)
    if form.venue not in listings.venues:
        wrong.append(unknown_venue(form.venue, listings))
    instrument = listings.instruments.get(InstrumentID(form.asset))
    if ":" in form.asset and instrument is None:
        wrong += unlisted(form.asset, listings)
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
    wrong = unknown(listings, form.venue, form.instrument, form.account)
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
