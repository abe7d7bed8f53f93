"""DAY and GTD orders end at their time, whoever ends them."""

import pytest

from omnivenue.engine.timers import DAY
from omnivenue.message import EndReason, ExecType
from omnivenue.model import SECOND, Atoms, Nanos, OrdType, TimeInForce
from scene import (
    LOT,
    PX,
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
    trade,
)

pytestmark = pytest.mark.covers("O1")


def test_a_day_ends_at_midnight_utc() -> None:
    desk = Desk()
    desk.at = 3 * DAY + 5 * SECOND
    desk.later(0)
    desk.reconcile(A)
    (new,) = new_orders(desk.tell(buy("i", tif=TimeInForce.DAY)))
    assert desk.parent("i").expire_at == 4 * DAY
    assert desk.state.timers["expire/i"].at == 4 * DAY
    assert (new.tif, new.good_till) == (TimeInForce.GTC, None), "the venue knows no days"


def test_a_venue_that_knows_dates_is_told_and_we_look_a_second_later() -> None:
    desk = Desk()
    desk.equip()
    until = Nanos(desk.at + 60 * SECOND)
    (new,) = new_orders(desk.tell(buy("i", tif=TimeInForce.GTD, expire_at=until)))
    assert (new.tif, new.good_till) == (TimeInForce.GTD, until)
    assert desk.state.timers["expire/i"].at == until + SECOND
    commands = desk.tell(report(new.cl_ord_id, ExecType.EXPIRED, "e"))
    assert names(commands) == "DisarmTimer CloseParent"
    assert desk.parent("i").end is EndReason.EXPIRED


@pytest.mark.parametrize("filled", [0, 4])
def test_we_end_it_where_the_venue_does_not(filled: int) -> None:
    desk = Desk()
    until = Nanos(desk.at + 60 * SECOND)
    (new,) = new_orders(desk.tell(buy("i", tif=TimeInForce.GTD, expire_at=until)))
    if filled:
        desk.tell(trade(new.cl_ord_id, filled))
    assert names(desk.wake("expire/i")) == "DisarmTimer StopParent CancelOrder"
    desk.tell(report(new.cl_ord_id, ExecType.CANCELED, "c"))
    assert desk.parent("i").end is EndReason.EXPIRED
    desk.check_replay()


def test_an_armed_stop_expires_too() -> None:
    desk = Desk()
    until, stop_px = Nanos(desk.at + 60 * SECOND), Atoms(PX + 100 * WHOLE)
    event = order(
        "i", px=None, ord_type=OrdType.STOP, stop_px=stop_px, tif=TimeInForce.GTD, expire_at=until
    )
    desk.tell(event)
    assert names(desk.wake("expire/i")) == "DisarmTimer StopParent DisarmWatch CloseParent"
    assert desk.parent("i").end is EndReason.EXPIRED
    assert desk.parent("i").reserved == 0


def test_what_has_passed_is_refused() -> None:
    desk = Desk()
    desk.at = 100 * SECOND
    desk.later(0)
    desk.tell(answer(A, 1, desk.at))
    desk.tell(buy("i", tif=TimeInForce.GTD, expire_at=Nanos(99 * SECOND)))
    assert "ORD-003" in [r.code for r in desk.parent("i").reasons]


def test_the_end_of_an_order_disarms_its_timer_and_a_late_fact_arms_it_again() -> None:
    desk = Desk()
    until = Nanos(desk.at + 60 * SECOND)
    (new,) = new_orders(desk.tell(buy("i", tif=TimeInForce.GTD, expire_at=until)))
    desk.tell(trade(new.cl_ord_id, 10))
    assert "expire/i" not in desk.state.timers
    desk.tell(report(new.cl_ord_id, ExecType.TRADE_CANCEL, "b", exec_ref_id="x"))
    assert desk.state.timers["expire/i"].at == until
    assert desk.parent("i").reserved == 10 * LOT
    desk.check_replay()


def test_a_timer_of_an_order_that_is_over_does_nothing() -> None:
    desk = Desk()
    until = Nanos(desk.at + 60 * SECOND)
    (new,) = new_orders(desk.tell(buy("i", tif=TimeInForce.GTD, expire_at=until)))
    desk.tell(cancel("c", "i"))
    desk.tell(report(new.cl_ord_id, ExecType.CANCELED, "e"))
    assert desk.wake("expire/i") == []
