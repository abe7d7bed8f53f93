"""How much of each limit is used, as tables: what happened, and what `/v1/risk` then says."""

from collections.abc import Callable

import pytest

import scene
from omnivenue.api.risk_usage import used
from omnivenue.message import ExecType, LimitsSet, OrderInstructed
from omnivenue.model import LimitName, Limits, Nanos, format_limit, with_changes
from scene import AT_A, AT_B, AT_F, OTHER, S1, S2, Desk, limit

type Act = Callable[[Desk], None]
NAME = LimitName
LOOSE = 10**30


def desk_with(name: LimitName, scope: str) -> Desk:
    """Sums are kept only while somebody limits them."""
    desk = Desk()
    changed = with_changes(desk.state.limits, (limit(name, LOOSE, scope),))
    desk.tell(LimitsSet(limits=Limits(limits=changed.limits), from_file=True))
    return desk


def placing(*orders: OrderInstructed) -> Act:
    def act(desk: Desk) -> None:
        for order in orders:
            desk.place(order)

    return act


def traded(desk: Desk) -> None:
    """A buy of ten lots filled, and a cancel that came too late."""
    child = desk.place(scene.buy("i1"))
    desk.tell(scene.cancel("c1", "i1"))
    desk.tell(scene.trade(child.new.cl_ord_id, 10))


def silent(desk: Desk) -> None:
    desk.place(scene.buy("i1"))
    desk.later(3)
    desk.sweep()


def rejected(desk: Desk) -> None:
    for n in range(4):
        child = desk.place(scene.buy(f"i{n}"))
        if n == 0:
            desk.tell(scene.report(child.new.cl_ord_id, ExecType.REJECTED, "x"))


def clock_is_ahead(desk: Desk) -> None:
    desk.sweep()
    desk.tell(scene.answer(scene.A, desk.last_query(), desk.at + 1_500_000_000))


BUY_A, SELL_A = scene.buy("i1"), scene.sell("i2")  # 0.001 BTC each, at 60,000
OF_S2 = scene.buy("i3", lots=30, strategy_id=S2)
OF_OTHER = scene.buy("i4", lots=20, account=OTHER)
AT_VENUE_B = scene.buy("i5", lots=1_000, instrument=AT_B)  # 0.3 ETH; no tick meets its mid
PERPETUAL = scene.buy("i6", instrument=AT_F)
ALL = placing(BUY_A, SELL_A, OF_S2, OF_OTHER, AT_VENUE_B)
A_ID, B_ID = f"instrument:{AT_A.instrument_id}", f"instrument:{AT_B.instrument_id}"

TABLE: list[tuple[LimitName, str, Act, str | None]] = [
    (NAME.POSITION_QTY, A_ID, ALL, "0.006"),  # 0.004 of main and 0.002 of other
    (NAME.POSITION_QTY, B_ID, ALL, "0.3"),
    (NAME.POSITION_QTY, "global", ALL, "0.3"),  # the largest
    (NAME.POSITION_QTY, "account:other", ALL, "0.002"),
    (NAME.POSITION_QTY, f"strategy:{S2}", ALL, "0.003"),
    (NAME.POSITION_QTY, "venue:SIM-A", ALL, "0.006"),
    (NAME.POSITION_NOTIONAL, A_ID, ALL, "360"),
    (NAME.POSITION_NOTIONAL, "global", ALL, "899.999999976"),
    (NAME.POSITION_NOTIONAL, "venue:SIM-F", ALL, "0"),
    (NAME.TOTAL_NOTIONAL, "global", ALL, "1259.999999976"),
    (NAME.TOTAL_NOTIONAL, "account:other", ALL, "120"),
    (NAME.GROSS_NOTIONAL, "account:main", ALL, "1199.999999976"),
    (NAME.GROSS_NOTIONAL, "account:nobody", ALL, "0"),
    (NAME.ORDERS_PER_SECOND, "global", ALL, "4"),  # of the busiest strategy
    (NAME.ORDERS_PER_MINUTE, f"strategy:{S2}", ALL, "1"),
    (NAME.ORDERS_PER_MINUTE, "venue:SIM-B", ALL, "1"),
    (NAME.REPEATED_EXECUTION, "global", placing(BUY_A, scene.buy("i7"), OF_S2), "2"),
    (NAME.REPEATED_EXECUTION, f"strategy:{S2}", placing(BUY_A, scene.buy("i7"), OF_S2), "1"),
    (NAME.OPEN_ORDERS, "global", ALL, "5"),
    (NAME.OPEN_ORDERS, "account:other", ALL, "1"),
    (NAME.CANCEL_RATIO, "global", traded, "1"),
    (NAME.CANCEL_RATIO, f"strategy:{S2}", traded, "0"),
    (NAME.UNKNOWN_COUNT, "global", silent, "1"),
    (NAME.UNKNOWN_COUNT, "venue:SIM-B", silent, "0"),
    (NAME.REJECT_RATE, "global", rejected, "0.25"),
    (NAME.REJECT_RATE, "venue:SIM-B", rejected, "0"),
    (NAME.CLOCK_OFFSET, "global", clock_is_ahead, "1.5"),
    (NAME.CLOCK_OFFSET, "venue:SIM-B", clock_is_ahead, "0"),
    (NAME.ORDER_QTY, "global", ALL, None),
    (NAME.PRICE_COLLAR, "global", ALL, None),
    (NAME.SELF_MATCH_PREVENTION, "global", placing(PERPETUAL), None),
]


@pytest.mark.parametrize("row", TABLE, ids=lambda row: f"{row[0].value} {row[1]}")
def test_what_is_used(row: tuple[LimitName, str, Act, str | None]) -> None:
    name, scope, act, expected = row
    desk = desk_with(name, scope)
    act(desk)
    found = used(desk.state, Nanos(desk.at), limit(name, LOOSE, scope))
    assert (None if found is None else format_limit(name, found)) == expected


def test_leverage_is_by_the_equity_that_is_known() -> None:
    desk = desk_with(NAME.LEVERAGE, "global")
    desk.place(scene.buy("i1", lots=10_000))  # 60,000 by 30,000,000 of cash, before any mark
    found = used(desk.state, Nanos(desk.at), limit(NAME.LEVERAGE, LOOSE))
    assert found == 2_000


def test_nothing_is_lost_before_a_day_has_begun() -> None:
    desk = desk_with(NAME.DAILY_LOSS, "global")
    assert used(desk.state, Nanos(desk.at), limit(NAME.DAILY_LOSS, 10**6)) is None
    assert S1 != S2
