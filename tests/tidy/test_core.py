"""What the core may not do, beyond what it may not import."""

import ast
import re
from pathlib import Path

import pytest

from tidy.sources import CORE_FILES, FILES, SRC, calls, name_of

BANNED_IN_CORE = {"float", "hash", "id", "print", "open", "eval", "exec", "round", "input"}
BANNED_ANYWHERE = {"eval", "exec"}
BANNED_MODULES = {"pickle", "marshal", "shelve", "dill"}
BANNED_METHODS = {"yaml.load", "yaml.unsafe_load", "builtins.eval", "builtins.exec"}
MADE_IN_ONE_PLACE = [
    ("Approved", ["risk/check.py"]),
    ("Durable", ["journal/journal.py"]),
    # Somebody else's; ours; and by hand, at a simulated exchange.
    ("NewOrder", ["engine/apply_external.py", "engine/work.py", "venue/sim/by_hand.py"]),
    ("NotSent", ["runtime/gate.py"]),
    ("ReplaceOrder", ["engine/work.py"]),
]
RUN_FROM_OUTSIDE = {
    "omnivenue.runtime.simulated",  # the loop of tests/sim, and of backtests
    "omnivenue.execution_client",  # programs of others import it
}
APPLYING = {"settle", "turn", "shared"}  # and whatever is named apply_…
SQL = re.compile(r"\b(SELECT|INSERT|UPDATE|DELETE|CREATE|DROP)\b")


@pytest.mark.parametrize("path", CORE_FILES, ids=name_of)
def test_the_core_has_no_floats_and_no_waiting(path: Path) -> None:
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.BinOp | ast.AugAssign):
            assert not isinstance(node.op, ast.Div)
        if isinstance(node, ast.Constant):
            assert not isinstance(node.value, float)
        assert not isinstance(node, ast.AsyncFunctionDef | ast.Await | ast.AsyncFor | ast.AsyncWith)
    assert not calls(path) & BANNED_IN_CORE


@pytest.mark.parametrize("path", FILES, ids=name_of)
def test_data_is_never_code(path: Path) -> None:
    assert not calls(path) & BANNED_ANYWHERE
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            assert not {alias.name.partition(".")[0] for alias in node.names} & BANNED_MODULES
        if isinstance(node, ast.ImportFrom):
            assert node.module not in BANNED_MODULES
        if isinstance(node, ast.Call):
            assert ast.unparse(node.func) not in BANNED_METHODS
        if isinstance(node, ast.JoinedStr):
            assert not SQL.search(ast.unparse(node)), "values go into SQL as parameters"


@pytest.mark.parametrize("path", FILES, ids=name_of)
def test_no_error_is_swallowed(path: Path) -> None:
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.ExceptHandler) and all(isinstance(s, ast.Pass) for s in node.body):
            raise AssertionError(f"line {node.lineno}: use contextlib.suppress, and say why")


def test_python_is_started_in_one_place_only() -> None:
    """Which says how it must be."""
    started = [p for p in FILES if "sys.executable" in p.read_text()]
    assert [str(p.relative_to(SRC)) for p in started] == ["interpreter.py"]


@pytest.mark.parametrize(("name", "homes"), MADE_IN_ONE_PLACE)
def test_some_things_are_made_in_one_place_only(name: str, homes: list[str]) -> None:
    made = [p for p in FILES if name in calls(p) and p.relative_to(SRC).parts[0] != "cli"]
    assert [str(p.relative_to(SRC)) for p in made] == homes


def test_state_changes_in_apply_only() -> None:
    """Deciding code assigns to nothing that it did not make itself."""
    for path in (SRC / "engine").glob("*.py"):
        if path.stem in APPLYING or path.stem.startswith("apply_"):
            continue
        for node in ast.walk(ast.parse(path.read_text())):
            targets = node.targets if isinstance(node, ast.Assign) else []
            if isinstance(node, ast.AugAssign):
                targets = [node.target]
            assert not any(isinstance(t, ast.Attribute | ast.Subscript) for t in targets), path.name


def test_every_file_is_imported_by_another_or_run() -> None:
    text = "".join(p.read_text() for p in FILES)
    for path in FILES:
        is_run = '__name__ == "__main__"' in path.read_text()
        if is_run or path.name in {"__init__.py", "__main__.py"}:
            continue
        module = ".".join(("omnivenue", *path.relative_to(SRC).with_suffix("").parts))
        package, _, name = module.rpartition(".")
        is_imported = re.search(
            rf"from {re.escape(module)} import|import {re.escape(module)}\b"
            rf"|from {re.escape(package)} import \(?[^)]*\b{name}\b|\"{re.escape(module)}\b",
            text,
        )
        assert is_imported or module in RUN_FROM_OUTSIDE, f"{module} is dead"
