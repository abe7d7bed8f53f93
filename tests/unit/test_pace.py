"""How fast a token may call, by a clock that is passed in."""

import pytest

from omnivenue.api.pace import CALLS, NAMES_MAX, Pace
from omnivenue.model import SECOND, Nanos


def asked(pace: Pace, count: int, at: int, name: str = "a") -> int:
    """Of so many calls at once: how many may go on."""
    return sum(not pace.is_too_fast(name, Nanos(at)) for _ in range(count))


def test_as_many_at_once_as_a_second_brings_and_no_more() -> None:
    pace = Pace(100)
    assert asked(pace, 150, 0) == 100
    assert asked(pace, 1, 0) == 0
    assert asked(pace, 150, SECOND // 2) == 50
    assert asked(pace, 150, 10 * SECOND) == 100, "what was not used is not saved up"


def test_one_token_takes_nothing_from_another() -> None:
    pace = Pace(10)
    assert asked(pace, 20, 0, "a") == asked(pace, 20, 0, "b") == 10


@pytest.mark.parametrize("pauses", [(1,), (3, 1), (7, 2, 5)])
def test_over_any_long_time_it_is_the_pace(pauses: tuple[int, ...]) -> None:
    pace, at, went = Pace(1_000), 0, 0
    for n in range(20_000):
        went += asked(pace, 2, at)
        at += pauses[n % len(pauses)] * 100_000  # up to 20 a millisecond are asked for
    assert went <= 1_000 + at * 1_000 // SECOND


def test_what_it_remembers_is_bounded() -> None:
    pace = Pace(CALLS)
    for n in range(NAMES_MAX * 2):
        pace.is_too_fast(f"token{n}", Nanos(0))
    assert len(pace._due) <= NAMES_MAX  # pyright: ignore[reportPrivateUsage]
