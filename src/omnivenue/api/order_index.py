"""Orders by their place in the journal. A map that went through a snapshot has forgotten the order
of insertion, orders leave State and come back, and sorting all for each page would cost too much.
"""

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator, Sequence

from omnivenue.api.whole import found_in, ids
from omnivenue.engine import State
from omnivenue.message import (
    Entry,
    Evict,
    ExecutionReport,
    OrderInstructed,
    OrderRecalled,
    StartOrder,
    StartPart,
    StatusReport,
)
from omnivenue.model import OrderID
from omnivenue.oms import Composite, Parent

type Place = tuple[int, OrderID]
"""The entry that brought it, and its id: one entry may bring several."""

GONE_MIN = 1_000
"""Places of orders that have left are dropped together: each by itself would move all others."""


class OrderIndex:
    """Right as long as it is told of every entry once that is durable (`follow`)."""

    def __init__(self, state: State) -> None:
        self._state = state
        self._places = sorted((found.seq, key) for key, found in ids(state))
        self._gone = 0  # places that are kept, and no longer in State

    def __len__(self) -> int:
        return len(self._places)

    def follow(self, entries: Sequence[Entry]) -> None:
        for entry in entries:
            for order_id in self._brought(entry):
                self._add(order_id)
            for command in entry.commands:
                if isinstance(command, Evict):
                    self._gone += len(command.order_ids)
        if self._gone > max(GONE_MIN, len(self._state.parents)):
            self._places = [place for place in self._places if found_in(self._state, place[1])]
            self._gone = 0

    def after(self, place: Place | None) -> Iterator[Parent | Composite]:
        """The orders that come after that place, the oldest first; all, where there is none."""
        first = 0 if place is None else bisect_right(self._places, place)
        for n in range(first, len(self._places)):
            found = found_in(self._state, self._places[n][1])
            if found is not None:
                yield found

    def working_after(self, place: Place | None) -> Iterable[Parent | Composite]:
        """Those of them that are not over, or have something open at a venue: few, however many
        have ended."""
        state = self._state
        still_open = (i for venue in state.venues.values() for i in venue.open)
        open_ids = {state.orders[i].new.parent_id for i in still_open}
        found = [*(state.parents[i] for i in open_ids.union(state.live))]
        wholes = [state.composites[i] for i in state.working]
        return [
            each
            for each in sorted((*found, *wholes), key=place_of)
            if place is None or place_of(each) > place
        ]

    def _brought(self, entry: Entry) -> Iterator[OrderID]:
        match entry.event:
            case OrderInstructed(instruction_id=key):
                yield OrderID(key)
            case OrderRecalled(order_id=root):
                yield root
                match found_in(self._state, root):
                    case Parent(exits=exits):
                        yield from exits
                    case Composite(parts=parts):
                        yield from parts
                    case None:
                        pass
            case ExecutionReport():
                yield from self._adopted([entry.event])
            case StatusReport(reports=reports):
                yield from self._adopted(reports)
            case _:
                pass
        for command in entry.commands:
            if isinstance(command, StartOrder | StartPart):
                yield OrderID(command.order.instruction_id)

    def _adopted(self, reports: Iterable[ExecutionReport]) -> Iterator[OrderID]:
        for report in reports:
            if report.external is not None and (order := self._state.orders.get(report.cl_ord_id)):
                yield order.new.parent_id

    def _add(self, order_id: OrderID) -> None:
        found = found_in(self._state, order_id)
        if found is None:
            return  # it has left since
        place = place_of(found)
        n = bisect_left(self._places, place)
        if n == len(self._places) or self._places[n] != place:
            self._places.insert(n, place)


def place_of(parent: Parent | Composite) -> Place:
    return parent.seq, OrderID(parent.order.instruction_id)
