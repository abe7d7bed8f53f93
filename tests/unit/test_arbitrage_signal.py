"""Reading an arbitrage signal: what it means, what it leaves out, and all that is wrong with it."""

from typing import Any

import pytest

from omnivenue.wire import Invalid, read_json
from omnivenue.wire.arbitrage import ArbitrageSignal, parse_arbitrage
from omnivenue.wire.arbitrage.signal import KNOWN
from pool_documents import CYCLE, SIGNAL

GWEI = 10**9
TEXT = (
    b'{"route":["USDC","WMATIC","WETH","USDC"],"principal":10000000,"min_profit_usd":20.0,'
    b'"max_gas_gwei":150,"slippage_bps":30}'
)


def parsed(**changes: Any) -> ArbitrageSignal:
    found = parse_arbitrage(SIGNAL | changes)
    assert isinstance(found, ArbitrageSignal), found
    return found


def wrong(document: object) -> list[tuple[str, str]]:
    found = parse_arbitrage(document)
    assert isinstance(found, Invalid), found
    return [(reason.code, reason.message) for reason in found.reasons]


@pytest.mark.covers("D7")
def test_the_reference_signal_is_read_as_it_stands() -> None:
    found = parse_arbitrage(read_json(TEXT))
    assert isinstance(found, ArbitrageSignal)
    assert found.wanted.route == CYCLE
    assert (found.wanted.principal, found.wanted.slippage_bps) == (10_000_000, 30)
    assert (found.wanted.min_profit, found.wanted.max_gas_price) == (20 * 10**6, 150 * GWEI)
    assert found.chain is None


def test_what_is_left_out_has_the_callers_defaults() -> None:
    found = parse_arbitrage({"route": [*CYCLE], "principal": 1, "slippage_bps": None})
    assert isinstance(found, ArbitrageSignal)
    wanted = found.wanted
    assert (wanted.slippage_bps, wanted.min_profit, wanted.max_gas_price) == (30, 0, 150 * GWEI)


@pytest.mark.parametrize(
    ("name", "value", "read"),
    [
        ("principal", "10000000", 10_000_000),
        ("principal", 1e7, 10_000_000),
        ("principal", 2**256 - 1, 2**256 - 1),
        ("principal", str(2**256 - 1), 2**256 - 1),
        ("slippage_bps", 30.0, 30),
        ("slippage_bps", 0, 0),
        ("min_profit", 0.1, 100_000),
        ("min_profit", "20.5", 20_500_000),
        ("min_profit", -3, -3_000_000),
        ("min_profit", 0.0000001, 1),
        ("max_gas_price", 0.5, GWEI // 2),
        ("max_gas_price", 29.999999999, 29_999_999_999),
    ],
)
def test_numbers_are_read_exactly(name: str, value: object, read: int) -> None:
    sent = {"min_profit": "min_profit_usd", "max_gas_price": "max_gas_gwei"}.get(name, name)
    assert getattr(parsed(**{sent: value}).wanted, name) == read


@pytest.mark.parametrize(("chain", "read"), [("polygon", "POLYGON"), ("Base", "BASE")])
def test_a_chain_is_one_whatever_its_case(chain: str, read: str) -> None:
    assert parsed(chain=chain).chain == read


def test_members_of_its_senders_own_mean_nothing() -> None:
    assert parsed(type="ARBITRAGE_CROSS_EXCHANGE", asset="ETH", id="x", timestamp=1) == parsed()


@pytest.mark.parametrize("tokens", [["A"] * 60_000, [1] * 60_000])
def test_of_a_route_that_is_too_long_nothing_else_is_said(tokens: list[object]) -> None:
    """To look for what comes twice took 43 seconds, and the loop that trades waited."""
    ((code, message),) = wrong(SIGNAL | {"route": tokens})
    assert (code, message) == ("API-017", "route must be 3 to 6 tokens, so 2 to 5 hops")


def test_members_beyond_what_anybody_sends_are_refused_unread() -> None:
    more = {f"rout{n}": n for n in range(15_000)}
    ((code, message),) = wrong(SIGNAL | more)
    assert (code, message) == ("API-017", "a signal must have no more than 100 members")


@pytest.mark.parametrize("name", KNOWN)
def test_a_slip_of_the_pen_is_no_member_of_its_senders_own(name: str) -> None:
    document = {k: v for k, v in SIGNAL.items() if k != name}
    said = wrong(document | {name[:-1] + "x": 1})
    assert ("API-010", f"unknown field {name[:-1]}x; nearest known: {name}") in said


WRONG: list[tuple[dict[str, Any], list[str]]] = [
    ({"route": None}, ["route is required"]),
    ({"route": "USDC"}, ["route must be a list of token names, not a string"]),
    ({"route": []}, ["route must be 3 to 6 tokens, so 2 to 5 hops"]),
    ({"route": ["USDC", "USDC"]}, ["route must be 3 to 6 tokens, so 2 to 5 hops"]),
    (
        {"route": ["A", "B", "C"]},
        ["route must end with the token that it begins with, A"],
    ),
    ({"route": ["A", "B", "C", "B", "A"]}, ["route comes by B twice"]),
    ({"route": ["A", "A", "A"]}, ["route comes by A twice"]),
    ({"route": [*"ABCDEF", "A"]}, ["route must be 3 to 6 tokens, so 2 to 5 hops"]),
    ({"route": ["A", 7, "A"]}, ["route[1] must be a token's name, not a number"]),
    ({"route": ["A", "", "A"]}, ["route[1] must be 1 to 128 printable characters"]),
    ({"route": ["A", "\x1b[2J", "A"]}, ["route[1] must be 1 to 128 printable characters"]),
    ({"principal": None}, ["principal is required"]),
    ({"principal": 0}, ["principal must be 1 to 2^256 - 1"]),
    ({"principal": 2**256}, ["principal must be 1 to 2^256 - 1"]),
    ({"principal": 10.5}, ["principal must be a whole number, not a number"]),
    ({"principal": 2.0**53}, ["principal must be a whole number, not a number"]),
    ({"principal": 1e30}, ["principal must be a whole number, not a number"]),
    ({"principal": "1e7"}, ["principal must be a whole number, not a string"]),
    ({"principal": True}, ["principal must be a whole number, not true or false"]),
    ({"slippage_bps": 10_001}, ["slippage_bps must be 0 to 10000"]),
    ({"slippage_bps": -1}, ["slippage_bps must be 0 to 10000"]),
    ({"min_profit_usd": "much"}, ["min_profit_usd must be a number, not a string"]),
    ({"min_profit_usd": [1]}, ["min_profit_usd must be a number, not a list"]),
    ({"min_profit_usd": 1e30}, [f"min_profit_usd must be -{10**15} to {10**15}"]),
    ({"max_gas_gwei": -1}, ["max_gas_gwei must be 0 to 1000000000"]),
    ({"max_gas_gwei": False}, ["max_gas_gwei must be a number, not true or false"]),
]


@pytest.mark.parametrize(("changes", "expected"), WRONG)
def test_what_is_wrong_is_told(changes: dict[str, Any], expected: list[str]) -> None:
    assert [message for _, message in wrong(SIGNAL | changes)] == expected


def test_an_unknown_chain_is_answered_with_the_nearest() -> None:
    ((code, message),) = wrong(SIGNAL | {"chain": "polygn"})
    assert code == "API-014"
    assert message.endswith("nearest known: polygon")


def test_everything_that_is_wrong_is_told_at_once() -> None:
    said = wrong({"route": ["A", "B"], "principal": -1, "slippage_bps": "x", "max_gas_gwei": "y"})
    assert len(said) == 5
    assert {message.split()[0] for _, message in said} == {
        *("route", "principal", "slippage_bps", "max_gas_gwei")
    }


@pytest.mark.parametrize("document", [None, 7, "x", [], [SIGNAL]])
def test_what_is_no_object_is_no_signal(document: object) -> None:
    assert wrong(document) == [("API-012", "a signal must be a JSON object")]
