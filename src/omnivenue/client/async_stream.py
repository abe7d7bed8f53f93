"""The stream of a program that awaits: what is done with what comes is the other one's."""

import asyncio
import time
from collections.abc import AsyncGenerator, Sequence

from websockets.asyncio.client import connect
from websockets.exceptions import WebSocketException

from omnivenue.client.errors import Document, OmnivenueError
from omnivenue.client.stream import Find, Heard, options, told


async def stream(find: Find, topics: Sequence[str], from_seq: int) -> AsyncGenerator[Document]:
    heard = Heard(topics, from_seq)
    while True:
        where = find()
        try:
            async with connect(where.stream_url, **options(where)) as socket:
                heard.opened(time.monotonic())
                for frame in heard.first_frames(where):
                    await socket.send(frame)
                while True:
                    message = heard.take(await socket.recv())
                    if message is not None:
                        yield message
        except (OSError, WebSocketException, OmnivenueError) as error:
            await asyncio.sleep(heard.lost(told(error), time.monotonic()))
