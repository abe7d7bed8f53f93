"""A TWAP at work: its children, its timers, its place within the limits, and how it ends."""

from typing import Any

import pytest
from msgspec.structs import replace

from omnivenue.engine import decode_state, step
from omnivenue.message import (
    BeginSlice,
    EndReason,
    ExecType,
    InstrumentsListed,
    LimitsSet,
    OrderInstructed,
    PauseInstructed,
    Refuse,
    StateSet,
    Twap,
    VenueDown,
    encode,
)
from omnivenue.model import (
    SECOND,
    Atoms,
    InstructionID,
    InstrumentID,
    LimitName,
    Limits,
    Lots,
    Nanos,
    OrderID,
    Side,
    TimeInForce,
    TradingState,
)
from omnivenue.oms import Composite, Stage
from omnivenue.runtime import Recorder
from scene import (
    AT_A,
    LOT,
    MAIN,
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
    order,
    report,
    trade,
)

ID = OrderID("i")


def twap(lots: int = 100, px: int | None = 60_100, **more: Any) -> OrderInstructed:
    """Ten seconds, a child each second."""
    made = order("i", lots=lots, px=None if px is None else px * WHOLE)
    algo = Twap(horizon=Nanos(10 * SECOND), interval=Nanos(SECOND))
    tif = TimeInForce.IOC if px is None else TimeInForce.GTC
    return replace(made, tif=tif, algo=algo, **more)


def pause(key: str, *, is_over: bool = False, order_id: str = "i") -> PauseInstructed:
    return PauseInstructed(
        instruction_id=InstructionID(key),
        body_hash=f"{is_over}",
        order_id=OrderID(order_id),
        is_over=is_over,
    )


class Clock(Desk):
    """Fills each child at once, unless a test takes that over."""

    fills = True

    def tick(self, seconds: int = 1) -> list[int]:
        """Lots that the slice sends."""
        self.later(seconds)
        return self.sent(self.wake("slice/i")) if "slice/i" in self.state.timers else []

    def sent(self, commands: list[Any]) -> list[int]:
        news = new_orders(commands)
        for new in news:
            if self.fills:
                self.tell(trade(new.cl_ord_id, new.qty, new.cl_ord_id, fee=0))
        return [new.qty for new in news]

    @property
    def whole(self) -> Composite:
        return self.state.composites[ID]


@pytest.fixture
def clock() -> Clock:
    return Clock()


def test_a_child_a_second_and_the_remainder_with_the_last(clock: Clock) -> None:
    sent = clock.sent(clock.tell(twap(103)))
    while not clock.whole.is_over:
        sent += clock.tick()
    assert sent == [10] * 9 + [13]
    assert clock.at == 9 * SECOND
    assert (clock.whole.end, clock.whole.filled) == (EndReason.FILLED, 103 * LOT)
    assert "slice/i" not in clock.state.timers
    clock.check_replay()


def test_it_holds_its_place_within_the_limits(clock: Clock) -> None:
    clock.sent(clock.tell(twap(100)))
    exposure = clock.state.exposure(MAIN, AT_A.instrument_id)
    assert (exposure.net, exposure.buys) == (10 * LOT, 90 * LOT)
    clock.tick()
    assert (exposure.net, exposure.buys) == (20 * LOT, 80 * LOT)
    clock.tell(cancel("c", "i"))
    assert (exposure.net, exposure.buys) == (20 * LOT, 0)
    assert clock.whole.end is EndReason.CANCELLED
    clock.check_replay()


@pytest.mark.holds("I14")
def test_what_it_reserves_is_within_the_limit_of_a_position(clock: Clock) -> None:
    """Eighty BTC in all; ten thousand lots are one, and an order has sixteen at most."""
    for n in range(5):
        clock.sent(clock.tell(replace(twap(160_000), instruction_id=InstructionID(f"k{n}"))))
    (refuse,) = clock.tell(twap(160_000))
    assert isinstance(refuse, Refuse)
    assert [r.code for r in refuse.reasons] == ["RISK-007", "RISK-008"]


def test_its_children_are_no_more_than_may_be_open(clock: Clock) -> None:
    clock.fills = False
    few = Limits(limits=(limit(LimitName.OPEN_ORDERS, 3),))
    clock.tell(LimitsSet(limits=few, from_file=False))
    sent = clock.sent(clock.tell(twap(100)))
    for _ in range(4):
        sent += clock.tick()
    assert sent == [10, 10, 10]
    clock.tell(cancel("c", "i~0"))
    (first,) = clock.state.parents[OrderID("i~0")].children
    assert new_orders(clock.tell(report(first, ExecType.CANCELED, "e"))), "one has ended"
    clock.check_replay()


def test_each_child_is_a_message_and_as_many_as_the_pace_allows(clock: Clock) -> None:
    slow = Limits(limits=(limit(LimitName.ORDERS_PER_MINUTE, 3),))
    clock.tell(LimitsSet(limits=slow, from_file=False))
    sent = clock.sent(clock.tell(twap(100)))
    for _ in range(5):
        sent += clock.tick()
    assert sent == [10, 10, 10]
    (refuse,) = clock.tell(buy("b"))
    assert isinstance(refuse, Refuse), "they are counted for others too"
    assert clock.tick(61) == [30]
    clock.check_replay()


def test_two_do_not_claim_the_same_position_to_reduce(clock: Clock) -> None:
    clock.sent(clock.tell(buy("b", lots=30)))
    (first, second) = (
        replace(twap(30, 59_000), instruction_id=InstructionID(key), side=Side.SELL)
        for key in ("i", "j")
    )
    clock.sent(clock.tell(replace(first, reduce_only=True)))
    (refuse,) = clock.tell(replace(second, reduce_only=True))
    assert isinstance(refuse, Refuse)
    while not clock.whole.is_over:
        clock.tick()
    assert clock.whole.filled == 30 * LOT


def test_what_a_child_leaves_is_caught_up_by_the_next(clock: Clock) -> None:
    clock.fills = False
    (new,) = new_orders(clock.tell(twap(100, None)))
    clock.tell(trade(new.cl_ord_id, 4, "x", fee=0))
    clock.fills = True
    (again,) = new_orders(clock.tell(report(new.cl_ord_id, ExecType.EXPIRED, "e", cum_qty=Lots(4))))
    assert again.qty == 6, "in the same slice"
    clock.tell(trade(again.cl_ord_id, 6, "y", fee=0))
    assert clock.tick() == [10]


def test_what_rests_counts_as_under_way(clock: Clock) -> None:
    clock.fills = False
    assert clock.sent(clock.tell(twap(100))) == [10]
    assert clock.tick() == [10]
    assert len(clock.whole.live) == 2
    for _ in range(8):
        assert clock.tick() == [10]
    assert not clock.whole.is_over, "what rests may still trade"


def test_after_an_outage_it_catches_up_in_part_and_says_what_is_left(clock: Clock) -> None:
    clock.sent(clock.tell(twap(100)))
    assert clock.tick(60) == [30], "three slices' worth, and no more"
    assert clock.whole.number == 9, "its time is over"
    assert (clock.whole.end, clock.whole.filled) == (EndReason.UNFILLED, 40 * LOT)
    clock.check_replay()


def test_children_that_a_venue_ends_all_at_once_do_not_go_out_again_at_once(clock: Clock) -> None:
    """As when its dead-man switch has cancelled everything: it is caught up in part."""
    clock.fills = False
    clock.sent(clock.tell(twap(100)))
    for _ in range(8):
        clock.tick()
    first = [order.new.cl_ord_id for order in clock.state.orders.values()][:8]
    for cl_ord_id in first:
        clock.tell(report(cl_ord_id, ExecType.NEW, f"n{cl_ord_id}"))
    clock.later(1)
    clock.sweep()
    ended = tuple(report(c, ExecType.CANCELED, f"c{c}") for c in first)
    orders = tuple(held_to_be(c, 0, ExecType.CANCELED) for c in first)
    told = answer(A, clock.last_query(), clock.at, reports=ended, orders=orders)
    assert clock.sent(clock.tell(told)) == [20], "ten of this slice are there already"
    assert clock.sent(clock.wake("slice/i")) == [30]
    clock.check_replay()


@pytest.mark.holds("L1")
def test_the_last_slice_waits_for_its_venue_to_be_open(clock: Clock) -> None:
    """As after a start: its timer is overdue, and nobody has been asked yet what happened."""
    clock.sent(clock.tell(twap(100)))
    clock.tell(VenueDown(venue_id=A, why="a restart"))
    assert clock.tick(60) == []
    assert clock.whole.stage is Stage.WORKING
    clock.later(5)
    assert clock.sent(clock.wake("retry/i")) == []
    clock.reconcile(A)
    clock.later(5)
    assert clock.sent(clock.wake("retry/i")) == [30]
    assert (clock.whole.end, clock.whole.filled) == (EndReason.UNFILLED, 40 * LOT)
    assert "retry/i" not in clock.state.timers
    clock.check_replay()


def test_paused_it_sends_nothing_and_then_goes_on_where_it_was(clock: Clock) -> None:
    clock.sent(clock.tell(twap(100)))
    clock.tell(pause("p"))
    assert "slice/i" not in clock.state.timers
    clock.later(100)
    assert not new_orders(clock.tell(pause("r", is_over=True)))
    assert clock.tick() == [10], "the pause is no time that was missed"
    clock.check_replay()


def test_twice_paused_is_paused_and_resumed_it_is_not(clock: Clock) -> None:
    clock.sent(clock.tell(twap(100)))
    clock.tell(pause("p"))
    clock.later(5)
    clock.tell(pause("q"))
    clock.later(5)
    clock.tell(pause("r", is_over=True))
    clock.tell(pause("s", is_over=True))
    assert clock.tick() == [10]


@pytest.mark.parametrize("key", ["i", "j", "nobody"])
def test_only_an_algorithm_that_works_is_paused(clock: Clock, key: str) -> None:
    clock.sent(clock.tell(twap(100)))
    clock.tell(buy("j"))
    clock.tell(cancel("c", "i"))
    (refuse,) = clock.tell(pause("p", order_id=key))
    assert isinstance(refuse, Refuse)
    assert refuse.reasons[0].code == ("ORD-001" if key == "i" else "ORD-009")


def test_fewer_children_where_there_is_too_little_for_more(clock: Clock) -> None:
    sent = clock.sent(clock.tell(twap(5)))  # five lots are thirty dollars; five is the least
    while not clock.whole.is_over:
        sent += clock.tick()
    assert sent == [1] * 5
    assert clock.at == 4 * SECOND


@pytest.mark.parametrize("px", [60_100, None])
def test_no_child_is_worth_less_than_its_venue_takes(clock: Clock, px: int | None) -> None:
    more = replace(AT_A, version=2, min_notional=Atoms(50 * WHOLE))  # nine lots
    clock.tell(InstrumentsListed(instruments=(more,)))
    sent = clock.sent(clock.tell(twap(20, px)))
    while not clock.whole.is_over:
        sent += clock.tick()
    assert sent == [10, 10]


def test_relisted_as_what_cannot_be_split_it_waits_and_is_left(clock: Clock) -> None:
    smart = replace(twap(100), instrument_id=InstrumentID("SMART:SPOT_PAIR:BTC-USDT"))
    clock.sent(clock.tell(smart))
    clock.tell(InstrumentsListed(instruments=(replace(AT_A, version=2, multiplier=3),)))
    assert clock.tick(9) == []
    assert (clock.whole.end, clock.whole.filled) == (EndReason.DUST, 10 * LOT)


def test_a_kill_ends_it(clock: Clock) -> None:
    clock.sent(clock.tell(twap(100)))
    clock.tell(StateSet(scope="global", state=TradingState.KILLED, reason="r", source="http"))
    assert (clock.whole.stage, clock.whole.end) == (Stage.CLOSED, EndReason.KILLED)
    assert clock.tick() == []


def test_a_kill_of_its_venue_ends_it(clock: Clock) -> None:
    """Else it would go on by itself once the venue is armed again."""
    clock.sent(clock.tell(twap(100)))
    scope = f"venue:{A}"
    clock.tell(StateSet(scope=scope, state=TradingState.KILLED, reason="r", source="http"))
    assert (clock.whole.stage, clock.whole.end) == (Stage.CLOSED, EndReason.KILLED)
    clock.check_replay()


def test_halted_it_waits_and_catches_up_in_part(clock: Clock) -> None:
    clock.sent(clock.tell(twap(100)))
    clock.tell(StateSet(scope="global", state=TradingState.HALTED, reason="r", source="http"))
    assert clock.tick() == []
    assert clock.whole.stage is Stage.WORKING


def test_a_gtd_twap_ends_at_its_time(clock: Clock) -> None:
    at = Nanos(clock.at + 3 * SECOND + SECOND // 2)
    clock.sent(clock.tell(replace(twap(100), tif=TimeInForce.GTD, expire_at=at)))
    clock.tick()
    clock.at = at
    clock.wake("expire/i")
    assert clock.whole.end is EndReason.EXPIRED


def test_over_venues_each_slice_is_routed(clock: Clock) -> None:
    smart = replace(twap(100), instrument_id=InstrumentID("SMART:SPOT_PAIR:BTC-USDT"))
    (new,) = new_orders(clock.tell(smart))
    assert (new.venue_id, new.qty) == (A, 10)


def test_it_goes_into_a_snapshot_and_comes_back(clock: Clock) -> None:
    clock.sent(clock.tell(twap(100)))
    clock.tick()
    assert decode_state(encode(clock.state)) == clock.state


def test_it_leaves_state_with_its_parts_and_comes_back_for_a_late_fact(clock: Clock) -> None:
    (first,) = new_orders(clock.tell(twap(100)))
    clock.tell(trade(first.cl_ord_id, 10, "x", fee=0))
    clock.tell(cancel("c", "i"))
    assert clock.whole.is_over
    clock.later(301)
    clock.tell(buy("other"))
    clock.later(10)
    assert "Evict" in names(clock.wake("evict"))
    assert ID not in clock.state.composites
    assert OrderID("i~0") not in clock.state.parents
    clock.tell(trade(first.cl_ord_id, 1, "late", fee=0))
    assert clock.whole.filled == 11 * LOT
    assert OrderID("i~0") in clock.state.parents
    clock.check_replay()


def test_slices_are_numbered(clock: Clock) -> None:
    begun = [c.number for c in clock.tell(twap(100)) if isinstance(c, BeginSlice)]
    assert begun == [0]


@pytest.mark.holds("I5")
def test_a_restart_from_a_snapshot_knows_which_part_is_the_newest(clock: Clock) -> None:
    """By what began when, and not by name: the tenth stands there before the second."""
    clock.fills = False
    algo = Twap(horizon=Nanos(12 * SECOND), interval=Nanos(SECOND))
    clock.sent(clock.tell(replace(twap(120, px=59_000), algo=algo)))
    while not clock.whole.has_begun_all:
        clock.tick()
    first = clock.state.parents[clock.whole.parts[0]].children[0]
    again = clock.tell(report(first, ExecType.CANCELED, "c"))
    assert clock.sent(again) == [10], "it goes out once more"
    late = trade(first, 10, "late")
    twin, at = decode_state(encode(clock.state)), Nanos(clock.at)
    decided = step(twin, at, late, Recorder(clock.books, at))
    assert clock.tell(late) == decided
    assert [i for i in clock.whole.live if clock.state.parents[i].is_stopped] == ["i~12"]
