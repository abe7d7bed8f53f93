"""A disk that fails: nobody is told what is not known, the process ends and says why, and the next
one knows. A disk that is nearly full: no new orders, and cancels go on."""

import json
import threading
from pathlib import Path
from typing import Any

import pytest

from omnivenue.client import Client, Refused, Unknown
from omnivenue.client.connection import Answer, Connection, Lost, NeverLeft
from omnivenue.client.place import place
from omnivenue.journal import verify_journal
from omnivenue.journal.journal import FREE_FLOOR
from omnivenue.message import NewOrder
from omnivenue.venue.sim import read_record
from servers import Home, Server, at_market, eventually, resting

PROGRAM = (str(Path(__file__).with_name("disk_server.py")),)
CLIENTS = 8


def spoiled(home: Home) -> Server:
    return home.serve(program=PROGRAM).healthy()


def fail(home: Home, how: str) -> None:
    home.folder.with_suffix(".fails").write_text(how)


def mend(home: Home) -> None:
    home.folder.with_suffix(".fails").unlink()


def has(home: Home, nbytes: int) -> None:
    home.folder.with_suffix(".free").write_text(str(nbytes))


def placed(home: Home, venue: str = "BYBIT") -> list[str]:
    """Instructions that the exchange was sent an order of, by its own record."""
    lines = read_record(home.paper / "sim" / f"{venue}.jsonl")
    return [line.command.parent_id for line in lines if isinstance(line.command, NewOrder)]


def once(server: Server, home: Home, body: dict[str, Any]) -> Answer:
    """One sending, and never a second: what the server says itself."""
    connection = Connection(place(server.url, home.token), 10)
    try:
        return connection.call("POST", "/v1/instructions", json.dumps(body).encode())
    finally:
        connection.close()


@pytest.mark.covers("N3")
@pytest.mark.holds("I2", "I4")
@pytest.mark.parametrize("how", ["lost", "written"])
def test_a_failed_commit_ends_the_server_and_the_next_one_knows(home: Home, how: str) -> None:
    server = spoiled(home)
    with server.client() as client:
        client.submit(at_market("before"))
        assert client.wait("before", 10)["status"] == "FILLED"
    fail(home, how)
    answers: list[Answer | Exception] = []

    def submit(n: int) -> None:
        try:
            answers.append(once(server, home, at_market(f"k{n}")))
        except (Lost, NeverLeft) as late:  # nobody was there any more to say anything
            answers.append(late)

    threads = [threading.Thread(target=submit, args=(n,)) for n in range(CLIENTS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    ended = server.ended()
    assert ended.code == 5
    assert "the outcome of the commit is unknown" in ended.said
    assert "Input/output error" in ended.said
    answered = [a for a in answers if isinstance(a, Answer)]
    assert answered, "who was waiting is told"
    for answer in answered:
        assert answer.status == 503
        assert answer.document is not None
        assert answer.document["error"]["outcome"] == "unknown"
    assert placed(home) == ["before"], "nothing left after the failure"
    mend(home)
    server = spoiled(home)
    with server.client() as client:
        for n in range(CLIENTS):
            client.submit(at_market(f"k{n}"))
        words = {client.wait(f"k{n}", 15)["status"] for n in range(CLIENTS)}
    if how == "lost":
        assert words == {"FILLED"}
        assert sorted(placed(home)) == sorted(["before", *(f"k{n}" for n in range(CLIENTS))])
    else:  # written down and not sent: proven never placed, or placed for the first time now
        assert words <= {"FILLED", "REJECTED"}
        assert len(placed(home)) == len(set(placed(home)))
    ended = server.stop()
    assert verify_journal(home.journal).state_hash == ended.last["state_hash"]


@pytest.mark.holds("I4")
def test_the_client_raises_unknown_and_names_the_key(
    home: Home, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("omnivenue.client.calls.TRIES", 1)
    server = spoiled(home)
    fail(home, "lost")
    with server.client() as client, pytest.raises(Unknown) as raised:
        client.submit(at_market("k1"))
    assert raised.value.instruction_id == "k1"
    assert server.ended().code == 5


@pytest.mark.holds("I4")
def test_a_disk_that_is_nearly_full_takes_cancels_and_no_orders(home: Home) -> None:
    server = spoiled(home)
    with server.client() as client:
        client.submit(resting("k1"))
        eventually(lambda: client.find_order("k1")["status"] == "ACCEPTED")
        has(home, FREE_FLOOR - 1)
        probes = Probes(client)
        refused = eventually(probes.refused)
        assert refused.status == 507
        key = refused.instruction_id
        assert client.submit(resting("k1"))["id"] == "k1", "an answer that was given is kept"
        client.submit({"kind": "cancel", "id": "k3", "order_id": "k1"})
        eventually(lambda: client.find_order("k1")["status"] == "CANCELLED")
        client.submit({"kind": "cancel_all", "id": "k4"})
        has(home, FREE_FLOOR)
        eventually(lambda: probes.refused() is None)
        assert client.submit(resting(str(key)))["id"] == key, "its key was not used up"
    assert server.stop().code == 0


class Probes:
    """Orders, each under a key of its own: space is measured once a second."""

    def __init__(self, client: Client) -> None:
        self._client = client
        self._sent = 0

    def refused(self) -> Refused | None:
        self._sent += 1
        try:
            self._client.submit(resting(f"probe-{self._sent}"))
        except Refused as refused:
            return refused
        return None
