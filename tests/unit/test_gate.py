"""The last look before a command leaves."""

import pytest

from omnivenue.journal import Durable
from omnivenue.message import CancelOrder, NotSent, QueryOrders
from omnivenue.model import ClOrdID, Nanos
from omnivenue.runtime import Fenced, Gate
from scene import A, Desk, buy

GATE = Gate(epoch=3)
NEW = Desk().place(buy("i")).new
CANCEL = CancelOrder(cl_ord_id=ClOrdID("c"), orig_cl_ord_id=NEW.cl_ord_id, venue_id=A)
QUERY = QueryOrders(venue_id=A, query=0, cl_ord_ids=(), since=Nanos(0))


def test_an_order_leaves_until_it_expires_and_then_never() -> None:
    mine = Durable(7, 3, NEW)
    assert GATE.withholds(mine, Nanos(NEW.expires_at - 1)) is None
    withheld = GATE.withholds(mine, NEW.expires_at)
    assert withheld == NotSent(cl_ord_id=NEW.cl_ord_id, why="expired before it was sent")


def test_cancels_and_questions_always_leave() -> None:
    for command in (CANCEL, QUERY):
        assert GATE.withholds(Durable(7, 3, command), Nanos(10**18)) is None


@pytest.mark.holds("I6", "T06")
def test_nothing_of_another_epoch_leaves() -> None:
    for epoch in (2, 4):
        for command in (NEW, CANCEL, QUERY):
            with pytest.raises(Fenced):
                GATE.withholds(Durable(7, epoch, command), Nanos(0))
