"""`POST /execute/arbitrage`: a signal by token names, priced over the pools of its chain.

Reading pools and pricing may take longer than a turn of the loop, so they are done beside it. What
is told is told to all doors alike: a refusal is an answer too, with 200.
"""

import asyncio

from omnivenue.api.answer import Answer, invalid_answer
from omnivenue.api.request import Call
from omnivenue.api.site import Site
from omnivenue.wire import Invalid, read_json
from omnivenue.wire.arbitrage import ArbitrageRow, ArbitrageSignal, answer, parse_arbitrage


async def execute_arbitrage(site: Site, call: Call) -> Answer:
    document = read_json(call.body)
    signal = document if isinstance(document, Invalid) else parse_arbitrage(document)
    if isinstance(signal, Invalid):
        return invalid_answer(signal)
    return Answer(200, await done(site, signal))


async def done(site: Site, signal: ArbitrageSignal) -> ArbitrageRow:
    """What became of a signal, counted."""
    row = await asyncio.to_thread(answer, signal, site.chains)
    site.tally.total_signals += 1
    if row.success:
        site.tally.paper_executed += 1
    else:
        site.tally.failed += 1
    return row
