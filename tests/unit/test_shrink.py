"""What only reduces is never for more than the position: whoever closed it, and whenever."""

from typing import Any

import msgspec
import pytest

from brackets import SL, TP, ack, at_venue, bracket, cancels, child, entered
from omnivenue.message import (
    AccountOpened,
    CancelRejected,
    EndReason,
    ExecType,
    ExecutionReport,
    Opened,
    ReplaceOrder,
    StateSet,
    Twap,
    VenueDown,
)
from omnivenue.model import SECOND, Atoms, ExecID, Nanos, OrdType, Side, TradingState
from omnivenue.oms import Order, OrdStatus, Stage, status
from scene import (
    AT_A,
    AT_F,
    BUY,
    LOT,
    MAIN,
    PX,
    S1,
    S2,
    SELL,
    VENUES,
    WHOLE,
    A,
    Desk,
    F,
    buy,
    cancel,
    names,
    new_orders,
    order,
    report,
    sell,
    ticks,
    trade,
)

pytestmark = [pytest.mark.covers("P5", "B8"), pytest.mark.holds("I15", "T31")]


def traded(desk: Desk, key: str, side: Side, lots: int, **more: Any) -> None:
    """An order that is filled at once."""
    placed = desk.place(order(key, side, lots, **more))
    desk.tell(trade(placed.new.cl_ord_id, lots, f"x{key}"))


def resting(desk: Desk, key: str, lots: int, **more: Any) -> Order:
    """It sells, above the market, and only reduces."""
    placed = desk.place(sell(key, lots, reduce_only=True, px=PX + 500 * WHOLE, **more))
    desk.tell(report(placed.new.cl_ord_id, ExecType.NEW, f"n{key}"))
    return placed


def canceled(desk: Desk, which: str) -> None:
    desk.tell(report(child(desk, which), ExecType.CANCELED, f"c{which}"))


def test_a_position_that_was_closed_by_hand_leaves_nothing_to_reduce() -> None:
    desk = Desk()
    traded(desk, "b", BUY, 10)
    rests = resting(desk, "r", 10)
    closing = desk.place(sell("close", 10))
    assert cancels(desk.tell(trade(closing.new.cl_ord_id, 10, "m"))) == [rests.new.cl_ord_id]
    canceled(desk, "r")
    assert desk.parent("r").end is EndReason.NOTHING_LEFT
    assert desk.state.reducing == {}
    desk.check_replay()


def test_a_part_of_it_makes_the_order_smaller() -> None:
    desk = Desk()
    desk.equip()
    traded(desk, "b", BUY, 10)
    rests = resting(desk, "r", 10)
    closing = desk.place(sell("close", 4))
    commands = desk.tell(trade(closing.new.cl_ord_id, 4, "m"))
    (smaller,) = [c for c in commands if isinstance(c, ReplaceOrder)]
    assert (smaller.orig_cl_ord_id, smaller.qty) == (rests.new.cl_ord_id, 6)
    assert desk.parent("r").qty == 6 * LOT
    desk.check_replay()


def test_one_that_its_venue_will_not_make_smaller_is_cancelled() -> None:
    desk = Desk()
    desk.equip()
    traded(desk, "b", BUY, 10)
    rests = resting(desk, "r", 10)
    closing = desk.place(sell("close", 4))
    commands = desk.tell(trade(closing.new.cl_ord_id, 4, "m"))
    (asked,) = [c for c in commands if isinstance(c, ReplaceOrder)]
    no = CancelRejected(cl_ord_id=asked.cl_ord_id, orig_cl_ord_id=rests.new.cl_ord_id)
    assert cancels(desk.tell(no)) == [rests.new.cl_ord_id]
    assert desk.parent("r").end is EndReason.NOTHING_LEFT
    desk.check_replay()


def test_the_oldest_keeps_its_own() -> None:
    desk = Desk()
    traded(desk, "b", BUY, 10)
    resting(desk, "old", 6)
    young = resting(desk, "young", 4)
    closing = desk.place(sell("close", 4))
    assert cancels(desk.tell(trade(closing.new.cl_ord_id, 4, "m"))) == [young.new.cl_ord_id]
    assert desk.parent("old").stage is Stage.WORKING


def test_what_fills_by_itself_is_left_alone() -> None:
    desk = Desk()
    traded(desk, "b", BUY, 10)
    rests = resting(desk, "r", 10)
    assert names(desk.tell(trade(rests.new.cl_ord_id, 4, "r1"))) == ""
    assert names(desk.tell(trade(rests.new.cl_ord_id, 6, "r2"))) == "CloseParent"


def test_what_only_works_closes_nothing_yet() -> None:
    desk = Desk()
    traded(desk, "b", BUY, 10)
    resting(desk, "r", 10)
    assert cancels(desk.tell(sell("close", 10))) == []
    assert desk.parent("r").qty == 10 * LOT


def test_another_strategy_has_its_own_position() -> None:
    desk = Desk()
    traded(desk, "b", BUY, 10)
    resting(desk, "r", 10)
    closing = desk.place(sell("close", 10, strategy_id=S2))
    assert cancels(desk.tell(trade(closing.new.cl_ord_id, 10, "m"))) == []


def test_a_bracket_whose_position_was_closed_by_hand_ends() -> None:
    """Its take-profit would open a short, and its stop as well."""
    desk = Desk()
    entered(desk, 10)
    ack(desk, TP)
    closing = desk.place(sell("close", 10))
    commands = desk.tell(trade(closing.new.cl_ord_id, 10, "m"))
    assert cancels(commands) == [child(desk, TP)]
    assert desk.parent(SL).end is EndReason.NOTHING_LEFT
    assert f"stop/{SL}" not in desk.state.watches
    canceled(desk, TP)
    assert desk.parent(TP).end is EndReason.NOTHING_LEFT
    exposure = desk.state.exposures[MAIN][AT_A.instrument_id]
    assert (exposure.net, exposure.sells) == (0, 0)
    desk.check_replay()


def test_a_bracket_keeps_exits_for_what_is_left() -> None:
    desk = Desk()
    desk.equip()
    entered(desk, 10)
    ack(desk, TP)
    closing = desk.place(sell("close", 3))
    commands = desk.tell(trade(closing.new.cl_ord_id, 3, "m"))
    (smaller,) = [c for c in commands if isinstance(c, ReplaceOrder)]
    assert (smaller.orig_cl_ord_id, smaller.qty) == (child(desk, TP), 7)
    assert (desk.parent(SL).qty, desk.parent("i").exits_reserved) == (7 * LOT, 10 * LOT)
    desk.tell(report(child(desk, TP), ExecType.REPLACED, "v", version=1))
    assert desk.parent("i").exits_reserved == 7 * LOT
    desk.tell(trade(child(desk, TP), 7, "t", ticks(60_500)))
    assert desk.parent(TP).end is EndReason.FILLED
    assert desk.parent(SL).end is not None
    desk.check_replay()


def test_an_entry_that_fills_on_is_protected_for_what_it_adds() -> None:
    desk = Desk()
    entry = entered(desk, 4)
    ack(desk, TP)
    closing = desk.place(sell("close", 4))
    desk.tell(trade(closing.new.cl_ord_id, 4, "m"))
    canceled(desk, TP)
    assert at_venue(desk) == 0
    desk.tell(trade(entry, 6, "e2"))
    assert at_venue(desk) == 6
    assert desk.parent(SL).qty == 6 * LOT


def test_a_bracket_that_only_closed_a_short_has_no_exits() -> None:
    desk = Desk()
    traded(desk, "s", SELL, 10)
    (new,) = new_orders(desk.tell(bracket()))
    desk.tell(trade(new.cl_ord_id, 10, "e1"))
    assert at_venue(desk) == 0
    assert [desk.parent(i).end for i in (TP, SL)] == [EndReason.NOTHING_LEFT] * 2
    assert f"retry/{TP}" not in desk.state.timers
    desk.check_replay()


def test_a_late_fill_that_only_closes_a_short_wakes_no_stop() -> None:
    """It had ended, and nothing else reduced: nobody was watching the position."""
    desk = Desk()
    entry = entered(desk, 6, take_profit=None)
    desk.tell(report(entry, ExecType.CANCELED, "c"))
    traded(desk, "close", SELL, 10)
    assert desk.state.reducing == {}
    desk.tell(trade(entry, 2, "late"))
    assert desk.parent(SL).end is EndReason.NOTHING_LEFT
    assert desk.state.reducing == {} and desk.state.watches == {}
    desk.check_replay()


def test_a_later_position_is_another_one() -> None:
    desk = Desk()
    entered(desk, 10)
    ack(desk, TP)
    closing = desk.place(sell("close", 10))
    desk.tell(trade(closing.new.cl_ord_id, 10, "m"))
    canceled(desk, TP)
    traded(desk, "again", BUY, 10)
    assert at_venue(desk) == 0


def test_a_stop_that_waits_with_us_is_made_smaller_too() -> None:
    desk = Desk()
    traded(desk, "b", BUY, 10)
    stop_px = Atoms(PX - 500 * WHOLE)
    desk.tell(sell("r", 10, reduce_only=True, px=None, ord_type=OrdType.STOP, stop_px=stop_px))
    closing = desk.place(sell("close", 10))
    desk.tell(trade(closing.new.cl_ord_id, 10, "m"))
    assert desk.parent("r").end is EndReason.NOTHING_LEFT
    assert desk.state.watches == {}


def test_one_that_is_being_cancelled_is_not_asked_again() -> None:
    desk = Desk()
    traded(desk, "b", BUY, 10)
    resting(desk, "r", 10)
    desk.tell(cancel("c", "r"))
    closing = desk.place(sell("close", 10))
    assert cancels(desk.tell(trade(closing.new.cl_ord_id, 10, "m"))) == []


def test_of_a_hedge_each_leg_counts() -> None:
    desk = Desk()
    desk.tell(AccountOpened(account=MAIN, venue_ids=VENUES, hedging=True))
    px = ticks(60_000, AT_F)
    opened = desk.place(buy("b", 10, instrument=AT_F))
    desk.tell(trade(opened.new.cl_ord_id, 10, "b1", px))
    rests = desk.place(sell("r", 10, instrument=AT_F, reduce_only=True, px=60_500 * WHOLE))
    other = desk.place(sell("short", 10, instrument=AT_F))
    assert cancels(desk.tell(trade(other.new.cl_ord_id, 10, "s1", px))) == []
    leg = desk.state.positions[MAIN][S1][AT_F.instrument_id].legs["long"]
    assert leg.qty == 10 * AT_F.lot
    assert not rests.cancels
    assert A in desk.state.venues


def test_an_exit_does_not_wait_for_an_order_that_may_never_fill() -> None:
    """A plain sell far above the market would close the position too, and must not keep the stop
    from doing it."""
    desk = Desk()
    (new,) = new_orders(desk.tell(bracket(take_profit=None)))
    desk.tell(trade(new.cl_ord_id, 10, "e1"))
    desk.place(sell("far", 10, px=PX + 900 * WHOLE))
    (stop,) = new_orders(desk.fire(SL, ticks(59_500)))
    assert (stop.qty, stop.is_reduction) == (10, True)


def test_an_exit_goes_while_only_reductions_may() -> None:
    desk = Desk()
    (new,) = new_orders(desk.tell(bracket(take_profit=None)))
    desk.tell(trade(new.cl_ord_id, 10, "e1"))
    desk.place(sell("far", 10, px=PX + 900 * WHOLE))
    reason = {"reason": "lost", "source": "daily_loss"}
    desk.tell(StateSet(scope="account:main", state=TradingState.REDUCE_ONLY, **reason))
    assert new_orders(desk.fire(SL, ticks(59_500)))


def test_two_brackets_share_a_position() -> None:
    """Neither takes from the other, and together they are no more than there is."""
    desk = Desk()
    entered(desk, 10)
    second = desk.tell(buy("j", 10, take_profit=bracket().take_profit))
    desk.tell(trade(new_orders(second)[0].cl_ord_id, 10, "e2"))
    assert desk.parent("j~tp").working == 10 * LOT
    closing = desk.place(sell("close", 10))
    commands = desk.tell(trade(closing.new.cl_ord_id, 10, "m"))
    assert cancels(commands) == [child(desk, "j~tp")], "the younger one"
    assert (desk.parent("i").closed, desk.parent("j").closed) == (0, 10 * LOT)
    desk.check_replay()


def test_of_two_brackets_the_younger_shrinks_first_and_then_the_older() -> None:
    desk = Desk()
    desk.equip()
    entered(desk, 10)
    second = desk.tell(buy("j", 10, take_profit=bracket().take_profit))
    desk.tell(trade(new_orders(second)[0].cl_ord_id, 10, "e2"))
    closing = desk.place(sell("close", 16))
    for lots, want in ((4, [10, 6]), (4, [10, 2]), (4, [8, 0]), (4, [4, 0])):
        desk.tell(trade(closing.new.cl_ord_id, lots, f"m{want}"))
        assert [desk.parent(i).qty // LOT for i in (TP, "j~tp")] == want
    desk.check_replay()


def test_a_take_profit_that_nobody_has_acknowledged_yet_is_cancelled_at_once() -> None:
    """It may rest all the same, and what is to come of it is nothing."""
    desk = Desk()
    entered(desk, 10)
    closing = desk.place(sell("close", 10))
    desk.tell(VenueDown(venue_id=A, why="gone"))
    sent = child(desk, TP)
    assert status(desk.order(TP)) is OrdStatus.UNKNOWN
    assert cancels(desk.tell(trade(closing.new.cl_ord_id, 10, "m"))) == [sent]
    assert cancels(ack(desk, TP)) == [], "once"
    no = CancelRejected(cl_ord_id=desk.order(TP).cancels[-1], orig_cl_ord_id=sent)
    assert cancels(desk.tell(no)) == [sent], "it had come before its order"
    canceled(desk, TP)
    assert desk.parent(TP).end is EndReason.NOTHING_LEFT
    desk.check_replay()


def test_while_trading_is_halted_an_exit_of_nothing_is_cancelled() -> None:
    """A cancel passes, and nothing is to follow it."""
    desk = Desk()
    entered(desk, 10)
    ack(desk, TP)
    closing = desk.place(sell("close", 10))
    desk.tell(StateSet(scope="global", state=TradingState.HALTED, reason="wait", source="test"))
    assert cancels(desk.tell(trade(closing.new.cl_ord_id, 10, "m"))) == [child(desk, TP)]
    assert desk.parent(SL).end is EndReason.NOTHING_LEFT


def test_a_take_profit_that_its_venue_will_not_cancel_is_tried_once_a_second() -> None:
    desk = Desk()
    entered(desk, 10)
    ack(desk, TP)
    desk.place(sell("x", 10))
    desk.tell(trade(desk.order("x").new.cl_ord_id, 10, "x1"))
    placed = desk.order(TP)
    for asked in (1, 2):
        assert len(placed.cancels) == asked
        no = CancelRejected(cl_ord_id=placed.cancels[-1], orig_cl_ord_id=placed.new.cl_ord_id)
        desk.tell(no)
    assert len(placed.cancels) == 2
    assert cancels(desk.wake(f"retry/{TP}")) == [placed.new.cl_ord_id]
    desk.check_replay()


def test_an_exit_that_filled_before_its_cancel_came_is_not_followed_by_the_other() -> None:
    """Both have closed it, at a venue that cannot tell: what is short now is shown, and no more."""
    desk = Desk()
    entered(desk, 10)
    ack(desk, TP)
    closing = desk.place(sell("close", 10))
    desk.tell(trade(closing.new.cl_ord_id, 10, "m"))
    commands = desk.tell(trade(child(desk, TP), 10, "t", ticks(60_500)))
    assert new_orders(commands) == []
    assert desk.fire(SL, ticks(59_500)) == []
    took = desk.order(TP)
    late = CancelRejected(cl_ord_id=took.cancels[-1], orig_cl_ord_id=took.new.cl_ord_id)
    assert cancels(desk.tell(late)) == []
    assert desk.state.strategy_exposures[MAIN][S1][AT_A.instrument_id].net == -10 * LOT
    assert [desk.parent(i).end for i in (TP, SL)] == [EndReason.FILLED, EndReason.NOTHING_LEFT]
    desk.check_replay()


def test_a_bust_of_the_close_brings_the_position_back_and_not_its_exits() -> None:
    desk = Desk()
    entered(desk, 10)
    ack(desk, TP)
    closing = desk.place(sell("close", 10))
    desk.tell(trade(closing.new.cl_ord_id, 10, "m"))
    canceled(desk, TP)
    bust = report(closing.new.cl_ord_id, ExecType.TRADE_CANCEL, "b", exec_ref_id=ExecID("m"))
    assert new_orders(desk.tell(bust)) == []
    assert desk.state.watches == {} and desk.state.reducing == {}
    desk.check_replay()


def test_a_bust_of_the_entry_leaves_exits_of_what_is_left() -> None:
    desk = Desk()
    desk.equip()
    entry = entered(desk, 6)
    desk.tell(trade(entry, 4, "e2"))
    closing = desk.place(sell("close", 3))
    desk.tell(trade(closing.new.cl_ord_id, 3, "m"))
    assert [desk.parent(i).qty for i in (TP, SL)] == [7 * LOT] * 2
    desk.tell(report(entry, ExecType.TRADE_CANCEL, "b", exec_ref_id=ExecID("e2")))
    assert [desk.parent(i).qty for i in (TP, SL)] == [3 * LOT] * 2
    desk.check_replay()


def test_a_position_that_is_opened_again_at_once_is_another_one() -> None:
    """Before the cancel of the take-profit is confirmed, and even before it is acknowledged."""
    desk = Desk()
    entered(desk, 10)
    closing = desk.place(sell("close", 10))
    desk.tell(trade(closing.new.cl_ord_id, 10, "m"))
    traded(desk, "again", BUY, 10)
    ack(desk, TP)
    canceled(desk, TP)
    assert at_venue(desk) == 0
    assert [desk.parent(i).end for i in (TP, SL)] == [EndReason.NOTHING_LEFT] * 2
    desk.check_replay()


def test_what_closed_it_may_be_an_algorithm() -> None:
    desk = Desk()
    desk.equip()
    entered(desk, 10)
    ack(desk, TP)
    algo = Twap(horizon=Nanos(10 * SECOND), interval=Nanos(SECOND))
    (part,) = new_orders(desk.tell(msgspec.structs.replace(sell("close", 10), algo=algo)))
    commands = desk.tell(trade(part.cl_ord_id, part.qty, "m"))
    (smaller,) = [c for c in commands if isinstance(c, ReplaceOrder)]
    assert (smaller.orig_cl_ord_id, smaller.qty) == (child(desk, TP), 10 - part.qty)


def test_a_restart_forgets_nothing_of_it() -> None:
    desk = Desk()
    entered(desk, 10)
    ack(desk, TP)
    closing = desk.place(sell("close", 10))
    desk.tell(Opened(mode="paper", schema_version=1, decision_version=7, config_hash=""))
    assert cancels(desk.tell(trade(closing.new.cl_ord_id, 10, "m"))) == [child(desk, TP)]
    assert desk.parent(SL).end is EndReason.NOTHING_LEFT
    desk.check_replay()


def test_a_venue_that_can_holds_an_exit_to_the_position_itself() -> None:
    """Also against what it alone has heard of: the race that is left elsewhere."""
    desk = Desk()
    desk.equip(F)
    px = ticks(60_000, AT_F)
    (new,) = new_orders(desk.tell(bracket(instrument_id=AT_F.instrument_id, qty=Atoms(AT_F.lot))))
    desk.tell(trade(new.cl_ord_id, 1, "e1", px))
    assert desk.order(TP).new.reduce_only
    (stop,) = new_orders([*desk.fire(SL, px - 500), *desk.tell(_gone(desk))])
    assert stop.reduce_only


def _gone(desk: Desk) -> ExecutionReport:
    return report(child(desk, TP), ExecType.CANCELED, "c")
