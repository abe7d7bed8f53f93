"""A replace takes the place of what is there: it needs no more than it adds, and has its pace."""

import pytest

from omnivenue.message import (
    Command,
    ExecType,
    LimitsSet,
    Refuse,
    ReplaceOrder,
)
from omnivenue.model import (
    QTY_UNIT,
    SHARE_UNIT,
    Atoms,
    Limit,
    LimitName,
    Limits,
)
from scene import (
    AT_F,
    COLLAR,
    LOT,
    PX,
    USDT,
    WHOLE,
    Desk,
    F,
    adjustment,
    buy,
    limit,
    names,
    new_orders,
    replace,
    report,
    sell,
    ticks,
    trade,
)

pytestmark = [pytest.mark.covers("P5"), pytest.mark.holds("I14")]


def limited(*limits: Limit) -> Desk:
    desk = Desk()
    desk.equip()
    desk.equip(F)
    desk.tell(LimitsSet(limits=Limits(limits=(COLLAR, *limits)), from_file=False))
    return desk


def codes(commands: list[Command]) -> list[str]:
    return [r.code for c in commands if isinstance(c, Refuse) for r in c.reasons]


def leave_free(desk: Desk, whole: int) -> None:
    """Of the money at the futures venue."""
    free = desk.balance(f"main@{F}/free", USDT)
    desk.tell(adjustment(f"leave{desk.state.seq}", whole * WHOLE - free, venue_id=F))


def test_the_two_counts_of_its_worth_are_of_what_it_asks_for() -> None:
    desk = limited(limit(LimitName.NOTIONAL_CHECK, SHARE_UNIT // 1000))
    placed = desk.place(buy("k", 10))
    desk.tell(report(placed.new.cl_ord_id, ExecType.NEW, "n"))
    commands = desk.tell(replace("r", "k", qty=Atoms(20 * LOT)))
    assert [c.qty for c in commands if isinstance(c, ReplaceOrder)] == [20]


def test_margin_of_what_it_takes_the_place_of_is_there_for_it() -> None:
    desk = limited()
    placed = desk.place(buy("k", 150, instrument=AT_F, px=60_000 * WHOLE))
    desk.tell(report(placed.new.cl_ord_id, ExecType.NEW, "n"))
    leave_free(desk, 100)
    assert codes(desk.tell(replace("r", "k", limit_px=Atoms(59_990 * WHOLE)))) == []
    assert codes(desk.tell(replace("q", "k", qty=Atoms(152 * AT_F.lot)))) == ["RISK-010"]
    desk.check_replay()


def test_a_replace_is_a_message_like_another() -> None:
    desk = limited(limit(LimitName.ORDERS_PER_SECOND, 3))
    placed = desk.place(buy("k", 10))
    desk.tell(report(placed.new.cl_ord_id, ExecType.NEW, "n"))
    found = [desk.tell(replace(f"r{n}", "k", limit_px=Atoms(PX - n * WHOLE))) for n in range(1, 4)]
    assert [codes(commands) for commands in found] == [[], [], ["RISK-023"]]
    assert codes(desk.tell(buy("other"))) == ["RISK-023"]
    desk.later(2)
    assert codes(desk.tell(replace("later", "k", limit_px=Atoms(PX)))) == []
    desk.check_replay()


def test_a_position_that_has_bound_everything_can_be_closed() -> None:
    """The fee of closing it is paid from what closing sets free."""
    desk = limited(limit(LimitName.ORDER_NOTIONAL, 10**9 * QTY_UNIT))
    placed = desk.place(buy("k", 100, instrument=AT_F))
    desk.tell(trade(placed.new.cl_ord_id, 100, "t", ticks(60_000, AT_F)))
    for whole in (0, -3):  # by funding, or a fee in another asset
        leave_free(desk, whole)
        key = f"close{whole}"
        assert codes(desk.tell(sell(f"over{whole}", 101, instrument=AT_F))) == ["RISK-010"]
        (new,) = new_orders(desk.tell(sell(key, 50, instrument=AT_F)))
        assert new.is_reduction
    assert names(desk.tell(buy("more", 1, instrument=AT_F))) == "Refuse"
    desk.check_replay()
