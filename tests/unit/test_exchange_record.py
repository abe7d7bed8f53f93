"""The exchange's own record: what it said before it died, it knows after."""

import os
import signal
import socket
import time
from collections.abc import Iterator
from pathlib import Path

import msgspec
import pytest

from exchanges import (
    AROUND,
    BTC_USDT,
    BUY,
    ENOUGH,
    ETH_USDT,
    MAIN,
    PX,
    SELL,
    USDT,
    VENUE,
    Scripted,
    at,
    cancel,
    exchange,
    kinds,
    order,
    printed,
    query,
)
from omnivenue.message import CancelRejected, ExecutionReport, NewOrder, StatusReport
from omnivenue.model import Atoms, ClOrdID, Nanos, TimeInForce
from omnivenue.venue.sim.codec import FromVenue, Login, decode_from_venue, encode
from omnivenue.venue.sim.config import Deposit, SimConfig, SimVenueConfig
from omnivenue.venue.sim.endpoint import Endpoint
from omnivenue.venue.sim.exchange import Exchange
from omnivenue.venue.sim.faults import Fault, Planned
from omnivenue.venue.sim.house import House
from omnivenue.venue.sim.launch import find_or_start, stop
from omnivenue.venue.sim.record import Habits, Line, read_record

KILLS = 3
BURST = 2000  # orders under way when the process dies


def lived(path: Path) -> House:
    """One of everything that a record can hold."""
    house = House(exchange((at(3), [printed(PX - 1, 10**6, SELL)]), habits=Habits(bust=70)), path)
    house.deposit(at(0), MAIN, USDT, 10**14)
    house.script.queue(Planned(fault=Fault.RATE_LIMIT, nth=5))
    for i, tif in enumerate(TimeInForce):
        house.handle(at(1), order(f"t{i}", BUY, px=PX + 1, tif=tif))
        house.handle(at(1), order(f"r{i}", SELL, px=PX + 5, tif=tif))
    house.handle(at(2), order("rests", BUY, px=PX))
    house.handle(at(2), order("stays", SELL, px=PX + 900))
    house.handle(at(2), order("rests"))
    house.handle(at(2), order("late", expires_at=at(1)))
    house.handle(at(2), cancel("r0"))
    house.handle(at(2), cancel("never"))
    house.handle(at(2), query("t0"))
    house.advance(at(60))
    return house


def fresh() -> Exchange:
    """The same venue, with no book shown yet."""
    return Exchange(VENUE, (BTC_USDT, ETH_USDT), {}, Habits(bust=70), seed=1)


def test_it_is_rebuilt_to_the_atom(tmp_path: Path) -> None:
    path = tmp_path / "venue.jsonl"
    before = lived(path).exchange
    after = House(fresh(), path).exchange
    assert after.orders == before.orders
    assert after.balances == before.balances
    assert after.reports == before.reports
    said = {r.exec_type.name for o in before.orders.values() for r in o.reports}
    assert said == {"NEW", "TRADE", "CANCELED", "REJECTED", "TRADE_CANCEL"}  # of each, one at least


def test_what_is_new_is_numbered_and_stamped_after_what_was(tmp_path: Path) -> None:
    path = tmp_path / "venue.jsonl"
    before = lived(path).exchange
    after = House(fresh(), path).exchange
    (new,) = after.handle(Nanos(0), order("new"))  # even if the clock went back
    assert isinstance(new, ExecutionReport)
    old = [r for o in before.orders.values() for r in o.reports]
    assert new.exec_id not in {r.exec_id for r in old}
    assert new.venue_order_id not in {r.venue_order_id for r in old}
    assert new.transact_at > max(r.transact_at for r in old)
    assert after.handle(at(99), order("stays")) == []


def test_what_rested_rests_again_behind_what_is_shown(tmp_path: Path) -> None:
    path = tmp_path / "venue.jsonl"
    House(exchange(), path).handle(at(1), order("c", BUY, px=PX - 1))
    queue, one_more = printed(PX - 1, 50_000, SELL), printed(PX - 1, 1, SELL)
    source = Scripted((2, [AROUND]), (3, [queue]), (4, [one_more]))
    again = House(Exchange(VENUE, (BTC_USDT,), {BTC_USDT.instrument_id: source}), path)
    assert kinds(again.advance(Nanos(3))) == []
    assert kinds(again.advance(Nanos(4))) == ["TRADE"]
    assert again.exchange.orders[ClOrdID("c")].cum == 1


def test_a_bust_that_was_due_is_due_after_a_restart(tmp_path: Path) -> None:
    path, habits = tmp_path / "venue.jsonl", Habits(bust=100)
    before = House(exchange(habits=habits), path)
    before.handle(at(1), order("c", px=PX + 1, tif=TimeInForce.IOC))
    due = before.exchange.next_at()
    assert due is not None
    again = House(Exchange(VENUE, (BTC_USDT,), {}, habits, seed=1), path)
    assert again.next_at() == due
    assert kinds(again.advance(due)) == ["TRADE_CANCEL", "CANCELED"]


def test_an_instrument_that_changed_leaves_old_trades_as_they_were(tmp_path: Path) -> None:
    path = tmp_path / "venue.jsonl"
    before = House(exchange(), path)
    before.handle(at(1), order("traded", px=PX + 1))
    before.handle(at(1), order("rests", px=PX - 9))
    coarser = msgspec.structs.replace(BTC_USDT, version=2, lot=Atoms(BTC_USDT.lot * 10))
    after = House(Exchange(VENUE, (coarser,), {}), path)
    assert after.exchange.balances == before.exchange.balances
    assert kinds(after.handle(at(2), cancel("rests"))) == ["CANCELED"]  # it waited for that
    assert kinds(after.handle(at(2), order("old"))) == ["REJECTED"]
    third = House(Exchange(VENUE, (), {}), path)
    assert third.exchange.balances == before.exchange.balances
    assert third.exchange.orders == after.exchange.orders


@pytest.mark.parametrize("torn", [b"{", b'{"at":1,"command":{"type":"new_o', b"x" * 3_000_000])
def test_a_torn_last_line_is_cut_off(tmp_path: Path, torn: bytes) -> None:
    path = tmp_path / "venue.jsonl"
    before = lived(path)
    before.close()
    whole = path.read_bytes()
    path.write_bytes(whole + torn)
    assert len(read_record(path)) == whole.count(b"\n")
    after = House(fresh(), path)
    assert path.read_bytes() == whole
    assert after.exchange.orders == before.exchange.orders
    after.handle(at(99), order("next"))
    assert path.read_bytes().startswith(whole)
    assert isinstance(read_record(path)[-1].command, NewOrder)


def test_a_record_that_is_all_torn_is_empty(tmp_path: Path) -> None:
    path = tmp_path / "venue.jsonl"
    path.write_bytes(b'{"at"')
    assert House(fresh(), path).exchange.orders == {}


def test_what_we_never_wrote_is_not_guessed_at(tmp_path: Path) -> None:
    path = tmp_path / "venue.jsonl"
    path.write_bytes(b'{"at": 1}\n{"at": "noon"}\n')
    with pytest.raises(msgspec.ValidationError):
        House(fresh(), path)


def test_the_line_is_there_before_the_reply(tmp_path: Path) -> None:
    path = tmp_path / "venue.jsonl"
    house = House(exchange(), path)
    events = house.handle(at(1), order("c", px=PX + 1))
    listed, line = read_record(path)
    assert listed.listed == (BTC_USDT, ETH_USDT)
    assert line == Line(at=at(1), command=order("c", px=PX + 1), said=tuple(events))  # type: ignore[arg-type]
    (rejected,) = house.handle(at(2), cancel("c"))
    assert isinstance(rejected, CancelRejected)
    assert read_record(path)[-1].said == (rejected,)


CONFIG = SimConfig(
    venues=(
        SimVenueConfig(
            venue_id=VENUE,
            instruments=(BTC_USDT,),
            deposits=(Deposit(account=MAIN, asset=USDT, amount=10**14),),
        ),
    ),
    idle_seconds=60,
)


@pytest.fixture
def home(tmp_path: Path) -> Iterator[Path]:
    yield tmp_path
    stop(find_or_start(tmp_path, CONFIG))


def test_killed_under_load_it_loses_nothing_that_it_said(home: Path) -> None:
    heard: dict[str, ExecutionReport] = {}
    for kill in range(KILLS):
        endpoint = find_or_start(home, CONFIG)
        for report in burst(endpoint, f"k{kill}", kill_after=20 + 60 * kill):
            assert heard.setdefault(report.exec_id, report) == report
    recorded = {
        said.exec_id: said
        for line in read_record(home / f"{VENUE}.jsonl")
        for said in line.said
        if isinstance(said, ExecutionReport)
    }
    assert len(heard) > KILLS * 20
    assert recorded.items() >= heard.items()
    answer = ask_all(find_or_start(home, CONFIG))
    assert {r.exec_id: r for r in answer.reports} == recorded
    deposits = [line for line in read_record(home / f"{VENUE}.jsonl") if line.paid_in]
    assert len(deposits) == 1


def burst(endpoint: Endpoint, name: str, kill_after: int) -> list[ExecutionReport]:
    """Many orders at once, SIGKILL in the middle of them, and all that was said until the end."""
    heard: list[ExecutionReport] = []
    with connect(endpoint) as sock:
        orders = [order(f"{name}-{i}", qty=ENOUGH // 100, px=PX * 2) for i in range(BURST)]
        sock.sendall(b"".join(encode(o) for o in orders))
        for said in frames(sock):
            if isinstance(said, ExecutionReport):
                heard.append(said)
                if len(heard) == kill_after:
                    os.kill(endpoint.pid, signal.SIGKILL)
    return heard


def ask_all(endpoint: Endpoint) -> StatusReport:
    with connect(endpoint) as sock:
        sock.sendall(encode(query()))
        for said in frames(sock):
            if isinstance(said, StatusReport):
                return said
    raise AssertionError("no answer")


def connect(endpoint: Endpoint) -> socket.socket:
    sock = socket.create_connection(("127.0.0.1", endpoint.port), timeout=10)
    sock.sendall(encode(Login(token=endpoint.token, venue=VENUE)))
    return sock


def frames(sock: socket.socket) -> Iterator[FromVenue]:
    """Until the connection ends; a last frame that is torn is none."""
    held = b""
    deadline = time.monotonic() + 20
    while time.monotonic() < deadline:
        try:
            chunk = sock.recv(1 << 16)
        except ConnectionResetError:
            return
        if not chunk:
            return
        *whole, held = (held + chunk).split(b"\n")
        for frame in whole:
            yield decode_from_venue(frame)
    raise AssertionError("the connection did not end in time")
