"""What trades at once stops short of an order of our own, and is not kept from the market by it."""

from typing import Any

import pytest

from brackets import SL, TP, ack, child, entered
from omnivenue.message import ExecType, LimitsSet, Refuse
from omnivenue.model import LimitName, Limits, Side, TimeInForce
from scene import (
    BUY,
    COLLAR,
    PX,
    SELL,
    WHOLE,
    Desk,
    limit,
    new_orders,
    order,
    report,
    ticks,
)

pytestmark = pytest.mark.covers("P5")


def desk() -> Desk:
    made = Desk()
    switch = limit(LimitName.SELF_MATCH_PREVENTION, 1)
    made.tell(LimitsSet(limits=Limits(limits=(COLLAR, switch)), from_file=False))
    return made


def rests(at: Desk, side: Side, px: int) -> None:
    placed = at.place(order("own", side, 10, px=px * WHOLE))
    at.tell(report(placed.new.cl_ord_id, ExecType.NEW, "n-own"))


def at_market(side: Side, **more: Any) -> Any:
    return order("m", side, 10, px=None, tif=TimeInForce.IOC, **more)


@pytest.mark.parametrize(("side", "own", "bound"), [(SELL, 59_500, 1), (BUY, 60_500, -1)])
def test_a_market_order_stops_a_tick_before_our_own(side: Side, own: int, bound: int) -> None:
    at = desk()
    rests(at, side.opposite, own)
    (new,) = new_orders(at.tell(at_market(side)))
    assert new.limit_px == ticks(own) + bound
    at.check_replay()


@pytest.mark.parametrize(("side", "own"), [(SELL, 59_999), (BUY, 60_001)])
def test_where_our_own_is_the_best_there_is_nothing_before_it(side: Side, own: int) -> None:
    at = desk()
    rests(at, side.opposite, own)
    commands = at.tell(at_market(side))
    (refused,) = [c for c in commands if isinstance(c, Refuse)]
    assert [(r.code, r.value) for r in refused.reasons] == [("RISK-029", "own")]


def test_a_stop_loss_goes_although_we_bid_further_down() -> None:
    at = desk()
    entered(at, 10)
    ack(at, TP)
    rests(at, BUY, 59_000)
    at.fire(SL, ticks(59_500))
    (stop,) = new_orders(at.tell(report(child(at, TP), ExecType.CANCELED, "c")))
    assert (stop.qty, stop.limit_px) == (10, ticks(59_000) + 1)


def test_a_limit_order_says_itself_how_far_it_goes() -> None:
    at = desk()
    rests(at, BUY, 59_500)
    commands = at.tell(order("l", SELL, 10, px=PX - 500 * WHOLE))
    assert [type(c).__name__ for c in commands] == ["Refuse"]
