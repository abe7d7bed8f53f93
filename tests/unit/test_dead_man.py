"""A venue's dead-man switch: armed when the venue is there, refreshed, left alone after a kill."""

import pytest
from msgspec.structs import replace

from omnivenue.app.configure import changes
from omnivenue.engine import State
from omnivenue.message import (
    ArmDeadMan,
    Command,
    RearmAsked,
    StateSet,
    VenueDown,
    VenueListed,
    VenueUp,
)
from omnivenue.model import SECOND, Limits, Nanos, TradingState
from scene import FULL, A, B, Desk

ABLE = replace(FULL, has_dead_man_switch=True)
MINUTE = Nanos(60 * SECOND)
TIMER = f"dead_man/{A}"


def armed(commands: list[Command]) -> list[int]:
    return [c.at for c in commands if isinstance(c, ArmDeadMan) and c.venue_id == A]


@pytest.fixture
def desk() -> Desk:
    made = Desk()
    made.tell(VenueListed(venue_id=A, capabilities=ABLE, dead_man=MINUTE))
    return made


@pytest.mark.holds("T28")
def test_it_is_armed_as_soon_as_the_venue_is_there_and_refreshed_in_time(desk: Desk) -> None:
    assert armed(desk.tell(VenueUp(venue_id=A))) == [desk.at + MINUTE]
    for _ in range(3):
        timer = desk.state.timers[TIMER]
        assert timer.at == desk.at + MINUTE // 3, "three times within its span"
        desk.later(20)
        assert armed(desk.wake(TIMER)) == [desk.at + MINUTE]
    desk.check_replay()


def test_a_venue_without_one_is_not_told() -> None:
    desk = Desk()
    desk.tell(VenueListed(venue_id=A, capabilities=FULL, dead_man=MINUTE))
    assert not armed(desk.tell(VenueUp(venue_id=A)))
    desk.tell(VenueListed(venue_id=A, capabilities=ABLE))  # nobody has asked for it
    assert not armed(desk.tell(VenueUp(venue_id=A)))


def test_a_venue_that_is_away_is_told_when_it_comes_back(desk: Desk) -> None:
    desk.tell(VenueUp(venue_id=A))
    desk.tell(VenueDown(venue_id=A, why="drill"))
    desk.later(20)
    assert not armed(desk.wake(TIMER))
    assert TIMER not in desk.state.timers
    assert armed(desk.tell(VenueUp(venue_id=A)))


@pytest.mark.holds("I16")
@pytest.mark.parametrize("scope", ["global", f"venue:{A}"])
def test_killed_it_is_left_to_run_out_and_armed_again_after(desk: Desk, scope: str) -> None:
    desk.tell(VenueUp(venue_id=A))
    kill = StateSet(scope=scope, state=TradingState.KILLED, reason="drill", source="http")
    desk.tell(kill)
    for _ in range(5):
        desk.later(20)
        assert not armed(desk.wake(TIMER))
    desk.tell(RearmAsked(scope=scope, reason="over"))
    for venue_id in desk.state.venues:
        desk.reconcile(venue_id)
    assert scope not in desk.state.stopped
    desk.later(20)
    assert armed(desk.wake(TIMER)) == [desk.at + MINUTE]


@pytest.mark.parametrize("scope", [f"venue:{B}", "account:main", "strategy:s1"])
def test_what_is_killed_elsewhere_does_not_end_everybodys_orders(desk: Desk, scope: str) -> None:
    desk.tell(VenueUp(venue_id=A))
    kill = StateSet(scope=scope, state=TradingState.KILLED, reason="drill", source="http")
    desk.tell(kill)
    desk.later(20)
    assert armed(desk.wake(TIMER))


def test_the_configuration_says_it_once() -> None:
    state = State()
    told = changes(state, (), {A: ABLE}, Limits(), {}, {A: MINUTE})
    listed = [event for event in told if isinstance(event, VenueListed)]
    assert [(event.venue_id, event.dead_man) for event in listed] == [(A, MINUTE)]
