"""What has to be the case before something new is done, as the journal has it.

I2: a key decides once. I17: a price that an order was accepted at was fresh. T22: nothing new goes
to a venue before it has answered a question that was sent after it came up.
"""

from omnivenue.message import (
    Accept,
    CancelAllInstructed,
    CancelInstructed,
    Entry,
    Missing,
    NewOrder,
    Opened,
    OrderInstructed,
    QueryOrders,
    StatusReport,
    VenueDown,
    VenueUp,
)
from omnivenue.model import InstructionID, VenueID
from omnivenue.runtime.books import STALE_AFTER


class Gates:
    """Follows the journal, entry by entry."""

    def __init__(self) -> None:
        self._keys: set[InstructionID] = set()
        self._waits_for: dict[VenueID, int] = {}  # the first question since it came up
        self._open: set[VenueID] = set()

    def follow(self, entry: Entry) -> None:
        self._check(entry)
        match entry.event:
            case Opened():
                self._open.clear()
            case VenueDown(venue_id=venue_id):
                self._open.discard(venue_id)
            case VenueUp(venue_id=venue_id):
                self._open.discard(venue_id)
                asked = [c.query for c in entry.commands if isinstance(c, QueryOrders)]
                self._waits_for[venue_id] = asked[0]
            case StatusReport(venue_id=venue_id, query=query):
                if query >= self._waits_for.get(venue_id, query + 1):
                    self._open.add(venue_id)
            case OrderInstructed() | CancelInstructed() | CancelAllInstructed() as instruction:
                self._keys.add(instruction.instruction_id)
            case _:
                pass

    def _check(self, entry: Entry) -> None:
        match entry.event:
            case OrderInstructed() | CancelInstructed() | CancelAllInstructed() as instruction:
                is_used = instruction.instruction_id in self._keys
                assert not (is_used and entry.commands), "I2: a used key was decided upon again"
            case _:
                pass
        for command in entry.commands:
            match command:
                case NewOrder(venue_id=venue_id):
                    assert venue_id in self._open, "T22: sent before the venue has answered"
                case Accept():
                    assert entry.seen, "I17: accepted without a look at the market"
                    for asked in entry.seen:
                        assert not isinstance(asked.answer, Missing), "I17: accepted blindly"
                        assert entry.at - asked.answer.at <= STALE_AFTER, "I17: a stale price"
                case _:
                    pass
