"""Binance, spot and USD-margined: its market streams, and the book that they describe."""

from omnivenue.venue.cefi.binance.codec import (
    DepthUpdate,
    Message,
    NotBinance,
    Reading,
    Received,
    Snapshot,
    Ticker,
    Trade,
)
from omnivenue.venue.cefi.binance.depth import (
    Applied,
    Buffered,
    Crossed,
    DepthSync,
    Gap,
    Outcome,
)

__all__ = [
    "Applied",
    "Buffered",
    "Crossed",
    "DepthSync",
    "DepthUpdate",
    "Gap",
    "Message",
    "NotBinance",
    "Outcome",
    "Reading",
    "Received",
    "Snapshot",
    "Ticker",
    "Trade",
]
