"""SMART: one order over several venues, its parts, and what becomes of it when they fail."""

from typing import Any

import pytest
from msgspec.structs import replace

from omnivenue.market import Quote
from omnivenue.message import (
    CancelRejected,
    EndReason,
    ExecType,
    ExecutionReport,
    InstrumentsListed,
    LimitsSet,
    NewOrder,
    OrderInstructed,
    Refuse,
    ReplaceOrder,
    Route,
    StateSet,
)
from omnivenue.model import (
    QTY_UNIT,
    SECOND,
    ExecID,
    InstructionID,
    LimitName,
    Limits,
    Lots,
    Nanos,
    OrdType,
    Side,
    TimeInForce,
    TradingState,
)
from omnivenue.oms import Stage
from scene import (
    AT_A,
    AT_F,
    COLLAR,
    LOT,
    PX,
    WHOLE,
    A,
    B,
    F,
    buy,
    cancel,
    cancel_all,
    limit,
    listed,
    names,
    new_orders,
    order,
    report,
    ticks,
    trade,
)
from scene import BTC as BTC_ASSET
from scene import replace as replace_order
from smart_floor import AT_B, SMART, Floor, gtd, smart

AT_BOTH = (AT_A.instrument_id, AT_B.instrument_id)


@pytest.fixture
def floor() -> Floor:
    return Floor()


def market(key: str, lots: int) -> OrderInstructed:
    return replace(smart(key, lots, None), tif=TimeInForce.IOC)


def busted(new: NewOrder) -> ExecutionReport:
    ref = ExecID(f"{new.cl_ord_id}-{new.qty}")
    return report(new.cl_ord_id, ExecType.TRADE_CANCEL, "b", exec_ref_id=ref)


def by_venue(commands: list[Any]) -> dict[str, int]:
    return {new.venue_id: new.qty for new in new_orders(commands)}


@pytest.mark.covers("P1", "P3")
def test_it_takes_the_cheapest_levels_of_all_books(floor: Floor) -> None:
    floor.books_are(((60_000, 3), (60_020, 50)), ((60_010, 4), (60_030, 50)))
    commands = floor.tell(smart("i", 10))
    assert by_venue(commands) == {A: 6, B: 4}
    assert {new.parent_id for new in new_orders(commands)} == {"i~0", "i~1"}
    for new in new_orders(commands):
        floor.fill(new)
    whole = floor.whole("i")
    assert (whole.stage, whole.end, whole.filled) == (Stage.CLOSED, EndReason.FILLED, 10 * LOT)
    floor.check_replay()


def test_why_it_went_there_is_written_down(floor: Floor) -> None:
    floor.books_are(((60_000, 30),), ((60_010, 4),))
    (route,) = [c for c in floor.tell(smart("i", 10)) if isinstance(c, Route)]
    (leg,) = route.legs
    assert (leg.instrument_id, leg.qty, leg.px) == (AT_A.instrument_id, 10 * LOT, 60_000 * WHOLE)
    assert leg.cost == 10 * LOT * 60_000 * 1001 // 1000, "with ten basis points of fee"
    assert route.passed_over == ((AT_B.instrument_id, "dearer than the others, or the limit"),)
    assert [what for _, _, what in floor.whole("i").timeline] == [
        "order_instructed",
        "accept",
        "begin_slice",
        "route",
    ]


def test_what_no_book_has_rests_where_a_maker_pays_least(floor: Floor) -> None:
    floor.books_are(((60_000, 3),), ((60_200, 4),))
    assert by_venue(floor.tell(smart("i", 10))) == {A: 3, B: 7}


def test_what_one_venue_rejects_goes_to_the_other(floor: Floor) -> None:
    floor.books_are(((60_000, 30),), ((60_010, 40),))
    (first,) = new_orders(floor.tell(smart("i", 10)))
    assert first.venue_id == A
    reject = report(first.cl_ord_id, ExecType.REJECTED, "r", text="SIM_REJECT")
    (second,) = new_orders(floor.tell(reject))
    assert (second.venue_id, second.qty) == (B, 10)
    (route,) = [r for _, r in floor.whole("i").routes[1:]]
    assert route.passed_over == ((AT_A.instrument_id, "the part before was rejected there"),)
    floor.fill(second)
    assert floor.whole("i").end is EndReason.FILLED
    floor.check_replay()


def test_a_market_order_goes_out_again_for_what_was_left(floor: Floor) -> None:
    (first,) = new_orders(floor.tell(market("i", 10)))
    floor.fill(first, 4)
    (second,) = new_orders(floor.ended(first, ExecType.EXPIRED, 4))
    assert second.qty == 6
    floor.fill(second)
    assert floor.whole("i").end is EndReason.FILLED


def test_what_nobody_has_any_more_is_no_dust(floor: Floor) -> None:
    """Also of a market order, which has no price to be worth too little at."""
    floor.books_are(((60_000, 4),), ((60_000, 4),))
    first, second = new_orders(floor.tell(market("i", 2_000)))
    floor.books_are((), ())
    floor.fill(first)
    floor.fill(second)
    whole = floor.whole("i")
    assert (whole.end, whole.filled) == (EndReason.UNFILLED, 8 * LOT)


def test_it_does_not_go_out_for_ever(floor: Floor) -> None:
    sent = new_orders(floor.tell(market("i", 10)))
    for _ in range(20):
        if not sent:
            break
        sent = new_orders(floor.ended(sent[0], ExecType.EXPIRED))
    whole = floor.whole("i")
    assert len(whole.parts) == 4
    assert (whole.stage, whole.end) == (Stage.CLOSED, EndReason.EXPIRED)


def test_a_cancel_ends_all_parts_and_starts_none(floor: Floor) -> None:
    floor.books_are(((60_000, 3),), ((60_010, 4),))
    news = new_orders(floor.tell(smart("i", 20)))
    for new in news:
        floor.tell(report(new.cl_ord_id, ExecType.NEW, f"n{new.cl_ord_id}"))
    commands = floor.tell(cancel("c", "i"))
    assert names(commands).count("CancelOrder") == 2
    for new in news:
        assert not new_orders(floor.ended(new, ExecType.CANCELED))
    assert (floor.whole("i").stage, floor.whole("i").end) == (Stage.CLOSED, EndReason.CANCELLED)
    floor.check_replay()


@pytest.mark.parametrize("which", [{}, {"venue_id": A}, {"strategy_id": "s1"}, {"account": "main"}])
def test_cancel_all_means_it_too(floor: Floor, which: dict[str, Any]) -> None:
    (new,) = new_orders(floor.tell(smart("i", 10)))
    assert new.venue_id == A
    floor.tell(cancel_all("c", **which))
    assert floor.whole("i").stage is Stage.STOPPING


def test_each_part_is_cancelled_once_with_the_whole(floor: Floor) -> None:
    (new,) = new_orders(floor.tell(smart("i", 10)))
    floor.tell(report(new.cl_ord_id, ExecType.NEW, "n"))
    assert names(floor.tell(cancel_all("c"))).count("CancelOrder") == 1
    assert floor.state.requests[InstructionID("c")].targets == ("i", "i~0")
    kill = StateSet(scope="global", state=TradingState.KILLED, reason="r", source="http")
    assert names(floor.tell(kill)).count("CancelOrder") == 1


def test_a_kill_ends_it_and_it_begins_nothing(floor: Floor) -> None:
    (new,) = new_orders(floor.tell(smart("i", 10)))
    kill = StateSet(scope="strategy:s1", state=TradingState.KILLED, reason="r", source="http")
    assert "CancelOrder" in names(floor.tell(kill))
    assert not new_orders(floor.ended(new, ExecType.CANCELED))
    assert floor.whole("i").end is EndReason.KILLED


def test_a_venue_that_is_stopped_is_gone_around(floor: Floor) -> None:
    (new,) = new_orders(floor.tell(smart("i", 10)))
    kill = StateSet(
        scope=f"venue:{new.venue_id}", state=TradingState.KILLED, reason="r", source="h"
    )
    floor.tell(kill)
    (other,) = new_orders(floor.ended(new, ExecType.CANCELED))
    assert other.venue_id != new.venue_id
    (third,) = new_orders(floor.tell(smart("j", 10)))
    assert third.venue_id == other.venue_id


def test_nobody_takes_it_and_the_reasons_are_all_of_theirs(floor: Floor) -> None:
    floor.books.update(Quote(instrument_id=AT_A.instrument_id, bids=(), asks=(), at=Nanos(0)))
    floor.at += 60 * 10**9
    (refuse,) = [c for c in floor.tell(market("i", 10)) if isinstance(c, Refuse)]
    (reason,) = refuse.reasons
    assert reason.code == "ORD-008"
    assert f"{AT_A.instrument_id}: the feed is stale" in reason.value
    assert f"{AT_B.instrument_id}: the feed is stale" in reason.value
    floor.check_replay()


def test_a_market_order_is_split_where_no_venue_can_pay_for_all_of_it(floor: Floor) -> None:
    """By what it is held at, five per cent above the touch, and not by what it will cost."""
    floor.tell(LimitsSet(limits=Limits(limits=(COLLAR,)), from_file=False))
    floor.books_are(((60_000, 10**7),), ((60_000, 10**7),))
    sent = by_venue(floor.tell(market("i", 2_500_000)))  # 250 BTC; ten million pay for 158 of them
    assert set(sent) == {A, B}
    assert sum(sent.values()) == 2_500_000
    assert max(sent.values()) < 1_590_000
    floor.check_replay()


@pytest.mark.covers("P3", "P5")
def test_what_is_too_much_for_one_venues_limit_is_split(floor: Floor) -> None:
    floor.books_are(((60_000, 10**6),), ((60_001, 10**6),))
    each = (limit(LimitName.POSITION_QTY, 2 * QTY_UNIT, f"instrument:{i}") for i in AT_BOTH)
    floor.tell(LimitsSet(limits=Limits(limits=(COLLAR, *each)), from_file=False))
    commands = floor.tell(smart("i", 30_000))  # three BTC; two may be held at each
    assert by_venue(commands) == {A: 20_000, B: 10_000}
    (route,) = [c for c in commands if isinstance(c, Route)]
    ((name, why),) = route.passed_over
    assert name == AT_A.instrument_id
    assert why.startswith("no more than that there: the position could become too large")
    floor.check_replay()


def test_what_only_reduces_is_split_as_the_position_is(floor: Floor) -> None:
    for instrument in (AT_A, AT_B):
        (new,) = new_orders(floor.tell(buy(instrument.venue_id, 5, instrument=instrument, px=PX)))
        floor.fill(new)
    made = order("i", Side.SELL, lots=10, px=59_900 * WHOLE)
    sent = floor.tell(replace(made, instrument_id=SMART, reduce_only=True))
    assert by_venue(sent) == {A: 5, B: 5}


def test_splitting_does_not_get_around_a_limit_of_the_order(floor: Floor) -> None:
    lots = 1_700_000 // 6  # more than a million USDT in all, and less at each venue
    floor.books_are(((60_000, lots // 2),), ((60_000, lots // 2),))
    (refuse,) = [c for c in floor.tell(smart("i", lots)) if isinstance(c, Refuse)]
    assert [r.code for r in refuse.reasons] == ["RISK-006"]


def test_nor_where_the_first_venue_has_no_price(floor: Floor) -> None:
    at_f = listed(F, BTC_ASSET)
    floor.tell(InstrumentsListed(instruments=(at_f,)))
    floor.at += 60 * SECOND
    lots = 1_700_000 // 6
    floor.asks = {AT_B: ((60_000, lots // 2),), at_f: ((60_000, lots // 2),)}
    floor.quote()
    (refuse,) = [c for c in floor.tell(market("i", lots)) if isinstance(c, Refuse)]
    assert [r.code for r in refuse.reasons] == ["RISK-006"]


@pytest.mark.parametrize(
    "terms",
    [
        {"ord_type": OrdType.STOP, "stop_px": 61_000 * WHOLE},
        {"tif": TimeInForce.FOK},
        {"oco": "g"},
    ],
)
def test_what_has_no_meaning_over_venues_is_said(floor: Floor, terms: dict[str, Any]) -> None:
    (refuse,) = [c for c in floor.tell(replace(smart("i", 10), **terms)) if isinstance(c, Refuse)]
    assert refuse.reasons[0].code == "ORD-007"


def post_only(key: str) -> OrderInstructed:
    return replace(smart(key, 10), post_only=True)


def test_what_must_not_take_goes_to_no_venue_that_cannot_promise_it(floor: Floor) -> None:
    """It might trade there after all. Venues A and B cannot, unless they are equipped."""
    (refuse,) = [c for c in floor.tell(post_only("i")) if isinstance(c, Refuse)]
    assert [(r.code, r.value) for r in refuse.reasons] == [("ORD-002", "post-only")]
    floor.equip(A)
    commands = floor.tell(post_only("j"))
    assert by_venue(commands) == {A: 10}
    (route,) = [c for c in commands if isinstance(c, Route)]
    assert route.passed_over == ((AT_B.instrument_id, "the venue has no such orders: post-only"),)


def test_what_is_over_before_it_begins_is_refused(floor: Floor) -> None:
    past = replace(gtd(floor, 60_100), expire_at=Nanos(floor.at))
    (refuse,) = [c for c in floor.tell(past) if isinstance(c, Refuse)]
    assert [r.code for r in refuse.reasons] == ["ORD-003"]


def test_candidates_of_other_types_are_the_clients_choice(floor: Floor) -> None:
    chosen = (AT_F.instrument_id, AT_B.instrument_id)
    floor.books_are(((50_000, 10**6),), ((60_050, 50),))
    commands = floor.tell(replace(smart("i", 100), candidates=chosen))
    assert {new.instrument_id for new in new_orders(commands)} <= set(chosen)
    assert new_orders(commands)


def test_neither_it_nor_its_parts_are_replaced(floor: Floor) -> None:
    floor.tell(smart("i", 10))
    for n, name in enumerate(("i", "i~0")):
        (refuse,) = floor.tell(replace_order(f"r{n}", name, limit_px=60_050 * WHOLE))
        assert isinstance(refuse, Refuse)
        assert refuse.reasons[0].code in {"ORD-007", "ORD-010"}


def test_a_key_is_used_by_it(floor: Floor) -> None:
    floor.tell(smart("i", 10))
    assert floor.tell(smart("i", 10)) == []
    assert floor.tell(buy("i")) == []


@pytest.mark.holds("I11")
def test_a_late_fill_of_a_part_opens_it_again(floor: Floor) -> None:
    (new,) = new_orders(floor.tell(smart("i", 10)))
    floor.tell(cancel("c", "i"))
    floor.ended(new, ExecType.CANCELED)
    assert floor.whole("i").is_over
    floor.fill(new, 10)
    whole = floor.whole("i")
    assert whole.filled == 10 * LOT
    assert whole.is_over
    floor.check_replay()


@pytest.mark.holds("I2", "I11")
@pytest.mark.parametrize(("late", "left"), [(6, 0), (4, 2)])
def test_a_late_fill_takes_from_what_was_sent_in_its_place(
    floor: Floor, late: int, left: int
) -> None:
    floor.equip(A)
    floor.equip(B)
    (first,) = new_orders(floor.tell(smart("i", 10)))
    floor.fill(first, 4)
    (second,) = new_orders(floor.ended(first, ExecType.CANCELED, 4))
    assert second.qty == 6
    floor.tell(report(second.cl_ord_id, ExecType.NEW, "n"))
    late_fill = trade(first.cl_ord_id, late, "late", px=ticks(60_001), fee=0)
    commands = floor.tell(late_fill)
    if left:
        (smaller,) = [c for c in commands if isinstance(c, ReplaceOrder)]
        assert smaller.qty == left
    else:
        assert "CancelOrder" in names(commands)
        assert not new_orders(floor.ended(second, ExecType.CANCELED))
        assert floor.whole("i").end is EndReason.FILLED
    floor.check_replay()


@pytest.mark.holds("L1", "I15")
def test_a_part_that_its_venue_will_not_make_smaller_is_cancelled(floor: Floor) -> None:
    """Once it has said no: asked again it would say so again, as fast as it can."""
    floor.equip(A)
    floor.equip(B)
    (first,) = new_orders(floor.tell(smart("i", 10)))
    floor.fill(first, 4)
    (second,) = new_orders(floor.ended(first, ExecType.CANCELED, 4))
    floor.tell(report(second.cl_ord_id, ExecType.NEW, "n"))
    late = trade(first.cl_ord_id, 4, "late", px=ticks(60_001), fee=0)
    (asked,) = [c for c in floor.tell(late) if isinstance(c, ReplaceOrder)]
    no = CancelRejected(cl_ord_id=asked.cl_ord_id, orig_cl_ord_id=second.cl_ord_id, text="no")
    commands = floor.tell(no)
    assert not [c for c in commands if isinstance(c, ReplaceOrder)]
    assert "CancelOrder" in names(commands)
    assert not new_orders(floor.ended(second, ExecType.CANCELED)), "both have ended a part"
    assert (floor.whole("i").end, floor.whole("i").filled) == (EndReason.NOTHING_LEFT, 8 * LOT)
    floor.check_replay()


def test_a_bust_of_a_part_lets_it_work_on(floor: Floor) -> None:
    (new,) = new_orders(floor.tell(smart("i", 10)))
    floor.fill(new)
    assert floor.whole("i").end is EndReason.FILLED
    floor.tell(busted(new))
    whole = floor.whole("i")
    assert (whole.stage, whole.filled) == (Stage.WORKING, 0)
    assert list(whole.live) == ["i~0"]
    floor.check_replay()


def test_what_its_venue_ends_at_its_time_does_not_go_out_again(floor: Floor) -> None:
    (new,) = new_orders(floor.tell(gtd(floor, 59_000)))
    floor.later(3)
    assert not new_orders(floor.ended(new, ExecType.EXPIRED))
    assert (floor.whole("i").stage, floor.whole("i").end) == (Stage.CLOSED, EndReason.EXPIRED)
    assert "expire/i" not in floor.state.timers


def test_what_a_bust_brings_back_still_ends_at_its_time(floor: Floor) -> None:
    (new,) = new_orders(floor.tell(gtd(floor, 60_100)))
    floor.fill(new)
    assert "expire/i" not in floor.state.timers
    floor.tell(busted(new))
    (again,) = new_orders(floor.ended(new, ExecType.CANCELED))
    assert "expire/i" in floor.state.timers, "nothing else would ever end the new part"
    floor.later(3)
    floor.wake("expire/i")
    assert "expire/i" not in floor.state.timers, "once"
    assert not new_orders(floor.ended(again, ExecType.CANCELED))
    assert floor.whole("i").end is EndReason.EXPIRED
    floor.check_replay()


def test_selling_takes_the_dearest_bids(floor: Floor) -> None:
    for instrument, px in ((AT_A, 59_990), (AT_B, 59_995)):
        floor.books.update(
            Quote(
                instrument_id=instrument.instrument_id,
                bids=((ticks(px), Lots(50)),),
                asks=((ticks(60_001), Lots(50)),),
                at=Nanos(floor.at),
            )
        )
    made = replace(order("i", Side.SELL, lots=10, px=59_900 * WHOLE), instrument_id=SMART)
    (new,) = new_orders(floor.tell(made))
    assert new.venue_id == A, "nothing of the asset is at the other"
