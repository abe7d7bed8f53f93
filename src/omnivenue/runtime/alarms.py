"""Keeps the core's timers, and tells when one is due. State says what is armed.

A crash loses nothing: the next process arms all that State holds.
"""

from heapq import heappop, heappush

from omnivenue.engine import State
from omnivenue.message import ArmTimer, Command, DisarmTimer, Timer, TimerFired
from omnivenue.model import Nanos


class Alarms:
    def __init__(self, state: State) -> None:
        self._state = state
        self._heap: list[tuple[Nanos, str]] = []
        self._timers: dict[str, Timer] = {}
        for timer in state.timers.values():
            self._arm(timer)

    def obey(self, command: Command) -> None:
        match command:
            case ArmTimer(timer=timer):
                self._arm(timer)
            case DisarmTimer(timer_id=timer_id):
                if timer_id not in self._state.timers:  # else it has been armed again since
                    self._timers.pop(timer_id, None)
            case _:
                pass

    def next_at(self) -> Nanos | None:
        """When to look again."""
        return self._heap[0][0] if self._heap else None

    def due(self, at: Nanos) -> list[TimerFired]:
        """All that have come due, the earliest first; each is told once."""
        found: list[Timer] = []
        while self._heap and self._heap[0][0] <= at:
            due_at, timer_id = heappop(self._heap)
            timer = self._timers.get(timer_id)
            if timer is not None and timer.at == due_at:  # else disarmed, or armed for another time
                found.append(self._timers.pop(timer_id))
        found.sort(key=lambda t: (t.at, t.timer_id))
        return [TimerFired(timer_id=timer.timer_id) for timer in found]

    def _arm(self, timer: Timer) -> None:
        self._timers[timer.timer_id] = timer
        heappush(self._heap, (timer.at, timer.timer_id))
