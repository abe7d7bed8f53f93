"""The older stream at `/`: a greeting with statistics, then questions and answers.

Its clients sign nothing themselves and expect this server to build and send transactions. That part
is not built: it is said in the shape in which they read failures, and never by a silence.
"""

from collections.abc import Callable

from omnivenue.api.answer import Answer, encoded
from omnivenue.api.auth import Principal
from omnivenue.api.execution import EXECUTE, NOT_BUILT, statistics
from omnivenue.api.routes import Route
from omnivenue.api.site import Site
from omnivenue.api.stream.frames import read_object
from omnivenue.api.stream.session import Session
from omnivenue.api.stream.socket import Socket, error_message
from omnivenue.wire import ErrorCode, Invalid, error_document
from omnivenue.wire.errors import ErrorDocument
from omnivenue.wire.fields import cut

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
            await self._socket.write(self._reply(raw))

    def _reply(self, raw: bytes) -> bytes:
        document = read_object(raw)
        if isinstance(document, Invalid):
            return error_message(document.document)
        match document.get("type"):
            case "ping":
                return encoded({"type": "pong"})
            case "execute":
                allowed = self._may(EXECUTE)
                if isinstance(allowed, Answer):
                    assert isinstance(allowed.document, ErrorDocument)
                    return error_message(allowed.document)
                mode = self._site.loop.mode.upper()
                failed = {"success": False, "error": NOT_BUILT, "mode": mode}
                return encoded({"type": "execution_result", **failed})
            case other:
                text = f"type must be execute or ping, and is {cut(str(other))}"
                return error_message(error_document([ErrorCode.NOT_ONE_OF.because(text)]))
