"""The life of the process of the simulated exchanges: found, started, refused, ended."""

import asyncio
import json
import os
import re
import signal
import socket
import stat
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import msgspec
import pytest

from exchanges import BTC_USDT, MAIN, PX, USDT, VENUE, order, query
from omnivenue.market import Quote
from omnivenue.message import ExecutionReport, StatusReport, VenueEvent, VenueUp
from omnivenue.model import AccountID, Nanos, VenueID
from omnivenue.venue import Overloaded
from omnivenue.venue.sim import launch, server
from omnivenue.venue.sim.adapter import SimVenue
from omnivenue.venue.sim.codec import Login, Welcome, encode
from omnivenue.venue.sim.config import Deposit, SimConfig, SimVenueConfig, build_exchange
from omnivenue.venue.sim.endpoint import LOCKED, Endpoint, read_endpoint
from omnivenue.venue.sim.faults import Fault, Faults, Latency, Planned
from omnivenue.venue.sim.launch import ControlLine, find, find_or_start, stop
from omnivenue.venue.sim.process import Process
from omnivenue.venue.sim.record import read_record
from omnivenue.venue.sim.session import FRAME_MAX, FrameTooLarge, Lines
from omnivenue.venue.sim.wire import TcpWire

WITHIN_SECONDS = 15


def config(idle_seconds: float = 60, **more: object) -> SimConfig:
    venue = SimVenueConfig(
        venue_id=VENUE,
        instruments=(BTC_USDT,),
        deposits=(Deposit(account=MAIN, asset=USDT, amount=10**14),),
        **more,  # type: ignore[arg-type]
    )
    return SimConfig(venues=(venue,), idle_seconds=idle_seconds)


@pytest.fixture
def home(tmp_path: Path) -> Iterator[Path]:
    yield tmp_path
    if endpoint := find(tmp_path):
        stop(endpoint)


def eventually(holds: Callable[[], object]) -> None:
    deadline = time.monotonic() + WITHIN_SECONDS
    while not holds():
        assert time.monotonic() < deadline, "it did not come to be"
        time.sleep(0.01)


def test_it_is_started_once_and_found_again(home: Path) -> None:
    assert find(home) is None
    endpoint = find_or_start(home, config())
    assert find_or_start(home, config()) == endpoint == find(home) == read_endpoint(home)
    assert stat.S_IMODE((home / "process.json").stat().st_mode) == 0o600
    assert os.getsid(endpoint.pid) == endpoint.pid  # our death does not reach it


def test_it_is_stopped_in_order_and_goes_on_from_its_record(home: Path) -> None:
    stop(find_or_start(home, config()))
    assert find(home) is None
    assert not (home / "process.json").exists()
    with ControlLine(find_or_start(home, config())) as line:
        counts = line.counts()
    assert counts.venues[VENUE].connections == 0
    assert len((home / f"{VENUE}.jsonl").read_bytes().splitlines()) == 2  # listed and paid in once


def test_only_what_was_never_paid_in_is_paid_in(home: Path) -> None:
    stop(find_or_start(home, config()))
    more = (Deposit(account=AccountID("a"), asset=USDT, amount=7), *config().venues[0].deposits)
    venue = msgspec.structs.replace(config().venues[0], deposits=more)
    find_or_start(home, SimConfig(venues=(venue,), idle_seconds=60))
    paid = [line.paid_in for line in read_record(home / f"{VENUE}.jsonl") if line.paid_in]
    assert [(p.account, p.amount) for p in paid] == [(MAIN, 10**14), ("a", 7)]


def test_another_configuration_replaces_it(home: Path) -> None:
    first = find_or_start(home, config())
    second = find_or_start(home, config(seed=2))
    assert second.pid != first.pid
    assert find_or_start(home, config(seed=2)) == second


def test_after_its_death_a_new_one_is_started(home: Path) -> None:
    first = find_or_start(home, config())
    os.kill(first.pid, signal.SIGKILL)
    second = find_or_start(home, config())
    assert second.pid != first.pid
    stop(first)  # of one that is gone: nothing


def test_a_second_process_is_refused(home: Path) -> None:
    find_or_start(home, config())
    command = [sys.executable, "-m", "omnivenue.venue.exchanges", "--home", str(home)]
    second = subprocess.run(
        [*command, "--config", str(home / "config.json")],
        capture_output=True,
        timeout=WITHIN_SECONDS,
        check=False,
    )
    assert second.returncode == LOCKED
    assert b"another process" in second.stderr


def test_a_process_that_cannot_start_says_so(home: Path) -> None:
    with pytest.raises(ConnectionError, match=r"process\.log"):
        find_or_start(home, config(market="recording:/nonexistent"))
    assert "nonexistent" in (home / "process.log").read_text()


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_ends_it_in_order(home: Path, number: signal.Signals) -> None:
    endpoint = find_or_start(home, config())
    os.kill(endpoint.pid, number)
    eventually(lambda: not (home / "process.json").exists())


def test_without_a_connection_it_ends_by_itself(tmp_path: Path) -> None:
    times = iter(range(10**18, 2 * 10**18, 10**7))

    async def run() -> None:
        async with asyncio.timeout(WITHIN_SECONDS):
            process = Process(tmp_path, config(idle_seconds=0), lambda: Nanos(next(times)))
            await process.run()

    asyncio.run(run())
    assert not (tmp_path / "process.json").exists()


def raw(endpoint: Endpoint, *messages: object) -> bytes:
    """All that it says to these frames until it closes the connection."""
    with socket.create_connection(("127.0.0.1", endpoint.port), timeout=WITHIN_SECONDS) as sock:
        for message in messages:
            sock.sendall(message if isinstance(message, bytes) else encode(message))
        said = b""
        while chunk := sock.recv(1 << 16):
            said += chunk
        return said


def test_who_does_not_know_the_token_is_not_let_in(home: Path) -> None:
    endpoint = find_or_start(home, config())
    token = endpoint.token
    for first, why in [
        (Login(token="wrong", venue=VENUE), "wrong token"),
        (Login(token="", control=True), "wrong token"),
        (Login(token=token, venue=VenueID("NOWHERE")), "no venue"),
        (order("c"), "Invalid value"),
        (b"GET / HTTP/1.1\r\n\r\n", "malformed"),
        (b"[" * 100_000 + b"\n", ""),
    ]:
        said = json.loads(raw(endpoint, first))
        assert said["type"] == "refused"
        assert why in said["why"]
    assert b"malformed" in raw(endpoint, Login(token=token, venue=VENUE), b"}\n")
    with pytest.raises(ConnectionRefusedError):
        ControlLine(msgspec.structs.replace(endpoint, token="wrong"))
    assert find(home) == endpoint


def test_who_says_nothing_is_shown_out(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(server, "LOGIN_SECONDS", 0.01)

    async def run() -> bytes:
        process = asyncio.create_task(Process(tmp_path, config(), lambda: Nanos(10**18)).run())
        async with asyncio.timeout(WITHIN_SECONDS):
            while (endpoint := read_endpoint(tmp_path)) is None:
                await asyncio.sleep(0)
            reader, writer = await asyncio.open_connection("127.0.0.1", endpoint.port)
            said = await reader.read()
            writer.close()
            os.kill(os.getpid(), signal.SIGTERM)
            await process
        return said

    assert b"no login in time" in asyncio.run(run())


def test_an_answer_goes_to_whoever_asked(home: Path) -> None:
    endpoint = find_or_start(home, config())

    def ask(sock: socket.socket, number: int) -> int:
        sock.sendall(encode(query(number=number)))
        for line in sock.makefile("rb"):
            said = json.loads(line)
            if said["type"] == "status_report":
                return said["query"]
        raise AssertionError("no answer")

    address = ("127.0.0.1", endpoint.port)
    with (
        socket.create_connection(address, timeout=WITHIN_SECONDS) as one,
        socket.create_connection(address, timeout=WITHIN_SECONDS) as other,
    ):
        for sock in (one, other):
            sock.sendall(encode(Login(token=endpoint.token, venue=VENUE)))
        with ControlLine(endpoint) as line:
            eventually(lambda: line.counts().venues[VENUE].connections == 2)
        assert ask(one, 1) == 1
        assert ask(other, 2) == 2  # and not what the first one was told


def test_a_frame_has_a_limit(home: Path) -> None:
    endpoint = find_or_start(home, config())
    said = raw(endpoint, b"x" * (FRAME_MAX + 1))
    assert b"a frame of more than" in said
    assert find(home) == endpoint


@pytest.mark.parametrize("size", [1, 2, 3, 7, 100])
def test_frames_come_in_any_pieces(size: int) -> None:
    text, lines = b"one\n\nthree\nfour and a half\nrest", Lines(20)
    pieces = [text[i : i + size] for i in range(0, len(text), size)]
    assert [f for p in pieces for f in lines.feed(p)] == text.split(b"\n")[:-1]


@pytest.mark.parametrize("pieces", [[b"x" * 9], [b"x" * 9 + b"\n"], [b"x" * 5, b"x" * 4]])
def test_a_frame_that_is_too_long_is_an_error(pieces: list[bytes]) -> None:
    lines = Lines(8)
    with pytest.raises(FrameTooLarge):
        for piece in pieces:
            lines.feed(piece)


type Said = VenueEvent | VenueUp | Quote


class Client:
    """One venue of the process, and what it said."""

    def __init__(self, home: Path, made: SimConfig) -> None:
        self.home = home
        self.venue = SimVenue(VENUE, TcpWire(VENUE, lambda: find_or_start(home, made)))
        self.heard: list[Said] = []

    def plan(self, fault: Fault) -> None:
        endpoint = find(self.home)
        assert endpoint is not None
        with ControlLine(endpoint) as line:
            line.plan(VENUE, Planned(fault=fault))

    async def until(self, holds: Callable[[], object]) -> None:
        async with asyncio.timeout(WITHIN_SECONDS):
            while not holds():
                await asyncio.sleep(0.005)

    def reports(self) -> list[str]:
        return [s.exec_type.name for s in self.heard if isinstance(s, ExecutionReport)]

    async def up(self) -> asyncio.Task[None]:
        self.heard.clear()
        task = asyncio.create_task(self.venue.run(self.heard.append))
        await self.until(lambda: self.heard or task.done())
        return task


TAKER = order("c", px=PX * 2, qty=100)


def test_scripted_faults_play_over_the_wire(home: Path) -> None:
    client = Client(home, config())

    async def run() -> None:
        task = await client.up()
        client.plan(Fault.TIMEOUT_EXECUTED)
        client.venue.send(TAKER)
        client.venue.send(query("c"))
        await client.until(lambda: any(isinstance(s, StatusReport) for s in client.heard))
        assert client.reports() == []
        client.plan(Fault.DISCONNECT)
        client.venue.send(order("d", px=PX * 2, qty=100))
        with pytest.raises(ConnectionError):
            await task
        with pytest.raises(ConnectionError):
            client.venue.send(TAKER)
        task = await client.up()
        client.venue.send(query("c", "d"))
        await client.until(lambda: any(isinstance(s, StatusReport) for s in client.heard))
        (answer,) = (s for s in client.heard if isinstance(s, StatusReport))
        assert [o.cum_qty for o in answer.orders] == [100, 100]
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)

    asyncio.run(run())


def test_a_plan_for_no_venue_is_refused(home: Path) -> None:
    with ControlLine(find_or_start(home, config())) as line:
        with pytest.raises(ValueError, match="no venue"):
            line.plan(VenueID("NOWHERE"), Planned(fault=Fault.REJECT))
        line.plan(VENUE, Planned(fault=Fault.REJECT))
        assert line.counts().venues[VENUE].faults_planned == 1


def test_faults_and_latency_of_the_configuration_apply(home: Path) -> None:
    faults = Faults(duplicate=100, rate_limit=100, delay_max=0)
    client = Client(home, config(faults=faults, latency=Latency(min=1_000, max=2_000_000)))

    async def run() -> None:
        task = await client.up()
        client.venue.send(TAKER)
        await client.until(lambda: len(client.reports()) == 2)
        assert client.reports() == ["REJECTED", "REJECTED"]
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)

    asyncio.run(run())


def test_quotes_come_by_themselves(home: Path) -> None:
    client = Client(home, config())

    async def run() -> None:
        task = await client.up()

        def quotes() -> list[Nanos]:
            return [s.at for s in client.heard if isinstance(s, Quote)]

        await client.until(lambda: len(set(quotes())) > 3)
        assert quotes() == sorted(quotes())
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)

    asyncio.run(run())


def test_its_death_ends_the_run_and_the_next_run_starts_it_again(home: Path) -> None:
    client = Client(home, config())

    async def run() -> None:
        task = await client.up()
        client.venue.send(order("c", px=PX // 2))
        await client.until(lambda: client.reports() == ["NEW"])
        endpoint = find(home)
        assert endpoint is not None
        os.kill(endpoint.pid, signal.SIGKILL)
        with pytest.raises(ConnectionError):
            await task
        task = await client.up()
        client.venue.send(query("c"))
        await client.until(lambda: any(isinstance(s, StatusReport) for s in client.heard))
        (answer,) = (s for s in client.heard if isinstance(s, StatusReport))
        assert [o.ended for o in answer.orders] == [None]
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)

    asyncio.run(run())


def test_a_reader_that_falls_behind_is_disconnected(home: Path) -> None:
    endpoint = find_or_start(home, config())
    with socket.create_connection(("127.0.0.1", endpoint.port), timeout=WITHIN_SECONDS) as sock:
        sock.sendall(encode(Login(token=endpoint.token, venue=VENUE)))
        many = b"".join(encode(order(f"c{i}", px=PX * 2, qty=100)) for i in range(500))
        ask = encode(query())
        with pytest.raises(ConnectionError):
            sock.sendall(many)
            deadline = time.monotonic() + WITHIN_SECONDS
            while time.monotonic() < deadline:
                sock.sendall(ask)  # each answer is some 400 kB, and nobody reads
    assert find(home) == endpoint


def test_what_does_not_leave_is_said_to_have_stayed() -> None:
    class Deaf(asyncio.Protocol):
        def connection_made(self, transport: asyncio.BaseTransport) -> None:
            assert isinstance(transport, asyncio.Transport)
            transport.write(encode(Welcome()))
            transport.pause_reading()

    async def run() -> None:
        deaf = await asyncio.get_running_loop().create_server(Deaf, "127.0.0.1", 0)
        port: int = deaf.sockets[0].getsockname()[1]
        venue = SimVenue(VENUE, TcpWire(VENUE, lambda: Endpoint(port=port, token="t", pid=0)))
        up = asyncio.Event()
        task = asyncio.create_task(venue.run(lambda _: up.set()))
        await asyncio.wait_for(up.wait(), WITHIN_SECONDS)
        question = query(*(f"c{i}" for i in range(20_000)))
        with pytest.raises(Overloaded):
            for _ in range(1000):
                venue.send(question)
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
        deaf.close()

    asyncio.run(run())


@pytest.mark.parametrize("market", ["excerpt", "generated"])
def test_a_market_is_chosen_by_its_name(market: str) -> None:
    made = build_exchange(config(market=market, keeps_going=False).venues[0], Nanos(10**9))
    made.advance(Nanos(2 * 10**9))
    quote = made.quote(BTC_USDT.instrument_id)
    assert quote.bids[0][0] < quote.asks[0][0]
    assert quote.at >= 10**9


def test_a_recording_ends_or_goes_on() -> None:
    for goes_on in (True, False):
        made = build_exchange(config(market="excerpt", keeps_going=goes_on).venues[0], Nanos(0))
        made.advance(Nanos(3_600 * 10**9))
        assert (made.next_at() is None) is not goes_on


def test_an_unknown_market_is_an_error() -> None:
    with pytest.raises(ValueError, match="market must be"):
        config(market="imaginary")


def test_beside_one_that_does_not_come_up_none_is_started(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As where a disk hangs: it is told which one it is, and when it has ended there is another."""

    def hangs(_module: str) -> list[str]:
        return [sys.executable, "-c", "import time; time.sleep(600)"]

    with monkeypatch.context() as at_first:
        at_first.setattr(launch, "words_for", hangs)
        at_first.setattr(launch, "PATIENCE_SECONDS", 0.2)
        told = list[str]()
        for _ in range(3):
            with pytest.raises(ConnectionError) as failure:
                find_or_start(home, config())
            told.append(str(failure.value))
    assert len(set(told)) == 1, "one process"
    os.kill(int(re.findall(r"process (\d+) does not come up", told[0])[0]), signal.SIGKILL)
    assert find_or_start(home, config()).pid
