"""`python -m omnivenue.api.pools.worker SECONDS ANSWERS`: answers questions over pools.

They are answered one after another. Frames come on stdin and go out on the descriptor ANSWERS until
stdin ends, so it never outlives its server for long. A question that takes more than SECONDS ends
the process by the system's own alarm, wherever it is then: in Python or in compiled code, which no
flag would be looked at in.
"""

import os
import signal
import sys
from typing import IO, cast

import msgspec

from omnivenue.api.answer import encoded
from omnivenue.api.pools.frames import Kind, read, write
from omnivenue.api.routes import POOLS_MAX
from omnivenue.message import Reason
from omnivenue.wire import Invalid, invalid, read_json
from omnivenue.wire.arbitrage import ArbitrageSignal, Chains
from omnivenue.wire.arbitrage import answer as price
from omnivenue.wire.arbitrage.chains import Market
from omnivenue.wire.pools import ArbRow, arbitrage, quotes

NICE = 5
"""Trading goes before."""


def answer(kind: Kind, body: bytes, chains: Chains) -> tuple[int, bytes]:
    """Status and body, as they go out. A question without pools is about those of `chains`."""
    if kind is Kind.EXECUTE:
        return 200, encoded(price(msgspec.json.decode(body, type=ArbitrageSignal), chains))
    found = _looked(kind, read_json(body, POOLS_MAX), chains)
    if isinstance(found, Invalid):
        return found.status, encoded(found.document)
    return 200, encoded(found)


def _looked(kind: Kind, document: object, chains: Chains) -> object | Invalid:
    if isinstance(document, Invalid):
        return document
    market = _own(document, chains)
    if isinstance(market, Reason):
        return invalid([market])
    own = None if market is None else market.pools
    if kind is Kind.QUOTE:
        found = quotes(document, own)
        return found if isinstance(found, Invalid) else {"answers": found}
    row: ArbRow | Invalid = arbitrage(document, own)
    return row


def _own(document: object, chains: Chains) -> Market | Reason | None:
    """None where the question has pools itself, or none are configured."""
    chain = chains.chain()
    if chain.pools is None or not isinstance(document, dict):
        return None
    has_pools = cast("dict[str, object]", document).get("pools") is not None
    return None if has_pools else chains.market(chain)


def serve(questions: IO[bytes], answers: IO[bytes], seconds: int) -> None:
    first = read(questions)
    if first is None:
        return
    chains = Chains.from_json(first[1])
    while (question := read(questions)) is not None:
        kind, body = question
        signal.alarm(seconds)
        status, found = answer(Kind(kind), body, chains)
        signal.alarm(0)
        write(answers, status, found)


if __name__ == "__main__":
    for number in (signal.SIGINT, signal.SIGTERM):  # meant for the server, which then ends us
        signal.signal(number, signal.SIG_IGN)
    signal.signal(signal.SIGPIPE, signal.SIG_DFL)  # a server that was killed reads no answer
    os.nice(NICE)
    with os.fdopen(int(sys.argv[2]), "wb") as answers:
        serve(sys.stdin.buffer, answers, int(sys.argv[1]))
