"""What the configuration says and the journal does not: the events that bring them together.

A section is journaled at a start only where it differs from what was last read from a file. What
was changed while running stays, until the file itself changes.
"""

from collections.abc import Iterable, Mapping
from types import MappingProxyType

from msgspec.structs import replace

from omnivenue.engine import State
from omnivenue.message import (
    AccountOpened,
    Deposited,
    Event,
    InstrumentsListed,
    LimitsSet,
    VenueListed,
)
from omnivenue.model import (
    AccountID,
    AssetID,
    Atoms,
    Capabilities,
    Instrument,
    Limits,
    Nanos,
    VenueID,
)

type Balances = Mapping[AccountID, Mapping[VenueID, Mapping[AssetID, int]]]


def changes(
    state: State,
    instruments: Iterable[Instrument],
    capabilities: Mapping[VenueID, Capabilities],
    limits: Limits,
    balances: Balances,
    dead_man: Mapping[VenueID, Nanos] = MappingProxyType({}),
) -> list[Event]:
    """The events to be told before anything else. `capabilities` are the adapters': what each venue
    can do is journaled, because decisions depend on it. `balances` are the simulated deposits that
    each account starts with at each of its venues, in atoms; none in live. `dead_man`: after how
    much silence a venue is to cancel everything."""
    found: list[Event] = []
    if listed := tuple(_changed(state, instruments)):
        found.append(InstrumentsListed(instruments=listed))
    for venue_id, able in sorted(capabilities.items()):
        venue = state.venues.get(venue_id)
        silence = dead_man.get(venue_id, Nanos(0))
        if venue is None or (venue.capabilities, venue.dead_man) != (able, silence):
            listed_anew = VenueListed(venue_id=venue_id, capabilities=able, dead_man=silence)
            found.append(listed_anew)
    if state.limits_of_file != limits:
        found.append(LimitsSet(limits=limits, from_file=True))
    for account, venues in sorted(balances.items()):
        venue_ids = tuple(sorted(venues))
        if state.accounts.get(account) != venue_ids:
            found.append(AccountOpened(account=account, venue_ids=venue_ids))
    for account, venue_ids in sorted(state.accounts.items()):
        if venue_ids and account not in balances:  # taken out of the file: it trades nowhere
            found.append(AccountOpened(account=account, venue_ids=()))
    return found + [d for d in _deposits(balances) if d.deposit_id not in state.deposits]


def _changed(state: State, instruments: Iterable[Instrument]) -> Iterable[Instrument]:
    """Orders name the version that their lots are counted in: a change makes a new one."""
    for instrument in instruments:
        known = state.instruments.get(instrument.instrument_id)
        if known is None:
            yield replace(instrument, version=1)
        elif replace(instrument, version=known.version) != known:
            yield replace(instrument, version=known.version + 1)


def _deposits(balances: Balances) -> Iterable[Deposited]:
    for account, venues in sorted(balances.items()):
        for venue_id, assets in sorted(venues.items()):
            for asset, amount in sorted(assets.items()):
                yield Deposited(
                    deposit_id=f"start/{account}/{venue_id}/{asset}",
                    account=account,
                    venue_id=venue_id,
                    asset=asset,
                    amount=Atoms(amount),
                )
