"""An order becomes another: by a replace where the venue has one, else by cancel and resend."""

import msgspec
import pytest

from omnivenue.message import (
    AmendParent,
    CancelOrder,
    CancelRejected,
    Command,
    EndReason,
    ExecType,
    LimitsSet,
    NewOrder,
    ReplaceInstructed,
    ReplaceOrder,
)
from omnivenue.model import (
    QTY_UNIT,
    SECOND,
    AssetID,
    Atoms,
    ClOrdID,
    LimitName,
    Limits,
    Nanos,
)
from omnivenue.oms import OrdStatus, Stage, status, terms
from scene import (
    AT_A,
    COLLAR,
    LOT,
    MAIN,
    PX,
    USDT,
    WHOLE,
    A,
    Desk,
    answer,
    buy,
    cancel,
    held_to_be,
    limit,
    names,
    new_orders,
    replace,
    report,
    sell,
    ticks,
    trade,
)

pytestmark = [pytest.mark.covers("O1"), pytest.mark.holds("I10", "I15", "T24")]


def equipped() -> Desk:
    desk = Desk()
    desk.equip()
    return desk


def acked(desk: Desk, key: str = "i", lots: int = 10) -> ClOrdID:
    new = desk.place(buy(key, lots)).new
    desk.tell(report(new.cl_ord_id, ExecType.NEW, "n"))
    return new.cl_ord_id


def replaced(cl_ord_id: ClOrdID, version: int) -> object:
    said = report(cl_ord_id, ExecType.REPLACED, f"v{version}")
    return msgspec.structs.replace(said, version=version)


def refusals(desk: Desk, event: ReplaceInstructed) -> str:
    assert names(desk.tell(event)) == "Refuse"
    return " ".join(r.code for r in desk.state.requests[event.instruction_id].reasons)


def asked(commands: list[Command]) -> ReplaceOrder:
    (found,) = [c for c in commands if isinstance(c, ReplaceOrder)]
    return found


def held(desk: Desk) -> int:
    return desk.balance(f"{MAIN}@{A}/held", AssetID(USDT))


def test_quantity_and_price() -> None:
    desk = equipped()
    cl_ord_id = acked(desk)
    command = asked(desk.tell(replace("r", "i", qty=Atoms(14 * LOT), limit_px=Atoms(PX - WHOLE))))
    assert (command.version, command.qty, command.limit_px) == (1, 14, ticks(59_999))
    assert command.orig_cl_ord_id == cl_ord_id != command.cl_ord_id
    assert status(desk.order("i")) is OrdStatus.PENDING_REPLACE
    assert desk.parent("i").qty == 14 * LOT
    desk.tell(replaced(cl_ord_id, 1))  # type: ignore[arg-type]
    assert status(desk.order("i")) is OrdStatus.NEW
    assert terms(desk.order("i")) == (14, ticks(59_999))
    desk.tell(trade(cl_ord_id, 14))
    assert desk.parent("i").end is EndReason.FILLED
    desk.check_replay()


@pytest.mark.parametrize("px", [PX - 100 * WHOLE, PX + 100 * WHOLE])
def test_the_worse_of_both_is_reserved_until_it_is_answered(px: int) -> None:
    desk = equipped()
    cl_ord_id = acked(desk)
    desk.tell(replace("r", "i", limit_px=Atoms(px)))
    worse, new = (AT_A.hold_ceil(desk.order("i").new.side, 10 * LOT, p) for p in (max(px, PX), px))
    assert held(desk) == worse
    desk.tell(replaced(cl_ord_id, 1))  # type: ignore[arg-type]
    assert held(desk) == new


def test_a_larger_quantity_takes_headroom_at_once_a_smaller_gives_it_back_when_it_is_so() -> None:
    desk = equipped()
    cl_ord_id = acked(desk)
    desk.tell(replace("r", "i", qty=Atoms(20 * LOT)))
    assert desk.parent("i").reserved == 20 * LOT
    desk.tell(replaced(cl_ord_id, 1))  # type: ignore[arg-type]
    desk.tell(replace("s", "i", qty=Atoms(5 * LOT)))
    assert desk.parent("i").reserved == 20 * LOT, "the venue may still fill what it was"
    desk.tell(replaced(cl_ord_id, 2))  # type: ignore[arg-type]
    assert desk.parent("i").reserved == 5 * LOT


def test_before_it_is_acknowledged_it_waits_and_two_become_one() -> None:
    desk = equipped()
    cl_ord_id = desk.place(buy("i")).new.cl_ord_id
    assert names(desk.tell(replace("r", "i", qty=Atoms(14 * LOT)))) == "AmendParent"
    assert names(desk.tell(replace("s", "i", qty=Atoms(15 * LOT)))) == "AmendParent"
    command = asked(desk.tell(report(cl_ord_id, ExecType.NEW, "n")))
    assert (command.version, command.qty) == (1, 15)


def test_turned_down_it_is_what_the_venue_holds_it_to_be() -> None:
    desk = equipped()
    cl_ord_id = acked(desk)
    command = asked(desk.tell(replace("r", "i", qty=Atoms(14 * LOT))))
    no = CancelRejected(cl_ord_id=command.cl_ord_id, orig_cl_ord_id=cl_ord_id, text="too late")
    (amended,) = desk.tell(no)
    assert isinstance(amended, AmendParent)
    assert amended.qty == desk.parent("i").reserved == 10 * LOT
    assert desk.tell(no) == []
    desk.check_replay()


def test_lost_it_is_asked_for_again() -> None:
    desk = equipped()
    cl_ord_id = acked(desk)
    first = asked(desk.tell(replace("r", "i", qty=Atoms(14 * LOT))))
    late = first.expires_at + 2 * SECOND
    desk.at = late
    still = held_to_be(cl_ord_id, 0, None)
    second = asked(desk.tell(answer(A, 1, late, orders=(still,))))
    assert (second.version, second.qty) == (2, 14)
    assert second.cl_ord_id != first.cl_ord_id


def test_a_venue_without_replace_is_asked_to_cancel_and_gets_the_rest_anew() -> None:
    desk = Desk()
    cl_ord_id = acked(desk)
    desk.tell(trade(cl_ord_id, 4))
    commands = desk.tell(replace("r", "i", qty=Atoms(14 * LOT), limit_px=Atoms(PX - WHOLE)))
    assert names(commands) == "AmendParent ReworkChild CancelOrder"
    assert desk.parent("i").stage is Stage.WORKING
    (again,) = new_orders(desk.tell(report(cl_ord_id, ExecType.CANCELED, "c")))
    assert (again.qty, again.limit_px) == (10, ticks(59_999))
    assert again.cl_ord_id != cl_ord_id
    desk.tell(trade(again.cl_ord_id, 10, "y"))
    assert desk.parent("i").end is EndReason.FILLED
    assert desk.parent("i").filled == 14 * LOT
    desk.check_replay()


def test_a_fill_that_wins_against_the_cancel_leaves_less_to_send() -> None:
    desk = Desk()
    cl_ord_id = acked(desk)
    commands = desk.tell(replace("r", "i", limit_px=Atoms(PX - WHOLE)))
    (attempt,) = [c for c in commands if isinstance(c, CancelOrder)]
    desk.tell(trade(cl_ord_id, 10))
    no = CancelRejected(cl_ord_id=attempt.cl_ord_id, orig_cl_ord_id=cl_ord_id, text="too late")
    desk.tell(no)
    assert desk.parent("i").end is EndReason.FILLED
    assert len(desk.parent("i").children) == 1


def test_nothing_is_sent_anew_before_the_end_of_the_old_one_is_proven() -> None:
    desk = Desk()
    cl_ord_id = acked(desk)
    desk.tell(replace("r", "i", limit_px=Atoms(PX - WHOLE)))
    end = msgspec.structs.replace(
        report(cl_ord_id, ExecType.CANCELED, "c"), cum_qty=4, transact_at=9
    )
    assert new_orders(desk.tell(end)) == [], "the venue counts a trade that we have not seen"
    late = msgspec.structs.replace(trade(cl_ord_id, 4), cum_qty=4, transact_at=8)
    (again,) = new_orders(desk.tell(late))
    assert again.qty == 6


def test_a_cancel_ends_it_also_in_between() -> None:
    desk = Desk()
    cl_ord_id = acked(desk)
    desk.tell(replace("r", "i", limit_px=Atoms(PX - WHOLE)))
    desk.tell(cancel("c", "i"))
    assert new_orders(desk.tell(report(cl_ord_id, ExecType.CANCELED, "e"))) == []
    assert desk.parent("i").end is EndReason.CANCELLED


def test_the_rest_is_held_back_while_the_venue_is_away_and_goes_when_it_is_back() -> None:
    desk = Desk()
    cl_ord_id = acked(desk)
    desk.tell(replace("r", "i", limit_px=Atoms(PX - WHOLE)))
    desk.books.__init__()  # no price any more
    commands = desk.tell(report(cl_ord_id, ExecType.CANCELED, "c"))
    assert names(commands) == "ArmTimer"
    desk.later(1)
    fired = desk.wake("retry/i")
    assert isinstance(fired[-1], NewOrder) or names(fired).startswith("NewOrder")


def test_what_is_refused() -> None:
    desk = equipped()
    cl_ord_id = acked(desk)
    desk.tell(trade(cl_ord_id, 4))
    assert refusals(desk, replace("a", "i", qty=Atoms(4 * LOT))) == "ORD-006"
    assert refusals(desk, replace("b", "i", qty=Atoms(10**9 * LOT))).startswith("RISK-")
    assert refusals(desk, replace("c", "nobody", qty=Atoms(LOT))) == "ORD-001"
    desk.tell(cancel("d", "i"))
    assert refusals(desk, replace("e", "i", qty=Atoms(20 * LOT))) == "ORD-001"
    desk.place(buy("m", px=None))
    assert refusals(desk, replace("f", "m", limit_px=Atoms(PX))) == "ORD-004"
    assert terms(desk.order("i")) == (10, ticks(60_000))
    desk.check_replay()


def test_the_same_key_again_changes_nothing() -> None:
    desk = equipped()
    acked(desk)
    event = replace("r", "i", qty=Atoms(14 * LOT))
    assert desk.tell(event)
    assert desk.tell(event) == []
    assert desk.state.requests[event.instruction_id].targets == ("i",)


def test_a_sale_too() -> None:
    desk = equipped()
    new = desk.place(sell("i")).new
    desk.tell(report(new.cl_ord_id, ExecType.NEW, "n"))
    command = asked(desk.tell(replace("r", "i", limit_px=Atoms(PX + WHOLE))))
    assert command.limit_px == ticks(60_001)
    assert command.is_reduction, "it asks for no more than is there already"
    desk.at = Nanos(desk.at)
    desk.check_replay()


def test_turned_down_what_an_earlier_child_has_filled_still_counts() -> None:
    desk = Desk()
    first = acked(desk)
    desk.tell(trade(first, 4))
    desk.tell(replace("r", "i", limit_px=Atoms(PX - WHOLE)))
    (second,) = new_orders(desk.tell(report(first, ExecType.CANCELED, "c")))
    desk.tell(report(second.cl_ord_id, ExecType.NEW, "n2"))
    desk.equip()
    command = asked(desk.tell(replace("s", "i", qty=Atoms(14 * LOT))))
    assert command.qty == 10
    no = CancelRejected(cl_ord_id=command.cl_ord_id, orig_cl_ord_id=second.cl_ord_id)
    (amended,) = desk.tell(no)
    assert isinstance(amended, AmendParent)
    assert amended.qty == 10 * LOT
    desk.check_replay()


def test_what_has_filled_is_not_measured_again() -> None:
    desk = equipped()
    limits = (COLLAR, limit(LimitName.ORDER_QTY, 10 * LOT * QTY_UNIT // WHOLE))
    desk.tell(LimitsSet(limits=Limits(limits=limits), from_file=True))
    cl_ord_id = acked(desk)
    desk.tell(trade(cl_ord_id, 4))
    assert refusals(desk, replace("r", "i", qty=Atoms(15 * LOT))) == "RISK-005"
    assert asked(desk.tell(replace("s", "i", qty=Atoms(14 * LOT)))).qty == 14
