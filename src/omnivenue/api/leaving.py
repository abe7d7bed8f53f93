"""What is looked for over pools ends when whoever asked has left: others wait for it, and nobody
would read the answer."""

import asyncio
from collections.abc import Coroutine

from omnivenue.api.answer import Answer, refusal
from omnivenue.wire import ErrorCode

LEFT_EARLY = (
    "you ended your side of the connection before it was answered, and it was given up: "
    "keep it open until the answer"
)


async def unless_left(left: asyncio.Event, asked: Coroutine[None, None, Answer]) -> Answer:
    """The answer, or that it was given up, for one who only closed his own side."""
    asking = asyncio.ensure_future(asked)
    leaving = asyncio.ensure_future(left.wait())
    try:
        await asyncio.wait({asking, leaving}, return_when=asyncio.FIRST_COMPLETED)
        return asking.result() if asking.done() else refusal(ErrorCode.UNAVAILABLE, LEFT_EARLY)
    finally:
        asking.cancel()
        leaving.cancel()
        await asyncio.wait({asking, leaving})
