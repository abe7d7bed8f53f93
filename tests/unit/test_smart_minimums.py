"""An order over venues near what each of them takes at least: no rest where there need be none, and
why there is one where there must."""

import pytest
from msgspec.structs import replace

from omnivenue.message import (
    AccountOpened,
    InstrumentsListed,
    LimitsSet,
    OrderInstructed,
    Route,
    VenueListed,
)
from omnivenue.model import (
    QTY_UNIT,
    Atoms,
    InstrumentID,
    LimitName,
    Limits,
    Lots,
    TimeInForce,
    VenueID,
)
from omnivenue.oms import Stage
from omnivenue.route import division
from omnivenue.wire.describe import route_document
from scene import (
    AT_A,
    BTC,
    COLLAR,
    FULL,
    LOT,
    MAIN,
    USDT,
    VENUES,
    WHOLE,
    A,
    B,
    deposit,
    limit,
    listed,
    new_orders,
)
from smart_floor import AT_B, Floor, smart

AT_LEAST = 5


@pytest.fixture
def floor() -> Floor:
    """Nobody takes less than five lots."""
    made = Floor()
    of = [replace(each, version=2, min_qty=Lots(AT_LEAST)) for each in (AT_A, AT_B)]
    made.tell(InstrumentsListed(instruments=tuple(of)))
    return made


def market(lots: int) -> OrderInstructed:
    return replace(smart("i", lots, None), tif=TimeInForce.IOC)


def routed(floor: Floor, order: OrderInstructed) -> tuple[dict[str, int], Route]:
    commands = floor.tell(order)
    (route, *_) = [each for each in commands if isinstance(each, Route)]
    return {new.venue_id: new.qty for new in new_orders(commands)}, route


@pytest.mark.covers("P3")
@pytest.mark.parametrize(
    ("a", "b", "lots", "parts"),
    [
        (((60_000, 6),), ((60_010, 50),), 10, {A: 5, B: 5}),  # a lot moves from the cheaper
        (((60_000, 6), (60_020, 9)), ((60_010, 50),), 10, {A: 5, B: 5}),  # all at one is dearer
        (((60_000, 7),), ((60_010, 50),), 13, {A: 7, B: 6}),  # none has to
        (((60_000, 9), (60_020, 9)), ((60_010, 3),), 11, {A: 11}),  # nobody takes three
        (((60_000, 6),), ((60_010, 4), (60_030, 50)), 7, {B: 7}),  # six and one, or five and two
    ],
)
def test_a_little_is_moved_so_that_nothing_is_left(
    floor: Floor,
    a: tuple[tuple[int, int], ...],
    b: tuple[tuple[int, int], ...],
    lots: int,
    parts: dict[str, int],
) -> None:
    floor.books_are(a, b)
    found, route = routed(floor, market(lots))
    assert (found, route.left, route.why_left) == (parts, 0, "")
    for leg in route.legs:
        assert leg.qty >= AT_LEAST * LOT
    floor.check_replay()


def test_why_something_is_left_stands_in_the_timeline(floor: Floor) -> None:
    floor.books_are(((60_000, 6),), ((60_010, 6),))
    found, route = routed(floor, market(9))
    assert (found, route.left) == ({A: 6}, 3 * LOT), "two parts would be ten"
    shown = route_document(route, floor.state.instruments)
    assert (shown["left"], shown["why_left"]) == (
        "0.0003",
        "no venue takes so little of one order, and no other division leaves less",
    )
    ((_, why),) = route.passed_over
    assert why == "its part would be less than the minimum there"
    assert floor.whole("i").stage is Stage.WORKING
    floor.check_replay()


def test_what_no_book_has_is_no_matter_of_minimums(floor: Floor) -> None:
    floor.books_are(((60_000, 6),), ((60_010, 6),))
    found, route = routed(floor, market(15))
    assert (found, route.left) == ({A: 6, B: 6}, 3 * LOT)
    assert route.why_left.startswith("no book has more within the limit")


@pytest.mark.covers("P3")
def test_what_rests_may_take_from_what_trades(floor: Floor) -> None:
    """One venue may have six lots of ours, and the other none of four."""
    most = limit(LimitName.POSITION_QTY, 6 * QTY_UNIT // 10_000, f"instrument:{AT_A.instrument_id}")
    floor.tell(LimitsSet(limits=Limits(limits=(COLLAR, most)), from_file=False))
    floor.books_are(((60_000, 6),), ((60_200, 4),))
    found, route = routed(floor, smart("i", 10))
    assert (found, route.left) == ({A: 5, B: 5}, 0)
    assert [leg.px for leg in route.legs] == [60_000 * WHOLE, 60_100 * WHOLE]
    assert route.legs[1].cost == 0, "nothing of it trades at once"
    floor.check_replay()


def test_what_rests_goes_where_nothing_is_left_also_if_a_maker_pays_more_there(
    floor: Floor,
) -> None:
    """The cheaper one takes ten lots or twenty, and not fifteen."""
    coarse = replace(AT_A, version=3, maker_bps=0, lot=Atoms(10 * LOT))
    floor.tell(InstrumentsListed(instruments=(coarse, replace(AT_B, version=3, maker_bps=2))))
    floor.books_are(((60_200, 50),), ((60_200, 50),))
    found, route = routed(floor, smart("i", 15))
    assert (found, route.left) == ({B: 15}, 0)
    floor.check_replay()


CROWD = 32
"""As many as an order may name."""


@pytest.fixture
def crowd() -> tuple[Floor, tuple[InstrumentID, ...]]:
    """Each has ten lots, is let have nine at most, and takes no less than eight."""
    floor = Floor()
    venues = [VenueID(f"V{n:02}") for n in range(CROWD)]
    there = tuple(listed(v, BTC, min_qty=Lots(8)) for v in venues)
    floor.tell(InstrumentsListed(instruments=there))
    for venue in venues:
        floor.tell(VenueListed(venue_id=venue, capabilities=FULL))
    floor.tell(AccountOpened(account=MAIN, venue_ids=(*VENUES, *venues)))
    for venue in venues:
        floor.tell(deposit(MAIN, venue, USDT, 10_000_000 * WHOLE))
        floor.reconcile(venue)
    of = [f"instrument:{each.instrument_id}" for each in there]
    most = [limit(LimitName.POSITION_QTY, 9 * QTY_UNIT // 10_000, each) for each in of]
    floor.tell(LimitsSet(limits=Limits(limits=(COLLAR, *most)), from_file=False))
    floor.asks |= {each: tuple((60_000 + n, 1) for n in range(10)) for each in there}
    floor.quote()
    return floor, tuple(each.instrument_id for each in there)


@pytest.mark.parametrize("px", [None, 60_005, 60_100])
def test_a_crowd_of_venues_holds_the_loop_for_no_longer_than_it_may(
    crowd: tuple[Floor, tuple[InstrumentID, ...]],
    monkeypatch: pytest.MonkeyPatch,
    px: int | None,
) -> None:
    """Each was asked for 256 divisions, as often as risk refused a part, and for each place to rest
    at: half a second."""
    floor, names = crowd
    made: list[object] = []
    one = division.Division

    def counted(*given: object) -> division.Division:
        made.append(None)
        return one(*given)  # pyright: ignore[reportArgumentType]

    monkeypatch.setattr(division, "Division", counted)
    order = market(263) if px is None else smart("i", 263, px)
    found, route = routed(floor, replace(order, candidates=names))
    assert len(made) < 1_500
    assert found, "something can be had in so few, too"
    assert all(8 <= lots <= 9 for lots in found.values())
    assert route.left == (263 - sum(found.values())) * LOT
    floor.check_replay()
