"""The risk check as a table: each rule with its code, its limit and the value that broke it."""

from typing import Any

import pytest

from omnivenue.message import LimitsSet
from omnivenue.model import QTY_UNIT, SHARE_UNIT, Atoms, InstrumentID, LimitName, Limits, Side
from omnivenue.risk import (
    OPEN_ORDERS_MAX,
    Approved,
    Circumstances,
    Intent,
    bearing,
    check,
    index,
)
from scene import Desk, buy, cancel, limit, names, sell

W = QTY_UNIT  # one whole, wide
LIMITS = {
    "order_qty": 5 * W,
    "order_notional": 400_000 * W,
    "position_qty": 20 * W,
    "position_notional": 1_000_000 * W,
    "price_collar": SHARE_UNIT // 20,
}
NOW: dict[str, Any] = {
    "venue_state": "open",
    "open_orders": 0,
    "may_trade": True,
    "market": "",
    "currency": "",
    "is_market": False,
    "mark_px": 60_000 * W,
    "limit_px": 60_000 * W,
    "qty": W,
    "position": 0,
    "position_after": W,
    "position_elsewhere": 0,
    "multiplier": 1,
    "cash": 10**12,
    "cash_needed": 10**12,
    "cash_exponent": 8,
}


def told(side: Side = Side.BUY, limits: dict[str, int] | None = None, **now: Any) -> list[str]:
    """The refusal, a line for each reason: code, limit, value. Empty: approved."""
    intent = Intent(instrument_id=InstrumentID("I"), side=side, qty=1, limit_px=1, hold_px=1)
    verdict = check(LIMITS if limits is None else limits, Circumstances(**NOW | now), intent)
    if isinstance(verdict, Approved):
        assert verdict.intent is intent
        return []
    return [f"{r.code} {r.limit or '-'} {r.value or '-'}" for r in verdict.reasons]


def test_nothing_wrong_is_approved() -> None:
    assert told() == []


@pytest.mark.parametrize(
    ("now", "want"),
    [
        ({"venue_state": "down"}, "RISK-001 - down"),
        ({"venue_state": "reconciling"}, "RISK-001 - reconciling"),
        ({"market": "never quoted"}, "RISK-002 - never quoted"),
        ({"mark_px": 0}, "RISK-002 - a mark of 0"),
        ({"currency": "BTC is not USDT"}, "RISK-003 - BTC is not USDT"),
        ({"qty": 5 * W + 1}, "RISK-005 5 5.000000000000000001"),
        ({"qty": 4 * W, "limit_px": 100_001 * W, "is_market": True}, "RISK-006 400000 400004"),
        ({"position_after": 16 * W + W // 2}, "RISK-007 16 16.5"),
        ({"position_after": 16 * W, "mark_px": 70_000 * W}, "RISK-008 1000000 1120000"),
        ({"limit_px": 63_000 * W + 1}, "RISK-009 63000 63000.000000000000000001"),
        ({"position_after": -16 * W, "position_elsewhere": W // 2}, "RISK-007 16 16.5"),
        ({"cash": 10**12 - 1}, "RISK-010 9999.99999999 10000"),
        ({"may_trade": False}, "RISK-011 - -"),
        ({"open_orders": OPEN_ORDERS_MAX}, "RISK-012 10000 10000"),
    ],
)
def test_every_rule_says_what_it_allows_and_what_it_met(now: dict[str, Any], want: str) -> None:
    limits = LIMITS | {"position_qty": 16 * W}
    assert told(limits=limits, **now) == [want]


@pytest.mark.parametrize(
    "now",
    [
        {"qty": 5 * W},
        {"qty": 4 * W, "limit_px": 100_000 * W, "is_market": True},
        {"position_after": 16 * W, "mark_px": 62_500 * W},
        {"limit_px": 63_000 * W},
    ],
)
def test_a_limit_may_be_met(now: dict[str, Any]) -> None:
    assert told(**now) == []


def test_all_that_is_wrong_is_said_at_once() -> None:
    wrong = told(
        venue_state="down",
        currency="no",
        qty=6 * W,
        position_after=30 * W,
        cash=0,
        limit_px=W * 10**6,
    )
    assert [line.split()[0] for line in wrong] == [
        *("RISK-001", "RISK-003", "RISK-010", "RISK-005", "RISK-006", "RISK-007", "RISK-008"),
        "RISK-009",
    ]


def test_a_market_order_needs_a_collar_and_is_not_measured_by_it() -> None:
    without = {name: value for name, value in LIMITS.items() if name != "price_collar"}
    assert told(limits=without, is_market=True) == ["RISK-004 - -"]
    assert told(limits=without, limit_px=10**6 * W, qty=1) == []
    assert told(is_market=True, limit_px=90_000 * W) == []


def test_the_collar_is_on_the_aggressive_side_only() -> None:
    assert told(Side.BUY, limit_px=30_000 * W) == []
    assert told(Side.SELL, limit_px=90_000 * W) == []
    assert told(Side.SELL, limit_px=57_000 * W) == []
    assert told(Side.SELL, limit_px=57_000 * W - 1) == ["RISK-009 57000 56999.999999999999999999"]


def test_without_a_mark_no_collar_is_measured_because_there_is_no_order_anyway() -> None:
    assert told(market="never quoted", mark_px=0, limit_px=10**6 * W, qty=1) == [
        "RISK-002 - never quoted"
    ]


def test_what_makes_a_position_smaller_passes_its_limits() -> None:
    above: dict[str, Any] = {"position": 40 * W, "qty": W}
    assert told(position_after=39 * W, **above) == []
    assert told(Side.BUY, position=-40 * W, position_after=-39 * W) == []
    assert [line[:8] for line in told(position_after=40 * W, **above)] == ["RISK-007", "RISK-008"]
    assert [line[:8] for line in told(position_after=41 * W, **above)] == ["RISK-007", "RISK-008"]


def test_what_goes_through_zero_is_no_reduction() -> None:
    wrong = told(Side.SELL, position=40 * W, position_after=-39 * W)
    assert [line[:8] for line in wrong] == ["RISK-007", "RISK-008"]
    assert told(Side.SELL, position=40 * W, position_after=0) == []


def test_a_sale_is_worth_what_the_market_pays_and_not_its_limit() -> None:
    assert told(Side.SELL, qty=4 * W, limit_px=58_000 * W, mark_px=60_000 * W) == []
    assert told(Side.SELL, {"order_notional": 239_999 * W}, qty=4 * W, limit_px=W) == [
        "RISK-006 239999 240000"
    ]


def test_a_multiplier_multiplies_money_and_not_quantity() -> None:
    assert told(multiplier=10) == ["RISK-006 400000 600000"]
    assert told(multiplier=10, qty=W // 10, position_after=2 * W) == ["RISK-008 1000000 1200000"]


def test_without_limits_only_the_conditions_count() -> None:
    assert told(limits={}, qty=10**9 * W, position_after=10**9 * W, limit_px=10**9 * W) == []


def test_the_tightest_of_all_scopes_holds_and_what_is_waived_does_not_count() -> None:
    limits = Limits(
        limits=(
            limit(LimitName.ORDER_QTY, 9),
            limit(LimitName.ORDER_QTY, 5, "account:main"),
            limit(LimitName.ORDER_QTY, 3, "account:other"),
            limit(LimitName.ORDER_QTY, 7, "strategy:s1"),
            limit(LimitName.ORDER_QTY, None, "venue:SIM-A"),
            limit(LimitName.ORDER_NOTIONAL, None),
            limit(LimitName.POSITION_QTY, 4, "instrument:I"),
        )
    )
    found = index(limits)
    scopes = ("global", "venue:SIM-A", "account:main", "strategy:s1", "instrument:I")
    assert bearing(found, scopes) == {"order_qty": 5, "position_qty": 4}
    assert bearing(found, ("global", "venue:SIM-A")) == {"order_qty": 9}
    assert bearing(found, ("nothing",)) == {}


@pytest.mark.parametrize(
    "scope",
    ["global", "venue:SIM-A", "account:main", "strategy:s1", "instrument:SIM-A:SPOT_PAIR:BTC-USDT"],
)
def test_each_scope_bears_on_an_order(scope: str) -> None:
    desk = Desk()
    tight = Limits(limits=(limit(LimitName.ORDER_QTY, 9 * W // 10**4, scope),))
    desk.tell(LimitsSet(limits=tight, from_file=False))
    assert names(desk.tell(buy("i", 10))) == "Refuse"
    (reason,) = desk.parent("i").reasons
    assert (reason.code, reason.limit, reason.value) == ("RISK-005", "0.0009", "0.001")
    assert names(desk.tell(buy("j", 9))).startswith("Accept")


@pytest.mark.holds("I14")
def test_the_worst_case_counts_whatever_is_open_and_cancels_free_it() -> None:
    desk = Desk()
    lots = 15 * 10**4
    for n in range(5):
        desk.place(buy(f"i{n}", lots))
    assert names(desk.tell(buy("j", lots))) == "Refuse"
    desk.tell(cancel("c", "i0"))
    assert names(desk.tell(buy("k", lots))) == "Refuse", "it may still trade"


def test_cash_is_what_is_free_at_the_venue_in_the_asset_that_is_spent() -> None:
    desk = Desk()
    assert names(desk.tell(sell("i", 10**6, px=1, qty=Atoms(100 * 10**8 + 10**4)))) == "Refuse"
    codes = [r.code for r in desk.parent("i").reasons]
    assert "RISK-010" in codes
    (reason,) = [r for r in desk.parent("i").reasons if r.code == "RISK-010"]
    assert (reason.limit, reason.value) == ("100", "100.0001")
