"""The risk check as a table: each rule with its code, its limit and the value that broke it."""

from typing import Any

import pytest

from omnivenue.message import LimitsSet
from omnivenue.model import (
    QTY_UNIT,
    SECOND,
    SHARE_UNIT,
    Atoms,
    InstrumentID,
    LimitName,
    Limits,
    Side,
    TradingState,
)
from omnivenue.risk import (
    OPEN_ORDERS_MAX,
    Approved,
    Bound,
    Circumstances,
    Intent,
    Rule,
    Terms,
    bearing,
    check,
    index,
)
from scene import AT_A, Desk, buy, cancel, limit, names, sell

W = QTY_UNIT  # one whole, wide
LIMITS = {
    "order_qty": 5 * W,
    "order_notional": 400_000 * W,
    "price_collar": SHARE_UNIT // 20,
    "notional_check": SHARE_UNIT // 1000,
    "duplicate_window": 2 * SECOND,
    "clock_offset": SECOND // 4,
}
NOW: dict[str, Any] = {
    "venue_state": "open",
    "venue_orders": 0,
    "may_trade": True,
    "market": "",
    "currency": "",
    "is_market": False,
    "mark_px": 60_000 * W,
    "limit_px": 60_000 * W,
    "reference_px": 60_000 * W,
    "unit_mark": 60_000 * W,
    "unit_limit": 60_000 * W,
    "qty": W,
    "min_qty": W // 100,
    "min_notional": 5 * W,
    "worth_by_lots": 60_000 * W,
    "left_to_reduce": W,
    "duplicate_age": 2 * SECOND,
    "clock_offset": SECOND // 4,
    "cash": 10**12,
    "cash_needed": 10**12,
    "cash_asset": "BTC",
}
"""All at their limits, and nothing above."""


def told(
    side: Side = Side.BUY,
    limits: dict[str, int] | None = None,
    is_reduction: bool = False,
    **now: Any,
) -> list[str]:
    """The refusal, a line for each reason: code, limit, value. Empty: approved."""
    intent = Intent(
        instrument_id=InstrumentID("I"),
        side=side,
        qty=1,
        limit_px=1,
        hold_px=1,
        is_reduction=is_reduction,
    )
    found = NOW | now
    terms = Terms(**{name: found.pop(name) for name in found.keys() & set(Terms.__struct_fields__)})
    verdict = check(
        LIMITS if limits is None else limits, Circumstances(terms=terms, **found), intent
    )
    if isinstance(verdict, Approved):
        assert verdict.intent is intent
        return []
    return [f"{r.code} {r.limit or '-'} {r.value or '-'}" for r in verdict.reasons]


def exceeded(rule: Rule, limit_is: int, value: int) -> dict[str, Any]:
    return {"exceeded": ((Bound(rule, rule.title, "global", limit_is), value),)}


def stopped(state: TradingState) -> dict[str, Any]:
    return {"stopped": (("venue:V", state),)}


def test_nothing_wrong_is_approved() -> None:
    assert told() == []


@pytest.mark.covers("P5")
@pytest.mark.parametrize(
    ("now", "want"),
    [
        ({"venue_state": "down"}, "RISK-001 - down"),
        ({"venue_state": "reconciling"}, "RISK-001 - reconciling"),
        ({"market": "never quoted"}, "RISK-002 - never quoted"),
        ({"mark_px": 0}, "RISK-002 - a mark of 0"),
        ({"currency": "BTC is not USDT"}, "RISK-003 - BTC is not USDT"),
        (
            {"qty": 5 * W + 1, "worth_by_lots": None, "left_to_reduce": None},
            "RISK-005 5 5.000000000000000001",
        ),
        (
            {"unit_limit": 400_004 * W, "worth_by_lots": 400_004 * W},
            "RISK-006 400000 400004",
        ),
        (exceeded(Rule.POSITION_QTY, 16 * W, 33 * W // 2), "RISK-007 16 16.5"),
        (exceeded(Rule.POSITION_NOTIONAL, 1_000 * W, 1_001 * W), "RISK-008 1000 1001"),
        ({"limit_px": 63_000 * W + 1}, "RISK-009 63000 63000.000000000000000001"),
        ({"cash": 10**12 - 1}, "RISK-010 9999.99999999 10000"),
        ({"may_trade": False}, "RISK-011 - -"),
        ({"venue_orders": OPEN_ORDERS_MAX}, "RISK-012 10000 10000"),
        (stopped(TradingState.KILLED), "RISK-013 - venue:V"),
        (stopped(TradingState.HALTED), "RISK-014 - venue:V"),
        (stopped(TradingState.REDUCE_ONLY), "RISK-015 - venue:V"),
        ({"quarantine": "BTC"}, "RISK-016 - BTC"),
        ({"is_allowed": False}, "RISK-017 - -"),
        ({"min_qty": W + 1}, "RISK-018 1.000000000000000001 1"),
        ({"min_notional": 60_001 * W}, "RISK-018 60001 60000"),
        (exceeded(Rule.TOTAL_NOTIONAL, 9 * W, 10 * W), "RISK-019 9 10"),
        (exceeded(Rule.GROSS_NOTIONAL, 9 * W, 10 * W), "RISK-020 9 10"),
        (exceeded(Rule.LEVERAGE, 3 * SHARE_UNIT, 7 * SHARE_UNIT // 2), "RISK-021 3 3.5"),
        ({"worth_by_lots": 59_939 * W}, "RISK-022 0.001 0.001016"),
        (exceeded(Rule.ORDERS_PER_SECOND, 10, 11), "RISK-023 10 11"),
        (exceeded(Rule.ORDERS_PER_MINUTE, 100, 101), "RISK-024 100 101"),
        (exceeded(Rule.OPEN_ORDERS, 50, 51), "RISK-025 50 51"),
        (exceeded(Rule.CANCEL_RATIO, 100 * SHARE_UNIT, 101 * SHARE_UNIT), "RISK-026 100 101"),
        ({"duplicate_age": SECOND // 2}, "RISK-027 2 0.5"),
        (exceeded(Rule.REPEATED_EXECUTION, 20, 21), "RISK-028 20 21"),
        ({"self_match": "i7"}, "RISK-029 - i7"),
        ({"clock_offset": SECOND // 4 + 1}, "RISK-030 0.25 0.250000001"),
        ({"left_to_reduce": W - 1}, "RISK-031 0.999999999999999999 1"),
        ({"left_to_reduce": -W}, "RISK-031 0 1"),
    ],
)
def test_every_rule_says_what_it_allows_and_what_it_met(now: dict[str, Any], want: str) -> None:
    assert told(**now) == [want]


def test_the_table_above_has_every_rule() -> None:
    marks = test_every_rule_says_what_it_allows_and_what_it_met.pytestmark  # pyright: ignore
    (cases,) = [mark.args[1] for mark in marks if mark.name == "parametrize"]
    assert {want.split()[0] for _, want in cases} == {r.code for r in Rule} - {Rule.PROTECTION.code}


@pytest.mark.parametrize(
    "now",
    [
        {"qty": 5 * W, "worth_by_lots": None, "left_to_reduce": None},
        {"unit_limit": 400_000 * W, "worth_by_lots": None},
        {"limit_px": 63_000 * W},
        {"min_qty": W, "min_notional": 60_000 * W},
        {"worth_by_lots": 59_940 * W},
        {"venue_orders": OPEN_ORDERS_MAX - 1},
        stopped(TradingState.ACTIVE),
    ],
)
def test_a_limit_may_be_met(now: dict[str, Any]) -> None:
    assert told(**now) == []


@pytest.mark.covers("P5")
def test_all_that_is_wrong_is_said_at_once() -> None:
    wrong = told(
        stopped=(("global", TradingState.HALTED), ("venue:V", TradingState.KILLED)),
        venue_state="down",
        venue_orders=OPEN_ORDERS_MAX,
        may_trade=False,
        quarantine="BTC",
        is_allowed=False,
        currency="no",
        mark_px=0,
        qty=6 * W,
        min_qty=7 * W,
        unit_limit=10**6 * W,
        limit_px=W * 10**6,
        left_to_reduce=0,
        exceeded=tuple(
            (Bound(rule, rule.title, scope, 1), 2)
            for rule in (Rule.POSITION_QTY, Rule.GROSS_NOTIONAL, Rule.ORDERS_PER_SECOND)
            for scope in ("global", "strategy:s")
        ),
        duplicate_age=0,
        self_match="i7",
        clock_offset=SECOND,
        cash=0,
    )
    want = "14 13 1 11 12 16 17 2 3 10 31 18 5 6 7 7 20 20 23 23 9 22 27 29 30"
    assert [int(line[5:8]) for line in wrong] == [int(n) for n in want.split()]


def test_a_reason_says_whose_limit_it_was() -> None:
    reason = Rule.OPEN_ORDERS.because(limit="1", value="2", scope="strategy:s")
    assert reason.message == "too many orders are open (open_orders of strategy:s)"
    assert Rule.OPEN_ORDERS.because(scope="global").message == "too many orders are open"


def test_what_reduces_passes_where_only_reductions_do() -> None:
    assert told(is_reduction=True, **stopped(TradingState.REDUCE_ONLY)) == []
    assert told(is_reduction=True, **stopped(TradingState.HALTED)) == ["RISK-014 - venue:V"]


def test_a_market_order_needs_a_collar_and_is_not_measured_by_it() -> None:
    without = {name: value for name, value in LIMITS.items() if name != "price_collar"}
    assert told(limits=without, is_market=True) == ["RISK-004 - -"]
    assert told(limits=without, limit_px=10**6 * W) == []
    assert told(is_market=True, limit_px=90_000 * W) == []


def test_the_collar_is_on_the_aggressive_side_only() -> None:
    assert told(Side.BUY, limit_px=30_000 * W) == []
    assert told(Side.SELL, limit_px=90_000 * W) == []
    assert told(Side.SELL, limit_px=57_000 * W) == []
    assert told(Side.SELL, limit_px=57_000 * W - 1) == ["RISK-009 57000 56999.999999999999999999"]


def test_without_a_mark_no_collar_is_measured_because_there_is_no_order_anyway() -> None:
    assert told(market="never quoted", mark_px=0, reference_px=0, limit_px=10**6 * W) == [
        "RISK-002 - never quoted"
    ]


def test_a_sale_is_worth_what_the_market_pays_and_not_its_limit() -> None:
    assert told(Side.SELL, unit_limit=W, worth_by_lots=None) == []
    tight = {"order_notional": 59_999 * W}
    assert told(Side.SELL, tight, unit_limit=W) == ["RISK-006 59999 60000"]
    assert told(Side.BUY, tight, unit_limit=W) == []


def test_a_child_is_not_measured_for_its_size_again() -> None:
    big: dict[str, Any] = {"qty": 9 * W, "min_qty": 99 * W}
    big |= {"left_to_reduce": None, "worth_by_lots": None}
    assert told(is_sized=False, **big) == []
    assert len(told(**big)) == 3


def test_without_limits_only_the_conditions_count() -> None:
    huge = 10**9 * W
    assert told(limits={}, qty=huge, left_to_reduce=huge, limit_px=huge, unit_limit=huge) == []


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
    assert bearing(found, scopes, AT_A).tightest == {"order_qty": 5, "position_qty": 4}
    elsewhere = ("global", "venue:SIM-A", "account:else", "strategy:s2", "instrument:J")
    assert bearing(found, elsewhere, AT_A).tightest == {"order_qty": 9}
    assert bearing({}, scopes, AT_A).tightest == {}


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
