"""What users read of orders that are more than one venue order: sent anew, waiting for a trigger,
exits of a bracket, another's; and of what has left State."""

from collections.abc import Callable

import msgspec
import pytest

import scene
from omnivenue.api.status_words import ORDER_WORDS
from omnivenue.api.view import fill_rows, instruction_row, order_row
from omnivenue.api.whole import Records, Whole
from omnivenue.engine import decode_archived
from omnivenue.engine.evict import KEEP, TIMER_ID
from omnivenue.journal import by_order
from omnivenue.message import CancelRejected, ExecType, Exit, External, StateSet
from omnivenue.model import (
    SECOND,
    Atoms,
    ClOrdID,
    Lots,
    Nanos,
    OrderID,
    OrdType,
    TimeInForce,
    TradingState,
)
from omnivenue.wire import InstructionRow, OrderRow
from scene import AT_A, BUY, LOT, MAIN, PX, WHOLE, Desk

NEW, CANCELED, REPLACED = ExecType.NEW, ExecType.CANCELED, ExecType.REPLACED
HIGHER = Atoms(PX + 10 * WHOLE)
PROFIT, LOSS = Exit(limit_px=Atoms(PX + 600 * WHOLE)), Exit(stop_px=Atoms(PX - 600 * WHOLE))


def records(desk: Desk) -> Records:
    def archived(order_id: OrderID):
        filed = desk.journal.archived(by_order(order_id))
        return None if filed is None else decode_archived(filed.content)

    return Records(desk.state, archived)


def found(desk: Desk, key: str) -> Whole:
    whole = records(desk).order(OrderID(key))
    assert whole is not None
    return whole


def row_of(desk: Desk, key: str = "i1") -> OrderRow:
    return order_row(desk.state, found(desk, key), "paper")


def instruction_of(desk: Desk, key: str) -> InstructionRow:
    row = instruction_row(desk.state, records(desk), key, "paper")
    assert row is not None
    return row


def words(desk: Desk, key: str = "i1") -> tuple[str, str, str | None, str | None]:
    row = row_of(desk, key)
    assert row.status in ORDER_WORDS
    return row.status, row.ord_status, row.pending, row.reason


def say(desk: Desk, key: str, kind: ExecType, n: int = 0, **more: object) -> None:
    cl_ord_id = desk.order(key).new.cl_ord_id
    desk.tell(scene.report(cl_ord_id, kind, f"{kind.name}-{key}-{n}", **more))


def resting(desk: Desk, *, filled: int = 0) -> None:
    """`i1`, ten lots at the mid."""
    desk.place(scene.buy("i1"))
    say(desk, "i1", NEW)
    if filled:
        desk.tell(scene.trade(desk.order("i1").new.cl_ord_id, filled, "t1"))


# Replaced.


@pytest.mark.holds("I10")
@pytest.mark.parametrize("filled", [0, 4])
def test_a_replace_at_the_venue(filled: int) -> None:
    desk = Desk()
    desk.equip()
    resting(desk, filled=filled)
    desk.tell(scene.replace("r1", "i1", limit_px=HIGHER))
    word = "PARTIALLY_FILLED" if filled else "ACCEPTED"
    assert words(desk) == (word, "E", "replace", None)
    assert instruction_of(desk, "r1").status == "RUNNING"
    say(desk, "i1", REPLACED, version=1)
    assert words(desk) == (word, "1" if filled else "0", None, None)
    assert (row_of(desk).price, row_of(desk).qty) == ("60010", "0.001")
    assert instruction_of(desk, "r1").status == "ACCEPTED"
    desk.check_replay()


def test_a_replace_that_its_venue_turns_down_leaves_the_order_as_it_was() -> None:
    desk = Desk()
    desk.equip()
    resting(desk)
    desk.tell(scene.replace("r1", "i1", limit_px=HIGHER))
    assert row_of(desk).price == "60010", "what it shall be"
    asked = desk.order("i1").replaces[-1]
    desk.tell(CancelRejected(cl_ord_id=asked.cl_ord_id, orig_cl_ord_id=asked.orig_cl_ord_id))
    assert words(desk) == ("ACCEPTED", "0", None, None)
    assert row_of(desk).price == "60000"


def test_an_order_that_is_cancelled_to_be_sent_anew_stays_one_order() -> None:
    desk = Desk()
    resting(desk, filled=4)
    desk.tell(scene.replace("r1", "i1", limit_px=HIGHER, qty=Atoms(12 * LOT)))
    assert words(desk) == ("PARTIALLY_FILLED", "6", "replace", None)
    say(desk, "i1", CANCELED)
    second = desk.order("i1")
    assert (second.new.qty, len(desk.parent("i1").children)) == (8, 2)
    assert words(desk) == ("PARTIALLY_FILLED", "1", None, None)
    say(desk, "i1", NEW, 2, venue_order_id="v-2")
    desk.tell(scene.trade(second.new.cl_ord_id, 4, "t2", px=scene.ticks(60_010)))
    row = row_of(desk)
    assert (row.cum_qty, row.leaves_qty, row.qty) == ("0.0008", "0.0004", "0.0012")
    assert (row.avg_px, row.venue_order_id) == ("60005", "v-2")
    assert [fill.exec_id for fill in row.fills] == ["t1", "t2"]
    assert [fee.amount for fee in row.fees] == ["0.00000014"]
    rows = [fill for _, fill in fill_rows(desk.state, found(desk, "i1"))]
    assert [(fill.order_id, fill.px) for fill in rows] == [("i1", "60000"), ("i1", "60010")]
    desk.tell(scene.trade(second.new.cl_ord_id, 4, "t3", px=scene.ticks(60_010)))
    assert words(desk) == ("FILLED", "2", None, None)
    desk.check_replay()


def test_a_cancel_while_it_is_being_sent_anew_is_a_cancel() -> None:
    desk = Desk()
    resting(desk)
    desk.tell(scene.replace("r1", "i1", limit_px=HIGHER))
    assert words(desk)[2] == "replace"
    desk.tell(scene.cancel("c1", "i1"))
    assert words(desk)[2] == "cancel"
    say(desk, "i1", CANCELED)
    assert words(desk) == ("CANCELLED", "4", None, None)
    assert (instruction_of(desk, "c1").status, instruction_of(desk, "r1").status) == (
        "CANCELLED",
        "CANCELLED",
    )


def test_the_documents_of_replace_and_its_refusal() -> None:
    desk = Desk()
    resting(desk)
    desk.tell(scene.replace("r1", "i1", qty=Atoms(20 * LOT)))
    assert instruction_of(desk, "r1").instruction == {
        "kind": "replace",
        "id": "r1",
        "order_id": "i1",
        "qty": "0.002",
        "price": None,
    }
    desk.tell(scene.replace("r2", "i1", qty=Atoms(10**7 * LOT)))
    refused = instruction_of(desk, "r2")
    assert refused.status == "REJECTED"
    assert [moment["type"] for moment in refused.timeline] == ["replace_instructed", "refuse"]


# Waiting for a trigger.


def armed(desk: Desk, key: str = "i1") -> None:
    stop = Atoms(PX + 100 * WHOLE)
    desk.tell(scene.buy(key, px=None, ord_type=OrdType.STOP, stop_px=stop))


def test_a_stop_that_we_watch_is_pending_until_it_triggers() -> None:
    desk = Desk()
    armed(desk)
    row = row_of(desk)
    assert words(desk) == ("PENDING", "A", None, None)
    assert (row.stop_price, row.trigger_by, row.triggered) == ("60100", "last", False)
    assert (row.price, row.leaves_qty, row.venue_order_id) == (None, "0.001", None)
    desk.fire("i1", 6_010_000)
    assert words(desk) == ("SUBMITTED", "A", None, None)
    assert row_of(desk).triggered is True


def test_a_stop_that_its_venue_keeps_is_accepted_until_it_triggers() -> None:
    desk = Desk()
    desk.equip()
    armed(desk)
    say(desk, "i1", NEW)
    assert (words(desk)[0], row_of(desk).triggered) == ("ACCEPTED", False)
    say(desk, "i1", ExecType.TRIGGERED)
    assert (words(desk)[0], row_of(desk).triggered) == ("ACCEPTED", True)


def test_a_stop_that_risk_refuses_when_it_triggers_is_rejected_and_says_why() -> None:
    desk = Desk()
    armed(desk)
    desk.tell(
        StateSet(scope="global", state=TradingState.HALTED, reason="r", source="http"),
    )
    desk.fire("i1", 6_010_000)
    status, ord_status, _, reason = words(desk)
    assert (status, ord_status) == ("REJECTED", "8")
    assert reason is not None
    assert reason.startswith("RISK-014 ")


def test_a_cancelled_stop_was_never_anywhere() -> None:
    desk = Desk()
    armed(desk)
    desk.tell(scene.cancel("c1", "i1"))
    assert words(desk) == ("CANCELLED", "4", None, None)
    assert instruction_of(desk, "c1").status == "CANCELLED"


# Ends that somebody else brought about.


def stopped_by_kill(desk: Desk) -> None:
    resting(desk)
    desk.tell(StateSet(scope="global", state=TradingState.KILLED, reason="r", source="http"))
    say(desk, "i1", CANCELED)


def stopped_by_its_group(desk: Desk) -> None:
    desk.place(scene.buy("i1", oco="g"))
    say(desk, "i1", NEW)
    other = desk.place(scene.buy("i2", oco="g"))
    desk.tell(scene.trade(other.new.cl_ord_id, 10, "t"))
    say(desk, "i1", CANCELED)


def expired(desk: Desk) -> None:
    desk.place(scene.buy("i1", tif=TimeInForce.GTD, expire_at=Nanos(desk.at + 5 * SECOND)))
    say(desk, "i1", NEW)
    say(desk, "i1", ExecType.EXPIRED)


@pytest.mark.parametrize(
    ("act", "status", "ord_status", "reason"),
    [
        (stopped_by_kill, "CANCELLED", "4", "KILLED"),
        (stopped_by_its_group, "CANCELLED", "4", "OCO"),
        (expired, "EXPIRED", "C", None),
    ],
)
def test_ends(act: Callable[[Desk], None], status: str, ord_status: str, reason: str) -> None:
    desk = Desk()
    act(desk)
    assert words(desk) == (status, ord_status, None, reason)
    desk.check_replay()


def test_when_it_ends_is_shown() -> None:
    desk = Desk()
    expired(desk)
    assert row_of(desk).expire_at == "1970-01-01T00:00:05.000000Z"


# Brackets.


def bracket(desk: Desk) -> None:
    desk.place(scene.buy("i1", take_profit=PROFIT, stop_loss=LOSS))
    desk.tell(scene.trade(desk.order("i1").new.cl_ord_id, 10, "t1"))


def test_a_bracket_is_shown_with_its_exits_as_orders_of_their_own() -> None:
    desk = Desk()
    bracket(desk)
    entry, profit, loss = (row_of(desk, key) for key in ("i1", "i1~tp", "i1~sl"))
    assert (entry.exits, entry.parent_id) == (("i1~tp", "i1~sl"), None)
    for each in (profit, loss):
        assert (each.parent_id, each.instruction_id, each.side) == ("i1", "i1", "sell")
        assert (each.qty, each.reduce_only) == ("0.001", True)
    assert (profit.type, profit.price, profit.status) == ("limit", "60600", "SUBMITTED")
    assert (loss.type, loss.stop_price, loss.status) == ("stop", "59400", "PENDING")
    whole = instruction_of(desk, "i1")
    assert [order.id for order in whole.orders] == ["i1", "i1~tp", "i1~sl"]
    assert whole.instruction["take_profit"] == {"price": "60600"}
    assert whole.instruction["stop_loss"] == {"stop_price": "59400", "price": None}
    say(desk, "i1~tp", NEW)
    desk.tell(scene.trade(desk.order("i1~tp").new.cl_ord_id, 10, "t2", px=scene.ticks(60_600)))
    assert words(desk, "i1~sl") == ("CANCELLED", "4", None, "OCO")
    assert [fill.order_id for fill in instruction_of(desk, "i1").fills] == ["i1", "i1~tp"]
    assert {fill.instruction_id for fill in instruction_of(desk, "i1").fills} == {"i1"}


def test_an_exit_that_others_have_made_needless_has_not_filled() -> None:
    desk = Desk()
    bracket(desk)
    say(desk, "i1~tp", NEW)
    closing = desk.place(scene.sell("close"))
    desk.tell(scene.trade(closing.new.cl_ord_id, 10, "t2"))
    say(desk, "i1~tp", CANCELED)
    for key in ("i1~tp", "i1~sl"):
        assert words(desk, key) == ("CANCELLED", "4", None, "NOTHING_LEFT")


def test_what_would_open_a_position_says_that_only_reductions_may_trade() -> None:
    desk = Desk()
    desk.place(scene.buy("i1"))
    state = TradingState.REDUCE_ONLY
    desk.tell(StateSet(scope="global", state=state, reason="lost", source="test"))
    say(desk, "i1", CANCELED)
    assert words(desk, "i1") == ("CANCELLED", "4", None, "REDUCE_ONLY")


# Of somebody else.


def test_an_adopted_order_is_an_order() -> None:
    desk = Desk()
    told = External(
        account=MAIN,
        instrument_id=AT_A.instrument_id,
        instrument_version=1,
        side=BUY,
        qty=Lots(10),
        limit_px=scene.ticks(59_000),
    )
    desk.tell(scene.report(ClOrdID("web-1"), NEW, "x", external=told, transact_at=Nanos(1)))
    row = row_of(desk, "external~SIM-A~web-1")
    assert (row.strategy_id, row.status, row.price) == ("EXTERNAL", "ACCEPTED", "59000")


# What has left State.


def let_go(desk: Desk) -> None:
    desk.later(KEEP // SECOND)
    desk.tell(scene.cancel(f"n{desk.at}", "nobody"))
    desk.wake(TIMER_ID)


def test_what_has_left_is_shown_as_it_was() -> None:
    desk = Desk()
    resting(desk, filled=4)
    desk.tell(scene.cancel("c1", "i1"))
    say(desk, "i1", CANCELED)
    keys = ("i1", "c1")
    before = [instruction_of(desk, key) for key in keys]
    order = row_of(desk)
    let_go(desk)
    assert OrderID("i1") not in desk.state.parents
    assert not desk.state.orders
    assert [instruction_of(desk, key) for key in keys] == before
    assert row_of(desk) == order


def test_a_family_that_has_left_is_shown_whole() -> None:
    desk = Desk()
    bracket(desk)
    say(desk, "i1~tp", NEW)
    desk.tell(scene.trade(desk.order("i1~tp").new.cl_ord_id, 10, "t2", px=scene.ticks(60_600)))
    before = [instruction_of(desk, key) for key in ("i1", "i1~sl")]
    let_go(desk)
    assert not desk.state.parents
    assert [instruction_of(desk, key) for key in ("i1", "i1~sl")] == before
    assert records(desk).order(OrderID("i1~x")) is None


def test_an_instruction_that_is_shown_is_one_that_could_be_sent_again() -> None:
    """Rows are documents; nothing in them is left in the core's own words."""
    desk = Desk()
    bracket(desk)
    msgspec.json.encode([instruction_of(desk, "i1"), row_of(desk, "i1~sl")])
