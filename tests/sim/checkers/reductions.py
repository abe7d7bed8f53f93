"""I15 of what only reduces: it is for no more than there is to reduce, whoever closed it.

Counted from all orders and positions; the core keeps an index. What is being cancelled may still do
too much: a cancel can come too late.
"""

from collections import Counter
from collections.abc import Iterator

from omnivenue.engine import State
from omnivenue.oms import Parent
from sim.checkers.checker import Checker

type Place = tuple[str, str, str]


class ReductionChecker(Checker):
    def look(self) -> None:
        state = self.state
        there: Counter[tuple[Place, int]] = Counter()  # to reduce, by what the reduction does
        claimed: Counter[tuple[Place, int]] = Counter()
        for account, strategies in state.positions.items():
            for strategy_id, positions in strategies.items():
                for instrument_id, found in positions.items():
                    place = (account, strategy_id, instrument_id)
                    is_apart = account in state.hedging  # a leg is closed, whatever the other is
                    legs = found.legs.values() if is_apart else (found,)
                    for leg in legs:
                        there[place, -1 if leg.qty > 0 else 1] += abs(leg.qty)
        for parent, atoms in _claims(state):
            claimed[_place(parent), parent.order.side.sign] += atoms
        for (place, sign), atoms in claimed.items():
            assert atoms <= there[place, sign], "I15: a reduction would open a position"

    def calm(self) -> None:
        """By now the venue has followed: no more works there than is wanted."""
        for parent in self.state.parents.values():
            if parent.order.reduce_only and _is_wanted(parent):
                left = max(0, parent.qty - parent.filled)
                assert parent.working <= left, "I15: a venue has more of a reduction than is wanted"


def _claims(state: State) -> Iterator[tuple[Parent, int]]:
    """What the core wants of them, by the order; of a bracket's exits by the larger of the two."""
    for parent in state.parents.values():
        if parent.order.reduce_only and parent.entry_id is None and _is_wanted(parent):
            yield parent, parent.qty - parent.filled
        exits = [state.parents[i] for i in parent.exits]
        wanted = [each for each in exits if _is_wanted(each)]
        if wanted:
            yield wanted[0], max(each.qty - each.filled for each in wanted)


def _is_wanted(parent: Parent) -> bool:
    return parent.is_live and not parent.is_stopped


def _place(parent: Parent) -> Place:
    order = parent.order
    return order.account, order.strategy_id, order.instrument_id
