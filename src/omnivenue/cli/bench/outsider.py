"""A client in a process of its own, for what is measured from outside: `listen URL N` or `order
URL N NAME` on the command line, the token on stdin, durations or times as JSON on stdout.

The monotonic clock is the machine's, so its times compare with those of who is measured.
"""

import json
import sys
from time import perf_counter_ns

from omnivenue.client.calls import Request
from omnivenue.client.connection import Connection
from omnivenue.client.place import place
from omnivenue.client.stream import stream

PAIR = "BINANCE-SPOT:SPOT_PAIR:BTC-USDT"
RESTING_PX = "59000"  # far enough below the market of the scene


def listen(url: str, token: str, count: int) -> list[tuple[int, int]]:
    """Entry and arrival of so many fills."""
    heard: list[tuple[int, int]] = []
    for message in stream(lambda: place(url, token), ["fills"], 0):
        heard.append((message["seq"], perf_counter_ns()))
        if len(heard) == count:
            break
    return heard


def order(url: str, token: str, count: int, name: str) -> list[int]:
    """What each of so many resting orders took, one after another, in ns."""
    connection, took = Connection(place(url, token), 10), list[int]()
    said = {"kind": "order", "instrument": PAIR, "side": "buy", "qty": "0.0002"}
    for n in range(count):
        body = json.dumps({**said, "price": RESTING_PX, "id": f"{name}-{n}"}).encode()
        started = perf_counter_ns()
        answer = connection.call(*Request("POST", "/v1/instructions", body))
        took.append(perf_counter_ns() - started)
        assert answer.status == 202, answer
    connection.close()
    return took


def main() -> None:
    what, url, count, *name = sys.argv[1:]
    token = sys.stdin.read().strip()
    found = listen(url, token, int(count)) if what == "listen" else None
    print(json.dumps(order(url, token, int(count), *name) if found is None else found))


if __name__ == "__main__":
    main()
