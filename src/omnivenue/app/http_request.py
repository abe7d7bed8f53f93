"""One request over HTTP and its answer, as the two functions that ASGI has for them."""

import asyncio
from typing import TYPE_CHECKING, Any

from omnivenue.api.asgi import Message

if TYPE_CHECKING:
    from omnivenue.app.http_connection import HttpConnection

CONTINUE = b"HTTP/1.1 100 Continue\r\n\r\n"


class HttpRequest:
    """From the end of its head on. Its answer is one piece, and one write."""

    __slots__ = (
        "_news",
        "_parts",
        "_start",
        "_wire",
        "is_answered",
        "is_gone",
        "is_read",
        "is_whole",
        "keeps_alive",
        "scope",
        "unread",
        "waits_for_leave",
    )

    def __init__(self, wire: "HttpConnection", scope: dict[str, Any]) -> None:
        self._wire = wire
        self._parts: list[bytes] = []
        self._start: Message = {}
        self._news: asyncio.Future[None] | None = None
        self.scope = scope
        self.unread = 0  # bytes of its body that wait here
        self.keeps_alive = True
        self.waits_for_leave = False  # to send its body: `Expect: 100-continue`
        self.is_whole = False  # all of it is here
        self.is_read = False  # and has been taken
        self.is_answered = False
        self.is_gone = False  # nobody is left to answer

    def arrived(self, part: bytes) -> None:
        self._parts.append(part)
        self.unread += len(part)
        self.wake()

    @property
    def is_over(self) -> bool:
        return self.is_answered or self.is_gone

    def lose(self) -> None:
        """Nobody is left to answer."""
        self.is_gone = True
        self.wake()

    def wake(self) -> None:
        if self._news is not None and not self._news.done():
            self._news.set_result(None)

    async def receive(self) -> Message:
        while not (self._parts or self.is_gone or (self.is_whole and not self.is_read)):
            if self.waits_for_leave:
                self.waits_for_leave = False
                self._wire.write(CONTINUE)
            self._news = asyncio.get_running_loop().create_future()
            await self._news
        if self.is_gone:
            return {"type": "http.disconnect"}
        body = b"".join(self._parts)
        self._parts.clear()
        self.unread, self.is_read = 0, self.is_whole
        self._wire.read_on()
        return {"type": "http.request", "body": body, "more_body": not self.is_whole}

    async def send(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            self._start = message
            return
        assert self._start and not message.get("more_body"), "an answer is one piece"
        if not self.is_over:
            self.is_answered = True
            self._wire.answer(self, self._start["status"], self._start["headers"], message["body"])
