"""What an order costs over HTTP until its answer: durable, checked by every rule, on its way to an
exchange that is in this process. Beside it the same server with a route that does nothing, and one
that does what must be done and no more.

The load is made by wrk where it is installed (on Debian by `apt-get install wrk`), else by a loop
of our own in another process. Each run has a server, a journal and a book of its own, for at most
10,000 orders work at one venue.
"""

import asyncio
import os
import shutil
import signal
from asyncio.subprocess import PIPE
from collections.abc import Callable, Coroutine
from contextlib import suppress
from pathlib import Path

import msgspec
import uvloop

from omnivenue.api import Asgi
from omnivenue.api.asgi import Connection, Receive, Send
from omnivenue.cli.bench.http_floor import FLOOR, Floor
from omnivenue.cli.bench.result import Peer, Result
from omnivenue.cli.bench.served import Served, serving
from omnivenue.interpreter import words_for

ECHO, ORDER = "/echo", "/v1/instructions"
CLIENTS = 32
ONE_BY_ONE, MANY = 3_000, 9_000
ROUNDS = 3  # the quickest counts: whatever else the machine did is not ours
GOAL = 8_000
SECONDS_MAX = 60
LOOK_SECONDS = 0.005
STARTING_SECONDS = 0.1  # until a load generator listens to a signal


class Load(msgspec.Struct, frozen=True):
    """What one run of a load generator says."""

    requests: int
    us: int
    failed: int
    p50_us: float
    p99_us: float

    @property
    def per_second(self) -> float:
        return self.requests * 1e6 / self.us


class Echo:
    """The route that does nothing, before the application and in no table of it."""

    def __init__(self, app: Asgi) -> None:
        self._app = app
        self.answered = 0

    async def __call__(self, connection: Connection, receive: Receive, send: Send) -> None:
        if connection.get("path") != ECHO:
            await self._app(connection, receive, send)
            return
        body = (await receive())["body"]
        length = (b"content-length", str(len(body)).encode())
        headers = [(b"content-type", b"application/json"), length]
        await send({"type": "http.response.start", "status": 200, "headers": headers})
        await send({"type": "http.response.body", "body": body})
        self.answered += 1


async def _load(served: Served, path: str, clients: int, is_enough: Callable[[], bool]) -> Load:
    """Ends as soon as it is enough, which the load generator need not know."""
    env = {**os.environ, "OMNIVENUE_TOKEN": served.token}
    process = await asyncio.create_subprocess_exec(
        *_generator(served.url + path, clients), env=env, stdout=PIPE
    )
    said = asyncio.create_task(process.communicate())
    await asyncio.sleep(STARTING_SECONDS)
    while not said.done():
        if is_enough():
            with suppress(ProcessLookupError):
                process.send_signal(signal.SIGINT)
        await asyncio.sleep(LOOK_SECONDS)
    out, _ = await said
    found = msgspec.json.decode(out.splitlines()[-1], type=Load)
    assert found.requests and not found.failed, found
    return found


def _generator(url: str, clients: int) -> tuple[str, ...]:
    if wrk := shutil.which("wrk"):
        script = str(Path(__file__).with_name("load.lua"))
        return (wrk, "-t1", f"-c{clients}", f"-d{SECONDS_MAX}s", "-s", script, url)
    return (*words_for("omnivenue.cli.bench.pouring"), url, str(clients))


async def _echoes(clients: int, count: int) -> Load:
    echoes: list[Echo] = []

    def around(app: Asgi) -> Asgi:
        echoes.append(Echo(app))
        return echoes[0]

    async with serving(around) as served:
        return await _load(served, ECHO, clients, lambda: echoes[0].answered >= count)


async def _orders(clients: int, count: int) -> Load:
    async with serving() as served:
        parents = served.desk.loop.state.parents
        return await _load(served, ORDER, clients, lambda: len(parents) >= count)


async def _floors(clients: int, count: int) -> Load:
    floors: list[Floor] = []

    def around(app: Asgi) -> Asgi:
        floors.append(Floor(app))
        return floors[0]

    async with serving(around) as served:
        (floor,) = floors
        async with floor.opened(served.desk):
            return await _load(served, FLOOR, clients, lambda: floor.answered >= count)


type Run = Callable[[int, int], Coroutine[None, None, Load]]


def measure(disk_commit_us: float) -> list[Result]:
    """`http.echo` and `http.order`, with one client and with many."""
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:

        def rounds(run: Run, clients: int, count: int) -> list[Load]:
            return [runner.run(run(clients, count)) for _ in range(ROUNDS)]

        echo = min(rounds(_echoes, 1, ONE_BY_ONE), key=_p50)
        floor = min(rounds(_floors, 1, ONE_BY_ONE), key=_p50)
        order = min(rounds(_orders, 1, ONE_BY_ONE), key=_p50)
        echoes = max(rounds(_echoes, CLIENTS, MANY), key=_rate)
        floors = max(rounds(_floors, CLIENTS, MANY), key=_rate)
        orders = max(rounds(_orders, CLIENTS, MANY), key=_rate)
    by = "load by wrk" if shutil.which("wrk") else "load by our own loop: wrk is not installed"
    straight = f"{by}; an order in one straight line of Python, and on the same disk"
    return [
        _alone("http.echo", echo, by),
        _alone("http.floor", floor, straight),
        _alone(
            "http.order",
            order,
            f"{by}; the goal is http.echo + disk.commit + 100 us",
            goal=echo.p50_us + disk_commit_us + 100,
            peer=Peer(name="http.floor", value=floor.p50_us, ratio=order.p50_us / floor.p50_us),
        ),
        _among(f"http.echo.{CLIENTS}", echoes, by),
        _among(f"http.floor.{CLIENTS}", floors, straight),
        _among(
            f"http.order.{CLIENTS}",
            orders,
            by,
            goal=GOAL,
            peer=Peer(
                name=f"http.floor.{CLIENTS}",
                value=floors.per_second,
                ratio=orders.per_second / floors.per_second,
            ),
        ),
    ]


def _p50(load: Load) -> float:
    return load.p50_us


def _rate(load: Load) -> float:
    return load.per_second


def _alone(
    name: str, load: Load, note: str, *, goal: float | None = None, peer: Peer | None = None
) -> Result:
    return Result(
        name=name,
        value=load.p50_us,
        unit="us",
        p50_us=load.p50_us,
        p99_us=load.p99_us,
        goal=goal,
        peer=peer,
        note=note,
    )


def _among(
    name: str, load: Load, note: str, *, goal: float | None = None, peer: Peer | None = None
) -> Result:
    return Result(
        name=name,
        value=load.per_second,
        unit="requests/s",
        p50_us=load.p50_us,
        p99_us=load.p99_us,
        goal=goal,
        peer=peer,
        note=f"{note}; {CLIENTS} clients",
    )
