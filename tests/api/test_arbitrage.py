"""Arbitrage signals over HTTP and over the older stream: the document that every door gives."""

import asyncio
import errno
import json
import os
import signal
import sys
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import msgspec
import pytest

from api_scene import Reply, World, running
from listeners import knocking, serving
from omnivenue.api import Scope
from omnivenue.api.pools import process
from omnivenue.api.pools.process import SECONDS_MAX, WAITING_MAX
from omnivenue.route import default_terms
from omnivenue.wire import Invalid
from omnivenue.wire.arbitrage import Chain, Chains, answer, parse_arbitrage
from pool_documents import SIGNAL, profitable
from raw_http import raw, request

PATH = "/execute/arbitrage"
GOOD = SIGNAL | {"principal": 10**9}


def pools_file(folder: Path) -> Path:
    file = folder / "pools.json"
    file.write_text(json.dumps({"pools": profitable()}))
    return file


def with_pools(folder: Path) -> Chains:
    file = pools_file(folder)
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
        parsed = parse_arbitrage(body)
        assert not isinstance(parsed, Invalid)
        assert reply.status == 200
        assert reply.document == msgspec.json.decode(msgspec.json.encode(answer(parsed, chains)))
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
            for each in (GOOD, SIGNAL, {"route": 1}):
                await listener.say({"type": "execute_arbitrage", "signal": each})
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


class Held:
    """A file of pools whose reader waits in the middle of it, until it is let go on."""

    def __init__(self, folder: Path) -> None:
        self.file = folder / "held.json"
        os.mkfifo(self.file)
        self.chains = Chains([Chain(terms=default_terms("POLYGON"), pools=self.file)])

    async def writer(self) -> int:
        """A descriptor of its, once somebody reads."""
        while True:
            try:
                return os.open(self.file, os.O_WRONLY | os.O_NONBLOCK)
            except OSError as error:
                assert error.errno == errno.ENXIO
                await asyncio.sleep(0.01)

    async def let_go(self) -> None:
        descriptor = await self.writer()
        os.write(descriptor, json.dumps({"pools": profitable()}).encode())
        os.close(descriptor)

    def replace(self) -> None:
        """By one that is read at once."""
        pools_file(self.file.parent).rename(self.file)


def in_the_middle(folder: Path, scene: Callable[[Held, World], Awaitable[None]]) -> None:
    async def run() -> None:
        held = Held(folder)
        async with running(folder, is_open=False, chains=held.chains) as world:
            await scene(held, world)

    asyncio.run(asyncio.wait_for(run(), 20))


@pytest.mark.covers("C4")
def test_pools_are_read_by_another_process_and_the_loop_goes_on(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A large file is read in one go, and whatever thread does it holds all others up."""

    def here(*_: object) -> None:
        raise AssertionError("pools were read by the process that trades")

    async def scene(held: Held, world: World) -> None:
        waiting = asyncio.create_task(world.client().call("POST", PATH, GOOD))
        os.close(await held.writer())  # so it has none
        assert (await waiting).document["reason"] == "NO_POOLS"
        first = world.pricing.pid
        assert first not in (None, os.getpid())
        waiting = asyncio.create_task(world.client().call("POST", PATH, GOOD))
        assert (await world.client().call("GET", "/stats")).document["total_signals"] == 1
        assert not waiting.done()
        await held.let_go()
        assert (await waiting).document["pnl_usd"] == 56.343733
        held.replace()
        changed = await world.client().call("POST", PATH, GOOD)
        assert (changed.document["pnl_usd"], world.pricing.pid) == (56.343733, first)

    monkeypatch.setattr(Chains, "market", here)
    in_the_middle(tmp_path, scene)


@pytest.mark.parametrize(
    ("number", "status", "code"),
    [(signal.SIGKILL, 500, "OUR-001"), (signal.SIGSTOP, 413, "API-004")],
)
def test_a_process_that_dies_or_hangs_is_a_refusal_and_the_next_is_answered(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
    number: signal.Signals,
    status: int,
    code: str,
) -> None:
    """One that is halted does not even hear its alarm. A file that is replaced while it is read
    counts from the next signal on."""
    monkeypatch.setattr(process, "GRACE_SECONDS", 1 - SECONDS_MAX)

    async def scene(held: Held, world: World) -> None:
        waiting = asyncio.create_task(world.client().call("POST", PATH, GOOD))
        descriptor = await held.writer()
        assert world.pricing.pid is not None
        os.kill(world.pricing.pid, number)
        held.replace()
        reply = await waiting
        os.close(descriptor)
        assert (reply.status, reply.code) == (status, code)
        reply = await world.client().call("POST", PATH, GOOD)
        assert (reply.status, reply.document["success"]) == (200, True)
        stats = await world.client().get("/stats")
        assert [stats[n] for n in ("total_signals", "paper_executed", "failed")] == [2, 1, 1]

    in_the_middle(tmp_path, scene)
    traced = [record.exc_info[2] for record in caplog.records if record.exc_info]
    assert traced == [None] * (status == 500), "that it ended is told once, and by no traceback"


def test_a_process_that_cannot_be_started_is_a_refusal_that_counts(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "executable", str(tmp_path / "no-python"))
    reply, stats = post(tmp_path, GOOD, chains=with_pools(tmp_path))
    assert (reply.status, reply.code) == (500, "OUR-001")
    assert (stats.document["total_signals"], stats.document["failed"]) == (1, 1)


def test_who_waits_while_the_server_stops_is_told_so_at_once(tmp_path: Path) -> None:
    async def scene(held: Held, world: World) -> None:
        client = world.client()
        waiting = [asyncio.create_task(client.call("POST", PATH, GOOD)) for _ in range(3)]
        descriptor = await held.writer()
        world.pricing.stop()
        replies = [*await asyncio.gather(*waiting), await client.call("POST", PATH, GOOD)]
        os.close(descriptor)
        assert [(reply.status, reply.code) for reply in replies] == [(503, "API-046")] * 4

    in_the_middle(tmp_path, scene)


def test_so_many_signals_wait_and_the_next_is_refused(tmp_path: Path) -> None:
    async def scene(held: Held, world: World) -> None:
        client = world.client()
        waiting = [asyncio.create_task(client.call("POST", PATH, GOOD)) for _ in range(WAITING_MAX)]
        descriptor = await held.writer()
        refused = await client.call("POST", PATH, GOOD)
        assert (refused.status, refused.headers["retry-after"]) == (429, "1")
        assert str(WAITING_MAX) in refused.document["error"]["message"]
        held.replace()
        os.close(descriptor)
        replies = await asyncio.gather(*waiting)
        assert [reply.status for reply in replies] == [200] * WAITING_MAX
        assert all(reply.document["success"] for reply in replies[1:])

    in_the_middle(tmp_path, scene)


def test_one_token_does_not_wait_for_all_that_another_asks(tmp_path: Path) -> None:
    async def scene(held: Held, world: World) -> None:
        answered: list[str] = []

        async def ask(scope: Scope) -> None:
            await world.client(scope).call("POST", PATH, GOOD)
            answered.append(scope.value)

        scopes = (Scope.TRADE, Scope.TRADE, Scope.TRADE, Scope.ADMIN)
        waiting = [asyncio.create_task(ask(scope)) for scope in scopes]
        descriptor = await held.writer()
        held.replace()
        os.close(descriptor)
        await asyncio.gather(*waiting)
        assert answered == ["trade", "admin", "trade", "trade"]

    in_the_middle(tmp_path, scene)


def test_a_process_that_dies_is_an_error_over_the_older_stream_which_goes_on(
    tmp_path: Path,
) -> None:
    held = Held(tmp_path)

    async def scene() -> list[dict[str, Any]]:
        async with (
            serving(tmp_path, chains=held.chains) as (world, address),
            knocking(address, "/") as listener,
        ):
            await listener.say({"type": "auth", "token": world.tokens[Scope.TRADE]})
            await listener.hear()
            await listener.say({"type": "execute_arbitrage", "signal": GOOD})
            descriptor = await held.writer()
            assert world.pricing.pid is not None
            os.kill(world.pricing.pid, signal.SIGKILL)
            died = await listener.hear()
            os.close(descriptor)
            held.replace()
            await listener.say({"type": "execute_arbitrage", "signal": GOOD})
            return [died, await listener.hear()]

    died, good = asyncio.run(asyncio.wait_for(scene(), 20))
    assert (died["type"], died["error"]["code"]) == ("error", "OUR-001")
    assert (good["type"], good["success"]) == ("arbitrage_result", True)


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_what_tells_the_server_to_stop_ends_no_process_that_it_ends_itself(
    tmp_path: Path, number: signal.Signals
) -> None:
    """A terminal and a supervisor tell all processes of a group."""

    async def scene(held: Held, world: World) -> None:
        waiting = asyncio.create_task(world.client().call("POST", PATH, GOOD))
        descriptor = await held.writer()
        assert world.pricing.pid is not None
        os.kill(world.pricing.pid, number)
        os.write(descriptor, json.dumps({"pools": profitable()}).encode())
        os.close(descriptor)
        assert (await waiting).status == 200

    in_the_middle(tmp_path, scene)


def test_chains_may_say_more_than_a_command_line_holds(tmp_path: Path) -> None:
    dollars = {f"0x{n:040x}": 6 for n in range(5_000)}
    terms = msgspec.structs.replace(default_terms("POLYGON"), dollars=dollars)
    chains = Chains([Chain(terms=terms, pools=pools_file(tmp_path))])
    reply, _ = post(tmp_path, GOOD, chains=chains)
    assert (reply.status, reply.document["success"]) == (200, True)


def test_chains_are_told_to_another_process_whole(tmp_path: Path) -> None:
    """Also fees that no machine word holds, and the file of chains that nobody configured."""
    terms = msgspec.structs.replace(
        default_terms("BASE"), base_fee=2**80, native=("X", "Y"), dollars={"U": 6}
    )
    told = Chains([Chain(terms=terms, pools=tmp_path / "a b.json")], tmp_path / "other.json")
    found = Chains.from_json(told.to_json())
    for name in (None, "BASE", "POLYGON"):
        assert found.chain(name) == told.chain(name)
    assert Chains.from_json(Chains().to_json()).chain() == Chains().chain()


@pytest.mark.parametrize("says_no_more", [True, False])
def test_who_leaves_ends_its_own_signal_which_counts_as_failed(
    tmp_path: Path, *, says_no_more: bool
) -> None:
    """Within less than the ten seconds that it would have had: the next is priced at once."""
    held = Held(tmp_path)

    async def scene() -> None:
        async with (
            serving(tmp_path, chains=held.chains) as (world, address),
            raw(address) as first,
            raw(address) as second,
        ):
            token = world.tokens[Scope.TRADE]
            first.say(request("POST", PATH, token, msgspec.json.encode(GOOD)))
            descriptor = await held.writer()
            if says_no_more:
                first.writer.write_eof()
                heard = await first.hear()
                assert (heard.status, heard.code) == (503, "API-046")
                assert "keep it open" in heard.document["error"]["message"]
            else:
                first.writer.close()
            held.replace()
            next_one = await second.ask("POST", PATH, token, msgspec.json.encode(GOOD))
            assert (next_one.status, next_one.document["success"]) == (200, True)
            stats = (await second.ask("GET", "/stats", token)).document
            counted = [stats[name] for name in ("total_signals", "paper_executed", "failed")]
            assert counted == [2, 1, 1]
            os.close(descriptor)

    asyncio.run(asyncio.wait_for(scene(), 8))
