"""Orders that wait at the exchange until its market has come to their stop price.

The exchange looks at every print, and at the touch after each instant and each trade of ours.
"""

from collections.abc import Iterable

import msgspec

from omnivenue.model import ClOrdID, Side, Ticks, TriggerBy
from omnivenue.venue.sim.record import Placed


class Seen(msgspec.Struct, frozen=True, gc=False):
    """What a stop may look at. `prints` are all since it was looked at before."""

    bid: Ticks | None
    ask: Ticks | None
    prints: tuple[Ticks, ...] = ()


class Stops:
    def __init__(self) -> None:
        self._waiting: dict[ClOrdID, Placed] = {}  # as they came

    def __len__(self) -> int:
        return len(self._waiting)

    def wait(self, order: Placed) -> None:
        self._waiting[order.new.cl_ord_id] = order

    def leave(self, cl_ord_id: ClOrdID) -> None:
        self._waiting.pop(cl_ord_id, None)

    def pop_reached(self, seen: Seen) -> list[Placed]:
        """Those whose price has come, in the order in which they came."""
        reached = [order for order in self._waiting.values() if has_come(order, seen)]
        for order in reached:
            self.leave(order.new.cl_ord_id)
        return reached


def has_come(order: Placed, seen: Seen) -> bool:
    new = order.new
    assert new.stop_px is not None
    is_above = (new.side is Side.BUY) != new.is_take_profit
    sign = 1 if is_above else -1
    return any((px - 2 * new.stop_px) * sign >= 0 for px in _doubled(new.trigger_by, seen))


def _doubled(by: TriggerBy, seen: Seen) -> Iterable[int]:
    """Twice the prices: a mid may lie between two ticks."""
    match by:
        case TriggerBy.LAST:
            return [2 * px for px in seen.prints]
        case TriggerBy.BID:
            return [] if seen.bid is None else [2 * seen.bid]
        case TriggerBy.ASK:
            return [] if seen.ask is None else [2 * seen.ask]
        case TriggerBy.MARK:
            return [] if seen.bid is None or seen.ask is None else [seen.bid + seen.ask]
