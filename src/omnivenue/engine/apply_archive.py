"""What leaves State because it is over, and what comes back because something concerns it."""

from omnivenue.engine.state import State
from omnivenue.message import Evict, OrderRecalled


def apply_evict(state: State, command: Evict) -> None:
    raise NotImplementedError(state, command)


def apply_recall(state: State, event: OrderRecalled) -> None:
    raise NotImplementedError(state, event)
