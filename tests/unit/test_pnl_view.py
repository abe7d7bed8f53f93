"""Profit and loss as users read it: the whole is the sum of its parts, however it is split."""

from decimal import Decimal

import pytest

import scene
from omnivenue.api.pnl_view import pnl_row
from scene import AT_A, AT_B, OTHER, S2, Desk


@pytest.fixture
def desk() -> Desk:
    """Two strategies on two accounts at two venues, and the marks of a second later."""
    made = Desk()
    orders = (
        (scene.buy("i1", lots=4), 59_000),
        (scene.sell("i2", lots=1), 61_000),
        (scene.buy("i3", lots=10, strategy_id=S2), 60_000),
        (scene.buy("i4", lots=100, instrument=AT_B, account=OTHER), 2_900),
    )
    for n, (order, px) in enumerate(orders):
        child = made.place(order)
        instrument = scene.BY_ID[order.instrument_id]
        lots = instrument.lots_floor(order.qty)
        px_of_it = scene.ticks(px, instrument)
        made.tell(scene.trade(child.new.cl_ord_id, lots, f"t{n}", px=px_of_it, fee=10**6))
    made.later(1)
    made.wake("mark")
    return made


def total(rows: tuple[dict[str, str], ...], name: str) -> Decimal:
    return sum((Decimal(row[name]) for row in rows), Decimal(0))


def test_the_parts_come_to_the_whole(desk: Desk) -> None:
    row = pnl_row(desk.state)
    for name in ("realized", "unrealized", "funding", "fees", "total"):
        assert total(row.by_strategy, name) == total(row.by_venue, name)
        assert total(row.by_venue, name) == Decimal(getattr(row, name))
    parts = Decimal(row.realized) + Decimal(row.unrealized) + Decimal(row.funding)
    assert parts - Decimal(row.fees) == Decimal(row.total)
    lines = sum(map(Decimal, row.lines.values()), Decimal(row.unexplained))
    assert lines == Decimal(row.total)
    accounts = [pnl_row(desk.state, account) for account in ("main", "other")]
    assert sum(Decimal(each.total) for each in accounts) == Decimal(row.total)


def test_what_was_earned_is_shown_where_it_was(desk: Desk) -> None:
    row = pnl_row(desk.state, "main")
    assert (row.currency, row.unmarked, row.fees) == ("USDT", (), "0.03")
    assert row.realized == "0.2"  # 0.0001 BTC from 59,000 to 61,000
    assert row.unrealized == "0.3"  # 0.0003 BTC from 59,000 to 60,000
    assert [each["strategy_id"] for each in row.by_strategy] == ["s1", "s2"]
    assert row.by_strategy[1]["total"] == "-0.01"
    assert [each["venue"] for each in row.by_venue] == [AT_A.venue_id]
    assert [each["venue"] for each in pnl_row(desk.state).by_venue] == ["SIM-A", "SIM-B"]


def test_what_has_no_mark_is_named_and_counts_for_nothing() -> None:
    desk = Desk()
    child = desk.place(scene.buy("i1"))
    desk.tell(scene.trade(child.new.cl_ord_id, 10, px=scene.ticks(59_000), fee=0))
    row = pnl_row(desk.state)
    assert (row.unrealized, row.unmarked) == ("0", (AT_A.instrument_id,))
