"""What a group of checks looks at, and when it is asked.

Checkers read State, the journal and the exchanges' own records. They share no code with the core:
what they compare with they work out anew, in the plainest way.
"""

from collections.abc import Sequence
from functools import lru_cache

from msgspec.structs import replace as with_fields

from omnivenue.engine import Archived, State
from omnivenue.engine.archived import decode_archived
from omnivenue.journal import Durable
from omnivenue.message import Entry, VenueCommand
from omnivenue.oms import Order
from omnivenue.runtime.simulated import SimLoop

_read = lru_cache(1_000)(decode_archived)


class Watched(SimLoop):
    """A loop, and what is known of its day."""

    is_honest = True  # no venue lies, takes a trade back or has orders of its own: limits hold then
    _whole: State | None = None
    _whole_of: tuple[int, int] = (-1, 0)  # the process and the entry that it was made after

    @property
    def whole(self) -> State:
        """State with all that has ever left it: what is believed does not depend on where it is
        kept. Nothing here changes either."""
        state = self.core.state
        if not self._shelf:
            return state
        now = (self._process, state.seq)
        if self._whole is None or now != self._whole_of:
            self._whole, self._whole_of = self._put_together(state), now
        return self._whole

    def _put_together(self, state: State) -> State:
        found = Archived()
        parents, orders, requests = found.parents, found.orders, dict(state.requests)
        for filed in {id(f): f for f in self._shelf.values()}.values():
            archived = _read(filed.content)
            parents |= archived.parents
            orders |= archived.orders
            if archived.request is not None:
                requests.setdefault(archived.request.instruction.instruction_id, archived.request)
        return with_fields(
            state, parents=parents | state.parents, orders=orders | state.orders, requests=requests
        )


class Checker:
    def __init__(self, loop: Watched) -> None:
        self.loop = loop

    @property
    def state(self) -> State:
        """All that is believed: also of what is over for long, wherever it lies."""
        return self.loop.whole

    def opened(self) -> None:
        """A process has come up, and has read what the last one left."""

    def committed(self, entries: Sequence[Entry], touched: Sequence[Order]) -> None:
        """Entries are durable; nothing of them has left yet. `touched`: the orders they concern."""

    def sent(self, durable: Durable) -> None:
        """At the last moment before the wire."""

    def arrived(self, command: VenueCommand) -> None:
        """The exchange is about to do it."""

    def look(self) -> None:
        """At everything, now and then."""

    def calm(self) -> None:
        """The faults are over for long enough, and nobody has cleaned up yet."""

    def ended(self) -> None:
        """What still worked was cancelled, everyone has reconnected, and nothing more will come."""
