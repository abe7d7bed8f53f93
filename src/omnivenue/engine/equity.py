"""What an account has, in the risk currency: its cash at every venue, by the journaled marks."""

from omnivenue.engine.rate import marked_rate, wide
from omnivenue.engine.state import State
from omnivenue.ledger import free, held, margin
from omnivenue.model import SHARE_UNIT, AccountID


def equity(state: State, account: AccountID) -> int:
    """Wide. An asset without a mark counts for nothing: nobody borrows against the unknown."""
    found = 0
    for venue_id in state.accounts.get(account, ()):
        for path in (free(account, venue_id), held(account, venue_id), margin(account, venue_id)):
            for asset, amount in state.ledger.paths.get(path, {}).items():
                at = marked_rate(state, asset)
                if not isinstance(at, str):
                    found += at.of(wide(amount, asset))
    return found


def daily_loss(state: State, account: AccountID) -> int | None:
    """What the account has lost since its day began, in 1 / SHARE_UNIT of its equity then."""
    day = state.days.get(account)
    if day is None:
        return None
    lost = max(0, day.equity - equity(state, account))
    if day.equity <= 0:
        return 2 * SHARE_UNIT if lost else 0
    return -(-lost * SHARE_UNIT // day.equity)
