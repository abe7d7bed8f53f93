"""The terms of an order: its type, its prices, how long it works, what its fills lead to; and every
way in which they contradict one another. What needs a clock or a state to be judged is the core's.
"""

import msgspec

from omnivenue.model import Nanos, parse_decimal
from omnivenue.wire.errors import ErrorCode
from omnivenue.wire.fields import DECIMALS_MAX, NAME, Fields

STOPS = ("stop", "take_profit")
STOP_LIMITS = ("stop_limit", "take_profit_limit")
TRIGGERED = (*STOPS, *STOP_LIMITS)
TYPES = ("market", "limit", *TRIGGERED)
RESTING_TIFS = ("gtc", "day", "gtd")
TIFS = ("gtc", "ioc", "fok", "day", "gtd")
LAST = "last"
TRIGGERS = (LAST, "bid", "ask", "mark")

TERM_FIELDS = (
    *("type", "price", "stop_price", "trigger_by", "tif", "expire_at", "reduce_only", "post_only"),
    *("take_profit", "stop_loss", "oco", "allow_duplicate"),
)
EXIT_FIELDS = {"take_profit": ("price",), "stop_loss": ("stop_price", "price")}


class ExitForm(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One of a bracket's ends."""

    price: str | None = None
    stop_price: str | None = None


class Terms(msgspec.Struct, frozen=True, kw_only=True):
    type: str
    price: str | None
    stop_price: str | None
    trigger_by: str | None  # None: last
    tif: str
    expire_at: Nanos | None
    reduce_only: bool
    post_only: bool
    take_profit: ExitForm | None
    stop_loss: ExitForm | None
    oco: str | None
    allow_duplicate: bool


def read_terms(fields: Fields, side: str | None) -> Terms:
    """With their defaults; what is wrong with them is added to `fields`."""
    ord_type = fields.one_of("type", TYPES)
    if not fields.has("type"):
        ord_type = "limit" if fields.has("price") else "market"
    tif = fields.one_of("tif", TIFS)
    if not fields.has("tif"):
        tif = "ioc" if ord_type == "market" else "gtc"
    trigger_by = fields.one_of("trigger_by", TRIGGERS)
    terms = Terms(
        type=ord_type or "",
        price=fields.decimal("price"),
        stop_price=fields.decimal("stop_price"),
        trigger_by=None if trigger_by == LAST else trigger_by,
        tif=tif or "",
        expire_at=fields.time("expire_at"),
        reduce_only=fields.flag("reduce_only"),
        post_only=fields.flag("post_only"),
        take_profit=_exit(fields, "take_profit"),
        stop_loss=_exit(fields, "stop_loss"),
        oco=fields.identifier("oco", NAME),
        allow_duplicate=fields.flag("allow_duplicate"),
    )
    _prices(fields, terms)
    _times(fields, terms)
    _flags(fields, terms)
    if side is not None:
        _bracket(fields, terms, side)
    return terms


def _exit(fields: Fields, name: str) -> ExitForm | None:
    inner = fields.inner(name)
    if inner is None:
        return None
    inner.only(EXIT_FIELDS[name])
    needed = EXIT_FIELDS[name][0]
    if not inner.has(needed):
        inner.missing(needed)
    stop_price = inner.decimal("stop_price") if name == "stop_loss" else None
    return ExitForm(price=inner.decimal("price"), stop_price=stop_price)


def _prices(fields: Fields, terms: Terms) -> None:
    """Which type needs which price. A type that could not be read needs none."""
    ord_type = terms.type
    if ord_type == "limit" and not fields.has("price"):
        _contradict(fields, "a limit order needs a price")
    if ord_type == "market" and fields.has("price"):
        _contradict(fields, "a market order has no price: leave it out")
    if ord_type in STOP_LIMITS and not fields.has("price"):
        _contradict(fields, f"a {ord_type} order needs a price: without one it is a {_bare(terms)}")
    if ord_type in STOPS and fields.has("price"):
        text = f"a {ord_type} order is a market order once triggered: with a price it is a"
        _contradict(fields, f"{text} {ord_type}_limit")
    if ord_type in TRIGGERED and not fields.has("stop_price"):
        _contradict(fields, f"a {ord_type} order needs a stop_price: what triggers it")
    if ord_type in ("market", "limit") and fields.has("stop_price"):
        _contradict(fields, f"stop_price belongs to {', '.join(TRIGGERED)}")
    if ord_type in ("market", "limit") and terms.trigger_by and not terms.stop_loss:
        _contradict(fields, f"trigger_by belongs to {', '.join(TRIGGERED)}, or to a stop_loss")


def _times(fields: Fields, terms: Terms) -> None:
    if terms.type == "market" and terms.tif in RESTING_TIFS:
        _contradict(fields, "a market order cannot rest: its tif is ioc or fok")
    if terms.tif == "gtd" and not fields.has("expire_at"):
        _contradict(fields, "tif gtd needs expire_at: until when")
    if terms.tif not in ("gtd", "") and fields.has("expire_at"):
        _contradict(fields, "expire_at belongs to tif gtd")


def _flags(fields: Fields, terms: Terms) -> None:
    if terms.post_only and terms.type in ("market", *STOPS):
        _contradict(
            fields, f"post_only cannot hold for a {terms.type} order: it takes, never rests"
        )
    if terms.post_only and terms.tif in ("ioc", "fok"):
        _contradict(
            fields, f"post_only and tif {terms.tif} exclude one another: it could not trade"
        )
    if terms.reduce_only and (terms.take_profit or terms.stop_loss):
        text = "reduce_only and a bracket exclude one another: exits close what their entry opens"
        _contradict(fields, text)


def _bracket(fields: Fields, terms: Terms, side: str) -> None:
    """Its exits stand on either side of the entry: the profit's above a buy, the loss's below."""
    loss = _number(terms.stop_loss and terms.stop_loss.stop_price)
    if loss is None:
        return
    sign, where = (1, "below") if side == "buy" else (-1, "above")
    profit = _number(terms.take_profit and terms.take_profit.price)
    if profit is not None and sign * (profit - loss) <= 0:
        text = (
            f"stop_loss.stop_price must be {where} take_profit.price, where the order is a {side}"
        )
        _contradict(fields, text)
    name = "stop_price" if terms.price is None else "price"
    entry = _number(terms.price or terms.stop_price)
    if entry is not None and sign * (entry - loss) <= 0:
        text = f"stop_loss.stop_price must be {where} {name}: it would trigger at once"
        _contradict(fields, text)


def _number(text: str | None) -> int | None:
    return None if text is None else parse_decimal(text, DECIMALS_MAX)


def _bare(terms: Terms) -> str:
    return terms.type.removesuffix("_limit")


def _contradict(fields: Fields, text: str) -> None:
    fields.add(ErrorCode.CONTRADICTION, text)
