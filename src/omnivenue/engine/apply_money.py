"""Money and contracts that move without an order: funding, and what a person adjusts."""

from omnivenue.engine.apply_archive import retire
from omnivenue.engine.apply_exposure import move_position
from omnivenue.engine.apply_external import EXTERNAL
from omnivenue.engine.settle import bind
from omnivenue.engine.state import State, place
from omnivenue.ledger import LONG, NET, SHORT, Position, contracts, free, move, realize, world
from omnivenue.message import AdjustmentInstructed, FundingPaid
from omnivenue.model import (
    SECOND,
    AccountID,
    AssetID,
    Instrument,
    InstrumentID,
    Nanos,
    Side,
    StrategyID,
)
from omnivenue.oms import Request

KEEP = Nanos(3600 * SECOND)
"""How long an id is remembered after its venue has answered for that time. A payment that is older
than this was among those answers, so it is not news, whatever its id."""


def apply_money(state: State, at: Nanos, event: FundingPaid | AdjustmentInstructed) -> None:
    match event:
        case FundingPaid():
            _fund(state, event)
        case AdjustmentInstructed():
            _adjust(state, at, event)


def _fund(state: State, paid: FundingPaid) -> None:
    instrument = state.instruments.get(paid.instrument_id)
    if instrument is None or not _is_news(state, paid):
        return
    account, venue_id = paid.account, paid.venue_id
    target = free(account, venue_id)
    move(state.ledger, world(venue_id), target, instrument.settle, paid.amount)
    for strategy_id, share in _shares(state, account, paid.instrument_id, paid.amount):
        state.position(account, strategy_id, paid.instrument_id).funding += share
    venue = state.venues[venue_id]
    venue.latest = max(venue.latest, paid.at)
    state.marks_due = True


def _is_news(state: State, paid: FundingPaid) -> bool:
    told_before = state.venues[paid.venue_id].cursor - KEEP
    known = state.fundings.setdefault(paid.venue_id, {})
    if paid.funding_id in known or paid.at < told_before:
        return False
    for funding_id in [i for i, at in known.items() if at < told_before]:
        del known[funding_id]
    known[paid.funding_id] = paid.at
    return True


def _shares(
    state: State, account: AccountID, instrument_id: InstrumentID, amount: int
) -> list[tuple[StrategyID, int]]:
    """By what each strategy holds, signed: who is short while the account is long receives what the
    others pay for it. To the atom, because each has what the sum so far comes to, less what is
    given out. Where they hold nothing together, the account's own."""
    positions = state.positions.get(account, {})
    qtys = {
        strategy_id: found[instrument_id].qty
        for strategy_id, found in sorted(positions.items())
        if instrument_id in found
    }
    net, given, so_far = sum(qtys.values()), 0, 0
    if net == 0:
        return [(EXTERNAL, amount)]
    shares: list[tuple[StrategyID, int]] = []
    for strategy_id, qty in qtys.items():
        so_far += qty
        share = amount * so_far // net - given
        given += share
        shares.append((strategy_id, share))
    return shares


def _adjust(state: State, at: Nanos, event: AdjustmentInstructed) -> None:
    key = event.instruction_id
    if state.knows(key):
        return  # this key has its answer; it stands in State
    state.requests[key] = Request(instruction=event, seq=state.seq, received_at=at)
    retire(state, at, key)
    state.differences.pop(place(event.account, event.venue_id, event.asset), None)
    instrument = state.instruments.get(InstrumentID(event.asset))
    if instrument is None:
        target = free(event.account, event.venue_id)
        move(state.ledger, world(event.venue_id), target, event.asset, event.amount)
    else:
        _adjust_position(state, event.account, instrument, event.amount)
    state.marks_due = True


def _adjust_position(state: State, account: AccountID, instrument: Instrument, qty: int) -> None:
    """As if it had traded at the mark, so that nobody has earned or lost anything by it. The money
    of it stays in the account: what a venue has of that is another difference. Where there is no
    mark, it comes for nothing."""
    instrument_id, venue_id = instrument.instrument_id, instrument.venue_id
    position = state.position(account, EXTERNAL, instrument_id)
    move_position(state, account, EXTERNAL, instrument_id, qty)
    side = Side.BUY if qty > 0 else Side.SELL
    paid = instrument.paid_ceil(side, abs(qty), state.marks.get(instrument_id, 0))
    if instrument.is_spot:
        position.trade(qty, paid)
        return
    ours, theirs = contracts(account, venue_id), world(venue_id)
    move(state.ledger, theirs, ours, AssetID(instrument_id), qty)
    move(state.ledger, ours, free(account, venue_id), instrument.cash, paid)
    cost_before, leg = position.cost, _leg(state, account, position, qty)
    realized = position.trade(qty, paid) if leg == NET else position.trade_leg(leg, qty, paid)
    realize(state.ledger, account, instrument, realized)
    exposure = state.exposure(account, instrument_id)
    exposure.leg(leg).cost += position.cost - cost_before
    bind(state, account, instrument_id)


def _leg(state: State, account: AccountID, position: Position, qty: int) -> str:
    """Of an account that hedges: closes what it may, else opens."""
    if account not in state.hedging:
        return NET
    opens, closes = (LONG, SHORT) if qty > 0 else (SHORT, LONG)
    held = position.legs.get(closes)
    return closes if held is not None and abs(held.qty) >= abs(qty) else opens
