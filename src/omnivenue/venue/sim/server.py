"""The process's side of the wire: connections, and the venues behind them.

A report or a funding goes to everybody who is logged in to its venue, an answer to whoever asked. A
reader that falls behind is disconnected: it comes back and asks, which costs less than a queue
without an end.
"""

import asyncio
import hmac
from collections.abc import Callable
from functools import partial
from typing import cast

import msgspec

from omnivenue.market import Quote
from omnivenue.message import ExecutionReport, FundingPaid, NewOrder, VenueCommand, VenueEvent
from omnivenue.model import InstrumentID, Nanos, VenueID
from omnivenue.venue.sim.codec import (
    Login,
    Refused,
    Welcome,
    decode_command,
    decode_login,
    encode,
)
from omnivenue.venue.sim.faults import Link
from omnivenue.venue.sim.house import Cut, House
from omnivenue.venue.sim.session import FRAME_MAX, LOGIN_SECONDS, FrameTooLarge, Lines

OUTBOX_MAX = 8 << 20  # bytes that a connection may have unread when more is written
CONNECTIONS_MAX = 64
QUOTE_EVERY = Nanos(50_000_000)


class Floor:
    """One venue: its house, the way to it, and who listens."""

    def __init__(self, house: House, link: Link, now: Callable[[], Nanos]) -> None:
        self.house = house
        self.connections: set[Connection] = set()
        self._link = link
        self._now = now
        self._waiting: dict[InstrumentID, Quote] = {}
        self._quoted_at: dict[InstrumentID, Nanos] = {}
        link.connect()

    def join(self, connection: "Connection") -> None:
        self.connections.add(connection)
        for instrument_id in self.house.exchange.instruments:
            connection.write(encode(self.house.exchange.quote(instrument_id)))

    def advance(self) -> None:
        at = self._now()
        for event in self.house.advance(at):
            if isinstance(event, Quote):
                self._waiting[event.instrument_id] = event
            else:
                self._reply(event, None)
        for instrument_id in list(self._waiting):
            if at - self._quoted_at.get(instrument_id, 0) >= QUOTE_EVERY:
                self._quoted_at[instrument_id] = at
                self._write(encode(self._waiting.pop(instrument_id)), None)

    def receive(self, connection: "Connection", command: VenueCommand) -> None:
        for at, arriving in self._link.request(self._now(), command):
            self._at(at, partial(self._arrive, connection, arriving))
        if self._link.breaks():
            connection.abort()

    def _arrive(self, connection: "Connection", command: VenueCommand) -> None:
        self.advance()
        at = self._now()
        try:
            if isinstance(command, NewOrder) and self._link.limits(command):
                events = self.house.limit_rate(at, command)
            else:
                events = self.house.handle(at, command)
        except Cut:
            connection.abort()
            return
        for event in events:
            self._reply(event, connection)

    def _reply(self, event: VenueEvent, asker: "Connection | None") -> None:
        to = None if isinstance(event, ExecutionReport | FundingPaid) else asker
        for at, leaving in self._link.reply(self._now(), event):
            self._at(at, partial(self._write, encode(leaving), to))

    def _write(self, frame: bytes, to: "Connection | None") -> None:
        for connection in list(self.connections) if to is None else [to]:
            connection.write(frame)

    def _at(self, at: Nanos, act: Callable[[], None]) -> None:
        wait = at - self._now()
        if wait <= 0:
            act()
        else:
            asyncio.get_running_loop().call_later(wait / 1_000_000_000, act)


class Server:
    """Who may come in, and who is in."""

    def __init__(
        self,
        token: str,
        floors: dict[VenueID, Floor],
        control: Callable[[bytes], object],
        fail: Callable[[OSError], None],
    ) -> None:
        self.token = token
        self.floors = floors
        self.control = control
        self.fail = fail  # a record that cannot be written ends the process
        self.connections: set[Connection] = set()


class Connection(asyncio.Protocol):
    def __init__(self, server: Server) -> None:
        self._server = server
        self._lines = Lines(FRAME_MAX)
        self._on_frame: Callable[[bytes], None] = self._log_in
        self._floor: Floor | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.Transport, transport)  # uvloop's is one by shape only
        self._server.connections.add(self)
        loop = asyncio.get_running_loop()
        self._patience = loop.call_later(LOGIN_SECONDS, self._refuse, "no login in time")
        if len(self._server.connections) > CONNECTIONS_MAX:
            self._refuse("too many connections")

    def connection_lost(self, exc: Exception | None) -> None:
        self._patience.cancel()
        self._server.connections.discard(self)
        if self._floor is not None:
            self._floor.connections.discard(self)

    def data_received(self, data: bytes) -> None:
        try:
            for frame in self._lines.feed(data):
                if self._transport.is_closing():
                    return
                self._on_frame(frame)
        except (FrameTooLarge, msgspec.MsgspecError) as error:
            self._refuse(str(error))
        except OSError as error:
            self._server.fail(error)

    def write(self, frame: bytes) -> None:
        if self._transport.is_closing():
            return
        if self._transport.get_write_buffer_size() > OUTBOX_MAX:
            self.abort()
        else:
            self._transport.write(frame)

    def abort(self) -> None:
        self._transport.abort()

    def _log_in(self, frame: bytes) -> None:
        login = decode_login(frame)
        if not hmac.compare_digest(login.token.encode(), self._server.token.encode()):
            self._refuse("wrong token")
            return
        self._patience.cancel()
        if login.control:
            self._on_frame = self._control
            self.write(encode(Welcome()))
            return
        self._enter(login)

    def _enter(self, login: Login) -> None:
        floor = self._server.floors.get(login.venue)
        if floor is None:
            self._refuse(f"no venue {login.venue!r} here")
            return
        self._floor = floor
        self._on_frame = self._command
        self.write(encode(Welcome()))
        floor.join(self)

    def _command(self, frame: bytes) -> None:
        assert self._floor is not None
        self._floor.receive(self, decode_command(frame))

    def _control(self, frame: bytes) -> None:
        self.write(encode(self._server.control(frame)))

    def _refuse(self, why: str) -> None:
        self.write(encode(Refused(why)))
        self._transport.close()
