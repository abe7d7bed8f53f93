"""L1: every instruction ends, and nothing that we meant to do later is forgotten."""

from collections.abc import Sequence

from omnivenue.engine import VenueStatus
from omnivenue.message import Entry
from omnivenue.model import SECOND
from omnivenue.oms import Order, Stage
from sim.checkers.checker import Checker

STALL_MAX = 4 * SECOND
LATE = STALL_MAX + SECOND  # how long after its time a timer may still stand in State


class LivenessChecker(Checker):
    def committed(self, entries: Sequence[Entry], touched: Sequence[Order]) -> None:
        for timer in self.state.timers.values():
            assert timer.at + LATE >= entries[-1].at, f"L1: {timer.timer_id} is lost"
        here = self.loop.core.state
        assert here.live.keys() <= here.parents.keys(), "L1: it has left State, and is not over"

    def calm(self) -> None:
        state = self.state
        assert all(v.status is VenueStatus.OPEN for v in state.venues.values()), "L1: still down"
        stages = [parent.stage for parent in state.parents.values()]
        assert Stage.STOPPING not in stages, "L1: a cancel was forgotten"

    def ended(self) -> None:
        for parent in self.state.parents.values():
            assert parent.is_over, "L1: an instruction without an end"
            assert parent.reserved == parent.working == 0
        for venue in self.state.venues.values():
            assert venue.status is VenueStatus.OPEN
            assert not venue.open
