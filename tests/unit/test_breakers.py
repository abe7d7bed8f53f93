"""What stops trading by itself: which limit, how far, in which scope, and what it cancels."""

import pytest

from brackets import SL, TP, ack, bracket
from omnivenue.engine.breakers import ORDERS_MIN
from omnivenue.message import (
    Alert,
    CancelOrder,
    Command,
    EndReason,
    ExecType,
    LimitsSet,
    RearmAsked,
)
from omnivenue.model import (
    SECOND,
    SHARE_UNIT,
    Atoms,
    ClOrdID,
    Limit,
    LimitName,
    Limits,
    Nanos,
    OrdType,
    TradingState,
)
from omnivenue.oms import Stage
from scene import (
    AT_A,
    AT_B,
    COLLAR,
    PX,
    S1,
    S2,
    WHOLE,
    A,
    Desk,
    answer,
    buy,
    held_to_be,
    limit,
    names,
    new_orders,
    quote,
    report,
    trade,
)
from smart_floor import Floor, smart

pytestmark = [pytest.mark.covers("P9", "X3"), pytest.mark.holds("T34", "T31")]

HALTED, KILLED = TradingState.HALTED, TradingState.KILLED
AT_VENUE = f"venue:{A}"


def limited(*limits: Limit) -> Desk:
    desk = Desk()
    desk.tell(LimitsSet(limits=Limits(limits=(COLLAR, *limits)), from_file=False))
    return desk


def states(desk: Desk) -> dict[str, tuple[TradingState, str]]:
    return {scope: (s.state, s.source) for scope, s in desk.state.stopped.items()}


def alerts(commands: list[Command]) -> list[str]:
    return [c.topic for c in commands if isinstance(c, Alert)]


def rests(desk: Desk, key: str = "i") -> None:
    placed = desk.place(buy(key))
    desk.tell(report(placed.new.cl_ord_id, ExecType.NEW, f"n{key}"))


def silence(desk: Desk, seconds: int) -> None:
    """Time passes, and the market of A says nothing; that of B goes on."""
    desk.at += seconds * SECOND
    desk.books.update(quote(desk.at, 3_000, AT_B), Nanos(desk.at))


def test_a_feed_that_stops_halts_its_venue_and_takes_the_orders_out() -> None:
    """Also where nothing is held: what rests in a market that nobody sees is what is at risk."""
    desk = limited(limit(LimitName.STALE_FEED, 1))
    rests(desk)
    silence(desk, 30)
    commands = desk.wake("mark")
    assert states(desk) == {AT_VENUE: (HALTED, "stale_feed")}
    assert alerts(commands) == ["stale_feed has tripped"]
    assert [type(c) for c in commands].count(CancelOrder) == 1
    desk.tell(report(desk.order("i").new.cl_ord_id, ExecType.CANCELED, "c"))
    assert desk.parent("i").end is EndReason.HALTED
    desk.check_replay()


def test_it_is_looked_at_as_long_as_an_order_works() -> None:
    desk = limited(limit(LimitName.STALE_FEED, 1))
    rests(desk)
    for _ in range(3):
        desk.later(1)
        desk.wake("mark")
        assert "mark" in desk.state.timers
    desk.tell(report(desk.order("i").new.cl_ord_id, ExecType.CANCELED, "c"))
    desk.later(1)
    desk.wake("mark")
    assert "mark" not in desk.state.timers
    assert states(desk) == {}


def test_what_protects_a_position_stays() -> None:
    desk = limited(limit(LimitName.STALE_FEED, 1))
    (new,) = new_orders(desk.tell(bracket(lots=10)))
    desk.tell(trade(new.cl_ord_id, 4, "e1"))
    ack(desk, TP)
    silence(desk, 30)
    desk.wake("mark")
    assert desk.parent("i").is_stopped
    assert desk.parent(TP).stage is Stage.WORKING
    assert desk.parent(SL).stage is Stage.ARMED


def test_a_venue_that_rejects_too_much_is_halted() -> None:
    desk = limited(limit(LimitName.REJECT_RATE, SHARE_UNIT // 2))
    for n in range(ORDERS_MIN):
        assert states(desk) == {}
        placed = desk.place(buy(f"k{n}"))
        desk.tell(report(placed.new.cl_ord_id, ExecType.REJECTED, f"r{n}", text="no"))
    assert states(desk) == {AT_VENUE: (HALTED, "reject_rate")}
    desk.tell(buy("late"))
    assert [reason.code for reason in desk.parent("late").reasons] == ["RISK-014"]


def test_rejects_that_are_learned_of_by_asking_count_as_well() -> None:
    """Each once, though the venue's own word comes after all, with other words."""
    desk = limited(limit(LimitName.REJECT_RATE, SHARE_UNIT // 2))
    ids = [desk.place(buy(f"k{n}")).new.cl_ord_id for n in range(ORDERS_MIN)]
    some, rest = ids[: ORDERS_MIN // 2], ids[ORDERS_MIN // 2 :]

    def asked(ids: list[ClOrdID]) -> None:
        desk.later(3)
        desk.sweep(A)
        orders = tuple(held_to_be(i, 0, ExecType.REJECTED) for i in ids)
        desk.tell(answer(A, desk.last_query(), desk.at, orders=orders))

    asked(some)
    for n, cl_ord_id in enumerate(some):
        desk.tell(report(cl_ord_id, ExecType.REJECTED, f"r{n}", text="no"))
    assert states(desk) == {}, "half of them"
    asked(rest[:1])
    assert states(desk) == {AT_VENUE: (HALTED, "reject_rate")}
    desk.check_replay()


def test_too_many_unknown_halt_their_venue() -> None:
    desk = limited(limit(LimitName.UNKNOWN_COUNT, 1))
    for key in ("i", "j"):
        desk.place(buy(key))
    desk.later(3)
    desk.sweep(A)
    desk.tell(answer(A, desk.last_query(), desk.at))
    assert states(desk) == {AT_VENUE: (HALTED, "unknown_count")}


def test_a_clock_that_is_off_halts_its_venue() -> None:
    desk = limited(limit(LimitName.CLOCK_OFFSET, SECOND // 4))
    desk.later(10)
    desk.sweep(A)
    desk.tell(answer(A, desk.last_query(), desk.at + SECOND // 2))
    assert states(desk) == {AT_VENUE: (HALTED, "clock_offset")}


def test_a_strategy_that_repeats_itself_is_killed_alone() -> None:
    desk = limited(limit(LimitName.REPEATED_EXECUTION, 5))
    for n in range(5):
        rests(desk, f"k{n}")
    commands = desk.tell(buy("k5"))
    assert [reason.code for reason in desk.parent("k5").reasons] == ["RISK-028"]
    assert states(desk) == {f"strategy:{S1}": (KILLED, "repeated_execution")}
    assert [type(c) for c in commands].count(CancelOrder) == 5
    assert names(desk.tell(buy("other", strategy_id=S2))).startswith("Accept")
    desk.later(60)
    desk.tell(buy("later"))
    assert [reason.code for reason in desk.parent("later").reasons] == ["RISK-013"], "until armed"


def test_one_that_repeats_itself_over_venues_is_killed_as_well() -> None:
    floor = Floor()
    limits = (COLLAR, limit(LimitName.REPEATED_EXECUTION, 5))
    floor.tell(LimitsSet(limits=Limits(limits=limits), from_file=False))
    for n in range(5):
        floor.tell(smart(f"k{n}", 10))
        assert states(floor) == {}
    floor.tell(smart("k5", 10))
    assert [reason.code for reason in floor.whole("k5").reasons] == ["RISK-028"]
    assert states(floor) == {f"strategy:{S1}": (KILLED, "repeated_execution")}
    assert all(floor.whole(f"k{n}").stage is Stage.STOPPING for n in range(5))
    floor.check_replay()


def test_once_armed_again_it_may_trip_again() -> None:
    desk = limited(limit(LimitName.STALE_FEED, 1))
    rests(desk)
    silence(desk, 30)
    desk.wake("mark")
    desk.tell(report(desk.order("i").new.cl_ord_id, ExecType.CANCELED, "c"))
    desk.later(1)
    desk.tell(RearmAsked(scope=AT_VENUE, reason="it is back"))
    desk.tell(answer(A, desk.last_query(), desk.at))
    assert states(desk) == {}
    rests(desk, "j")
    silence(desk, 30)
    assert alerts(desk.wake("mark")) == ["stale_feed has tripped"]
    assert states(desk) == {AT_VENUE: (HALTED, "stale_feed")}
    assert AT_A.instrument_id in desk.state.stopped[AT_VENUE].reason


def test_a_stop_that_waits_for_a_market_it_cannot_see_halts_the_venue() -> None:
    """It would never fire, and nobody would know."""
    desk = limited(limit(LimitName.STALE_FEED, 1))
    desk.tell(buy("s", px=None, ord_type=OrdType.STOP, stop_px=Atoms(PX + 500 * WHOLE)))
    assert desk.parent("s").stage is Stage.ARMED
    silence(desk, 30)
    desk.wake("mark")
    assert states(desk) == {AT_VENUE: (HALTED, "stale_feed")}


def test_a_limit_that_is_set_while_orders_work_counts_at_once() -> None:
    desk = Desk()
    rests(desk)
    silence(desk, 30)
    assert "mark" not in desk.state.timers
    limits = Limits(limits=(COLLAR, limit(LimitName.STALE_FEED, 1)))
    desk.tell(LimitsSet(limits=limits, from_file=False))
    desk.wake("mark")
    assert states(desk) == {AT_VENUE: (HALTED, "stale_feed")}
