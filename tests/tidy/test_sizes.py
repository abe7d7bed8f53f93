"""Small files, small functions, and as much test code as code."""

import ast
from pathlib import Path
from statistics import median

import pytest

from tidy.sources import FILES, ROOT, functions, name_of

FILE_LINES_MAX = 400
FILE_LINES_MEDIAN_MAX = 150
FUNCTION_LINES_MAX = 60
TESTS_PER_SOURCE_MIN = 0.9


def lines_of(path: Path) -> int:
    return path.read_text().count("\n")


@pytest.mark.parametrize("path", FILES, ids=name_of)
def test_small_and_explained(path: Path) -> None:
    tree = ast.parse(path.read_text())
    assert lines_of(path) <= FILE_LINES_MAX
    assert ast.get_docstring(tree), "say what this file is for"
    for f in functions(tree):
        assert (f.end_lineno or 0) - f.lineno < FUNCTION_LINES_MAX, f.name


def test_the_median_file_is_small() -> None:
    assert median(map(lines_of, FILES)) <= FILE_LINES_MEDIAN_MAX


def test_there_is_about_as_much_test_as_code() -> None:
    tests = sum(map(lines_of, (ROOT / "tests").rglob("*.py")))
    assert tests >= TESTS_PER_SOURCE_MIN * sum(map(lines_of, FILES))
