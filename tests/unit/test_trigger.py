"""Stops and take-profits: kept by the venue where it can, else watched by us."""

from typing import Any

import msgspec
import pytest

from omnivenue.message import ArmWatch, Command, EndReason, ExecType, OrderInstructed, PxCrosses
from omnivenue.model import BPS, Atoms, OrdType, Side, Ticks, TimeInForce, TriggerBy
from omnivenue.oms import Stage, status
from scene import (
    AT_A,
    BUY,
    LOT,
    MAIN,
    PX,
    SELL,
    USDT,
    WHOLE,
    A,
    Desk,
    cancel,
    cancel_all,
    deposit,
    names,
    new_orders,
    order,
    report,
    ticks,
    trade,
)

pytestmark = [pytest.mark.covers("O1"), pytest.mark.holds("I14", "I15")]

STOP, STOP_LIMIT = OrdType.STOP, OrdType.STOP_LIMIT
TAKE, TAKE_LIMIT = OrdType.TAKE_PROFIT, OrdType.TAKE_PROFIT_LIMIT


def stop(key: str, side: Side, away: int, kind: OrdType = STOP, **more: Any) -> OrderInstructed:
    """A trigger `away` whole USDT from the mark."""
    stop_px = Atoms(PX + away * WHOLE)
    px = more.pop("px", None)
    return order(key, side, px=px, ord_type=kind, stop_px=stop_px, **more)


def watch(commands: list[Command]) -> PxCrosses:
    (armed,) = [c for c in commands if isinstance(c, ArmWatch)]
    return armed.watch.condition


@pytest.mark.parametrize(
    ("side", "kind", "is_above"),
    [(BUY, STOP, True), (SELL, STOP, False), (BUY, TAKE, False), (SELL, TAKE, True)],
)
def test_which_side_of_the_market_it_waits_on(side: Side, kind: OrdType, is_above: bool) -> None:
    desk = Desk()
    away = 100 if is_above else -100
    commands = desk.tell(stop("i", side, away, kind, trigger_by=TriggerBy.MARK))
    assert names(commands) == "Accept ArmWatch"
    found = watch(commands)
    assert (found.is_above, found.by, found.px) == (is_above, TriggerBy.MARK, ticks(60_000 + away))
    assert desk.parent("i").stage is Stage.ARMED
    assert desk.parent("i").reserved == 10 * LOT, "headroom is taken when it is accepted"
    desk.check_replay()


def test_when_the_market_comes_it_is_a_market_order_with_a_protection_price() -> None:
    desk = Desk()
    desk.tell(stop("i", BUY, 100))
    commands = desk.fire("i", ticks(60_100))
    (new,) = new_orders(commands)
    assert names(commands).startswith("DisarmWatch TriggerParent")
    assert (new.tif, new.stop_px) == (TimeInForce.IOC, None)
    assert new.limit_px == AT_A.limit_ticks(BUY, (PX + WHOLE) * 10_500 // BPS)
    assert desk.fire("i", ticks(60_100)) == [], "it fires once"
    desk.tell(trade(new.cl_ord_id, 10))
    assert desk.parent("i").end is EndReason.FILLED
    desk.check_replay()


def test_a_stop_limit_rests_at_its_limit() -> None:
    desk = Desk()
    desk.tell(stop("i", SELL, -100, STOP_LIMIT, px=PX - 150 * WHOLE))
    (new,) = new_orders(desk.fire("i", ticks(59_900)))
    assert (new.tif, new.limit_px) == (TimeInForce.GTC, ticks(59_850))


def test_a_venue_that_keeps_stops_gets_them_at_once() -> None:
    desk = Desk()
    desk.equip()
    commands = desk.tell(stop("i", SELL, 100, TAKE_LIMIT, px=PX + 90 * WHOLE))
    assert names(commands).startswith("Accept NewOrder")
    (new,) = new_orders(commands)
    assert (new.stop_px, new.is_take_profit, new.tif) == (ticks(60_100), True, TimeInForce.GTC)
    desk.tell(report(new.cl_ord_id, ExecType.NEW, "n"))
    desk.tell(report(new.cl_ord_id, ExecType.TRIGGERED, "t"))
    assert desk.order("i").is_triggered
    assert status(desk.order("i")).name == "NEW"


def test_a_stop_kept_by_the_venue_is_protected_at_its_stop_price() -> None:
    desk = Desk()
    desk.equip()
    (new,) = new_orders(desk.tell(stop("i", BUY, 100)))
    assert new.tif is TimeInForce.IOC
    assert new.limit_px == AT_A.limit_ticks(BUY, (PX + 100 * WHOLE) * 10_500 // BPS)


def test_far_from_the_mark_it_is_measured_at_its_own_price() -> None:
    desk = Desk()
    assert names(desk.tell(stop("i", BUY, 20_000))) == "Accept ArmWatch"
    assert names(desk.tell(stop("j", BUY, 100, STOP_LIMIT, px=PX + 20_000 * WHOLE))) == "Refuse"


@pytest.mark.parametrize("which", [{}, {"venue_id": A}, {"instrument_id": AT_A.instrument_id}])
def test_a_cancel_disarms_it(which: dict[str, str]) -> None:
    desk = Desk()
    desk.tell(stop("i", BUY, 100))
    commands = desk.tell(cancel_all("c", **which))
    assert names(commands) == "StopParent DisarmWatch CloseParent"
    assert desk.parent("i").end is EndReason.CANCELLED
    assert desk.parent("i").reserved == 0
    assert desk.fire("i", ticks(60_100)) == []
    desk.check_replay()


def test_a_cancel_by_name() -> None:
    desk = Desk()
    desk.tell(stop("i", BUY, 100))
    assert names(desk.tell(cancel("c", "i"))) == "StopParent DisarmWatch CloseParent"


def test_without_a_price_it_tries_again_and_goes_when_there_is_one() -> None:
    desk = Desk()
    desk.tell(stop("i", BUY, 100))
    desk.at += 10**10  # what was quoted is stale
    assert names(desk.fire("i", ticks(60_100))) == "DisarmWatch TriggerParent ArmTimer"
    assert names(desk.wake("retry/i")) == "DisarmTimer ArmTimer"
    desk.later(1)
    assert new_orders(desk.wake("retry/i"))
    desk.check_replay()


def test_refused_when_its_time_has_come_it_says_why() -> None:
    desk = Desk()
    desk.tell(stop("i", BUY, 100, lots=3_000))
    taken = deposit(MAIN, A, USDT, -9_999_999 * WHOLE)
    desk.tell(msgspec.structs.replace(taken, deposit_id="taken out"))
    commands = desk.fire("i", ticks(60_100))
    assert names(commands) == "DisarmWatch TriggerParent CloseParent"
    assert [r.code for r in desk.parent("i").end_reasons] == ["RISK-010"]
    assert desk.parent("i").end is EndReason.REFUSED
    assert desk.parent("i").reasons == (), "it had been accepted, and that stays its answer"
    assert desk.parent("i").reserved == 0


def test_ticks_are_those_of_the_listing() -> None:
    desk = Desk()
    commands = desk.tell(stop("i", BUY, 100))
    assert watch(commands).px == Ticks((PX + 100 * WHOLE) // AT_A.tick)
    assert watch(commands).instrument_version == AT_A.version
