"""Where a WebSocket comes in: the same gate as for every call, with the token in the first frame.

A browser cannot set a header on a WebSocket, and a token in a URL ends up in logs. So whoever
connects has two seconds to say who it is, and nothing is said to it before that.
"""

import asyncio
import logging
from collections.abc import Mapping

from omnivenue.api.answer import Answer, encoded, no_such_call, send_answer, unavailable
from omnivenue.api.asgi import Connection, Receive, Send
from omnivenue.api.auth import Gatekeeper, Principal
from omnivenue.api.request import Gone, headers_of
from omnivenue.api.routes import STREAMS, Route
from omnivenue.api.seats import Full, Seat, seat_of
from omnivenue.api.site import Site
from omnivenue.api.stream.execution import Execution
from omnivenue.api.stream.feed import Feed
from omnivenue.api.stream.frames import read_auth
from omnivenue.api.stream.session import Session
from omnivenue.api.stream.socket import OURS, Socket
from omnivenue.wire import ErrorCode, Invalid, error_document
from omnivenue.wire.errors import ErrorDocument
from omnivenue.wire.fields import cut

AUTH_SECONDS = 2.0

_LOG = logging.getLogger("omnivenue.api")


class StreamDoor:
    def __init__(self, site: Site, keeper: Gatekeeper) -> None:
        self._site = site
        self._keeper = keeper
        self._feed = Feed(site)
        site.loop.subscribe(self._feed.turned)

    async def __call__(self, connection: Connection, receive: Receive, send: Send) -> None:
        """One connection, from its first word to its last."""
        await receive()
        headers, path = headers_of(connection), connection["path"]
        refused = self._keeper.foreign(headers) or self._unfit(path)
        if refused is not None:
            await _turn_away(connection, send, refused)
            return
        socket = Socket(connection, receive, send)
        seat = seat_of(connection)
        client = connection.get("client")
        peer = str(client[0]) if client else "unknown"
        await self._conversation(STREAMS[path], socket, headers, peer, seat)

    def _unfit(self, path: str) -> Answer | None:
        if path not in STREAMS:
            return no_such_call(f"there is no stream {cut(path)}; there is /v1/stream", 404)
        if self._site.loop.has_ended:
            return unavailable("the journal failed, the server is ending", "", is_unknown=False)
        return None

    async def _conversation(
        self,
        route: Route,
        socket: Socket,
        headers: Mapping[str, str],
        peer: str,
        seat: Seat | None,
    ) -> None:
        try:
            await socket.accept()
            found = await self._said_who(route, socket, headers, peer)
            if not isinstance(found, dict):
                await socket.refuse(found)
                return
            principal = self._keeper.admit(route, found, peer, self._site.loop.now())
            if isinstance(principal, Answer):
                assert isinstance(principal.document, ErrorDocument)
                await socket.refuse(principal.document)
                return
            if seat is not None:
                seat.take(principal.name)
            await self._served(route, socket, found, peer)
        except Full as full:
            await socket.refuse(error_document([ErrorCode.TOO_MANY.because(str(full))]))
        except Gone:
            return
        except OSError:  # the server's word for a client that went while we wrote
            return
        except Exception as error:  # ours: told in the log, and to the client that it is our fault
            _LOG.error("a stream failed: %s", error, exc_info=error)
            socket.cut(b'{"type":"error","error":{"code":"OUR-001","message":"our fault"}}', OURS)

    async def _said_who(
        self, route: Route, socket: Socket, headers: Mapping[str, str], peer: str
    ) -> dict[str, str] | ErrorDocument:
        """The header that a token comes in, wherever it came in."""
        if route.path == "/" and "authorization" in headers:
            return {"authorization": headers["authorization"]}
        try:
            async with asyncio.timeout(AUTH_SECONDS):
                read = read_auth(await socket.read())
        except TimeoutError:
            text = f"no token within {AUTH_SECONDS:g} seconds"
            return error_document([ErrorCode.UNAUTHORIZED.because(text)])
        if isinstance(read, Invalid):
            return read.document
        return {"authorization": f"Bearer {read.token}"}

    async def _served(
        self, route: Route, socket: Socket, headers: dict[str, str], peer: str
    ) -> None:
        def may(other: Route) -> Answer | Principal:
            return self._keeper.admit(other, headers, peer, self._site.loop.now())

        session = Session(self._site, self._feed, socket, lambda: isinstance(may(route), Principal))
        self._site.audience.streams += 1
        try:
            if route.path == "/":
                execution = Execution(self._site, socket, session, may)
                await session.attend(execution.converse())
            else:
                await session.stream()
        finally:
            self._site.audience.streams -= 1


async def _turn_away(connection: Connection, send: Send, answer: Answer) -> None:
    """Before it is accepted: as an HTTP answer, where the server can."""
    if "websocket.http.response" in (connection.get("extensions") or {}):
        await send_answer(send, answer, encoded(answer.document), "websocket.http")
    else:
        await send({"type": "websocket.close", "code": 1008})
