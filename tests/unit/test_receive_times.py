"""When a recorded message came, where its own time says what cannot be. Each story is a table of
what two clocks said, in seconds, and where the message stands in the market that is replayed."""

import pytest

from omnivenue.model import SECOND, Lots, Nanos, Ticks
from omnivenue.venue.cefi.binance import DepthUpdate, Message, Received, Snapshot, Ticker
from omnivenue.venue.receive_times import OUT_OF_ORDER, PAUSE, ReceiveTimes

HOUR, YEARS = 3_600, 10**9
JUMP = True

type Story = list[tuple[float, float | None, float, bool]]
"""Received, told by the exchange (None: a snapshot, which does not tell), where it stands, and
whether its time was not believed."""

# ruff: noqa: E501 -- a story is a line
STORIES: dict[str, Story] = {
    "nothing is wrong": [(9, 8, 0, False), (10, 9, 1, False), (10, 9, 1, False), (13, 12, 4, False)],
    "out of order by less than a second": [(9, 9, 0, False), (10, 10, 1, False), (9.5, 9.5, 1, False), (11, 11, 2, False)],
    "one is far ahead": [(9, 8, 0, False), (YEARS, 9, 0, JUMP), (11, 10, 2, False)],
    "one is far ahead by both clocks": [(9, 9, 0, False), (YEARS, YEARS, 0, JUMP), (11, 11, 2, False)],
    "one is an hour ahead": [(9, 9, 0, False), (9 + HOUR, 10, 0, JUMP), (11, 11, 2, False)],
    "one is at the epoch": [(HOUR, HOUR, 0, False), (0, 0, 0, JUMP), (HOUR + 2, HOUR + 2, 2, False)],
    "two that do not agree": [
        (9, 9, 0, False), (YEARS, 10, 0, JUMP), (HOUR, 10, 0, JUMP), (11, 11, 2, False)],
    "a snapshot is far ahead": [(9, 9, 0, False), (YEARS, None, 0, JUMP), (11, 11, 2, False)],
    "the first is far ahead": [(YEARS, YEARS, 0, False), (9, 9, 0, JUMP), (10, 10, 1, False)],
    "the first is at the epoch": [(0, 9, 0, False), (HOUR, 10, 1, JUMP), (HOUR + 1, 11, 2, False)],
    "the last is far ahead": [(9, 9, 0, False), (10, 10, 1, False), (YEARS, 11, 1, JUMP)],
    "hours of nothing": [(9, 8, 0, False), (9 + HOUR, 8 + HOUR, HOUR, False), (10 + HOUR, 9 + HOUR, HOUR + 1, False)],
    "hours of nothing, then a snapshot": [
        (9, 8, 0, False), (9 + HOUR, None, HOUR, False), (10 + HOUR, 9 + HOUR, HOUR + 1, False)],
    "a quiet market": [(0, 0, 0, False), (20, 20, 20, False), (40, 40, 40, False), (60, 60, 40, False)],
    "one is far ahead just before hours of nothing": [
        (9, 9, 0, False), (YEARS, YEARS, 0, JUMP), (9 + HOUR, 9 + HOUR, HOUR, False),
        (10 + HOUR, 10 + HOUR, HOUR + 1, False)],
    "one is at the epoch just after hours of nothing": [
        (9, 9, 0, False), (9 + HOUR, 9 + HOUR, HOUR, False), (0, 0, HOUR, JUMP), (10 + HOUR, 10 + HOUR, HOUR + 1, False)],
    "the recorder's clock is set an hour ahead": [
        (9, 8, 0, False), (10 + HOUR, 9, 1, JUMP), (11 + HOUR, 10, 2, False), (12 + HOUR, 11, 3, False)],
    "the recorder's clock is set back an hour": [
        (HOUR, 9, 0, False), (1, 10, 1, JUMP), (2, 11, 2, False), (3, 12, 3, False)],
    "it is set back, and nothing came for a while": [
        (HOUR, 9, 0, False), (1, 900, 5, JUMP), (2, 901, 6, False)],
    "it is set to the epoch and right again": [
        (HOUR, 9, 0, False), (0, 10, 1, JUMP), (1, 11, 2, False), (HOUR + 3, 12, 3, JUMP), (HOUR + 4, 13, 4, False)],
    "it is set ahead while nothing came": [
        (9, 9, 0, False), (2 * HOUR, 9 + HOUR, HOUR, JUMP), (2 * HOUR + 1, 10 + HOUR, HOUR + 1, False)],
}  # fmt: skip


def nanos(seconds: float) -> Nanos:
    return Nanos(int(seconds * SECOND))


def received(at: float, told: float | None) -> Received:
    message: Message = Snapshot(1, (), ())
    if told is not None:
        message = DepthUpdate(1, 1, (), (), nanos(told))
    return Received(nanos(at), message)


def stood(story: Story) -> list[tuple[float, bool]]:
    times = ReceiveTimes()
    found = [each for at, told, _, _ in story for each in times.take(received(at, told))]
    return [(each.after / SECOND, each.has_jumped) for each in [*found, *times.end()]]


@pytest.mark.holds("I17", "T34")
@pytest.mark.parametrize("name", STORIES)
def test_where_each_message_stands(name: str) -> None:
    story = STORIES[name]
    assert stood(story) == [(after, has_jumped) for _, _, after, has_jumped in story]


@pytest.mark.parametrize(
    ("seconds", "is_held"),
    [
        (PAUSE / SECOND, False),
        (PAUSE / SECOND + 0.001, True),
        (-OUT_OF_ORDER / SECOND, False),
        (-OUT_OF_ORDER / SECOND - 0.001, True),
    ],
)
def test_what_is_near_does_not_wait(seconds: float, is_held: bool) -> None:
    times = ReceiveTimes()
    assert len(times.take(received(100, 100))) == 1
    assert (times.take(received(100 + seconds, 100)) == []) is is_held


def test_nobody_waits_for_a_top_to_know_the_time() -> None:
    times, level = ReceiveTimes(), (Ticks(1), Lots(1))
    times.take(received(9, 9))
    assert times.take(Received(nanos(YEARS), Ticker(1, level, level))) == []
    assert [each.after for each in times.take(received(10, 10))] == [SECOND]
