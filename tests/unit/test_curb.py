"""REDUCE_ONLY: what rests already is held to it as well. Openers end, and reducers stay."""

from typing import Any

import msgspec
import pytest

from brackets import SL, TP, ack, bracket, cancels
from omnivenue.message import (
    AccountOpened,
    CancelRejected,
    Command,
    EndReason,
    ExecType,
    External,
    Opened,
    ReplaceOrder,
    StateSet,
    Twap,
    VenueDown,
)
from omnivenue.model import (
    SECOND,
    AssetID,
    Atoms,
    ClOrdID,
    ExecID,
    InstructionID,
    Lots,
    Nanos,
    OrderID,
    OrdType,
    Side,
    TradingState,
)
from omnivenue.oms import Order, Stage
from scene import (
    AT_A,
    AT_B,
    AT_F,
    BUY,
    LOT,
    MAIN,
    OTHER,
    PX,
    S1,
    S2,
    SELL,
    VENUES,
    WHOLE,
    A,
    B,
    Desk,
    adjustment,
    buy,
    cancel,
    names,
    new_orders,
    order,
    replace,
    report,
    sell,
    ticks,
    trade,
)
from smart_floor import Floor, smart

pytestmark = [pytest.mark.covers("P5"), pytest.mark.holds("I16", "I15")]

REDUCE_ONLY, HALTED = TradingState.REDUCE_ONLY, TradingState.HALTED
ENDED = EndReason.REDUCE_ONLY


def reduce_only(desk: Desk, scope: str = "global") -> list[Command]:
    return desk.tell(StateSet(scope=scope, state=REDUCE_ONLY, reason="lost", source="test"))


def traded(desk: Desk, key: str, side: Side, lots: int, **more: Any) -> Order:
    """An order that is filled at once."""
    placed = desk.place(order(key, side, lots, **more))
    desk.tell(trade(placed.new.cl_ord_id, lots, f"x{key}"))
    return placed


def resting(desk: Desk, key: str, side: Side, lots: int, **more: Any) -> Order:
    """Away from the market, on the side that it would have to come from."""
    instrument = more.get("instrument", AT_A)
    away = {AT_A: PX + side.opposite.sign * 500 * WHOLE}
    given = {"px": away[instrument]} if instrument in away else {}
    placed = desk.place(order(key, side, lots, **given | more))
    desk.tell(report(placed.new.cl_ord_id, ExecType.NEW, f"n{key}"))
    return placed


def holds(desk: Desk, lots: int, **more: Any) -> None:
    """A position of so many lots."""
    if lots:
        traded(desk, f"held{lots}", BUY if lots > 0 else SELL, abs(lots), **more)


def wants(desk: Desk, *keys: str) -> list[int]:
    """Lots that each is still to fill; 0 where it was stopped."""
    parents = [desk.parent(key) for key in keys]
    return [0 if p.is_stopped else (p.qty - p.filled) // LOT for p in parents]


@pytest.mark.parametrize(
    ("position", "orders", "want"),
    [
        (0, "+10 -10", [0, 0]),
        (10, "-10", [10]),
        (10, "+1", [0]),
        (10, "-15", [10]),
        (10, "-6 -6", [6, 4]),
        (10, "-10 -1", [10, 0]),
        (10, "-4 +3 -4", [4, 0, 4]),
        (-10, "+10 -1", [10, 0]),
        (-10, "+15", [10]),
        (-10, "+7 +7 +7", [7, 3, 0]),
    ],
)
def test_each_keeps_what_it_reduces_and_the_oldest_theirs(
    position: int, orders: str, want: list[int]
) -> None:
    desk = Desk()
    desk.equip()
    holds(desk, position)
    keys = list("abc")[: len(want)]
    for key, lots in zip(keys, map(int, orders.split()), strict=True):
        resting(desk, key, BUY if lots > 0 else SELL, abs(lots))
    reduce_only(desk)
    assert wants(desk, *keys) == want
    assert reduce_only(desk) == [], "and again it changes nothing"
    desk.check_replay()


def test_it_says_why_it_ended() -> None:
    desk = Desk()
    opener = resting(desk, "i", BUY, 10)
    commands = reduce_only(desk)
    assert names(commands) == "SetState StopParent CancelOrder"
    desk.tell(report(opener.new.cl_ord_id, ExecType.CANCELED, "c"))
    assert desk.parent("i").end is ENDED
    desk.tell(cancel("c", "i"))
    (reason,) = desk.state.requests[InstructionID("c")].reasons
    assert reason.value == "reduce_only"


def test_what_had_filled_of_an_opener_keeps_its_exits() -> None:
    desk = Desk()
    (new,) = new_orders(desk.tell(bracket()))
    desk.tell(trade(new.cl_ord_id, 4, "e1"))
    ack(desk, TP)
    assert cancels(reduce_only(desk)) == [new.cl_ord_id]
    desk.tell(trade(new.cl_ord_id, 3, "late"))
    assert [desk.parent(i).qty for i in (TP, SL)] == [7 * LOT] * 2
    assert wants(desk, "i", TP, SL) == [0, 7, 7]
    desk.check_replay()


def test_exits_come_before_an_order_that_might_do_as_well() -> None:
    desk = Desk()
    holds(desk, 10)
    resting(desk, "old", SELL, 10)
    (new,) = new_orders(desk.tell(bracket(4)))
    desk.tell(trade(new.cl_ord_id, 4, "e1"))
    ack(desk, TP)
    reduce_only(desk)
    assert wants(desk, "old", TP, SL) == [10, 4, 4]
    assert names(desk.tell(sell("more", 1))) == "Refuse"


def test_what_is_reduce_only_by_its_own_terms_keeps_its_place() -> None:
    desk = Desk()
    holds(desk, 10)
    resting(desk, "declared", SELL, 6, reduce_only=True)
    resting(desk, "plain", SELL, 10)
    desk.equip()
    reduce_only(desk)
    assert wants(desk, "declared", "plain") == [6, 4]


@pytest.mark.parametrize(
    ("scope", "ended"),
    [
        ("global", "a1 a2 b other"),
        (f"venue:{A}", "a1 a2 other"),
        (f"venue:{B}", "b"),
        (f"account:{MAIN}", "a1 a2 b"),
        (f"account:{OTHER}", "other"),
        (f"strategy:{S1}", "a1 b other"),
        (f"strategy:{S2}", "a2"),
        ("strategy:nobody", ""),
        ("chain:1", ""),
    ],
)
def test_only_what_is_in_the_scope_ends(scope: str, ended: str) -> None:
    desk = Desk()
    desk.place(buy("a1"))
    desk.place(buy("a2", strategy_id=S2))
    desk.place(buy("b", instrument=AT_B, lots=100))
    desk.place(buy("other", account=OTHER))
    reduce_only(desk, scope)
    stopped = [key for key in ("a1", "a2", "b", "other") if desk.parent(key).is_stopped]
    assert " ".join(stopped) == ended


def test_a_strategy_that_reduces_must_not_enlarge_what_the_account_has() -> None:
    """One is long, the other short, and the account is short: closing the long makes it shorter."""
    desk = Desk()
    desk.equip()
    holds(desk, 50)
    holds(desk, -80, strategy_id=S2)
    resting(desk, "i", SELL, 50)
    resting(desk, "j", BUY, 80, strategy_id=S2)
    reduce_only(desk)
    assert wants(desk, "i", "j") == [0, 30]


def test_what_others_may_do_takes_no_room_of_a_strategy_that_is_stopped() -> None:
    """They go on, and open what they like; what closes must not wait for that."""
    desk = Desk()
    holds(desk, 10)
    resting(desk, "i", SELL, 10)
    resting(desk, "theirs", SELL, 50, strategy_id=S2)
    reduce_only(desk, f"strategy:{S1}")
    assert wants(desk, "i", "theirs") == [10, 50]
    closing = desk.parent("theirs").children[-1]
    desk.tell(trade(closing, 10, "t"))
    assert wants(desk, "i") == [0], "the account has nothing left"


def test_a_trigger_that_would_open_is_off_and_one_that_protects_stays() -> None:
    desk = Desk()
    holds(desk, 10)
    up, down = Atoms(PX + 300 * WHOLE), Atoms(PX - 300 * WHOLE)
    desk.tell(buy("opens", 10, px=None, ord_type=OrdType.STOP, stop_px=up))
    desk.tell(sell("protects", 10, px=None, ord_type=OrdType.STOP, stop_px=down))
    reduce_only(desk)
    assert (desk.parent("opens").stage, desk.parent("opens").end) == (Stage.CLOSED, ENDED)
    assert list(desk.state.watches) == ["stop/protects"]
    (new,) = new_orders(desk.fire("protects", ticks(59_700)))
    assert (new.qty, new.is_reduction) == (10, True)
    desk.check_replay()


def test_a_stop_for_more_than_is_held_waits_for_what_is_held() -> None:
    desk = Desk()
    holds(desk, 10)
    down = Atoms(PX - 300 * WHOLE)
    desk.tell(sell("flips", 15, px=None, ord_type=OrdType.STOP, stop_px=down))
    reduce_only(desk)
    assert (desk.parent("flips").stage, wants(desk, "flips")) == (Stage.ARMED, [10])
    (new,) = new_orders(desk.fire("flips", ticks(59_700)))
    assert new.qty == 10
    desk.check_replay()


def test_what_is_unknown_or_at_a_venue_that_is_away_is_cancelled_too() -> None:
    desk = Desk()
    placed = resting(desk, "i", BUY, 10)
    desk.tell(VenueDown(venue_id=A, why="gone"))
    assert cancels(reduce_only(desk)) == [placed.new.cl_ord_id]


def test_less_of_what_is_unknown_is_had_by_a_cancel() -> None:
    """It could be unknown for long, and a replace would have to wait for that."""
    desk = Desk()
    desk.equip()
    holds(desk, 10)
    sent = desk.place(sell("i", 15, px=PX + 500 * WHOLE)).new.cl_ord_id
    desk.tell(VenueDown(venue_id=A, why="gone"))
    assert cancels(reduce_only(desk)) == [sent]
    desk.reconcile(A)
    assert names(desk.tell(report(sent, ExecType.NEW, "n"))) == "", "once"
    (again,) = new_orders(desk.tell(report(sent, ExecType.CANCELED, "c")))
    assert (again.qty, again.is_reduction) == (10, True)
    desk.check_replay()


def test_less_of_what_is_suspended_is_had_by_a_cancel() -> None:
    """It may trade as soon as it goes on, and before its venue has said so."""
    desk = Desk()
    desk.equip()
    holds(desk, 10)
    sent = resting(desk, "i", SELL, 15).new.cl_ord_id
    desk.tell(report(sent, ExecType.SUSPENDED, "s"))
    assert cancels(reduce_only(desk)) == [sent]
    (again,) = new_orders(desk.tell(report(sent, ExecType.CANCELED, "c")))
    assert (again.qty, again.is_reduction) == (10, True)
    desk.check_replay()


def test_a_venue_that_will_not_make_it_smaller_has_it_cancelled() -> None:
    desk = Desk()
    desk.equip()
    holds(desk, 10)
    placed = resting(desk, "i", SELL, 15)
    (smaller,) = [c for c in reduce_only(desk) if isinstance(c, ReplaceOrder)]
    assert (smaller.qty, smaller.is_reduction) == (10, True)
    no = CancelRejected(cl_ord_id=smaller.cl_ord_id, orig_cl_ord_id=placed.new.cl_ord_id)
    assert cancels(desk.tell(no)) == [placed.new.cl_ord_id]
    desk.tell(report(placed.new.cl_ord_id, ExecType.CANCELED, "c"))
    assert desk.parent("i").end is ENDED
    desk.check_replay()


def test_a_venue_that_would_not_have_another_price_may_make_it_smaller() -> None:
    desk = Desk()
    desk.equip()
    holds(desk, 10)
    placed = resting(desk, "i", SELL, 15)
    commands = desk.tell(replace("r", "i", limit_px=Atoms(PX + 400 * WHOLE)))
    (nearer,) = [c for c in commands if isinstance(c, ReplaceOrder)]
    desk.tell(CancelRejected(cl_ord_id=nearer.cl_ord_id, orig_cl_ord_id=placed.new.cl_ord_id))
    (smaller,) = [c for c in reduce_only(desk) if isinstance(c, ReplaceOrder)]
    assert (smaller.qty, wants(desk, "i")) == (10, [10])
    desk.check_replay()


def test_a_venue_without_replace_gets_it_anew() -> None:
    desk = Desk()
    holds(desk, 10)
    placed = resting(desk, "i", SELL, 15)
    assert cancels(reduce_only(desk)) == [placed.new.cl_ord_id]
    (again,) = new_orders(desk.tell(report(placed.new.cl_ord_id, ExecType.CANCELED, "c")))
    assert (again.qty, again.is_reduction) == (10, True)
    desk.check_replay()


def test_a_replace_makes_what_reduces_smaller_and_nothing_larger() -> None:
    desk = Desk()
    desk.equip()
    holds(desk, 10)
    resting(desk, "i", SELL, 6)
    reduce_only(desk)
    assert "ReplaceOrder" in names(desk.tell(replace("r1", "i", qty=Atoms(4 * LOT))))
    placed = desk.order("i").new.cl_ord_id
    desk.tell(report(placed, ExecType.REPLACED, "v", version=1))
    assert names(desk.tell(replace("r2", "i", qty=Atoms(11 * LOT)))) == "Refuse"
    assert "ReplaceOrder" in names(desk.tell(replace("r3", "i", qty=Atoms(10 * LOT))))


def test_a_replace_on_its_way_makes_no_opener_larger() -> None:
    """It was agreed to before, and waits for the venue to know the order."""
    desk = Desk()
    desk.equip()
    placed = desk.place(buy("i", 10))
    desk.tell(replace("r", "i", qty=Atoms(20 * LOT)))
    assert cancels(reduce_only(desk)) == [placed.new.cl_ord_id]
    assert names(desk.tell(report(placed.new.cl_ord_id, ExecType.NEW, "n"))) == ""
    assert names(desk.tell(replace("r2", "i", qty=Atoms(1 * LOT)))) == "Refuse"


def test_a_fill_that_comes_late_takes_from_what_is_left() -> None:
    """Its cancel was confirmed, and it had traded before."""
    desk = Desk()
    desk.equip()
    holds(desk, 10)
    resting(desk, "i", SELL, 6)
    late = resting(desk, "j", SELL, 4)
    desk.tell(cancel("c", "j"))
    desk.tell(report(late.new.cl_ord_id, ExecType.CANCELED, "c"))
    resting(desk, "k", SELL, 4)
    reduce_only(desk)
    assert wants(desk, "i", "k") == [6, 4]
    desk.tell(trade(late.new.cl_ord_id, 3, "late"))
    assert wants(desk, "i", "k") == [6, 1]
    desk.check_replay()


def test_a_bust_takes_what_there_was_to_reduce_and_what_it_opens_again_ends() -> None:
    desk = Desk()
    opened = traded(desk, "i", BUY, 10)
    resting(desk, "s", SELL, 10)
    reduce_only(desk)
    assert wants(desk, "s") == [10]
    bust = report(opened.new.cl_ord_id, ExecType.TRADE_CANCEL, "b", exec_ref_id=ExecID("xi"))
    stopped = desk.tell(bust)
    assert len(cancels(stopped)) == 2
    assert wants(desk, "i", "s") == [0, 0]
    desk.check_replay()


def test_what_a_person_explains_away_is_not_there_to_reduce() -> None:
    desk = Desk()
    holds(desk, 10)
    resting(desk, "i", SELL, 10)
    reduce_only(desk)
    explained = adjustment("x", -10 * LOT, AssetID(AT_A.instrument_id))
    desk.tell(explained)
    assert wants(desk, "i") == [0]
    desk.check_replay()


def test_an_account_that_hedges_opens_with_all_that_is_not_reduce_only() -> None:
    desk = Desk()
    desk.tell(AccountOpened(account=MAIN, venue_ids=VENUES, hedging=True))
    opened = desk.place(buy("b", 10, instrument=AT_F))
    desk.tell(trade(opened.new.cl_ord_id, 10, "b1", ticks(60_000, AT_F)))
    resting(desk, "closes", SELL, 4, instrument=AT_F, reduce_only=True)
    resting(desk, "leg", SELL, 4, instrument=AT_F)
    reduce_only(desk)
    assert [desk.parent(i).is_stopped for i in ("leg", "closes")] == [True, False]


def test_what_is_not_ours_is_left_alone_and_counts() -> None:
    desk = Desk()
    desk.equip()
    holds(desk, 10)
    resting(desk, "i", SELL, 10)
    told = External(
        account=MAIN,
        instrument_id=AT_A.instrument_id,
        instrument_version=1,
        side=SELL,
        qty=Lots(4),
        limit_px=ticks(60_600),
    )
    desk.tell(report(ClOrdID("by-hand"), ExecType.NEW, "e", external=told))
    reduce_only(desk)
    assert wants(desk, "i") == [6]
    assert not desk.parent(f"external~{A}~by-hand").is_stopped


def test_it_holds_over_a_restart() -> None:
    desk = Desk()
    opener = traded(desk, "i", BUY, 10)
    reduce_only(desk)
    desk.tell(Opened(mode="paper", schema_version=1, decision_version=7, config_hash=""))
    for venue_id in VENUES:
        desk.reconcile(venue_id)
    busted = report(opener.new.cl_ord_id, ExecType.TRADE_CANCEL, "b", exec_ref_id=ExecID("xi"))
    assert cancels(desk.tell(busted)) == [opener.new.cl_ord_id]
    desk.check_replay()


def test_what_is_halted_meanwhile_is_not_cancelled() -> None:
    desk = Desk()
    desk.place(buy("i"))
    desk.tell(StateSet(scope="global", state=HALTED, reason="wait", source="test"))
    reduce_only(desk)
    assert wants(desk, "i") == [10], "the scope is HALTED, which is worse and cancels nothing"
    reduce_only(desk, f"account:{MAIN}")
    assert wants(desk, "i") == [0]


def test_a_report_that_moves_nothing_is_not_worth_a_look(monkeypatch: pytest.MonkeyPatch) -> None:
    """A thousand cancels are confirmed one by one."""
    desk = Desk()
    placed = [resting(desk, f"k{n}", BUY, 1) for n in range(3)]
    reduce_only(desk)

    def look(*_: object) -> None:
        raise AssertionError("looked at")

    monkeypatch.setattr("omnivenue.engine.follow.curb", look)
    for n, each in enumerate(placed):
        desk.tell(report(each.new.cl_ord_id, ExecType.CANCELED, f"c{n}"))
    with pytest.raises(AssertionError, match="looked at"):
        desk.tell(trade(placed[0].new.cl_ord_id, 1, "late"))


def turned_down(desk: Desk, order: Order) -> list[Command]:
    no = CancelRejected(cl_ord_id=order.cancels[-1], orig_cl_ord_id=order.new.cl_ord_id)
    return desk.tell(no)


def test_a_venue_that_will_not_cancel_is_asked_once_a_second() -> None:
    """It may say no as fast as it is asked; the first time because the order was not there yet."""
    desk = Desk()
    holds(desk, 10)
    placed = resting(desk, "i", SELL, 15)
    assert names(reduce_only(desk)) == "SetState AmendParent ReworkChild CancelOrder"
    assert names(turned_down(desk, placed)) == "ReworkChild CancelOrder"
    for _ in range(3):
        assert names(turned_down(desk, placed)) == "ArmTimer"
        assert names(desk.sweep()) == "DisarmTimer ArmTimer"
        desk.later(1)
        assert names(desk.wake("retry/i")) == "DisarmTimer ReworkChild CancelOrder"
    (again,) = new_orders(desk.tell(report(placed.new.cl_ord_id, ExecType.CANCELED, "c")))
    assert (again.qty, again.is_reduction) == (10, True)
    desk.check_replay()


@pytest.mark.parametrize("told", [ExecType.NEW, ExecType.TRIGGERED, ExecType.SUSPENDED])
def test_what_was_over_and_rests_after_all_ends(told: ExecType) -> None:
    """Its venue had rejected it, and has it all the same."""
    desk = Desk()
    sent = desk.place(buy("i", 10, px=PX - 500 * WHOLE)).new.cl_ord_id
    desk.tell(report(sent, ExecType.REJECTED, "r"))
    reduce_only(desk)
    assert desk.parent("i").end is EndReason.REJECTED
    assert cancels(desk.tell(report(sent, told, "n"))) == [sent]
    assert wants(desk, "i") == [0]
    desk.check_replay()


ALGO = Twap(horizon=Nanos(10 * SECOND), interval=Nanos(SECOND))


def twap(side: Side, lots: int = 100, **more: Any) -> Any:
    px = PX + side.sign * 100 * WHOLE
    return msgspec.structs.replace(order("i", side, lots, px=px, **more), algo=ALGO)


def fills(desk: Desk, commands: list[Command]) -> list[int]:
    news = new_orders(commands)
    for new in news:
        desk.tell(trade(new.cl_ord_id, new.qty, new.cl_ord_id, fee=0))
    return [new.qty for new in news]


def test_an_algorithm_that_opens_ends() -> None:
    desk = Desk()
    (part,) = new_orders(desk.tell(twap(BUY)))
    assert cancels(reduce_only(desk)) == [part.cl_ord_id]
    desk.tell(report(part.cl_ord_id, ExecType.CANCELED, "c"))
    whole = desk.state.composites[OrderID("i")]
    assert (whole.stage, whole.end) == (Stage.CLOSED, ENDED)
    assert desk.state.timers.keys().isdisjoint({"slice/i", "retry/i"})
    desk.check_replay()


def test_between_two_slices_nothing_of_it_is_out_and_it_ends_too() -> None:
    desk = Desk()
    fills(desk, desk.tell(twap(BUY)))
    reduce_only(desk)
    assert desk.state.composites[OrderID("i")].end is ENDED
    assert desk.state.exposures[MAIN][AT_A.instrument_id].buys == 0


def test_an_algorithm_that_reduces_goes_on_until_nothing_is_left() -> None:
    desk = Desk()
    holds(desk, 35)
    sent = fills(desk, desk.tell(twap(SELL)))
    reduce_only(desk)
    whole = desk.state.composites[OrderID("i")]
    while not whole.is_over:
        desk.later(1)
        sent += fills(desk, desk.wake("slice/i"))
    assert (sent, whole.end) == ([10, 10, 10, 5], ENDED)
    assert desk.state.exposures[MAIN][AT_A.instrument_id].net == 0
    desk.check_replay()


def over_two_venues() -> tuple[Floor, list[Any]]:
    floor = Floor()
    floor.books_are(((60_001, 10),), ((60_001, 10),))
    return floor, new_orders(floor.tell(smart("i", 20)))


def test_an_order_over_venues_that_opens_ends() -> None:
    floor, parts = over_two_venues()
    assert sorted(cancels(reduce_only(floor))) == sorted(part.cl_ord_id for part in parts)
    for part in parts:
        floor.ended(part, ExecType.CANCELED)
    assert floor.whole("i").end is ENDED
    floor.check_replay()


def test_of_one_venue_only_its_part_ends_and_the_rest_goes_on_elsewhere() -> None:
    floor, parts = over_two_venues()
    (at_a,) = [part for part in parts if part.venue_id == A]
    assert cancels(reduce_only(floor, f"venue:{A}")) == [at_a.cl_ord_id]
    floor.books_are(((60_001, 10),), ((60_001, 100),))
    (again,) = new_orders(floor.ended(at_a, ExecType.CANCELED))
    assert (again.venue_id, again.qty) == (B, 10)
    assert floor.whole("i").stage is Stage.WORKING


def test_an_order_over_venues_closes_where_there_is_something() -> None:
    """Short at one of them: the part there stays, that at the other would open a long position."""
    floor = Floor()
    holds(floor, -10)
    floor.books_are(((60_001, 10),), ((60_001, 10),))
    parts = new_orders(floor.tell(smart("i", 20)))
    assert [(part.venue_id, part.qty) for part in parts] == [(A, 10), (B, 10)]
    assert cancels(reduce_only(floor)) == [parts[1].cl_ord_id]
    assert new_orders(floor.ended(parts[1], ExecType.CANCELED)) == []
    floor.fill(parts[0])
    assert (floor.whole("i").end, floor.whole("i").filled) == (ENDED, 10 * LOT)
    floor.check_replay()
