"""What is done beside trading, again and again, as long as the server runs.

A task that nobody awaits ends unseen, and what it did is missed days later: tables that lag, a
start that takes long. So what goes wrong here is told as a fault of ours, and tried again. The
server does not end for it, as it does where it could hear no stop any more: no order and no stop
depends on a chore, and an end would leave both to a restart.
"""

import asyncio
from collections.abc import Callable

from omnivenue import telemetry

AFTER_SECONDS = 1.0  # we come up first
PAUSE_SECONDS = 15.0
"""After a fault. What fails always is told always, and must not fill the log."""


async def chore(what: str, do: Callable[[], object], every: float) -> None:
    """Until it is cancelled. `do` costs the loop what it takes, so it only looks."""
    seconds = AFTER_SECONDS
    while True:
        await asyncio.sleep(seconds)
        seconds = every
        try:
            do()
        except Exception as error:
            telemetry.chore_failed(what, error)
            seconds = PAUSE_SECONDS
