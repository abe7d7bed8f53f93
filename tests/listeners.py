"""The API behind a real server on a real port, and a real WebSocket client before it."""

import asyncio
import socket
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import msgspec
from websockets.asyncio.client import ClientConnection, connect

from api_scene import World, running
from omnivenue.api import Scope
from omnivenue.app.http_server import HttpServer, listen
from omnivenue.wire.arbitrage import Chains

type Message = dict[str, Any]

WITHIN_SECONDS = 20.0
BUFFER = 16 * 1024
"""Of the sockets: with a machine's own, a client may sleep for megabytes before anybody notices."""


@asynccontextmanager
async def serving(
    folder: Path, private: socket.socket | None = None, chains: Chains | None = None
) -> AsyncGenerator[tuple[World, str]]:
    """A running system and its address, host and port."""
    async with running(folder, chains=chains) as world:
        listening = listen("127.0.0.1", 0)
        listening.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, BUFFER)
        server = HttpServer(world.app, private)
        task = asyncio.create_task(server.serve([listening]))
        while not server.started:
            await asyncio.sleep(0.001)
        host, port = listening.getsockname()
        try:
            yield world, f"{host}:{port}"
        finally:
            server.should_exit = True
            await task
            listening.close()


class Listener:
    """One WebSocket. What does not come within bounded time fails the test."""

    def __init__(self, socket: ClientConnection) -> None:
        self.socket = socket

    async def say(self, frame: object) -> None:
        raw = frame if isinstance(frame, str | bytes) else msgspec.json.encode(frame).decode()
        await self.socket.send(raw)

    async def hear(self) -> Message:
        async with asyncio.timeout(WITHIN_SECONDS):
            return msgspec.json.decode(await self.socket.recv())

    async def hear_until(self, kind: str) -> list[Message]:
        """Up to the first of a type."""
        heard = [await self.hear()]
        while heard[-1]["type"] != kind:
            heard.append(await self.hear())
        return heard

    async def ended(self) -> int | None:
        """The close code, once it has been closed."""
        async with asyncio.timeout(WITHIN_SECONDS):
            await self.socket.wait_closed()
        return self.socket.close_code


@asynccontextmanager
async def knocking(address: str, path: str = "/v1/stream", **more: Any) -> AsyncGenerator[Listener]:
    async with connect(f"ws://{address}{path}", proxy=None, **more) as connection:
        yield Listener(connection)


def narrow(address: str) -> socket.socket:
    """A connection that holds little."""
    host, _, port = address.partition(":")
    found = socket.socket()
    found.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, BUFFER)
    found.connect((host, int(port)))
    return found


@asynccontextmanager
async def listening_to(
    world: World, address: str, *topics: str, from_seq: int | None = 0, **more: Any
) -> AsyncGenerator[Listener]:
    async with knocking(address, **more) as listener:
        await listener.say({"type": "auth", "token": world.tokens[Scope.READ]})
        await listener.say({"type": "subscribe", "topics": list(topics), "from_seq": from_seq})
        yield listener
