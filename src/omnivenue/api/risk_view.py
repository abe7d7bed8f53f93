"""`/v1/risk`: the limits that hold and what is used of each, what has tripped, and where trading is
stopped; and changing limits while everything runs."""

from collections.abc import Iterator
from typing import Any, cast

from omnivenue.api.answer import Answer, invalid_answer, refusal, unavailable
from omnivenue.api.paging import read_query
from omnivenue.api.request import Call
from omnivenue.api.risk_usage import used
from omnivenue.api.scopes import GLOBAL, LIMITED, read_scope
from omnivenue.api.site import Site
from omnivenue.engine import State
from omnivenue.journal import JournalFailed
from omnivenue.message import LimitsSet
from omnivenue.model import (
    InstrumentID,
    Limit,
    LimitInvalid,
    LimitName,
    Nanos,
    NotDecimal,
    TradingState,
    exponent,
    format_decimal,
    format_limit,
    nearest_hint,
    parse_limit,
    scopes_of,
    with_changes,
)
from omnivenue.runtime import InboxFull
from omnivenue.wire import (
    BreakerRow,
    ErrorCode,
    Invalid,
    LimitRow,
    QuarantineRow,
    RiskRow,
    StateRow,
    invalid,
    iso,
    read_json,
)
from omnivenue.wire.fields import Fields, cut

LIMITS_MAX = 1_000  # of one call
OK, TRIPPED = "OK", "TRIPPED"

BREAKERS = (
    LimitName.DAILY_LOSS,
    LimitName.REPEATED_EXECUTION,
    LimitName.CLOCK_OFFSET,
    LimitName.UNKNOWN_COUNT,
    LimitName.REJECT_RATE,
    LimitName.STALE_FEED,
)
"""Limits that stop trading by themselves when they are passed."""

_NAMES = tuple(name.value for name in LimitName)


def risk(site: Site, call: Call) -> Answer:
    query = read_query(call.query, (), ())
    return invalid_answer(query) if isinstance(query, Invalid) else _document(site)


async def set_limits(site: Site, call: Call) -> Answer:
    """The others stay as they are. One change at a time, because each is made of what holds."""
    document = read_json(call.body)
    if isinstance(document, Invalid):
        return invalid_answer(document)
    if not isinstance(document, dict):
        text = 'the body must be {"limits": [...], "reason": "..."}'
        return invalid_answer(invalid([ErrorCode.WRONG_TYPE.because(text)]))
    fields = Fields(cast("dict[str, Any]", document))
    changes, reason = _changes(fields, site), fields.reason()
    if fields.wrong:
        return invalid_answer(invalid(fields.wrong))
    async with site.limits_lock:
        event = LimitsSet(
            limits=with_changes(site.state.limits, changes), from_file=False, reason=reason
        )
        try:
            await site.loop.submit(call.principal, event)
        except InboxFull:
            return refusal(ErrorCode.TOO_MANY, "too much waits to be decided upon: repeat")
        except JournalFailed:
            text = "the journal failed, so it is unknown which limits hold: look after a restart"
            return unavailable(text, "", is_unknown=True)
    return _document(site)


def state_row(state: State, scope: str, at: Nanos) -> StateRow:
    """`at`: since when it is ACTIVE, for whoever has just made it so."""
    stopped = state.stopped.get(scope)
    if stopped is None:
        return StateRow(
            scope=scope, state=TradingState.ACTIVE.value, since=iso(at) if at else None, reason=None
        )
    waits = ", ".join(sorted(stopped.rearms_with))
    reason = stopped.reason + (f"; to be armed when {waits} is reconciled" if waits else "")
    return StateRow(scope=scope, state=stopped.state.value, since=iso(stopped.since), reason=reason)


def _document(site: Site) -> Answer:
    state, now = site.state, site.loop.now()
    scopes = (GLOBAL, *sorted(set(state.stopped) - {GLOBAL}))
    row = RiskRow(
        currency=state.limits.currency,
        limits=tuple(_limit_row(state, now, limit) for limit in _limits(state)),
        breakers=tuple(_breakers(state)),
        states=tuple(state_row(state, scope, Nanos(0)) for scope in scopes),
        quarantined=tuple(_quarantined(state)),
    )
    return Answer(200, {"risk": row, "next_cursor": None, "seq": site.last_seq})


def _quarantined(state: State) -> Iterator[QuarantineRow]:
    for _, found in sorted(state.quarantined.items()):
        instrument = state.instruments.get(InstrumentID(found.asset))
        counted_in = found.asset if instrument is None else instrument.qty_asset
        yield QuarantineRow(
            account=found.account,
            venue=found.venue_id,
            asset=found.asset,
            difference=format_decimal(found.difference, exponent(counted_in)),
            since=iso(found.since),
        )


def _limits(state: State) -> list[Limit]:
    """With a line for each that nobody has said anything about: it is waived."""
    said = {limit.name for limit in state.limits.limits}
    unsaid = [Limit(scope=GLOBAL, name=n, value=None) for n in LimitName if n not in said]
    return [*state.limits.limits, *unsaid]


def _limit_row(state: State, at: Nanos, limit: Limit) -> LimitRow:
    so_far = None if limit.value is None else used(state, at, limit)
    return LimitRow(
        scope=limit.scope,
        name=limit.name.value,
        limit=None if limit.value is None else format_limit(limit.name, limit.value),
        used=None if so_far is None else format_limit(limit.name, so_far),
    )


def _breakers(state: State) -> Iterator[BreakerRow]:
    """Those that are set, and whatever has tripped, even if it is waived by now."""
    names = {name.value for name in BREAKERS}
    for scope, stopped in sorted(state.stopped.items()):
        if stopped.source in names:
            yield BreakerRow(
                name=stopped.source,
                scope=scope,
                state=TRIPPED,
                since=iso(stopped.since),
                reason=stopped.reason,
            )
    for limit in state.limits.limits:
        of_it = state.stopped.get(limit.scope)
        has_tripped = of_it is not None and of_it.source == limit.name.value
        if limit.name in BREAKERS and limit.value is not None and not has_tripped:
            yield BreakerRow(
                name=limit.name.value, scope=limit.scope, state=OK, since=None, reason=None
            )


def _changes(fields: Fields, site: Site) -> tuple[Limit, ...]:
    fields.only(("limits", "reason"))
    rows = fields.rows("limits", LIMITS_MAX)
    if not rows and not fields.wrong:
        fields.missing("limits")
    found = [_change(row, site) for row in rows]
    names = [(limit.scope, limit.name) for limit in found if limit is not None]
    if len(set(names)) < len(names):
        fields.add(ErrorCode.CONTRADICTION, "limits names one limit of one scope twice")
    return tuple(limit for limit in found if limit is not None)


def _change(row: Fields, site: Site) -> Limit | None:
    """A limit of null is waived, and must be said: leaving it out may be a slip."""
    row.only(("scope", "name", "limit"))
    before = len(row.wrong)
    scope, word = read_scope(row, site, LIMITED), row.text("name")
    if not row.mentions("limit"):
        row.missing("limit")
    if word not in _NAMES:
        if not row.has("name"):
            row.missing("name")
        elif word is not None:
            hint = nearest_hint(word, _NAMES)
            row.add(ErrorCode.NOT_ONE_OF, f"there is no limit {cut(word)}{hint}", value=cut(word))
        return None
    name = LimitName(word)
    kind = scope.partition(":")[0]
    if scope and kind not in scopes_of(name):
        kinds = ", ".join(scopes_of(name))
        row.add(ErrorCode.UNKNOWN_SCOPE, f"{name.value} has no scope {kind}: it has {kinds}")
    text = row.text("limit")
    if len(row.wrong) > before:
        return None
    if text is None:
        return Limit(scope=scope, name=name, value=None)
    try:
        return Limit(scope=scope, name=name, value=parse_limit(name, text))
    except NotDecimal as error:
        row.add(ErrorCode.NOT_DECIMAL, f"{name.value}: {error}", value=cut(text))
    except LimitInvalid as error:
        row.add(ErrorCode.OUT_OF_RANGE, f"{name.value} {error}", value=cut(text))
    return None
