"""The log of what is done: made of entries, by whoever follows them."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from msgspec.structs import replace

from journals import written
from omnivenue import telemetry
from omnivenue.engine import State
from omnivenue.journal import MemoryJournal, apply_entry
from omnivenue.message import (
    Accept,
    ExecType,
    ExecutionReport,
    NewOrder,
    OrderInstructed,
    Refuse,
    decode_entry,
)
from smart_floor import AT_B, SMART, Floor, smart

SCRIPT = [0, 3, 1, 2, 4, 6, 3, 5, 8]


@pytest.fixture
def folder(tmp_path: Path) -> Iterator[Path]:
    yield tmp_path / "logs"
    telemetry.close_files()


def told(folder: Path, component: str) -> list[dict[str, Any]]:
    return [json.loads(line) for line in (folder / f"{component}.log").read_text().splitlines()]


@pytest.mark.covers("V2")
def test_each_line_is_of_an_entry_and_each_entry_has_its_lines(folder: Path) -> None:
    journal, state = MemoryJournal("paper"), State()
    written(SCRIPT, journal)
    entries = [decode_entry(line) for line in journal.lines()]
    telemetry.to_files(folder, telemetry.FOLLOWED)
    for entry in entries:
        apply_entry(state, entry)
        telemetry.followed(state, entry)
    orders = told(folder, "orders")
    for kind, words in ((Accept, "accepted"), (Refuse, "refused"), (NewOrder, "routed")):
        seqs = [e.seq for e in entries for c in e.commands if isinstance(c, kind)]
        assert [line["seq"] for line in orders if line["message"].startswith(words)] == seqs
    submitted = [line for line in orders if line["message"] == "submitted by test"]
    asked = [e for e in entries if isinstance(e.event, OrderInstructed)]
    assert [line["seq"] for line in submitted] == [e.seq for e in asked]
    assert submitted[0] | {"qty": "0.1", "price": "60000", "side": "buy"} == submitted[0]
    trades = [
        e.event
        for e in entries
        if isinstance(e.event, ExecutionReport) and e.event.exec_type is ExecType.TRADE
    ]
    fills = told(folder, "fills")
    assert [line["exec_id"] for line in fills] == [trade.exec_id for trade in trades]
    assert fills[0] | {"qty": "0.05", "px": "60000", "venue": "OKX"} == fills[0]
    assert [line["message"] for line in told(folder, "sync")][:2] == [
        "OKX is there",
        "OKX answered",
    ]
    assert {line["logger"] for line in orders} == {"omnivenue.orders"}


@pytest.mark.covers("V2")
def test_an_order_over_venues_has_its_lines_as_any_other(folder: Path) -> None:
    floor, state = Floor(), State()
    floor.tell(smart("s1", lots=5))
    floor.tell(replace(smart("s2", lots=4), candidates=(AT_B.instrument_id,)))
    telemetry.to_files(folder, telemetry.FOLLOWED)
    for line in floor.journal.lines():
        entry = decode_entry(line)
        apply_entry(state, entry)
        telemetry.followed(state, entry)
    submitted = [line for line in told(folder, "orders") if line["message"] == "submitted by test"]
    assert [(line["instrument"], line["qty"]) for line in submitted] == [
        (SMART, "0.0005"),
        (SMART, "0.0004"),
    ]


def test_without_a_log_nothing_is_written(folder: Path) -> None:
    journal, state = MemoryJournal("paper"), State()
    written([0, 3], journal)
    for line in journal.lines():
        entry = decode_entry(line)
        apply_entry(state, entry)
        telemetry.followed(state, entry)
    assert not folder.exists()


@pytest.mark.covers("S1")
@pytest.mark.parametrize("logs", [("fills",), ("orders", "sync"), ("sync",)])
def test_a_log_that_is_not_wanted_is_not_written(folder: Path, logs: tuple[str, ...]) -> None:
    journal, state = MemoryJournal("paper"), State()
    written(SCRIPT, journal)
    telemetry.to_files(folder, logs)
    for line in journal.lines():
        entry = decode_entry(line)
        apply_entry(state, entry)
        telemetry.followed(state, entry)
    assert {path.stem for path in folder.iterdir()} == set(logs)
    assert all(told(folder, component) for component in logs)
