"""The terms of an order, one line each: what they become, and every way in which they contradict
one another, with code and words."""

from typing import Any

import msgspec
import pytest

from omnivenue.message import (
    AdjustmentInstructed,
    Exit,
    Instruction,
    OrderInstructed,
    ReplaceInstructed,
)
from omnivenue.model import (
    SECOND,
    Atoms,
    Contract,
    InstrumentID,
    Nanos,
    OrderID,
    OrdType,
    TimeInForce,
    TriggerBy,
)
from omnivenue.wire import (
    Invalid,
    Listings,
    instruction_document,
    iso,
    parse,
    parse_adjustment,
    parse_time,
    to_event,
)
from omnivenue.wire.times import EARLIEST, LATEST, NotATime
from wire_scene import BTC_SPOT, INSTRUMENTS, LISTINGS, ORDER, sent, without

MARKET = without("price")
PERPETUAL = InstrumentID("BINANCE-FUTURES:PERPETUAL:BTC-USDT")
SOON = "2027-01-31T12:00:00Z"
SOON_NS = 1_801_396_800 * SECOND


def stop(kind: str = "stop", **more: Any) -> dict[str, Any]:
    return {**MARKET, "type": kind, "stop_price": "61000", **more}


def bracket(side: str = "buy", profit: str = "63000", loss: str = "58000") -> dict[str, Any]:
    ends = {"take_profit": {"price": profit}, "stop_loss": {"stop_price": loss}}
    return {**ORDER, "side": side, **ends}


def taken(body: dict[str, Any]) -> OrderInstructed:
    event = sent(body)
    assert isinstance(event, OrderInstructed), event
    return event


PX = 10**8  # atoms in one USDT


def at(limit: int | None = None, stop: int | None = None) -> Exit:
    def px(whole: int | None) -> Atoms | None:
        return None if whole is None else Atoms(whole * PX)

    return Exit(limit_px=px(limit), stop_px=px(stop))


TAKEN: list[tuple[str, dict[str, Any], dict[str, object]]] = [
    ("stop", stop(), {"ord_type": OrdType.STOP, "stop_px": 61_000 * PX, "limit_px": None}),
    ("it waits", stop(), {"tif": TimeInForce.GTC, "trigger_by": TriggerBy.LAST}),
    ("until", stop(tif="gtd", expire_at=SOON), {"tif": TimeInForce.GTD, "expire_at": SOON_NS}),
    ("at once", stop(tif="ioc"), {"tif": TimeInForce.IOC}),
    ("by mark", stop(trigger_by="mark"), {"trigger_by": TriggerBy.MARK}),
    (
        "stop limit",
        stop("stop_limit", price="61010.5"),
        {"ord_type": OrdType.STOP_LIMIT, "limit_px": 61_010 * PX + PX // 2},
    ),
    ("take profit", stop("take_profit"), {"ord_type": OrdType.TAKE_PROFIT}),
    (
        "its limit",
        stop("take_profit_limit", price="60000"),
        {"ord_type": OrdType.TAKE_PROFIT_LIMIT},
    ),
    ("day", {**ORDER, "tif": "day"}, {"tif": TimeInForce.DAY, "expire_at": None}),
    ("gtd", {**ORDER, "tif": "gtd", "expire_at": SOON}, {"expire_at": SOON_NS}),
    ("in nanoseconds", {**ORDER, "tif": "gtd", "expire_at": SOON_NS}, {"expire_at": SOON_NS}),
    ("as text", {**ORDER, "tif": "gtd", "expire_at": str(SOON_NS)}, {"expire_at": SOON_NS}),
    ("post only", {**ORDER, "post_only": True}, {"post_only": True, "reduce_only": False}),
    ("resting stop", stop("stop_limit", price="61000", post_only=True), {"post_only": True}),
    ("reduce only", {**ORDER, "reduce_only": True}, {"reduce_only": True}),
    ("at market", {**MARKET, "reduce_only": True}, {"reduce_only": True}),
    ("group", {**ORDER, "oco": "g.1"}, {"oco": "g.1"}),
    ("twice", {**ORDER, "allow_duplicate": True}, {"allow_duplicate": True}),
    (
        "bracket",
        bracket(),
        {"take_profit": at(63_000), "stop_loss": at(stop=58_000)},
    ),
    (
        "its stop limit",
        {**ORDER, "stop_loss": {"stop_price": "58000", "price": "57990"}},
        {"take_profit": None, "stop_loss": at(57_990, 58_000)},
    ),
    ("half of one", {**MARKET, "take_profit": {"price": "63000"}}, {"stop_loss": None}),
    ("a short one", bracket("sell", "58000", "63000"), {"stop_loss": at(stop=63_000)}),
    (
        "its trigger",
        {**bracket(), "trigger_by": "bid"},
        {"trigger_by": TriggerBy.BID, "ord_type": OrdType.LIMIT},
    ),
]


@pytest.mark.parametrize("line", TAKEN, ids=lambda line: line[0])
def test_terms_become_what_they_say(line: tuple[str, dict[str, Any], dict[str, object]]) -> None:
    _, body, expected = line
    event = taken(body)
    assert {name: getattr(event, name) for name in expected} == expected
    document = instruction_document(event, INSTRUMENTS[BTC_SPOT])
    assert sent(document) == event  # shown as it would be accepted, under the same hash
    assert set(document) >= set(body)


REFUSED: list[tuple[dict[str, Any], str, str]] = [
    # which type needs which price
    (without("price") | {"type": "stop"}, "API-016", "a stop order needs a stop_price"),
    ({**ORDER, "type": "stop_limit"}, "API-016", "a stop_limit order needs a stop_price"),
    (stop("stop_limit"), "API-016", "needs a price: without one it is a stop"),
    (stop("take_profit_limit"), "API-016", "without one it is a take_profit"),
    (stop(price="61000"), "API-016", "with a price it is a stop_limit"),
    (stop("take_profit", price="1"), "API-016", "with a price it is a take_profit_limit"),
    ({**ORDER, "stop_price": "1"}, "API-016", "stop_price belongs to stop, take_profit"),
    ({**MARKET, "stop_price": "1"}, "API-016", "stop_price belongs to stop, take_profit"),
    ({**ORDER, "trigger_by": "mark"}, "API-016", "trigger_by belongs to stop"),
    (stop(trigger_by="mid"), "API-014", "trigger_by must be one of last, bid, ask, mark"),
    # how long it works
    ({**MARKET, "tif": "day"}, "API-016", "a market order cannot rest"),
    ({**MARKET, "tif": "gtd", "expire_at": SOON}, "API-016", "a market order cannot rest"),
    ({**ORDER, "tif": "gtd"}, "API-016", "tif gtd needs expire_at"),
    ({**ORDER, "expire_at": SOON}, "API-016", "expire_at belongs to tif gtd"),
    ({**ORDER, "tif": "day", "expire_at": SOON}, "API-016", "expire_at belongs to tif gtd"),
    ({**ORDER, "tif": "gtd", "expire_at": "soon"}, "API-018", "expire_at must be ISO 8601"),
    ({**ORDER, "tif": "gtd", "expire_at": SOON[:-1]}, "API-018", "names no time zone"),
    ({**ORDER, "tif": "gtd", "expire_at": "2027-02-30T00:00:00Z"}, "API-018", "is no time"),
    ({**ORDER, "tif": "gtd", "expire_at": 1_801_396_800}, "API-018", "are nanoseconds since 1970"),
    ({**ORDER, "tif": "gtd", "expire_at": -1}, "API-018", "expire_at must be ISO 8601"),
    ({**ORDER, "tif": "gtd", "expire_at": 10**30}, "API-018", "expire_at must be ISO 8601"),
    ({**ORDER, "tif": "gtd", "expire_at": True}, "API-012", "a time in ISO 8601 or nanoseconds"),
    ({**ORDER, "tif": "gtd", "expire_at": 1.5}, "API-012", "a time in ISO 8601 or nanoseconds"),
    # what it must not do
    ({**ORDER, "post_only": True, "tif": "ioc"}, "API-016", "post_only and tif ioc exclude"),
    ({**ORDER, "post_only": True, "tif": "fok"}, "API-016", "post_only and tif fok exclude"),
    ({**MARKET, "post_only": True}, "API-016", "post_only cannot hold for a market order"),
    (stop(post_only=True), "API-016", "post_only cannot hold for a stop order"),
    (stop("take_profit", post_only=True), "API-016", "cannot hold for a take_profit order"),
    ({**bracket(), "reduce_only": True}, "API-016", "reduce_only and a bracket exclude"),
    ({**ORDER, "post_only": "yes"}, "API-012", "post_only must be true or false"),
    ({**ORDER, "oco": "a b"}, "API-015", "oco must be 1 to 64 characters"),
    # brackets
    (bracket(profit="58000", loss="58000"), "API-016", "must be below take_profit.price"),
    (bracket(profit="57000", loss="58000"), "API-016", "must be below take_profit.price"),
    (bracket("sell", "63000", "58000"), "API-016", "must be above take_profit.price"),
    (bracket(loss="60000"), "API-016", "must be below price: it would trigger at once"),
    (bracket("sell", "57000", "59999"), "API-016", "must be above price: it would"),
    (stop(stop_loss={"stop_price": "61000"}), "API-016", "must be below stop_price: it would"),
    ({**ORDER, "take_profit": {}}, "API-011", "take_profit.price is required"),
    ({**ORDER, "take_profit": "63000"}, "API-012", "take_profit must be an object, not a string"),
    ({**ORDER, "take_profit": {"price": "x"}}, "API-013", "take_profit.price must be a plain"),
    ({**ORDER, "take_profit": {"price": 1}}, "API-012", "take_profit.price must be a decimal"),
    ({**ORDER, "take_profit": {"price": "1", "qty": "1"}}, "API-010", "field take_profit.qty"),
    ({**ORDER, "stop_loss": {"price": "1"}}, "API-011", "stop_loss.stop_price is required"),
    ({**ORDER, "stop_loss": {"stop_price": "0"}}, "API-017", "stop_loss.stop_price must be more"),
    # prices off the grid, and exits that could never be sent
    (stop(stop_price="61000.001"), "API-024", "stop_price 61000.001 is no multiple"),
    (bracket(profit="63000.001"), "API-024", "take_profit.price 63000.001 is no multiple"),
    (bracket(loss="58000.001"), "API-024", "stop_loss.stop_price 58000.001 is no multiple"),
    (
        {**ORDER, "stop_loss": {"stop_price": "58000", "price": "57990.001"}},
        "API-024",
        "stop_loss.price 57990.001 is no multiple",
    ),
    (
        {**bracket("sell", profit="40000", loss="70000"), "qty": "0.0001"},
        "API-026",
        "qty x take_profit.price is 4 USDT, the venue's minimum 5",
    ),
    ({**stop("stop_limit", price="100"), "qty": "0.001"}, "API-026", "qty x price is 0.1 USDT"),
]


@pytest.mark.covers("K18")
@pytest.mark.parametrize("line", REFUSED, ids=lambda line: line[2][:44])
def test_a_contradiction_has_a_code_and_a_name(line: tuple[dict[str, Any], str, str]) -> None:
    body, code, words = line
    refused = sent(body)
    assert isinstance(refused, Invalid)
    assert refused.status == 422
    assert code in {reason.code for reason in refused.reasons}
    assert any(words in reason.message for reason in refused.reasons), refused.reasons


def test_all_contradictions_are_named_at_once() -> None:
    refused = sent({**bracket(profit="1"), "tif": "ioc", "post_only": True, "expire_at": SOON})
    assert isinstance(refused, Invalid)
    assert len(refused.reasons) == 3


def test_terms_of_before_have_the_hashes_of_before() -> None:
    defaults: dict[str, Any] = {
        "stop_price": None,
        "trigger_by": "last",
        "expire_at": None,
        "post_only": False,
        "reduce_only": False,
        "take_profit": None,
        "stop_loss": None,
        "oco": None,
        "allow_duplicate": False,
    }
    assert taken({**ORDER, **defaults}) == taken(ORDER)


@pytest.mark.parametrize(
    "more",
    [
        {"tif": "day"},
        {"tif": "gtd", "expire_at": SOON},
        {"tif": "gtd", "expire_at": "2027-01-31T12:00:00.000000001Z"},
        {"post_only": True},
        {"reduce_only": True},
        {"oco": "g"},
        {"take_profit": {"price": "63000"}},
        {"stop_loss": {"stop_price": "58000"}},
        {"stop_loss": {"stop_price": "58000", "price": "57990"}},
        {"stop_loss": {"stop_price": "58000"}, "trigger_by": "bid"},
        {"type": "stop_limit", "stop_price": "61000"},
        {"type": "take_profit_limit", "stop_price": "61000"},
    ],
    ids=str,
)
def test_other_terms_have_another_hash(more: dict[str, Any]) -> None:
    assert taken({**ORDER, **more}).body_hash != taken(ORDER).body_hash


def test_a_time_is_one_however_it_is_written() -> None:
    spellings: list[object] = [SOON_NS, str(SOON_NS), SOON, "2027-01-31T13:00:00.000+01:00"]
    events = [taken({**ORDER, "tif": "gtd", "expire_at": each}) for each in spellings]
    assert {event.body_hash for event in events} == {events[0].body_hash}


# Times.


TIMES: list[tuple[str, int]] = [
    ("2027-01-31T12:00:00Z", SOON_NS),
    ("2027-01-31 12:00Z", SOON_NS),
    ("2027-01-31T12:00:00.5Z", SOON_NS + SECOND // 2),
    ("2027-01-31T12:00:00.000000001Z", SOON_NS + 1),
    ("2027-01-31T07:00:00-05:00", SOON_NS),
    ("2027-01-31T17:30:00+0530", SOON_NS),
    (str(SOON_NS + 7), SOON_NS + 7),
]


@pytest.mark.parametrize(("text", "at"), TIMES)
def test_times_are_read_to_the_nanosecond(text: str, at: int) -> None:
    assert parse_time(text) == at
    assert parse_time(iso(Nanos(at))) == at


@pytest.mark.parametrize("at", [EARLIEST, LATEST])
def test_the_ends_of_time_are_times(at: Nanos) -> None:
    assert parse_time(iso(at)) == at
    with pytest.raises(NotATime):
        parse_time(str(EARLIEST - 1))
    with pytest.raises(NotATime):
        parse_time(str(LATEST + 1))


@pytest.mark.parametrize(
    "text",
    [
        *("", "now", "2027-01-31", "12:00Z", "2027-1-31T12:00Z", "2027-01-31T24:00:00Z"),
        *("2027-13-01T00:00Z", "2027-01-31T12:00:00.0000000001Z", "1e18", "٣" * 19, " " + SOON),
        *("2027-01-31T12:00:00+25:00", "9" * 22),
    ],
)
def test_what_is_no_time_says_so(text: str) -> None:
    with pytest.raises(NotATime):
        parse_time(text)


# Replacing.

RESTING = taken(ORDER)
STOP = taken(stop(id="s1"))
ORDERS = {OrderID("k1"): RESTING, OrderID("s1"): STOP}
WITH_ORDERS = msgspec.structs.replace(LISTINGS, order=ORDERS.get)


def replaced(listings: Listings = WITH_ORDERS, **body: object) -> Instruction | Invalid:
    form = parse({"kind": "replace", "id": "r1", "order_id": "k1", **body}, None)
    return form if isinstance(form, Invalid) else to_event(form, listings)


def test_a_replace_is_counted_in_the_listing_of_its_order() -> None:
    event = replaced(qty="0.4", price="60010.5")
    assert isinstance(event, ReplaceInstructed)
    assert (event.order_id, event.qty, event.limit_px) == ("k1", 40_000_000, 6_001_050_000_000)
    some = replaced(qty="0.4")
    assert isinstance(some, ReplaceInstructed)
    assert (some.qty, some.limit_px) == (40_000_000, None)
    assert some.body_hash != event.body_hash
    for each in (event, some):
        document = instruction_document(each, INSTRUMENTS[BTC_SPOT])
        form = parse(document, None)
        assert not isinstance(form, Invalid)
        assert to_event(form, WITH_ORDERS) == each


@pytest.mark.parametrize(
    ("body", "status", "code", "words"),
    [
        ({}, 422, "API-011", "qty, price or both"),
        ({"qty": None, "price": None}, 422, "API-011", "qty, price or both"),
        ({"order_id": None, "qty": "1"}, 422, "API-011", "order_id is required"),
        ({"order_id": "a b", "qty": "1"}, 422, "API-015", "order_id must be"),
        ({"order_id": "ghost", "qty": "1"}, 404, "API-042", "no such order"),
        ({"qty": "0"}, 422, "API-017", "qty must be more than 0"),
        ({"qty": "0.000001"}, 422, "API-023", "qty 0.000001 is no multiple"),
        ({"price": "60000.001"}, 422, "API-024", "price 60000.001 is no multiple"),
        ({"qty": "0.00001"}, 422, "API-025", "below the venue's minimum"),
        ({"qty": "0.00003", "price": "60000"}, 422, "API-026", "qty x price is 1.8"),
        ({"stop_price": "1", "qty": "1"}, 422, "API-010", "unknown field stop_price"),
        ({"order_id": "s1", "price": "1"}, 422, "API-016", "a stop order has no price"),
    ],
)
def test_a_replace_that_cannot_be(body: Any, status: int, code: str, words: str) -> None:
    refused = replaced(**body)
    assert isinstance(refused, Invalid)
    assert (refused.status, refused.reasons[0].code) == (status, code)
    assert words in refused.reasons[0].message


# Adjusting.

ADJUSTMENT: dict[str, Any] = {
    "id": "a1",
    "venue": "BYBIT",
    "asset": "USDT",
    "amount": "-12.5",
    "reason": "a fee that the venue took",
}


def adjusted(**more: object) -> Instruction | Invalid:
    form = parse_adjustment({**ADJUSTMENT, **more}, None)
    return form if isinstance(form, Invalid) else to_event(form, LISTINGS)


@pytest.mark.parametrize(
    ("more", "amount"),
    [
        ({}, -1_250_000_000),
        ({"amount": "12.5"}, 1_250_000_000),
        ({"asset": "BTC", "amount": "0.00000001"}, 1),
        ({"asset": PERPETUAL, "venue": "BINANCE-FUTURES", "amount": "-0.5"}, -50_000_000),
    ],
    ids=str,
)
def test_an_adjustment_is_counted_in_atoms_and_keeps_its_sign(more: Any, amount: int) -> None:
    event = adjusted(**more)
    assert isinstance(event, AdjustmentInstructed)
    assert (event.account, event.amount, event.reason) == ("main", amount, ADJUSTMENT["reason"])
    document = instruction_document(event, INSTRUMENTS.get(InstrumentID(event.asset)))
    form = parse_adjustment(document, None)
    assert not isinstance(form, Invalid)
    assert to_event(form, LISTINGS) == event


@pytest.mark.parametrize(
    ("more", "code", "words"),
    [
        ({"reason": None}, "API-011", "reason is required"),
        ({"reason": "  "}, "API-017", "reason must be 1 to 500"),
        ({"reason": "a\x1b[2J"}, "API-017", "reason must be 1 to 500"),
        ({"amount": "0"}, "API-017", "amount must be more than 0"),
        ({"amount": "--1"}, "API-013", "amount must not be negative"),
        ({"amount": "0.000000001"}, "API-023", "no multiple of the atom of USDT"),
        ({"asset": "USTD"}, "API-020", "unknown asset USTD; nearest known: USDT"),
        ({"asset": BTC_SPOT}, "API-016", f"{BTC_SPOT} is not listed at BYBIT"),
        ({"asset": "BYBIT:SPOT_PAIR:X-Y"}, "API-020", "is not listed"),
        ({"venue": "BYBITT"}, "API-021", "nearest known: BYBIT"),
        ({"account": "mian"}, "API-022", "nearest known: main"),
        ({"kind": "order"}, "API-014", "kind must be one of adjustment"),
        ({"qty": "1"}, "API-010", "unknown field qty"),
    ],
    ids=str,
)
def test_an_adjustment_that_cannot_be(more: Any, code: str, words: str) -> None:
    refused = adjusted(**more)
    assert isinstance(refused, Invalid)
    assert refused.status == 422
    assert any(r.code == code and words in r.message for r in refused.reasons), refused.reasons


def test_an_adjustment_is_no_instruction_for_everybody() -> None:
    refused = sent({**ADJUSTMENT, "kind": "adjustment"})
    assert isinstance(refused, Invalid)
    assert refused.reasons[0].code == "API-014"


def test_an_inverse_contract_is_worth_its_quantity() -> None:
    """It counts so many of the quote asset, whatever the price."""
    inverse = msgspec.structs.replace(INSTRUMENTS[BTC_SPOT], contract=Contract.INVERSE)
    listings = msgspec.structs.replace(LISTINGS, instruments={BTC_SPOT: inverse})
    for qty, is_taken in (("4.9", False), ("5", True)):
        form = parse({**ORDER, "qty": qty, "price": "60000"}, None)
        assert not isinstance(form, Invalid)
        assert isinstance(to_event(form, listings), OrderInstructed) is is_taken
