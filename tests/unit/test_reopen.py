"""An order that had ended and works again: by a bust, when its cancel had come too late."""

import pytest

from omnivenue.message import (
    CancelOrder,
    CancelRejected,
    ExecType,
    ExecutionReport,
    ReopenParent,
)
from omnivenue.model import ClOrdID, ExecID, Lots
from omnivenue.oms import Stage
from scene import Desk, buy, cancel, report, trade


def bust(cl_ord_id: ClOrdID, exec_id: str) -> ExecutionReport:
    kind = ExecType.TRADE_CANCEL
    return report(cl_ord_id, kind, f"b-{exec_id}", exec_ref_id=ExecID(exec_id), cum_qty=Lots(0))


def too_late(asked: CancelOrder) -> CancelRejected:
    return CancelRejected(cl_ord_id=asked.cl_ord_id, orig_cl_ord_id=asked.orig_cl_ord_id)


@pytest.mark.holds("T21", "T24")
def test_a_cancel_is_not_forgotten_when_a_bust_brings_the_order_back() -> None:
    desk = Desk()
    placed = desk.place(buy("i"))
    new = placed.new
    (asked,) = [c for c in desk.tell(cancel("c", "i")) if isinstance(c, CancelOrder)]
    desk.tell(trade(new.cl_ord_id, 10, "x"))
    desk.tell(too_late(asked))
    assert desk.parent("i").stage is Stage.CLOSED
    commands = desk.tell(bust(new.cl_ord_id, "x"))
    assert any(isinstance(c, ReopenParent) for c in commands)
    assert desk.parent("i").stage is Stage.STOPPING
    assert desk.parent("i").is_stopped


def test_what_nobody_cancelled_comes_back_to_work() -> None:
    desk = Desk()
    new = desk.place(buy("i")).new
    desk.tell(trade(new.cl_ord_id, 10, "x"))
    assert desk.parent("i").stage is Stage.CLOSED
    desk.tell(bust(new.cl_ord_id, "x"))
    assert desk.parent("i").stage is Stage.WORKING
