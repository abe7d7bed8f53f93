"""The live market. It belongs to the runtime: it is in no journal, no snapshot and no hash.

How old news is, is told in our own clock: a venue's may be an hour off. The shortest way that a
quote ever took is how far the two clocks are apart; what takes longer than that is late, however
new it looks.
"""

import msgspec

from omnivenue.market import Quote
from omnivenue.message import Missing
from omnivenue.model import SECOND, InstrumentID, Nanos

STALE_AFTER = Nanos(2 * SECOND)


class Latest(msgspec.Struct):
    quote: Quote
    apart: int  # our clock less the venue's, at the least
    news_at: Nanos  # when the quote was true, by our clock


class Books:
    def __init__(self) -> None:
        self._books: dict[InstrumentID, Latest] = {}

    def update(self, quote: Quote, at: Nanos | None = None) -> None:
        """`at`: when it came in, by our clock; in a backtest, the quote's own time."""
        if quote.bids and quote.asks and quote.bids[0][0] >= quote.asks[0][0]:
            return  # crossed: it cannot be, so what was there turns stale
        now = quote.at if at is None else at
        book = self._books.get(quote.instrument_id)
        if book is None:  # how old the first one is, only the venue's clock can tell
            news_at = min(now, quote.at)
            self._books[quote.instrument_id] = Latest(quote, now - quote.at, news_at)
            return
        if quote.at < book.quote.at:  # its clock was set back, so it is compared anew
            book.apart = now - quote.at
        else:
            book.apart = min(book.apart, now - quote.at)
            book.news_at = Nanos(quote.at + book.apart)
        book.quote = quote

    def latest(self, instrument_id: InstrumentID) -> Quote | None:
        """However old it is."""
        book = self._books.get(instrument_id)
        return None if book is None else book.quote

    def is_fresh(self, instrument_id: InstrumentID, at: Nanos) -> bool:
        book = self._books.get(instrument_id)
        return book is not None and at - book.news_at <= STALE_AFTER

    def quote(self, instrument_id: InstrumentID, at: Nanos) -> Quote | Missing:
        book = self._books.get(instrument_id)
        if book is None:
            return Missing(why="never quoted")
        return book.quote if self.is_fresh(instrument_id, at) else Missing(why="the feed is stale")
