"""Whatever is sent, the answer is an instruction or a refusal; a hash is of the meaning alone."""

import json
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from omnivenue.message import OrderInstructed
from omnivenue.model import (
    AccountID,
    AssetID,
    Atoms,
    Instrument,
    InstrumentID,
    InstrumentType,
    Lots,
    Nanos,
    VenueID,
    format_decimal,
)
from omnivenue.wire import Invalid, Listings, decode_instruction, instruction_document, iso
from omnivenue.wire.instruction import ORDER_FIELDS, UNBUILT_KINDS
from omnivenue.wire.times import EARLIEST, LATEST

ID = InstrumentID("OKX:SPOT_PAIR:BTC-USDT")
BTC = Instrument(
    instrument_id=ID,
    version=1,
    venue_id=VenueID("OKX"),
    type=InstrumentType.SPOT_PAIR,
    base=AssetID("BTC"),
    quote=AssetID("USDT"),
    settle=AssetID("USDT"),
    lot=Atoms(1_000),
    tick=Atoms(1_000_000),
    min_qty=Lots(1),
    min_notional=Atoms(0),
)
LISTINGS = Listings(
    instruments={ID: BTC},
    venues=frozenset({VenueID("OKX")}),
    accounts=frozenset({AccountID("main")}),
)

SCALARS = st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20)
VALUES = st.recursive(
    SCALARS | st.sampled_from(["order", "cancel", "cancel_all", "buy", "limit", "NaN", "1e5", ID]),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner),
    max_leaves=8,
)
NAMES = st.sampled_from([*ORDER_FIELDS, "order_id", "venue"]) | st.text(max_size=8)


def sent(raw: bytes, key: str | None = None) -> object:
    answer = decode_instruction(raw, key, LISTINGS)
    if isinstance(answer, Invalid):
        assert answer.status in {400, 413, 422, 501}
        assert answer.reasons
        msgspec.json.encode(answer.document)
    return answer


@given(st.dictionaries(NAMES, VALUES), st.none() | st.text(max_size=10))
def test_any_object_is_an_instruction_or_refused(body: dict[str, Any], key: str | None) -> None:
    sent(json.dumps(body).encode(), key)


@given(VALUES)
def test_any_json_is_answered(body: object) -> None:
    sent(json.dumps(body).encode())


@given(st.binary(max_size=200) | st.text(alphabet='{}[]",:\\ae1', max_size=200).map(str.encode))
def test_any_bytes_are_answered(raw: bytes) -> None:
    sent(raw)


TICKS = st.integers(2, 10**9)


def px(ticks: int) -> str:
    return format_decimal(ticks * BTC.tick, 8)


@st.composite
def orders(draw: st.DrawFn) -> dict[str, Any]:
    """Any that is taken, with terms that go together."""
    lots = draw(st.integers(min_value=1, max_value=10**12))
    order: dict[str, Any] = {"kind": "order", "instrument": ID, "side": "buy"}
    order["id"] = draw(st.from_regex(r"[A-Za-z0-9._:-]{1,40}", fullmatch=True))
    order["qty"] = format_decimal(lots * BTC.lot, 8)
    if draw(st.booleans()):
        order["price"] = px(draw(TICKS))
    if draw(st.booleans()):
        order |= draw(terms(order.get("price")))
    return order


@st.composite
def terms(draw: st.DrawFn, price: str | None) -> dict[str, Any]:
    found: dict[str, Any] = {}
    if draw(st.booleans()):
        kind = draw(st.sampled_from(["stop", "take_profit"]))
        found["type"] = kind if price is None else f"{kind}_limit"
        found["stop_price"] = px(draw(TICKS))
        found["trigger_by"] = draw(st.sampled_from(["last", "bid", "ask", "mark"]))
    if price is not None or "type" in found:
        found["tif"] = draw(st.sampled_from(["gtc", "day", "gtd", "ioc"]))
        if found["tif"] == "gtd":
            found["expire_at"] = draw(st.integers(EARLIEST, LATEST))
    if price is not None and found.get("tif") != "ioc":
        found["post_only"] = draw(st.booleans())
    found["oco"] = draw(st.none() | st.sampled_from(["g", "h"]))
    if draw(st.booleans()):
        found["reduce_only"] = True
    elif draw(st.booleans()):
        found["take_profit"] = {"price": px(10**10)}
        found["stop_loss"] = {"stop_price": px(1), "price": draw(st.none() | st.just(px(1)))}
    return found


def padded(text: str, zeros: int) -> str:
    return text + ("" if "." in text else ".0") + "0" * zeros


@st.composite
def respelled(draw: st.DrawFn, order: dict[str, Any]) -> bytes:
    """The same order as another client might write it."""
    limit = "price" in order
    spelled: dict[str, Any] = dict(order)
    for name, value in {
        "type": "limit" if limit else "market",
        "tif": "gtc" if limit else "ioc",
        "account": "main",
        "strategy_id": "default",
        "trigger_by": "last",
        "allow_duplicate": False,
        "post_only": False,
        "reduce_only": False,
        "algo": None,
        "stop_price": None,
        "take_profit": None,
        "expire_at": None,
    }.items():
        if name not in order and draw(st.booleans()):
            spelled[name] = draw(st.sampled_from([value, None]))
    if isinstance(order.get("expire_at"), int):
        at = Nanos(order["expire_at"])
        spelled["expire_at"] = draw(st.sampled_from([at, str(at), iso(at)]))
    for name in {"qty", "price", "stop_price"} & {n for n in spelled if spelled[n]}:
        spelled[name] = padded(spelled[name], draw(st.integers(0, 6)))
    spelled["instrument"] = draw(st.sampled_from([ID, f"{ID}@LIN", f"CRYPTO:{ID}"]))
    members = draw(st.permutations(list(spelled.items())))
    return json.dumps(dict(members), indent=draw(st.sampled_from([None, 0, 3]))).encode()


@pytest.mark.covers("K18")
@given(st.data())
def test_the_spelling_does_not_matter(data: st.DataObject) -> None:
    order = data.draw(orders())
    plain = sent(json.dumps(order).encode())
    assert isinstance(plain, OrderInstructed)
    assert sent(data.draw(respelled(order))) == plain
    key = order.pop("id")
    assert sent(json.dumps(order).encode(), key) == plain


@pytest.mark.covers("K18")
@given(orders())
def test_what_is_shown_is_what_would_be_accepted(order: dict[str, Any]) -> None:
    event = sent(json.dumps(order).encode())
    assert isinstance(event, OrderInstructed)
    document = instruction_document(event, BTC)
    assert sent(json.dumps(document).encode()) == event


def meant(order: dict[str, Any]) -> dict[str, Any]:
    """Without what says nothing."""
    unsaid = (None, False, "last")
    plain = {"tif": "gtc" if "price" in order or "type" in order else "ioc"} | order
    return {name: value for name, value in plain.items() if value not in unsaid}


@given(orders(), orders())
def test_orders_that_differ_have_hashes_that_differ(
    one: dict[str, Any], two: dict[str, Any]
) -> None:
    first, second = sent(json.dumps(one).encode()), sent(json.dumps(two).encode())
    assert isinstance(first, OrderInstructed)
    assert isinstance(second, OrderInstructed)
    assert (first.body_hash == second.body_hash) == (meant(one) == meant(two))


@given(st.sampled_from(UNBUILT_KINDS), st.dictionaries(st.text(max_size=8), VALUES))
def test_what_is_not_built_says_so_whatever_it_holds(kind: str, body: dict[str, Any]) -> None:
    answer = sent(json.dumps({**body, "kind": kind, "id": "k"}).encode())
    assert isinstance(answer, Invalid)
    assert answer.status == 501 or answer.reasons[0].code in {"API-001", "API-005"}
