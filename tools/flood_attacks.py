"""What strangers and clumsy clients do to a port, each for so many seconds and then no more:

    python tools/flood_attacks.py ATTACK PORT SECONDS     the token on stdin

At loopback only. Says at last how much it did, as one line; exits 1 where anybody was answered
otherwise than by a refusal where one was due.
"""

import asyncio
import gzip
import resource
import sys
import time
from collections import Counter
from collections.abc import Callable, Coroutine
from contextlib import suppress
from typing import Any

import uvloop

CROWD = 10_000
MEGABYTE = b"100000\r\n" + b"x" * 2**20 + b"\r\n"
GIGABYTE = 1_024  # of them
BOMB = gzip.compress(b" " * 100 * 2**20)
STRANGERS, KNOWN = 60, 250
"""Nearly all of the seats that there are for each, so that nobody is sent away before his time."""

DRIP_SECONDS = 0.1


def head(method: str, path: str, token: str, *more: str) -> bytes:
    lines = [f"{method} {path} HTTP/1.1", "Host: localhost", *more]
    if token:
        lines.append(f"Authorization: Bearer {token}")
    return "\r\n".join((*lines, "", "")).encode()


JSON, CHUNKED = "Content-Type: application/json", "Transfer-Encoding: chunked"


class Attack:
    def __init__(self, port: int, seconds: float, token: str) -> None:
        self.port, self.token = port, token
        self.until = time.monotonic() + seconds
        self.counts: Counter[str] = Counter()
        self.is_wrong = False

    @property
    def goes_on(self) -> bool:
        return time.monotonic() < self.until

    async def lanes(self, count: int, lane: Callable[[int], Coroutine[Any, Any, None]]) -> None:
        async def again(n: int) -> None:
            while self.goes_on:
                with suppress(OSError, EOFError, RuntimeError):  # it was hung up on
                    async with asyncio.timeout(max(0.1, self.until - time.monotonic())):
                        await lane(n)
                await asyncio.sleep(0.001)

        await asyncio.gather(*(again(n) for n in range(count)))

    async def connect(self) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        found = await asyncio.open_connection("127.0.0.1", self.port)
        self.counts["connections"] += 1
        return found

    async def heard(self, reader: asyncio.StreamReader) -> bytes:
        """The head of an answer, which must be a refusal."""
        said = await reader.readuntil(b"\r\n\r\n")
        status = said[9:12].decode()
        self.counts[status] += 1
        self.is_wrong |= not status.startswith("4")
        return said

    async def post(self, body: bytes, *more: str) -> None:
        reader, writer = await self.connect()
        try:
            length = f"Content-Length: {len(body)}"
            asked = head("POST", "/v1/instructions", self.token, JSON, length, *more) + body
            while self.goes_on:
                writer.write(asked)
                said = await self.heard(reader)
                if b"connection: close" in said:
                    return
                size = int(said.partition(b"content-length: ")[2].partition(b"\r\n")[0])
                await reader.readexactly(size)
        finally:
            writer.transport.abort()

    async def calm(self) -> None:
        """Nothing: what the machine itself takes."""
        await asyncio.sleep(self.until - time.monotonic())

    async def busy(self) -> None:
        """Only work of its own: what any attacker on the same machine takes."""
        while self.goes_on:
            sum(range(100_000))

    async def slow(self) -> None:
        """Heads by the byte from strangers, bodies by the byte with a token, on every seat."""
        slow_head = head("GET", "/v1/orders", "", "X-Slow: " + "x" * 999)
        slow_body = head("POST", "/v1/instructions", self.token, JSON, "Content-Length: 999")

        async def lane(n: int) -> None:
            reader, writer = await self.connect()
            try:
                writer.write(slow_body if n >= STRANGERS else b"")
                for byte in slow_head:
                    writer.write(bytes((byte,)))
                    with suppress(TimeoutError):
                        async with asyncio.timeout(DRIP_SECONDS):
                            await self.heard(reader)
                            return
            finally:
                writer.transport.abort()

        await self.lanes(STRANGERS + KNOWN, lane)

    async def crowd(self) -> None:
        """10,000 who connect, and connect again; every other one begins a request."""

        async def lane(n: int) -> None:
            reader, writer = await self.connect()
            try:
                writer.write(b"GET /v1/orders HTTP/1.1\r\n" if n % 2 else b"")
                await reader.read()
            finally:
                writer.transport.abort()

        await self.lanes(CROWD, lane)

    async def oversize(self) -> None:
        """A gigabyte in chunks, from who has a token and from who has none."""

        async def lane(n: int) -> None:
            _, writer = await self.connect()
            try:
                token = self.token if n % 2 else ""
                writer.write(head("POST", "/v1/instructions", token, JSON, CHUNKED))
                for _ in range(GIGABYTE):
                    writer.write(MEGABYTE)
                    await writer.drain()
                    self.counts["megabytes"] += 1
            finally:
                writer.transport.abort()

        await self.lanes(4, lane)

    async def depth(self) -> None:
        await self.lanes(8, lambda n: self.post(b"[" * 100_000 if n % 2 else b'{"a":' * 50_000))

    async def bombs(self) -> None:
        await self.lanes(8, lambda _: self.post(BOMB, "Content-Encoding: gzip"))

    async def requests(self) -> None:
        """As fast as they are taken, a dozen at once, with a token and with none, on every seat."""

        async def lane(n: int) -> None:
            reader, writer = await self.connect()
            try:
                asked = head("GET", "/v1/venues", self.token if n >= STRANGERS else "") * 12
                while self.goes_on:
                    writer.write(asked)
                    answers = 0
                    while answers < 12:
                        said = await reader.read(65_536)
                        if not said:
                            return
                        answers += said.count(b"HTTP/1.1 ")
                    self.counts["answers"] += answers
            finally:
                writer.transport.abort()

        await self.lanes(STRANGERS + KNOWN, lane)


ATTACKS: dict[str, Callable[[Attack], Coroutine[Any, Any, None]]] = {
    "calm": Attack.calm,
    "busy": Attack.busy,
    "slow": Attack.slow,
    "crowd": Attack.crowd,
    "oversize": Attack.oversize,
    "depth": Attack.depth,
    "bombs": Attack.bombs,
    "requests": Attack.requests,
}


def main(name: str, port: str, seconds: str) -> int:
    most = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))
    attack = Attack(int(port), float(seconds), sys.stdin.read().strip())
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        # To be hung up on while nobody waits for that is no news here.
        runner.get_loop().set_exception_handler(lambda _loop, _news: None)
        runner.run(ATTACKS[name](attack))
    print(", ".join(f"{count:,} {what}" for what, count in sorted(attack.counts.items())))
    return 1 if attack.is_wrong else 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
