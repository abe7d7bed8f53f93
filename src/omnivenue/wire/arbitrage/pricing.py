"""From a signal to the document that answers it."""

from omnivenue.message import Reason
from omnivenue.route import priced
from omnivenue.wire.arbitrage.chains import Chains
from omnivenue.wire.arbitrage.document import ArbitrageRow, document_of, refused_document
from omnivenue.wire.arbitrage.signal import ArbitrageSignal


def answer(signal: ArbitrageSignal, chains: Chains) -> ArbitrageRow:
    """Reads the pools of the chain where they are new, so it may take as long as that."""
    wanted, chain = signal.wanted, chains.chain(signal.chain)
    found = chains.market(chain)
    if isinstance(found, Reason):
        return refused_document([found], wanted.route, wanted.principal)
    done = priced(wanted, found.market, chain.terms)
    return document_of(done, chain.terms, found.pools.faulty)
