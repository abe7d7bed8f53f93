"""A quantity over venues that take nothing or a minimum, against trying every division there is."""

from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from omnivenue.model import BPS, Atoms, InstrumentID, Lots, Side, VenueID
from omnivenue.route import Offer, Split, is_too_little, split
from scene import AT_A, WHOLE, ticks

UNIT = AT_A.lot
"""Atoms; lots are a few of them."""


@st.composite
def offers(draw: st.DrawFn, side: Side, name: str, lot: int) -> Offer:
    pxs = draw(st.lists(st.integers(1, 12), max_size=3, unique=True))
    levels = [(ticks(px), Lots(draw(st.integers(1, 5)))) for px in pxs]
    instrument = replace(
        AT_A,
        instrument_id=InstrumentID(f"{name}:SPOT_PAIR:BTC-USDT"),
        venue_id=VenueID(name),
        lot=Atoms(lot * UNIT),
        taker_bps=draw(st.sampled_from([0, 10, 500])),
        min_qty=Lots(draw(st.integers(1, 6))),
        min_notional=Atoms(draw(st.sampled_from([0, 20, 45])) * AT_A.notional_floor(UNIT, WHOLE)),
    )
    room = draw(st.just(10**30) | st.integers(0, 20 * UNIT))
    in_order = sorted(levels, reverse=side is Side.SELL)
    return Offer(instrument=instrument, levels=tuple(in_order), room=room)


@st.composite
def floors(draw: st.DrawFn, lots: st.SearchStrategy[int]) -> tuple[Side, list[Offer]]:
    side = draw(st.sampled_from(Side))
    names = "ABC"[: draw(st.integers(1, 3))]
    return side, [draw(offers(side, name, draw(lots))) for name in names]


def px_of(offer: Offer, lots: int) -> int | None:
    """The worst that so many meet; None where there are not so many."""
    for px, there in offer.levels:
        lots -= there
        if lots <= 0:
            return offer.px(px)
    return None


def takes(offer: Offer, lots: int) -> bool:
    if not lots:
        return True
    atoms, px = offer.instrument.atoms(Lots(lots)), px_of(offer, lots)
    return px is not None and atoms <= offer.room and not is_too_little(offer.instrument, atoms, px)


def cost(offer: Offer, side: Side, lots: int) -> int:
    """In no unit: by it one division is dearer than another."""
    found, fee = 0, BPS + side.sign * offer.instrument.taker_bps
    for px, there in offer.levels:
        found += side.sign * min(lots, there) * offer.px(px) * fee
        lots -= min(lots, there)
    return found


def all_divisions(floor: list[Offer], qty: int) -> list[tuple[int, ...]]:
    there = [
        [n for n in range(sum(lots for _, lots in each.levels) + 1) if takes(each, n)]
        for each in floor
    ]
    return [lots for lots in product(*there) if atoms_of(floor, lots) <= qty]


def atoms_of(floor: list[Offer], lots: tuple[int, ...]) -> int:
    return sum(each.instrument.atoms(Lots(n)) for each, n in zip(floor, lots, strict=True))


def lots_of(floor: list[Offer], found: Split) -> tuple[int, ...]:
    by = {leg.instrument_id: leg.qty for leg in found.legs}
    return tuple(by.get(o.instrument.instrument_id, 0) // o.instrument.lot for o in floor)


def cost_of(floor: list[Offer], side: Side, lots: tuple[int, ...]) -> int:
    return sum(cost(each, side, n) for each, n in zip(floor, lots, strict=True))


@pytest.mark.covers("P3")
@given(floors(st.integers(1, 5)), st.integers(1, 40))
def test_nothing_is_left_that_another_division_would_not_leave(
    floor: tuple[Side, list[Offer]], units: int
) -> None:
    """Also where lots are of different sizes."""
    side, there = floor
    qty = units * UNIT
    found = split(there, side, qty, None)
    lots = lots_of(there, found)
    assert all(map(takes, there, lots))
    assert found.left == qty - atoms_of(there, lots)
    assert found.left == min(qty - atoms_of(there, each) for each in all_divisions(there, qty))
    assert bool(found.why_left) is bool(found.left)


@pytest.mark.covers("P3")
@given(floors(st.just(1)), st.integers(1, 30))
def test_and_of_those_that_leave_as_little_none_is_cheaper(
    floor: tuple[Side, list[Offer]], units: int
) -> None:
    side, there = floor
    qty = units * UNIT
    found = split(there, side, qty, None)
    divisions = all_divisions(there, qty - found.left)
    costs = [
        cost_of(there, side, each)
        for each in divisions
        if atoms_of(there, each) == qty - found.left
    ]
    assert cost_of(there, side, lots_of(there, found)) == min(costs)


@given(floors(st.integers(1, 5)), st.integers(1, 40))
def test_it_depends_on_what_is_offered_and_not_on_its_order(
    floor: tuple[Side, list[Offer]], units: int
) -> None:
    side, there = floor
    found = split(there, side, units * UNIT, None)
    assert split(there[::-1], side, units * UNIT, None) == found
