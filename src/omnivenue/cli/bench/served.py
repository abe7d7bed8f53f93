"""A server to measure: the real one on a real port, over the loop, the disk and the exchange of
`paper`, which is in this process too."""

import asyncio
import gc
from collections.abc import AsyncGenerator, Callable
from contextlib import asynccontextmanager
from time import time_ns
from typing import NamedTuple

from omnivenue.api import Asgi, Scope, TokenFile, TokenTable, create_app
from omnivenue.app.http_server import HttpServer, listen
from omnivenue.cli.bench.disk import scratch
from omnivenue.cli.bench.paper import Desk, exchange, until_open
from omnivenue.journal import SqliteJournal
from omnivenue.model import Nanos
from omnivenue.runtime import Clock, spare


class Served(NamedTuple):
    desk: Desk
    token: str  # scope admin
    port: int

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"


@asynccontextmanager
async def serving(around: Callable[[Asgi], Asgi] = lambda app: app) -> AsyncGenerator[Served]:
    """`around` puts what is there for the measurement alone before the application."""
    with scratch() as folder:
        journal = SqliteJournal(folder, "bench")
        clock = Clock(Nanos(0))
        desk = Desk(journal, clock, exchange(clock))
        tokens = TokenFile(folder / "bench", "bench")
        token = tokens.create("bench", Scope.ADMIN, Nanos(time_ns()))
        app = create_app(door=desk.door, loop=desk.loop, tokens=TokenTable(tokens))
        listening = listen("127.0.0.1", 0)
        server = HttpServer(around(app))
        tasks = [asyncio.create_task(t) for t in (desk.loop.run(), server.serve([listening]))]
        await until_open(desk)
        spare()  # as a server does
        try:
            yield Served(desk, token, listening.getsockname()[1])
        finally:
            gc.unfreeze()
            server.should_exit = True
            await tasks[1]
            tasks[0].cancel()
            await asyncio.gather(*tasks, return_exceptions=True)
            listening.close()
            journal.close()
