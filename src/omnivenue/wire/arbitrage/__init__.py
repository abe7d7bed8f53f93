"""An arbitrage signal, priced: what is asked, over which pools, and the document that answers."""

from omnivenue.wire.arbitrage.chains import Chain, Chains
from omnivenue.wire.arbitrage.document import ArbitrageRow, document_of, refused_document
from omnivenue.wire.arbitrage.pricing import answer
from omnivenue.wire.arbitrage.signal import ArbitrageSignal, parse_arbitrage

__all__ = [
    "ArbitrageRow",
    "ArbitrageSignal",
    "Chain",
    "Chains",
    "answer",
    "document_of",
    "parse_arbitrage",
    "refused_document",
]
