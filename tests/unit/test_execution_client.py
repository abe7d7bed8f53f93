"""The client of an older execution server: its names, its shapes, and both ways to call it."""

import asyncio
from collections.abc import Callable
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest

from answering import LOST, Answering, Asked, Reply, answering, error
from omnivenue import client, execution_client
from omnivenue.client import ExecutionManager, Invalid, execute_trade

HEALTH: Reply = (200, {"status": "healthy", "mode": "PAPER", "chains": 15})
DONE: Reply = (200, {"success": True, "mode": "PAPER", "expected_profit": 50.0})
NOT_BUILT: Reply = (501, error("API-030", "POST /execute is not built yet"))
TRADE: dict[str, Any] = {
    "chain_id": 1,
    "token": "0xA0b8",
    "amount": 1_000_000_000,
    "flash_source": 1,
    "protocols": [0],
    "routers": ["0x7a25"],
    "path": ["0xA0b8"],
    "extras": [b"", b"\x01\xff", "0x02"],
    "expected_profit": 50.0,
}


@pytest.fixture(autouse=True)
def _alone(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr("omnivenue.client.calls.PAUSE_FIRST", 0.001)
    monkeypatch.setattr("omnivenue.client.calls.PAUSE_MAX", 0.001)
    monkeypatch.setenv("OMNIVENUE_HOME", str(tmp_path))
    monkeypatch.setenv("OMNIVENUE_TOKEN", "secret")
    monkeypatch.delenv("OMNIVENUE_URL", raising=False)


def manager(server: Answering, mode: str = "PAPER") -> ExecutionManager:
    parts = urlsplit(server.url)
    return ExecutionManager(parts.hostname, parts.port, mode)


@pytest.mark.covers("F1", "F3", "F6")
def test_a_trade_is_sent_in_the_shape_of_the_wire() -> None:
    with answering(DONE) as server, manager(server) as execution:
        outcome = execution.submit_trade(**TRADE, operation_id="op-1")
    assert (outcome["success"], outcome["mode"]) == (True, "PAPER")
    (asked,) = server.asked
    assert (asked.method, asked.path) == ("POST", "/execute")
    assert asked.headers["authorization"] == "Bearer secret"
    assert asked.body == {
        "operation_id": "op-1",
        "chainId": 1,
        "token": "0xA0b8",
        "amount": "1000000000",
        "flashSource": 1,
        "protocols": [0],
        "routers": ["0x7a25"],
        "path": ["0xA0b8"],
        "extras": ["0x", "0x01ff", "0x02"],
        "expected_profit": 50.0,
    }


@pytest.mark.parametrize("send", ["submit_trade", "execute_signal"])
def test_a_lost_answer_is_asked_for_with_the_same_key(send: str) -> None:
    with answering((LOST, None), DONE) as server, manager(server) as execution:
        outcome = execution.submit_trade(**TRADE) if send == "submit_trade" else None
        outcome = outcome or execution.execute_signal({"chainId": 1})
        statistics = execution.get_statistics()
    keys = {asked.body["operation_id"] for asked in server.asked[:2]}
    assert (outcome["success"], len(keys)) == (True, 1)
    assert len(keys.pop()) == 32
    assert statistics["client"] == {"sent": 1, "succeeded": 1, "failed": 0, "retried": 1}


@pytest.mark.covers("F2")
def test_one_trade_by_itself(monkeypatch: pytest.MonkeyPatch) -> None:
    with answering(DONE) as server:
        monkeypatch.setenv("OMNIVENUE_URL", server.url)
        assert execute_trade(**TRADE)["success"]
        parts = urlsplit(server.url)
        assert execute_trade(**TRADE, host=parts.hostname, port=parts.port)["success"]
    assert len(server.asked) == 2


def test_what_is_not_built_comes_back_as_a_failure_that_says_so() -> None:
    with answering(NOT_BUILT) as server, manager(server) as execution:
        outcome = execution.submit_trade(**TRADE)
    assert (outcome["success"], outcome["mode"], outcome["code"]) == (False, "PAPER", "API-030")
    assert "not built" in outcome["error"]


@pytest.mark.covers("E14")
def test_a_server_that_is_away_is_named() -> None:
    execution = ExecutionManager("127.0.0.1", 9)
    for outcome in (execution.initialize(), execution.submit_trade(**TRADE)):
        assert not outcome["success"]
        assert outcome["error"].startswith("Failed to connect to execution server")
    assert execution.get_statistics()["server"] is None


def test_what_may_have_been_done_is_not_called_a_failure_alone() -> None:
    with answering((LOST, None)) as server, manager(server) as execution:
        outcome = execution.submit_trade(**TRADE)
    assert (outcome["success"], outcome["outcome"]) == (False, "unknown")
    assert {asked.body["operation_id"] for asked in server.asked} == {outcome["operation_id"]}


def test_an_empty_key_is_not_replaced_by_one_of_ours() -> None:
    """It is the caller's mistake, and nobody would know the key that was made of it."""
    with answering(DONE) as server, manager(server) as execution:
        execution.submit_trade(**TRADE, operation_id="")
    assert [asked.body["operation_id"] for asked in server.asked] == [""]


@pytest.mark.covers("F4")
def test_the_mode_is_the_server_s() -> None:
    with answering(HEALTH) as server, manager(server, "live") as execution:
        assert execution.mode == "LIVE"
        assert execution.initialize()["success"]
        assert execution.mode == "PAPER"


def test_many_are_counted() -> None:
    def odd(asked: Asked) -> Reply:
        return DONE if asked.body["chainId"] % 2 else NOT_BUILT

    with answering(odd) as server, manager(server) as execution:
        outcome = execution.execute_batch([{"chainId": n} for n in range(5)])
        assert [outcome[name] for name in ("total", "succeeded", "failed")] == [5, 2, 3]
        assert [each["success"] for each in outcome["results"]] == [False, True] * 2 + [False]
        server.replies = [(200, {"total_signals": 5})]
        statistics = execution.get_statistics()
    assert statistics["client"]["failed"] == 3
    assert statistics["server"] == {"total_signals": 5}


def test_a_simulation_is_no_trade() -> None:
    simulated: Reply = (200, {"success": True, "simulation": {"success": True}})
    with answering(simulated) as server, manager(server) as execution:
        assert execution.simulate_signal({"chainId": 1})["success"]
        assert execution.get_statistics()["client"]["sent"] == 0
    assert server.asked[0].path == "/simulate"


CALLS: list[Callable[[ExecutionManager], Any]] = [
    lambda e: e.initialize(),
    lambda e: e.submit_trade(**TRADE),
    lambda e: e.get_statistics(),
    lambda e: e.close(),
]


@pytest.mark.parametrize("call", CALLS)
def test_what_it_returns_may_be_awaited_as_well(call: Callable[[ExecutionManager], Any]) -> None:
    with answering(HEALTH) as server:
        said = call(manager(server))

        async def awaited() -> Any:
            return await call(manager(server))

        assert asyncio.run(awaited()) == said
        assert isinstance(said, dict)


def test_it_is_found_under_its_older_name_too() -> None:
    assert execution_client.ExecutionManager is client.ExecutionManager
    assert execution_client.execute_trade is client.execute_trade
    with pytest.raises(Invalid):
        ExecutionManager("not a host", 1)
