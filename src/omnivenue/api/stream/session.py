"""One client's conversation: who it is, what it wants to hear, and then all of it, in order.

A client that does not take what it is sent is told where to go on, and dropped: our own memory is
the only other place where its messages could wait.
"""

import asyncio
from collections.abc import Callable, Coroutine
from typing import Any

from omnivenue.api.answer import encoded
from omnivenue.api.site import Site
from omnivenue.api.stream.feed import Feed
from omnivenue.api.stream.frames import Subscribe, read_subscribe
from omnivenue.api.stream.socket import LATER, OURS, POLICY, Socket, error_message
from omnivenue.model import InstrumentID
from omnivenue.wire import ErrorCode, Invalid, error_document

SUBSCRIBE_SECONDS = 10
SEND_SECONDS = 10.0
"""Who takes nothing for so long has fallen behind, however little there is to take."""

TICKS_A_SECOND = 10
FRAMES_MAX = 50  # a second: nobody has so much to say here
SENT_AT_ONCE = 8  # entries; then whatever else the loop has to do comes first

MARKET = frozenset({"market"})


class Session:
    """`is_allowed` says whether the token still is: one that is revoked ends its streams."""

    def __init__(
        self, site: Site, feed: Feed, socket: Socket, is_allowed: Callable[[], bool]
    ) -> None:
        self._site = site
        self._feed = feed
        self._socket = socket
        self._is_allowed = is_allowed
        self._asked: Subscribe | None = None
        self._topics: frozenset[str] = frozenset()
        self._next = feed.next_seq
        self._has_caught_up = True  # was no further behind, once, than the feed keeps
        self._seen: dict[InstrumentID, int] = {}
        self._new = asyncio.Event()
        self._over: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._looks = 0
        self._frames = 0

    async def stream(self) -> None:
        """Until it ends, from whichever side."""
        try:
            async with asyncio.timeout(SUBSCRIBE_SECONDS):
                asked = read_subscribe(await self._socket.read(), self._feed.next_seq)
        except TimeoutError:
            text = f"nothing was subscribed to within {SUBSCRIBE_SECONDS} seconds"
            await self._socket.refuse(error_document([ErrorCode.UNAUTHORIZED.because(text)]))
            return
        if isinstance(asked, Invalid):
            await self._socket.refuse(asked.document)
            return
        self._subscribe(asked)
        await self.attend(self._listen(), self._pump())

    async def attend(self, *doing: Coroutine[Any, Any, None]) -> None:
        """Until one of them ends, or we end it."""
        self._feed.join(self)
        tasks = [asyncio.create_task(each) for each in doing]
        try:
            await asyncio.wait({*tasks, self._over}, return_when=asyncio.FIRST_COMPLETED)
        finally:
            self._feed.leave(self)
            for task in tasks:
                task.cancel()
            ended = await asyncio.gather(*tasks, return_exceptions=True)
        for result in ended:
            if isinstance(result, Exception):
                raise result

    async def next_frame(self) -> bytes | None:
        """None where it says too much; it has been told so. Raises Gone."""
        raw = await self._socket.read()
        self._frames += 1
        if self._frames <= FRAMES_MAX:
            return raw
        text = f"more than {FRAMES_MAX} frames a second"
        await self._socket.refuse(error_document([ErrorCode.TOO_MANY.because(text)]))
        return None

    def wake(self) -> None:
        self._new.set()

    def look(self, oldest: int) -> None:
        self._looks += 1
        if self._site.loop.has_ended:
            self._end(ErrorCode.UNAVAILABLE, "the journal failed, and the server is ending", OURS)
        elif self._socket.stuck_seconds() > SEND_SECONDS or self._is_behind(oldest):
            self._lag()
        elif self._looks % TICKS_A_SECOND == 0:
            self._frames = 0
            if not self._is_allowed():
                self._end(ErrorCode.UNAUTHORIZED, "the token is not known any more", POLICY)

    def _subscribe(self, asked: Subscribe) -> None:
        self._asked, self._topics = asked, asked.topics
        self._next = self._feed.next_seq if asked.from_seq is None else asked.from_seq
        self._has_caught_up = self._next >= self._feed.oldest
        self._seen.clear()

    async def _listen(self) -> None:
        """A client may subscribe to something else; there is nothing more to say."""
        while (raw := await self.next_frame()) is not None:
            asked = read_subscribe(raw, self._feed.next_seq)
            if isinstance(asked, Invalid):
                await self._socket.refuse(asked.document)
                return
            self._subscribe(asked)
            self._new.set()

    async def _pump(self) -> None:
        while not self._over.done():
            self._new.clear()
            await self._catch_up()
            if self._site.loop.has_ended:
                await self._over  # which the next look brings
            if "market" in self._topics:
                for raw in self._feed.market(self._seen):
                    await self._socket.write(raw)
            if self._next >= self._feed.next_seq and not self._new.is_set():
                self._feed.wait(self)
                await self._new.wait()

    async def _catch_up(self) -> None:
        """What is due, a few entries at a time."""
        if self._topics == MARKET:
            self._next, self._has_caught_up = self._feed.next_seq, True
        for _ in range(SENT_AT_ONCE):
            if self._next >= self._feed.next_seq or self._site.loop.has_ended:
                return
            if self._is_behind(self._feed.oldest):
                self._lag()
                return
            if not await self._send(self._asked):
                return
            self._has_caught_up = self._has_caught_up or self._next >= self._feed.oldest
        await asyncio.sleep(0)

    async def _send(self, asked: Subscribe | None) -> bool:
        """The next entry; False where something else has been subscribed to meanwhile."""
        for topic, raw in await self._feed.messages(self._next):
            if self._asked is not asked:
                return False
            if topic in self._topics:
                await self._socket.write(raw)
        if self._asked is not asked:
            return False
        self._next += 1
        return True

    def _is_behind(self, oldest: int) -> bool:
        return self._has_caught_up and self._next < oldest and bool(self._topics)

    def _lag(self) -> None:
        self._cut(encoded({"type": "lagged", "resume_from": self._next}), LATER)

    def _end(self, code: ErrorCode, why: str, close: int) -> None:
        self._cut(error_message(error_document([code.because(why)])), close)

    def _cut(self, last: bytes, code: int) -> None:
        if not self._over.done():
            self._socket.cut(last, code)
            self._over.set_result(None)
