"""The book reads like a plain dict that is sorted at every question."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from omnivenue.market import Book, Level
from omnivenue.model import Lots, Side, Ticks

type Change = tuple[Side, int, int]

SIDES = st.sampled_from(Side)
CHANGES = st.lists(st.tuples(SIDES, st.integers(1, 12), st.integers(0, 3)), max_size=60)


def level(px: int, qty: int) -> Level:
    return Ticks(px), Lots(qty)


def book_of(*changes: Change) -> Book:
    book = Book()
    for side, px, qty in changes:
        book.set_level(side, Ticks(px), Lots(qty))
    return book


def sorted_plainly(changes: list[Change], side: Side) -> list[Level]:
    lots = {px: qty for at, px, qty in changes if at is side}  # the last one counts
    found = [level(px, qty) for px, qty in lots.items() if qty]
    return sorted(found, reverse=side is Side.BUY)


@given(CHANGES, st.integers(0, 15))
def test_reads_like_a_dict_sorted_each_time(changes: list[Change], n: int) -> None:
    book = book_of(*changes)
    for side in Side:
        plain = sorted_plainly(changes, side)
        assert book.levels(side, n) == tuple(plain[:n])
        assert book.best(side) == (plain[0] if plain else None)
        for px in range(14):
            assert book.qty_at(side, Ticks(px)) == dict(plain).get(Ticks(px), 0)


@given(CHANGES, CHANGES)
def test_a_reset_forgets_what_was_there(before: list[Change], after: list[Change]) -> None:
    book = book_of(*before)
    bids, asks = ([level(px, qty) for at, px, qty in after if at is side] for side in Side)
    book.reset(bids, asks)
    for side in Side:
        assert book.levels(side, 99) == tuple(sorted_plainly(after, side))


@given(CHANGES, CHANGES)
def test_changes_after_a_reset_find_its_levels(before: list[Change], after: list[Change]) -> None:
    book = Book()
    whole = [sorted_plainly(before, side) for side in Side]
    book.reset(*whole)
    for side, px, qty in after:
        book.set_level(side, Ticks(px), Lots(qty))
    for side in Side:
        assert book.levels(side, 99) == tuple(sorted_plainly(before + after, side))


@pytest.mark.parametrize(
    ("bid", "ask", "is_crossed"),
    [
        (None, None, False),
        (10, None, False),
        (None, 10, False),
        (10, 11, False),
        (10, 10, True),  # the two would have traded
        (11, 10, True),
    ],
)
def test_crossed(bid: int | None, ask: int | None, is_crossed: bool) -> None:
    book = Book()
    book.reset([level(bid, 1)] if bid else [], [level(ask, 1)] if ask else [])
    assert book.is_crossed is is_crossed


def test_a_crossing_level_that_goes_leaves_a_book_uncrossed() -> None:
    book = book_of((Side.BUY, 10, 1), (Side.SELL, 12, 1), (Side.BUY, 12, 1))
    assert book.is_crossed
    book.set_level(Side.BUY, Ticks(12), Lots(0))
    assert not book.is_crossed
    assert book.best(Side.BUY) == (10, 1)


def test_what_was_read_does_not_change_with_the_book() -> None:
    book = book_of((Side.BUY, 10, 1))
    read = book.levels(Side.BUY, 5)
    book.set_level(Side.BUY, Ticks(11), Lots(2))
    assert read == ((10, 1),)


def test_a_negative_quantity_is_our_mistake() -> None:
    with pytest.raises(AssertionError):
        book_of((Side.BUY, 10, -1))
    with pytest.raises(AssertionError):
        Book().reset([level(10, -1)], [])
