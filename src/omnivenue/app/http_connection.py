"""HTTP/1.1 on one connection: uvicorn's, with an end to whatever a client does or leaves undone.

uvicorn's own waits for ever: for a head, for a body, for a client that does not read. Here nothing
takes more than bounded time and memory, and no timer is set for it: the server looks at each
connection ten times a second. What is refused before it is a request is told in its turn, behind
the answers to what came before it, and the last answer is not taken back from who still sends.
"""

import asyncio
from collections.abc import Callable
from typing import Any, cast

import httptools
import uvicorn
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol, RequestResponseCycle
from uvicorn.server import ServerState

from omnivenue.api import LEFT, SEAT, Answer, Asgi, Seats, encoded, refusal, send_answer
from omnivenue.api.asgi import Connection, Receive, Send
from omnivenue.app.turnstile import Turnstile
from omnivenue.wire import ErrorCode

HEAD_MAX = 16 * 1024
HEADERS_MAX = 100
WAITING_MAX = 64  # requests that have no answer yet
FORGOTTEN_MAX = 64 * 2**20
"""Of what follows an answer that was given early, so much is still read: a client that is cut off
in the middle of sending often never reads the answer that says why."""

REQUEST_SECONDS = 10.0  # from its first byte to its last
STRANGER_SECONDS = 5.0  # to begin one, without a token
IDLE_SECONDS = 75.0  # between two, with one
UNTAKEN_SECONDS = 10.0  # for a client to take what it asked for
LINGER_SECONDS = 5.0  # for a client to take the last answer, and to go

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


class Lingering:
    """A transport as uvicorn sees it: to close it is to say the last word."""

    def __init__(self, transport: asyncio.Transport, say_last: Callable[[], None]) -> None:
        self.say_last: Callable[[], None] | None = say_last  # None once that was said
        self.is_real_closing = transport.is_closing
        self.write, self.get_extra_info = transport.write, transport.get_extra_info
        self.pause_reading, self.resume_reading = transport.pause_reading, transport.resume_reading

    def is_closing(self) -> bool:
        return self.say_last is None or self.is_real_closing()

    def close(self) -> None:
        if not self.is_closing() and (say_last := self.say_last):
            self.say_last = None
            say_last()


class HttpConnection(HttpToolsProtocol):
    def __init__(
        self,
        seats: Seats,
        turnstile: Turnstile,
        config: uvicorn.Config,
        server_state: ServerState,
        app_state: dict[str, Any],
        _loop: asyncio.AbstractEventLoop | None = None,
    ) -> None:
        super().__init__(config, server_state, app_state, _loop)
        self.parser = httptools.HttpRequestParser(self)  # strict, which theirs is not
        self._seats, self._turnstile = seats, turnstile
        self._heads = 0  # that have begun
        self._head_bytes = 0  # of one that comes in pieces
        self._is_in_head = False
        self._forgotten = 0
        self._refusal: Refusal | None = None
        self._running: RequestResponseCycle | None = None  # or about to
        self._arriving: RequestResponseCycle | None = None  # whose body is not whole
        self._left = asyncio.Event()  # the client will say no more
        self._is_deaf = False  # nothing that comes counts any more
        self._is_ending = False  # the server is
        self._idle_since = self.loop.time()
        self._began: float | None = None  # what is arriving
        self._untaken_since: float | None = None
        self._over_since: float | None = None

    # What the transport says

    def connection_made(self, transport: asyncio.BaseTransport) -> None:  # pyright: ignore[reportIncompatibleMethodOverride]
        self._real = cast(asyncio.Transport, transport)
        self.seat = self._seats.stranger(self._real.abort)
        super().connection_made(cast(Any, Lingering(self._real, self._say_last)))

    def connection_lost(self, exc: Exception | None) -> None:
        self.seat.leave()
        self._left.set()
        self._is_deaf = True
        self.pipeline.clear()
        self._lose(self._arriving)
        self._lose(self._running)
        cast(Lingering, self.transport).say_last = None
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        if self._is_deaf:
            self._forget(len(data))
            return
        heads = self._heads
        try:
            self.parser.feed_data(data)
        except httptools.HttpParserUpgrade:
            self._upgrade()
            return
        except httptools.HttpParserError:
            self._refuse(self._refusal or NOT_HTTP)
            return
        if self._is_in_head and heads == self._heads:
            self._head_bytes += len(data)
            if self._head_bytes > HEAD_MAX:
                self._refuse(HEAD_TOO_LARGE)

    def eof_received(self) -> bool:  # pyright: ignore[reportIncompatibleMethodOverride]
        """Who has asked may leave off speaking and still be answered."""
        self._is_deaf = True
        self._left.set()
        self._drop_arriving()
        if not self._is_answering:
            return False
        last = self.pipeline[0][0] if self.pipeline else self._running
        cast(RequestResponseCycle, last).keep_alive = False
        return True

    def pause_writing(self) -> None:
        super().pause_writing()
        self._untaken_since = self.loop.time()

    def resume_writing(self) -> None:
        super().resume_writing()
        self._untaken_since = None

    # What the parser says

    def on_message_begin(self) -> None:
        super().on_message_begin()
        cast(Connection, self.scope)["extensions"] = {SEAT: self.seat, LEFT: self._left}
        self._head_bytes, self._is_in_head = 0, True
        self._heads += 1
        self._began = self.loop.time()

    def on_header(self, name: bytes, value: bytes) -> None:
        super().on_header(name, value)
        if len(self.headers) > HEADERS_MAX:
            self._refusal = HEAD_TOO_LARGE
            raise ValueError(HEADERS_MAX)

    def on_headers_complete(self) -> None:
        self._is_in_head = False
        if len(self.url) + sum(len(k) + len(v) for k, v in self.headers) > HEAD_MAX:
            self._refusal = HEAD_TOO_LARGE
            raise ValueError(HEAD_MAX)
        if len(self.pipeline) >= WAITING_MAX - 1:
            self._refusal = TOO_MANY_WAIT
            raise ValueError(WAITING_MAX)
        super().on_headers_complete()
        if self.parser.should_upgrade():
            if self._should_upgrade():
                return
            self.cycle.keep_alive = False
        self._arriving = self.cycle

    def on_body(self, body: bytes) -> None:
        super().on_body(body)
        if self._arriving is not None and self._arriving.response_complete:
            self._forget(len(body))

    def on_message_complete(self) -> None:
        """Reading goes on: it may have been halted for a large body, and nobody takes the last of
        that who would set it going again. Nor would anybody hear then that the client leaves."""
        super().on_message_complete()
        self._arriving, self._began, self._forgotten = None, None, 0
        self._read_on()

    # What a request says

    def on_response_complete(self) -> None:
        """As theirs is, but for the timer."""
        self._idle_since = self.loop.time()
        if self.transport.is_closing():
            return
        if self.pipeline:
            self._start_asgi_task(*self.pipeline.pop())
        self._read_on()

    # What the server says

    def look(self, now: float) -> None:
        """Whatever has taken too long ends."""
        if self._over_since is not None:
            if now - self._over_since > LINGER_SECONDS:
                self._real.abort()
        elif self._untaken_since is not None:
            if now - self._untaken_since > UNTAKEN_SECONDS:
                self._real.abort()
        elif self._began is not None:
            if now - self._began > REQUEST_SECONDS and not self.flow.read_paused:
                self._refuse(TOO_SLOW)
        elif not self._is_answering:
            seconds = IDLE_SECONDS if self.seat.name else STRANGER_SECONDS
            if now - self._idle_since > seconds:
                self._real.close()

    def shutdown(self) -> None:
        self._is_ending = True
        self.pipeline.clear()
        if self._is_answering:
            cast(RequestResponseCycle, self._running).keep_alive = False
        else:
            self._real.close()

    # How it goes on

    @property
    def _is_answering(self) -> bool:
        found = self._running
        return found is not None and not (found.response_complete or found.disconnected)

    def _start_asgi_task(self, cycle: RequestResponseCycle, app: Any) -> None:
        """At once, or when its turn comes."""
        if cycle.disconnected:
            return
        self._running = cycle
        if self._turnstile.admits(lambda: self._start_asgi_task(cycle, app)):
            super()._start_asgi_task(cycle, app)

    def _refuse(self, said: Refusal) -> None:
        """It is told behind the answers to what came before it."""
        self._is_deaf, self._began = True, None
        self._drop_arriving()
        self.cycle = RequestResponseCycle(
            scope=cast(Any, {"type": "http", "method": ""}),
            transport=self.transport,
            flow=self.flow,
            logger=self.logger,
            access_logger=self.access_logger,
            access_log=False,
            default_headers=self.server_state.default_headers,
            message_event=asyncio.Event(),
            expect_100_continue=False,
            keep_alive=False,
            on_response=self.on_response_complete,
        )
        app = _telling(refusal(*said))
        if self._is_answering:
            self.pipeline.appendleft((self.cycle, cast(Any, app)))
        else:
            self._start_asgi_task(self.cycle, app)

    def _drop_arriving(self) -> None:
        request, self._arriving = self._arriving, None
        self._lose(request)
        if self.pipeline and self.pipeline[0][0] is request:
            self.pipeline.popleft()

    def _lose(self, request: RequestResponseCycle | None) -> None:
        """Nobody is left to answer."""
        if request is not None:
            request.disconnected = True
            request.message_event.set()

    def _say_last(self) -> None:
        """To close at once could take the answer back out of the client's hands, where it is still
        sending: it is told that this was the last, and has time to go."""
        self._over_since, self._is_deaf = self.loop.time(), True
        self.pipeline.clear()
        if self._left.is_set() or self._is_ending or not self._real.can_write_eof():
            self._real.close()
            return
        self._real.write_eof()
        self._read_on()

    def _forget(self, size: int) -> None:
        """One read in each turn of the event loop: left to itself, it makes 32 in a row where there
        is so much, and all others wait for as many megabytes."""
        self._forgotten += size
        if self._forgotten > FORGOTTEN_MAX:
            self._real.abort()
        elif not self.flow.read_paused and not self._real.is_closing():
            self.flow.pause_reading()
            self.loop.call_soon(self._read_on)

    def _read_on(self) -> None:
        if not self._real.is_closing() and not self.pipeline:
            self.flow.resume_reading()

    def _should_upgrade(self) -> bool:
        """Only a GET, as the protocol has it."""
        return self.parser.get_method() == b"GET" and super()._should_upgrade()

    def _upgrade(self) -> None:
        """To a WebSocket, on the same seat. Any other upgrade is not made: it was a request. The
        library says nothing of a head that it cannot read, so that is said here."""
        if not self._should_upgrade():
            self._is_deaf = True
            return
        if self._is_answering:
            self._refuse(NOT_HTTP)
            return
        stream: Any = cast(Any, self.config.ws_protocol_class)(
            config=self.config, server_state=self.server_state, app_state=self.app_state
        )
        stream.seat = self.seat
        stream.connection_made(self._real)
        head = [b"GET ", self.url, b" HTTP/1.1\r\n"]
        for name, value in self.headers:
            head += (name, b": ", value, b"\r\n")
        stream.data_received(b"".join((*head, b"\r\n")))
        if not stream.handshake_initiated:
            self.connections.discard(stream)
            self._refuse(NOT_HTTP)
            return
        self.connections.discard(self)
        self._real.set_protocol(stream)


def _telling(answer: Answer) -> Asgi:
    async def app(_: Connection, __: Receive, send: Send) -> None:
        await send_answer(send, answer, encoded(answer.document))

    return app
