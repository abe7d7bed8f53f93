"""The live market. It belongs to the runtime: it is in no journal, no snapshot and no hash.

How old news is, is told in our own clock: a venue's may be an hour off. The shortest way that a
quote ever took is how far the two clocks are apart; what takes longer than that is late, however
new it looks. A time that leaps is not its clock's, until the next quote says so too: else all that
follows would be as late as one wrong time was ahead.

What was late stays late where times step back, for that may be a quote that others overtook on its
way. How far the clocks are apart is let grow only as slowly as clocks drift.
"""

import msgspec
from msgspec.structs import replace

from omnivenue.market import Quote
from omnivenue.message import Missing
from omnivenue.model import SECOND, InstrumentID, Nanos

MILLI = SECOND // 1000
STALE_AFTER = Nanos(2 * SECOND)

LEAP = Nanos(SECOND)
"""No way gets shorter than the clocks agree on by so much, and no venue is so late with its time.
Less than STALE_AFTER: what is not noticed makes no feed stale."""

BACK = Nanos(SECOND // 4)
"""A time before that of the quote before by more than this leaps, too. By less, its quote may have
been overtaken on its way, and says nothing of a clock."""

DRIFT = 10_000
"""What two clocks that nobody sets drift apart at most, by their crystals, is one part in so many:
a second in three hours."""

CROSSED = "the book is crossed"


class Latest(msgspec.Struct):
    quote: Quote
    apart: int  # our clock less the venue's, at the least
    news_at: Nanos  # when the quote was true, by our clock
    lost: str = ""  # why it is not true any more; the next whole quote ends that
    leapt: int | None = None  # as apart, by the last quote, where that is not believed yet
    late: int = 0  # how much longer than the shortest the last way was whose time is believed


class Books:
    def __init__(self) -> None:
        self._books: dict[InstrumentID, Latest] = {}

    def update(self, quote: Quote, at: Nanos | None = None) -> int:
        """`at`: when it came in, by our clock; in a backtest, the quote's own time. One that says
        that its book was lost, or that is crossed, is not believed, and what was there is stale.
        What comes back is how many times have leapt since the quote before, in here or in what its
        venue reads."""
        now = quote.at if at is None else at
        book = self._books.get(quote.instrument_id)
        lost = quote.lost or (CROSSED if _is_crossed(quote) else "")
        if book is None:  # how old the first one is, only the venue's clock can tell
            if lost:
                quote = replace(quote, bids=(), asks=())
            news_at = min(now, quote.at)
            self._books[quote.instrument_id] = Latest(quote, now - quote.at, news_at, lost)
            return quote.time_jumps
        before = book.quote.time_jumps
        leaps = quote.time_jumps - (before if before <= quote.time_jumps else 0)
        if lost:
            book.lost = lost
            book.quote = replace(book.quote, time_jumps=quote.time_jumps)
            return leaps
        return leaps + _take(book, quote, now)

    def latest(self, instrument_id: InstrumentID) -> Quote | None:
        """However old it is."""
        book = self._books.get(instrument_id)
        return None if book is None else book.quote

    def age(self, instrument_id: InstrumentID, at: Nanos) -> Nanos | None:
        """How old the latest quote is, by our clock."""
        book = self._books.get(instrument_id)
        return None if book is None else Nanos(max(0, at - book.news_at))

    def is_fresh(self, instrument_id: InstrumentID, at: Nanos) -> bool:
        return not self.doubt(instrument_id, at)

    def doubt(self, instrument_id: InstrumentID, at: Nanos) -> str:
        """Why nothing may be decided on this feed now; empty where it is fresh."""
        book = self._books.get(instrument_id)
        if book is None:
            return "never quoted"
        if book.lost:
            return f"the feed is stale: {book.lost}"
        age = at - book.news_at
        if age > STALE_AFTER:
            return f"the feed is stale: its last message is {age // MILLI} ms old"
        return ""

    def quote(self, instrument_id: InstrumentID, at: Nanos) -> Quote | Missing:
        book = self._books.get(instrument_id)
        doubt = self.doubt(instrument_id, at)
        return Missing(why=doubt) if book is None or doubt else book.quote


def _is_crossed(quote: Quote) -> bool:
    return bool(quote.bids and quote.asks) and quote.bids[0][0] >= quote.asks[0][0]


def _take(book: Latest, quote: Quote, now: Nanos) -> int:
    """Whether its time has leapt, 1 or 0: then it is shown with the one before."""
    way, leapt = now - quote.at, book.leapt
    has_leapt = quote.at < book.quote.at - BACK or way < min(book.apart, 0) - LEAP
    has_leapt = has_leapt and quote.at > 0  # 0: its market has not begun yet
    book.leapt, book.lost = way if has_leapt else None, ""
    is_set = has_leapt and leapt is not None and abs(way - leapt) <= LEAP  # twice
    if not is_set and (has_leapt or quote.at < book.quote.at):
        book.quote = replace(quote, at=book.quote.at)
        return int(has_leapt)
    if is_set:
        assert leapt is not None
        book.apart = min(way, leapt) - book.late
    else:  # a silence says nothing of the clocks
        passed = min(quote.at - book.quote.at, STALE_AFTER)
        book.apart = min(book.apart + passed // DRIFT, way)
    if quote.at != book.quote.at:  # what is repeated is old, and was on no longer way
        book.late = way - book.apart
    book.news_at = Nanos(quote.at + book.apart)
    book.quote = quote
    return 0
