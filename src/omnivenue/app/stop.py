"""An orderly end: nothing new, outcomes awaited for a while, and what stays is counted."""

import asyncio

from omnivenue.config import Config
from omnivenue.engine import State
from omnivenue.message import CancelAllInstructed
from omnivenue.model import InstructionID
from omnivenue.oms import OrdStatus, status
from omnivenue.runtime import LiveLoop

OUTCOMES_WITHIN_SECONDS = 5.0
LOOK_EVERY_SECONDS = 0.02

_AWAITED = frozenset({OrdStatus.PENDING_NEW, OrdStatus.PENDING_CANCEL, OrdStatus.UNKNOWN})


def cancel_all(loop: LiveLoop, config: Config, *, everywhere: bool) -> None:
    """At every venue, or at those that are configured so."""
    for venue in config.venues:
        if everywhere or venue.cancel_on_stop:
            # No client's key has a slash, and no two stops begin at one entry.
            key = InstructionID(f"stop/{loop.state.seq}/{venue.venue_id}")
            event = CancelAllInstructed(instruction_id=key, body_hash="", venue_id=venue.venue_id)
            loop.tell("operator", event)


async def settle_outcomes(loop: LiveLoop) -> None:
    deadline = loop.now() + int(OUTCOMES_WITHIN_SECONDS * 1_000_000_000)
    await asyncio.sleep(LOOK_EVERY_SECONDS)
    while awaited(loop.state) and loop.now() < deadline:
        await asyncio.sleep(LOOK_EVERY_SECONDS)


def awaited(state: State) -> int:
    """Orders whose last request has no answer yet."""
    return sum(
        status(state.orders[cl_ord_id]) in _AWAITED
        for venue in state.venues.values()
        for cl_ord_id in venue.open
    )


def working_orders(state: State) -> int:
    """What stays at the venues."""
    return sum(len(venue.open) for venue in state.venues.values())
