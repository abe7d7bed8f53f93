"""The page of logs and tables says what is, no more and no less."""

import re
from pathlib import Path

import pytest

from omnivenue.api.tables import schema
from omnivenue.telemetry import COMPONENTS, FOLLOWED, Code

PAGE = (Path(__file__).parents[2] / "docs" / "observability.md").read_text()


@pytest.mark.covers("V5")
def test_every_code_and_every_file_is_on_the_page() -> None:
    rows = re.findall(r"^\| `([A-Z]+-\d+)` \| (\w+) \| (.+) \|$", PAGE, re.MULTILINE)
    assert rows == sorted(code.value for code in Code)
    files = re.findall(r"^\| `(\w+)\.log` \|", PAGE, re.MULTILINE)
    assert files == [*COMPONENTS, *FOLLOWED]


def test_every_table_is_on_the_page() -> None:
    tables = re.findall(r"^CREATE TABLE (\w+)", schema.CREATE, re.MULTILINE)
    assert tables == [schema.ORDERS, schema.POSITIONS, schema.PARTS, schema.PROGRESS]
    for table in tables:
        assert f"| `{table}` |" in PAGE
