"""What users read of an order, as tables: what happened on the left, the words of the interface on
the right."""

from collections.abc import Callable

import msgspec
import pytest

import scene
from omnivenue.api.order_index import OrderIndex
from omnivenue.api.status_words import ENDED, ORDER_WORDS, WORKING
from omnivenue.api.view import fill_rows, instruction_row, order_row
from omnivenue.api.whole import Records, Whole, whole
from omnivenue.message import CancelRejected, ExecType, InstrumentsListed, NotSent, VenueDown
from omnivenue.model import AssetID, Atoms, ClOrdID, Lots, Nanos, Ticks, TimeInForce
from omnivenue.wire import FillRow, InstructionRow, OrderRow
from scene import Desk

type Told = Callable[[Desk, ClOrdID], None]

NEW, TRADE, BUST = ExecType.NEW, ExecType.TRADE, ExecType.TRADE_CANCEL
CANCELED, EXPIRED, REJECTED = ExecType.CANCELED, ExecType.EXPIRED, ExecType.REJECTED


def said(*kinds: ExecType | int) -> Told:
    """A venue's reports, one after another: a number is a trade of so many of the ten lots."""

    def tell(desk: Desk, cl_ord_id: ClOrdID) -> None:
        for n, kind in enumerate(kinds):
            if isinstance(kind, ExecType):
                desk.tell(scene.report(cl_ord_id, kind, f"r{n}", text="no thanks"))
            else:
                desk.tell(scene.trade(cl_ord_id, kind, f"t{n}"))

    return tell


def cancelling(*before: ExecType | int, after: tuple[ExecType | int, ...] = ()) -> Told:
    def tell(desk: Desk, cl_ord_id: ClOrdID) -> None:
        said(*before)(desk, cl_ord_id)
        desk.tell(scene.cancel("c1", "i1"))
        said(*after)(desk, cl_ord_id)

    return tell


def too_late(desk: Desk, cl_ord_id: ClOrdID) -> None:
    cancelling(NEW)(desk, cl_ord_id)
    attempt = desk.state.orders[cl_ord_id].cancels[-1]
    desk.tell(CancelRejected(cl_ord_id=attempt, orig_cl_ord_id=cl_ord_id))


def silence(desk: Desk, cl_ord_id: ClOrdID) -> None:
    desk.later(3)
    desk.sweep()


def withheld(desk: Desk, cl_ord_id: ClOrdID) -> None:
    desk.tell(NotSent(cl_ord_id=cl_ord_id, why="too late"))


def denied_twice(desk: Desk, cl_ord_id: ClOrdID) -> None:
    silence(desk, cl_ord_id)
    for _ in range(2):
        desk.later(10)
        desk.sweep()
        denial = scene.answer(scene.A, desk.last_query(), desk.at, not_found=(cl_ord_id,))
        desk.tell(denial)


def down(desk: Desk, _: ClOrdID) -> None:
    desk.tell(VenueDown(venue_id=scene.A, why="gone"))


def down_after_ack(desk: Desk, cl_ord_id: ClOrdID) -> None:
    said(NEW)(desk, cl_ord_id)
    down(desk, cl_ord_id)


def ended_before_its_trade(desk: Desk, cl_ord_id: ClOrdID) -> None:
    """The venue counts four lots by the end, and their report is still on its way."""
    said(NEW)(desk, cl_ord_id)
    end = scene.report(cl_ord_id, CANCELED, "end", cum_qty=Lots(4), transact_at=Nanos(9))
    desk.tell(end)


def busted(desk: Desk, cl_ord_id: ClOrdID) -> None:
    said(NEW, 4)(desk, cl_ord_id)
    desk.tell(scene.report(cl_ord_id, BUST, "bust", exec_ref_id="t1"))


TABLE: list[tuple[str, Told, str, str, str | None, str | None, str, str]] = [
    # what happened, how, status, ord_status, pending, reason, cum_qty, leaves_qty (lots)
    ("sent", said(), "SUBMITTED", "A", None, None, "0", "10"),
    ("taken", said(NEW), "ACCEPTED", "0", None, None, "0", "10"),
    ("traded", said(NEW, 4), "PARTIALLY_FILLED", "1", None, None, "4", "6"),
    ("traded unannounced", said(4), "PARTIALLY_FILLED", "1", None, None, "4", "6"),
    ("filled", said(NEW, 4, 6), "FILLED", "2", None, None, "10", "0"),
    ("overfilled", said(NEW, 4, 7), "FILLED", "2", None, None, "11", "0"),
    ("a trade taken back", busted, "ACCEPTED", "0", None, None, "0", "10"),
    ("cancelled", cancelling(NEW, after=(CANCELED,)), "CANCELLED", "4", None, None, "0", "0"),
    ("in part", cancelling(NEW, 4, after=(CANCELED,)), "CANCELLED", "4", None, None, "4", "0"),
    ("a cancel on its way", cancelling(NEW), "ACCEPTED", "6", "cancel", None, "0", "10"),
    ("that of a part", cancelling(NEW, 4), "PARTIALLY_FILLED", "6", "cancel", None, "4", "6"),
    ("too late for it", cancelling(NEW, after=(10,)), "FILLED", "2", "cancel", None, "10", "0"),
    ("a cancel refused", too_late, "ACCEPTED", "0", None, None, "0", "10"),
    ("a cancel before the ack", cancelling(), "SUBMITTED", "A", None, None, "0", "10"),
    ("expired", said(NEW, EXPIRED), "EXPIRED", "C", None, None, "0", "0"),
    ("rejected", said(REJECTED), "REJECTED", "8", None, "no thanks", "0", "0"),
    ("taken and rejected", said(NEW, REJECTED), "UNKNOWN", "A", None, None, "0", "10"),
    ("silence", silence, "UNKNOWN", "A", None, None, "0", "10"),
    ("withheld", withheld, "REJECTED", "8", None, "NOT_SENT", "0", "0"),
    ("proven absent", denied_twice, "REJECTED", "8", None, "LOST_NOT_PLACED", "0", "0"),
    ("venue down before the ack", down, "UNKNOWN", "A", None, None, "0", "10"),
    ("venue down after it", down_after_ack, "ACCEPTED", "0", None, None, "0", "10"),
    ("an end that outran a trade", ended_before_its_trade, "UNKNOWN", "4", None, None, "0", "10"),
]


def row_of(desk: Desk, key: str = "i1") -> OrderRow:
    return order_row(desk.state, whole_of(desk, key), "paper")


def whole_of(desk: Desk, key: str) -> Whole:
    return whole(desk.state, desk.parent(key))


def instruction_of(desk: Desk, key: str) -> InstructionRow | None:
    return instruction_row(desk.state, Records(desk.state, lambda _: None), key, "paper")


def in_lots(lots: str) -> str:
    """Lots of 0.0001 as decimals."""
    return {"0": "0", "4": "0.0004", "6": "0.0006", "10": "0.001", "11": "0.0011"}[lots]


@pytest.mark.holds("I10")
@pytest.mark.parametrize("line", TABLE, ids=lambda line: line[0])
def test_the_status_table(
    line: tuple[str, Told, str, str, str | None, str | None, str, str],
) -> None:
    _, tell, status, ord_status, pending, reason, cum_qty, leaves_qty = line
    desk = Desk()
    tell(desk, desk.place(scene.buy("i1")).new.cl_ord_id)
    row = row_of(desk)
    assert (row.status, row.ord_status, row.pending, row.reason) == (
        status,
        ord_status,
        pending,
        reason,
    )
    assert (row.cum_qty, row.leaves_qty) == (in_lots(cum_qty), in_lots(leaves_qty))
    assert row.status in ORDER_WORDS
    desk.check_replay()


def test_an_order_row_has_every_member_of_the_interface() -> None:
    desk = Desk()
    child = desk.place(scene.buy("i1"))
    cl_ord_id = child.new.cl_ord_id
    desk.tell(scene.report(cl_ord_id, NEW, "ack", venue_order_id="v-1"))
    desk.tell(scene.trade(cl_ord_id, 3, "b", px=scene.ticks(59_999), fee=5))
    desk.later(1)
    desk.tell(scene.trade(cl_ord_id, 1, "a"))
    document = msgspec.json.decode(msgspec.json.encode(row_of(desk)))
    fills = document.pop("fills")
    assert document == {
        "id": "i1",
        "instruction_id": "i1",
        "parent_id": None,
        "venue": "SIM-A",
        "venue_order_id": "v-1",
        "instrument": "SIM-A:SPOT_PAIR:BTC-USDT",
        "side": "buy",
        "type": "limit",
        "tif": "gtc",
        "qty": "0.001",
        "price": "60000",
        "status": "PARTIALLY_FILLED",
        "ord_status": "1",
        "cum_qty": "0.0004",
        "leaves_qty": "0.0006",
        "avg_px": "59999.25",
        "fees": [{"asset": "USDT", "amount": "0.00000012"}],
        "pending": None,
        "reason": None,
        "anomalies": [],
        "mode": "paper",
        "strategy_id": "s1",
        "account": "main",
        "created_at": "1970-01-01T00:00:00.000000Z",
        "updated_at": "1970-01-01T00:00:01.000000Z",
        "stop_price": None,
        "trigger_by": None,
        "triggered": None,
        "expire_at": None,
        "post_only": False,
        "reduce_only": False,
        "oco": None,
        "exits": [],
        "children": [],
        "algo": None,
    }
    assert [fill["exec_id"] for fill in fills] == ["a", "b"]  # both at the venue's time 0
    assert fills[1] == {
        "exec_id": "b",
        "qty": "0.0003",
        "px": "59999",
        "fee": "0.00000005",
        "fee_asset": "USDT",
        "liquidity": "taker",
        "at": "1970-01-01T00:00:00.000000Z",
    }


def test_fees_are_summed_by_asset_and_a_bust_takes_its_own_back() -> None:
    desk = Desk()
    cl_ord_id = desk.place(scene.buy("i1")).new.cl_ord_id
    paid = (("a", "USDT", 1), ("b", "BTC", 2), ("c", "USDT", 3), ("d", "BTC", 4))
    for exec_id, asset, fee in paid:
        fill = scene.trade(cl_ord_id, 1, exec_id, fee=fee)
        desk.tell(msgspec.structs.replace(fill, fee_asset=AssetID(asset)))
    desk.tell(scene.report(cl_ord_id, BUST, "x", exec_ref_id="d"))
    row = row_of(desk)
    assert [(fee.asset, fee.amount) for fee in row.fees] == [
        ("BTC", "0.00000002"),
        ("USDT", "0.00000004"),
    ]
    assert [fill.exec_id for fill in row.fills] == ["a", "b", "c"]


def test_a_market_order_shows_no_price_and_says_when_it_ended_unfilled() -> None:
    desk = Desk()
    child = desk.place(scene.buy("i1", px=None, tif=TimeInForce.IOC))
    said(NEW, 4, CANCELED)(desk, child.new.cl_ord_id)
    row = row_of(desk)
    assert (row.type, row.tif, row.price) == ("market", "ioc", None)
    assert (row.status, row.reason, row.cum_qty) == ("CANCELLED", "UNFILLED", "0.0004")


def test_anomalies_are_shown() -> None:
    desk = Desk()
    said(NEW, 11)(desk, desk.place(scene.buy("i1")).new.cl_ord_id)
    assert row_of(desk).anomalies == ("filled more than ordered",)


def test_a_refused_order_is_one() -> None:
    desk = Desk()
    desk.tell(scene.buy("i1", lots=10**8))
    row = row_of(desk)
    assert (row.status, row.ord_status, row.cum_qty, row.leaves_qty) == ("REJECTED", "8", "0", "0")
    assert row.reason is not None
    assert row.reason.startswith("RISK-010 ")
    assert (row.venue_order_id, row.avg_px, row.fills) == (None, None, ())


def status_of(desk: Desk, key: str) -> str:
    row = instruction_of(desk, key)
    assert row is not None
    return row.status


def test_a_cancel_runs_until_its_target_has_ended() -> None:
    desk = Desk()
    cl_ord_id = desk.place(scene.buy("i1")).new.cl_ord_id
    said(NEW)(desk, cl_ord_id)
    desk.tell(scene.cancel("c1", "i1"))
    assert (status_of(desk, "i1"), status_of(desk, "c1")) == ("ACCEPTED", "RUNNING")
    said(10)(desk, cl_ord_id)
    assert status_of(desk, "c1") == "FILLED"  # it came too late
    desk.tell(scene.report(cl_ord_id, CANCELED, "late"))
    desk.tell(scene.cancel("c2", "i1"))
    assert status_of(desk, "c2") == "REJECTED"
    row = instruction_of(desk, "c2")
    assert row is not None
    assert [moment["type"] for moment in row.timeline] == ["cancel_instructed", "refuse"]


def test_a_cancel_of_all_runs_until_all_have_ended() -> None:
    desk = Desk()
    placed = [desk.place(scene.buy(f"i{n}")).new.cl_ord_id for n in range(3)]
    desk.tell(scene.cancel_all("none", venue_id=scene.B))
    desk.tell(scene.cancel_all("all"))
    assert status_of(desk, "none") == "CANCELLED"
    for n, cl_ord_id in enumerate(placed):
        assert status_of(desk, "all") == "RUNNING"
        desk.tell(scene.report(cl_ord_id, CANCELED, f"x{n}"))
    assert status_of(desk, "all") == "CANCELLED"
    row = instruction_of(desk, "all")
    assert row is not None
    assert [order.id for order in row.orders] == ["i0", "i1", "i2"]
    assert row.fills == ()


def test_an_unknown_key_has_no_instruction() -> None:
    assert instruction_of(Desk(), "ghost") is None


def test_what_reads_as_working_is_open_at_a_venue() -> None:
    """So a filter by a working status may look among the open orders only."""
    for _, tell, status, *_ in TABLE:
        desk = Desk()
        child = desk.place(scene.buy("i1"))
        tell(desk, child.new.cl_ord_id)
        found = list(OrderIndex(desk.state).working_after(None))
        assert bool(found) or status in ENDED
        assert status in ENDED | WORKING


def test_fills_of_an_order_are_keyed_by_time_and_named_by_it() -> None:
    desk = Desk()
    cl_ord_id = desk.place(scene.sell("i1")).new.cl_ord_id
    for exec_id, at in (("late", 9), ("early", 3)):
        fill = scene.trade(cl_ord_id, 2, exec_id)
        desk.tell(msgspec.structs.replace(fill, transact_at=Nanos(at), cum_qty=Lots(at)))
    rows = list(fill_rows(desk.state, whole_of(desk, "i1")))
    seq = desk.parent("i1").seq
    assert [key for key, _ in rows] == [(seq, "i1", 3, "early"), (seq, "i1", 9, "late")]
    assert isinstance(rows[0][1], FillRow)
    assert (rows[0][1].side, rows[0][1].order_id, rows[0][1].venue) == ("sell", "i1", "SIM-A")


FINER = msgspec.structs.replace(
    scene.AT_A, version=2, lot=Atoms(scene.LOT // 10), tick=Atoms(scene.AT_A.tick // 5)
)


def test_an_order_is_shown_in_the_lots_and_ticks_that_it_was_sent_in() -> None:
    desk = Desk()
    old = desk.place(scene.buy("old")).new.cl_ord_id
    desk.tell(scene.trade(old, 3, "a", px=scene.ticks(59_999), fee=5))
    before = instruction_of(desk, "old")
    fills_before = list(fill_rows(desk.state, whole_of(desk, "old")))
    desk.tell(InstrumentsListed(instruments=(FINER,)))
    assert instruction_of(desk, "old") == before
    assert list(fill_rows(desk.state, whole_of(desk, "old"))) == fills_before
    desk.tell(scene.trade(old, 1, "b", px=scene.ticks(60_003)))
    row = row_of(desk, "old")
    assert (row.cum_qty, row.leaves_qty, row.avg_px) == ("0.0004", "0.0006", "60000")
    assert [(fill.qty, fill.px) for fill in row.fills] == [("0.0003", "59999"), ("0.0001", "60003")]
    ours = [(fill.qty, fill.px) for _, fill in fill_rows(desk.state, whole_of(desk, "old"))]
    assert ours == [("0.0003", "59999"), ("0.0001", "60003")]


def test_an_order_after_a_relisting_is_shown_in_the_new_lots_and_ticks() -> None:
    desk = Desk()
    desk.tell(InstrumentsListed(instruments=(FINER,)))
    desk.books.update(scene.quote(desk.at, 60_000, FINER))
    new = desk.place(scene.buy("new", instrument=FINER, lots=100)).new.cl_ord_id
    desk.tell(scene.trade(new, 40, "c", px=scene.ticks(59_999, FINER)))
    row = row_of(desk, "new")
    assert (row.cum_qty, row.leaves_qty, row.avg_px) == ("0.0004", "0.0006", "59999")


def test_prices_finer_than_the_quote_asset_are_cut_and_not_rounded_up() -> None:
    desk = Desk()
    cl_ord_id = desk.place(scene.buy("i1")).new.cl_ord_id
    desk.tell(scene.trade(cl_ord_id, 1, "a", px=Ticks(5_999_999), fee=0))
    desk.tell(scene.trade(cl_ord_id, 2, "b", px=Ticks(6_000_000), fee=0))
    assert row_of(desk).avg_px == "59999.996666666666666666"
