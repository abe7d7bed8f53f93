"""The shapes that users see: errors, rows and times, member by member."""

import json
import sys
from collections.abc import Callable
from types import FrameType
from typing import Any

import msgspec
from hypothesis import given
from hypothesis import strategies as st

from omnivenue.message import Reason
from omnivenue.model import Nanos, VenueID
from omnivenue.venue.sim import rules
from omnivenue.wire import (
    DEPTH_MAX,
    ErrorCode,
    Invalid,
    MarketRow,
    error_document,
    instrument_row,
    invalid,
    iso,
    read_json,
)


def test_an_instrument_as_users_see_it() -> None:
    row = instrument_row(rules.instruments_of(VenueID("OKX"))[0])
    assert (row.tick, row.lot, row.min_qty, row.min_notional) == ("0.01", "0.00001", "0.00001", "5")
    assert (row.base, row.quote, row.multiplier, row.taker_bps) == ("BTC", "USDT", "1", 4)


def test_the_error_document_has_the_promised_shape() -> None:
    off = ErrorCode.OFF_LOT.because("qty 0.000001 …", limit="0.00001", value="0.000001")
    refused = invalid([ErrorCode.NOT_BUILT.because("algo is not built yet"), off], "k1")
    error = msgspec.to_builtins(refused.document)["error"]
    assert set(error) == {"code", "message", "reasons", "instruction_id"}
    assert error["code"] == "API-023"
    assert error["instruction_id"] == "k1"
    assert error["reasons"][0]["limit"] == "0.00001"
    assert error["reasons"][0]["value"] == "0.000001"
    assert set(error["reasons"][0]) == {"code", "message", "limit", "value"}


def test_the_cores_refusals_have_the_same_shape() -> None:
    reason = Reason(code="RISK-003", message="too much", limit="1.0", value="1.5")
    error = error_document([reason], "k1").error
    assert (error.code, error.message, error.reasons[0].limit) == ("RISK-003", "too much", "1.0")


def test_codes_are_given_once() -> None:
    codes = [code.code for code in ErrorCode]
    assert len(codes) == len(set(codes))


def test_a_larger_door_for_larger_bodies() -> None:
    assert not isinstance(read_json(b" " * 300_000 + b"1", 8 * 1024 * 1024), Invalid)


type Document = str | list[Document] | dict[str, Document]

LISTED: st.SearchStrategy[Document] = st.recursive(
    st.sampled_from(["]]", "[{", '"', '\\"[', "\\", "\\\\", ""]),
    lambda inner: (
        st.lists(inner, max_size=4) | st.dictionaries(st.text('[]{\\"', max_size=3), inner)
    ),
)


def depth_of(document: Document) -> int:
    if isinstance(document, str):
        return 0
    members = document.values() if isinstance(document, dict) else document
    return 1 + max(map(depth_of, members), default=0)


@given(LISTED, st.integers(0, 36))
def test_brackets_count_outside_of_strings_alone(document: Document, around: int) -> None:
    for _ in range(around):
        document = [document, {}]
    raw = json.dumps([document, [[]] * DEPTH_MAX]).encode()
    found = read_json(raw)
    is_refused = isinstance(found, Invalid)
    assert is_refused == (depth_of(document) >= DEPTH_MAX)
    assert not is_refused or found.reasons[0].code == "API-005"


MARKS = [b"[", b"]", b"{", b"}", b'"', b"\\", b'\\"', b"\\\\", b"[" * 30, b" "]


def depth_met(raw: bytes) -> int:
    """By whoever reads byte by byte, as far as it may be JSON: no backslash is outside a string."""
    depth = deepest = 0
    is_inside = is_escaped = False
    for byte in raw:
        if is_inside:
            is_inside = is_escaped or byte != ord('"')
            is_escaped = byte == ord("\\") and not is_escaped
        elif byte == ord("\\"):
            break
        else:
            is_inside = byte == ord('"')
            depth += (byte in b"[{") - (byte in b"]}")
            deepest = max(deepest, depth)
    return deepest


@given(st.lists(st.sampled_from(MARKS), max_size=40).map(b"".join))
def test_nobody_is_led_deeper_by_what_is_no_json(raw: bytes) -> None:
    found = read_json(raw)
    if depth_met(raw) > DEPTH_MAX:
        assert isinstance(found, Invalid)
        assert found.reasons[0].code == "API-005"


def test_no_bracket_and_no_string_costs_a_line_of_python() -> None:
    """They would hold up everybody for a tenth of a second, in a body that is let in."""
    lines = 0

    def count(_: FrameType, event: str, __: object) -> Callable[..., Any]:
        nonlocal lines
        lines += event == "line"
        return count

    sys.settrace(count)
    read_json(b"[" + b'[],"",{},' * 10_000 + b"1]")
    sys.settrace(None)
    assert lines < 100


def test_times_keep_every_digit() -> None:
    assert iso(Nanos(1_795_256_100_123_456_000)) == "2026-11-21T10:15:00.123456Z"
    assert iso(Nanos(1_795_256_100_123_456_789)) == "2026-11-21T10:15:00.123456789Z"
    assert iso(Nanos(120)) == "1970-01-01T00:00:00.000000120Z"
    assert iso(Nanos(0)) == "1970-01-01T00:00:00.000000Z"


def test_a_market_message_says_what_it_is() -> None:
    row = MarketRow(
        at=iso(Nanos(0)), venue="OKX", instrument="i", bids=(("1", "2"),), asks=(), last=None,
        state="fresh", why=None, age_us=7,
    )  # fmt: skip
    shown = msgspec.to_builtins(row)
    assert (shown["type"], shown["seq"], shown["bids"]) == ("market", None, (("1", "2"),))
