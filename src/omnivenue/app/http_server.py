"""uvicorn inside our event loop: it serves, and we decide when it stops.

What its HTTP lacks stands in `http_connection`. Its WebSockets are those of the library
`websockets`; what they lack is an end to a client that does not read: they wait for such a one for
ever.
"""

import asyncio
import os
import socket
from collections.abc import Generator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import Any, cast

import uvicorn
from uvicorn.protocols.websockets.websockets_sansio_impl import WebSocketsSansIOProtocol
from websockets.http11 import Request

from omnivenue import telemetry
from omnivenue.api import CUT, FRAME_MAX, SEAT, Asgi, Seat, Seats
from omnivenue.app.http_connection import HttpConnection
from omnivenue.app.turnstile import Turnstile

BACKLOG = 512
"""All that wait are let in at once, and until then nobody else is served: so many and no more."""

LOOPBACK = ("127.0.0.1", "::1", "localhost")


LINGER_SECONDS = 5.0
"""So long a client has to read what was written to it before its connection was ended."""


UNREAD_BYTES = 64 * 1024
"""What the system may hold of a stream that its client has not read. Left to itself it takes
megabytes, and a client that does not read would cost as much as one that does, for long."""


class PortTaken(Exception):
    """Somebody else listens there."""


class StreamProtocol(WebSocketsSansIOProtocol):
    """Ends within bounded time, whatever the client does."""

    seat: Seat  # of the connection, which began as HTTP

    def connection_lost(self, exc: Exception | None) -> None:
        super().connection_lost(exc)
        self.seat.leave()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        super().connection_made(transport)
        connection = transport.get_extra_info("socket")
        if connection is not None:
            connection.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, UNREAD_BYTES)

    def handle_connect(self, event: Request) -> None:
        super().handle_connect(event)
        scope = cast("dict[str, Any]", getattr(self, "scope", {}))
        if extensions := scope.get("extensions"):
            extensions[CUT] = self.cut
            extensions[SEAT] = self.seat

    async def send(self, message: Any) -> None:
        """To be turned away is an answer to the handshake. The library takes it for none, and would
        log an error of ours for each stranger who knocks at a wrong door."""
        await super().send(message)
        if message["type"] == "websocket.http.response.body":
            self.handshake_complete = True

    def send_receive_event_to_app(self) -> None:
        """As bytes, whatever it is said to be. The library reads a text before it looks whether the
        connection still is one, and fails where it is none; our reader tells what is wrong."""
        self.curr_msg_data_type = "bytes"
        super().send_receive_event_to_app()

    def cut(self, last: bytes, code: int) -> None:
        """Says this last, behind all that waits to be read. Does not wait for it."""
        if self.handshake_complete and not self.close_sent and not self.transport.is_closing():
            self.conn.send_text(last)
            self.conn.send_close(code)
            self.transport.write(b"".join(self.conn.data_to_send()))
            self.close_sent = True
        self._abort_later()

    def keepalive_timeout(self) -> None:
        super().keepalive_timeout()
        self._abort_later()

    def on_task_complete(self, task: asyncio.Task[None]) -> None:
        super().on_task_complete(task)
        self._abort_later()

    def _abort_later(self) -> None:
        self.loop.call_later(LINGER_SECONDS, self.transport.abort)


class HttpServer(uvicorn.Server):
    """Leaves signals to us: an orderly stop has more to do than to close connections."""

    def __init__(self, app: Asgi, private: socket.socket | None = None) -> None:
        """`private`: a socket that strangers cannot reach, with seats of its own."""
        self.seats, self._private = Seats(), private
        telemetry.adopt("uvicorn.error", "api")
        telemetry.adopt("asyncio", "api")
        super().__init__(
            uvicorn.Config(
                cast(Any, app),
                http=cast(Any, partial(HttpConnection, self.seats, Turnstile())),
                ws=StreamProtocol,
                ws_max_size=FRAME_MAX,
                ws_per_message_deflate=False,  # a bomb, and time that the loop does not have
                proxy_headers=False,  # who calls is who connects, whatever a header says
                backlog=BACKLOG,
                lifespan="off",
                log_config=None,
                access_log=False,
                server_header=False,
                timeout_graceful_shutdown=1,
            )
        )

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        if self._private is not None:
            mine = (Seats(), Turnstile())
            make = partial(HttpConnection, *mine, self.config, self.server_state, {})
            loop = asyncio.get_running_loop()
            self.servers.append(cast(Any, await loop.create_unix_server(make, sock=self._private)))

    async def on_tick(self, counter: int) -> bool:
        """Ten times a second."""
        now = asyncio.get_running_loop().time()
        for connection in tuple(self.server_state.connections):
            if isinstance(connection, HttpConnection):
                connection.look(now)
        self.seats.clear()
        return await super().on_tick(counter)

    @contextmanager
    def capture_signals(self) -> Generator[None]:
        yield


def listen_privately(path: Path) -> socket.socket | None:
    """On a file for its owner alone, in a folder that is. None where its path is too long for a
    socket: there are other ways in."""
    found = socket.socket(socket.AF_UNIX)
    path.unlink(missing_ok=True)  # of a server that died
    mask = os.umask(0o177)
    try:
        found.bind(str(path))
    except OSError:
        found.close()
        return None
    finally:
        os.umask(mask)
    return found


def listen_on(host: str, port: int, alias: int | None) -> list[socket.socket]:
    """The port, and another one of the same server where there is to be one. Raises PortTaken."""
    found = [listen(host, port)]
    if alias is not None:
        try:
            found.append(listen(host, alias))
        except PortTaken:
            found[0].close()
            raise
    return found


def listen(host: str, port: int) -> socket.socket:
    """Bound and not yet accepting. Port 0 takes any free one. Raises PortTaken."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    try:
        return socket.create_server((host, port), family=family, backlog=BACKLOG)
    except OSError as error:
        raise PortTaken(
            f"cannot listen on {host}:{port}: {error.strerror}. If another program has the port "
            "(Ethereum nodes like 8545), choose one with --port, or in [server]"
        ) from error
