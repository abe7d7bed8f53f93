"""The process that writes the tables, as its server sees it."""

import time
from pathlib import Path

import pytest

from omnivenue.app.tables import TablesProcess

WITHIN_SECONDS = 20.0


def test_what_it_says_does_not_halt_it_and_its_end_is_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """More than a pipe holds that nobody reads; and there is no journal, so that it ends."""
    monkeypatch.setenv("PYTHONVERBOSE", "2")
    failures = list[str]()
    tables = TablesProcess(tmp_path, "paper", failures.append)
    deadline = time.monotonic() + WITHIN_SECONDS
    while not failures and time.monotonic() < deadline:
        tables.tend()
        time.sleep(0.05)
    tables.close()
    assert failures[0].startswith("exit 1")
    assert "# destroy" in failures[0], "the end of it"
