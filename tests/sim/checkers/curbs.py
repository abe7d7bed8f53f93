"""I16 of REDUCE_ONLY: what still works there opens nothing, were all of it to trade.

Counted from all orders and positions, of each strategy and of its account. What is reduce-only by
its own terms is looked at by `reductions.py`; what is being cancelled may still do too much, since
a cancel can come too late.
"""

from collections import Counter
from collections.abc import Iterator

from omnivenue.engine import State
from omnivenue.model import TradingState
from omnivenue.oms import Parent
from sim.checkers.checker import Checker

type Place = tuple[str, ...]
"""Account, instrument, and a strategy where it is not about all of them."""


class CurbChecker(Checker):
    def look(self) -> None:
        state = self.loop.core.state
        held: Counter[Place] = Counter()
        for account, strategies in state.positions.items():
            for strategy_id, positions in strategies.items():
                for instrument_id, found in positions.items():
                    if account not in state.hedging:  # there all that is not reduce-only opens
                        held[account, instrument_id] += found.qty
                        held[account, instrument_id, strategy_id] += found.qty
        wanted: Counter[tuple[Place, int]] = Counter()
        for parent in _curbed(state):
            order, atoms = parent.order, parent.qty - parent.filled
            whole = (order.account, order.instrument_id)
            for place in (whole, (*whole, order.strategy_id)):
                wanted[place, order.side.sign] += atoms
        for (place, sign), atoms in wanted.items():
            left = max(0, -sign * held[place])
            assert atoms <= left, "I16: REDUCE_ONLY, and what works would open a position"

    def calm(self) -> None:
        """By now the venue has followed: no more works there than is wanted."""
        for parent in _curbed(self.loop.core.state):
            left = max(0, parent.qty - parent.filled)
            assert parent.working <= left, "I16: REDUCE_ONLY, and a venue has more than is wanted"


def _curbed(state: State) -> Iterator[Parent]:
    stops = [s for s, stop in state.stopped.items() if stop.state is TradingState.REDUCE_ONLY]
    for order_id in state.live if stops else ():
        parent = state.parents[order_id]
        order = parent.order
        venue_id = state.instruments[order.instrument_id].venue_id
        of_venue, of_account = f"venue:{venue_id}", f"account:{order.account}"
        scopes = {"global", of_venue, of_account, f"strategy:{order.strategy_id}"}
        is_plain = parent.is_ours and not (order.reduce_only or parent.is_stopped)
        if is_plain and not scopes.isdisjoint(stops):
            yield parent
