"""The tool that compares measurements."""

import json
from pathlib import Path
from typing import Any

import pytest

from compare_bench import main


def write(path: Path, *results: dict[str, Any]) -> None:
    path.write_text(json.dumps({"machine": {"cores": 2}, "results": list(results)}))


ORDERS = {"name": "core.orders", "value": 12234.0, "unit": "orders/s", "goal": 12000, "peer": None}


def test_each_line_says_how_it_was_before(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    write(tmp_path / "results.json", ORDERS, {"name": "new", "value": 3.5, "unit": "us"})
    write(tmp_path / "baseline.json", ORDERS | {"value": 6117.0}, {"name": "old", "value": 0})
    assert main(tmp_path) == 0
    lines = [line.split() for line in capsys.readouterr().out.splitlines()]
    assert lines == [
        ["name", "value", "baseline", "ratio", "goal", "unit"],
        ["core.orders", "12,234", "6,117", "2.00", "12,000", "orders/s"],
        ["new", "3.5", "-", "-", "-", "us"],
        ["old", "-", "0", "-", "-"],
    ]


def test_a_slower_machine_is_no_failure(tmp_path: Path) -> None:
    write(tmp_path / "results.json", ORDERS | {"value": 1})
    write(tmp_path / "baseline.json", ORDERS)
    assert main(tmp_path) == 0


def test_without_a_baseline_it_shows_what_is(tmp_path: Path) -> None:
    write(tmp_path / "results.json", ORDERS)
    assert main(tmp_path) == 0


@pytest.mark.parametrize("broken", ["", "{", '{"results": [{"name": "x"}]}', '{"results": 1}'])
@pytest.mark.parametrize("name", ["results.json", "baseline.json"])
def test_a_broken_file_is_a_failure(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], name: str, broken: str
) -> None:
    write(tmp_path / "results.json", ORDERS)
    write(tmp_path / "baseline.json", ORDERS)
    (tmp_path / name).write_text(broken)
    assert main(tmp_path) == 1
    assert "cannot compare" in capsys.readouterr().err


def test_results_that_are_not_there_are_a_failure(tmp_path: Path) -> None:
    assert main(tmp_path) == 1
