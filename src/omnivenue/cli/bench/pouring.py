"""Load where there is no wrk: `URL CLIENTS` on the command line, the token in the environment. Each
client asks again as soon as it is answered, until SIGINT; then what it took, as JSON, on stdout.

No HTTP library: it must cost less than what it measures. An answer has come when the last byte of
its head and as many as the head names have.
"""

import asyncio
import json
import os
import signal
import sys
from itertools import count
from time import perf_counter_ns
from typing import cast
from urllib.parse import urlsplit

import uvloop

from omnivenue.cli.bench.result import percentile

BODY = (
    b'{"kind":"order","instrument":"BINANCE-SPOT:SPOT_PAIR:BTC-USDT","side":"buy",'
    b'"qty":"0.0002","price":"59000","id":"load-%d"}'
)
HEAD = "POST {path} HTTP/1.1\r\nHost: {host}\r\nAuthorization: Bearer {token}\r\n"
TYPE = b"Content-Type: application/json\r\nContent-Length: %d\r\n\r\n%s"
LENGTH = b"content-length: "


class Pouring:
    def __init__(self, head: bytes) -> None:
        self._head = head
        self._numbers = count()
        self.took: list[int] = []
        self.failed = 0

    def next_request(self) -> bytes:
        body = BODY % next(self._numbers)
        return self._head + TYPE % (len(body), body)

    def answered(self, since: int, status: bytes) -> None:
        self.took.append(perf_counter_ns() - since)
        self.failed += not status.startswith(b"2")


class Lane(asyncio.Protocol):
    """One connection, with one request on its way."""

    def __init__(self, pouring: Pouring) -> None:
        self._pouring = pouring
        self._since = 0
        self._got = b""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.Transport, transport)  # uvloop's own has another parent
        self._ask()

    def data_received(self, data: bytes) -> None:
        self._got += data
        head, found, body = self._got.partition(b"\r\n\r\n")
        if not found:
            return
        length = head.lower().partition(LENGTH)[2].partition(b"\r\n")[0]
        if len(body) >= int(length):
            self._pouring.answered(self._since, head[9:12])
            self._ask()

    def connection_lost(self, exc: Exception | None) -> None:
        self._pouring.failed += exc is not None

    def _ask(self) -> None:
        self._got, self._since = b"", perf_counter_ns()
        self._transport.write(self._pouring.next_request())


async def pour(url: str, clients: int, token: str) -> dict[str, float]:
    parts = urlsplit(url)
    head = HEAD.format(path=parts.path, host=parts.netloc, token=token)
    pouring, loop, told = Pouring(head.encode()), asyncio.get_running_loop(), asyncio.Event()
    loop.add_signal_handler(signal.SIGINT, told.set)
    began = perf_counter_ns()
    host, port = parts.hostname or "", parts.port or 0
    for _ in range(clients):
        await loop.create_connection(lambda: Lane(pouring), host, port)
    await told.wait()
    loop.remove_signal_handler(signal.SIGINT)
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # once is enough
    return {
        "requests": len(pouring.took),
        "us": (perf_counter_ns() - began) // 1_000,
        "failed": pouring.failed,
        "p50_us": percentile(pouring.took, 50),
        "p99_us": percentile(pouring.took, 99),
    }


def main() -> None:
    url, clients = sys.argv[1:]
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        print(json.dumps(runner.run(pour(url, int(clients), os.environ["OMNIVENUE_TOKEN"]))))


if __name__ == "__main__":
    main()
