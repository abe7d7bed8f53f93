"""What an order is, as tables of what was said: OrdStatus is read off the set of facts."""

import msgspec
import pytest

from omnivenue.message import (
    CancelRejected,
    ExecType,
    ExecutionReport,
    NewOrder,
    ReplaceOrder,
)
from omnivenue.model import (
    SECOND,
    ClOrdID,
    ExecID,
    Lots,
    Nanos,
    OrderID,
    Side,
    Ticks,
    TimeInForce,
    VenueOrderID,
)
from omnivenue.oms import (
    Order,
    add_report,
    add_request_reject,
    add_state,
    anomalies,
    at_risk_qty,
    hold_px,
    is_open,
    leaves_qty,
    status,
    terms,
)
from scene import AT_A, MAIN, S1, A, held_to_be

pytestmark = [pytest.mark.covers("O1"), pytest.mark.holds("I10", "I11")]

NEW = NewOrder(
    cl_ord_id=ClOrdID("C"),
    parent_id=OrderID("p"),
    account=MAIN,
    venue_id=A,
    instrument_id=AT_A.instrument_id,
    instrument_version=1,
    side=Side.BUY,
    qty=Lots(10),
    limit_px=Ticks(100),
    tif=TimeInForce.GTC,
    expires_at=Nanos(0),
)


def add(order: Order, row: str) -> None:
    """`what [qty] [of trade]`; trades and busts name the trade. `@3` is the venue's time."""
    what, *rest = row.split()
    match what, rest:
        case "doubt", _:
            order.doubted = True
        case "withhold", _:
            order.withheld = True
        case "lose", _:
            order.lost = True
        case "ask-cancel", [attempt]:
            order.cancels += (ClOrdID(attempt),)
        case "cancel-rejected", [attempt]:
            ids = ClOrdID(attempt), NEW.cl_ord_id
            add_request_reject(order, CancelRejected(cl_ord_id=ids[0], orig_cl_ord_id=ids[1]))
        case "trade", [exec_id, qty, *more]:
            add_report(order, said(ExecType.TRADE, exec_id, "".join(more), last_qty=int(qty)))
        case "bust", [exec_id, *more]:
            add_report(
                order, said(ExecType.TRADE_CANCEL, f"b-{exec_id}", "".join(more), ref=exec_id)
            )
        case "correct", [exec_id, qty, ref]:
            add_report(order, said(ExecType.TRADE_CORRECT, exec_id, "", int(qty), ref))
        case "ask-replace", [qty, px]:
            order.replaces += (replace(len(order.replaces) + 1, int(qty), int(px)),)
        case "replace-rejected", [version]:
            ids = ClOrdID(f"r{version}"), NEW.cl_ord_id
            add_request_reject(order, CancelRejected(cl_ord_id=ids[0], orig_cl_ord_id=ids[1]))
        case "replaced", [version]:
            report = said(ExecType.REPLACED, f"v{version}")
            add_report(order, msgspec.structs.replace(report, version=int(version)))
        case "held", [cum, "version", version, at]:
            state = msgspec.structs.replace(
                held_to_be(NEW.cl_ord_id, int(cum), None), version=int(version)
            )
            add_state(order, state, Nanos(int(at[1:]) * SECOND))
        case "held", [cum, ended, at]:
            ends = None if ended == "working" else ExecType[ended.upper()]
            add_state(order, held_to_be(NEW.cl_ord_id, int(cum), ends), Nanos(int(at[1:])))
        case name, more:
            add_report(order, said(ExecType[name.upper()], name, "".join(more)))


def replace(version: int, qty: int, px: int) -> ReplaceOrder:
    """Asked for at 0, and not taken any more from second 2 on."""
    return ReplaceOrder(
        cl_ord_id=ClOrdID(f"r{version}"),
        orig_cl_ord_id=NEW.cl_ord_id,
        venue_id=NEW.venue_id,
        account=NEW.account,
        strategy_id=S1,
        version=version,
        qty=Lots(qty),
        limit_px=Ticks(px),
        expires_at=Nanos(2 * SECOND),
        hold_px=px,
    )


def said(
    kind: ExecType, exec_id: str, word: str = "", last_qty: int = 0, ref: str = ""
) -> ExecutionReport:
    """`word` is CumQty@TransactTime."""
    cum_qty, _, at = word.partition("@")
    return ExecutionReport(
        exec_id=ExecID(exec_id),
        cl_ord_id=NEW.cl_ord_id,
        exec_type=kind,
        venue_order_id=VenueOrderID("V"),
        last_qty=Lots(last_qty),
        last_px=Ticks(100 if last_qty else 0),
        cum_qty=Lots(int(cum_qty or 0)),
        transact_at=Nanos(int(at or 0)),
        exec_ref_id=ExecID(ref) if ref else None,
    )


def check(table: str) -> None:
    """Rows are `what was said -> status, CumQty, LeavesQty, at risk, open or over, anomalies`, of
    a buy of 10."""
    order = Order(new=NEW)
    for row in table.strip().splitlines():
        told, want = row.split("->")
        add(order, told)
        now = status(order)
        flags = "+".join(a.name.lower() for a in anomalies(order)) or "-"
        sums = order.cum_qty, leaves_qty(order, now), at_risk_qty(order, now)
        is_over = "open" if is_open(order, now) else "over"
        assert [now.name.lower(), *map(str, sums), is_over, flags] == want.split(), row


def test_filled_in_two_parts() -> None:
    check("""
        new             ->  new               0  10  10  open  -
        trade a 4       ->  partially_filled  4   6   6  open  -
        trade b 6       ->  filled           10   0   0  over  -
    """)


def test_a_fill_outruns_the_acknowledgement() -> None:
    check("""
        trade a 4       ->  partially_filled  4   6   6  open  -
        new             ->  partially_filled  4   6   6  open  -
    """)


def test_silence_is_unknown_until_somebody_says_something() -> None:
    check("""
        doubt           ->  unknown           0  10  10  open  -
        new             ->  new               0  10  10  open  -
    """)


def test_what_the_gateway_withheld_is_proven_not_sent() -> None:
    check("""
        doubt           ->  unknown           0  10  10  open  -
        withhold        ->  rejected          0   0   0  over  -
    """)


def test_withheld_and_yet_placed() -> None:
    check("""
        withhold        ->  rejected          0   0   0  over  -
        new             ->  new               0  10  10  open  absent_and_placed
    """)


def test_lost_and_then_found() -> None:
    check("""
        lose            ->  rejected          0   0   0  over  -
        trade a 4       ->  partially_filled  4   6   6  open  absent_and_placed
    """)


def test_acknowledged_and_rejected_without_a_trade_is_no_outcome() -> None:
    check("""
        rejected        ->  rejected          0   0   0  over  -
        new             ->  unknown           0  10  10  open  rejected_and_placed
        trade a 4       ->  partially_filled  4   6   6  open  rejected_and_placed
        trade b 6       ->  filled           10   0   0  over  rejected_and_placed
    """)


def test_a_fill_after_a_rejection_counts() -> None:
    check("""
        rejected        ->  rejected          0   0   0  over  -
        trade a 10      ->  filled           10   0   0  over  rejected_and_placed
    """)


def test_a_cancel_is_pending_until_it_is_answered() -> None:
    check("""
        new                 ->  new               0  10  10  open  -
        ask-cancel c1       ->  pending_cancel    0  10  10  open  -
        trade a 4           ->  pending_cancel    4   6   6  open  -
        cancel-rejected c1  ->  partially_filled  4   6   6  open  -
        ask-cancel c2       ->  pending_cancel    4   6   6  open  -
        canceled 4@9        ->  canceled          4   0   0  over  -
    """)


def test_an_older_cancels_rejection_does_not_answer_the_last_one() -> None:
    check("""
        new                 ->  new               0  10  10  open  -
        ask-cancel c1       ->  pending_cancel    0  10  10  open  -
        ask-cancel c2       ->  pending_cancel    0  10  10  open  -
        cancel-rejected c1  ->  pending_cancel    0  10  10  open  -
        cancel-rejected c2  ->  new               0  10  10  open  -
    """)


def test_pending_cancel_outranks_filled() -> None:
    check("""
        ask-cancel c1       ->  pending_new       0  10  10  open  -
        trade a 10          ->  pending_cancel   10   0   0  open  -
        cancel-rejected c1  ->  filled           10   0   0  over  -
    """)


def test_the_end_outran_a_trade_so_its_quantity_stays_at_risk() -> None:
    check("""
        new             ->  new               0  10  10  open  -
        canceled 4@9    ->  canceled          0   0   4  open  -
        trade a 4 4@8   ->  canceled          4   0   0  over  -
    """)


def test_a_trade_after_the_cancel_counts() -> None:
    check("""
        canceled        ->  canceled          0   0   0  over  -
        trade a 4       ->  canceled          4   0   0  over  -
        trade b 6       ->  filled           10   0   0  over  -
    """)


def test_a_bust_takes_back_and_may_come_first() -> None:
    check("""
        bust a          ->  pending_new       0  10  10  open  -
        trade a 4       ->  new               0  10  10  open  -
        trade b 10      ->  filled           10   0   0  over  -
        bust b          ->  new               0  10  10  open  -
    """)


def test_a_bust_that_we_have_not_heard_of_keeps_the_order_open() -> None:
    check("""
        trade a 10 10@5    ->  filled         10   0   0  over  -
        held 0 canceled @7 ->  filled         10   0   0  open  -
        bust a 0@6         ->  canceled        0   0   0  over  -
    """)


def test_a_bust_and_what_traded_instead_are_too_much_only_until_both_are_known() -> None:
    check("""
        trade a 10 10@5    ->  filled         10   0   0  over  -
        trade b 10 10@7    ->  filled         20   0   0  open  overfill
        bust a 0@6         ->  filled         10   0   0  over  -
    """)


def test_too_much_is_kept_and_flagged() -> None:
    check("""
        trade a 11      ->  filled           11   0   0  over  overfill
    """)


def test_one_id_with_two_contents_is_flagged() -> None:
    check("""
        trade a 4       ->  partially_filled  4   6   6  open  -
        trade a 4       ->  partially_filled  4   6   6  open  -
        trade a 5       ->  partially_filled  5   5   5  open  contradiction
        trade a 4       ->  partially_filled  5   5   5  open  contradiction
    """)


def test_expired() -> None:
    check("""
        new             ->  new               0  10  10  open  -
        expired         ->  expired           0   0   0  over  -
        canceled        ->  canceled          0   0   0  over  -
    """)


def test_the_venues_last_word_is_the_latest_by_its_own_time() -> None:
    check("""
        trade a 4 4@8      ->  partially_filled  4   6   6  open  -
        trade b 6 10@9     ->  filled           10   0   0  over  -
        held 4 working @8  ->  filled           10   0   0  over  -
        held 10 trade @10  ->  filled           10   0   0  over  -
    """)


def test_what_the_venue_holds_it_to_be_acknowledges_or_ends_it() -> None:
    check("""
        held 0 working @1  ->  new               0  10  10  open  -
        held 3 canceled @2 ->  canceled          0   0   3  open  -
        trade a 3 3@1      ->  canceled          3   0   0  over  -
    """)
    check("""
        held 0 rejected @1 ->  rejected          0   0   0  over  -
    """)


def test_that_it_is_filled_is_left_to_its_trades() -> None:
    check("""
        held 10 trade @5   ->  new               0  10  10  open  -
        trade a 10 10@4    ->  filled           10   0   0  over  -
    """)


NEWS = (
    said(ExecType.NEW, "n", ""),
    said(ExecType.TRADE, "a", "", last_qty=4),
    said(ExecType.TRADE_CANCEL, "b-a", "", ref="a"),
    said(ExecType.TRADE_CORRECT, "c", "", 3, "b"),
    msgspec.structs.replace(said(ExecType.REPLACED, "v"), version=1),
    said(ExecType.TRIGGERED, "t"),
    said(ExecType.CANCELED, "x"),
    said(ExecType.EXPIRED, "e"),
    said(ExecType.REJECTED, "r"),
)


def test_each_fact_is_news_once() -> None:
    order = Order(new=NEW)
    for report in NEWS:
        assert add_report(order, report)[0], report
        assert not add_report(order, report)[0], report
    assert order.venue_order_id == "V"


def test_that_it_is_suspended_is_news_of_an_order_that_nobody_has_taken() -> None:
    order, suspended = Order(new=NEW), said(ExecType.SUSPENDED, "s", "")
    assert [add_report(order, suspended)[0] for _ in range(2)] == [True, False]
    order = Order(new=NEW)
    add(order, "new")
    assert not add_report(order, suspended)[0]


def test_what_an_answer_says_is_news_once() -> None:
    order = Order(new=NEW)
    for state in (
        held_to_be(NEW.cl_ord_id, 0, None),
        msgspec.structs.replace(held_to_be(NEW.cl_ord_id, 0, None), version=2),
        msgspec.structs.replace(held_to_be(NEW.cl_ord_id, 0, None), is_triggered=True),
        held_to_be(NEW.cl_ord_id, 0, ExecType.CANCELED),
        held_to_be(NEW.cl_ord_id, 0, ExecType.REJECTED),
    ):
        assert add_state(order, state, Nanos(5))
        assert not add_state(order, state, Nanos(6))


def test_one_execution_with_another_content_is_no_news() -> None:
    order = Order(new=NEW)
    add(order, "trade a 4")
    is_news, changes = add_report(order, said(ExecType.TRADE, "a", "", last_qty=5))
    assert not is_news
    assert [sign for sign, _ in changes] == [-1, 1]


# Replaces: what is in force stays so until the venue names another version.


def test_a_replace_is_pending_until_the_venue_names_it() -> None:
    check("""
        new               ->  new               0  10  10  open  -
        ask-replace 14 90 ->  pending_replace   0  10  14  open  -
        trade a 4         ->  pending_replace   4   6  10  open  -
        replaced 1        ->  partially_filled  4  10  10  open  -
        trade b 10        ->  filled           14   0   0  over  -
    """)


def test_a_smaller_replace_puts_the_larger_of_the_two_at_risk() -> None:
    check("""
        new               ->  new               0  10  10  open  -
        ask-replace 6 90  ->  pending_replace   0  10  10  open  -
        replaced 1        ->  new               0   6   6  open  -
        trade a 6         ->  filled            6   0   0  over  -
    """)


def test_what_was_filled_before_a_larger_replace_is_known_may_trade_on() -> None:
    check("""
        new               ->  new               0  10  10  open  -
        ask-replace 15 90 ->  pending_replace   0  10  15  open  -
        trade a 10        ->  pending_replace  10   0   5  open  -
        trade b 2         ->  pending_replace  12   0   3  open  -
        replaced 1        ->  partially_filled 12   3   3  open  -
    """)


def test_a_replace_that_is_turned_down_leaves_the_order_as_it_was() -> None:
    check("""
        new                 ->  new               0  10  10  open  -
        ask-replace 15 90   ->  pending_replace   0  10  15  open  -
        replace-rejected 1  ->  new               0  10  10  open  -
        ask-replace 5 90    ->  pending_replace   0  10  10  open  -
        replaced 2          ->  new               0   5   5  open  -
    """)


def test_an_answer_from_after_its_expiry_proves_that_a_replace_was_lost() -> None:
    check("""
        new                 ->  new               0  10  10  open  -
        ask-replace 15 90   ->  pending_replace   0  10  15  open  -
        held 0 version 0 @3 ->  pending_replace   0  10  15  open  -
        held 0 version 0 @4 ->  new               0  10  10  open  -
    """)


def test_an_answer_that_names_the_version_confirms_it() -> None:
    check("""
        new                 ->  new               0  10  10  open  -
        ask-replace 15 90   ->  pending_replace   0  10  15  open  -
        held 0 version 1 @1 ->  new               0  15  15  open  -
        held 0 version 0 @4 ->  new               0  15  15  open  -
    """)


def test_a_cancel_outranks_a_replace_and_the_end_outranks_both() -> None:
    check("""
        new                 ->  new               0  10  10  open  -
        ask-replace 15 90   ->  pending_replace   0  10  15  open  -
        ask-cancel c1       ->  pending_cancel    0  10  15  open  -
        canceled 0@9        ->  canceled          0   0   0  over  -
        trade a 12          ->  filled           12   0   0  open  overfill
    """)


def test_what_is_reserved_at_is_the_worse_of_both_while_a_replace_is_pending() -> None:
    order = Order(new=NEW, hold_px=100)
    for row, px in (
        ("new", 100),
        ("ask-replace 10 120", 120),
        ("replaced 1", 120),
        ("ask-replace 10 90", 120),
        ("replaced 2", 90),
        ("ask-replace 10 130", 130),
        ("replace-rejected 3", 90),
    ):
        add(order, row)
        assert hold_px(order, AT_A) == px, row
    assert terms(order) == (10, 90)


# Corrections, triggers, suspensions, days that end.


def test_a_correction_takes_a_trade_back_and_puts_another_in_its_place() -> None:
    check("""
        trade a 10      ->  filled           10   0   0  over  -
        correct b 7 a   ->  partially_filled  7   3   3  open  -
        correct b 7 a   ->  partially_filled  7   3   3  open  -
        bust b          ->  new               0  10  10  open  -
    """)


def test_a_correction_may_outrun_what_it_corrects() -> None:
    check("""
        correct b 7 a   ->  partially_filled  7   3   3  open  -
        trade a 10      ->  partially_filled  7   3   3  open  -
    """)


def test_suspended_until_it_shows_life() -> None:
    check("""
        new 0@1         ->  new               0  10  10  open  -
        suspended 0@3   ->  suspended         0  10  10  open  -
        new 0@2         ->  suspended         0  10  10  open  -
        trade a 4 4@5   ->  partially_filled  4   6   6  open  -
        suspended 4@4   ->  partially_filled  4   6   6  open  -
    """)


def test_triggered_is_placed() -> None:
    check("""
        triggered       ->  new               0  10  10  open  -
    """)


def test_done_for_day_is_over_and_outranks_filled() -> None:
    check("""
        new             ->  new               0  10  10  open  -
        done_for_day    ->  done_for_day      0   0   0  over  -
        trade a 10      ->  done_for_day     10   0   0  over  -
    """)
