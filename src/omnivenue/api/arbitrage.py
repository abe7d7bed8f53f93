"""`POST /execute/arbitrage`: a signal by token names, priced over the pools of its chain.

Reading pools and pricing may take longer than a turn of the loop, and a thread of ours would hold
it up all the same: so a process of its own does both. What is told is told to all doors alike: a
refusal is an answer too, with 200. Who leaves ends the pricing of his signal.
"""

import asyncio

import msgspec

from omnivenue.api.answer import Answer, Text, invalid_answer
from omnivenue.api.leaving import unless_left
from omnivenue.api.pools import Kind
from omnivenue.api.request import Call
from omnivenue.api.site import Site
from omnivenue.wire import Invalid, read_json
from omnivenue.wire.arbitrage import ArbitrageRow, ArbitrageSignal, parse_arbitrage


async def execute_arbitrage(site: Site, call: Call) -> Answer:
    document = read_json(call.body)
    signal = document if isinstance(document, Invalid) else parse_arbitrage(document)
    if isinstance(signal, Invalid):
        return invalid_answer(signal)
    found = await done(site, call.principal, signal, call.left)
    return found if isinstance(found, Answer) else Answer(200, found)


async def done(
    site: Site, name: str, signal: ArbitrageSignal, left: asyncio.Event
) -> ArbitrageRow | Answer:
    """What became of a signal, counted; or why nothing came of it, which counts as a refusal, also
    where whoever sent it has `left` meanwhile. `name`: of the token that sends it."""
    asked = site.pricing.ask(name, Kind.EXECUTE, msgspec.json.encode(signal))
    answer = await unless_left(left, asked)
    priced = answer.document
    row = msgspec.json.decode(priced.body, type=ArbitrageRow) if isinstance(priced, Text) else None
    site.tally.total_signals += 1
    if row is not None and row.success:
        site.tally.paper_executed += 1
    else:
        site.tally.failed += 1
    return answer if row is None else row
