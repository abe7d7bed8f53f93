"""`views.db` beside a real server: it follows, survives whoever is killed, and can be made anew."""

import json
import os
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import apsw
import pytest

from omnivenue.api.tables import Progress, read_progress
from servers import BYBIT, OKX, Home, Server, at_market, eventually, resting

pytestmark = pytest.mark.covers("O4", "O7", "O8")


def rows(home: Home, query: str) -> list[tuple[Any, ...]]:
    db = apsw.Connection(str(home.paper / "views.db"), apsw.SQLITE_OPEN_READONLY)
    try:
        return list(db.execute(query).fetchall())
    finally:
        db.close()


def up_to(home: Home, seq: int) -> Progress:
    """Once the tables are there."""

    def look() -> Progress | None:
        progress = read_progress(home.paper)
        return progress if progress is not None and progress.seq >= seq else None

    return eventually(look)


def writers(server: Server) -> list[int]:
    """The processes that write tables for this server."""
    found: list[int] = []
    for path in Path("/proc").glob("[0-9]*/stat"):
        try:
            fields = path.read_text().rpartition(")")[2].split()
            words = (path.parent / "cmdline").read_bytes()
        except OSError:
            continue  # it has just ended
        if int(fields[1]) == server.process.pid and b"omnivenue.api.tables" in words:
            found.append(int(path.parent.name))
    return found


def trade(server: Server, first: int, count: int) -> int:
    """Some orders, and the entry of the last."""
    seq = 0
    with server.client() as client:
        for n in range(first, first + count):
            make = (resting, at_market)[n % 2]
            seq = client.submit(make(f"k{n}", (BYBIT, OKX)[n % 3 % 2]))["seq"]
    return seq


def test_what_fails_beside_trading_is_told_and_tried_again(home: Home) -> None:
    """Unseen, the tables would have been behind for good."""
    program = (str(Path(__file__).with_name("faulty_server.py")),)
    server = home.serve(program=program).healthy()
    up_to(home, trade(server, 0, 1))
    ended = server.stop()
    assert ended.code == 0
    told = [json.loads(line) for line in ended.err.splitlines()]
    faults = {line["message"] for line in told if line.get("code") == "UTIL-002"}
    assert faults == {
        "the read tables: no memory for tend; tried again",
        "snapshots: no memory for maybe_start; tried again",
    }


def views(home: Home, verb: str) -> Any:
    words = [sys.executable, "-m", "omnivenue", "views", verb, "--json"]
    env = {**os.environ, "OMNIVENUE_HOME": str(home.folder)}
    done = subprocess.run(words, env=env, capture_output=True, check=True)
    return json.loads(done.stdout)


EVERYTHING = (
    "SELECT * FROM unified_orders",
    "SELECT * FROM unified_positions",
    "SELECT * FROM strategy_positions",
)


def everything(home: Home) -> list[list[tuple[Any, ...]]]:
    return [rows(home, query) for query in EVERYTHING]


def test_tables_follow_a_server_and_hold_all_after_its_orderly_stop(home: Home) -> None:
    server = home.serve().healthy()
    up_to(home, trade(server, 0, 12))
    with server.client() as client:
        shown = {row["id"]: row for row in client.orders()}
    ended = server.stop()
    assert ended.code == 0, ended.err
    progress = read_progress(home.paper)
    assert progress is not None
    assert (progress.seq, progress.behind) == (ended.last["entries"] - 1, 0)
    assert json.loads(json.dumps(views(home, "status")))["seq"] == progress.seq
    found = rows(home, "SELECT operation_id, status, filled_quantity FROM unified_orders")
    wanted = [(key, row["status"], row["cum_qty"]) for key, row in shown.items()]
    assert sorted(found) == sorted(wanted)
    assert len(found) == 12
    behind = everything(home)
    assert views(home, "rebuild")["seq"] == progress.seq
    assert everything(home) == behind


def test_an_order_over_venues_stands_in_the_tables_and_in_the_log(home: Home) -> None:
    server = home.serve().healthy()
    with server.client() as client:
        client.submit(at_market("whole", "SMART:SPOT_PAIR:BTC-USDT"))
        seq = client.wait("whole")["timeline"][-1]["seq"]
    up_to(home, seq)
    ended = server.stop()
    assert "nobody writes" not in ended.said
    (kind,) = rows(home, "SELECT status FROM unified_orders WHERE operation_id = 'whole'")
    assert kind == ("FILLED",)
    submitted = (home.paper / "logs" / "orders.log").read_text().splitlines()[0]
    assert '"SMART:SPOT_PAIR:BTC-USDT"' in submitted


def test_the_writer_of_the_tables_may_be_killed_at_any_moment(home: Home) -> None:
    server, killed, seq = home.serve().healthy(), set[int](), 0
    for n in range(3):
        (pid,) = eventually(lambda: [p for p in writers(server) if p not in killed])
        seq = trade(server, 10 * n, 10)
        os.kill(pid, signal.SIGKILL)
        killed.add(pid)
    up_to(home, seq)
    ended = server.stop()
    assert "nobody writes the read tables: exit -9" in ended.said
    behind = everything(home)
    assert len(behind[0]) == 30
    views(home, "rebuild")
    assert everything(home) == behind


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_stop_of_all_processes_is_for_the_server_and_the_tables_are_whole(
    home: Home, number: signal.Signals
) -> None:
    """As a terminal and a service manager give it."""
    server = home.serve().healthy()
    (pid,) = eventually(lambda: writers(server))
    up_to(home, 0)
    trade(server, 0, 6)
    os.kill(pid, number)
    server.signal(number)
    ended = server.ended()
    assert (ended.code, "nobody writes" in ended.said) == (0, False)
    assert read_progress(home.paper) == up_to(home, ended.last["entries"] - 1)


def test_a_rebuild_beside_a_running_server_is_followed_up(home: Home) -> None:
    server = home.serve().healthy()
    up_to(home, trade(server, 0, 6))
    rebuilt = views(home, "rebuild")
    seq = trade(server, 6, 6)
    assert rebuilt["seq"] < seq
    up_to(home, seq)
    server.stop()
    behind = everything(home)
    assert len(behind[0]) == 12
    views(home, "rebuild")
    assert everything(home) == behind


def test_tables_that_were_removed_beside_a_running_server_come_back(home: Home) -> None:
    server = home.serve().healthy()
    up_to(home, trade(server, 0, 6))
    (home.paper / "views.db").unlink()
    up_to(home, trade(server, 6, 6))
    ended = server.stop()
    assert "another file by now, or gone" in ended.said
    behind = everything(home)
    assert len(behind[0]) == 12
    views(home, "rebuild")
    assert everything(home) == behind


def test_the_writer_ends_with_a_server_that_was_killed(home: Home) -> None:
    server = home.serve().healthy()
    (pid,) = eventually(lambda: writers(server))
    seq = trade(server, 0, 4)
    server.kill()
    eventually(lambda: not Path(f"/proc/{pid}/cmdline").exists())
    progress = read_progress(home.paper)
    assert progress is not None
    assert progress.seq >= seq, "it had read what was there"
    again = home.serve().healthy()
    up_to(home, trade(again, 4, 4))
    again.stop()
    assert len(everything(home)[0]) == 8
