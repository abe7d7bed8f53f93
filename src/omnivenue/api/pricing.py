"""`POST /v1/quote` and `POST /v1/arb`: what swaps would bring, and which rounds of them earn.

They only look, at pools that are sent along or configured, and are answered beside the loop. Who
leaves ends his own question.
"""

from collections.abc import Coroutine

from omnivenue.api.answer import Answer
from omnivenue.api.leaving import unless_left
from omnivenue.api.pools import Kind
from omnivenue.api.request import Call
from omnivenue.api.site import Site


def quote(site: Site, call: Call) -> Coroutine[None, None, Answer]:
    return _asked(site, call, Kind.QUOTE)


def arb(site: Site, call: Call) -> Coroutine[None, None, Answer]:
    return _asked(site, call, Kind.ARB)


def _asked(site: Site, call: Call, kind: Kind) -> Coroutine[None, None, Answer]:
    return unless_left(call.left, site.pools.ask(call.principal, kind, call.body))
