"""Money in the risk currency: what the pairs that are listed, and marks of the moment or of the
journal, say of it. Where an asset is the risk currency itself there is nothing to look up."""

from omnivenue.engine.state import State
from omnivenue.ledger import MarkOf, Rate, Rates
from omnivenue.ledger import rate as rate_of
from omnivenue.model import AssetID


def rate(state: State, asset: AssetID, mark_of: MarkOf) -> Rate | str:
    """Or why there is none."""
    return rate_of(state.pairs, state.limits.currency, asset, mark_of)


def rates(state: State) -> Rates:
    """By the marks that the journal has."""
    return Rates(state.pairs, state.limits.currency, state.marks)
