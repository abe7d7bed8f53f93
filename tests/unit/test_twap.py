"""TWAP as a schedule: what is due when, and what it never does."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from omnivenue.algo import due
from omnivenue.algo import slices as slices_of
from omnivenue.algo.twap import CATCH_UP
from omnivenue.message import Twap
from omnivenue.model import SECOND, Nanos


@pytest.mark.parametrize(
    ("horizon", "interval", "qty", "least", "slices"),
    [
        (10, 1, 1_000, 1, 10),
        (10, 3, 1_000, 1, 4),  # at 0, 3, 6 and 9
        (1, 5, 1_000, 1, 1),
        (10, 1, 1_000, 300, 3),  # no child below what a venue takes
        (10, 1, 5, 10, 1),
    ],
)
def test_so_many_children(horizon: int, interval: int, qty: int, least: int, slices: int) -> None:
    twap = Twap(horizon=Nanos(horizon * SECOND), interval=Nanos(interval * SECOND))
    assert slices_of(twap, qty, least) == slices


def test_the_remainder_goes_with_the_last_child() -> None:
    done, sent = 0, list[int]()
    for number in range(4):
        now = due(qty=103, lot=10, slices=4, number=number, done=done)
        sent.append(now)
        done += now
    assert sent == [20, 20, 20, 43]


def test_what_was_missed_is_caught_up_in_part() -> None:
    assert due(qty=1_000, lot=1, slices=10, number=0, done=0) == 100
    assert due(qty=1_000, lot=1, slices=10, number=1, done=40) == 160, "sixty were not filled"
    assert due(qty=1_000, lot=1, slices=10, number=7, done=100) == CATCH_UP * 100
    assert due(qty=1_000, lot=1, slices=10, number=9, done=100) == CATCH_UP * 100


def test_what_is_ahead_of_the_schedule_waits() -> None:
    assert due(qty=1_000, lot=1, slices=10, number=2, done=500) == 0


@given(
    qty=st.integers(1, 10**20),
    lot=st.sampled_from([1, 10, 1_000, 10**10]),
    slices=st.integers(1, 200),
    fills=st.lists(st.integers(0, 100), max_size=200),
)
def test_it_never_sends_more_than_there_is_and_all_of_it_where_all_fills(
    qty: int, lot: int, slices: int, fills: list[int]
) -> None:
    """`fills`: how much of each child fills, in per cent; what does not comes back."""
    done = 0
    for number in range(slices):
        sent = due(qty=qty, lot=lot, slices=slices, number=number, done=done)
        assert 0 <= sent <= qty - done
        assert sent % lot == 0 or number == slices - 1
        done += sent * (fills[number] if number < len(fills) else 100) // 100 // lot * lot
        if number == slices - 1 and not fills:
            assert done == qty // lot * lot
