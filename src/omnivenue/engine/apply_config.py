"""What a configuration says, applied: instruments, venues, limits, accounts, money paid in."""

from typing import assert_never

from omnivenue.engine.apply_exposure import limits_set
from omnivenue.engine.apply_marks import currency_changed, paid_in
from omnivenue.engine.apply_risk import is_watched
from omnivenue.engine.settle import bind
from omnivenue.engine.state import State, VenueState, version_key
from omnivenue.ledger import free, move, pair, world
from omnivenue.message import (
    AccountOpened,
    Deposited,
    InstrumentsListed,
    LimitsSet,
    VenueListed,
)
from omnivenue.model import AccountID, Instrument
from omnivenue.risk import index

type Configuration = InstrumentsListed | VenueListed | LimitsSet | AccountOpened | Deposited


def apply_config(state: State, event: Configuration) -> None:
    match event:
        case InstrumentsListed(instruments=instruments):
            for instrument in instruments:
                _list(state, instrument)
        case VenueListed(venue_id=venue_id, capabilities=capabilities):
            venue = state.venues.setdefault(venue_id, VenueState())
            venue.capabilities, venue.dead_man = capabilities, event.dead_man
        case LimitsSet(limits=limits, from_file=from_file):
            was, state.limits = state.limits.currency, limits
            state.limit_index = index(limits)
            state.forget_bearings()
            limits_set(state)
            state.marks_due |= is_watched(state)
            if limits.currency != was:
                currency_changed(state)
            if from_file:
                state.limits_of_file = limits
        case AccountOpened(account=account, venue_ids=venue_ids, hedging=hedging):
            state.accounts[account] = venue_ids
            _set_mode(state, account, hedging)
        case Deposited() if event.deposit_id not in state.deposits:
            state.deposits[event.deposit_id] = None
            target = free(event.account, event.venue_id)
            move(state.ledger, world(event.venue_id), target, event.asset, event.amount)
            paid_in(state, event.account)
        case Deposited():
            pass
        case _:
            assert_never(event)


def _list(state: State, instrument: Instrument) -> None:
    """The version before is kept: orders may still be counted in it."""
    before = state.instruments.get(instrument.instrument_id)
    if before is not None:
        state.retired[version_key(before.instrument_id, before.version)] = before
    state.instruments[instrument.instrument_id] = instrument
    state.forget_bearings()
    if instrument.is_spot:
        name = pair(instrument.base, instrument.quote)
        state.pairs[name] = tuple(sorted({*state.pairs.get(name, ()), instrument.instrument_id}))
    state.venues.setdefault(instrument.venue_id, VenueState())
    if before is not None and before.margin != instrument.margin:
        for account in sorted(
            a for a, found in state.exposures.items() if before.instrument_id in found
        ):
            bind(state, account, instrument.instrument_id)


def _set_mode(state: State, account: AccountID, hedging: bool) -> None:
    """As venues do it: a leg that has anything in it cannot become another one."""
    for exposure in state.exposures.get(account, {}).values():
        if any((leg.cost, leg.buys, leg.sells) != (0, 0, 0) for leg in exposure.legs.values()):
            return
    if hedging:
        state.hedging[account] = None
    else:
        state.hedging.pop(account, None)
