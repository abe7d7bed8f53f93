"""`POST /v1/quote` and `POST /v1/arb`: what swaps would bring, and which rounds of them earn.

They only look, at what is sent along, and are answered beside the loop.
"""

from collections.abc import Coroutine

from omnivenue.api.answer import Answer
from omnivenue.api.pools.frames import Kind
from omnivenue.api.request import Call
from omnivenue.api.site import Site


def quote(site: Site, call: Call) -> Coroutine[None, None, Answer]:
    return site.pools.ask(call.principal, Kind.QUOTE, call.body)


def arb(site: Site, call: Call) -> Coroutine[None, None, Answer]:
    return site.pools.ask(call.principal, Kind.ARB, call.body)
