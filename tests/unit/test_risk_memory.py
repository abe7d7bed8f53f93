"""What the risk check remembers: how many within a time, what was done today, where ours rest."""

from collections.abc import Callable

import pytest

from omnivenue.model import SECOND, ClOrdID, Nanos, Side
from omnivenue.risk import Resting
from omnivenue.risk.velocity import Recent, Turnover, Window, a_minute, a_second, ten_seconds
from scene import BUY, SELL

pytestmark = pytest.mark.covers("P5")


@pytest.mark.parametrize(
    ("begin", "span"), [(a_second, SECOND), (ten_seconds, 10 * SECOND), (a_minute, 60 * SECOND)]
)
def test_a_window_counts_its_span_and_at_most_a_bucket_more(
    begin: Callable[[], Window], span: int
) -> None:
    window = begin()
    first, last = Nanos(window.width), Nanos(window.width + span)
    for at in (first, last):
        window.add(at)
    assert window.count(last) == 2
    assert window.count(Nanos(last + window.width - 1)) == 2
    assert window.count(Nanos(last + window.width)) == 1
    assert not window.has_run_out(Nanos(last + span))
    assert window.count(Nanos(last + span + window.width)) == 0
    assert window.has_run_out(Nanos(last + span + window.width))


def test_a_window_that_was_left_alone_for_long_begins_anew() -> None:
    window = a_second()
    for at in (0, 1, 100 * SECOND):
        window.add(Nanos(at))
    assert window.count(Nanos(100 * SECOND)) == 1


def test_each_day_is_counted_by_itself() -> None:
    turnover = Turnover()
    turnover.add(5, 3, 1)
    assert (turnover.on(5), turnover.on(6)) == ((3, 1), (0, 0))
    turnover.add(6, 1, 0)
    assert (turnover.on(5), turnover.on(6)) == ((0, 0), (1, 0))


def test_what_was_asked_for_is_remembered_for_the_window() -> None:
    recent, window = Recent(), 2 * SECOND
    recent.add("a", Nanos(0), window)
    recent.add("b", Nanos(window - 1), window)
    assert list(recent.accepted_at) == ["a", "b"]
    recent.add("c", Nanos(window), window)
    assert list(recent.accepted_at) == recent.queue == ["b", "c"]


@pytest.mark.parametrize(
    ("side", "px", "met"),
    [
        (SELL, 100, "b100"),  # the best of ours, not the first
        (SELL, 99, "b100"),
        (SELL, 101, None),
        (BUY, 110, "s110"),
        (BUY, 111, "s110"),
        (BUY, 109, None),
    ],
)
def test_the_best_of_the_other_side_is_met(side: Side, px: int, met: str | None) -> None:
    resting = Resting()
    for each in (90, 100):
        resting.put(BUY, ClOrdID(f"b{each}"), each)
        resting.put(SELL, ClOrdID(f"s{each + 20}"), each + 20)
    found = resting.meets(side, px)
    assert (found and found[1]) == met


def test_what_no_longer_rests_is_not_met() -> None:
    resting = Resting()
    resting.put(BUY, ClOrdID("b"), 100)
    resting.put(BUY, ClOrdID("b"), 90)
    assert resting.meets(SELL, 95) is None
    resting.put(BUY, ClOrdID("b"), None)
    assert resting.meets(SELL, 1) is None
    assert not resting.px_of
