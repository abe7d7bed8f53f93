"""One order over several venues, against trying every split there is."""

from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from derivatives import INVERSE
from omnivenue.model import Atoms, InstrumentID, Lots, Side, Ticks, VenueID
from omnivenue.route import Offer, Split, is_too_little, resting_place, split
from scene import AT_A, WHOLE

LOT = AT_A.lot
ALL = 10**30


def offer(
    name: str,
    levels: list[tuple[int, int]],
    *,
    taker_bps: int = 0,
    maker_bps: int = 0,
    room: int = ALL,
    min_qty: int = 1,
) -> Offer:
    """`levels` in whole USDT and lots."""
    instrument = replace(
        AT_A,
        instrument_id=InstrumentID(f"{name}:SPOT_PAIR:BTC-USDT"),
        venue_id=VenueID(name),
        taker_bps=taker_bps,
        maker_bps=maker_bps,
        min_qty=Lots(min_qty),
        min_notional=Atoms(0),
    )
    ticks = [(Ticks(px * WHOLE // AT_A.tick), Lots(lots)) for px, lots in levels]
    return Offer(instrument=instrument, levels=tuple(ticks), room=room)


def parts(found: Split) -> dict[str, int]:
    return {leg.instrument_id.partition(":")[0]: leg.qty // LOT for leg in found.legs}


@pytest.mark.covers("P1", "P3")
def test_the_cheapest_levels_of_all_books_are_taken_fees_counted() -> None:
    offers = [
        offer("A", [(100, 3), (103, 9)]),
        offer("B", [(101, 4), (102, 9)]),
        offer("C", [(99, 100)], taker_bps=500),  # 103.95 with its fee
    ]
    found = split(offers, Side.BUY, 10 * LOT, None)
    assert parts(found) == {"A": 3, "B": 7}
    assert found.left == 0
    assert [leg.worst_px for leg in found.legs] == [100 * WHOLE, 102 * WHOLE]
    assert found.passed_over == (("C:SPOT_PAIR:BTC-USDT", "dearer than the others"),)


def test_what_is_too_little_is_told_by_the_notional() -> None:
    """Of 100 USD a lot, settled in BTC: as an amount all of them would be too little."""
    thin = replace(INVERSE, min_notional=Atoms(250 * WHOLE))
    found = [is_too_little(thin, n * thin.lot, 60_000 * WHOLE) for n in (2, 3)]
    assert found == [True, False]


def test_a_limit_leaves_what_is_dearer() -> None:
    offers = [offer("A", [(100, 3), (103, 9)]), offer("B", [(101, 4)])]
    found = split(offers, Side.BUY, 20 * LOT, 101 * WHOLE)
    assert (parts(found), found.left) == ({"A": 3, "B": 4}, 13 * LOT)
    sold = split([offer("A", [(100, 3), (99, 9)])], Side.SELL, 20 * LOT, 100 * WHOLE)
    assert (parts(sold), sold.left) == ({"A": 3}, 17 * LOT)


def test_less_than_a_venues_minimum_goes_to_the_others() -> None:
    offers = [offer("A", [(100, 3)], min_qty=5), offer("B", [(101, 20)])]
    found = split(offers, Side.BUY, 10 * LOT, None)
    assert parts(found) == {"B": 10}
    why = "its part would be less than the minimum there"
    assert found.passed_over == (("A:SPOT_PAIR:BTC-USDT", why),)


def test_what_is_left_goes_to_a_venue_whose_part_was_too_little_beside_the_others() -> None:
    offers = [offer("A", [(100, 1), (102, 9)], min_qty=2), offer("B", [(101, 9)], min_qty=3)]
    assert parts(split(offers, Side.BUY, 2 * LOT, None)) == {"A": 2}
    deep = [offer("A", [(100, 1), (102, 9)], min_qty=4), offer("B", [(101, 5)])]
    assert parts(split(deep, Side.BUY, 9 * LOT, None)) == {"A": 4, "B": 5}


def test_nobody_gets_more_than_the_account_can_pay_for_there() -> None:
    offers = [offer("A", [(100, 50)], room=4 * LOT + 1), offer("B", [(101, 50)], room=0)]
    found = split(offers, Side.BUY, 10 * LOT, None)
    assert (parts(found), found.left) == ({"A": 4}, 6 * LOT)
    assert dict(found.passed_over)[InstrumentID("B:SPOT_PAIR:BTC-USDT")].startswith("the account")


def test_what_no_book_has_rests_where_a_maker_pays_least_and_there_is_room() -> None:
    offers = [
        offer("A", [], maker_bps=1, room=5 * LOT),
        offer("B", [], maker_bps=2),
        offer("C", [], maker_bps=3),
    ]
    none_yet = split(offers, Side.BUY, 10 * LOT, 100 * WHOLE)
    assert resting_place(offers, 10 * LOT, 100 * WHOLE, taken=none_yet) == "B:SPOT_PAIR:BTC-USDT"
    assert resting_place(offers, 5 * LOT, 100 * WHOLE, taken=none_yet) == "A:SPOT_PAIR:BTC-USDT"
    assert resting_place(offers, LOT - 1, 100 * WHOLE, taken=none_yet) is None


def test_what_no_book_has_rests_where_it_is_asked_to_and_takes_from_the_others_for_it() -> None:
    """At the limit, after all that trades; of less than a part is, others get less."""
    offers = [offer("A", [(99, 6)], room=6 * LOT), offer("B", [(100, 2), (103, 9)], min_qty=5)]
    found = split(
        offers, Side.BUY, 10 * LOT, 101 * WHOLE, rests_at=offers[1].instrument.instrument_id
    )
    assert (parts(found), found.left) == ({"A": 5, "B": 5}, 0)
    traded, rests = found.legs
    assert (traded.worst_px, rests.worst_px) == (99 * WHOLE, 101 * WHOLE)
    assert rests.cost == 2 * LOT * 100 * WHOLE // 10**8, "of what trades at once"


levels = st.lists(st.tuples(st.integers(90, 110), st.integers(1, 4)), max_size=3)


@given(
    books=st.lists(st.tuples(levels, st.integers(0, 300)), min_size=1, max_size=3),
    side=st.sampled_from(list(Side)),
    qty=st.integers(1, 8),
)
def test_no_other_split_of_these_books_is_cheaper(
    books: list[tuple[list[tuple[int, int]], int]], side: Side, qty: int
) -> None:
    offers = [
        offer(
            name,
            sorted(dict(of).items(), reverse=side is Side.SELL),
            taker_bps=fee,
        )
        for name, (of, fee) in zip("ABC", books, strict=False)
    ]
    found = split(offers, side, qty * LOT, None)
    total = sum(leg.cost for leg in found.legs)
    done = sum(leg.qty for leg in found.legs)
    room = sum(lots for each in offers for _, lots in each.levels)
    assert done == min(qty, room) * LOT
    for counts in product(range(qty + 1), repeat=len(offers)):
        if sum(counts) * LOT == done and all(map(_has, offers, counts)):
            other = sum(map(lambda o, n: _cost(o, side, n), offers, counts))
            slack = 2 * len(offers) * 4  # each level's amount and fee are rounded against us
            assert (total - other) * side.sign <= slack


@given(
    books=st.lists(
        st.tuples(levels, st.integers(0, 300), st.integers(1, 5)), min_size=1, max_size=3
    ),
    side=st.sampled_from(list(Side)),
    qty=st.integers(1, 10),
)
def test_nothing_is_left_that_one_of_them_would_take(
    books: list[tuple[list[tuple[int, int]], int, int]], side: Side, qty: int
) -> None:
    offers = [
        offer(name, sorted(dict(of).items(), reverse=side is Side.SELL), taker_bps=fee, min_qty=n)
        for name, (of, fee, n) in zip("ABC", books, strict=False)
    ]
    found = split(offers, side, qty * LOT, None)
    taken = {leg.instrument_id for leg in found.legs}
    others = [each for each in offers if each.instrument.instrument_id not in taken]
    assert not found.left or not any(split([o], side, found.left, None).legs for o in others)
    assert {name for name, _ in found.passed_over} == {o.instrument.instrument_id for o in others}


def _has(of: Offer, lots: int) -> bool:
    return sum(found for _, found in of.levels) >= lots


def _cost(of: Offer, side: Side, lots: int) -> int:
    one = replace(of, levels=of.levels)
    found = split([one], side, lots * LOT, None) if lots else None
    return 0 if found is None else sum(leg.cost for leg in found.legs)
