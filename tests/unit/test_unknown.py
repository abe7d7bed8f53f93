"""What is not known: silence, late facts, venues that are lost. Nothing is guessed."""

import pytest
from msgspec.structs import replace

from omnivenue.engine import decode_state
from omnivenue.ledger import free
from omnivenue.message import (
    Alert,
    EndReason,
    ExecType,
    FlagOrder,
    OrderInstructed,
    QueryOrders,
    VenueDown,
    VenueUp,
    decode_entry,
    encode,
)
from omnivenue.model import (
    SECOND,
    ClOrdID,
    ExecID,
    Lots,
    Nanos,
)
from omnivenue.oms import Anomaly, OrdStatus, Stage, status
from scene import (
    AT_B,
    BTC,
    FULL,
    LOT,
    MAIN,
    WHOLE,
    A,
    Desk,
    answer,
    buy,
    cancel,
    held_to_be,
    names,
    report,
    trade,
)


def refusals(desk: Desk, event: OrderInstructed) -> str:
    assert names(desk.tell(event)) == "Refuse"
    return " ".join(reason.code for reason in desk.parent(event.instruction_id).reasons)


# UNKNOWN.


@pytest.mark.covers("N3", "O9")
@pytest.mark.holds("I9", "T13")
def test_silence_is_unknown_and_lost_only_by_denials_after_expiry() -> None:
    desk = Desk()
    placed = desk.place(buy("i"))
    denied = (placed.new.cl_ord_id,)
    desk.tell(answer(A, 1, 2 * SECOND, not_found=denied))
    desk.tell(answer(A, 1, 3 * SECOND, not_found=denied))
    assert status(placed) is OrdStatus.PENDING_NEW, "it may still be on its way"
    desk.later(5)
    assert names(desk.sweep()) == "DisarmTimer MarkUnknown QueryOrders ArmTimer"
    assert status(placed) is OrdStatus.UNKNOWN
    assert placed.held > 0, "it may have left"
    desk.tell(answer(A, 2, 6 * SECOND, not_found=denied))
    assert status(placed) is OrdStatus.UNKNOWN, "one denial proves nothing"
    desk.tell(answer(A, 2, 6 * SECOND + SECOND // 2, not_found=denied))
    assert status(placed) is OrdStatus.UNKNOWN, "two in one breath are one"
    commands = desk.tell(answer(A, 2, 8 * SECOND, not_found=denied))
    assert names(commands) == "DeclareLost CloseParent"
    assert desk.parent("i").end is EndReason.LOST_NOT_PLACED
    assert (placed.held, desk.parent("i").reserved) == (0, 0)
    desk.check_replay()


@pytest.mark.holds("I2", "I9", "T13", "T16")
@pytest.mark.parametrize("lacks", ["finds_closed_orders", "honours_expiry"])
def test_where_denials_prove_nothing_an_order_stays_unknown_and_somebody_is_told(
    lacks: str,
) -> None:
    desk = Desk()
    desk.equip(A, replace(FULL, **{lacks: False}))
    placed = desk.place(buy("i"))
    for _ in range(40):
        desk.later(5)
        said = desk.sweep()
        assert "NewOrder" not in names(said), "nothing is sent in its place"
        desk.tell(answer(A, desk.last_query(), desk.at, not_found=(placed.new.cl_ord_id,)))
    assert status(placed) is OrdStatus.UNKNOWN
    assert placed.held > 0
    assert desk.parent("i").reserved == 10 * LOT
    told = [c for line in desk.journal.lines() for c in decode_entry(line).commands]
    about = [c.about for c in told if isinstance(c, Alert) and c.topic == "unknown for long"]
    assert about == [f"{placed.new.cl_ord_id} at {A}"], "once"
    assert placed.rare.flagged == (Anomaly.UNKNOWN_LONG.value,)
    desk.tell(trade(placed.new.cl_ord_id, 10))
    assert status(placed) is OrdStatus.FILLED
    desk.check_replay()


def test_nobody_is_called_before_a_minute_has_passed() -> None:
    desk = Desk()
    desk.equip(A, replace(FULL, honours_expiry=False))
    desk.place(buy("i"))
    desk.later(5)
    assert "MarkUnknown" in names(desk.sweep())
    desk.later(56)
    assert "Alert" not in names(desk.sweep()), "its expiry came two seconds after it was sent"
    desk.later(2)
    assert "Alert" in names(desk.sweep())


def test_lost_and_then_found_is_open_again() -> None:
    desk = Desk()
    placed = desk.place(buy("i"))
    desk.later(5)
    desk.sweep()
    for at in (5, 7):
        desk.tell(answer(A, 1, at * SECOND, not_found=(placed.new.cl_ord_id,)))
    commands = desk.tell(trade(placed.new.cl_ord_id, 4))
    assert names(commands) == "FlagOrder ReopenParent"
    assert status(placed) is OrdStatus.PARTIALLY_FILLED
    assert desk.parent("i").filled == 4 * LOT
    desk.check_replay()


def test_an_order_that_rests_is_asked_about_and_not_unknown() -> None:
    desk = Desk()
    placed = desk.place(buy("i"))
    desk.tell(report(placed.new.cl_ord_id, ExecType.NEW, "n"))
    desk.later(3)
    assert names(desk.sweep()) == "DisarmTimer ArmTimer", "two seconds are too soon"
    desk.later(3)
    commands = desk.sweep()
    assert names(commands) == "DisarmTimer QueryOrders ArmTimer"
    (query,) = [c for c in commands if isinstance(c, QueryOrders)]
    assert query.cl_ord_ids == (placed.new.cl_ord_id,)
    assert status(placed) is OrdStatus.NEW


def test_a_cancel_that_got_lost_is_sent_again() -> None:
    desk = Desk()
    placed = desk.place(buy("i"))
    desk.tell(report(placed.new.cl_ord_id, ExecType.NEW, "n"))
    desk.tell(cancel("c", "i"))
    desk.later(3)
    assert names(desk.sweep()) == "DisarmTimer CancelOrder QueryOrders ArmTimer"
    assert len(set(placed.cancels)) == 2, "each attempt has its own id"


def test_trades_are_asked_for_from_a_little_before_the_last_answer() -> None:
    desk = Desk()
    desk.later(11)
    (query,) = [c for c in desk.sweep() if isinstance(c, QueryOrders)]
    assert query.since == 0
    desk.tell(answer(A, query.query, desk.at))
    desk.later(11)
    (query,) = [c for c in desk.sweep() if isinstance(c, QueryOrders)]
    assert query.since == 10 * SECOND


def test_a_venue_where_nothing_works_is_asked_each_ten_seconds_and_not_each_twenty() -> None:
    """Its answer is younger than the question."""
    desk = Desk()
    desk.later(10)
    for _ in range(3):
        (query,) = [c for c in desk.sweep() if isinstance(c, QueryOrders)]
        desk.tell(answer(A, query.query, desk.at + SECOND))
        assert desk.state.timers[f"reconcile/{A}"].at == desk.at + 10 * SECOND
        desk.later(10)


# Late facts.


@pytest.mark.holds("I11", "T18", "T24")
def test_a_fill_after_the_end_counts() -> None:
    desk = Desk()
    placed = desk.place(buy("i"))
    cl_ord_id = placed.new.cl_ord_id
    end = report(cl_ord_id, ExecType.CANCELED, "e", cum_qty=Lots(4), transact_at=Nanos(9))
    assert desk.tell(end) == [], "four lots have traded, and we have not seen them"
    assert desk.parent("i").working == 4 * LOT
    assert placed.held > 0
    commands = desk.tell(trade(cl_ord_id, 4))
    assert names(commands) == "CloseParent"
    assert placed.held == desk.parent("i").working == 0
    desk.check_replay()


@pytest.mark.holds("I11")
@pytest.mark.holds("I11")
def test_an_end_that_has_traded_more_than_was_told_is_open_again() -> None:
    """The end is no news, and how much had traded by then is."""
    desk = Desk()
    order = desk.place(buy("i"))
    cl_ord_id = order.new.cl_ord_id
    desk.tell(report(cl_ord_id, ExecType.CANCELED, "c"))
    assert cl_ord_id not in desk.state.venues[A].open
    desk.later(1)
    told = (held_to_be(cl_ord_id, 4, ExecType.CANCELED),)
    desk.tell(answer(A, desk.last_query(), desk.at, orders=told))
    assert cl_ord_id in desk.state.venues[A].open
    desk.tell(trade(cl_ord_id, 4))
    assert cl_ord_id not in desk.state.venues[A].open


def test_a_fill_after_a_rejection_opens_the_order_again() -> None:
    desk = Desk()
    placed = desk.place(buy("i"))
    desk.tell(report(placed.new.cl_ord_id, ExecType.REJECTED, "r", text="no"))
    assert desk.parent("i").end is EndReason.REJECTED
    commands = desk.tell(trade(placed.new.cl_ord_id, 4))
    assert names(commands) == "FlagOrder ReopenParent"
    assert desk.parent("i").stage is Stage.WORKING
    assert desk.parent("i").reserved == 6 * LOT
    assert desk.balance(free(MAIN, A), BTC) == 100 * WHOLE + 4 * LOT


def test_too_much_is_booked_and_said_once() -> None:
    desk = Desk()
    placed = desk.place(buy("i"))
    commands = desk.tell(trade(placed.new.cl_ord_id, 12))
    assert names(commands) == "FlagOrder CloseParent"
    assert isinstance(commands[0], FlagOrder)
    assert commands[0].anomaly == "filled more than ordered"
    assert desk.tell(trade(placed.new.cl_ord_id, 12)) == []
    assert desk.balance(free(MAIN, A), BTC) == 100 * WHOLE + 12 * LOT
    assert desk.parent("i").reserved == 0


def test_a_bust_after_the_end_opens_it_again() -> None:
    desk = Desk()
    placed = desk.place(buy("i"))
    cl_ord_id = placed.new.cl_ord_id
    desk.tell(trade(cl_ord_id, 10))
    bust = report(cl_ord_id, ExecType.TRADE_CANCEL, "b", exec_ref_id=ExecID("x"))
    assert names(desk.tell(bust)) == "ReopenParent"
    assert desk.balance(free(MAIN, A), BTC) == 100 * WHOLE
    assert desk.parent("i").reserved == 10 * LOT
    desk.check_replay()


def test_what_we_never_ordered_is_said_aloud() -> None:
    desk = Desk()
    (alert,) = desk.tell(trade(ClOrdID("theirs"), 1))
    assert alert == Alert(topic="unknown order", about="theirs")


# Venues.


@pytest.mark.covers("O9")
@pytest.mark.holds("T22")
def test_a_lost_venue_makes_doubt_and_no_orders_until_it_has_answered() -> None:
    desk = Desk()
    quiet, resting = desk.place(buy("i")), desk.place(buy("r"))
    desk.tell(report(resting.new.cl_ord_id, ExecType.NEW, "n"))
    assert names(desk.tell(VenueDown(venue_id=A, why="drill"))) == "Alert"
    assert status(quiet) is OrdStatus.UNKNOWN
    assert status(resting) is OrdStatus.NEW, "its last proven status"
    assert refusals(desk, buy("j")) == "RISK-001"
    commands = desk.tell(VenueUp(venue_id=A))
    assert names(commands).startswith("QueryOrders")
    (query,) = [c for c in commands if isinstance(c, QueryOrders)]
    assert query.cl_ord_ids == tuple(sorted((quiet.new.cl_ord_id, resting.new.cl_ord_id)))
    desk.tell(answer(A, query.query - 1, desk.at))
    assert refusals(desk, buy("k")) == "RISK-001", "that was asked before it came up"
    desk.tell(answer(A, query.query, desk.at))
    assert names(desk.tell(buy("l"))).startswith("Accept")
    desk.check_replay()


def test_a_venue_that_is_lost_is_not_everybodys() -> None:
    desk = Desk()
    placed = desk.place(buy("i", instrument=AT_B))
    desk.tell(VenueDown(venue_id=A, why="drill"))
    assert status(placed) is OrdStatus.PENDING_NEW
    assert names(desk.tell(buy("j", instrument=AT_B))).startswith("Accept")


def test_while_a_venue_is_down_a_cancel_is_remembered_and_sent_again() -> None:
    desk = Desk()
    placed = desk.place(buy("i"))
    desk.tell(report(placed.new.cl_ord_id, ExecType.NEW, "n"))
    desk.tell(VenueDown(venue_id=A, why="drill"))
    assert names(desk.tell(cancel("c", "i"))) == "StopParent CancelOrder"
    desk.reconcile(A)
    desk.later(3)
    assert "CancelOrder" in names(desk.sweep())


@pytest.mark.holds("I5")
def test_every_contradiction_goes_into_a_snapshot_and_comes_back() -> None:
    desk = Desk()
    placed = desk.place(buy("i"))
    for n, kind in enumerate(k for k in ExecType if k is not ExecType.TRADE_CANCEL):
        desk.tell(report(placed.new.cl_ord_id, kind, f"x{n}", last_qty=Lots(n), text=f"t{n}"))
    assert decode_state(encode(desk.state)) == desk.state
    desk.check_replay()
