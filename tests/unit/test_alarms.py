"""Timers: each is told once, when it is due, whatever was armed or disarmed before."""

from hypothesis import given
from hypothesis import strategies as st

from omnivenue.engine import State
from omnivenue.message import Alert, ArmTimer, DisarmTimer, ReconcileDue, Timer, TimerFired
from omnivenue.model import Nanos, VenueID
from omnivenue.runtime import Alarms

DUE = ReconcileDue(venue_id=VenueID("BYBIT"))


def timer(timer_id: str, at: int) -> Timer:
    return Timer(timer_id=timer_id, at=Nanos(at), due=DUE)


class Kept:
    """Alarms beside the state that they follow: as the loop has it, which applies, then obeys."""

    def __init__(self, *timers: Timer) -> None:
        self.state = State()
        self.state.timers.update({t.timer_id: t for t in timers})
        self.alarms = Alarms(self.state)

    def arm(self, timer_id: str, at: int) -> None:
        armed = timer(timer_id, at)
        self.state.timers[timer_id] = armed
        self.alarms.obey(ArmTimer(timer=armed))

    def disarm(self, timer_id: str) -> None:
        self.state.timers.pop(timer_id, None)
        self.alarms.obey(DisarmTimer(timer_id=timer_id))

    def due(self, at: int) -> list[str]:
        return [fired.timer_id for fired in self.alarms.due(Nanos(at))]


def test_nothing_armed_is_nothing_to_wait_for() -> None:
    kept = Kept()
    assert kept.alarms.next_at() is None
    assert kept.due(10**18) == []


def test_it_is_told_when_it_is_due_and_once() -> None:
    kept = Kept()
    kept.arm("a", 100)
    assert kept.alarms.next_at() == 100
    assert kept.due(99) == []
    assert kept.alarms.due(Nanos(100)) == [TimerFired(timer_id="a")]
    assert kept.due(100) == []
    assert kept.alarms.next_at() is None


def test_overdue_timers_are_told_the_earliest_first() -> None:
    kept = Kept()
    for timer_id, at in (("late", 300), ("b", 100), ("a", 100), ("early", 50), ("not yet", 301)):
        kept.arm(timer_id, at)
    assert kept.due(300) == ["early", "a", "b", "late"]
    assert kept.alarms.next_at() == 301


def test_what_is_disarmed_is_not_told() -> None:
    kept = Kept()
    kept.arm("a", 100)
    kept.arm("b", 100)
    kept.disarm("a")
    assert kept.due(200) == ["b"]


def test_armed_for_another_time_the_last_time_counts() -> None:
    kept = Kept()
    kept.arm("a", 100)
    kept.arm("a", 50)
    assert kept.due(60) == ["a"]
    assert kept.due(100) == [], "the first time is no longer meant"
    kept.arm("a", 100)
    kept.arm("a", 200)
    assert kept.due(150) == []
    assert kept.due(200) == ["a"]


def test_one_turn_may_disarm_and_arm_again() -> None:
    """A sweep: the fired timer is removed by a command, and the next one armed by another. Both are
    applied before either is obeyed."""
    kept = Kept()
    kept.arm("a", 100)
    assert kept.due(100) == ["a"]
    again = timer("a", 200)
    kept.state.timers["a"] = again
    kept.alarms.obey(DisarmTimer(timer_id="a"))
    kept.alarms.obey(ArmTimer(timer=again))
    assert kept.due(200) == ["a"]
    kept.state.timers["a"] = again
    kept.alarms.obey(ArmTimer(timer=again))
    kept.alarms.obey(DisarmTimer(timer_id="a"))
    assert kept.due(200) == ["a"], "state has it, so it is armed"


def test_what_was_armed_before_a_crash_is_armed_after_it() -> None:
    kept = Kept(timer("a", 100), timer("b", 200))
    assert kept.alarms.next_at() == 100
    assert kept.due(150) == ["a"]
    assert kept.due(250) == ["b"]


def test_commands_about_other_things_change_nothing() -> None:
    kept = Kept(timer("a", 100))
    kept.alarms.obey(Alert(topic="x", about="y"))
    assert kept.due(100) == ["a"]


STEPS = st.lists(
    st.tuples(st.sampled_from("abc"), st.none() | st.integers(0, 30), st.integers(0, 5)),
    max_size=30,
)


@given(STEPS)
def test_it_tells_what_a_plain_table_of_timers_would(
    steps: list[tuple[str, int | None, int]],
) -> None:
    """Against the obvious: a dict that is walked at each look."""
    kept, plain, now = Kept(), dict[str, int](), 0
    for timer_id, at, passes in steps:
        if at is None:
            kept.disarm(timer_id)
            plain.pop(timer_id, None)
        else:
            kept.arm(timer_id, now + at)
            plain[timer_id] = now + at
        now += passes
        expected = sorted((due, name) for name, due in plain.items() if due <= now)
        assert kept.due(now) == [name for _, name in expected]
        for _, name in expected:
            del plain[name]
            kept.disarm(name)  # as the turn does that the telling leads to
        next_at = kept.alarms.next_at()
        assert not plain or (next_at is not None and next_at <= min(plain.values()))
