"""What a subscriber waits for, and what subscribers cost everybody else.

The server is the real one on a real port, in front of the loop, the disk and the exchange of
`paper`; subscribers are threads with sockets of their own. Both ends share a process and its clock,
and also its interpreter: what is measured holds the client's decoding as well.
"""

import asyncio
import json
import socket
import threading
from collections.abc import AsyncGenerator, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from time import perf_counter_ns, time_ns
from typing import cast

import uvloop
from websockets.asyncio.client import ClientConnection, connect

from omnivenue.api import Scope, TokenFile, TokenTable, create_app
from omnivenue.app.http_server import HttpServer, listen
from omnivenue.cli.bench.disk import scratch
from omnivenue.cli.bench.paper import Desk, until_open
from omnivenue.cli.bench.result import Result, percentile
from omnivenue.cli.bench.scene import SPOT
from omnivenue.journal import SqliteJournal
from omnivenue.message import Entry, ExecType, ExecutionReport
from omnivenue.model import Nanos

FILLS = 1_000
ORDERS = 1_000  # a round over HTTP, with and without slow subscribers in turn
ROUNDS = 5
SLOW = 20
GOAL_US = 1_000.0
TOPICS = ["orders", "fills", "positions"]
NARROW = 16 * 1024  # bytes that the socket of a slow subscriber holds


class Durable:
    """When the entry of each fill was durable."""

    def __init__(self) -> None:
        self.at: dict[int, int] = {}

    def turned(self, entries: Sequence[Entry]) -> None:
        now = perf_counter_ns()
        for entry in entries:
            event = entry.event
            if isinstance(event, ExecutionReport) and event.exec_type is ExecType.TRADE:
                self.at[entry.seq] = now


class Bench:
    def __init__(self, desk: Desk, token: str, port: int) -> None:
        self.desk, self.token, self.port = desk, token, port

    def subscriber(self, topics: list[str], *, is_slow: bool = False) -> socket.socket | None:
        """None: an ordinary one opens its socket itself."""
        if not is_slow:
            return None
        found = socket.socket()
        found.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, NARROW)
        found.connect(("127.0.0.1", self.port))
        return found

    async def subscribed(self, topics: list[str], *, is_slow: bool = False) -> ClientConnection:
        """A slow one takes what its library takes of itself, and then nothing."""
        more = {"sock": self.subscriber(topics, is_slow=True), "max_queue": 1} if is_slow else {}
        url = f"ws://127.0.0.1:{self.port}/v1/stream"
        opened = connect(url, proxy=None, compression=None, **more)  # pyright: ignore[reportArgumentType]
        found = await opened
        await found.send(json.dumps({"type": "auth", "token": self.token}))
        await found.send(json.dumps({"type": "subscribe", "topics": topics}))
        return found
