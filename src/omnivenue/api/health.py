"""The public page: is the server open for business? Nothing of the account is on it."""

import msgspec

from omnivenue.api.answer import Answer
from omnivenue.api.request import Call
from omnivenue.api.scopes import GLOBAL
from omnivenue.api.site import Site, Tally
from omnivenue.engine import VenueStatus
from omnivenue.model import CHAIN_IDS, SECOND, Nanos, TradingState

STARTING_FOR = Nanos(10 * SECOND)
"""A venue that has not reconciled by then counts as down, and the others do not wait for it."""


class HealthRow(msgspec.Struct, frozen=True, kw_only=True):
    status: str  # starting, healthy, degraded, halted
    mode: str
    chains: int
    uptime: float  # seconds
    stats: Tally


def health(site: Site, call: Call) -> Answer:
    age = site.loop.now() - site.started_at
    word = _word(site, age)
    row = HealthRow(
        status=word,
        mode=site.loop.mode.upper(),
        chains=len(CHAIN_IDS),
        uptime=age // 1_000_000 / 1_000,
        stats=site.tally,
    )
    return Answer(503 if word == "starting" else 200, row)


def _word(site: Site, age: int) -> str:
    """Of the venues that this process talks to. State remembers those of older configurations, and
    nobody will ever bring them up."""
    venues = site.state.venues
    is_open = all(venues[venue_id].status is VenueStatus.OPEN for venue_id in site.loop.venue_ids)
    if not is_open and age < STARTING_FOR:
        return "starting"
    if site.loop.trading_state(GLOBAL) in (TradingState.KILLED, TradingState.HALTED):
        return "halted"
    return "healthy" if is_open else "degraded"
