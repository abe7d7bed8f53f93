"""The one way in which pages that are made of the code are kept in line with it."""

from pathlib import Path

import pytest

from generated import keep


def test_a_page_is_written_and_from_then_on_held_against_the_code(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    page = tmp_path / "page.md"
    assert keep(page, "one\n", ["--check"]) == 1
    assert not page.exists()
    assert keep(page, "one\n", []) == 0
    assert keep(page, "one\n", ["--check"]) == 0
    capsys.readouterr()
    assert keep(page, "two\n", ["--check"]) == 1
    assert "docs/page.md is not what the code says" in capsys.readouterr().err
    assert page.read_text() == "one\n"
