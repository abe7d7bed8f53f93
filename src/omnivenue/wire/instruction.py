"""The JSON instruction, read once for every transport, in two pure steps.

`parse` judges the text alone and gives a form with all defaults filled in; `resolve.to_event` holds
the form against what is listed. Two bodies are the same instruction when their forms are: hence the
body's hash is taken of the form, and white space, order of members, spelling of numbers (`0.50`),
explicit defaults and transport do not matter.
"""

from functools import lru_cache
from hashlib import sha256
from typing import Any, cast

import msgspec

from omnivenue.model import InstrumentID, NotCanonical, parse_canonical_id
from omnivenue.wire.errors import ErrorCode, Invalid, invalid
from omnivenue.wire.fields import KEY, NAME, Fields, cut

DEFAULT_ACCOUNT = "main"
DEFAULT_STRATEGY = "default"

KINDS = ("order", "cancel", "cancel_all")
UNBUILT_KINDS = ("replace", "transfer", "chain", "bundle", "bridge", "option", "plan")
BLOCKS = frozenset(
    {"wallet_transfers", "cex_trades", "wallet_transfers_2", "smart_contracts", "cex_trades_2"}
)
TYPES = ("market", "limit")
UNBUILT_TYPES = ("stop", "stop_limit", "take_profit", "take_profit_limit")
TIFS = ("gtc", "ioc", "fok")
UNBUILT_TIFS = ("day", "gtd")
TRIGGERS = ("last", "bid", "ask", "mark")
UNBUILT_FIELDS = ("candidates", "take_profit", "stop_loss", "oco", "algo")
UNBUILT_FLAGS = ("reduce_only", "post_only")

ORDER_FIELDS = (
    *("kind", "id", "strategy_id", "account", "instrument", "side", "qty", "type", "price"),
    *("stop_price", "trigger_by", "tif", "expire_at", "allow_duplicate"),
    *(*UNBUILT_FLAGS, *UNBUILT_FIELDS),
)
CANCEL_FIELDS = ("kind", "id", "order_id")
CANCEL_ALL_FIELDS = ("kind", "id", "venue", "instrument", "strategy_id", "account")


class _Form(msgspec.Struct, frozen=True, kw_only=True, tag_field="kind", omit_defaults=True):
    """What a client asked for, defaults filled in. A field with a default here is left out of the
    hash while it has it: a later field then leaves the hashes of older instructions alone."""

    id: str


class OrderForm(_Form, frozen=True, kw_only=True, tag="order"):
    account: str
    strategy_id: str
    instrument: str  # canonical where it can be read, else as it came
    side: str
    qty: str
    type: str
    price: str | None
    tif: str
    allow_duplicate: bool = False


class CancelForm(_Form, frozen=True, kw_only=True, tag="cancel"):
    order_id: str


class CancelAllForm(_Form, frozen=True, kw_only=True, tag="cancel_all"):
    """None: all of them."""

    venue: str | None = None
    instrument: str | None = None
    strategy_id: str | None = None
    account: str | None = None


type Form = OrderForm | CancelForm | CancelAllForm

_CANONICAL = msgspec.json.Encoder(order="deterministic")


def body_hash(form: Form) -> str:
    """SHA-256 of the form in canonical JSON: what is compared when a key comes again."""
    return sha256(_CANONICAL.encode(form)).hexdigest()


def parse(document: object, header_key: str | None) -> Form | Invalid:
    """The form of one decoded instruction, or all that is wrong with it. `header_key` is the
    transport's own place for the key, where it has one."""
    if not isinstance(document, dict):
        return invalid([ErrorCode.WRONG_TYPE.because("an instruction must be a JSON object")])
    fields = Fields(cast("dict[str, Any]", document))
    key = _key(fields, header_key)
    form = _form(fields, cast("dict[str, Any]", document), key or "")
    if fields.wrong or form is None:
        return invalid(fields.wrong, key)
    return form


def _key(fields: Fields, header_key: str | None) -> str | None:
    body_key = fields.text("id")
    if body_key is None and header_key is None:
        if not fields.wrong:  # else it is there and no string, which has been said
            text = "no idempotency key: give id in the body or the header Idempotency-Key"
            fields.add(ErrorCode.NO_KEY, text)
        return None
    if body_key is not None and header_key is not None and body_key != header_key:
        text = "id and the header Idempotency-Key differ: give one of them, or the same"
        fields.add(ErrorCode.KEYS_DIFFER, text, value=cut(f"{body_key} / {header_key}"))
        return None
    return fields.checked_id("id", body_key or header_key or "", KEY)


def _form(fields: Fields, document: dict[str, Any], key: str) -> Form | None:
    if not fields.has("kind") and not BLOCKS.isdisjoint(document):
        return _unbuilt(fields, "blocks of instructions are")
    match fields.one_of("kind", (*KINDS, *UNBUILT_KINDS)):
        case "order":
            return _order(fields, key)
        case "cancel":
            return _cancel(fields, key)
        case "cancel_all":
            return _cancel_all(fields, key)
        case None:
            if not fields.has("kind"):
                fields.missing("kind")
            return None
        case kind:
            return _unbuilt(fields, f"kind {kind} is")


def _order(fields: Fields, key: str) -> OrderForm | None:
    fields.only(ORDER_FIELDS)
    ord_type, price, tif = _terms(fields)
    form = OrderForm(
        id=key,
        account=fields.identifier("account", NAME) or DEFAULT_ACCOUNT,
        strategy_id=fields.identifier("strategy_id", NAME) or DEFAULT_STRATEGY,
        instrument=_instrument(fields) or "",
        side=fields.one_of("side", ("buy", "sell")) or "",
        qty=fields.decimal("qty") or "",
        type=ord_type,
        price=price,
        tif=tif,
        allow_duplicate=fields.flag("allow_duplicate"),
    )
    for name in ("instrument", "side", "qty"):
        if not fields.has(name):
            fields.missing(name)
    _unbuilt_options(fields)
    return form


def _terms(fields: Fields) -> tuple[str, str | None, str]:
    """Type, price and time in force, and whether they go together. What is not built is only said
    to be so: its own rules come with it."""
    price, stop_price = fields.decimal("price"), fields.decimal("stop_price")
    ord_type = fields.one_of("type", (*TYPES, *UNBUILT_TYPES))
    if not fields.has("type"):
        ord_type = "limit" if fields.has("price") else "market"
    tif = fields.one_of("tif", (*TIFS, *UNBUILT_TIFS))
    if not fields.has("tif"):
        tif = "ioc" if ord_type == "market" else "gtc"
    if ord_type in UNBUILT_TYPES:
        _unbuilt(fields, f"type {ord_type} is")
    elif stop_price is not None:
        fields.add(ErrorCode.CONTRADICTION, f"stop_price belongs to {', '.join(UNBUILT_TYPES)}")
    if tif in UNBUILT_TIFS:
        _unbuilt(fields, f"tif {tif} is")
    elif fields.has("expire_at"):
        fields.add(ErrorCode.CONTRADICTION, "expire_at belongs to tif gtd")
    if ord_type == "limit" and not fields.has("price"):
        fields.add(ErrorCode.CONTRADICTION, "a limit order needs a price")
    if ord_type == "market" and fields.has("price"):
        fields.add(ErrorCode.CONTRADICTION, "a market order has no price: leave it out")
    if ord_type == "market" and tif not in {None, "ioc", "fok"}:
        fields.add(ErrorCode.CONTRADICTION, "a market order cannot rest: its tif is ioc or fok")
    return ord_type or "", price, tif or ""


def _unbuilt_options(fields: Fields) -> None:
    for name in UNBUILT_FIELDS:
        if fields.has(name):
            _unbuilt(fields, f"{name} is")
    for name in UNBUILT_FLAGS:
        if fields.flag(name):
            _unbuilt(fields, f"{name} is")
    if fields.one_of("trigger_by", TRIGGERS) not in {None, "last"}:
        _unbuilt(fields, "trigger_by other than last is")


def _cancel(fields: Fields, key: str) -> CancelForm:
    fields.only(CANCEL_FIELDS)
    if not fields.has("order_id"):
        fields.missing("order_id")
    return CancelForm(id=key, order_id=fields.identifier("order_id", KEY) or "")


def _cancel_all(fields: Fields, key: str) -> CancelAllForm:
    fields.only(CANCEL_ALL_FIELDS)
    return CancelAllForm(
        id=key,
        venue=fields.text("venue"),
        instrument=_instrument(fields),
        strategy_id=fields.identifier("strategy_id", NAME),
        account=fields.identifier("account", NAME),
    )


def _unbuilt(fields: Fields, what: str) -> None:
    fields.add(ErrorCode.NOT_BUILT, f"{what} not built yet")


def _instrument(fields: Fields) -> str | None:
    text = fields.text("instrument")
    return None if text is None else normal_instrument_id(text)


@lru_cache(maxsize=4096)
def normal_instrument_id(text: str) -> InstrumentID:
    """The one id of an instrument. What is no canonical id is left as it is: the table of
    instruments will not have it, and the answer says why."""
    try:
        return parse_canonical_id(text).instrument_id
    except NotCanonical:
        return InstrumentID(text)
