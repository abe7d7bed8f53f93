"""Whatever time one message came with, and however a recorder's clock is set: the others stand
where they would have stood."""

from collections.abc import Sequence
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from omnivenue.model import SECOND, Nanos
from omnivenue.venue.cefi.binance import DepthUpdate, Received, Snapshot
from omnivenue.venue.receive_times import PAUSE, ReceiveTimes

MS = SECOND // 1000
START = 1_700_000_000 * SECOND
TIMES = st.integers(0, 10**19 - 1)
WAITS = st.integers(0, 400 * MS) | st.integers(0, 30 * SECOND) | st.integers(0, 5 * 3600 * SECOND)
LATENCIES = st.integers(-2 * SECOND, 2 * SECOND)

type Clocks = tuple[int, int | None]
"""The recorder's; the exchange's, None of a snapshot."""


def stood(messages: Sequence[Clocks]) -> list[tuple[int, bool]]:
    times, found = ReceiveTimes(), list[tuple[int, bool]]()
    for n, (at, told) in enumerate(messages):
        said = Snapshot(n, (), ()) if told is None else DepthUpdate(n, n, (), (), Nanos(told))
        found += [(each.after, each.has_jumped) for each in times.take(Received(Nanos(at), said))]
    found += [(each.after, each.has_jumped) for each in times.end()]
    assert len(found) == len(messages), "each once"
    return found


@st.composite
def recordings(draw: st.DrawFn) -> list[Clocks]:
    """A clock that runs, with pauses, and an exchange's that runs with it. The last three are of
    one moment, since a pause that a recording ends with is none."""
    latency, at = draw(LATENCIES), START
    found: list[Clocks] = []
    for wait in draw(st.lists(WAITS, min_size=1, max_size=12)):
        at += wait
        found.append((at, at - latency))
    return [*found, *((at + n, at + n - latency) for n in (1, 2))]


@given(recordings())
def test_a_clock_that_runs_is_believed(messages: list[Clocks]) -> None:
    assert stood(messages) == [(at - messages[0][0], False) for at, _ in messages]


@pytest.mark.holds("I17", "T34")
@given(recordings(), st.data())
def test_one_wrong_time_moves_no_other_message(messages: list[Clocks], data: st.DataObject) -> None:
    """By the recorder's clock alone, or by both; also of a snapshot."""
    where = data.draw(st.integers(0, len(messages) - 3))
    first, last = messages[0][0] - 10 * SECOND, messages[-1][0] + 10 * SECOND
    wrong = data.draw(TIMES.filter(lambda at: not first <= at <= last))
    told = data.draw(st.sampled_from([messages[where][1], wrong, None]))
    planted = [*messages[:where], (wrong, told), *messages[where + 1 :]]
    clean, found = stood(messages), stood(planted)
    if where == 0:  # nothing is before it: what follows is right among itself
        begun = found[1][0] - clean[1][0]
        assert [after - begun for after, _ in found[1:]] == [after for after, _ in clean[1:]]
        return
    assert found[where] == (clean[where - 1][0], True)
    assert [*found[:where], *found[where + 1 :]] == [*clean[:where], *clean[where + 1 :]]


@given(recordings(), st.integers(-10 * 365 * 86_400, 10 * 365 * 86_400), st.data())
def test_a_clock_that_is_set_takes_no_time(
    messages: list[Clocks], by: int, data: st.DataObject
) -> None:
    """What passed meanwhile is told by the exchange's. Where the market paused just then, how much
    of it was a pause is not certain."""
    where = data.draw(st.integers(1, len(messages) - 1))
    shifted = [(at + by * SECOND, told) for at, told in messages[where:]]
    found, clean = stood([*messages[:where], *shifted]), stood(messages)
    afters, rights = [after for after, _ in found], [after for after, _ in clean]
    assert afters == sorted(afters)
    assert sum(jumped for _, jumped in found) <= 2
    around = [at for at, _ in messages[max(0, where - 2) : where + 2]]
    if len(shifted) > 1 and all(b - a <= PAUSE for a, b in pairwise(around)):
        assert all(abs(a - b) <= PAUSE for a, b in zip(afters, rights, strict=True))


@given(st.lists(st.tuples(TIMES, TIMES | st.none()), min_size=1, max_size=12))
def test_whatever_comes_time_does_not_go_back_and_none_is_lost(messages: list[Clocks]) -> None:
    afters = [after for after, _ in stood(messages)]
    assert afters[0] == 0
    assert afters == sorted(afters)
