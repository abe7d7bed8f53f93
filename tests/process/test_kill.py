"""Stopping trading from outside: a file, a signal, a disk that fails meanwhile, and a restart that
does not forget it."""

import signal
import stat
import time
from pathlib import Path

import pytest

from commands import run
from omnivenue.client import Client, OmnivenueError, Unauthorized
from omnivenue.message import NewOrder, StateSet
from omnivenue.model import TradingState
from omnivenue.venue.sim import read_record
from servers import OKX, Home, Server, eventually, resting

PROGRAM = (str(Path(__file__).with_name("disk_server.py")),)
SETTLES_SECONDS = 0.5  # from an answer until the exchange has written down what it led to


def placed(home: Home) -> set[str]:
    """Instructions that any exchange was sent an order of, by its own record."""
    return {
        line.command.parent_id
        for path in (home.paper / "sim").glob("*.jsonl")
        for line in read_record(path)
        if isinstance(line.command, NewOrder)
    }


def stops(home: Home) -> list[StateSet]:
    return [event for event in home.events() if isinstance(event, StateSet)]


def submit(client: Client, key: str, instrument: str = OKX) -> None:
    """Whatever it is answered: refused at once, or withheld by the gate."""
    try:
        client.submit(resting(key, instrument))
    except OmnivenueError:
        return


def is_placed(home: Home, server: Server, key: str) -> bool:
    with server.client() as client:
        submit(client, key)
        submit(client, f"{key}-bybit", "BYBIT:SPOT_PAIR:BTC-USDT")
        client.submit({"kind": "cancel_all", "id": f"{key}-all"})
    deadline = time.monotonic() + SETTLES_SECONDS
    while len(found := placed(home) & {key, f"{key}-bybit"}) < 2 and time.monotonic() < deadline:
        time.sleep(0.01)
    assert len(found) in (0, 2)
    return bool(found)


@pytest.mark.covers("P5", "X4")
@pytest.mark.holds("I16", "T33")
def test_an_operators_empty_file_stops_everything_for_good(home: Home) -> None:
    server = home.serve().healthy()
    assert is_placed(home, server, "before")
    (home.paper / "KILL").touch()
    eventually(lambda: stops(home))
    assert not is_placed(home, server, "after")
    (home.paper / "KILL").unlink()
    assert not is_placed(home, server, "taken-away"), "that arms nothing"
    (home.paper / "KILL").touch()
    assert server.stop().code == 0
    server = home.serve().healthy()
    assert not is_placed(home, server, "restarted")
    found = stops(home)[0]
    assert (found.scope, found.state, found.source) == ("global", TradingState.KILLED, "file")


@pytest.mark.holds("I16")
def test_a_file_may_name_a_scope(home: Home) -> None:
    home.paper.mkdir(parents=True)
    (home.paper / "KILL").write_text('{"scope": "venue:OKX", "state": "HALTED", "reason": "x"}\n')
    server = home.serve().healthy()
    with server.client() as client:
        submit(client, "k1")
        submit(client, "k2", "BYBIT:SPOT_PAIR:BTC-USDT")
        eventually(lambda: client.find_order("k2")["status"] == "ACCEPTED")
    assert placed(home) == {"k2"}
    assert [(s.scope, s.state) for s in stops(home)] == [("venue:OKX", TradingState.HALTED)]


@pytest.mark.covers("P5")
@pytest.mark.holds("I16", "T33")
def test_a_signal_stops_everything_also_after_a_restart(home: Home) -> None:
    server = home.serve().healthy()
    server.signal(signal.SIGUSR1)
    eventually(lambda: stops(home))
    assert (home.paper / "KILL").read_text().count("\n") == 1
    assert not is_placed(home, server, "after")
    server.kill()
    server = home.serve().healthy()
    assert not is_placed(home, server, "restarted")
    assert stops(home)[0].source == "signal"


@pytest.mark.holds("I4", "I16")
def test_a_stop_that_could_not_be_journaled_stops_the_next_process(home: Home) -> None:
    server = home.serve(program=PROGRAM).healthy()
    assert is_placed(home, server, "before")
    home.folder.with_suffix(".fails").write_text("lost")
    server.signal(signal.SIGUSR1)
    assert server.ended().code == 5
    assert stops(home) == [], "the journal knows nothing of it"
    home.folder.with_suffix(".fails").unlink()
    server = home.serve(program=PROGRAM).healthy()
    eventually(lambda: stops(home))
    assert not is_placed(home, server, "restarted")


@pytest.mark.covers("X4")
@pytest.mark.holds("T58", "I22")
def test_a_stop_goes_by_the_socket_that_strangers_cannot_reach(
    home: Home, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The port may be as crowded as it likes: here nobody answers there at all."""
    server = home.serve().healthy()
    path = home.paper / "socket"
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    with Client(f"unix:{path}", "ovp_" + "A" * 43) as stranger, pytest.raises(Unauthorized):
        stranger.kill("global", "no token is none here either")
    (home.paper / "server.json").write_text('{"url": "http://127.0.0.1:9", "pid": 1}')
    monkeypatch.setenv("OMNIVENUE_HOME", str(home.folder))
    ran = run("kill", "--scope", "venue:OKX", "--reason", "drill", "--json")
    assert ran.code == 0, ran.err
    assert ran.document["state"] == "KILLED"
    assert "file" not in ran.document, "the server has said so itself"
    assert [(each.scope, each.source) for each in stops(home)] == [("venue:OKX", "http")]
    assert server.stop().code == 0
    assert not path.exists()


@pytest.mark.covers("P5", "X4")
@pytest.mark.holds("I16")
def test_a_stop_needs_no_token_where_the_file_can_be_written(
    home: Home, monkeypatch: pytest.MonkeyPatch
) -> None:
    home.serve().healthy()
    (home.paper / "token").write_text("ovp_" + "A" * 43)  # the server knows of none like it
    monkeypatch.setenv("OMNIVENUE_HOME", str(home.folder))
    ran = run("kill", "--reason", "my token was revoked", "--json")
    assert (ran.code, ran.document["file"]) == (0, str(home.paper / "KILL"))
    found = eventually(lambda: stops(home))[0]
    assert (found.scope, found.state, found.source) == ("global", TradingState.KILLED, "file")
    assert found.reason == "my token was revoked"
