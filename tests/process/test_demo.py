"""The demo, as a program reads it: one document, in the shape that was promised."""

import json
import subprocess
import sys
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from omnivenue.cli import demo
from omnivenue.cli.demo.money import check_pnl
from omnivenue.cli.demo.stage import (
    EXCERPT,
    RECORDINGS,
    Failed,
    Stage,
    configuration,
    recordings,
)
from omnivenue.cli.demo.steps import STEPS
from omnivenue.client import Client
from omnivenue.config import parse_config
from omnivenue.journal import verify_journal
from omnivenue.venue.sim.launch import find

STEP_NAMES = ["start", *(name for name, _ in STEPS), "journal"]
MEMBERS = {
    "ok": bool,
    "mode": str,
    "steps": list,
    "instructions": int,
    "fills": int,
    "entries": int,
    "pnl": str,
    "state_hash": str,
    "replay_hash": str,
}


def check_shape(document: dict[str, Any]) -> None:
    assert {name: type(value) for name, value in document.items()} == MEMBERS
    for step in document["steps"]:
        assert {name: type(value) for name, value in step.items()} == {
            "name": str,
            "ok": bool,
            "detail": str,
        }


@pytest.mark.covers("N3", "O9")
@pytest.mark.holds("I2", "I5", "I10", "I13")
def test_everything_that_it_shows_holds(tmp_path: Path) -> None:
    ran = subprocess.run(
        [sys.executable, "-m", "omnivenue", "demo", "--json"],
        env={"OMNIVENUE_HOME": str(tmp_path / "home"), "PATH": ""},
        capture_output=True,
        timeout=60,
        check=False,
    )
    document = json.loads(ran.stdout)
    check_shape(document)
    assert [step for step in document["steps"] if not step["ok"]] == []
    assert (ran.returncode, document["ok"], document["mode"]) == (0, True, "paper")
    assert [step["name"] for step in document["steps"]] == STEP_NAMES
    assert document["state_hash"] == document["replay_hash"]
    report = verify_journal(tmp_path / "home" / "demo" / "paper" / "journal.db")
    assert (report.entries, report.state_hash) == (document["entries"], document["state_hash"])
    assert document["instructions"] > 30
    assert document["fills"] > 50
    assert Decimal(document["pnl"]) != 0
    said = {step["name"]: step["detail"] for step in document["steps"]}
    assert all(venue in said["SMART"] for venue in ("BINANCE-SPOT", "BYBIT", "OKX"))
    is_there = "BINANCE-FUTURES" in recordings(RECORDINGS)
    assert said["recording"].startswith("skipped: ") is not is_there
    assert ("BINANCE-FUTURES" in said["start"]) is is_there
    assert (tmp_path / "home").stat().st_mode & 0o777 == 0o700
    assert find(tmp_path / "home" / "demo" / "paper" / "sim") is None, "it cleans up"


def test_a_step_that_fails_ends_it_with_1(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def broken(_stage: Stage, _client: Client) -> str:
        raise Failed("the book was empty")

    monkeypatch.setenv("OMNIVENUE_HOME", str(tmp_path))
    monkeypatch.setattr(demo, "STEPS", [STEPS[0], ("broken", broken), *STEPS[1:]])
    assert demo.run(json=True, keep=False) == 1
    document = json.loads(capsys.readouterr().out)
    check_shape(document)
    assert document["ok"] is False
    steps = [(step["name"], step["ok"]) for step in document["steps"]]
    assert steps == [("start", True), ("market order", True), ("broken", False)]
    assert document["steps"][-1]["detail"] == "the book was empty"
    assert find(tmp_path / "demo" / "paper" / "sim") is None, "it cleans up"


def test_figures_that_disagree_end_it_with_5(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """A fill that the ledger has not counted, as it would look."""

    def robbed(stage: Stage, client: Client) -> str:
        fills, pnl = client.fills(), client.pnl()
        check_pnl(fills[1:], pnl)
        return f"{stage.url}: nobody has noticed"

    monkeypatch.setenv("OMNIVENUE_HOME", str(tmp_path))
    monkeypatch.setattr(demo, "STEPS", [STEPS[0], ("robbed", robbed)])
    assert demo.run(json=True, keep=False) == 5
    document = json.loads(capsys.readouterr().out)
    check_shape(document)
    assert document["ok"] is False
    assert document["steps"][-1]["detail"].startswith("the fills come to 0, 0 of it fees")


def test_without_whole_recordings_it_plays_on_the_excerpt(tmp_path: Path) -> None:
    assert recordings(tmp_path) == {"BINANCE-SPOT": EXCERPT}
    for name in ("spot/btcusdt_20240808.gz", "usdm/btcusdt_20240808.gz"):
        assert set(recordings(tmp_path)) == {"BINANCE-SPOT"}, "both or none"
        (tmp_path / name).parent.mkdir()
        (tmp_path / name).touch()
    whole = recordings(tmp_path)
    assert set(whole) == {"BINANCE-SPOT", "BINANCE-FUTURES"}
    config = parse_config(configuration(whole, True), "", {})
    assert {v.venue_id: v.recording for v in config.venues if v.recording} == {
        venue: str(path) for venue, path in whole.items()
    }


def test_a_server_that_does_not_start_is_a_step_that_failed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("OMNIVENUE_HOME", str(tmp_path))
    monkeypatch.setattr("omnivenue.cli.demo.stage._SERVE", (sys.executable, "-c", "exit(3)"))
    assert demo.run(json=False, keep=False) == 1
    shown = capsys.readouterr().out
    assert "start" in shown
    assert "server.log" in shown
