"""How a client's stream goes on over connections that come and go: without a socket, and with a
clock that is passed in."""

import pytest

from omnivenue.client import OmnivenueError, Unreachable
from omnivenue.client.calls import PAUSE_FIRST
from omnivenue.client.stream import GIVE_UP_SECONDS, STEADY_SECONDS, Heard

GONE = OmnivenueError(message="the connection is gone")
DAY = 86_400.0


def test_a_stream_on_which_nothing_happens_outlives_one_restart_a_day() -> None:
    heard = Heard(["fills"], 7)
    for day in range(3):
        heard.opened(day * DAY)
        assert heard.lost(GONE, (day + 1) * DAY) == PAUSE_FIRST


def test_a_server_that_hangs_up_at_once_is_given_up_as_one_that_is_not_there() -> None:
    heard, now = Heard(["fills"], 7), 0.0
    with pytest.raises(Unreachable):
        while now < 2 * GIVE_UP_SECONDS:
            heard.opened(now)
            now += STEADY_SECONDS - 1
            now += heard.lost(GONE, now)
    assert now > GIVE_UP_SECONDS


def test_pauses_grow_until_somebody_answers() -> None:
    heard = Heard(["fills"], 7)
    first, second = heard.lost(GONE, 0.0), heard.lost(GONE, 1.0)
    assert (first, second) == (PAUSE_FIRST, 2 * PAUSE_FIRST)
    assert heard.take('{"type": "fill", "seq": 8}') is not None
    assert heard.lost(GONE, 2.0) == PAUSE_FIRST
