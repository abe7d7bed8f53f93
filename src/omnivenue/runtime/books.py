"""The live market. It belongs to the runtime: it is in no journal, no snapshot and no hash.

Whether a quote is fresh is judged by our own clock alone, from when news came in: a venue's clock
may be an hour off, and a feed that repeats itself is dead all the same.
"""

from omnivenue.market import Quote
from omnivenue.message import Missing
from omnivenue.model import SECOND, InstrumentID, Nanos

STALE_AFTER = Nanos(2 * SECOND)


class Books:
    def __init__(self) -> None:
        self._quotes: dict[InstrumentID, Quote] = {}
        self._news_at: dict[InstrumentID, Nanos] = {}

    def update(self, quote: Quote, at: Nanos | None = None) -> None:
        """`at`: when it came in, by our clock; in a backtest, the quote's own time."""
        before = self._quotes.get(quote.instrument_id)
        self._quotes[quote.instrument_id] = quote
        if before is None:  # how old the first one is, only the venue's clock can tell
            self._news_at[quote.instrument_id] = quote.at if at is None else min(at, quote.at)
        elif quote.at > before.at:
            self._news_at[quote.instrument_id] = quote.at if at is None else at

    def latest(self, instrument_id: InstrumentID) -> Quote | None:
        """However old it is."""
        return self._quotes.get(instrument_id)

    def is_fresh(self, quote: Quote, at: Nanos) -> bool:
        return at - self._news_at[quote.instrument_id] <= STALE_AFTER

    def quote(self, instrument_id: InstrumentID, at: Nanos) -> Quote | Missing:
        quote = self._quotes.get(instrument_id)
        if quote is None:
            return Missing(why="never quoted")
        return quote if self.is_fresh(quote, at) else Missing(why="the feed is stale")
