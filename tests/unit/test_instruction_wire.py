"""Every instruction that must not pass, with code, status and words; what the right ones become.
The terms of orders have a file of their own."""

import json
import time
from typing import Any

import msgspec
import pytest

from omnivenue.message import CancelAllInstructed, CancelInstructed, OrderInstructed
from omnivenue.model import OrdType, Side, TimeInForce
from omnivenue.wire import (
    ErrorCode,
    Invalid,
    decode_instruction,
    instruction_document,
    invalid,
)
from wire_scene import BTC_SPOT, ETH_SPOT, INSTRUMENTS, LISTINGS, ORDER, SMART_ORDER, sent, without

BAD_BODIES: list[tuple[bytes, int, str, str]] = [
    (b"", 400, "API-001", "not JSON"),
    (b"{", 400, "API-001", "not JSON"),
    (b'{"kind": order}', 400, "API-001", "not JSON"),
    (b"{'kind': 'order'}", 400, "API-001", "not JSON"),
    (b'{"qty": NaN}', 400, "API-001", "not JSON"),
    (b'{"qty": Infinity}', 400, "API-001", "not JSON"),
    (b'{"kind": "order"} {}', 400, "API-001", "not JSON"),
    (b'\xff{"kind": "order"}', 400, "API-001", "not JSON"),
    (b'{"id": ' + b"9" * 5_000 + b"}", 400, "API-001", "not JSON"),
    (b'"' + b"x" * 10_000_000 + b'"', 413, "API-004", "262144 at most"),
    (b"[" * 1_000_000, 413, "API-004", "262144 at most"),
    (b"[" * 200_000, 413, "API-005", "deeper than 32"),
    (b'{"a":' * 50_000, 413, "API-005", "deeper than 32"),
    (b"[" * 33 + b"]" * 33, 413, "API-005", "deeper than 32"),
    (b"[" * 32 + b"[]," * 99 + b"[]" + b"]" * 32, 413, "API-005", "deeper than 32"),
    (b"[" * 31 + b"[]," * 99 + b"[]" + b"]" * 31, 422, "API-012", "must be a JSON object"),
    (b'"' + b'\\"[' * 80_000 + b'"', 422, "API-012", "must be a JSON object"),
    (b"null", 422, "API-012", "must be a JSON object"),
    (b"7", 422, "API-012", "must be a JSON object"),
]


@pytest.mark.parametrize(("raw", "status", "code", "words"), BAD_BODIES, ids=lambda v: repr(v)[:24])
def test_bodies_that_are_no_instruction(raw: bytes, status: int, code: str, words: str) -> None:
    start = time.perf_counter()
    refused = sent(raw)
    assert time.perf_counter() - start < 0.5, "a hostile body costs little"
    assert isinstance(refused, Invalid)
    assert (refused.status, refused.reasons[0].code) == (status, code)
    assert words in refused.reasons[0].message


BAD_ORDERS: list[tuple[dict[str, Any], int, str, str]] = [
    # keys
    (without("id"), 400, "API-002", "no idempotency key"),
    ({**ORDER, "id": None}, 400, "API-002", "no idempotency key"),
    ({**ORDER, "id": ""}, 422, "API-015", "id must be 1 to 128 characters"),
    ({**ORDER, "id": "a b"}, 422, "API-015", "id must be 1 to 128 characters"),
    ({**ORDER, "id": "a\n"}, 422, "API-015", "id must be 1 to 128 characters"),
    ({**ORDER, "id": "x" * 129}, 422, "API-015", "id must be 1 to 128 characters"),
    ({**ORDER, "id": 7}, 422, "API-012", "id must be a string, not a number"),
    # kinds
    (without("kind"), 422, "API-011", "kind is required"),
    ({**ORDER, "kind": "ordr"}, 422, "API-014", "nearest known: order"),
    ({**ORDER, "kind": {}}, 422, "API-012", "kind must be a string, not an object"),
    # fields
    ({**ORDER, "instument": "x"}, 422, "API-010", "field instument; nearest known: instrument"),
    ({**ORDER, "symbol": "x"}, 422, "API-010", "unknown field symbol; here it is instrument"),
    ({**ORDER, "pair": "x"}, 422, "API-010", "unknown field pair; here it is instrument"),
    ({**ORDER, "trade_type": "SPOT"}, 422, "API-010", "unknown field trade_type; here it is"),
    ({**ORDER, "quantity": "1"}, 422, "API-010", "unknown field quantity; here it is qty"),
    ({**ORDER, "f" * 900: 1}, 422, "API-010", "unknown field ffff"),
    (without("instrument"), 422, "API-011", "instrument is required"),
    (without("side"), 422, "API-011", "side is required"),
    (without("qty"), 422, "API-011", "qty is required"),
    ({**ORDER, "side": "BUY"}, 422, "API-014", "one of buy, sell; nearest known: buy"),
    ({**ORDER, "type": "limt"}, 422, "API-014", "nearest known: limit"),
    ({**ORDER, "tif": "forever"}, 422, "API-014", "tif must be one of gtc, ioc, fok"),
    ({**ORDER, "trigger_by": "mid"}, 422, "API-014", "trigger_by must be one of"),
    ({**ORDER, "account": "a/b"}, 422, "API-015", "account must be 1 to 64 characters"),
    ({**ORDER, "strategy_id": "s" * 65}, 422, "API-015", "strategy_id must be 1 to 64"),
    ({**ORDER, "strategy_id": "EXTERNAL"}, 422, "API-015", "orders have that are not ours"),
    ({**ORDER, "allow_duplicate": "yes"}, 422, "API-012", "must be true or false, not a string"),
    ({**ORDER, "side": True}, 422, "API-012", "side must be a string, not true or false"),
    ({**ORDER, "instrument": [BTC_SPOT]}, 422, "API-012", "must be a string, not a list"),
    # numbers
    ({**ORDER, "qty": 0.5}, 422, "API-012", 'decimal string such as "0.5", not a number'),
    ({**ORDER, "qty": ""}, 422, "API-013", "qty is empty"),
    ({**ORDER, "qty": "NaN"}, 422, "API-013", "qty is not a number"),
    ({**ORDER, "qty": "-Infinity"}, 422, "API-013", "qty is not a number"),
    ({**ORDER, "qty": "1e-3"}, 422, "API-013", "qty is in exponent form"),
    ({**ORDER, "price": "6E4"}, 422, "API-013", "price is in exponent form"),
    ({**ORDER, "qty": "-1"}, 422, "API-013", "qty must not be negative"),
    ({**ORDER, "qty": "-0"}, 422, "API-013", "qty must not be negative"),
    ({**ORDER, "qty": "+1"}, 422, "API-013", "plain non-negative decimal"),
    ({**ORDER, "qty": "1,5"}, 422, "API-013", "plain non-negative decimal"),
    ({**ORDER, "qty": " 1"}, 422, "API-013", "plain non-negative decimal"),
    ({**ORDER, "qty": "0x1F"}, 422, "API-013", "plain non-negative decimal"),
    ({**ORDER, "qty": "٣"}, 422, "API-013", "plain non-negative decimal"),
    ({**ORDER, "qty": "0." + "0" * 29 + "1"}, 422, "API-013", "more than 18 decimals"),
    ({**ORDER, "qty": str(10**40)}, 422, "API-017", "qty must be less than 10^18"),
    ({**ORDER, "qty": "1" * 200_000}, 422, "API-013", "qty is too large"),
    ({**ORDER, "price": "0"}, 422, "API-017", "price must be more than 0"),
    ({**ORDER, "qty": "0.00"}, 422, "API-017", "qty must be more than 0"),
    # terms that do not go together
    ({**ORDER, "type": "market"}, 422, "API-016", "a market order has no price"),
    ({**without("price"), "type": "limit"}, 422, "API-016", "a limit order needs a price"),
    ({**without("price"), "tif": "gtc"}, 422, "API-016", "its tif is ioc or fok"),
    ({**ORDER, "stop_price": "1"}, 422, "API-016", "stop_price belongs to stop"),
    ({**ORDER, "expire_at": "2027-01-01T00:00:00Z"}, 422, "API-016", "expire_at belongs to"),
    # what is listed
    ({**ORDER, "instrument": BTC_SPOT[:-1]}, 422, "API-020", f"nearest listed: {BTC_SPOT}"),
    ({**ORDER, "instrument": "BTCUSDT"}, 422, "API-020", "nearest listed: BINANCE-FUTURES:PERP"),
    ({**ORDER, "instrument": ""}, 422, "API-020", "must be [ASSET_CLASS:]VENUE"),
    ({**ORDER, "instrument": "BYBIT:SPOT:BTC-USDT"}, 422, "API-020", "nearest known: SPOT_PAIR"),
    ({**ORDER, "instrument": "KRAKEN:SPOT_PAIR:A-B"}, 422, "API-021", "there are BINANCE-FUTURES"),
    ({**ORDER, "account": "mian"}, 422, "API-022", "unknown account mian; nearest known: main"),
    # what does not fit
    ({**ORDER, "qty": "0.500004"}, 422, "API-023", "0.5 or 0.50001 would be"),
    (
        {**ORDER, "qty": "1.000000000000000001"},
        422,
        "API-023",
        "lot 0.00001: 1 or 1.00001 would be",
    ),
    ({**ORDER, "qty": "0.000001"}, 422, "API-023", "lot 0.00001: 0.00001 would be"),
    ({**ORDER, "price": "60000.005"}, 422, "API-024", "tick 0.01: 60000 or 60000.01 would be"),
    ({**ORDER, "qty": "0.00001"}, 422, "API-025", "minimum 0.00002"),
    ({**ORDER, "qty": "0.00005"}, 422, "API-026", "is 3 USDT, the venue's minimum 5"),
    # what is not built
    *(
        ({**ORDER, **more}, 501, "API-030", words)
        for more, words in [
            ({"algo": {"name": "vwap"}}, "algo vwap is not built yet"),
            ({"algo": {"name": "iceberg"}}, "algo iceberg is not built yet"),
        ]
    ),
    # over venues and over time
    ({**ORDER, "candidates": [BTC_SPOT]}, 422, "API-016", "candidates are the venue SMART's"),
    ({**SMART_ORDER, "candidates": BTC_SPOT}, 422, "API-012", "a list of strings"),
    ({**SMART_ORDER, "candidates": []}, 422, "API-017", "candidates must name 1 to 32"),
    ({**SMART_ORDER, "candidates": ["x"]}, 422, "API-020", "instrument x is unknown"),
    ({**SMART_ORDER, "candidates": [BTC_SPOT, ETH_SPOT]}, 422, "API-016", "in the same money"),
    ({**SMART_ORDER, "instrument": "SMART:SPOT_PAIR:NONE-USDT"}, 422, "API-020", "no venue lists"),
    ({**SMART_ORDER, "qty": "0.000001"}, 422, "API-023", "lot 0.00001"),
    ({**ORDER, "algo": {}}, 422, "API-011", "algo.name is required"),
    ({**ORDER, "algo": {"name": "twop"}}, 422, "API-014", "algo.name must be one of"),
    ({**ORDER, "algo": {"name": "twap", "horizon_secs": "x"}}, 422, "API-013", "algo.horizon_secs"),
    ({**ORDER, "algo": {"name": "twap", "horizon_secs": True}}, 422, "API-012", "a number"),
    ({**ORDER, "algo": {"name": "twap", "horizon_secs": 0}}, 422, "API-017", "must be from 0.1"),
    ({**ORDER, "algo": {"name": "twap", "horizon": 5}}, 422, "API-010", "horizon_secs"),
    (
        {**ORDER, "algo": {"name": "twap", "horizon_secs": 604800, "interval_secs": 1}},
        422,
        "API-017",
        "604800 children: at most 10000",
    ),
    ({"kind": "pause", "id": "k"}, 422, "API-011", "order_id is required"),
    ({"kind": "resume", "id": "k", "order_id": "a b"}, 422, "API-015", "order_id must be"),
    *(
        ({"kind": kind, "id": "k"}, 501, "API-030", f"kind {kind} is not built yet")
        for kind in ("transfer", "chain", "bundle", "bridge", "option", "plan")
    ),
    ({"id": "k", "wallet_transfers": []}, 501, "API-030", "blocks of instructions are not built"),
    # cancels
    ({"kind": "cancel", "id": "k"}, 422, "API-011", "order_id is required"),
    ({"kind": "cancel", "id": "k", "order_id": "a b"}, 422, "API-015", "order_id must be"),
    ({"kind": "cancel", "id": "k", "order": "a"}, 422, "API-010", "nearest known: order_id"),
    ({"kind": "cancel_all", "id": "k", "venue": "BYBITT"}, 422, "API-021", "known: BYBIT"),
    ({"kind": "cancel_all", "id": "k", "instrument": "x"}, 422, "API-020", "instrument x"),
    ({"kind": "cancel_all", "id": "k", "account": "x"}, 422, "API-022", "unknown account x"),
]


@pytest.mark.covers("K18")
@pytest.mark.parametrize(
    ("body", "status", "code", "words"), BAD_ORDERS, ids=[c[3][:40] for c in BAD_ORDERS]
)
def test_what_is_wrong_has_a_code_and_a_name(
    body: dict[str, Any], status: int, code: str, words: str
) -> None:
    refused = sent(body)
    assert isinstance(refused, Invalid)
    reason = next(r for r in refused.reasons if r.code == code)
    assert refused.status == status
    assert words in reason.message
    assert len(reason.value) <= 65
    assert len(msgspec.json.encode(refused.document)) < 4_000


def test_everything_wrong_is_named_at_once() -> None:
    body = {**ORDER, "account": "mian", "qty": "0.000001", "price": "60000.001"}
    refused = sent(body)
    assert isinstance(refused, Invalid)
    codes = {r.code for r in refused.reasons}
    assert codes == {"API-022", "API-023", "API-024", "API-025", "API-026"}
    assert refused.instruction_id == "k1"


def test_who_is_not_understood_hears_that_before_what_is_not_built() -> None:
    refused = sent({**ORDER, "algo": {"name": "vwap"}, "qty": "x"})
    assert isinstance(refused, Invalid)
    assert refused.status == 422
    assert [r.code for r in refused.reasons] == ["API-013", "API-030"]


def test_thousands_of_unknown_fields_cost_and_say_little() -> None:
    start = time.perf_counter()
    refused = sent({**ORDER, **{f"q{i}": 1 for i in range(20_000)}})
    assert time.perf_counter() - start < 0.5
    assert isinstance(refused, Invalid)
    assert len(refused.reasons) == 21
    assert "and 19980 more" in refused.reasons[-1].message


def test_reasons_have_a_limit() -> None:
    wrong = [ErrorCode.UNKNOWN_FIELD.because(str(i)) for i in range(200)]
    assert invalid(wrong).reasons[-1].message == "and 150 more"


@pytest.mark.parametrize(
    ("body_id", "header", "status"),
    [("k1", "k2", 400), (None, "a b", 422), ("k1", "", 400), (None, "", 422)],
)
def test_keys_that_do_not_do(body_id: str | None, header: str, status: int) -> None:
    refused = sent({**ORDER, "id": body_id}, header)
    assert isinstance(refused, Invalid)
    assert refused.status == status


def test_the_key_may_stand_in_either_place_or_in_both() -> None:
    in_body, in_header = sent(ORDER), sent(without("id"), "k1")
    assert isinstance(in_body, OrderInstructed)
    assert in_body == in_header == sent(ORDER, "k1")


def test_a_limit_order_is_counted_in_atoms() -> None:
    order = sent({**ORDER, "strategy_id": "s1", "account": "second", "tif": "fok"})
    assert isinstance(order, OrderInstructed)
    assert (order.qty, order.limit_px) == (50_000_000, 6_000_000_000_000)
    assert (order.side, order.ord_type, order.tif) == (Side.BUY, OrdType.LIMIT, TimeInForce.FOK)
    assert (order.account, order.strategy_id) == ("second", "s1")


def test_what_just_fits_is_taken() -> None:
    assert isinstance(sent({**ORDER, "id": "x" * 128}), OrderInstructed)
    assert isinstance(sent({**ORDER, "qty": "0.00002", "price": "250000"}), OrderInstructed)
    assert isinstance(sent({**ORDER, "qty": "999999999999999999.99999"}), OrderInstructed)


def test_a_contract_of_many_is_worth_as_many() -> None:
    many = msgspec.structs.replace(INSTRUMENTS[BTC_SPOT], multiplier=10)
    listings = msgspec.structs.replace(LISTINGS, instruments={BTC_SPOT: many})
    raw = json.dumps({**ORDER, "qty": "0.00002", "price": "25000"}).encode()
    assert isinstance(decode_instruction(raw, None, LISTINGS), Invalid)
    assert isinstance(decode_instruction(raw, None, listings), OrderInstructed)


def test_defaults_are_filled_in() -> None:
    limit, market = sent(ORDER), sent(without("price"))
    assert isinstance(limit, OrderInstructed)
    assert isinstance(market, OrderInstructed)
    assert (limit.account, limit.strategy_id) == ("main", "default")
    assert (limit.ord_type, limit.tif) == (OrdType.LIMIT, TimeInForce.GTC)
    assert (market.ord_type, market.tif) == (OrdType.MARKET, TimeInForce.IOC)
    assert market.limit_px is None


def test_linear_settlement_and_asset_class_name_the_same_instrument() -> None:
    plain = sent({**ORDER, "instrument": "BINANCE-FUTURES:PERPETUAL:BTC-USDT"})
    assert plain == sent({**ORDER, "instrument": "BINANCE-FUTURES:PERPETUAL:BTC-USDT@LIN"})
    assert plain == sent({**ORDER, "instrument": "CRYPTO:BINANCE-FUTURES:PERPETUAL:BTC-USDT"})


SAME_AS_ORDER: list[dict[str, Any]] = [
    dict(reversed(ORDER.items())),
    {**ORDER, "qty": "0.500", "price": "60000.00"},
    {**ORDER, "type": "limit", "tif": "gtc", "account": "main", "strategy_id": "default"},
    {**ORDER, "reduce_only": False, "post_only": None, "candidates": None, "oco": None},
    {**ORDER, "trigger_by": "last", "allow_duplicate": False, "expire_at": None},
]


@pytest.mark.parametrize("body", SAME_AS_ORDER)
def test_the_same_instruction_has_the_same_hash(body: dict[str, Any]) -> None:
    assert sent(body) == sent(ORDER)
    assert sent(json.dumps(body, indent=4).encode()) == sent(ORDER)


@pytest.mark.parametrize(
    "more",
    [
        {"side": "sell"},
        {"qty": "0.6"},
        {"price": "60001"},
        {"tif": "ioc"},
        {"account": "second"},
        {"strategy_id": "other"},
        {"instrument": "BYBIT:SPOT_PAIR:BTC-USDT"},
        {"id": "k2"},
        {"allow_duplicate": True},
    ],
)
def test_another_instruction_has_another_hash(more: dict[str, Any]) -> None:
    one, other = sent(ORDER), sent({**ORDER, **more})
    assert isinstance(one, OrderInstructed)
    assert isinstance(other, OrderInstructed)
    assert one.body_hash != other.body_hash


def test_the_hash_is_what_journals_of_older_releases_hold() -> None:
    order = sent(ORDER)
    assert isinstance(order, OrderInstructed)
    assert order.body_hash == ("48af3467f32c2eee6ef3f97b900c65931b4cf59730117734668d297ab1474d4d")


def test_cancels() -> None:
    cancel = sent({"kind": "cancel", "id": "k2", "order_id": "k1"})
    everything = sent({"kind": "cancel_all", "id": "k3", "venue": None})
    some = sent({"kind": "cancel_all", "id": "k3", "venue": "BYBIT", "strategy_id": "s1"})
    assert isinstance(cancel, CancelInstructed)
    assert cancel.order_id == "k1"
    assert isinstance(everything, CancelAllInstructed)
    assert everything.venue_id is None
    assert isinstance(some, CancelAllInstructed)
    assert (some.venue_id, some.strategy_id, some.instrument_id) == ("BYBIT", "s1", None)
    assert some.body_hash != everything.body_hash


def test_what_we_show_of_an_instruction_is_what_we_would_accept() -> None:
    for body in (ORDER, without("price"), {"kind": "cancel", "id": "k", "order_id": "k1"}):
        event = sent(body)
        assert not isinstance(event, Invalid)
        assert sent(instruction_document(event, INSTRUMENTS[BTC_SPOT])) == event
