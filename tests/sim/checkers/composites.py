"""Orders over venues and over time: the whole is its parts, and never more is under way than it
asks for."""

from omnivenue.engine import State
from omnivenue.model import OrderID
from omnivenue.oms import Composite, Stage
from sim.checkers.checker import Checker


class CompositeChecker(Checker):
    def look(self) -> None:
        for whole in self.state.composites.values():
            _check_whole(self.state, whole)
            goes_on = whole.stage is Stage.WORKING and whole.paused_at is None
            name = whole.order.instruction_id
            if goes_on and not whole.has_begun_all:
                assert f"slice/{name}" in self.state.timers, f"L1: nobody wakes {name}"
            elif goes_on and not whole.live:
                assert f"retry/{name}" in self.state.timers, f"L1: nobody wakes {name}"

    def ended(self) -> None:
        """Once the day is over and all has been cancelled: none waits for ever."""
        for order_id, whole in self.state.composites.items():
            waits = whole.stage in (Stage.WORKING, Stage.STOPPING)
            assert not waits, f"L1: {order_id} does not end"
            for timer_id in (f"slice/{order_id}", f"retry/{order_id}"):
                assert timer_id not in self.state.timers, f"L1: {order_id} is still woken"


def _check_whole(state: State, whole: Composite) -> None:
    parts = [state.parents[part_id] for part_id in whole.parts]
    name = whole.order.instruction_id
    assert whole.filled == sum(part.filled for part in parts), f"I13: {name} is not its parts"
    assert whole.in_parts == sum(part.reserved for part in parts), f"I15: {name} reserves otherwise"
    alive = {part.order.instruction_id for part in parts if part.is_live}
    assert alive == set(whole.live), f"I5: {name} has lost a part"
    if whole.is_over:
        assert not whole.live, f"I7: {name} is over, and {list(whole.live)} work"
        assert whole.reserved == 0, f"I15: {name} is over and reserves"
    under_way = sum(part.qty - part.filled for part in parts if part.is_live)
    # What was sent again after a fill was taken back, or before one that came too late, is no more
    # than all that was ever taken back or came late.
    if not any(_was_surprised(state, part_id) for part_id in whole.parts):
        assert whole.filled + max(0, under_way) <= whole.qty, f"I2: {name} has sent too much"


def _was_surprised(state: State, part_id: OrderID) -> bool:
    """A venue that took a trade back, or one that told of it after the end."""
    parent = state.parents[part_id]
    children = [state.orders[i] for i in parent.children]
    is_reopened = any(what == "reopened" for _, _, what in parent.moments)
    return is_reopened or any(child.busts or child.rare.flagged for child in children)
