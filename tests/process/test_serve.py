"""The server as its user meets it: it starts, says where it is, refuses what it must, and ends in
order or at once."""

import os
import signal
import socket
import stat
import time
from pathlib import Path

import msgspec
import pytest

from omnivenue.app import serve
from omnivenue.client import Client, Refused, Unauthorized, Unreachable
from omnivenue.config import load
from omnivenue.journal import verify_journal
from omnivenue.message import CancelAllInstructed
from omnivenue.venue.sim import Fault, Target
from servers import OKX, Home, at_market, eventually, resting


def modes(home: Home) -> dict[str, int]:
    """Of the folders, and of every file that they hold."""
    paths = [home.folder, home.paper, *(p for p in home.paper.iterdir() if p.is_file())]
    return {path.name: stat.S_IMODE(path.stat().st_mode) for path in paths}


@pytest.mark.covers("O1", "N2")
@pytest.mark.holds("I5")
def test_from_nothing_to_an_orderly_end(home: Home) -> None:
    server = home.serve().healthy()
    assert set(modes(home).values()) == {0o600, 0o700}
    assert modes(home)["token"] == modes(home)["tokens"] == modes(home)["journal.db"] == 0o600
    assert modes(home)["home"] == 0o700
    with server.client() as client:
        client.submit(at_market("k1"))
        assert client.wait("k1", 10)["status"] == "FILLED"
        client.submit(resting("k2"))
        eventually(lambda: client.find_order("k2")["status"] == "ACCEPTED")
    ended = server.stop()
    assert ended.code == 0, ended.err
    assert "the first token, scope admin, is in" in ended.said
    report = verify_journal(home.journal)
    assert report.ok
    assert ended.last == {
        "mode": "paper",
        "entries": report.entries,
        "state_hash": report.state_hash,
        "working_orders": 1,
    }
    assert not (home.paper / "server.json").exists()
    assert home.exchanges is None, "an orderly stop ends its exchanges"


@pytest.mark.covers("E12")
def test_the_start_says_what_there_is_and_where(home: Home) -> None:
    server = home.serve().healthy()
    place = server.url.removeprefix("http://")
    with server.client() as client:
        venues = " ".join(row["venue"] for row in client.venues())
    ended = server.stop()
    for word in (
        f"mode paper, http://{place}, ws://{place}/v1/stream, venues {venues}",
        "chains ETHEREUM OPTIMISM",
        "executor not set",
        f"http://{place}/docs",
    ):
        assert word in ended.said


@pytest.mark.covers("O9")
def test_working_orders_stay_and_are_found_again(home: Home) -> None:
    server = home.serve().healthy()
    with server.client() as client:
        client.submit(resting("k1"))
        client.submit(resting("k2", OKX))
    assert server.stop().last["working_orders"] == 2
    server = home.serve().healthy()
    with server.client() as client:
        words = {row["id"]: row["status"] for row in client.orders()}
        assert words == {"k1": "ACCEPTED", "k2": "ACCEPTED"}
        again = client.submit(resting("k1"))
        assert again["id"] == "k1"
    assert server.stop().last["working_orders"] == 2


def test_cancel_on_stop_leaves_nothing_at_the_venues(home: Home) -> None:
    server = home.serve("--cancel-on-stop").healthy()
    with server.client() as client:
        client.submit(resting("k1"))
        client.submit(resting("k2", OKX))
    ended = server.stop()
    assert (ended.code, ended.last["working_orders"]) == (0, 0)
    assert verify_journal(home.journal).state_hash == ended.last["state_hash"]
    keys = [e.instruction_id for e in home.events() if isinstance(e, CancelAllInstructed)]
    assert [key.rpartition("/")[2] for key in keys] == ["BYBIT", "OKX"]
    with home.serve().healthy().client() as client:
        assert [client.instruction(key)["id"] for key in keys] == keys


def test_one_venue_may_be_configured_to_be_left_empty(home: Home) -> None:
    home.config.write_text(
        home.config.read_text().replace("[venues.OKX]", "[venues.OKX]\ncancel_on_stop = true")
    )
    server = home.serve().healthy()
    with server.client() as client:
        client.submit(resting("k1"))
        client.submit(resting("k2", OKX))
    assert server.stop().last["working_orders"] == 1


@pytest.mark.holds("I3")
def test_a_second_server_on_the_same_home_is_refused(home: Home) -> None:
    first = home.serve().healthy()
    second = home.serve().ended()
    assert second.code == 1
    assert f"process {first.process.pid} writes the journal" in second.said
    assert second.out == ""
    with first.client() as client:
        assert client.health()["status"] == "healthy", "the first goes on as if nothing had been"
    assert first.stop().code == 0


def test_a_port_that_is_taken_is_a_mistake_of_usage(home: Home) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        program = ("-m", "omnivenue", "serve", "--port", str(port))
        ended = home.serve(program=program).ended()
    assert ended.code == 2
    assert f"cannot listen on 127.0.0.1:{port}" in ended.said
    assert not home.journal.exists(), "nothing was touched"


@pytest.mark.holds("I22")
def test_only_this_machine_may_call(home: Home) -> None:
    ended = home.serve("--host", "0.0.0.0").ended()
    assert ended.code == 2
    assert "without TLS" in ended.said
    server = home.serve().healthy()
    with Client(server.url, "ovp_wrong") as stranger, pytest.raises(Unauthorized):
        stranger.orders()


@pytest.mark.covers("O9")
@pytest.mark.holds("I2", "I12")
def test_the_exchanges_outlive_a_server_that_is_killed(home: Home) -> None:
    server = home.serve().healthy()
    with server.client() as client:
        client.submit(resting("k1"))
        eventually(lambda: client.find_order("k1")["status"] == "ACCEPTED")
    before = home.exchanges
    server.kill()
    assert home.exchanges == before is not None
    server = home.serve().healthy()
    assert home.exchanges == before
    with server.client() as client:
        assert client.find_order("k1")["status"] == "ACCEPTED"
    assert server.stop().last["working_orders"] == 1


@pytest.mark.covers("N3")
@pytest.mark.holds("I12")
def test_exchanges_that_die_are_started_again_while_the_server_runs(home: Home) -> None:
    server = home.serve().healthy()
    with server.client() as client:
        client.submit(resting("k1"))
        eventually(lambda: client.find_order("k1")["status"] == "ACCEPTED")
        exchanges = home.exchanges
        assert exchanges is not None
        os.kill(exchanges.pid, signal.SIGKILL)
        eventually(lambda: (e := home.exchanges) and e.pid != exchanges.pid)
        eventually(lambda: {v["state"] for v in client.venues()} == {"RECONCILED"})
        assert client.find_order("k1")["status"] == "ACCEPTED", "from the exchange's own record"
        client.submit(at_market("k2"))
        assert client.wait("k2", 10)["status"] == "FILLED"


def test_a_second_signal_ends_at_once(home: Home) -> None:
    server = home.serve().healthy()
    home.plan("BYBIT", Fault.TIMEOUT_LOST, Target.NEW_ORDER)
    with server.client() as client:
        client.submit(at_market("k1"))  # whose outcome an orderly stop waits for
        began = time.monotonic()
        server.signal(signal.SIGINT)
        eventually(lambda: _is_stopping(client))
        server.signal(signal.SIGTERM)
    ended = server.ended()
    assert ended.code == 130
    assert time.monotonic() - began < 4, "it did not wait for the outcome"
    assert ended.out == ""
    server = home.serve().healthy()
    with server.client() as client:
        assert client.find_order("k1")["id"] == "k1", "what was durable counts"


def _is_stopping(client: Client) -> bool:
    try:
        client.submit(resting(f"late-{time.monotonic_ns()}"))
    except (Refused, Unreachable) as error:
        return error.status in {503, None}
    return False


def test_a_mode_that_is_not_built_says_so(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    config = msgspec.structs.replace(load(None, {}, tmp_path), mode="shadow")
    assert serve(config, tmp_path / "home") == 1
    assert "mode shadow is not built yet" in capsys.readouterr().err
    assert not (tmp_path / "home").exists()


CLOSED = """
import os, sys
os.closerange(0, 3)
os.execv(sys.executable, [sys.executable, "-m", "omnivenue", *sys.argv[1:]])
"""


@pytest.mark.covers("O1")
def test_it_trades_and_ends_in_order_where_its_standard_streams_are_closed(home: Home) -> None:
    server = home.serve(program=("-c", CLOSED, "serve", "--port", "0")).healthy()
    with server.client() as client:
        client.submit(at_market("k1"))
        assert client.wait("k1", 10)["status"] == "FILLED"
    pid = server.process.pid
    assert {os.readlink(f"/proc/{pid}/fd/{number}") for number in range(3)} == {os.devnull}
    assert server.stop().code == 0
    assert verify_journal(home.journal).ok
