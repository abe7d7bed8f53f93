"""A venue's book at one moment, and what can be read off it. Pure; the live ones are runtime's."""

import msgspec

from omnivenue.message import Depth, Mark, Missing, Top
from omnivenue.model import InstrumentID, Lots, Nanos, Side, Ticks

type Level = tuple[Ticks, Lots]


class Quote(msgspec.Struct, frozen=True, kw_only=True, tag="quote", tag_field="type"):
    instrument_id: InstrumentID
    bids: tuple[Level, ...]  # best first
    asks: tuple[Level, ...]
    at: Nanos  # the venue's time
    last: tuple[Ticks, Lots, Side] | None = None  # the latest print, and who was the aggressor
    lost: str = ""  # why there is no book to believe; then there are no levels either
    time_jumps: int = 0  # times that whoever reads the feed did not believe, so far


def top(quote: Quote) -> Top | Missing:
    if not (quote.bids and quote.asks):
        return Missing(why="one-sided book")
    (bid, bid_qty), (ask, ask_qty) = quote.bids[0], quote.asks[0]
    return Top(bid=bid, bid_qty=bid_qty, ask=ask, ask_qty=ask_qty, at=quote.at)


def mark(quote: Quote) -> Mark | Missing:
    """The mid price, rounded down."""
    bids, asks = quote.bids, quote.asks
    if not (bids and asks):
        return Missing(why="one-sided book")
    return Mark(px=Ticks((bids[0][0] + asks[0][0]) // 2), at=quote.at)


def depth(quote: Quote, side: Side, qty: Lots) -> Depth | Missing:
    """Up to `qty` of what an order on `side` would meet, and the worst price among it."""
    assert qty > 0
    levels = quote.asks if side is Side.BUY else quote.bids
    if not levels:
        return Missing(why="no depth")
    found, met = 0, list[Level]()
    for px, available in levels:
        if found >= qty:
            break
        met.append((px, Lots(min(available, qty - found))))
        found += available
    worst_px = met[-1][0]
    return Depth(qty=Lots(min(found, qty)), worst_px=worst_px, at=quote.at, levels=tuple(met))
