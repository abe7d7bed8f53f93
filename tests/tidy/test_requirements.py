"""The tool that says which tests show which requirement."""

from pathlib import Path

import pytest

from requirements import collect, filled

TABLE = (
    "| id | requirement | shown by |\n| A1 | engines stand apart | old::test |\n| B2 | more |  |\n"
)
TEST = """
import pytest

@pytest.mark.covers("A1")
def test_one() -> None: ...

@pytest.mark.covers("A1", "B2")
class TestMore: ...
"""


def test_marks_of_functions_and_classes_are_found(tmp_path: Path) -> None:
    (tmp_path / "test_it.py").write_text(TEST)
    (tmp_path / "scene.py").write_text(TEST)  # no test, so nothing that it says counts
    assert collect(tmp_path) == {
        "A1": ["test_it::test_one", "test_it::TestMore"],
        "B2": ["test_it::TestMore"],
    }


def test_a_module_mark_counts_for_the_module(tmp_path: Path) -> None:
    (tmp_path / "test_all.py").write_text('pytestmark = [pytest.mark.covers("B2")]')
    assert collect(tmp_path) == {"B2": ["test_all"]}


def test_the_last_column_is_written_anew() -> None:
    after = filled(TABLE, {"B2": ["b::test", "a::test", "a::test"]})
    assert "| A1 | engines stand apart |  |" in after
    assert "| B2 | more | a::test, b::test |" in after


def test_an_unknown_id_is_an_error_that_names_the_test() -> None:
    with pytest.raises(KeyError, match=r"Z9 in x::test"):
        filled(TABLE, {"Z9": ["x::test"]})
