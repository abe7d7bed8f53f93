"""Orders with one name: any fill of one ends the others, in the turn of the fill."""

import pytest

from omnivenue.engine import State, state_hash
from omnivenue.journal import replay
from omnivenue.message import CancelOrder, CancelRejected, EndReason, ExecType, StatusReport
from omnivenue.model import Atoms, ClOrdID, OrdType
from omnivenue.oms import Stage
from scene import (
    MAIN,
    OTHER,
    PX,
    S2,
    WHOLE,
    A,
    Desk,
    answer,
    buy,
    cancel,
    names,
    new_orders,
    order,
    report,
    sell,
    trade,
)

pytestmark = [pytest.mark.covers("O1"), pytest.mark.holds("I2", "L1")]


def group(desk: Desk, *keys: str) -> list[ClOrdID]:
    """Each key an order of the group g."""
    return [new_orders(desk.tell(buy(key, oco="g")))[0].cl_ord_id for key in keys]


def test_a_fill_of_one_cancels_the_others() -> None:
    desk = Desk()
    first, second, _ = group(desk, "a", "b", "c")
    commands = desk.tell(trade(first, 1))
    assert names(commands) == "StopParent CancelOrder StopParent CancelOrder"
    assert desk.parent("a").stage is Stage.WORKING, "what has filled in part works on"
    desk.tell(report(second, ExecType.CANCELED, "e"))
    assert desk.parent("b").end is EndReason.OCO
    assert desk.tell(trade(first, 2, "y")) == [], "they are told once"
    desk.check_replay()


def test_other_strategies_accounts_and_names_are_left_alone() -> None:
    desk = Desk()
    (first,) = group(desk, "a")
    desk.tell(buy("b", oco="g", strategy_id=S2))
    desk.tell(buy("c", oco="g", account=OTHER))
    desk.tell(buy("d", oco="h"))
    desk.tell(buy("e"))
    assert desk.tell(trade(first, 10)) != []
    assert all(desk.parent(key).stage is Stage.WORKING for key in "bcde")


def test_an_armed_stop_of_the_group_is_disarmed() -> None:
    desk = Desk()
    (first,) = group(desk, "a")
    stop_px = Atoms(PX - 100 * WHOLE)
    desk.tell(sell("s", px=None, ord_type=OrdType.STOP, stop_px=stop_px, oco="g"))
    commands = desk.tell(trade(first, 10))
    assert names(commands) == "CloseParent StopParent DisarmWatch CloseParent"
    assert desk.parent("s").end is EndReason.OCO


def test_a_fill_that_a_restart_learns_of_cancels_them_too() -> None:
    desk = Desk()
    first, second = group(desk, "a", "b")
    again = replay(State(), desk.journal.lines())
    assert state_hash(again) == state_hash(desk.state)
    desk.reconcile(A)
    found: StatusReport = answer(A, 2, desk.at, reports=(trade(first, 10),))
    commands = desk.tell(found)
    assert [c.orig_cl_ord_id for c in commands if isinstance(c, CancelOrder)] == [second]


def test_the_name_is_free_again_when_all_have_ended() -> None:
    desk = Desk()
    first, second = group(desk, "a", "b")
    desk.tell(trade(first, 10))
    desk.tell(report(second, ExecType.CANCELED, "e"))
    assert desk.state.oco == {}
    group(desk, "c")
    assert list(desk.state.oco) == [f"{MAIN}/s1/g"]


def test_both_may_fill_and_both_count() -> None:
    desk = Desk()
    first, second = group(desk, "a", "b")
    desk.tell(trade(first, 10))
    desk.tell(trade(second, 10, "y"))
    attempt = desk.order("b").cancels[-1]
    desk.tell(CancelRejected(cl_ord_id=attempt, orig_cl_ord_id=ClOrdID(second), text="too late"))
    assert desk.parent("b").end is EndReason.FILLED
    assert desk.state.oco == {}


def test_refused_and_cancelled_leave_the_group() -> None:
    desk = Desk()
    (first,) = group(desk, "a")
    desk.tell(order("r", lots=10**6, oco="g"))
    assert list(desk.state.oco[f"{MAIN}/s1/g"]) == ["a"]
    desk.tell(cancel("c", "a"))
    desk.tell(report(first, ExecType.CANCELED, "e"))
    assert desk.state.oco == {}


def test_two_that_both_trade_are_flagged() -> None:
    """The cancel came too late: both count, and somebody must know."""
    desk = Desk()
    first, second = group(desk, "a", "b")
    desk.tell(trade(first, 10))
    desk.tell(trade(second, 4, "y"))
    assert desk.order("b").rare.flagged == ("filled although another of its group had",)
    desk.tell(trade(second, 6, "z"))
    assert len(desk.order("b").rare.flagged) == 1, "once"
    assert desk.order("a").rare.flagged == ()
    desk.check_replay()
