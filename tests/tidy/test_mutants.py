"""The tool that plants bugs, and its list."""

from pathlib import Path

import pytest

from mutants import MUTANTS, ROOT, passes, plant
from mutants_list import Mutant

BUG = Mutant("one is two", "one.py", "ONE = 1", "ONE = 2")
CODE = '"""A number."""\n\nONE = 1\n'
TEST = "from omnivenue.one import ONE\n\ndef test_one() -> None:\n    assert ONE == 1\n"
BLIND = "from omnivenue.one import ONE\n\ndef test_one() -> None:\n    assert ONE\n"


def project(root: Path, test: str) -> Path:
    for folder in ("src/omnivenue", "tests/unit"):
        (root / folder).mkdir(parents=True)
    (root / "src/omnivenue/__init__.py").touch()
    (root / "src/omnivenue/one.py").write_text(CODE)
    (root / "tests/unit/test_one.py").write_text(test)
    return root


@pytest.mark.parametrize("mutant", MUTANTS, ids=lambda m: m.name)
def test_every_bug_still_fits(mutant: Mutant) -> None:
    assert mutant.within(ROOT).read_text().count(mutant.old) == 1
    assert mutant.new != mutant.old


def test_every_bug_has_a_name_of_its_own() -> None:
    assert len({m.name for m in MUTANTS}) == len(MUTANTS)


def test_a_bug_is_planted_in_the_copy_only_and_caught(tmp_path: Path) -> None:
    root = project(tmp_path, TEST)
    assert passes(None, root)
    assert not passes(BUG, root)
    assert (root / "src/omnivenue/one.py").read_text() == CODE


def test_a_bug_survives_blind_tests(tmp_path: Path) -> None:
    assert passes(BUG, project(tmp_path, BLIND))


def test_no_tests_is_not_a_pass(tmp_path: Path) -> None:
    root = project(tmp_path, TEST)
    (root / "tests/unit/test_one.py").unlink()
    assert not passes(None, root)


@pytest.mark.parametrize("text", ["ONE = 3\n", CODE + "ONE = 1\n"])
def test_a_bug_that_does_not_fit_is_an_error(tmp_path: Path, text: str) -> None:
    root = project(tmp_path, TEST)
    (root / "src/omnivenue/one.py").write_text(text)
    with pytest.raises(ValueError, match="one is two"):
        plant(BUG, root)
