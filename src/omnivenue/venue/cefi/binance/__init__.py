"""Binance spot: its market streams, and the book that they describe."""

from omnivenue.venue.cefi.binance.depth import (
    Applied,
    Buffered,
    DepthSync,
    DepthUpdate,
    Gap,
    NotBinance,
    Reading,
    Received,
    Snapshot,
    Ticker,
    Trade,
)

__all__ = [
    "Applied",
    "Buffered",
    "DepthSync",
    "DepthUpdate",
    "Gap",
    "NotBinance",
    "Reading",
    "Received",
    "Snapshot",
    "Ticker",
    "Trade",
]
