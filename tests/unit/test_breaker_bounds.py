"""Where breakers begin: at what is above the tightest limit, and not for what is no sign yet."""

import pytest

from omnivenue.engine.breakers import ORDERS_MIN
from omnivenue.message import ExecType, LimitsSet, VenueDown
from omnivenue.model import SECOND, SHARE_UNIT, Limit, LimitName, Limits, TradingState
from scene import COLLAR, A, Desk, answer, buy, limit, report

pytestmark = pytest.mark.covers("P5")

AT_VENUE = f"venue:{A}"


def limited(*limits: Limit) -> Desk:
    desk = Desk()
    desk.tell(LimitsSet(limits=Limits(limits=(COLLAR, *limits)), from_file=False))
    return desk


def sources(desk: Desk) -> dict[str, str]:
    assert all(s.state is TradingState.HALTED for s in desk.state.stopped.values())
    return {scope: stopped.source for scope, stopped in desk.state.stopped.items()}


def rejected(desk: Desk, count: int, of: int) -> None:
    for n in range(of):
        placed = desk.place(buy(f"k{n}"))
        if n >= of - count:
            no = report(placed.new.cl_ord_id, ExecType.REJECTED, f"r{n}", text="no")
            desk.tell(no)


@pytest.mark.parametrize(
    ("count", "of", "trips"),
    [
        (ORDERS_MIN - 1, ORDERS_MIN - 1, False),  # too few to say anything
        (ORDERS_MIN // 2, ORDERS_MIN, False),  # at the limit
        (ORDERS_MIN // 2 + 1, ORDERS_MIN, True),
    ],
)
def test_rejects_count_as_a_share_of_enough_orders(count: int, of: int, trips: bool) -> None:
    desk = limited(limit(LimitName.REJECT_RATE, SHARE_UNIT // 2))
    rejected(desk, count, of)
    assert sources(desk) == ({AT_VENUE: "reject_rate"} if trips else {})


@pytest.mark.parametrize("offset", [-1, 1])
@pytest.mark.parametrize(("by", "trips"), [(SECOND // 4, False), (SECOND // 4 + 1, True)])
def test_a_clock_may_be_off_by_so_much_either_way(offset: int, by: int, trips: bool) -> None:
    desk = limited(limit(LimitName.CLOCK_OFFSET, SECOND // 4))
    desk.later(10)
    desk.sweep(A)
    desk.tell(answer(A, desk.last_query(), desk.at + offset * by))
    assert sources(desk) == ({AT_VENUE: "clock_offset"} if trips else {})


def unknown(desk: Desk) -> None:
    desk.place(buy("i"))
    desk.later(3)
    desk.sweep(A)


@pytest.mark.parametrize("tight", ["global", AT_VENUE])
def test_the_tightest_limit_holds(tight: str) -> None:
    loose = AT_VENUE if tight == "global" else "global"
    desk = limited(
        limit(LimitName.UNKNOWN_COUNT, 0, tight), limit(LimitName.UNKNOWN_COUNT, 5, loose)
    )
    unknown(desk)
    desk.tell(answer(A, desk.last_query(), desk.at))
    assert sources(desk) == {AT_VENUE: "unknown_count"}


def test_while_a_venue_is_away_what_is_on_its_way_trips_nothing() -> None:
    desk = limited(limit(LimitName.UNKNOWN_COUNT, 0))
    desk.place(buy("i"))
    desk.tell(VenueDown(venue_id=A, why="gone"))
    desk.later(1)
    desk.state.marks_due = True
    desk.tell(buy("j"))
    desk.later(1)
    desk.wake("mark")
    assert sources(desk) == {}
