"""Which tests show which requirement: the last column of docs/requirements.md.

    python tools/requirements.py            prints the table and writes it into the file
    python tools/requirements.py --check    fails where the file is not up to date

A test says so itself, with @pytest.mark.covers("E3", ...); a module with `pytestmark`. An id that
the file does not have is an error.
"""

import argparse
import ast
import re
import sys
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).parents[1]
TABLE = ROOT / "docs" / "requirements.md"
_ROW = re.compile(r"^\| ([A-Z]\d+) \| (.*) \| (.*) \|$")

type Shown = dict[str, list[str]]


def ids_of(mark: ast.expr) -> list[str]:
    """The ids of one `pytest.mark.covers(...)`; none of any other expression."""
    if not isinstance(mark, ast.Call) or not ast.unparse(mark.func).endswith("mark.covers"):
        return []
    return [str(arg.value) for arg in mark.args if isinstance(arg, ast.Constant)]


def marked(path: Path) -> Iterator[tuple[str, str]]:
    """(id, test) of every mark in a file of tests."""
    tree = ast.parse(path.read_text())
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            for mark in node.decorator_list:
                for requirement in ids_of(mark):
                    yield requirement, f"{path.stem}::{node.name}"
        elif isinstance(node, ast.Assign) and ast.unparse(node.targets[0]) == "pytestmark":
            for mark in ast.walk(node.value):
                for requirement in ids_of(mark) if isinstance(mark, ast.Call) else []:
                    yield requirement, path.stem


def collect(tests: Path) -> Shown:
    shown: Shown = {}
    for path in sorted(tests.rglob("test_*.py")):
        for requirement, test in marked(path):
            shown.setdefault(requirement, []).append(test)
    return shown


def filled(text: str, shown: Shown) -> str:
    """`text` with the last column as it is now. Raises KeyError for ids without a row."""
    lines: list[str] = []
    known: set[str] = set()
    for line in text.splitlines():
        row = _ROW.match(line)
        if row:
            known.add(row[1])
            tests = ", ".join(sorted(set(shown.get(row[1], []))))
            lines.append(f"| {row[1]} | {row[2]} | {tests} |")
        else:
            lines.append(line)
    unknown = sorted(set(shown) - known)
    if unknown:
        where = "; ".join(f"{i} in {', '.join(shown[i])}" for i in unknown)
        raise KeyError(f"docs/requirements.md has no {where}")
    return "\n".join(lines) + "\n"


def main(argv: list[str]) -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--check", action="store_true")
    given = parser.parse_args(argv)
    shown = collect(ROOT / "tests")
    before = TABLE.read_text()
    try:
        after = filled(before, shown)
    except KeyError as error:
        print(error.args[0], file=sys.stderr)
        return 1
    if given.check:
        if before != after:
            print("docs/requirements.md is not up to date: make requirements", file=sys.stderr)
        return int(before != after)
    TABLE.write_text(after)
    for requirement, tests in sorted(shown.items()):
        print(f"{requirement:4} {', '.join(sorted(set(tests)))}")
    print(f"{len(shown)} requirements are shown by tests")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
