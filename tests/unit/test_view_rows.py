"""Positions, balances, venues and the market as users read them, and lists of orders in pages."""

import msgspec
import pytest

import scene
from omnivenue.api.paging import Query, cursor_of, page, read_query
from omnivenue.api.view_rows import balance_rows, market_row, position_rows, venue_rows
from omnivenue.message import AccountOpened, ExecType, VenueDown
from omnivenue.model import AccountID, ClOrdID, Lots, Nanos, Side, Ticks
from omnivenue.runtime import Books
from omnivenue.telemetry import Meter
from omnivenue.wire import Invalid
from scene import AT_A, AT_B, AT_F, BUY, SELL, Desk


def traded(desk: Desk, cl_ord_id: ClOrdID, lots: int) -> None:
    desk.tell(scene.trade(cl_ord_id, lots, f"t-{cl_ord_id}"))


type Traded = tuple[Side, int, int]
type Line = tuple[list[Traded], str, str, str | None, str, str | None]

POSITIONS: list[Line] = [
    # trades (side, lots, px), then side, qty, avg_px, realized, unrealized at a mark of 60,000
    ([(BUY, 4, 59_000)], "long", "0.0004", "59000", "0", "0.4"),
    ([(SELL, 4, 59_000)], "short", "0.0004", "59000", "0", "-0.4"),
    ([(BUY, 4, 59_000), (SELL, 4, 61_000)], "flat", "0", None, "0.8", "0"),
    ([(BUY, 1, 59_000), (BUY, 3, 61_000)], "long", "0.0004", "60500", "0", "-0.2"),
    ([(BUY, 4, 59_000), (SELL, 1, 61_000)], "long", "0.0003", "59000", "0.2", "0.3"),
    ([(BUY, 1, 59_000), (SELL, 3, 61_000)], "short", "0.0002", "61000", "0.2", "0.2"),
]


@pytest.mark.parametrize("line", POSITIONS, ids=str)
def test_positions(line: Line) -> None:
    trades, side, qty, avg_px, realized, unrealized = line
    desk = Desk()
    for n, (trade_side, lots, px) in enumerate(trades):
        child = desk.place(scene.order(f"i{n}", trade_side, lots))
        desk.tell(scene.trade(child.new.cl_ord_id, lots, f"t{n}", px=scene.ticks(px), fee=0))
    ((key, row),) = position_rows(desk.state, desk.books, Nanos(desk.at))
    assert key == ("main", "s1", AT_A.instrument_id)
    assert (row.side, row.qty, row.avg_px) == (side, qty, avg_px)
    assert (row.mark, row.realized_pnl, row.unrealized_pnl) == ("60000", realized, unrealized)
    assert row.asset == "USDT"


def test_a_stale_mark_is_none() -> None:
    desk = Desk()
    traded(desk, desk.place(scene.buy("i1")).new.cl_ord_id, 10)
    ((_, row),) = position_rows(desk.state, desk.books, Nanos(desk.at + 3 * 10**9))
    assert (row.mark, row.unrealized_pnl) == (None, None)


@pytest.mark.holds("I13")
def test_balances_are_what_is_available_and_what_is_reserved() -> None:
    desk = Desk()
    desk.place(scene.buy("i1", lots=10_000))  # 1 BTC for 60,000, and 10 bps of fee
    traded(desk, desk.place(scene.buy("i2", instrument=AT_F, lots=1_000)).new.cl_ord_id, 1_000)
    rows = {key: row for key, row in balance_rows(desk.state)}
    spot = rows[("main", "SIM-A", "USDT")]
    assert (spot.total, spot.reserved, spot.available) == ("10000000", "60060", "9939940")
    perpetual = rows[("main", "SIM-F", "USDT")]
    assert float(perpetual.reserved) > 0  # the position's margin
    assert rows[("other", "SIM-A", "BTC")].total == "100"
    assert list(rows) == sorted(rows)
    for row in rows.values():
        total, parts = (scaled(row.total), (scaled(row.reserved) + scaled(row.available)))
        assert total == parts


def test_money_is_shown_where_an_account_no_longer_trades() -> None:
    desk = Desk()
    desk.place(scene.buy("i1"))
    before = dict(balance_rows(desk.state))
    assert ("main", "SIM-A", "USDT") in before
    desk.tell(AccountOpened(account=scene.MAIN, venue_ids=(scene.B,)))
    assert dict(balance_rows(desk.state)) == before
    stranger = AccountID("closed")  # deposited to, and never opened
    desk.tell(scene.deposit(stranger, scene.B, scene.USDT, 5 * scene.WHOLE))
    after = dict(balance_rows(desk.state))
    assert after.pop(("closed", "SIM-B", "USDT")).available == "5"
    assert after == before
    assert not any(account == "world" for account, *_ in before)


def scaled(text: str) -> int:
    whole, _, fraction = text.partition(".")
    return int(whole + fraction.ljust(18, "0"))


def test_venues_are_shown_with_what_is_open_there() -> None:
    desk = Desk()
    desk.place(scene.buy("i1"))
    acked = desk.place(scene.buy("i2")).new.cl_ord_id
    desk.tell(scene.report(acked, ExecType.NEW, "ack"))
    desk.tell(VenueDown(venue_id=scene.A, why="gone"))
    meter = Meter()
    meter.round_trips[scene.A] = Nanos(1_234_567)
    meter.leapt(scene.B, AT_B.instrument_id, 3)
    rows = {row.venue: row for _, row in venue_rows(desk.state, meter)}
    assert (rows["SIM-A"].time_jumps, rows["SIM-B"].time_jumps) == (0, 3)
    assert (rows["SIM-A"].state, rows["SIM-A"].open_orders, rows["SIM-A"].unknown) == ("DOWN", 2, 1)
    assert (rows["SIM-B"].state, rows["SIM-B"].open_orders) == ("RECONCILED", 0)
    assert (rows["SIM-A"].latency_us, rows["SIM-B"].latency_us) == (1_234, None)


def test_the_market_shows_ten_levels_and_its_age() -> None:
    books = Books()
    never = market_row(AT_A, books, Nanos(5))
    assert (never.bids, never.asks, never.last, never.state) == ((), (), None, "stale")
    assert (never.why, never.age_us) == ("never quoted", None)
    one = scene.quote(0, 60_000)
    deep = tuple((Ticks(6_000_000 - n), Lots(n)) for n in range(1, 20))
    books.update(msgspec.structs.replace(one, bids=deep, last=(Ticks(6_000_001), Lots(2), SELL)))
    row = market_row(AT_A, books, Nanos(0))
    assert (len(row.bids), row.bids[0], row.state) == (10, ("59999.99", "0.0001"), "fresh")
    assert msgspec.to_builtins(row.last) == {"px": "60000.01", "qty": "0.0002", "side": "sell"}
    assert msgspec.to_builtins(row)["type"] == "market"
    assert (row.why, row.age_us) == (None, 0)
    old = market_row(AT_A, books, Nanos(3 * 10**9))
    assert (old.state, old.age_us) == ("stale", 3_000_000)
    assert old.why == "the feed is stale: its last message is 3000 ms old"
    books.update(msgspec.structs.replace(one, bids=(), asks=(), lost="updates are missing"))
    lost = market_row(AT_A, books, Nanos(0))
    assert (lost.state, lost.why) == ("stale", "the feed is stale: updates are missing")


def test_pages_join_without_gap_and_survive_what_comes_between() -> None:
    rows: list[tuple[tuple[int, ...], int]] = [((n,), n) for n in range(10)]
    query = Query({}, 4, None)
    first, cursor = page(rows, query, lambda key: True)
    assert first == [0, 1, 2, 3]
    assert cursor == cursor_of((3,))
    after = Query({}, 4, cursor).after(tuple[int])
    assert after == (3,)
    rows.insert(2, ((1, 5), 99))
    second, _ = page(rows, query, lambda key: key > (3,))
    assert second == [4, 5, 6, 7]
    last, cursor = page(rows, Query({}, 4, None), lambda key: key > (5,))
    assert (last, cursor) == ([6, 7, 8, 9], None)


def test_all_that_is_wrong_with_a_query_is_said() -> None:
    wrong = read_query("limit=-1&stats=x&venue=a&venue=b", ("status", "venue"))
    assert isinstance(wrong, Invalid)
    assert {reason.code for reason in wrong.reasons} == {"API-010", "API-016", "API-017"}
    assert "status" in wrong.document.error.message
    good = read_query("venue=A%3AB&limit=5&cursor=", ("venue",))
    assert good == Query({"venue": "A:B"}, 5, "")
