"""What users read of an order of very many parts: its sums are of all of them, and of the parts
themselves the newest are shown."""

import pytest
from msgspec.structs import replace

from omnivenue.api.view import FILLS_SHOWN, MOMENTS_SHOWN, instruction_row, order_row
from omnivenue.api.whole import PARTS_SHOWN, Records, whole
from omnivenue.message import Command, ExecType, OrderInstructed, Twap
from omnivenue.model import SECOND, ExecID, Nanos, OrderID
from scene import Desk, buy, new_orders, report, ticks, trade

SLICES = 400
INTERVAL = SECOND // 10


class Sliced(Desk):
    """A TWAP of two lots a slice, each filled at once, at another price and for a fee."""

    def __init__(self) -> None:
        super().__init__()
        self.fills = 0
        algo = Twap(horizon=Nanos(SLICES * INTERVAL), interval=Nanos(INTERVAL))
        self.begin(replace(buy("i", lots=2 * SLICES), algo=algo))
        while "slice/i" in self.state.timers:
            self.at: int = self.at + INTERVAL
            self.later(0)
            self.fill(self.wake("slice/i"))

    def begin(self, order: OrderInstructed) -> None:
        self.fill(self.tell(order))

    def fill(self, commands: list[Command]) -> None:
        for new in new_orders(commands):
            self.fills += 1
            px, fee = ticks(59_000 + self.fills), 3
            self.tell(
                replace(
                    trade(new.cl_ord_id, new.qty, f"x{self.fills:04}", px=px, fee=fee),
                    transact_at=Nanos(self.at),
                    cum_qty=new.qty,
                )
            )


@pytest.fixture(scope="module")
def desk() -> Sliced:
    return Sliced()


def test_its_sums_are_of_all_and_its_fills_the_newest(desk: Sliced) -> None:
    composite = desk.state.composites[OrderID("i")]
    row = order_row(desk.state, whole(desk.state, composite), "paper")
    assert len(row.children) == desk.fills == SLICES
    assert (row.status, row.cum_qty) == ("FILLED", "0.08")
    assert row.avg_px == f"{59_000 + (SLICES + 1) / 2}"
    assert [(fee.asset, fee.amount) for fee in row.fees] == [("USDT", "0.000012")]
    newest = [f"x{n:04}" for n in range(SLICES - FILLS_SHOWN + 1, SLICES + 1)]
    assert [fill.exec_id for fill in row.fills] == newest


def test_of_its_parts_and_moments_the_newest_are_shown(desk: Sliced) -> None:
    row = instruction_row(desk.state, Records(desk.state, lambda _: None), "i", "paper")
    assert row
    first, *parts = row.orders
    assert [part.id for part in parts] == list(first.children[-PARTS_SHOWN:])
    assert [fill.order_id for fill in row.fills] == [part.id for part in parts]
    assert len(row.timeline) <= MOMENTS_SHOWN


def test_the_first_moment_is_shown_whatever_came_after(
    desk: Sliced, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("omnivenue.api.view.MOMENTS_SHOWN", 10)
    row = instruction_row(desk.state, Records(desk.state, lambda _: None), "i", "paper")
    assert row
    words = [moment["type"] for moment in row.timeline]
    assert (len(words), words[0], words[-1]) == (10, "order_instructed", "filled")


def test_a_trade_of_any_part_that_is_taken_back_counts_no_more() -> None:
    desk = Sliced()
    first = desk.state.parents[OrderID("i~0")].children[0]
    desk.tell(report(first, ExecType.TRADE_CANCEL, "b", exec_ref_id=ExecID("x0001")))
    row = order_row(desk.state, whole(desk.state, desk.state.composites[OrderID("i")]), "paper")
    assert row.cum_qty == "0.0798"
    assert [(fee.asset, fee.amount) for fee in row.fees] == [("USDT", "0.00001197")]
