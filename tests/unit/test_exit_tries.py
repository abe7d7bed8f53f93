"""An exit is tried until it goes: a position must not stay without it for a venue's refusal."""

import pytest

from brackets import SL, TP, ack, bracket, child, entered
from omnivenue.message import Alert, EndReason, ExecType, Exit, LimitsSet, QueryOrders, StateSet
from omnivenue.model import SECOND, Atoms, Limits, Nanos, TradingState
from omnivenue.oms import Stage
from scene import PX, WHOLE, A, Desk, answer, new_orders, quote, report, ticks, trade

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


def confirmed(desk: Desk, which: str) -> None:
    """Asked once more, the venue says that it has nothing of it, when it can no longer arrive."""
    commands = desk.wake(f"retry/{which}")
    assert new_orders(commands) == [], "it might have been taken all the same"
    (asked,) = [c for c in commands if isinstance(c, QueryOrders)]
    assert asked.cl_ord_ids == (child(desk, which),)
    desk.later(4)
    desk.tell(answer(A, asked.query, desk.at, not_found=asked.cl_ord_ids))


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
    confirmed(desk, which)
    (again,) = new_orders(desk.wake(f"retry/{which}"))
    assert again.qty == 10
    desk.check_replay()


def test_what_was_refused_and_has_traded_is_not_sent_again() -> None:
    desk = Desk()
    stopped_out(desk)
    first = child(desk, SL)
    desk.tell(report(first, ExecType.REJECTED, "r", text="no"))
    desk.later(1)
    desk.wake(f"retry/{SL}")
    desk.tell(trade(first, 10, "late", ticks(59_400)))
    assert desk.parent(SL).end is EndReason.FILLED
    assert desk.parent(SL).children == (first,)


def test_a_venue_that_goes_on_refusing_is_asked_less_and_less() -> None:
    desk = Desk()
    entered(desk, 10)
    waits: list[int] = []
    for n in range(9):
        desk.tell(report(child(desk, TP), ExecType.REJECTED, f"r{n}", text="no"))
        waits.append((desk.state.timers[f"retry/{TP}"].at - desk.at) // SECOND)
        desk.later(waits[-1])
        confirmed(desk, TP)
        assert new_orders(desk.wake(f"retry/{TP}"))
    assert waits == [1, 2, 4, 8, 16, 32, 64, 64, 64]


def test_what_keeps_an_exit_is_said_once() -> None:
    desk = Desk()
    (new,) = new_orders(desk.tell(bracket(take_profit=None)))
    desk.tell(trade(new.cl_ord_id, 10, "e1"))
    halt = StateSet(scope="global", state=TradingState.HALTED, reason="x", source="test")
    desk.tell(halt)
    told = [c for c in desk.fire(SL, ticks(59_500)) if isinstance(c, Alert)]
    assert [alert.about for alert in told] == [f"{SL}: RISK-014"]
    desk.later(1)
    assert not [c for c in desk.wake(f"retry/{SL}") if isinstance(c, Alert)]


def test_a_stop_at_market_needs_the_collar_from_the_start() -> None:
    """Else it would be accepted, and never go."""
    desk = Desk()
    desk.tell(LimitsSet(limits=Limits(), from_file=False))
    desk.tell(bracket())
    assert [reason.code for reason in desk.parent("i").reasons] == ["RISK-004"]


def test_the_limit_of_a_stop_loss_is_held_against_the_collar_from_the_start() -> None:
    desk = Desk()
    deep = Exit(stop_px=Atoms(PX - 500 * WHOLE), limit_px=Atoms(PX - 9_000 * WHOLE))
    desk.tell(bracket(stop_loss=deep))
    found = [(r.code, r.limit, r.value) for r in desk.parent("i").reasons]
    assert found == [("RISK-009", "56525", "51000")]


def test_an_exit_that_the_market_has_run_away_from_is_priced_at_the_collar() -> None:
    """Its own limit would be too far below the market by now; to wait would be worse."""
    desk = Desk()
    (new,) = new_orders(desk.tell(bracket()))
    desk.books.update(quote(desk.at, 70_000), Nanos(desk.at))
    (tp,) = new_orders(desk.tell(trade(new.cl_ord_id, 10, "e1")))
    assert tp.limit_px == ticks(66_500), "and not 60,500"
    desk.check_replay()
