"""HTTP/1.1 on one connection: bytes in, one ASGI call for each request, one write for each answer.

uvicorn's own waits for ever: for a head, for a body, for a client that does not read. Here nothing
that a client does or leaves undone takes more than bounded time and memory, and no timer is set for
it: the server looks at each connection ten times a second. Requests that come at once are answered
one by one, each in a turn of the event loop of its own, so that nobody's crowd keeps another
waiting. The parser is httptools, and strict.

A subclass of uvicorn's does the same in 270 lines on what uvicorn does not promise to keep (its
request cycle, its pipeline, its flow control), and an order costs a sixth more of the processor
with 32 clients and a fifth more with one (ARCHITECTURE.md).
"""

import asyncio
from collections import deque
from collections.abc import Sequence
from http import HTTPStatus
from typing import Any, cast
from urllib.parse import unquote

import httptools
import uvicorn
from uvicorn.server import ServerState

from omnivenue import telemetry
from omnivenue.api import SEAT, Asgi, Seats, encoded, headers_for, refusal
from omnivenue.app.http_request import HttpRequest
from omnivenue.app.turnstile import Turnstile
from omnivenue.wire import ErrorCode

HEAD_MAX = 16 * 1024
HEADERS_MAX = 100
WAITING_MAX = 64  # requests behind the one that is being answered
UNREAD_MAX = 64 * 1024  # of a body that nobody has taken; until then the client waits
FORGOTTEN_MAX = 64 * 2**20
"""Of what follows an answer that was given early, so much is still read: a client that is cut off
in the middle of sending often never reads the answer that says why."""

REQUEST_SECONDS = 10.0  # from its first byte to its last
STRANGER_SECONDS = 5.0  # to begin one, without a token
IDLE_SECONDS = 75.0  # between two, with one
UNTAKEN_SECONDS = 10.0  # for a client to take what it asked for
LINGER_SECONDS = 5.0  # for a client to take the last answer, and to go

type Headers = Sequence[tuple[bytes, bytes]]

type Refusal = tuple[ErrorCode, str]

NOT_HTTP = (ErrorCode.NOT_HTTP, "this is no HTTP/1.1 request")
HEAD_TOO_LARGE = (
    ErrorCode.HEAD_TOO_LARGE,
    f"the request's head is larger than {HEAD_MAX} bytes, or has more than {HEADERS_MAX} headers",
)
TOO_SLOW = (ErrorCode.TOO_SLOW, f"the request did not arrive within {REQUEST_SECONDS:g} seconds")
TOO_MANY_WAIT = (
    ErrorCode.TOO_MANY,
    f"more than {WAITING_MAX} requests wait on this connection for their answers",
)

_STATUS = {s.value: f"HTTP/1.1 {s.value} {s.phrase}\r\n".encode() for s in HTTPStatus}


class HttpConnection(asyncio.Protocol):
    def __init__(
        self,
        seats: Seats,
        turnstile: Turnstile,
        config: uvicorn.Config,
        server_state: ServerState,
        app_state: dict[str, Any],
        _loop: asyncio.AbstractEventLoop | None = None,
    ) -> None:
        self._seats, self._turnstile = seats, turnstile
        self._config, self._state = config, server_state
        self._app_state = app_state
        self._app = cast(Asgi, config.app)
        self._loop = _loop or asyncio.get_running_loop()
        self._parser: Any = httptools.HttpRequestParser(self)
        self._url = b""
        self._headers: list[tuple[bytes, bytes]] = []
        self._heads = 0  # that have begun
        self._is_in_head = False
        self._head_bytes = 0  # of one that comes in pieces
        self._arriving: HttpRequest | None = None  # whose body is not whole
        self._current: HttpRequest | None = None  # that is being answered
        self._waiting: deque[HttpRequest] = deque()
        self._refusal: Refusal | None = None  # the last answer, behind those of all that wait
        self._forgotten = 0
        self._is_stream = False  # what came is the head of a WebSocket
        self._is_paused = False  # we do not read
        self._is_queued = False  # before the turnstile
        self._has_left = False  # the client will say no more
        self._is_deaf = False  # nothing that comes counts any more
        self._is_ending = False  # the server is
        self._idle_since = self._loop.time()
        self._began: float | None = None  # what is arriving
        self._untaken_since: float | None = None
        self._over_since: float | None = None

    # What the transport says

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.Transport, transport)
        self._state.connections.add(cast(Any, self))
        self.seat = self._seats.stranger(self._transport.abort)
        self._scope: dict[str, Any] = {
            "type": "http",
            "asgi": {"version": "3.0", "spec_version": "2.3"},
            "scheme": "http",
            "root_path": "",
            "client": transport.get_extra_info("peername") or None,
            "server": transport.get_extra_info("sockname") or None,
            "extensions": {SEAT: self.seat},
        }

    def connection_lost(self, exc: Exception | None) -> None:
        self._state.connections.discard(cast(Any, self))
        self.seat.leave()
        self._is_deaf = True
        for request in (self._current, self._arriving, *self._waiting):
            if request is not None:
                request.lose()
        self._waiting.clear()
        self._parser = None  # which holds us: a crowd that has gone would lie in memory for long

    def data_received(self, data: bytes) -> None:
        if self._is_deaf:
            self._forget(len(data))
            return
        heads = self._heads
        try:
            self._parser.feed_data(data)
        except httptools.HttpParserUpgrade:
            self._upgrade()
            return
        except httptools.HttpParserError:
            self._refuse(self._refusal or NOT_HTTP)
            return
        if self._is_in_head and heads == self._heads:
            self._count_head(len(data))
        self._go_on()

    def eof_received(self) -> bool:
        """Who has asked may leave off speaking and still be answered."""
        self._is_deaf = self._has_left = True
        if self._arriving is not None:
            self._arriving.lose()
        return self._current is not None or bool(self._waiting)

    def pause_writing(self) -> None:
        self._untaken_since = self._loop.time()

    def resume_writing(self) -> None:
        self._untaken_since = None
        self._go_on()

    # What the parser says

    def on_message_begin(self) -> None:
        self._url, self._headers, self._head_bytes = b"", [], 0
        self._heads += 1
        self._is_in_head, self._began = True, self._loop.time()

    def on_url(self, url: bytes) -> None:
        self._url += url

    def on_header(self, name: bytes, value: bytes) -> None:
        self._headers.append((name.lower(), value))
        if len(self._headers) > HEADERS_MAX:
            self._refusal = HEAD_TOO_LARGE
            raise ValueError(HEADERS_MAX)

    def on_headers_complete(self) -> None:
        self._is_in_head = False
        if len(self._url) + sum(len(k) + len(v) for k, v in self._headers) > HEAD_MAX:
            self._refusal = HEAD_TOO_LARGE
            raise ValueError(HEAD_MAX)
        is_upgrade: bool = self._parser.should_upgrade()
        named = dict(self._headers)
        self._is_stream = is_upgrade and named.get(b"upgrade", b"").lower() == b"websocket"
        if self._is_stream:
            return
        if len(self._waiting) >= WAITING_MAX:
            self._refusal = TOO_MANY_WAIT
            raise ValueError(WAITING_MAX)
        request = HttpRequest(self, self._read_scope())
        request.waits_for_leave = named.get(b"expect", b"").lower() == b"100-continue"
        request.keeps_alive = not is_upgrade and self._parser.should_keep_alive()
        self._arriving = request
        self._waiting.append(request)

    def on_body(self, body: bytes) -> None:
        request = self._arriving
        if request is None:
            return
        if request.is_over:
            self._forget(len(body))
            return
        request.arrived(body)
        if request.unread > UNREAD_MAX:
            self._pause()

    def on_message_complete(self) -> None:
        request, self._arriving, self._began = self._arriving, None, None
        self._forgotten = 0
        if request is not None:
            request.is_whole = True
            request.wake()

    # What a request says

    def read_on(self) -> None:
        if self._is_paused and not self._waiting and not self._transport.is_closing():
            self._is_paused = False
            self._transport.resume_reading()

    def answer(self, request: HttpRequest, status: int, headers: Headers, body: bytes) -> None:
        """The headers are ours, all of them: there is no line break in any."""
        is_last = self._is_deaf and not self._waiting and self._refusal is None
        if is_last or self._is_ending:
            request.keeps_alive = False
        lines = [_STATUS[status]]
        for name, value in (*self._state.default_headers, *headers):
            lines += (name, b": ", value, b"\r\n")
            if name == b"connection":
                request.keeps_alive = False
        if not request.keeps_alive:
            lines.append(b"connection: close\r\n")
        lines += (b"\r\n", b"" if request.scope["method"] == "HEAD" else body)
        self._transport.write(b"".join(lines))

    def write(self, raw: bytes) -> None:
        self._transport.write(raw)

    # What the server says

    def look(self, now: float) -> None:
        """Whatever has taken too long ends."""
        if self._over_since is not None:
            if now - self._over_since > LINGER_SECONDS:
                self._transport.abort()
        elif self._untaken_since is not None:
            if now - self._untaken_since > UNTAKEN_SECONDS:
                self._transport.abort()
        elif self._began is not None:
            if now - self._began > REQUEST_SECONDS and not self._is_paused:
                self._refuse(TOO_SLOW)
        elif self._current is None:
            seconds = IDLE_SECONDS if self.seat.name else STRANGER_SECONDS
            if now - self._idle_since > seconds:
                self._transport.close()

    def shutdown(self) -> None:
        self._is_ending = True
        self._waiting.clear()
        if self._current is None:
            self._transport.close()

    # How it goes on

    def _go_on(self) -> None:
        is_over = self._over_since is not None or self._transport.is_closing()
        if self._current is not None or self._untaken_since is not None or is_over:
            return
        if self._waiting:
            self._come_in()
        elif self._refusal is not None and self._is_deaf:
            refused = refusal(*self._refusal)
            body = encoded(refused.document)
            request = HttpRequest(self, {"method": ""})
            request.keeps_alive = False
            self.answer(request, refused.status, headers_for(refused, body), body)
            self._hang_up()
        elif self._is_deaf:
            self._hang_up()

    def _come_in(self) -> None:
        """Once, however often it is asked while others have the turn."""
        if self._is_queued:
            return
        if self._turnstile.admits(self._called):
            self._begin(self._waiting.popleft())
        else:
            self._is_queued = True
            self._pause()

    def _called(self) -> None:
        self._is_queued = False
        self._go_on()

    def _begin(self, request: HttpRequest) -> None:
        self._current = request
        if self._waiting:
            self._pause()
        else:
            self.read_on()  # its body may be still to come
        task = asyncio.Task(self._run(request), loop=self._loop, eager_start=True)
        if not task.done():
            self._state.tasks.add(task)
            task.add_done_callback(self._state.tasks.discard)

    async def _run(self, request: HttpRequest) -> None:
        try:
            await self._app(request.scope, request.receive, request.send)
        except Exception as error:
            telemetry.answer_failed(error)
        self._current, self._idle_since = None, self._loop.time()
        if not request.is_over:
            self._transport.abort()
        elif request.is_answered and not request.keeps_alive:
            self._hang_up()
        else:
            if self._waiting or self._is_deaf:
                self._loop.call_soon(self._go_on)
            self.read_on()

    def _refuse(self, said: Refusal) -> None:
        """It is told behind the answers to what came before it."""
        self._refusal, self._is_deaf, self._began = said, True, None
        if (request := self._arriving) is not None:
            self._arriving = None
            request.lose()
            if self._waiting and self._waiting[-1] is request:
                self._waiting.pop()
        self._go_on()

    def _hang_up(self) -> None:
        """To close at once could take the answer back out of the client's hands, where it is still
        sending: it is told that this was the last, and has time to go."""
        if self._over_since is not None or self._transport.is_closing():
            return
        self._over_since, self._is_deaf = self._loop.time(), True
        self._waiting.clear()
        if self._has_left or self._is_ending or not self._transport.can_write_eof():
            self._transport.close()
            return
        self._transport.write_eof()
        self.read_on()

    def _forget(self, size: int) -> None:
        """One read in each turn of the event loop: left to itself, it makes 32 in a row where there
        is so much, and all others wait for as many megabytes."""
        self._forgotten += size
        if self._forgotten > FORGOTTEN_MAX:
            self._transport.abort()
        elif not self._is_paused:
            self._pause()
            self._loop.call_soon(self.read_on)

    def _pause(self) -> None:
        if not self._is_paused and not self._transport.is_closing():
            self._is_paused = True
            self._transport.pause_reading()

    def _count_head(self, size: int) -> None:
        self._head_bytes += size
        if self._head_bytes > HEAD_MAX:
            self._refuse(HEAD_TOO_LARGE)

    def _read_scope(self) -> dict[str, Any]:
        """Raises what the parser makes a refusal of."""
        url: Any = httptools.parse_url(self._url)
        raw_path: bytes = url.path or b""
        path = raw_path.decode("ascii")
        return {
            **self._scope,
            "http_version": self._parser.get_http_version(),
            "method": self._parser.get_method().decode("ascii"),
            "path": unquote(path) if "%" in path else path,
            "raw_path": raw_path,
            "query_string": url.query or b"",
            "headers": self._headers,
        }

    def _upgrade(self) -> None:
        """To a WebSocket, on the same seat. Any other upgrade is not made: it was a request."""
        if not self._is_stream:
            self._is_deaf = True
            self._go_on()
            return
        if self._current is not None or self._waiting:
            self._refuse(NOT_HTTP)
            return
        self._state.connections.discard(cast(Any, self))
        stream: Any = cast(Any, self._config.ws_protocol_class)(
            config=self._config, server_state=self._state, app_state=self._app_state
        )
        stream.seat = self.seat
        stream.connection_made(self._transport)
        head = [self._parser.get_method(), b" ", self._url, b" HTTP/1.1\r\n"]
        for name, value in self._headers:
            head += (name, b": ", value, b"\r\n")
        stream.data_received(b"".join((*head, b"\r\n")))
        self._transport.set_protocol(stream)
