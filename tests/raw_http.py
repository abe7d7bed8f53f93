"""HTTP by hand, for what no library would send."""

import asyncio
from collections.abc import AsyncGenerator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

import msgspec

from listeners import WITHIN_SECONDS


@dataclass
class Heard:
    status: int
    headers: dict[str, str]
    document: Any

    @property
    def code(self) -> str:
        return self.document["error"]["code"]


class Raw:
    """One connection. What does not come within bounded time fails the test."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._reader = reader
        self.writer = writer

    def say(self, raw: bytes) -> None:
        self.writer.write(raw)

    async def hear(self, *, has_body: bool = True) -> Heard:
        async with asyncio.timeout(WITHIN_SECONDS):
            head = (await self._reader.readuntil(b"\r\n\r\n")).decode().split("\r\n")
            pairs = (line.partition(": ") for line in head[1:] if line)
            headers = {name.lower(): value for name, _, value in pairs}
            size = int(headers.get("content-length", "0"))
            body = await self._reader.readexactly(size if has_body else 0)
        document = msgspec.json.decode(body) if body else None
        return Heard(int(head[0].split()[1]), headers, document)

    async def ask(self, method: str, path: str, token: str = "", body: bytes = b"") -> Heard:
        self.say(request(method, path, token, body))
        return await self.hear()

    async def ended(self) -> bytes:
        """All that still comes until the server hangs up."""
        async with asyncio.timeout(WITHIN_SECONDS):
            try:
                return await self._reader.read()
            except ConnectionError:
                return b""

    @property
    def is_open(self) -> bool:
        return not (self._reader.at_eof() or self._reader.exception())


@asynccontextmanager
async def raw(address: str) -> AsyncGenerator[Raw]:
    """To host and port, or to a socket's path."""
    host, _, port = address.partition(":")
    reader, writer = await (
        asyncio.open_connection(host, int(port)) if port else asyncio.open_unix_connection(address)
    )
    try:
        yield Raw(reader, writer)
    finally:
        writer.transport.abort()


def request(method: str, path: str, token: str = "", body: bytes = b"", *more: str) -> bytes:
    lines = [f"{method} {path} HTTP/1.1", "Host: localhost", *more]
    if token:
        lines.append(f"Authorization: Bearer {token}")
    if body:
        lines += ["Content-Type: application/json", f"Content-Length: {len(body)}"]
    return "\r\n".join((*lines, "", "")).encode() + body


async def eventually(holds: Callable[[], bool]) -> None:
    async with asyncio.timeout(WITHIN_SECONDS):
        while not holds():
            await asyncio.sleep(0.001)
