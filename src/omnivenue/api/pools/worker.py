"""`python -m omnivenue.api.pools.worker SECONDS`: answers questions over pools, one after another.

Frames come on stdin and go out on stdout until stdin ends, so it never outlives its server for
long. A question that takes more than SECONDS ends the process by the system's own alarm, wherever
it is then: in Python or in compiled code, which no flag would be looked at in.
"""

import os
import signal
import sys
from typing import IO

from omnivenue.api.answer import encoded
from omnivenue.api.pools.frames import Kind, read, write
from omnivenue.api.routes import POOLS_MAX
from omnivenue.wire import Invalid, read_json
from omnivenue.wire.pools import ArbRow, arbitrage, quotes

NICE = 5
"""Trading goes before."""


def answer(kind: Kind, body: bytes) -> tuple[int, bytes]:
    """Status and body, as they go out."""
    found = _answer(kind, read_json(body, POOLS_MAX))
    if isinstance(found, Invalid):
        return found.status, encoded(found.document)
    return 200, encoded(found)


def _answer(kind: Kind, document: object) -> object | Invalid:
    if isinstance(document, Invalid):
        return document
    match kind:
        case Kind.QUOTE:
            found = quotes(document)
            return found if isinstance(found, Invalid) else {"answers": found}
        case Kind.ARB:
            row: ArbRow | Invalid = arbitrage(document)
            return row


def serve(questions: IO[bytes], answers: IO[bytes], seconds: int) -> None:
    while (question := read(questions)) is not None:
        kind, body = question
        signal.alarm(seconds)
        status, found = answer(Kind(kind), body)
        signal.alarm(0)
        write(answers, status, found)


if __name__ == "__main__":
    os.nice(NICE)
    serve(sys.stdin.buffer, sys.stdout.buffer, int(sys.argv[1]))
