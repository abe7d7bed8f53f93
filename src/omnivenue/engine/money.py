"""When a venue holds something else than we believe: what nobody explains is put in quarantine.

A fill may be on its way to us, so one answer proves nothing. The same difference in two answers
some time apart, each at least as new as all that we know, does.
"""

from omnivenue.engine.apply_external import EXTERNAL
from omnivenue.engine.instruct import is_news
from omnivenue.engine.state import place
from omnivenue.engine.turn import Turn
from omnivenue.message import (
    AdjustmentInstructed,
    Alert,
    FundingPaid,
    Quarantine,
    ReleaseQuarantine,
    StatusReport,
)
from omnivenue.model import SECOND, InstrumentID, Nanos

GRACE = Nanos(2 * SECOND)
"""As long as an order may be on its way."""


def held_reported(turn: Turn, report: StatusReport) -> None:
    for paid in report.fundings:
        funding_paid(turn, paid)
    state = turn.state
    for key, found in sorted(state.differences.items()):
        if found.venue_id != report.venue_id or found.until - found.since < GRACE:
            continue
        known = state.quarantined.get(key)
        if known is None or known.difference != found.amount:
            turn.emit(
                Quarantine(
                    account=found.account,
                    venue_id=found.venue_id,
                    asset=found.asset,
                    difference=found.amount,
                )
            )
            about = f"{key}: the venue has {found.amount:+d} atoms more than we know of"
            turn.emit(Alert(topic="quarantine", about=about))
    for key, known in sorted(state.quarantined.items()):
        if known.venue_id == report.venue_id and key not in state.differences:
            _release(turn, key, "the venue agrees again")


def adjustment_instructed(turn: Turn, event: AdjustmentInstructed) -> None:
    request = turn.state.requests.get(event.instruction_id)
    if request is None or not is_news(turn, request):
        return
    key = place(event.account, event.venue_id, event.asset)
    turn.emit(Alert(topic="adjustment", about=f"{key}: {event.amount:+d} atoms, {event.reason}"))
    if key in turn.state.quarantined:
        _release(turn, key, "it was adjusted")
    if event.asset in turn.state.instruments:
        turn.look_at((event.account, EXTERNAL, InstrumentID(event.asset)))


def funding_paid(turn: Turn, paid: FundingPaid) -> None:
    """What is not listed settles in nobody knows what: its money shows as a difference."""
    if paid.instrument_id not in turn.state.instruments:
        about = f"{paid.funding_id}: {paid.instrument_id} is not listed"
        turn.emit(Alert(topic="unknown funding", about=about))


def _release(turn: Turn, key: str, why: str) -> None:
    known = turn.state.quarantined[key]
    turn.emit(ReleaseQuarantine(account=known.account, venue_id=known.venue_id, asset=known.asset))
    turn.emit(Alert(topic="quarantine is over", about=f"{key}: {why}"))
