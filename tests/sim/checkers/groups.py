"""Orders that are tied to one another, and those that have a last hour: OCO, DAY and GTD."""

from omnivenue.model import SECOND
from omnivenue.oms import Parent, Stage
from sim.checkers.checker import Checker

LATE = 15 * SECOND
WORKS = (Stage.ARMED, Stage.WORKING)


class GroupChecker(Checker):
    def look(self) -> None:
        grouped = [p for p in self.state.parents.values() if p.order.oco is not None]
        for parent in grouped:
            traded = max((seq for seq, _, what in parent.moments if what == "trade"), default=-1)
            for other in grouped:
                is_tied = other is not parent and _name(other) == _name(parent)
                if any(what == "reopened" for _, _, what in other.moments):
                    continue  # it had ended by itself, and a bust has brought it back
                if is_tied and _accepted(other) < traded and parent.filled > 0:
                    assert other.stage not in WORKS, "OCO: one has filled, and another works"

        for order_id in self.state.live:
            parent = self.state.parents[order_id]
            if parent.expire_at is not None and parent.stage in WORKS:
                late = self.loop.now - parent.expire_at
                assert late < LATE, "L1: its last hour is over, and it works on"


def _name(parent: Parent) -> tuple[str, str, str | None]:
    return parent.order.account, parent.order.strategy_id, parent.order.oco


def _accepted(parent: Parent) -> int:
    return next((seq for seq, _, what in parent.moments if what == "accept"), 10**12)
