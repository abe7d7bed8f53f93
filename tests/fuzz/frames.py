"""`python tests/fuzz/frames.py [CLIENTS]`: whatever is said over a WebSocket, the server stands.

Each client is a socket with bytes of its own making: right ones, mutated ones, and such as no
library would send. Some leave in the middle. All the while orders are taken.
"""

import asyncio
import json
import os
import random
import socket
import struct
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from omnivenue.api import FRAME_MAX
from servers import Home, Server, eventually, resting

AT_ONCE = 16  # far below what may be connected without having said who it is
ORDER_EVERY = 64
ANSWER_SECONDS = 0.05
SECONDS_MAX = 20.0
KEY = "dGhlIHNhbXBsZSBub25jZQ=="
TEXT, BINARY, CLOSE, PING, PONG, MORE = 1, 2, 8, 9, 10, 0
TOPICS = ["orders", "fills", "positions", "plans", "transactions", "market", "alerts"]
STRANGE: list[Any] = [
    *(None, True, 0, -1, 1.5, 2**63, 2**70, -(2**64), 1e308, "", "x", "\x00", "é", "\U0001f600"),
    *([], {}, [[]], [None], {"": {}}, TOPICS, ["orders"] * 300, "x" * 5_000, "9" * 400),
]
RAW_JSON = [
    b'{"type":"auth","token":"\\ud800"}',
    b'{"type":"subscribe","topics":["\\udfff"],"from_seq":0}',
    b'{"type":"subscribe","topics":["orders"],"from_seq":1e999}',
    b'{"type":"subscribe","topics":["orders"],"from_seq":-0}',
    b'{"type":"auth","type":"auth","token":"x"}',
    b'{"type":NaN}',
    b"[" * 32 + b"]" * 32,
    b"[" * 33 + b"]" * 33,
    b"[" * 60_000,
    b'{"a":' * 10_000,
    b"\xef\xbb\xbf{}",
    b"null",
    b"",
    b" " * 60_000,
]


class Scribe:
    """Frames out of one stream of chance."""

    def __init__(self, chance: random.Random, token: str) -> None:
        self._chance = chance
        signal: dict[str, Any] = {"chainId": 1, "amount": "5", "path": ["0x"]}
        self._auth: dict[str, Any] = {"type": "auth", "token": token}
        self._said: list[dict[str, Any]] = [
            self._auth,
            {"type": "subscribe", "topics": TOPICS, "from_seq": 0},
            {"type": "subscribe", "topics": ["market"]},
            {"type": "ping"},
            {"type": "execute", "signal": signal},
            {"type": "execute_arbitrage", "signal": signal},
        ]

    def conversation(self) -> Iterator[bytes]:
        if self._chance.random() < 0.8:
            yield frame(TEXT, json.dumps(self._auth).encode())
            if self._chance.random() < 0.5:
                yield frame(TEXT, json.dumps(self._said[1]).encode())
        kinds = (self._right, self._mutated, self._mutated, self._raw, self._control, self._wild)
        for _ in range(self._chance.randrange(12)):
            yield self._chance.choice(kinds)()

    def _right(self) -> bytes:
        kind = self._chance.choice((TEXT, BINARY))
        return frame(kind, json.dumps(self._chance.choice(self._said)).encode())

    def _mutated(self) -> bytes:
        said = dict(self._chance.choice(self._said))
        for _ in range(self._chance.randint(1, 3)):
            name = self._chance.choice((*said, "x", "from_seq", "topics", "type", "signal"))
            if self._chance.random() < 0.2:
                said.pop(name, None)
            else:
                said[name] = self._chance.choice(STRANGE)
        raw = bytearray(json.dumps(said).encode())
        if self._chance.random() < 0.3:
            for _ in range(self._chance.randint(1, 4)):
                raw[self._chance.randrange(len(raw))] = self._chance.randrange(256)
        cut = self._chance.randrange(len(raw)) if self._chance.random() < 0.2 else len(raw)
        return frame(TEXT, bytes(raw[:cut]))

    def _raw(self) -> bytes:
        if self._chance.random() < 0.5:
            return frame(self._chance.choice((TEXT, BINARY)), self._chance.choice(RAW_JSON))
        size = self._chance.choice((1, 200, FRAME_MAX - 1, FRAME_MAX, FRAME_MAX + 1, 3 * FRAME_MAX))
        raw = self._chance.randbytes(size) if self._chance.random() < 0.5 else b'"' + b"a" * size
        return frame(self._chance.choice((TEXT, BINARY)), raw)

    def _control(self) -> bytes:
        kind = self._chance.choice((PING, PONG, CLOSE, PING))
        return frame(kind, self._chance.randbytes(self._chance.choice((0, 1, 2, 20, 125, 126))))

    def _wild(self) -> bytes:
        """What the protocol forbids, or lets last for ever."""
        payload = self._chance.randbytes(self._chance.randrange(50))
        kinds: tuple[Callable[[], bytes], ...] = (
            lambda: frame(TEXT, payload, is_last=False),
            lambda: frame(MORE, payload, is_last=self._chance.random() < 0.5),
            lambda: frame(self._chance.randrange(3, 16), payload),
            lambda: frame(TEXT, payload, reserved=self._chance.randrange(1, 8)),
            lambda: frame(TEXT, payload, mask=None),
            lambda: struct.pack("!BBQ", 0x81, 0xFF, self._chance.choice((2**63, 2**62, 2**20))),
            lambda: payload,
        )
        return self._chance.choice(kinds)()


def frame(
    kind: int,
    payload: bytes,
    *,
    is_last: bool = True,
    reserved: int = 0,
    mask: bytes | None = b"\x11\x22\x33\x44",
) -> bytes:
    first = is_last << 7 | reserved << 4 | kind
    masked = 0x80 if mask else 0
    match len(payload):
        case size if size < 126:
            head = struct.pack("!BB", first, masked | size)
        case size if size < 65_536:
            head = struct.pack("!BBH", first, masked | 126, size)
        case size:
            head = struct.pack("!BBQ", first, masked | 127, size)
    if not mask:
        return head + payload
    key = (mask * (len(payload) // 4 + 1))[: len(payload)]
    whole = int.from_bytes(payload) ^ int.from_bytes(key)
    return head + mask + whole.to_bytes(len(payload))


def handshake(path: str, host: str, key: str = KEY, version: str = "13") -> bytes:
    lines = (
        *(f"GET {path} HTTP/1.1", f"Host: {host}", "Connection: Upgrade", "Upgrade: websocket"),
        *(f"Sec-WebSocket-Key: {key}", f"Sec-WebSocket-Version: {version}", "", ""),
    )
    return "\r\n".join(lines).encode()


async def client(address: tuple[str, int], token: str, seed: int) -> None:
    """One, from its first byte to its last, however it ends."""
    chance = random.Random(seed)
    reader, writer = await asyncio.open_connection(*address)
    try:
        path = chance.choice(("/v1/stream", "/"))
        key, version = chance.choice((*[KEY] * 9, "x")), chance.choice((*["13"] * 19, "12"))
        writer.write(handshake(path, f"{address[0]}:{address[1]}", key, version))
        if chance.random() < 0.9:  # else it does not wait to be let in
            await asyncio.wait_for(reader.readuntil(b"\r\n\r\n"), SECONDS_MAX)
        for said in Scribe(chance, token).conversation():
            writer.write(said)
            await writer.drain()
        await _leave(reader, writer, chance)
    except (OSError, asyncio.IncompleteReadError):
        return  # the server has ended it, as it may
    finally:
        writer.close()


async def _leave(
    reader: asyncio.StreamReader, writer: asyncio.StreamWriter, chance: random.Random
) -> None:
    how = chance.randrange(4)
    if how == 0 and writer.can_write_eof():
        writer.write_eof()
    if how == 1:
        now = struct.pack("ii", 1, 0)
        writer.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, now)
        return
    if how == 2:
        writer.write(frame(CLOSE, struct.pack("!H", 1000)))
    try:
        async with asyncio.timeout(ANSWER_SECONDS):
            while await reader.read(65_536):
                pass
    except TimeoutError:
        return


async def clients(server: Server, token: str, count: int, first_seed: int = 0) -> None:
    """All of them, a few at once. Raises where an order is not taken meanwhile."""
    host, _, port = server.url.removeprefix("http://").partition(":")
    few = asyncio.Semaphore(AT_ONCE)

    async def one(seed: int) -> None:
        async with few:
            await client((host, int(port)), token, seed)
            if seed % ORDER_EVERY == 0:
                await asyncio.to_thread(order, server, f"order-{seed}")

    async with asyncio.TaskGroup() as group:
        for seed in range(first_seed, first_seed + count):
            group.create_task(one(seed))


def order(server: Server, key: str) -> None:
    with server.client() as caller:
        assert caller.submit(resting(key))["order_id"] == key
        caller.cancel(key)


def quiet(server: Server) -> bool:
    """Everybody's seat is free again."""
    with server.client() as caller:
        return caller.call("GET", "/stats")["connected_clients"] == 0


def faults(server: Server) -> list[str]:
    """Lines of its log that tell of a fault of ours, once it has ended well; and whatever is no
    line of its log, which is a fault as well."""
    ended = server.stop()
    assert ended.code == 0, ended.err
    return [line for line in ended.err.splitlines() if not line.startswith("{") or _is_fault(line)]


def _is_fault(line: str) -> bool:
    return json.loads(line)["level"] == "ERROR"


def main(argv: list[str]) -> int:
    count = int(argv[0]) if argv else 20_000
    first = int(os.environ.get("SEED", "0"))
    with TemporaryDirectory() as folder:
        home = Home(Path(folder))
        try:
            server = home.serve().healthy()
            asyncio.run(clients(server, home.token, count, first))
            assert eventually(lambda: quiet(server))
            found = faults(server)
        finally:
            home.close()
    sys.stdout.write("".join(f"{line}\n" for line in found))
    sys.stdout.write(f"{count} clients, {len(found)} faults\n")
    return 1 if found else 0


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
