"""Arbitrage signals over HTTP and over the older stream: the document that every door gives."""

import asyncio
import json
import threading
from pathlib import Path
from typing import Any

import msgspec
import pytest

from api_scene import Reply, running
from listeners import knocking, serving
from omnivenue.api import Scope
from omnivenue.route import default_terms
from omnivenue.wire import Invalid
from omnivenue.wire.arbitrage import Chain, Chains, answer, parse_arbitrage
from pool_documents import SIGNAL, profitable

PATH = "/execute/arbitrage"
GOOD = SIGNAL | {"principal": 10**9}


def with_pools(folder: Path) -> Chains:
    file = folder / "pools.json"
    file.write_text(json.dumps({"pools": profitable()}))
    return Chains([Chain(terms=default_terms("POLYGON"), pools=file)])


def post(
    folder: Path, *bodies: object, chains: Chains | None = None, scope: Scope | None = Scope.TRADE
) -> list[Reply]:
    """The answers, and the statistics after them. Nothing of it is journaled."""

    async def scene() -> list[Reply]:
        async with running(folder, is_open=False, chains=chains) as world:
            before = len(world.lines)
            found = [await world.client(scope).call("POST", PATH, body) for body in bodies]
            assert len(world.lines) == before
            return [*found, await world.client(Scope.READ).call("GET", "/stats")]

    return asyncio.run(scene())


@pytest.mark.covers("C4", "D7")
def test_the_answer_is_the_document_of_the_other_doors(tmp_path: Path) -> None:
    chains = with_pools(tmp_path)
    good, refused, stats = post(tmp_path, GOOD, SIGNAL, chains=chains)
    for reply, body in ((good, GOOD), (refused, SIGNAL)):
        signal = parse_arbitrage(body)
        assert not isinstance(signal, Invalid)
        assert reply.status == 200
        assert reply.document == msgspec.json.decode(msgspec.json.encode(answer(signal, chains)))
    assert (good.document["success"], good.document["pnl_usd"]) == (True, 56.343733)
    assert (refused.document["success"], refused.document["reason"]) == (False, "ARB-001")
    counted = [stats.document[name] for name in ("total_signals", "paper_executed", "failed")]
    assert counted == [2, 1, 1]


@pytest.mark.covers("C4")
def test_without_pools_it_is_a_refusal_that_says_so(tmp_path: Path) -> None:
    reply, _ = post(tmp_path, SIGNAL)
    assert (reply.status, reply.document["success"]) == (200, False)
    assert (reply.document["reason"], reply.document["mode"]) == ("NO_POOLS", "paper")


@pytest.mark.parametrize(
    ("body", "status", "code"),
    [
        (b"{", 400, "API-001"),
        ([], 422, "API-012"),
        ({}, 422, "API-011"),
        (SIGNAL | {"principal": -1}, 422, "API-017"),
        (SIGNAL | {"chain": "nowhere"}, 422, "API-014"),
    ],
)
def test_what_is_no_signal_is_told_as_for_every_other_call(
    tmp_path: Path, body: object, status: int, code: str
) -> None:
    reply, stats = post(tmp_path, body, chains=with_pools(tmp_path))
    assert (reply.status, reply.code) == (status, code)
    assert stats.document["total_signals"] == 0


@pytest.mark.parametrize(("scope", "status"), [(None, 401), (Scope.READ, 403), (Scope.ADMIN, 200)])
def test_it_takes_the_token_of_somebody_who_may_trade(
    tmp_path: Path, scope: Scope | None, status: int
) -> None:
    reply, _ = post(tmp_path, GOOD, chains=with_pools(tmp_path), scope=scope)
    assert reply.status == status


@pytest.mark.covers("C4")
def test_results_come_over_the_older_stream_too(tmp_path: Path) -> None:
    async def scene() -> list[dict[str, Any]]:
        heard: list[dict[str, Any]] = []
        async with (
            serving(tmp_path, chains=with_pools(tmp_path)) as (world, address),
            knocking(address, "/") as listener,
        ):
            await listener.say({"type": "auth", "token": world.tokens[Scope.TRADE]})
            heard.append(await listener.hear())
            for signal in (GOOD, SIGNAL, {"route": 1}):
                await listener.say({"type": "execute_arbitrage", "signal": signal})
                heard.append(await listener.hear())
        return heard

    _, good, refused, wrong = asyncio.run(scene())
    assert (good["type"], good["success"], good["pnl_usd"]) == ("arbitrage_result", True, 56.343733)
    assert (refused["success"], refused["reason"]) == (False, "ARB-001")
    assert (wrong["type"], wrong["error"]["code"]) == ("error", "API-012")


def test_who_may_only_read_has_nothing_priced_over_the_stream(tmp_path: Path) -> None:
    async def scene() -> dict[str, Any]:
        async with serving(tmp_path) as (world, address), knocking(address, "/") as listener:
            await listener.say({"type": "auth", "token": world.tokens[Scope.READ]})
            await listener.hear()
            await listener.say({"type": "execute_arbitrage", "signal": GOOD})
            return await listener.hear()

    heard = asyncio.run(scene())
    assert (heard["type"], heard["error"]["code"]) == ("error", "API-041")


def test_the_loop_goes_on_while_pools_are_read(tmp_path: Path) -> None:
    """What takes long takes it beside the loop: others are answered first."""

    class Slow(Chains):
        def chain(self, name: str | None = None) -> Chain:
            assert released.wait(10)
            return super().chain(name)

    released = threading.Event()

    async def scene() -> None:
        async with running(tmp_path, is_open=False, chains=Slow()) as world:
            slow = asyncio.create_task(world.client().call("POST", PATH, GOOD))
            assert (await world.client().call("GET", "/stats")).status == 200
            assert not slow.done()
            released.set()
            assert (await slow).document["reason"] == "NO_POOLS"

    asyncio.run(scene())
