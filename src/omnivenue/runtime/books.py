"""The live market. It belongs to the runtime: it is in no journal, no snapshot and no hash."""

from omnivenue.market import Quote
from omnivenue.message import Missing
from omnivenue.model import SECOND, InstrumentID, Nanos

STALE_AFTER = Nanos(2 * SECOND)


class Books:
    def __init__(self) -> None:
        self._quotes: dict[InstrumentID, Quote] = {}

    def update(self, quote: Quote) -> None:
        self._quotes[quote.instrument_id] = quote

    def latest(self, instrument_id: InstrumentID) -> Quote | None:
        """However old it is."""
        return self._quotes.get(instrument_id)

    def is_fresh(self, quote: Quote, at: Nanos) -> bool:
        return at - quote.at <= STALE_AFTER

    def quote(self, instrument_id: InstrumentID, at: Nanos) -> Quote | Missing:
        quote = self._quotes.get(instrument_id)
        if quote is None:
            return Missing(why="never quoted")
        return quote if self.is_fresh(quote, at) else Missing(why="the feed is stale")
