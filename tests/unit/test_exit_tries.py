"""An exit is tried until it goes: a position must not stay without it for a venue's refusal."""

import pytest

from brackets import SL, TP, ack, child, entered
from omnivenue.message import EndReason, ExecType
from omnivenue.model import SECOND
from omnivenue.oms import Stage
from scene import Desk, new_orders, report, ticks, trade

pytestmark = [pytest.mark.covers("B8", "X3"), pytest.mark.holds("I15")]


def stopped_out(desk: Desk) -> None:
    """The stop has fired, and is at the venue."""
    entered(desk, 10)
    ack(desk, TP)
    desk.fire(SL, ticks(59_500))
    assert new_orders(desk.tell(report(child(desk, TP), ExecType.CANCELED, "c")))


def test_what_a_stop_finds_nobody_for_is_tried_again() -> None:
    desk = Desk()
    stopped_out(desk)
    desk.tell(trade(child(desk, SL), 4, "s1", ticks(59_400)))
    assert new_orders(desk.tell(report(child(desk, SL), ExecType.CANCELED, "ioc"))) == []
    assert desk.parent(SL).stage is Stage.WORKING
    desk.later(1)
    (again,) = new_orders(desk.wake(f"retry/{SL}"))
    assert again.qty == 6
    desk.tell(trade(again.cl_ord_id, 6, "s2", ticks(59_300)))
    assert desk.parent(SL).end is EndReason.FILLED
    desk.check_replay()


@pytest.mark.parametrize("which", [TP, SL])
def test_an_exit_that_its_venue_refuses_is_tried_again(which: str) -> None:
    desk = Desk()
    if which == TP:
        entered(desk, 10)
    else:
        stopped_out(desk)
    commands = desk.tell(report(child(desk, which), ExecType.REJECTED, "r", text="too fast"))
    assert new_orders(commands) == [], "not as fast as it can be refused"
    assert desk.parent(which).stage is Stage.WORKING
    desk.later(1)
    (again,) = new_orders(desk.wake(f"retry/{which}"))
    assert again.qty == 10
    desk.check_replay()


def test_a_venue_that_goes_on_refusing_is_asked_less_and_less() -> None:
    desk = Desk()
    entered(desk, 10)
    waits: list[int] = []
    for n in range(9):
        desk.tell(report(child(desk, TP), ExecType.REJECTED, f"r{n}", text="no"))
        waits.append((desk.state.timers[f"retry/{TP}"].at - desk.at) // SECOND)
        desk.later(waits[-1])
        assert new_orders(desk.wake(f"retry/{TP}"))
    assert waits == [1, 2, 4, 8, 16, 32, 64, 64, 64]
