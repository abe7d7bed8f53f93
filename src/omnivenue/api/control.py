"""Stopping trading, arming it again, and reconciling: calls without a key, because each may be said
twice. A stop is never less than it was; what ends one is rearm, and nothing else."""

import asyncio
from collections.abc import Callable
from typing import Any, cast

from omnivenue.api.answer import Answer, invalid_answer, unavailable
from omnivenue.api.request import Call
from omnivenue.api.risk_view import state_row
from omnivenue.api.scopes import STOPPABLE, read_scope
from omnivenue.api.site import Site
from omnivenue.engine import VenueStatus
from omnivenue.journal import JournalFailed
from omnivenue.model import TradingState, VenueID, nearest_hint
from omnivenue.wire import ErrorCode, Invalid, invalid, read_json
from omnivenue.wire.fields import Fields, cut

STATES = tuple(state.value for state in TradingState if state is not TradingState.ACTIVE)
RECONCILED_WITHIN_SECONDS = 5.0
LOOK_EVERY_SECONDS = 0.01


async def kill(site: Site, call: Call) -> Answer:
    fields = _fields(call, ("scope", "state", "reason"))
    if isinstance(fields, Invalid):
        return invalid_answer(fields)
    scope, reason = read_scope(fields, site, STOPPABLE), fields.reason()
    word = _state(fields)
    if fields.wrong:
        return invalid_answer(invalid(fields.wrong))
    try:
        await site.loop.set_state(scope, TradingState(word), reason, "http", call.principal)
    except JournalFailed:
        text = "the journal failed: nothing new leaves all the same, and a restart begins stopped"
        return unavailable(text, "", is_unknown=True)
    return Answer(200, state_row(site.state, scope, site.loop.now()))


async def rearm(site: Site, call: Call) -> Answer:
    """The row says whether it is armed: a venue that is away keeps its scopes stopped, and they are
    armed when it has been reconciled."""
    fields = _fields(call, ("scope", "reason"))
    if isinstance(fields, Invalid):
        return invalid_answer(fields)
    scope, reason = read_scope(fields, site, STOPPABLE), fields.reason()
    if fields.wrong:
        return invalid_answer(invalid(fields.wrong))
    try:
        await site.loop.rearm(scope, reason, call.principal)
    except JournalFailed:
        text = "the journal failed, so it is unknown whether trading was armed: look, and repeat"
        return unavailable(text, "", is_unknown=True)
    return Answer(200, state_row(site.state, scope, site.loop.now()))


async def reconcile(site: Site, call: Call) -> Answer:
    """Asks one venue, or all that are connected, what happened there; waits for their answers, but
    not for ever. The rows are those of `venues`."""
    from omnivenue.api.view_rows import venue_rows  # noqa: PLC0415

    fields = _fields(call, ("venue",))
    if isinstance(fields, Invalid):
        return invalid_answer(fields)
    venue = fields.text("venue")
    known = site.loop.venue_ids
    if venue is not None and venue not in known:
        text = f"unknown venue {cut(venue)}{nearest_hint(venue, known)}"
        fields.add(ErrorCode.UNKNOWN_VENUE, text, value=cut(venue))
    if fields.wrong:
        return invalid_answer(invalid(fields.wrong))
    asked = sorted(known if venue is None else {VenueID(venue)})
    await _reconciled(site, asked)
    rows = [row for _, row in venue_rows(site.state, site.loop.meter) if row.venue in asked]
    return Answer(200, {"venues": rows, "seq": site.last_seq})


async def _reconciled(site: Site, asked: list[VenueID]) -> None:
    """A venue that is down stays so: it is asked as soon as it is there again."""
    waiting: dict[VenueID, int] = {}
    for venue_id in asked:
        if site.state.venues[venue_id].status is not VenueStatus.DOWN:
            waiting[venue_id] = site.state.venues[venue_id].queries
            site.loop.ask(venue_id)

    def is_done() -> bool:
        venues = site.state.venues
        return all(
            venues[v].queries > before and venues[v].status is VenueStatus.OPEN
            for v, before in waiting.items()
        )

    await _until(is_done)


async def _until(holds: Callable[[], bool]) -> None:
    loop = asyncio.get_running_loop()
    deadline = loop.time() + RECONCILED_WITHIN_SECONDS
    while not holds() and loop.time() < deadline:
        await asyncio.sleep(LOOK_EVERY_SECONDS)


def _fields(call: Call, names: tuple[str, ...]) -> Fields | Invalid:
    document = read_json(call.body)
    if isinstance(document, Invalid):
        return document
    if not isinstance(document, dict):
        return invalid([ErrorCode.WRONG_TYPE.because("the body must be a JSON object")])
    fields = Fields(cast("dict[str, Any]", document))
    fields.only(names)
    return fields


def _state(fields: Fields) -> str:
    """In either case: rows have capitals, the command line has none."""
    text = fields.text("state")
    if text is None:
        return TradingState.KILLED.value
    word = text.upper()
    if word not in STATES:
        message = f"state must be one of {', '.join(STATES)}{nearest_hint(word, STATES)}"
        fields.add(ErrorCode.NOT_ONE_OF, message, value=cut(text))
    return word
