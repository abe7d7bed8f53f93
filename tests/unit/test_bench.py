"""The benchmarks measure what they name and say it in the shape that was promised. How fast it is
is nobody's affair here."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import msgspec
import pytest

from commands import run
from omnivenue.cli import bench
from omnivenue.cli.bench import core, disk, feed, paper, start
from omnivenue.cli.bench.result import Peer, Result, percentile

ROWS = [
    "core.turns",
    "core.orders",
    "core.history",
    "disk.commit",
    "paper.durable",
    "paper.durable.64",
    "feed.replay",
    "start.help",
    "start.serve",
]
MEMBERS = {"name", "value", "unit", "p50_us", "p99_us", "goal", "peer", "note"}


@pytest.fixture(autouse=True)
def _tiny(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[None]:
    """The real measurements, of next to nothing."""
    monkeypatch.chdir(tmp_path)
    for owner, counts in (
        (core.measure, (20,)),
        (disk.measure, (5,)),
        (feed.measure, (1,)),
        (start.measure, (1,)),
    ):
        monkeypatch.setattr(owner, "__defaults__", counts)
    monkeypatch.setattr(paper, "ONE_BY_ONE", 5)
    monkeypatch.setattr(paper, "IN_FLIGHT", 128)
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
        assert row["value"] > 0
        if "p50_us" in row:
            assert row["p50_us"] <= row["p99_us"]
    goals = {row["name"]: row.get("goal") for row in document["results"]}
    fixed = {"core.turns": 20, "core.orders": 12_000, "core.history": 1.1, "start.help": 0.3}
    assert {name: goals[name] for name in fixed} == fixed
    assert goals["start.serve"] == 1.5
    assert goals["disk.commit"] is None, "a floor has no goal"


def test_durable_paper_is_held_against_the_floors_of_the_same_run() -> None:
    rows = {row.name: row for row in paper.measure(100.0, 10_000.0)}
    assert rows["paper.durable"].goal == 2 * 100 + 150
    assert rows["paper.durable.64"].goal == pytest.approx(6_000)


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


@pytest.mark.parametrize("name", ["nothing", "cores", "nothing.at.all"])
def test_an_unknown_name_is_a_mistake_of_usage(name: str) -> None:
    ran = run("bench", "disk", name, "--json")
    assert (ran.code, ran.out) == (2, "")
    assert name.partition(".")[0] in ran.err
    assert "core, disk, paper, feed, start" in ran.err


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


@pytest.mark.parametrize(("percent", "expected"), [(0, 0.001), (50, 0.051), (99, 0.1), (100, 0.1)])
def test_a_percentile_is_one_of_the_values(percent: int, expected: float) -> None:
    assert percentile(list(range(100, 0, -1)), percent) == expected


def test_a_peer_stands_beside_the_number() -> None:
    peer = Peer(name="another", value=3_000.0, ratio=4.0)
    told = msgspec.to_builtins(Result(name="x", value=12_000.0, unit="orders/s", peer=peer))
    assert told["peer"] == {"name": "another", "value": 3_000.0, "ratio": 4.0}
    assert set(bench.machine()) >= {"cores", "python"}
