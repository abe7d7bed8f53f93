"""Orders by their place in the journal. A map that went through a snapshot has forgotten the order
of insertion, orders leave State and come back, and sorting all for each page would cost too much.
"""

from bisect import bisect_left
from collections.abc import Iterable, Iterator, Sequence
from itertools import compress

from omnivenue.api.whole import found_in, ids
from omnivenue.engine import State
from omnivenue.journal import Place
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

GONE_MIN = 1_000
"""Places of orders that have left are dropped together: each by itself would move all others."""


class OrderIndex:
    """Right as long as it is told of every entry once that is durable (`follow`)."""

    def __init__(self, state: State) -> None:
        self._state = state
        places = sorted((found.seq, key) for key, found in ids(state))
        self._seqs = [seq for seq, _ in places]  # two lists: a pair for each place takes more
        self._ids = [order_id for _, order_id in places]
        self._gone = 0  # places that are kept, and no longer in State

    def __len__(self) -> int:
        return len(self._ids)

    def follow(self, entries: Sequence[Entry]) -> None:
        for entry in entries:
            for order_id in self._brought(entry):
                self._add(order_id)
            for command in entry.commands:
                if isinstance(command, Evict):
                    self._gone += len(command.order_ids)
        if self._gone > max(GONE_MIN, len(self._state.parents)):
            is_here = [found_in(self._state, order_id) is not None for order_id in self._ids]
            self._seqs = list(compress(self._seqs, is_here))
            self._ids = list(compress(self._ids, is_here))
            self._gone = 0

    def after(
        self, place: Place | None, until: Place | None = None
    ) -> Iterator[Parent | Composite]:
        """The orders that come after that place, the oldest first; all, where there is none. With
        `until` only those that do not come after it: what has left is not looked for beyond."""
        first = 0
        if place is not None:
            first = self._first_at(place)
            first += self._is_at(first, place)
        for n in range(first, len(self._ids)):
            if until is not None and (self._seqs[n], self._ids[n]) > until:
                return
            found = found_in(self._state, self._ids[n])
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
        n = self._first_at(place)
        if not self._is_at(n, place):
            self._seqs.insert(n, place[0])
            self._ids.insert(n, place[1])

    def _first_at(self, place: Place) -> int:
        """Where the first stands that does not come before it."""
        seq, order_id = place
        n = bisect_left(self._seqs, seq)
        while n < len(self._ids) and self._seqs[n] == seq and self._ids[n] < order_id:
            n += 1
        return n

    def _is_at(self, n: int, place: Place) -> bool:
        return n < len(self._ids) and (self._seqs[n], self._ids[n]) == place


def place_of(parent: Parent | Composite) -> Place:
    return parent.seq, OrderID(parent.order.instruction_id)
