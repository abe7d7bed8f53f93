"""One key from 64 HTTP clients at once, against a real server: one execution, and one answer."""

import threading
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from omnivenue.client import OmnivenueError
from omnivenue.message import NewOrder
from omnivenue.venue.sim import read_record
from servers import Home, Server, at_market

CLIENTS = 64


def all_at_once(server: Server, bodies: list[dict[str, Any]]) -> list[Any]:
    """What each client got: an answer, or the error that it raised."""
    gate = threading.Barrier(len(bodies))

    def submit(body: dict[str, Any]) -> Any:
        with server.client() as client:
            gate.wait(20)
            try:
                return client.submit(body)
            except OmnivenueError as error:
                return error

    with ThreadPoolExecutor(len(bodies)) as threads:
        return list(threads.map(submit, bodies))


def placed(home: Home) -> list[str]:
    lines = read_record(home.paper / "sim" / "BYBIT.jsonl")
    return [line.command.parent_id for line in lines if isinstance(line.command, NewOrder)]


@pytest.mark.holds("I2")
def test_one_key_is_one_execution_over_a_restart_too(home: Home) -> None:
    server = home.serve().healthy()
    answers = all_at_once(server, [at_market("k1")] * CLIENTS)
    assert all(answer == answers[0] for answer in answers), answers
    assert isinstance(answers[0], dict)
    with server.client() as client:
        assert client.wait("k1", 10)["status"] == "FILLED"
    server.kill()
    server = home.serve().healthy()
    assert all_at_once(server, [at_market("k1")] * CLIENTS) == answers
    with server.client() as client:
        assert [row["id"] for row in client.orders()] == ["k1"]
        assert len({fill["order_id"] for fill in client.fills()}) == 1
    assert server.stop().code == 0
    assert placed(home) == ["k1"]


@pytest.mark.holds("I2")
def test_of_different_bodies_under_one_key_one_is_taken(home: Home) -> None:
    server = home.serve().healthy()
    bodies = [{**at_market("k1"), "qty": f"0.0{n}"} for n in range(10, 26)]
    answers = all_at_once(server, bodies)
    taken = [answer for answer in answers if not isinstance(answer, OmnivenueError)]
    refused = [answer for answer in answers if isinstance(answer, OmnivenueError)]
    assert len(taken) == 1
    assert {error.status for error in refused} <= {409, 422}
    server.stop()
    assert placed(home) == ["k1"]
