"""The benchmarks measure what they name and say it in the shape that was promised. How fast it is
is nobody's affair here."""

import asyncio
import json
import os
from collections.abc import Iterator
from pathlib import Path
from shutil import rmtree
from typing import Any, cast

import msgspec
import pytest

from commands import run
from omnivenue.cli import bench
from omnivenue.cli.bench import (
    arbitrage,
    core,
    day,
    disk,
    feed,
    http,
    kill,
    memory,
    paper,
    quotes,
    recovery,
    risk,
    start,
    stream,
    timing,
)
from omnivenue.cli.bench.result import Peer, Result, percentile
from omnivenue.cli.bench.scene import MAIN
from omnivenue.client import Client
from omnivenue.engine import State, state_hash
from omnivenue.journal import SqliteJournal, verify
from omnivenue.kernel import NAME
from omnivenue.message import EndReason, LimitsSet
from omnivenue.model import Limit, LimitName, Limits, Nanos, TradingState
from omnivenue.runtime import Clock, turn

ROWS = [
    "core.turns",
    "core.orders",
    "core.history",
    "disk.commit",
    "paper.durable",
    "paper.durable.64",
    "risk.check",
    "risk.floor",
    "kill_switch",
    "memory.base",
    "memory.order",
    "memory.history",
    "http.echo",
    "http.floor",
    "http.order",
    "http.echo.32",
    "http.floor.32",
    "http.order.32",
    "ws.stream",
    "ws.slow",
    "feed.replay",
    "start.help",
    "start.serve",
    "quote.v2",
    "quote.v3",
    "quote.v2.batch",
    "quote.v3.batch",
    "quote.balancer",
    "quote.curve",
    "arb.scan536",
    "arb.scan536.read",
    "arb.scan536.grid",  # degenbot's rows are there only where it is
    "arb.v3v3",
    "arb.scale",
    "arb.scale.touched",
    "arb.scale.all",
]
MEMBERS = {"name", "value", "unit", "p50_us", "p99_us", "goal", "peer", "note"}


@pytest.fixture(autouse=True)
def _tiny(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[None]:
    """The real measurements, of next to nothing."""
    monkeypatch.chdir(tmp_path)
    for owner, counts in (
        (core.measure, (20,)),
        (disk.measure, (5,)),
        (risk.measure, (20,)),
        (kill.measure, (2,)),
        (memory.measure, (3_000,)),  # memory comes by the megabyte
        (feed.measure, (1,)),
        (start.measure, (1,)),
        (recovery.measure, (3_000, 1_000)),
        (quotes.measure, (14,)),
    ):
        monkeypatch.setattr(owner, "__defaults__", counts)
    monkeypatch.setattr(paper, "ONE_BY_ONE", 5)
    monkeypatch.setattr(paper, "IN_FLIGHT", 128)
    for name, count in (("FILLS", 5), ("ORDERS", 3), ("ROUNDS", 1), ("SLOW", 2)):
        monkeypatch.setattr(stream, name, count)
    for name, count in (("ONE_BY_ONE", 5), ("MANY", 64), ("ROUNDS", 1)):
        monkeypatch.setattr(http, name, count)
    for name, count in (("ENOUGH", 0.0), ("RUNS_MIN", 1)):
        monkeypatch.setattr(timing, name, count)
    monkeypatch.setattr(arbitrage, "MARKET", arbitrage.Size(50, 90, 3, 4, 2))
    monkeypatch.setattr(arbitrage, "SCAN_TOKENS", 7)
    yield
    assert list(tmp_path.iterdir()) == [], "what was measured on is gone"


def documented(*names: str) -> dict[str, Any]:
    ran = run("bench", *names, "--json")
    assert ran.code == 0, ran.err
    return ran.document


def names_of(document: dict[str, Any]) -> list[str]:
    return [row["name"] for row in document["results"]]


def test_all_rows_are_there_in_the_shape_that_was_promised() -> None:
    document = documented()
    assert set(document) == {"machine", "results"}
    assert {"cores", "python"} <= set(document["machine"])
    assert names_of(document) == ROWS
    for row in document["results"]:
        assert {"name", "value", "unit"} <= set(row) <= MEMBERS
        assert isinstance(row["value"], int | float)
        is_stop = row["name"] == "kill_switch"  # after which nothing may have left any more
        assert row["value"] > 0 or (is_stop and row["value"] == 0), row
        if "p50_us" in row:
            assert row["p50_us"] <= row["p99_us"]
    goals = {row["name"]: row.get("goal") for row in document["results"]}
    fixed = {"core.turns": 20, "core.orders": 12_000, "core.history": 1.1, "start.help": 0.3}
    assert {name: goals[name] for name in fixed} == fixed
    fixed = {"risk.check": 5, "kill_switch": 10, "memory.base": 120, "memory.order": 2_000}
    assert {name: goals[name] for name in fixed} == fixed
    assert (goals["start.serve"], goals["ws.stream"], goals["ws.slow"]) == (1.5, 1_000, 1.05)
    assert goals["http.order.32"] == 8_000
    assert goals["disk.commit"] is None, "a floor has no goal"


def test_durable_paper_is_held_against_the_floors_of_the_same_run() -> None:
    rows = {row.name: row for row in paper.measure(100.0, 10_000.0)}
    assert rows["paper.durable"].goal == 2 * 100 + 150
    assert rows["paper.durable.64"].goal == pytest.approx(6_000)


def test_an_order_over_http_is_held_against_the_floors_of_the_same_run() -> None:
    rows = {row.name: row for row in http.measure(100.0)}
    assert rows["http.order"].goal == rows["http.echo"].value + 100 + 100
    for name, floor in (("http.order", "http.floor"), ("http.order.32", "http.floor.32")):
        peer, value = rows[name].peer, rows[name].value
        assert peer
        assert (peer.name, peer.value) == (floor, rows[floor].value)
        assert peer.ratio == pytest.approx(value / peer.value)


def test_without_wrk_a_loop_of_our_own_makes_the_load(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("shutil.which", lambda name: None)  # type: ignore[misc]
    rows = {row.name: row for row in http.measure(100.0)}
    assert all("wrk is not installed" in row.note for row in rows.values())
    assert rows["http.order.32"].value > 0


def test_what_is_named_is_shown_and_what_it_needs_is_measured_too() -> None:
    assert names_of(documented("disk")) == ["disk.commit"]
    assert names_of(documented("core.turns")) == ["core.turns"]
    assert names_of(documented("paper")) == ["paper.durable", "paper.durable.64"]


def test_recorded_messages_come_to_a_whole_book_also_where_there_is_only_the_excerpt() -> None:
    """It asserts that itself; here the folder of the recordings is not to be seen."""
    (row,) = feed.measure(1)
    assert row.note.startswith("4967 messages, in processor time; ../shared")
    assert row.peer
    assert row.goal == 150_000


def test_each_quote_and_search_has_its_goal_and_says_which_kernel_ran() -> None:
    rows = {row["name"]: row for row in documented("quote", "arb")["results"]}
    goals = {name: row["goal"] for name, row in rows.items() if "goal" in row}
    assert goals == {
        "quote.v2": 0.5,
        "quote.v3": 1.2,
        "quote.v2.batch": 0.06,
        "quote.v3.batch": 0.4,
        "quote.balancer": 3,
        "quote.curve": 2,
        "arb.scan536": 0.1,
        "arb.scan536.grid": 5_000,
        "arb.v3v3": 3,
        "arb.scale": 20,
    }
    timed = [row for row in rows.values() if row["unit"] in ("us", "ms") and "goal" in row]
    assert all(row["note"].startswith(f"{NAME} kernel; ") for row in timed)
    assert rows["quote.v3.batch"]["note"].endswith("; 3.00 ticks crossed on average")
    assert "make bench-peers" in rows["arb.scan536"]["note"]
    assert "make bench-peers" in rows["arb.v3v3"]["note"]
    grid = rows["arb.scan536.grid"]
    assert grid["value"] == grid["peer"]["ratio"]
    assert grid["peer"]["ratio"] == pytest.approx(
        grid["peer"]["value"] / rows["arb.scan536"]["value"]
    )


@pytest.mark.parametrize("name", ["nothing", "cores", "nothing.at.all"])
def test_an_unknown_name_is_a_mistake_of_usage(name: str) -> None:
    ran = run("bench", "disk", name, "--json")
    assert (ran.code, ran.out) == (2, "")
    assert name.partition(".")[0] in ran.err
    assert (
        "core, disk, paper, risk, kill_switch, memory, http, ws, feed, start, quote, arb,"
        in ran.err
    )


def test_for_people_it_is_a_table() -> None:
    ran = run("bench", "disk")
    assert ran.code == 0
    assert "disk.commit" in ran.out
    with pytest.raises(json.JSONDecodeError):
        json.loads(ran.out)


def test_orders_of_the_core_are_really_filled() -> None:
    bench_run = core.Run()
    for n in range(4):
        bench_run.order(n)
    parents = bench_run.core.state.parents.values()
    assert [parent.filled for parent in parents] == [parent.order.qty for parent in parents]
    assert (len(bench_run.turns_ns), len(bench_run.orders_ns)) == (4 * 3, 4)


def test_a_journal_of_a_day_is_recovered_where_that_is_asked_for() -> None:
    document = documented("recovery")
    rows = ["recovery.start", "recovery.fold", "recovery.replay", "recovery.snapshot"]
    assert names_of(document) == rows
    assert [row.get("goal") for row in document["results"]] == [2, 40_000, 40_000, None]
    assert "and 1000 entries since" in document["results"][0]["note"]


def test_a_day_has_all_that_a_day_has(tmp_path: Path) -> None:
    journal = SqliteJournal(tmp_path / "home", "bench")
    made = day.Day(journal)
    made.until(3_000)
    state = made.core.state
    ends = {parent.end for parent in state.parents.values()}
    assert {EndReason.FILLED, EndReason.CANCELLED, EndReason.UNFILLED, None} <= ends
    assert any(order.replaces for order in state.orders.values())
    assert any(parent.reasons for parent in state.parents.values()), "some are refused"
    assert state.positions[MAIN]
    assert state_hash(verify(State(), journal.lines())) == state_hash(state)
    journal.close()
    rmtree(tmp_path / "home")


def test_the_risk_check_is_asked_by_an_account_that_trades_and_changes_nothing() -> None:
    scene = risk.Scene(risk.INSTRUMENTS[:8], 40)
    state = scene.core.state
    positions = [p for each in state.positions[MAIN].values() for p in each.values() if p.qty]
    assert (len(positions), len(state.live)) == (8, 40)
    assert set(state.limit_index["global"]) == {name.value for name in LimitName}
    before = state_hash(state)
    assert all(scene.check(n) > 0 for n in range(16))
    assert state_hash(state) == before


def test_a_risk_check_that_refuses_is_no_measurement() -> None:
    scene = risk.Scene(risk.INSTRUMENTS[:4], 0)
    tight = Limit(scope="global", name=LimitName.ORDER_QTY, value=1)
    turn(scene.core, scene.at, "test", LimitsSet(limits=Limits(limits=(tight,)), from_file=False))
    with pytest.raises(AssertionError, match="RISK-005"):
        scene.check(0)


class _Stopper:
    """Says that trading is stopped, and has it go on as if nothing had been said."""

    def __init__(self, desk: paper.Desk) -> None:
        self._desk = desk

    def kill(self, scope: str, reason: str) -> None:
        self._desk.loop.trading_state = lambda scope: TradingState.KILLED  # type: ignore

    def rearm(self, scope: str, reason: str) -> None:
        raise AssertionError("there was an order to find first")


@pytest.mark.holds("I16")
def test_an_order_that_leaves_after_a_stop_is_no_slowness_but_a_failure(tmp_path: Path) -> None:
    async def play() -> None:
        journal, clock = SqliteJournal(tmp_path / "home", "bench"), Clock(Nanos(0))
        wire = kill.Watched(paper.exchange(clock))
        desk = paper.Desk(journal, clock, wire)
        wire.loop = desk.loop
        running = asyncio.create_task(desk.loop.run())
        await paper.until_open(desk)
        flowing = asyncio.create_task(kill.Flow(desk).run())
        with pytest.raises(kill.SentAfter, match="through a shut gate"):
            await kill.one_trip(cast(Client, _Stopper(desk)), wire)
        for task in (flowing, running):
            task.cancel()
        await asyncio.gather(flowing, running, return_exceptions=True)
        journal.close()

    asyncio.run(play())
    rmtree(tmp_path / "home")


def test_orders_that_are_over_are_kept_and_then_leave() -> None:
    keeping = memory.Keeping()
    for _ in range(2):
        keeping.lot(300)
        assert len(keeping.core.state.parents) == len(keeping.core.state.orders) == 300
        keeping.pause()
        assert (keeping.core.state.parents, keeping.core.state.orders) == ({}, {})


def test_the_memory_of_a_process_is_told_in_bytes() -> None:
    before = memory.resident(os.getpid())
    held = bytearray(b"x" * 64_000_000)
    assert 50_000_000 < memory.resident(os.getpid()) - before < 80_000_000, len(held)


@pytest.mark.parametrize(("percent", "expected"), [(0, 0.001), (50, 0.051), (99, 0.1), (100, 0.1)])
def test_a_percentile_is_one_of_the_values(percent: int, expected: float) -> None:
    assert percentile(list(range(100, 0, -1)), percent) == expected


def test_a_peer_stands_beside_the_number() -> None:
    peer = Peer(name="another", value=3_000.0, ratio=4.0)
    told = msgspec.to_builtins(Result(name="x", value=12_000.0, unit="orders/s", peer=peer))
    assert told["peer"] == {"name": "another", "value": 3_000.0, "ratio": 4.0}
    assert set(bench.machine()) >= {"cores", "python"}
