"""Orders by their place in the journal. A map that went through a snapshot has forgotten the order
of insertion, and sorting all orders for each page would cost the loop too much."""

from bisect import bisect_right
from collections.abc import Iterable, Iterator

from omnivenue.engine import State
from omnivenue.model import OrderID
from omnivenue.oms import Parent


class OrderIndex:
    """Grown when it is asked: what came since stands at the end of State's map."""

    def __init__(self, state: State) -> None:
        self._state = state
        found = sorted((parent.seq, key) for key, parent in state.parents.items())
        self._seqs = [seq for seq, _ in found]
        self._ids = [key for _, key in found]

    def after(self, seq: int) -> Iterator[Parent]:
        """The orders that came after entry `seq`, the oldest first."""
        self._grow()
        for place in range(bisect_right(self._seqs, seq), len(self._ids)):
            parent = self._state.parents.get(self._ids[place])
            if parent is not None:
                yield parent

    def working_after(self, seq: int) -> Iterable[Parent]:
        """Those of them that have something open at a venue: few, however many have ended."""
        state = self._state
        ids = {state.orders[i].new.parent_id for venue in state.venues.values() for i in venue.open}
        parents = sorted((state.parents[order_id] for order_id in ids), key=lambda p: p.seq)
        return [parent for parent in parents if parent.seq > seq]

    def _grow(self) -> None:
        last = self._seqs[-1] if self._seqs else -1
        new: list[tuple[int, OrderID]] = []
        for key, parent in reversed(self._state.parents.items()):
            if parent.seq <= last:
                break
            new.append((parent.seq, key))
        for seq, key in reversed(new):
            self._seqs.append(seq)
            self._ids.append(key)
