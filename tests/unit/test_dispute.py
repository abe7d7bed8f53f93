"""Taken and rejected at once: no outcome, until the venue is asked and names one."""

import pytest

from omnivenue.message import (
    EndReason,
    ExecType,
    OrderState,
)
from omnivenue.model import (
    Lots,
    Nanos,
)
from omnivenue.oms import (
    Order,
    OrdStatus,
    status,
)
from scene import A, Desk, answer, buy, cancel, held_to_be, report, trade

pytestmark = pytest.mark.holds("I9", "T14")


def disputed() -> tuple[Desk, Order, int]:
    """Taken and rejected, no trade; and the number of the question sent before that was known."""
    desk = Desk()
    order = desk.place(buy("i"))
    cl_ord_id = order.new.cl_ord_id
    desk.later(3)
    desk.sweep()
    before = desk.last_query()
    desk.tell(report(cl_ord_id, ExecType.NEW, "n"))
    desk.tell(report(cl_ord_id, ExecType.REJECTED, "r", text="why"))
    assert status(order) is OrdStatus.UNKNOWN
    return desk, order, before


@pytest.mark.parametrize("ended", [ExecType.REJECTED, ExecType.CANCELED, ExecType.EXPIRED])
def test_a_dispute_ends_by_the_answer_to_a_question_asked_after_it(ended: ExecType) -> None:
    desk, order, before = disputed()
    state = held_to_be(order.new.cl_ord_id, 0, ended)
    if ended is ExecType.REJECTED:
        desk.tell(answer(A, before, desk.at, orders=(state,)))
        assert status(order) is OrdStatus.UNKNOWN, "asked before it was disputed"
        assert order.held > 0
    desk.later(3)
    desk.sweep()
    assert desk.last_query() > before
    desk.tell(answer(A, desk.last_query(), desk.at, orders=(state,)))
    assert status(order).name == ended.name
    assert order.held == 0
    assert desk.parent("i").is_over


def test_a_dispute_goes_on_while_the_venue_says_that_it_works() -> None:
    desk, order, _ = disputed()
    for _ in range(3):
        desk.later(3)
        desk.sweep()
        working = held_to_be(order.new.cl_ord_id, 0, None)
        desk.tell(answer(A, desk.last_query(), desk.at, orders=(working,)))
        assert status(order) is OrdStatus.UNKNOWN
    desk.tell(cancel("c", "i"))
    assert status(order) is OrdStatus.PENDING_CANCEL
    desk.tell(report(order.new.cl_ord_id, ExecType.CANCELED, "e"))
    assert status(order) is OrdStatus.CANCELED


def test_a_trade_ends_a_dispute_for_the_order_and_a_later_verdict_does_not_undo_it() -> None:
    desk, order, _ = disputed()
    desk.tell(trade(order.new.cl_ord_id, 10))
    assert status(order) is OrdStatus.FILLED
    desk.later(3)
    rejected = OrderState(cl_ord_id=order.new.cl_ord_id, cum_qty=Lots(0), ended=ExecType.REJECTED)
    desk.tell(answer(A, desk.last_query() + 1, desk.at, orders=(rejected,)))
    assert status(order) is OrdStatus.FILLED


def test_what_is_rejected_after_a_part_has_traded_ends_by_an_answer_too() -> None:
    desk, order, before = disputed()
    cl_ord_id = order.new.cl_ord_id
    traded = report(
        cl_ord_id,
        ExecType.TRADE,
        "x",
        last_qty=Lots(4),
        cum_qty=Lots(4),
        transact_at=Nanos(desk.at),
    )
    desk.tell(traded)
    assert status(order) is OrdStatus.PARTIALLY_FILLED
    desk.later(6)
    desk.sweep()
    state = held_to_be(cl_ord_id, 4, ExecType.REJECTED)
    desk.tell(answer(A, before, desk.at, orders=(state,)))
    assert status(order) is OrdStatus.PARTIALLY_FILLED, "asked before it was disputed"
    desk.tell(answer(A, desk.last_query(), desk.at + 1, orders=(state,)))
    assert status(order) is OrdStatus.REJECTED
    assert (order.cum_qty, order.held, desk.parent("i").reserved) == (4, 0, 0)
    assert desk.parent("i").end is EndReason.REJECTED
    desk.check_replay()


def test_a_word_of_the_venue_after_its_verdict_opens_the_order_again() -> None:
    desk, order, _ = disputed()
    desk.later(3)
    desk.sweep()
    rejected = held_to_be(order.new.cl_ord_id, 0, ExecType.REJECTED)
    desk.tell(answer(A, desk.last_query(), desk.at, orders=(rejected,)))
    assert status(order) is OrdStatus.REJECTED
    late = report(
        order.new.cl_ord_id,
        ExecType.TRADE,
        "x",
        last_qty=Lots(4),
        cum_qty=Lots(4),
        transact_at=Nanos(desk.at + 1),
    )
    desk.tell(late)
    assert status(order) is OrdStatus.PARTIALLY_FILLED
    assert not desk.parent("i").is_over
    desk.check_replay()
