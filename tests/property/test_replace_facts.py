"""Whatever order and however often things are said of an order that was asked to be another: the
same set of facts reads as the same order."""

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from omnivenue.message import CancelRejected, ExecType, ExecutionReport, OrderState, ReplaceOrder
from omnivenue.model import ClOrdID, ExecID, Lots, Nanos, Ticks, VenueOrderID
from omnivenue.oms import (
    Order,
    add_report,
    add_request_reject,
    add_state,
    anomalies,
    at_risk_qty,
    hold_px,
    is_open,
    is_told,
    leaves_qty,
    most_qty,
    status,
    terms,
)
from scene import AT_A
from unit.test_order import NEW, replace, said

pytestmark = [pytest.mark.covers("O1"), pytest.mark.holds("I10", "I11", "T17", "T24")]

type Fact = ExecutionReport | CancelRejected | tuple[OrderState, Nanos]

KINDS = (
    ExecType.NEW,
    ExecType.CANCELED,
    ExecType.EXPIRED,
    ExecType.DONE_FOR_DAY,
    ExecType.REJECTED,
    ExecType.TRIGGERED,
    ExecType.SUSPENDED,
)


@st.composite
def facts(draw: st.DrawFn, replaces: int) -> list[Fact]:
    found: list[Fact] = []
    for n in range(draw(st.integers(0, 6))):
        at = f"{draw(st.integers(0, 12))}@{draw(st.integers(1, 9))}"
        kind = draw(st.sampled_from(KINDS))
        match draw(st.sampled_from(("trade", "correct", "bust", "kind", "replaced"))):
            case "trade":
                found.append(said(ExecType.TRADE, f"x{n}", at, draw(st.integers(1, 9))))
            case "correct":
                ref = f"x{draw(st.integers(0, 6))}"
                found.append(
                    said(ExecType.TRADE_CORRECT, f"y{n}", at, draw(st.integers(1, 9)), ref)
                )
            case "bust":
                ref = draw(st.sampled_from([f"x{n}", f"y{n}", "x0"]))
                found.append(said(ExecType.TRADE_CANCEL, f"b{n}", at, 0, ref))
            case "replaced" if replaces:
                report = said(ExecType.REPLACED, f"v{n}", at)
                version = draw(st.integers(1, replaces))
                found.append(msgspec.structs.replace(report, version=version))
            case _:
                found.append(said(kind, f"k{n}", at))
    if replaces and draw(st.booleans()):
        version = draw(st.integers(1, replaces))
        ids = ClOrdID(f"r{version}"), NEW.cl_ord_id
        found.append(CancelRejected(cl_ord_id=ids[0], orig_cl_ord_id=ids[1]))
    for _ in range(draw(st.integers(0, 2))):
        ended = draw(st.sampled_from([None, ExecType.TRADE, ExecType.CANCELED]))
        cum_qty = Lots(draw(st.integers(0, 12)))
        version = draw(st.integers(0, replaces))
        state = OrderState(cl_ord_id=NEW.cl_ord_id, cum_qty=cum_qty, ended=ended, version=version)
        found.append((state, Nanos(draw(st.integers(1, 9)) * 10**9)))
    return found


def read(asked: tuple[ReplaceOrder, ...], told: list[Fact]) -> tuple[object, ...]:
    order = Order(new=NEW, replaces=asked, hold_px=100)
    for fact in told:
        match fact:
            case ExecutionReport():
                add_report(order, fact)
            case CancelRejected():
                add_request_reject(order, fact)
            case (state, as_of):
                add_state(order, state, as_of)
    now = status(order)
    assert order.cum_qty == sum(fill.qty for fill in order.standing)
    assert 0 <= leaves_qty(order, now) <= most_qty(order)
    assert now.is_closed or at_risk_qty(order, now) >= leaves_qty(order, now)
    assert not now.is_closed or leaves_qty(order, now) == 0
    sums = order.cum_qty, leaves_qty(order, now), at_risk_qty(order, now), hold_px(order, AT_A)
    return now, terms(order), sums, is_open(order, now), [a.name for a in anomalies(order)]


@settings(deadline=None, max_examples=400)
@given(st.data(), st.lists(st.integers(1, 20), max_size=3))
def test_order_and_repetition_do_not_matter(data: st.DataObject, qtys: list[int]) -> None:
    asked = tuple(replace(n + 1, qty, 90 + n) for n, qty in enumerate(qtys))
    told = data.draw(facts(len(asked)))
    again = data.draw(st.lists(st.sampled_from(told), max_size=4)) if told else []
    permuted = data.draw(st.permutations(told + again))
    assert read(asked, permuted) == read(asked, told)


TOLD_MOST = (
    ExecType.NEW,
    ExecType.TRADE,
    ExecType.CANCELED,
    ExecType.REPLACED,
    ExecType.REJECTED,
)


@settings(deadline=None, max_examples=400)
@given(st.data())
def test_what_was_told_leaves_an_order_as_it_is(data: st.DataObject) -> None:
    """And what venues tell most of is known again."""
    asked = tuple(replace(n + 1, 10, 90 + n) for n in range(2))
    order = Order(new=NEW, replaces=asked, hold_px=100)
    told = [fact for fact in data.draw(facts(len(asked))) if isinstance(fact, ExecutionReport)]
    for report in told:
        add_report(order, report)
    others = [fact for fact in data.draw(facts(len(asked))) if isinstance(fact, ExecutionReport)]
    reports = [*told, *others]
    near = [msgspec.structs.replace(report, **changed) for report in reports for changed in NEARLY]
    for report in (*reports, *near):
        after = msgspec.convert(msgspec.to_builtins(order), Order)
        if is_told(order, report):
            assert add_report(after, report) == (False, [])
            assert after == order
        elif report in told and report.exec_type in TOLD_MOST:
            assert order.rare.contradicted, "it was told, and changed what was said otherwise"


NEARLY: tuple[dict[str, object], ...] = (
    {"venue_order_id": VenueOrderID("W")},
    {"transact_at": Nanos(10)},
    {"cum_qty": Lots(13)},
    {"last_px": Ticks(101)},
    {"exec_id": ExecID("another")},
    {"version": 2},
    {"version": 0},
    {"text": "another"},
)
"""In one thing other than what was told."""


def test_a_correction_names_another_trade_each_time() -> None:
    """A venue corrects a correction under a new id, and so on: the last one stands."""
    order = Order(new=NEW)
    for exec_id, qty, ref in (("a", 9, ""), ("b", 8, "a"), ("c", 7, "b")):
        kind = ExecType.TRADE_CORRECT if ref else ExecType.TRADE
        add_report(order, said(kind, exec_id, "", qty, ref))
    assert order.cum_qty == 7
    assert order.busts == {ExecID("a"), ExecID("b")}
    assert order.fills[-1].px == Ticks(100)
