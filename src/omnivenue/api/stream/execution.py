"""The older stream at `/`: a greeting with statistics, then questions and answers.

Its clients sign nothing themselves and expect this server to build and send transactions. What it
answers to a call it says here as well, in the shape in which they read it.
"""

import asyncio
from collections.abc import Callable

from msgspec.structs import asdict

from omnivenue.api.answer import Answer, encoded
from omnivenue.api.arbitrage import done
from omnivenue.api.auth import Principal
from omnivenue.api.execution import EXECUTE, sent, statistics
from omnivenue.api.routes import Route
from omnivenue.api.site import Site
from omnivenue.api.stream.frames import read_object
from omnivenue.api.stream.session import Session
from omnivenue.api.stream.socket import Socket, error_message
from omnivenue.wire import ErrorCode, Invalid, error_document
from omnivenue.wire.arbitrage import parse_arbitrage
from omnivenue.wire.errors import ErrorDocument
from omnivenue.wire.fields import cut
from omnivenue.wire.signal import parse_signal

type May = Callable[[Route], Answer | Principal]


class Execution:
    def __init__(
        self,
        site: Site,
        socket: Socket,
        session: Session,
        may: May,
    ) -> None:
        self._site = site
        self._socket = socket
        self._session = session
        self._may = may

    async def converse(self) -> None:
        mode = self._site.loop.mode.upper()
        stats = statistics(self._site)
        await self._socket.write(encoded({"type": "connected", "mode": mode, "stats": stats}))
        while (raw := await self._session.next_frame()) is not None:
            await self._socket.write(await self._reply(raw))

    async def _reply(self, raw: bytes) -> bytes:
        document = read_object(raw)
        if isinstance(document, Invalid):
            return error_message(document.document)
        match document.get("type"):
            case "ping":
                return encoded({"type": "pong"})
            case "execute" | "execute_arbitrage" as kind:
                allowed = self._may(EXECUTE)
                if isinstance(allowed, Answer):
                    assert isinstance(allowed.document, ErrorDocument)
                    return error_message(allowed.document)
                if kind == "execute":
                    return self._executed(document.get("signal"))
                return await self._arbitrage(allowed.name, document.get("signal"))
            case other:
                text = f"type must be execute, execute_arbitrage or ping, and is {cut(str(other))}"
                return error_message(error_document([ErrorCode.NOT_ONE_OF.because(text)]))

    def _executed(self, document: object) -> bytes:
        signal = parse_signal(document)
        if isinstance(signal, Invalid):
            return error_message(signal.document)
        return encoded({"type": "execution_result", **asdict(sent(self._site, signal))})

    async def _arbitrage(self, name: str, document: object) -> bytes:
        signal = parse_arbitrage(document)
        if isinstance(signal, Invalid):
            return error_message(signal.document)
        found = await done(self._site, name, signal, asyncio.Event())  # who leaves is not heard of
        if isinstance(found, Answer):
            assert isinstance(found.document, ErrorDocument)
            return error_message(found.document)
        return encoded({"type": "arbitrage_result", **asdict(found)})
