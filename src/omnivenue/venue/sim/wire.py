"""Our side of the wire to a simulated exchange: over loopback TCP, or to one in this process."""

import asyncio
from collections.abc import Callable
from typing import Protocol, cast

import msgspec

from omnivenue.market import Quote
from omnivenue.message import VenueCommand, VenueEvent
from omnivenue.model import Nanos, VenueID
from omnivenue.venue.protocol import Deliver, Overloaded
from omnivenue.venue.sim.codec import Login, Refused, Welcome, decode_from_venue, encode
from omnivenue.venue.sim.endpoint import Endpoint
from omnivenue.venue.sim.session import ANSWER_MAX, LOGIN_SECONDS, Lines

OUTBOX_MAX = 4 << 20  # bytes that may wait for the kernel when more is sent
TICK_SECONDS = 0.02


class Wire(Protocol):
    def send(self, command: VenueCommand) -> None:
        """As Venue.send."""
        ...

    async def connect(self) -> None:
        """Raises ConnectionError."""
        ...

    async def listen(self, deliver: Deliver) -> None:
        """All that comes, until the connection ends."""
        ...

    def close(self) -> None:
        """Also where nothing is open."""
        ...


class Market(Protocol):
    """An Exchange, or a House around one."""

    def handle(self, at: Nanos, command: VenueCommand) -> list[VenueEvent]: ...

    def advance(self, at: Nanos) -> list[VenueEvent | Quote]: ...


class InProcess:
    """No encoding, no waiting: what an exchange says is delivered before `send` returns."""

    def __init__(self, market: Market, now: Callable[[], Nanos]) -> None:
        self._market = market
        self._now = now
        self._deliver: Deliver | None = None
        self._broken: ConnectionError | None = None

    def send(self, command: VenueCommand) -> None:
        deliver = self._deliver
        if deliver is None or self._broken is not None:
            raise ConnectionError("not connected")
        at = self._now()
        try:
            for event in self._market.advance(at):
                deliver(event)
            for event in self._market.handle(at, command):
                deliver(event)
        except ConnectionError as error:
            self._broken = error
            raise

    async def connect(self) -> None:
        self._broken = None

    async def listen(self, deliver: Deliver) -> None:
        self._deliver = deliver
        while self._broken is None:
            for event in self._market.advance(self._now()):
                deliver(event)
            await asyncio.sleep(TICK_SECONDS)
        raise self._broken

    def close(self) -> None:
        self._deliver = None


class TcpWire:
    """`find` says where the process is, each time anew: it may have died and come back elsewhere.
    It may block, and is called in a thread."""

    def __init__(self, venue_id: VenueID, find: Callable[[], Endpoint]) -> None:
        self._venue_id = venue_id
        self._find = find
        self._line: _Line | None = None

    def send(self, command: VenueCommand) -> None:
        if self._line is None:
            raise ConnectionError("not connected")
        self._line.send(command)

    async def connect(self) -> None:
        endpoint = await asyncio.to_thread(self._find)
        loop = asyncio.get_running_loop()
        _, line = await loop.create_connection(_Line, "127.0.0.1", endpoint.port)
        try:
            async with asyncio.timeout(LOGIN_SECONDS):
                await line.log_in(Login(token=endpoint.token, venue=self._venue_id))
        except BaseException as error:
            line.abort()
            if isinstance(error, TimeoutError):
                raise ConnectionError("no answer to the login") from error
            raise
        self._line = line

    async def listen(self, deliver: Deliver) -> None:
        assert self._line is not None
        await self._line.listen(deliver)

    def close(self) -> None:
        if self._line is not None:
            self._line.abort()
            self._line = None


class _Line(asyncio.Protocol):
    """One connection."""

    def __init__(self) -> None:
        loop = asyncio.get_running_loop()
        self._lines = Lines(ANSWER_MAX)
        self._welcome: asyncio.Future[None] = loop.create_future()
        self._ended: asyncio.Future[None] = loop.create_future()
        self._early: list[VenueEvent | Quote] = []  # said between the welcome and `listen`
        self._deliver: Deliver = self._early.append  # type: ignore[assignment]

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.Transport, transport)  # uvloop's is one by shape only

    def connection_lost(self, exc: Exception | None) -> None:
        self._end(ConnectionError(f"the connection ended: {exc or 'closed by the exchange'}"))

    def data_received(self, data: bytes) -> None:
        try:
            for frame in self._lines.feed(data):
                self._take(frame)
        except (ConnectionError, msgspec.MsgspecError) as error:
            self._end(ConnectionError(str(error)))
            self._transport.abort()

    def send(self, command: VenueCommand) -> None:
        if self._transport.is_closing():
            raise ConnectionError("the connection has ended")
        if self._transport.get_write_buffer_size() > OUTBOX_MAX:
            raise Overloaded("the exchange does not read")
        self._transport.write(encode(command))

    async def log_in(self, login: Login) -> None:
        self._transport.write(encode(login))
        await self._welcome

    async def listen(self, deliver: Deliver) -> None:
        self._deliver = deliver
        for event in self._early:
            deliver(event)
        self._early.clear()
        await self._ended

    def abort(self) -> None:
        self._transport.abort()

    def _take(self, frame: bytes) -> None:
        match decode_from_venue(frame):
            case Welcome():
                if not self._welcome.done():
                    self._welcome.set_result(None)
            case Refused(why=why):
                raise ConnectionRefusedError(why)
            case event:
                self._deliver(event)

    def _end(self, error: ConnectionError) -> None:
        """Whoever waits is told once; nobody may be waiting."""
        for future in (self._welcome, self._ended):
            if not future.done():
                future.set_exception(error)
                future.exception()  # looked at, so that nobody is warned that nobody looked
