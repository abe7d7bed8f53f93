"""What a venue says that an account has there, against what we believe; and what is in quarantine.

Ours is everything on the account's paths at the venue: cash that is free, held, or bound as margin,
with what contracts have cost, and the contracts under their instrument's id. Both are the sum of
all that was ever exchanged, so they agree to the atom or something is missing.
"""

from omnivenue.engine.state import Difference, Quarantined, State, place
from omnivenue.ledger import contracts, free, held, margin
from omnivenue.message import Quarantine, ReleaseQuarantine, StatusReport
from omnivenue.model import AccountID, AssetID, Nanos, VenueID

OURS = (free, held, margin, contracts)


def apply_held(state: State, report: StatusReport) -> None:
    """Remembered, and not decided upon. An answer that is older than what we know by now says
    nothing: what it lacks, we may have been told since."""
    if report.held is None or state.venues[report.venue_id].latest > report.as_of:
        return
    theirs: dict[AccountID, dict[AssetID, int]] = {}
    for said in report.held:
        theirs.setdefault(said.account, {})[said.asset] = said.total
    for account in state.accounts:
        _compare(state, account, report, theirs.get(account, {}))


def total_at(state: State, account: AccountID, venue_id: VenueID) -> dict[AssetID, int]:
    found: dict[AssetID, int] = {}
    for path in OURS:
        for asset, amount in state.ledger.paths.get(path(account, venue_id), {}).items():
            found[asset] = found.get(asset, 0) + amount
    return found


def _compare(
    state: State, account: AccountID, report: StatusReport, theirs: dict[AssetID, int]
) -> None:
    venue_id, as_of = report.venue_id, report.as_of
    ours = total_at(state, account, venue_id)
    named = {
        found.asset
        for found in state.differences.values()
        if (found.account, found.venue_id) == (account, venue_id)
    }
    for asset in ours.keys() | theirs.keys() | named:  # none by now, and never of ours: no more
        amount = theirs.get(asset, 0) - ours.get(asset, 0)
        key = place(account, venue_id, asset)
        known = state.differences.get(key)
        if amount == 0:
            if known is not None:
                del state.differences[key]
        elif known is not None and known.amount == amount:
            known.until = max(known.until, as_of)
        else:
            state.differences[key] = Difference(
                account=account,
                venue_id=venue_id,
                asset=asset,
                amount=amount,
                since=as_of,
                until=as_of,
            )


def apply_quarantine(state: State, at: Nanos, command: Quarantine | ReleaseQuarantine) -> None:
    key = place(command.account, command.venue_id, command.asset)
    match command:
        case Quarantine():
            state.quarantined[key] = Quarantined(
                account=command.account,
                venue_id=command.venue_id,
                asset=command.asset,
                difference=command.difference,
                since=at,
            )
        case ReleaseQuarantine():
            state.quarantined.pop(key, None)
