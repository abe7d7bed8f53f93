"""What the checks of the code look at."""

import ast
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).parents[2]
SRC = ROOT / "src" / "omnivenue"
# The engine and everything right of it; some of these folders are still to come.
CORE = (
    *("model", "kernel", "reference", "message", "oms", "ledger", "market", "chain"),
    *("plan", "risk", "route", "algo", "reconcile", "engine"),
)
FILES = sorted(SRC.rglob("*.py"))
CORE_FILES = [p for p in FILES if p.relative_to(SRC).parts[0].removesuffix(".py") in CORE]

type Function = ast.FunctionDef | ast.AsyncFunctionDef


def functions(tree: ast.AST) -> Iterator[Function]:
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            yield node


def calls(path: Path) -> set[str]:
    """Names called as such: `open(...)`, not `path.open(...)`."""
    tree = ast.parse(path.read_text())
    found = (n.func for n in ast.walk(tree) if isinstance(n, ast.Call))
    return {f.id for f in found if isinstance(f, ast.Name)}


def name_of(path: Path) -> str:
    return str(path.relative_to(ROOT))
