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
    VenueID,
    format_decimal,
)
from omnivenue.wire import Invalid, Listings, decode_instruction
from omnivenue.wire.instruction import ORDER_FIELDS, UNBUILT_KINDS

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


@st.composite
def orders(draw: st.DrawFn) -> dict[str, Any]:
    lots = draw(st.integers(min_value=1, max_value=10**12))
    order: dict[str, Any] = {"kind": "order", "instrument": ID, "side": "buy"}
    order["id"] = draw(st.from_regex(r"[A-Za-z0-9._:-]{1,40}", fullmatch=True))
    order["qty"] = format_decimal(lots * BTC.lot, 8)
    if draw(st.booleans()):
        order["price"] = format_decimal(draw(st.integers(1, 10**9)) * BTC.tick, 8)
    return order


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
        "algo": None,
        "stop_price": None,
    }.items():
        if draw(st.booleans()):
            spelled[name] = draw(st.sampled_from([value, None]))
    for name in {"qty", "price"} & spelled.keys():
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


@given(orders(), orders())
def test_orders_that_differ_have_hashes_that_differ(
    one: dict[str, Any], two: dict[str, Any]
) -> None:
    first, second = sent(json.dumps(one).encode()), sent(json.dumps(two).encode())
    assert isinstance(first, OrderInstructed)
    assert isinstance(second, OrderInstructed)
    assert (first.body_hash == second.body_hash) == (one == two)


@given(st.sampled_from(UNBUILT_KINDS), st.dictionaries(st.text(max_size=8), VALUES))
def test_what_is_not_built_says_so_whatever_it_holds(kind: str, body: dict[str, Any]) -> None:
    answer = sent(json.dumps({**body, "kind": kind, "id": "k"}).encode())
    assert isinstance(answer, Invalid)
    assert answer.status == 501 or answer.reasons[0].code in {"API-001", "API-005"}
