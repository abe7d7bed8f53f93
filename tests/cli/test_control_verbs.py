"""Verbs of an operator: what they send and show, and how trading is stopped without a server."""

import json
import os
import socket
import stat
import time
from pathlib import Path
from typing import Any

import pytest

from answering import LOST, answering, error
from commands import run
from omnivenue.app.kill_file import KillFile
from omnivenue.model import TradingState

NOBODY = "http://127.0.0.1:9"
KILLED = {"scope": "global", "state": "KILLED", "since": "2026-01-01T00:00:00Z", "reason": "r"}
RISK = {
    "risk": {
        "currency": "USDT",
        "limits": [
            {"scope": "global", "name": "order_qty", "limit": "5", "used": None},
            {"scope": "global", "name": "leverage", "limit": None, "used": None},
        ],
        "breakers": [],
        "states": [KILLED],
        "quarantined": [],
    },
    "seq": 4,
}


@pytest.fixture(autouse=True)
def home(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    monkeypatch.setattr("omnivenue.client.calls.PAUSE_FIRST", 0.001)
    monkeypatch.setattr("omnivenue.client.calls.PAUSE_MAX", 0.001)
    monkeypatch.setenv("OMNIVENUE_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("OMNIVENUE_URL", NOBODY)
    monkeypatch.delenv("OMNIVENUE_TOKEN", raising=False)
    return tmp_path / "home"


def said(monkeypatch: pytest.MonkeyPatch, reply: object, *words: str, status: int = 200) -> Any:
    """The exit code, stdout, and what the server was asked."""
    with answering((status, reply)) as server:
        monkeypatch.setenv("OMNIVENUE_URL", server.url)
        ran = run(*words)
    return ran.code, ran.out, server.asked[0]


def test_kill_says_what_holds_now(monkeypatch: pytest.MonkeyPatch) -> None:
    words = ("kill", "--reason", "r", "--state", "halted", "--scope", "venue:OKX")
    code, shown, asked = said(monkeypatch, KILLED, *words)
    assert (code, asked.path) == (0, "/v1/kill")
    assert asked.body == {"scope": "venue:OKX", "state": "HALTED", "reason": "r"}
    assert shown.splitlines()[1].split() == ["state", "KILLED"]
    code, shown, asked = said(monkeypatch, KILLED, "kill", "--reason", "r", "--json")
    assert json.loads(shown) == KILLED
    assert asked.body == {"scope": "global", "state": "KILLED", "reason": "r"}


@pytest.mark.covers("P5", "X4")
@pytest.mark.holds("I16")
def test_without_a_server_the_file_stops_it(home: Path) -> None:
    """Also one that has never run: its first start finds it."""
    ran = run("kill", "--scope", "venue:OKX", "--reason", "nobody answers", "--json")
    assert ran.code == 0
    (stop,) = KillFile(home / "paper").read()
    assert (stop.scope, stop.state, stop.reason) == (
        "venue:OKX",
        TradingState.KILLED,
        "nobody answers",
    )
    assert ran.document["file"] == str(home / "paper" / "KILL")
    assert "KILL says it to a server" in ran.err
    assert stat.S_IMODE((home / "paper").stat().st_mode) == 0o700
    assert run("kill", "--reason", "all of it").code == 0
    assert {s.scope for s in KillFile(home / "paper").read()} == {"venue:OKX", "global"}


@pytest.mark.holds("I16")
def test_a_server_that_hangs_is_stopped_by_the_file(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    code, _, asked = said(monkeypatch, None, "kill", "--reason", "r", status=LOST)
    assert (code, asked.path) == (0, "/v1/kill")
    assert (home / "paper" / "KILL").exists()


@pytest.mark.holds("I16")
def test_a_server_that_never_answers_is_not_waited_for(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:  # it takes every call, and that is all
        monkeypatch.setenv("OMNIVENUE_URL", f"http://127.0.0.1:{silent.getsockname()[1]}")
        began = time.monotonic()
        assert run("kill", "--reason", "r").code == 0
        assert time.monotonic() - began < 10
    assert (home / "paper" / "KILL").exists()


def test_what_the_server_refuses_is_not_written_to_a_file(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    no = error("API-027")
    words = ("kill", "--scope", "venue:X", "--reason", "r")
    assert said(monkeypatch, no, *words, status=422)[0] == 1
    assert not (home / "paper" / "KILL").exists()


@pytest.mark.covers("P5")
@pytest.mark.holds("I16")
@pytest.mark.parametrize("status", [401, 403])
def test_who_may_write_the_file_needs_no_token(
    status: int, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (home / "paper").mkdir(parents=True)
    with answering((status, error("API-040"))) as server:
        its = json.dumps({"url": server.url, "pid": os.getpid()})
        (home / "paper" / "server.json").write_text(its)
        for url in (server.url, ""):
            monkeypatch.setenv("OMNIVENUE_URL", url)
            ran = run("kill", "--reason", "revoked", "--json")
            assert ran.code == 0
            assert ran.document["file"] == str(home / "paper" / "KILL")
            assert "no; " in ran.err, "what the server said"
            assert [stop.scope for stop in KillFile(home / "paper").read()] == ["global"]
            (home / "paper" / "KILL").unlink()
    assert len(server.asked) == 2


def test_a_token_that_cannot_be_read_keeps_nobody_from_stopping(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (home / "paper" / "token").mkdir(parents=True)
    monkeypatch.delenv("OMNIVENUE_URL")
    ran = run("kill", "--reason", "r", "--json")
    assert ran.code == 0
    assert "cannot be read" in ran.err
    assert (home / "paper" / "KILL").exists()


def test_a_server_of_another_home_that_refuses_us_is_not_told_as_stopped(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    code, *_ = said(monkeypatch, error("API-040"), "kill", "--reason", "r", status=401)
    assert code == 3
    assert not home.exists()


def test_a_server_elsewhere_looks_at_no_file_of_ours(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OMNIVENUE_URL", "http://omnivenue.invalid:9")
    assert run("kill", "--reason", "r").code == 3
    assert not home.exists()


def test_where_nothing_can_be_written_it_is_told_that_nothing_was_stopped(home: Path) -> None:
    home.parent.joinpath("home").write_text("in the way")
    assert run("kill", "--reason", "r").code == 3
    home.unlink()
    (home / "paper" / "KILL.new").mkdir(parents=True)  # so the draft of the file cannot be opened
    assert run("kill", "--reason", "r").code == 3


def test_rearm_is_done_when_it_is_armed(monkeypatch: pytest.MonkeyPatch) -> None:
    armed = {"scope": "global", "state": "ACTIVE", "since": "now", "reason": None}
    code, _, asked = said(monkeypatch, armed, "rearm", "--reason", "r")
    assert (code, asked.path, asked.body) == (0, "/v1/rearm", {"scope": "global", "reason": "r"})
    code, shown, _ = said(monkeypatch, KILLED, "rearm", "--reason", "r", "--json")
    assert (code, json.loads(shown)) == (1, KILLED)


def test_reconcile_is_done_when_all_have_answered(monkeypatch: pytest.MonkeyPatch) -> None:
    def rows(*states: str) -> dict[str, Any]:
        venues = [{"venue": f"V{n}", "state": state} for n, state in enumerate(states)]
        return {"venues": venues, "seq": 1}

    code, shown, asked = said(monkeypatch, rows("RECONCILED"), "reconcile", "--venue", "OKX")
    assert (code, asked.path, asked.body) == (0, "/v1/reconcile", {"venue": "OKX"})
    assert "RECONCILED" in shown
    two = rows("RECONCILED", "DOWN")
    code, shown, _ = said(monkeypatch, two, "reconcile", "--json")
    assert (code, json.loads(shown)) == (1, two)


def test_risk_is_shown_and_changed(monkeypatch: pytest.MonkeyPatch) -> None:
    code, shown, asked = said(monkeypatch, RISK, "risk", "--json")
    assert (code, asked.method, json.loads(shown)) == (0, "GET", RISK)
    _, shown, _ = said(monkeypatch, RISK, "risk")
    assert "KILLED" in shown
    assert [line.split() for line in shown.splitlines()][-1][:3] == ["leverage", "global", "waived"]
    words = "risk --set order_qty=5 --set leverage=waived --scope account:main --reason r"
    code, _, asked = said(monkeypatch, RISK, *words.split())
    assert (code, asked.method, asked.path) == (0, "PATCH", "/v1/risk")
    assert asked.body == {
        "limits": [
            {"scope": "account:main", "name": "order_qty", "limit": "5"},
            {"scope": "account:main", "name": "leverage", "limit": None},
        ],
        "reason": "r",
    }


def test_adjust_sends_what_is_explained(monkeypatch: pytest.MonkeyPatch) -> None:
    answer = {"id": "k", "order_id": None, "seq": 4, "status": "ACCEPTED", "mode": "paper"}
    words = "adjust --venue OKX --asset BTC --amount -0.5 --reason theirs --id k --json"
    code, shown, asked = said(monkeypatch, answer, *words.split(), status=202)
    assert (code, json.loads(shown), asked.path) == (0, answer, "/v1/adjustments")
    assert asked.body == {
        "id": "k",
        "venue": "OKX",
        "asset": "BTC",
        "amount": "-0.5",
        "reason": "theirs",
        "account": None,
    }


def test_pnl_is_shown_by_line_strategy_and_venue(monkeypatch: pytest.MonkeyPatch) -> None:
    sums = {"total": "3", "realized": "1", "unrealized": "2", "funding": "0", "fees": "0"}
    more = {"lines": {"delta_pnl": "4"}, "unexplained": "-1", "unmarked": ["ETH"]}
    rows = {"by_strategy": [sums | {"strategy_id": "s9"}], "by_venue": [sums | {"venue": "OKX"}]}
    body = {"pnl": {"currency": "USDT"} | sums | more | rows, "next_cursor": None, "seq": 1}
    code, shown, asked = said(monkeypatch, body, "pnl", "--account", "a&b")
    assert (code, asked.path) == (0, "/v1/pnl?account=a%26b")
    for text in ("USDT", "delta_pnl", "unexplained", "ETH", "s9", "OKX"):
        assert text in shown
    code, shown, asked = said(monkeypatch, body, "pnl", "--json")
    assert (json.loads(shown), asked.path) == (body, "/v1/pnl")


def test_order_replace_sends_what_shall_change(monkeypatch: pytest.MonkeyPatch) -> None:
    answer = {"id": "r1", "order_id": "k1", "seq": 4, "status": "RUNNING", "mode": "paper"}
    words = "order replace k1 --price 5 --id r1 --json"
    code, shown, asked = said(monkeypatch, answer, *words.split())
    assert (code, json.loads(shown)) == (0, answer)
    assert asked.body == {
        "kind": "replace",
        "id": "r1",
        "order_id": "k1",
        "qty": None,
        "price": "5",
    }
