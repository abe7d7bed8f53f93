"""The JSON instruction, read once for every transport, in two pure steps.

`parse` judges the text alone and gives a form with all defaults filled in; `resolve.to_event` holds
the form against what is listed. Two bodies are the same instruction when their forms are: hence the
body's hash is taken of the form, and white space, order of members, spelling of numbers (`0.50`),
explicit defaults and transport do not matter.
"""

from collections.abc import Callable
from functools import lru_cache
from hashlib import sha256
from typing import Any, cast

import msgspec

from omnivenue.model import InstrumentID, NotCanonical, parse_canonical_id
from omnivenue.route import is_smart
from omnivenue.wire.algo import AlgoForm, read_algo
from omnivenue.wire.errors import ErrorCode, Invalid, invalid
from omnivenue.wire.fields import KEY, NAME, ORDER_ID, Fields, cut
from omnivenue.wire.terms import TERM_FIELDS, ExitForm, read_terms

DEFAULT_ACCOUNT = "main"
DEFAULT_STRATEGY = "default"
EXTERNAL = "EXTERNAL"  # nobody's own: so that no order of ours is taken for one that is not

KINDS = ("order", "cancel", "cancel_all", "replace", "pause", "resume")
UNBUILT_KINDS = ("transfer", "chain", "bundle", "bridge", "option", "plan")
ADJUSTMENT = "adjustment"  # of an admin alone, so it has a call of its own
BLOCKS = frozenset(
    {"wallet_transfers", "cex_trades", "wallet_transfers_2", "smart_contracts", "cex_trades_2"}
)
ORDER_FIELDS = (
    *("kind", "id", "strategy_id", "account", "instrument", "side", "qty"),
    *(*TERM_FIELDS, "candidates", "algo"),
)
CANCEL_FIELDS = ("kind", "id", "order_id")
CANCEL_ALL_FIELDS = ("kind", "id", "venue", "instrument", "strategy_id", "account")
REPLACE_FIELDS = ("kind", "id", "order_id", "qty", "price")
ADJUSTMENT_FIELDS = ("kind", "id", "account", "venue", "asset", "amount", "reason")
CANDIDATES_MAX = 32


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
    stop_price: str | None = None
    trigger_by: str | None = None  # last. A default must be a singleton to be left out of a hash
    expire_at: int | None = None  # nanoseconds, however it was written
    post_only: bool = False
    reduce_only: bool = False
    take_profit: ExitForm | None = None
    stop_loss: ExitForm | None = None
    oco: str | None = None
    candidates: tuple[str, ...] | None = None  # sorted: in which order they come means nothing
    algo: AlgoForm | None = None


class PauseForm(_Form, frozen=True, kw_only=True, tag="pause"):
    order_id: str


class ResumeForm(_Form, frozen=True, kw_only=True, tag="resume"):
    order_id: str


class CancelForm(_Form, frozen=True, kw_only=True, tag="cancel"):
    order_id: str


class CancelAllForm(_Form, frozen=True, kw_only=True, tag="cancel_all"):
    """None: all of them."""

    venue: str | None = None
    instrument: str | None = None
    strategy_id: str | None = None
    account: str | None = None


class ReplaceForm(_Form, frozen=True, kw_only=True, tag="replace"):
    """None: as it is."""

    order_id: str
    qty: str | None = None
    price: str | None = None


class AdjustmentForm(_Form, frozen=True, kw_only=True, tag=ADJUSTMENT):
    account: str
    venue: str
    asset: str  # or an instrument's id
    amount: str  # with its sign
    reason: str


type Form = (
    OrderForm | CancelForm | CancelAllForm | ReplaceForm | PauseForm | ResumeForm | AdjustmentForm
)

_CANONICAL = msgspec.json.Encoder(order="deterministic")


def body_hash(form: Form) -> str:
    """SHA-256 of the form in canonical JSON: what is compared when a key comes again."""
    return sha256(_CANONICAL.encode(form)).hexdigest()


def parse(document: object, header_key: str | None) -> Form | Invalid:
    """The form of one decoded instruction, or all that is wrong with it. `header_key` is the
    transport's own place for the key, where it has one."""
    return _parsed(document, header_key, _form)


def parse_adjustment(document: object, header_key: str | None) -> Form | Invalid:
    """As `parse`, of the one kind that has a call of its own."""
    return _parsed(document, header_key, _adjustment)


def _parsed(
    document: object, header_key: str | None, read: Callable[[Fields, str], Form | None]
) -> Form | Invalid:
    if not isinstance(document, dict):
        return invalid([ErrorCode.WRONG_TYPE.because("an instruction must be a JSON object")])
    fields = Fields(cast("dict[str, Any]", document))
    key = _key(fields, header_key)
    form = read(fields, key or "")
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


def _form(fields: Fields, key: str) -> Form | None:
    if not fields.has("kind") and any(map(fields.has, BLOCKS)):
        return _unbuilt(fields, "blocks of instructions are")
    match fields.one_of("kind", (*KINDS, *UNBUILT_KINDS)):
        case "order":
            return _order(fields, key)
        case "cancel":
            return _cancel(fields, key)
        case "cancel_all":
            return _cancel_all(fields, key)
        case "replace":
            return _replace(fields, key)
        case "pause":
            return PauseForm(id=key, order_id=_order_id(fields))
        case "resume":
            return ResumeForm(id=key, order_id=_order_id(fields))
        case None:
            if not fields.has("kind"):
                fields.missing("kind")
            return None
        case kind:
            return _unbuilt(fields, f"kind {kind} is")


def _order(fields: Fields, key: str) -> OrderForm | None:
    fields.only(ORDER_FIELDS)
    side = fields.one_of("side", ("buy", "sell"))
    terms = read_terms(fields, side)
    form = OrderForm(
        id=key,
        account=fields.identifier("account", NAME) or DEFAULT_ACCOUNT,
        strategy_id=fields.identifier("strategy_id", NAME) or DEFAULT_STRATEGY,
        instrument=_instrument(fields) or "",
        side=side or "",
        qty=fields.decimal("qty") or "",
        candidates=_candidates(fields),
        algo=read_algo(fields),
        **msgspec.structs.asdict(terms),
    )
    _whole(fields, form)
    if form.strategy_id == EXTERNAL:
        text = f"strategy_id {EXTERNAL} is what orders have that are not ours"
        fields.add(ErrorCode.BAD_ID, text, value=EXTERNAL)
    for name in ("instrument", "side", "qty"):
        if not fields.has(name):
            fields.missing(name)
    return form


def _whole(fields: Fields, form: OrderForm) -> None:
    """What an order over venues or over time shall be able to do, and is not yet."""
    if form.algo is None and not is_smart(InstrumentID(form.instrument)):
        return
    terms = {
        "a trigger": form.stop_price,
        "a bracket": form.take_profit or form.stop_loss,
        "an oco": form.oco,
    }
    for what in (name for name, term in terms.items() if term is not None):
        _unbuilt(fields, f"{what} of an order over venues or over time is")


def _candidates(fields: Fields) -> tuple[str, ...] | None:
    found = fields.texts("candidates", CANDIDATES_MAX)
    return None if found is None else tuple(sorted(set(map(normal_instrument_id, found))))


def _cancel(fields: Fields, key: str) -> CancelForm:
    return CancelForm(id=key, order_id=_order_id(fields))


def _order_id(fields: Fields) -> str:
    """Of an instruction that says no more than which order."""
    fields.only(CANCEL_FIELDS)
    if not fields.has("order_id"):
        fields.missing("order_id")
    return fields.identifier("order_id", ORDER_ID) or ""


def _cancel_all(fields: Fields, key: str) -> CancelAllForm:
    fields.only(CANCEL_ALL_FIELDS)
    return CancelAllForm(
        id=key,
        venue=fields.text("venue"),
        instrument=_instrument(fields),
        strategy_id=fields.identifier("strategy_id", NAME),
        account=fields.identifier("account", NAME),
    )


def _replace(fields: Fields, key: str) -> ReplaceForm:
    fields.only(REPLACE_FIELDS)
    if not fields.has("order_id"):
        fields.missing("order_id")
    if not fields.has("qty") and not fields.has("price"):
        fields.add(ErrorCode.MISSING, "a replace needs qty, price or both: what shall change")
    return ReplaceForm(
        id=key,
        order_id=fields.identifier("order_id", ORDER_ID) or "",
        qty=fields.decimal("qty"),
        price=fields.decimal("price"),
    )


def _adjustment(fields: Fields, key: str) -> AdjustmentForm:
    fields.only(ADJUSTMENT_FIELDS)
    fields.one_of("kind", (ADJUSTMENT,))
    for name in ("venue", "asset", "amount"):
        if not fields.has(name):
            fields.missing(name)
    asset = fields.text("asset") or ""
    return AdjustmentForm(
        id=key,
        account=fields.identifier("account", NAME) or DEFAULT_ACCOUNT,
        venue=fields.text("venue") or "",
        asset=normal_instrument_id(asset) if ":" in asset else asset,
        amount=fields.signed_decimal("amount") or "",
        reason=fields.reason(),
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
