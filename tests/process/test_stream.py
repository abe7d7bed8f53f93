"""Clients that listen to a real server in a process of its own, and what they hear when it dies."""

import asyncio
import itertools
from collections.abc import Iterator
from typing import Any

import pytest

from omnivenue.client import AsyncClient, Client, Invalid, Unauthorized, Unreachable
from servers import Home, at_market, resting

type Message = dict[str, Any]


def up_to_the_end_of(key: str, messages: Iterator[Message]) -> list[Message]:
    heard: list[Message] = []
    for message in messages:
        heard.append(message)
        if message["type"] == "order" and (message["id"], message["status"]) == (key, "FILLED"):
            return heard
    raise AssertionError("a stream ends by an exception and never by itself")


@pytest.mark.holds("T26")
def test_a_stream_goes_on_where_it_was_when_the_server_was_killed(
    home: Home, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The client knows no address: it finds the next server, as it found the first."""
    monkeypatch.setenv("OMNIVENUE_HOME", str(home.folder))
    for name in ("OMNIVENUE_URL", "OMNIVENUE_TOKEN", "OMNIVENUE__MODE"):
        monkeypatch.delenv(name, raising=False)
    server = home.serve().healthy()
    with Client() as client:
        stream = client.stream(["orders", "fills"], from_seq=0)
        client.submit(at_market("k1"))
        heard = up_to_the_end_of("k1", stream)
        server.kill()
        home.serve().healthy()
        client.submit(at_market("k2"))
        heard += up_to_the_end_of("k2", stream)
        whole = up_to_the_end_of("k2", client.stream(["orders", "fills"], from_seq=0))
    assert [m["seq"] for m in heard] == sorted(m["seq"] for m in heard)
    last = heard[-1]["seq"]  # those of the entry at which it was cut off may come twice
    assert {place for place in places(whole) if place[1] < last} <= set(places(heard))
    fills = dict.fromkeys(m["order_id"] for m in heard if m["type"] == "fill")
    assert next(iter(fills)) == "k1"


def places(messages: list[Message]) -> list[tuple[str, int, str]]:
    return [(m["type"], m["seq"], m.get("exec_id") or m["id"]) for m in messages]


def test_without_a_number_it_begins_now(home: Home) -> None:
    server = home.serve().healthy()
    with server.client() as client:
        before = client.submit(resting("before"))["seq"]
        stream = client.stream(["orders"])
        client.submit(resting("after"))
        heard = next(stream)
        while heard["id"] != "after":  # what a venue says of the other one may come still
            assert heard["seq"] > before
            heard = next(stream)


def test_the_other_client_listens_as_well(home: Home) -> None:
    server = home.serve().healthy()

    async def scene() -> None:
        async with AsyncClient(server.url, home.token) as client:
            await client.submit(at_market("k1"))
            kinds: set[str] = set()
            async for message in client.stream(["orders", "market"], from_seq=0):
                kinds.add(message.get("status", message["type"]))
                if kinds >= {"FILLED", "market"}:
                    return

    asyncio.run(scene())


def test_both_clients_do_everything_over_the_servers_socket(home: Home) -> None:
    home.serve().healthy()
    url = f"unix:{home.paper / 'socket'}"

    async def scene() -> None:
        async with AsyncClient(url, home.token) as client:
            await client.submit(at_market("k1"))
            stream = client.stream(["fills"], from_seq=0)
            assert (await anext(stream))["order_id"] == "k1"
            await stream.aclose()

    asyncio.run(scene())
    with Client(url, home.token) as client:
        client.submit(at_market("k2"))
        assert "k2" in (fill["order_id"] for fill in client.stream(["fills"], from_seq=0))


def test_what_repeating_cannot_mend_is_raised(home: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    server = home.serve().healthy()
    bad = Client(server.url, "ovp_" + "A" * 43)
    with pytest.raises(Unauthorized):
        next(bad.stream(["orders"], from_seq=0))
    with server.client() as client:
        with pytest.raises(Invalid, match="unknown topic ordres"):
            next(client.stream(["ordres"], from_seq=0))
        with pytest.raises(Invalid, match="from_seq"):
            next(client.stream(["orders"], from_seq=10**9))
        monkeypatch.setattr("omnivenue.client.stream.GIVE_UP_SECONDS", 0.2)
        stream = client.stream(["alerts"])
        server.stop()
        with pytest.raises(Unreachable, match="no stream for"):
            list(itertools.islice(stream, 100))
