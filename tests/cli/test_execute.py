"""`execute`: one document whatever comes in; and `omni-bot`, as its older callers start it."""

import json
import os
import subprocess
import sys
import time
import tomllib
from pathlib import Path
from typing import Any

import pytest

import omnivenue.cli
from commands import Ran, run
from omni_rust import calculate_arbitrage_route
from omnivenue.cli.executing import execute_one
from omnivenue.cli.exits import ExitCode
from omnivenue.cli.older_name import as_execute
from pool_documents import CYCLE, SIGNAL, profitable
from rust_caller import SRC, TIMEOUT_SECONDS, RustArbitrageExecutor, omni_bot

LINE = (
    '{"route":["USDC","WMATIC","WETH","USDC"],"principal":10000000,"min_profit_usd":20.0,'
    '"max_gas_gwei":150,"slippage_bps":30}'
)
OUTPUT = {"success", "pnl", "pnl_usd", "tx_hash", "gas_used", "execution_id", "mode", "reason"}
OPPORTUNITY: dict[str, Any] = {
    "type": "ARBITRAGE_CROSS_EXCHANGE",
    "path": [*CYCLE],
    "capital": 1_000.0,
    "expected_profit": 20.0,
}


@pytest.fixture
def pools(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("OMNIVENUE_POOLS", raising=False)
    path = tmp_path / "pools.json"
    path.write_text(json.dumps({"pools": profitable()}))
    return path


def execute(signal: object, *more: str) -> Ran:
    text = signal if isinstance(signal, str) else json.dumps(signal)
    return run("execute", "-", *more, stdin=text)


@pytest.mark.covers("C2", "D7")
def test_the_line_that_older_programs_send_is_answered_by_one_document(pools: Path) -> None:
    command = f"printf '{LINE}' | {sys.executable} -m omnivenue execute - --pools pools.json"
    started = time.monotonic()
    done = subprocess.run(
        ["bash", "-c", command],
        capture_output=True,
        text=True,
        cwd=pools.parent,
        env={**os.environ, "PYTHONPATH": str(SRC)},
        check=False,
    )
    assert time.monotonic() - started < TIMEOUT_SECONDS
    document = json.loads(done.stdout)
    assert document.keys() >= OUTPUT
    assert (document["success"], document["reason"], document["tx_hash"]) == (
        False,
        "ARB-001",
        None,
    )
    assert (done.returncode, done.stderr.strip()) == (1, document["error"])


@pytest.mark.covers("C2")
def test_what_is_worth_sending_is_a_success_in_paper(pools: Path) -> None:
    ran = execute(SIGNAL | {"principal": 10**9}, "--pools", str(pools))
    assert (ran.code, ran.err) == (0, "")
    document = ran.document
    assert (document["success"], document["mode"]) == (True, "paper")
    assert document["pnl"] == document["pnl_usd"] == 56.343733
    assert (document["execution_id"], document["tx_hash"]) == ("SIMULATED", None)
    assert document["gas_used"] == 570_000


@pytest.mark.covers("C2")
@pytest.mark.parametrize(
    ("signal", "codes"),
    [
        ("", ["API-001"]),
        ("{", ["API-001"]),
        ("[" * 100, ["API-005"]),
        ("x" * 300_000, ["API-004"]),
        ("[]", ["API-012"]),
        ({}, ["API-011", "API-011"]),
        (
            SIGNAL | {"route": ["USDC", "WETH"], "principal": "many"},
            ["API-012", "API-016", "API-017"],
        ),
        (SIGNAL | {"route": ["USDC", "X", "USDC"]}, ["UNKNOWN_TOKEN"]),
    ],
)
def test_whatever_comes_in_one_document_goes_out(
    pools: Path, signal: object, codes: list[str]
) -> None:
    ran = execute(signal, "--pools", str(pools))
    assert ran.code == 1
    document = ran.document
    assert document.keys() >= OUTPUT
    assert (document["success"], document["pnl_usd"], document["gas_used"]) == (False, 0, 0)
    assert sorted({r["code"] for r in document["reasons"]}) == sorted(set(codes))
    assert ran.err.strip() == document["error"]


@pytest.mark.covers("C2")
def test_without_a_standard_input_there_is_a_document_too(
    pools: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("sys.stdin", None)
    assert execute_one("-", str(pools), None) == ExitCode.REFUSED
    assert json.loads(capsys.readouterr().out)["reason"] == "API-001"


@pytest.mark.covers("C2")
def test_without_pools_nothing_is_priced(pools: Path) -> None:
    ran = execute(LINE)
    assert (ran.code, ran.document["reason"]) == (1, "NO_POOLS")
    assert execute(LINE, "--pools", "nowhere.json").document["reason"] == "NO_POOLS"


def test_pools_come_from_the_option_the_environment_or_the_configuration(
    pools: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """In this order."""
    file = pools.parent / "omnivenue.toml"
    file.write_text(f'[chain.polygon]\npools = "{pools}"\n')
    assert execute(LINE).document["reason"] == "ARB-001"
    monkeypatch.setenv("OMNIVENUE_POOLS", "nowhere.json")
    assert execute(LINE).document["reason"] == "NO_POOLS"
    assert execute(LINE, "--pools", str(pools)).document["reason"] == "ARB-001"


def test_a_signal_may_stand_in_a_file(pools: Path) -> None:
    signal = pools.parent / "signal.json"
    signal.write_text(LINE)
    assert run("execute", str(signal), "--pools", str(pools)).document["reason"] == "ARB-001"
    assert run("execute", "nowhere.json", "--pools", str(pools)).code == 2


def test_a_wrong_configuration_is_told_as_a_document(pools: Path) -> None:
    (pools.parent / "omnivenue.toml").write_text("[chain.polygn]")
    ran = execute(LINE, "--pools", str(pools))
    assert (ran.code, ran.document["ok"]) == (2, False)


@pytest.mark.covers("C2")
@pytest.mark.parametrize(
    ("args", "expected"),
    [
        (["--execute", "-"], ["execute", "-"]),
        (["--execute"], ["execute"]),
        (["--execute", "-", "--pools", "p"], ["execute", "-", "--pools", "p"]),
        (["--pools", "p", "--execute", "-"], ["execute", "--pools", "p", "-"]),
        (["-"], None),
        ([], None),
    ],
)
def test_the_older_name_has_the_arguments_of_the_verb(
    args: list[str], expected: list[str] | None
) -> None:
    assert as_execute(args) == expected


def test_the_older_name_is_installed() -> None:
    project = tomllib.loads((SRC.parent / "pyproject.toml").read_text())
    assert project["project"]["scripts"]["omni-bot"] == "omnivenue.cli:omni_bot"
    assert callable(omnivenue.cli.omni_bot)
    assert "src/omni_rust" in project["tool"]["hatch"]["build"]["targets"]["wheel"]["packages"]


def test_the_older_name_without_a_signal_says_how_it_is_used(tmp_path: Path) -> None:
    binary = omni_bot(tmp_path)
    done = subprocess.run([binary], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout) == (2, "")
    assert "omni-bot --execute -" in done.stderr
    helped = subprocess.run([binary, "--help"], capture_output=True, text=True, check=False)
    assert (helped.returncode, helped.stdout) == (0, done.stderr)


def caller(pools: Path | None, binary: str, **more: Any) -> RustArbitrageExecutor:
    named = {} if pools is None else {"OMNIVENUE_POOLS": str(pools)}
    return RustArbitrageExecutor(binary, {**os.environ, **named}, **more)


@pytest.mark.covers("C2", "C5")
def test_an_older_caller_gets_its_paper_result(pools: Path, tmp_path: Path) -> None:
    theirs = caller(pools, omni_bot(tmp_path))
    assert theirs.execute(OPPORTUNITY) == {
        "success": True,
        "pnl": 56.343733,
        "gas_used": 570_000,
        "execution_id": "SIMULATED",
        "mode": "RUST_PAPER",
    }
    assert theirs.asked == [SIGNAL | {"principal": 10**9}]


@pytest.mark.covers("C2", "C5")
def test_an_older_caller_reads_a_refusal_as_its_error(pools: Path, tmp_path: Path) -> None:
    refused = caller(pools, omni_bot(tmp_path)).execute(OPPORTUNITY | {"capital": 10.0})
    assert refused.keys() == {"success", "error"}
    assert not refused["success"]
    assert refused["error"].startswith("it would not earn enough after loan fee and gas (0.55378")
    without = caller(None, omni_bot(tmp_path)).execute(OPPORTUNITY)
    assert "there are no pools" in without["error"]


@pytest.mark.covers("C6")
@pytest.mark.parametrize("fault", ["missing", "crashing", "without pools"])
def test_where_the_binary_fails_its_caller_goes_on_in_paper(
    pools: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, fault: str
) -> None:
    """Each failure is an exit code and a reason, so it is seen; and the module prices it too."""
    monkeypatch.setenv("OMNIVENUE_POOLS", str(pools))

    def in_python(opportunity: dict[str, Any]) -> dict[str, Any]:
        route = calculate_arbitrage_route(opportunity["path"], 10**9, 30)
        return {"success": route.success, "pnl": route.pnl_usd, "mode": "PAPER"}

    binary = str(tmp_path / "omni-bot")
    if fault == "crashing":
        Path(binary).write_text(f"#!{sys.executable}\nraise SystemExit('broken')\n")
        Path(binary).chmod(0o700)
    elif fault == "without pools":
        omni_bot(tmp_path)
    theirs = RustArbitrageExecutor(binary, {**os.environ, "OMNIVENUE_POOLS": ""}, in_python)
    assert theirs.execute(OPPORTUNITY) == {"success": True, "pnl": 56.343733, "mode": "PAPER"}
