"""Marks that have been set: what moved since the last ones is booked to what moved it, and every
account is counted anew."""

from omnivenue.engine.apply_exposure import revalue
from omnivenue.engine.equity import worth_now
from omnivenue.engine.rate import rates
from omnivenue.engine.state import State
from omnivenue.ledger import Rates, moved
from omnivenue.model import AccountID, InstrumentID


def apply_marks(state: State, marks: dict[InstrumentID, int]) -> None:
    first = Rates(state.pairs, state.limits.currency, state.marks.copy())
    state.marks.update(marks)
    last = rates(state)
    for strategies in state.positions.values():
        for positions in strategies.values():
            for instrument_id, position in positions.items():
                delta, basis = moved(state.instruments[instrument_id], position, first, last)
                position.delta += delta
                position.basis += basis
    for account in state.accounts:
        state.worths[account] = worth_now(state, account, last)
    if state.totals:
        revalue(state, {i: px for i, px in marks.items() if px > 0})
    state.marks_due = False


def paid_in(state: State, account: AccountID) -> None:
    """Between two marks, and maybe long after the last."""
    if account in state.worths:
        state.worths[account] = worth_now(state, account, rates(state))


def currency_changed(state: State) -> None:
    """All that was counted in the other one is begun anew."""
    state.worths.clear()
    state.days.clear()
    for strategies in state.positions.values():
        for positions in strategies.values():
            for position in positions.values():
                position.delta = position.basis = 0
                state.marks_due = True
