"""The second port, for callers of a compiled executor: the same server, healthy and as careful."""

import json
import os
import socket
import urllib.error
import urllib.request
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest

from pool_documents import SIGNAL, profitable
from servers import CONFIGURATION, SERVE, Home, eventually


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as found:
        return found.getsockname()[1]


def ask(url: str, token: str | None, body: Any = None) -> tuple[int, Any]:
    headers = {"content-type": "application/json"} if body is not None else {}
    if token:
        headers["authorization"] = f"Bearer {token}"
    data = None if body is None else json.dumps(body).encode()
    try:
        with urllib.request.urlopen(urllib.request.Request(url, data, headers), timeout=5) as reply:
            return reply.status, json.load(reply)
    except urllib.error.HTTPError as error:
        return error.code, json.load(error)


def configure(home: Home, port: int) -> Path:
    pools = home.config.with_name("pools.json")
    pools.write_text(json.dumps({"pools": profitable()}))
    server = f"[server]\nexecutor_port = {port}\n"
    home.config.write_text(f'{CONFIGURATION}{server}[chain.polygon]\npools = "{pools}"\n')
    return pools


@pytest.mark.covers("C4")
def test_both_ports_answer_alike(home: Home) -> None:
    port = free_port()
    configure(home, port)
    server = home.serve().healthy()
    alias = f"http://127.0.0.1:{port}"
    assert server.url != alias
    for url in (server.url, alias):
        status, health = ask(f"{url}/health", None)
        assert (status, health["status"], health["mode"]) == (200, "healthy", "PAPER")
        status, priced = ask(f"{url}/execute/arbitrage", home.token, SIGNAL | {"principal": 10**9})
        assert (status, priced["success"], priced["pnl_usd"]) == (200, True, 56.343733)
        assert ask(f"{url}/execute/arbitrage", None, SIGNAL)[0] == 401
    ended = server.stop()
    assert ended.code == 0
    assert f"also on {alias}" in ended.said


def test_files_of_its_user_are_no_modules_of_its_processes(
    home: Home, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Where it is started there may be a file that is named like a module of Python's."""
    (tmp_path / "signal.py").write_text("raise SystemExit(__file__)")
    monkeypatch.chdir(tmp_path)
    configure(home, free_port())
    server = home.serve(program=("-P", *SERVE)).healthy()
    assert ask(f"{server.url}/execute/arbitrage", home.token, SIGNAL)[0] == 200
    eventually((home.paper / "views.db").exists)
    ended = server.stop()
    assert "signal.py" not in ended.said


def test_who_waits_for_a_price_while_the_server_stops_is_told_so(home: Home) -> None:
    """Pools that nobody writes on hold the process that reads them, and not the end."""
    pools = configure(home, free_port())
    pools.unlink()
    os.mkfifo(pools)
    server = home.serve().healthy()
    with ThreadPoolExecutor() as pool:
        url = f"{server.url}/execute/arbitrage"
        waiting = pool.submit(ask, url, home.token, SIGNAL)
        descriptor = eventually(lambda: opened(pools))
        ended = server.stop()
        status, told = waiting.result()
    os.close(descriptor)
    assert (status, told["error"]["code"]) == (503, "API-046")
    assert ended.code == 0


def opened(fifo: Path) -> int | None:
    """A descriptor to write to it, where somebody reads."""
    with suppress(OSError):
        return os.open(fifo, os.O_WRONLY | os.O_NONBLOCK)
    return None


def test_a_second_port_that_is_taken_is_told(home: Home) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        configure(home, port)
        ended = home.serve().ended()
    assert ended.code == 2
    assert f"cannot listen on 127.0.0.1:{port}" in ended.said
