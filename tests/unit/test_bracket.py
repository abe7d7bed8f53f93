"""A bracket's exits: armed for what has filled, never both at a venue, never more than it is."""

import msgspec
import pytest

from brackets import SL, TP, ack, at_venue, bracket, cancels, child, entered
from derivatives import INVERSE, USD, deposits
from omnivenue.message import (
    EndReason,
    ExecType,
    Exit,
    InstrumentsListed,
    NewOrder,
    NotSent,
    ReplaceOrder,
    StateSet,
)
from omnivenue.model import Atoms, OrderID, OrdType, TimeInForce, TradingState
from omnivenue.oms import Stage
from scene import (
    AT_A,
    LOT,
    MAIN,
    PX,
    SELL,
    WHOLE,
    A,
    Desk,
    F,
    buy,
    cancel,
    cancel_all,
    listed,
    names,
    new_orders,
    quote,
    report,
    sell,
    ticks,
    trade,
)

pytestmark = [pytest.mark.covers("B8"), pytest.mark.holds("I15", "T31")]


def test_nothing_is_armed_before_a_fill() -> None:
    desk = Desk()
    desk.tell(bracket())
    assert desk.parent("i").exits == ()


def test_a_fill_arms_a_resting_limit_and_a_stop() -> None:
    desk = Desk()
    entered(desk, 10)
    tp, sl = desk.parent(TP), desk.parent(SL)
    assert desk.parent("i").exits == (OrderID(TP), OrderID(SL))
    new = desk.order(TP).new
    assert (new.side, new.qty, new.limit_px) == (SELL, 10, ticks(60_500))
    assert (new.tif, new.is_reduction) == (TimeInForce.GTC, True)
    assert (sl.stage, sl.qty, sl.order.ord_type) == (Stage.ARMED, 10 * LOT, OrdType.STOP)
    assert desk.state.watches[f"stop/{SL}"].condition.px == ticks(59_500)
    assert (tp.reserved, sl.reserved) == (0, 0), "one of them will do it: they reserve together"
    assert desk.parent("i").exits_reserved == 10 * LOT
    exposure = desk.state.exposures[MAIN][AT_A.instrument_id]
    assert (exposure.net, exposure.buys, exposure.sells) == (10 * LOT, 0, 10 * LOT)
    desk.check_replay()


def test_exits_are_as_large_as_what_has_filled() -> None:
    desk = Desk()
    desk.equip()
    entry = entered(desk, 4)
    ack(desk, TP)
    (grown,) = [c for c in desk.tell(trade(entry, 3, "e2")) if isinstance(c, ReplaceOrder)]
    assert grown.qty == 7
    assert desk.parent(SL).qty == 7 * LOT


def test_without_replace_the_take_profit_is_sent_anew() -> None:
    desk = Desk()
    entry = entered(desk, 4)
    ack(desk, TP)
    first = child(desk, TP)
    assert cancels(desk.tell(trade(entry, 3, "e2"))) == [first]
    (again,) = new_orders(desk.tell(report(first, ExecType.CANCELED, "c")))
    assert again.qty == 7


def test_before_it_is_acknowledged_it_waits() -> None:
    desk = Desk()
    entry = entered(desk, 4)
    assert names(desk.tell(trade(entry, 6, "e2"))) == "CloseParent AmendParent AmendParent"
    assert at_venue(desk) == 4
    assert cancels(ack(desk, TP)) == [child(desk, TP)]


def test_what_fills_of_the_take_profit_is_taken_off_the_stop() -> None:
    desk = Desk()
    entered(desk, 10)
    ack(desk, TP)
    desk.tell(trade(child(desk, TP), 4, "t1", ticks(60_500)))
    assert desk.parent(SL).qty == desk.parent("i").exits_reserved == 6 * LOT
    desk.tell(trade(child(desk, TP), 6, "t2", ticks(60_500)))
    assert desk.parent(TP).end is EndReason.FILLED
    assert desk.parent(SL).end is EndReason.OCO
    assert f"stop/{SL}" not in desk.state.watches
    desk.check_replay()


def test_the_stop_is_sent_only_when_the_take_profit_is_proven_ended() -> None:
    desk = Desk()
    entered(desk, 10)
    ack(desk, TP)
    desk.tell(trade(child(desk, TP), 3, "t1", ticks(60_500)))
    commands = desk.fire(SL, ticks(59_500))
    assert cancels(commands) == [child(desk, TP)]
    assert new_orders(commands) == []
    assert at_venue(desk) == 7
    late = trade(child(desk, TP), 2, "t2", ticks(60_500))
    assert new_orders(desk.tell(late)) == []
    (new,) = new_orders(desk.tell(report(child(desk, TP), ExecType.CANCELED, "c")))
    assert (new.parent_id, new.qty, new.tif) == (OrderID(SL), 5, TimeInForce.IOC)
    desk.tell(trade(new.cl_ord_id, 5, "s1", ticks(59_400)))
    assert desk.parent(SL).end is EndReason.FILLED
    assert desk.parent(TP).end is EndReason.OCO
    assert desk.state.positions["main"]["s1"][new.instrument_id].qty == 0  # type: ignore[index]
    desk.check_replay()


def test_an_entry_that_fills_on_after_its_stop_has_fired_is_stopped_out_too() -> None:
    desk = Desk()
    entry = entered(desk, 4)
    ack(desk, TP)
    desk.fire(SL, ticks(59_500))
    (new,) = new_orders(desk.tell(report(child(desk, TP), ExecType.CANCELED, "c")))
    desk.tell(trade(new.cl_ord_id, 4, "s1", ticks(59_400)))
    assert desk.parent(SL).stage is Stage.WORKING, "its entry may still fill"
    (more,) = new_orders(desk.tell(trade(entry, 6, "e2")))
    assert (more.parent_id, more.qty) == (OrderID(SL), 6)


def test_a_late_fill_of_the_entry_opens_what_had_ended() -> None:
    desk = Desk()
    entry = entered(desk, 6)
    desk.tell(report(entry, ExecType.CANCELED, "c"))
    ack(desk, TP)
    desk.tell(trade(child(desk, TP), 6, "t1", ticks(60_500)))
    assert desk.parent(SL).end is EndReason.OCO
    commands = desk.tell(trade(entry, 2, "late"))
    (new,) = new_orders(commands)
    assert (new.parent_id, new.qty) == (OrderID(TP), 2)
    assert desk.parent(SL).stage is Stage.ARMED
    assert desk.parent(SL).qty == 2 * LOT
    assert f"stop/{SL}" in desk.state.watches
    desk.check_replay()


def test_a_bust_of_the_entry_makes_the_exits_smaller() -> None:
    desk = Desk()
    desk.equip()
    entry = entered(desk, 4)
    desk.tell(trade(entry, 6, "e2"))
    ack(desk, TP)
    desk.tell(report(child(desk, TP), ExecType.REPLACED, "v", version=1))
    bust = report(entry, ExecType.TRADE_CANCEL, "b", exec_ref_id="e2")
    (smaller,) = [c for c in desk.tell(bust) if isinstance(c, ReplaceOrder)]
    assert smaller.qty == 4
    assert desk.parent(SL).qty == 4 * LOT
    desk.check_replay()


def test_a_cancelled_entry_leaves_exits_for_what_has_filled() -> None:
    desk = Desk()
    entry = entered(desk, 4)
    ack(desk, TP)
    desk.tell(cancel("c", "i"))
    desk.tell(report(entry, ExecType.CANCELED, "c"))
    assert desk.parent("i").end is EndReason.CANCELLED
    assert at_venue(desk) == 4
    assert desk.parent(SL).stage is Stage.ARMED


def test_cancelling_everything_ends_the_exits_too_and_they_stay_ended() -> None:
    desk = Desk()
    entry = entered(desk, 4)
    ack(desk, TP)
    desk.tell(cancel_all("c"))
    for cl_ord_id in (entry, child(desk, TP)):
        desk.tell(report(cl_ord_id, ExecType.CANCELED, f"c{cl_ord_id}"))
    assert all(desk.parent(i).end is EndReason.CANCELLED for i in ("i", TP, SL))
    assert new_orders(desk.tell(trade(entry, 6, "late"))) == []
    desk.check_replay()


@pytest.mark.parametrize("which", [TP, SL])
def test_one_exit_may_be_cancelled_by_name(which: str) -> None:
    desk = Desk()
    entered(desk, 10)
    ack(desk, TP)
    desk.tell(cancel("c", which))
    if which == TP:
        desk.tell(report(child(desk, TP), ExecType.CANCELED, "c"))
    other = SL if which == TP else TP
    assert desk.parent(which).end is EndReason.CANCELLED
    assert not desk.parent(other).is_over


def test_an_exit_that_never_left_is_sent_again() -> None:
    """Proof that it did not leave, or never arrived: the position must not stay without it."""
    desk = Desk()
    entered(desk, 10)
    order = desk.order(TP)
    desk.tell(report(child(desk, "i"), ExecType.CANCELED, "x"))
    (again,) = new_orders(desk.tell(NotSent(cl_ord_id=order.new.cl_ord_id, why="late")))
    assert again.cl_ord_id != order.new.cl_ord_id
    assert again.qty == 10


def test_too_little_to_be_sent_waits_for_more_and_is_dust_at_the_end() -> None:
    desk = Desk()
    (new,) = new_orders(desk.tell(bracket(lots=10)))
    desk.tell(trade(new.cl_ord_id, 1, "e1"))
    assert desk.parent(TP).children, "one lot is worth six, and the venue wants five"
    thin = Desk()
    more = msgspec.structs.replace(AT_A, min_notional=Atoms(30 * WHOLE))
    thin.tell(InstrumentsListed(instruments=(more,)))
    (new,) = new_orders(thin.tell(bracket(lots=10)))
    thin.tell(trade(new.cl_ord_id, 1, "e1"))
    assert thin.parent(TP).children == ()
    assert thin.parent(TP).stage is Stage.WORKING
    thin.tell(report(new.cl_ord_id, ExecType.CANCELED, "c"))
    assert thin.parent(TP).end is EndReason.DUST


def test_a_minimum_is_held_against_the_notional_and_not_against_what_is_settled() -> None:
    """Lots of 100 USD each, settled in BTC."""
    desk = Desk()
    thin = msgspec.structs.replace(INVERSE, min_notional=Atoms(250 * WHOLE))
    dollars = listed(F, USD)
    desk.tell(InstrumentsListed(instruments=(thin, dollars)))
    for event in deposits((MAIN,)):
        desk.tell(event)  # pyright: ignore[reportArgumentType]
    desk.books.update(quote(desk.at, 1, dollars))
    desk.books.update(quote(desk.at, 60_000, thin))
    entry = msgspec.structs.replace(
        buy("i", instrument=thin, px=PX), take_profit=Exit(limit_px=Atoms(PX + 500 * WHOLE))
    )
    (new,) = new_orders(desk.tell(entry))
    desk.tell(trade(new.cl_ord_id, 2, "e1", ticks(60_000, thin), fee=0))
    assert desk.parent(TP).children == ()
    desk.tell(trade(new.cl_ord_id, 1, "e2", ticks(60_000, thin), fee=0))
    assert desk.order(TP).new.qty == 3


def test_a_short_has_its_exits_on_the_other_side() -> None:
    desk = Desk()
    event = msgspec.structs.replace(
        sell("i"),
        take_profit=Exit(limit_px=Atoms(PX - 500 * WHOLE)),
        stop_loss=Exit(stop_px=Atoms(PX + 500 * WHOLE), limit_px=Atoms(PX + 600 * WHOLE)),
    )
    (new,) = new_orders(desk.tell(event))
    desk.tell(trade(new.cl_ord_id, 10))
    assert desk.order(TP).new.limit_px == ticks(59_500)
    condition = desk.state.watches[f"stop/{SL}"].condition
    assert (condition.is_above, condition.px) == (True, ticks(60_500))
    ack(desk, TP)
    desk.fire(SL, ticks(60_500))
    (stop,) = new_orders(desk.tell(report(child(desk, TP), ExecType.CANCELED, "c")))
    assert (stop.limit_px, stop.tif) == (ticks(60_600), TimeInForce.GTC)


def test_a_stop_alone() -> None:
    desk = Desk()
    (new,) = new_orders(desk.tell(bracket(take_profit=None)))
    desk.tell(trade(new.cl_ord_id, 10))
    assert desk.parent("i").exits == (OrderID(SL),)
    sent = new_orders(desk.fire(SL, ticks(59_500)))
    assert [(n.parent_id, n.qty) for n in sent] == [(OrderID(SL), 10)]
    assert isinstance(sent[0], NewOrder)
    assert desk.state.venues[A].open


def test_what_fills_late_after_a_kill_begins_no_exits() -> None:
    """It is shown, and what becomes of it is for a person to say."""
    desk = Desk()
    (new,) = new_orders(desk.tell(bracket()))
    killed = StateSet(scope="global", state=TradingState.KILLED, reason="test", source="test")
    desk.tell(killed)
    desk.tell(trade(new.cl_ord_id, 4, "e1"))
    assert desk.parent("i").exits == ()
    assert not desk.state.watches
