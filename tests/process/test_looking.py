"""`status`, `doctor` and `config show` of a server that runs, and of one that has stopped."""

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from commands import run
from omnivenue.api import Scope, TokenFile
from omnivenue.model import Nanos
from servers import BYBIT, Home, Server, at_market, resting


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Home]:
    home = Home(tmp_path_factory.mktemp("looking"))
    try:
        yield home
    finally:
        home.close()


@pytest.fixture(scope="module")
def reader(home: Home) -> str:
    """A token that may only look. Made before there is a server, which then knows it at once."""
    return TokenFile(home.paper, "paper").create("reader", Scope.READ, Nanos(1))


@pytest.fixture(scope="module")
def server(home: Home, reader: str) -> Server:
    assert reader
    return home.serve().healthy()


@pytest.fixture(autouse=True)
def _there(home: Home, server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(home.config.parent)
    monkeypatch.setenv("OMNIVENUE_HOME", str(home.folder))
    monkeypatch.setenv("OMNIVENUE__SERVER__PORT", "0")  # whoever has 8001 on this machine
    for name in ("OMNIVENUE_URL", "OMNIVENUE_TOKEN"):
        monkeypatch.delenv(name, raising=False)


def checks(code: int = 0) -> dict[str, dict[str, Any]]:
    ran = run("doctor", "--json")
    assert ran.code == code, ran.out
    return {row["check"]: row for row in ran.document["checks"]}


def test_a_server_that_is_well(server: Server) -> None:
    rows = checks()
    assert {row["state"] for name, row in rows.items() if name != "read tables"} == {"ok"}
    assert f"{server.url} is healthy" in rows["server"]["said"]
    assert rows["venues"]["said"] == "all 2 reconciled"
    assert rows["token"]["said"].startswith("lets us in")
    assert rows["clock"]["said"].startswith("within")


def test_status_is_what_the_server_says(server: Server) -> None:
    with server.client() as client:
        client.submit(resting("status-rests"))
        client.submit(at_market("status-trades"))
        client.wait("status-trades")
        venues = client.venues()
    ran = run("status", "--json")
    assert ran.code == 0
    found = ran.document
    assert (found["status"], found["mode"], found["url"]) == ("healthy", "paper", server.url)
    assert [row["venue"] for row in found["venues"]] == [row["venue"] for row in venues]
    assert (found["open_orders"], found["unknown"]) == (1, 0)
    assert found["stats"]["paper_executed"] == 2
    assert found["states"][0]["state"] == "ACTIVE"
    assert found["last_entry"] > 0
    lines = [line.split() for line in run("status").out.splitlines()]
    assert ["open", "orders", "1"] in lines
    assert any(words[:2] == ["BYBIT", "RECONCILED"] for words in lines)


def test_a_token_that_reads_is_enough_and_none_is_too_little(
    reader: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OMNIVENUE_TOKEN", reader)
    assert run("status").code == 0
    assert checks()["token"]["state"] == "ok"
    monkeypatch.setenv("OMNIVENUE_TOKEN", "ovp_nonsense")
    assert run("status").code == 3
    row = checks(code=1)["token"]
    assert row["state"] == "broken"
    assert "does not let us in" in row["said"]
    assert "omnivenue token create" in row["mend"]


def test_what_was_changed_while_running_is_told(server: Server) -> None:
    assert checks()["what holds"]["state"] == "ok"
    words = ("risk", "--set", "order_notional=7", "--reason", "to see it")
    assert run(*words).code == 0
    row = checks()["what holds"]
    assert (row["state"], row["said"]) == (
        "warning",
        "order_notional of global is 7, and 1000000 in the file",
    )
    shown = run("config", "show", "--json").document
    limits = {row["name"]: row["limit"] for row in shown["risk"]["limits"]}
    assert limits["order_notional"] == "1000000", "what the file says"
    told = {"scope": "global", "name": "order_notional", "file": "1000000", "holds": "7"}
    assert shown["holds"] == {"to_come": [], "limits": [told]}
    assert run("config", "show").out.splitlines()[-1].split() == [
        *("order_notional", "global", "1000000", "7")
    ]
    back = row["mend"].partition(" --reason")[0].split()[1:]
    assert run(*back, "--reason", "as it says").code == 0
    assert checks()["what holds"]["state"] == "ok"


def test_a_file_that_has_changed_since_the_start_is_told(home: Home) -> None:
    before = home.config.read_text()
    home.config.write_text(before.replace("[venues.OKX]", "[venues.OKX]\ndead_man_secs = 60"))
    try:
        row = checks()["what holds"]
        assert row["state"] == "warning"
        assert "has other venues than at the last start" in row["said"]
        assert row["mend"].startswith("start the server again")
        assert run("config", "show", "--json").document["holds"]["to_come"] == ["venues"]
        assert "takes from the file: venues" in run("config", "show").err
    finally:
        home.config.write_text(before)


def test_stopped_trading_is_seen_by_all(server: Server) -> None:
    assert run("kill", "--scope", "venue:OKX", "--reason", "to see it").code == 0
    assert checks()["trading"]["state"] == "warning"
    states = {row["scope"]: row["state"] for row in run("status", "--json").document["states"]}
    assert states["venue:OKX"] == "KILLED"
    assert run("rearm", "--scope", "venue:OKX", "--reason", "seen").code == 0


@pytest.mark.parametrize("verb", ["status", "doctor", "init", "plans"])
def test_each_says_so_where_it_cannot(verb: str, tmp_path: Path) -> None:
    """As a process of its own, as scripts have it."""
    code = {"status": 3, "doctor": 0, "init": 0, "plans": 1}[verb]
    ran = subprocess.run(
        [sys.executable, "-m", "omnivenue", verb, "--json"],
        env={
            **os.environ,
            "OMNIVENUE_HOME": str(tmp_path / "none"),
            "OMNIVENUE__SERVER__PORT": "0",
        },
        cwd=tmp_path,
        capture_output=True,
        timeout=20,
        check=False,
    )
    assert ran.returncode == code, ran.stderr
    assert ran.stdout.count(b"\n") == 1


def test_after_its_end_the_port_is_free_again(home: Home, server: Server) -> None:
    """The last one here."""
    with server.client() as client:
        client.submit(at_market("one-more", BYBIT))
        client.wait("one-more")
    server.stop()
    rows = checks()
    assert "is free for one" in rows["server"]["said"]
    assert rows["read tables"]["state"] == "ok", "the last of it was written"
    assert run("status").code == 3
