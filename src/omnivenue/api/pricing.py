"""`POST /v1/quote` and `POST /v1/arb`: what swaps would bring, and which rounds of them earn.

They only look, at pools that are sent along or configured, and are answered beside the loop. Who
leaves ends his own question: others wait for it, and nobody would read the answer.
"""

import asyncio
from collections.abc import Coroutine

from omnivenue.api.answer import Answer, refusal
from omnivenue.api.pools import Kind
from omnivenue.api.request import Call
from omnivenue.api.site import Site
from omnivenue.wire import ErrorCode

LEFT_EARLY = (
    "you ended your side of the connection before it was answered, and it was given up: "
    "keep it open until the answer"
)


def quote(site: Site, call: Call) -> Coroutine[None, None, Answer]:
    return _asked(site, call, Kind.QUOTE)


def arb(site: Site, call: Call) -> Coroutine[None, None, Answer]:
    return _asked(site, call, Kind.ARB)


async def _asked(site: Site, call: Call, kind: Kind) -> Answer:
    asking = asyncio.ensure_future(site.pools.ask(call.principal, kind, call.body))
    leaving = asyncio.ensure_future(call.left.wait())
    try:
        await asyncio.wait({asking, leaving}, return_when=asyncio.FIRST_COMPLETED)
        return asking.result() if asking.done() else refusal(ErrorCode.UNAVAILABLE, LEFT_EARLY)
    finally:
        asking.cancel()
        leaving.cancel()
        await asyncio.wait({asking, leaving})
