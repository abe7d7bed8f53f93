"""What has to be the case before something new is done, as the journal has it.

I17: whatever makes a risk larger was decided upon at a fresh price. T22: nothing new goes to a
venue before it has answered a question that was sent after it came up.
"""

from collections.abc import Iterable, Sequence

from omnivenue.market import Quote
from omnivenue.message import (
    Accept,
    Entry,
    Missing,
    NewOrder,
    Opened,
    QueryOrders,
    StatusReport,
    VenueDown,
    VenueUp,
    decode_entry,
)
from omnivenue.model import InstrumentID, VenueID
from omnivenue.oms import Order
from omnivenue.runtime.books import STALE_AFTER
from sim.checkers.checker import Checker, Watched


class GateChecker(Checker):
    """Follows the journal, entry by entry.

    The clocks of this world agree, and nobody is told so. By how much the least late quote was late
    that a process has heard of a market, so much may be the venue's clock or the wire, and nobody
    can tell which: a price may be older by that, and by no more.
    """

    def __init__(self, loop: Watched) -> None:
        super().__init__(loop)
        self._waits_for: dict[VenueID, int] = {}  # the first question since it came up
        self._open: set[VenueID] = set()
        self._late: dict[InstrumentID, int] = {}  # at the least, of what this process has heard
        self._seen = -1  # the last entry that was checked

    def opened(self) -> None:
        """A commit that failed may have been written: by a process that knew its own quotes."""
        self._waits_for, self._open = {}, set()
        self._follow(decode_entry(line) for line in self.loop.core.journal.lines())
        self._late = {}

    def heard(self, quote: Quote) -> None:
        late = self.loop.now - quote.at
        self._late[quote.instrument_id] = min(late, self._late.get(quote.instrument_id, late))

    def committed(self, entries: Sequence[Entry], touched: Sequence[Order]) -> None:
        self._follow(entries)

    def _follow(self, entries: Iterable[Entry]) -> None:
        for entry in entries:
            if entry.seq > self._seen:
                self._check(entry)
                self._seen = entry.seq
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
                case _:
                    pass

    def _check(self, entry: Entry) -> None:
        is_opened_now: set[VenueID] = set()
        if isinstance(entry.event, StatusReport):  # its answer opens the venue, before it decides
            venue_id, query = entry.event.venue_id, entry.event.query
            if query >= self._waits_for.get(venue_id, query + 1):
                is_opened_now.add(venue_id)
        for command in entry.commands:
            match command:
                case NewOrder(venue_id=venue_id):
                    is_open = venue_id in self._open or venue_id in is_opened_now
                    assert is_open, "T22: sent before the venue has answered"
                    if not command.is_reduction:
                        self._check_price(entry, command.instrument_id)
                case Accept(is_armed=False):
                    self._check_price(entry)
                case _:
                    pass

    def _check_price(self, entry: Entry, of: InstrumentID | None = None) -> None:
        """Of the instrument; of all that was asked, where none is named."""
        seen = [a for a in entry.seen if of in (None, a.question.instrument_id)]
        assert seen, "I17: more risk without a look at the market"
        for asked in seen:
            assert not isinstance(asked.answer, Missing), "I17: accepted blindly"
            late = self._late.get(asked.question.instrument_id, 0)
            assert entry.at - asked.answer.at <= STALE_AFTER + late, "I17: a stale price"
