"""Whatever time one quote came with: those after it are as old as if it had come with its own."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from omnivenue.model import SECOND, Nanos
from omnivenue.runtime import Books
from scene import AT_A, quote

START = 1_700_000_000 * SECOND
WAITS = st.integers(0, SECOND) | st.integers(0, 60 * SECOND)
LATE = st.integers(0, SECOND // 2) | st.integers(0, 20 * SECOND)
APART = st.integers(-3600 * SECOND, 3600 * SECOND)
FAR = 2 * 3600 * SECOND


def ages(quoted: list[tuple[int, int]]) -> list[int]:
    """Of the feed, as each came: when, and with what time."""
    books, found = Books(), list[int]()
    for at, told in quoted:
        books.update(quote(told, 60_000), Nanos(at))
        age = books.age(AT_A.instrument_id, Nanos(at))
        assert age is not None
        found.append(age)
    return found


@pytest.mark.holds("I17", "T34")
@given(st.lists(st.tuples(WAITS, LATE), min_size=2, max_size=12), APART, st.data())
def test_one_wrong_time_makes_no_quote_after_it_older(
    waits: list[tuple[int, int]], apart: int, data: st.DataObject
) -> None:
    right, at, told = list[tuple[int, int]](), START, 0
    for wait, late in [(0, 0), *waits]:  # from the first it is known how far apart they are
        at += wait
        told = max(told, at - late - apart)  # a venue's clock runs on
        right.append((at, told))
    where = data.draw(st.integers(1, len(right) - 2))
    came, told = right[where]
    wrong = data.draw(st.integers(1, told - FAR) | st.integers(told + FAR, 2**63 - 1))
    found = ages([*right[:where], (came, wrong), *right[where + 1 :]])
    without = ages([*right[:where], *right[where + 1 :]])
    assert found[where + 1 :] == without[where:]
