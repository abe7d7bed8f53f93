"""One WebSocket from the server's side: frames of JSON in, messages out."""

import asyncio
from collections.abc import Callable
from typing import Any

from omnivenue.api.answer import encoded
from omnivenue.api.asgi import Connection, Receive, Send
from omnivenue.api.request import Gone
from omnivenue.wire.errors import ErrorDocument

POLICY, OURS, LATER = 1008, 1011, 1013
"""Close codes of RFC 6455: what was sent is not allowed; our fault; come again."""

CUT = "omnivenue.cut"
"""A server that knows how offers it as an extension: say this last, without waiting for a client
that does not read, and end the connection within bounded time."""

type Cut = Callable[[bytes, int], None]


class Socket:
    def __init__(self, connection: Connection, receive: Receive, send: Send) -> None:
        self._receive = receive
        self._send = send
        extensions: dict[str, Any] = connection.get("extensions") or {}
        self._cut: Cut | None = extensions.get(CUT)
        self._is_closed = False
        self._sending_since: float | None = None

    async def accept(self) -> None:
        await self._send({"type": "websocket.accept"})

    async def read(self) -> bytes:
        """The next frame's payload, text or not. Raises Gone."""
        message = await self._receive()
        if message["type"] != "websocket.receive":
            raise Gone
        text: str | None = message.get("text")
        raw: bytes = message.get("bytes") or b""
        return raw if text is None else text.encode("utf-8", "surrogatepass")

    async def write(self, raw: bytes) -> None:
        """Waits while the client does not read. Raises Gone, also where we have ended it."""
        if self._is_closed:
            raise Gone
        self._sending_since = asyncio.get_running_loop().time()
        await self._pass_on({"type": "websocket.send", "text": raw.decode()})
        self._sending_since = None

    def stuck_seconds(self) -> float:
        """For how long the client has not taken what is being written."""
        since = self._sending_since
        return 0.0 if since is None else asyncio.get_running_loop().time() - since

    async def refuse(self, document: ErrorDocument, code: int = POLICY) -> None:
        """An error, and the end."""
        await self.write(error_message(document))
        self._is_closed = True
        await self._pass_on({"type": "websocket.close", "code": code})

    async def _pass_on(self, message: dict[str, Any]) -> None:
        """A server refuses what it is given for a connection that has ended: by us while we waited,
        or by the server itself, for something that the client sent. Raises Gone."""
        try:
            await self._send(message)
        except RuntimeError as error:
            raise Gone from error

    def cut(self, last: bytes, code: int) -> None:
        """Says this last, though what was written before it may still be on its way."""
        self._is_closed = True
        if self._cut is not None:
            self._cut(last, code)


def error_message(document: ErrorDocument) -> bytes:
    return encoded({"type": "error", "error": document.error})
