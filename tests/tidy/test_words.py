"""Names that say something, and nothing that belongs to one machine or to nobody."""

import ast
import re
import subprocess
from pathlib import Path

import pytest

from tidy.sources import FILES, ROOT, name_of

BANNED_NAMES = re.compile(
    r"(Manager|Handler|Helper|Utils?|Factory|Provider|Service|Base|Common|Data|Info)$"
)
# Written so that this file does not find itself.
HOSTS = re.compile(
    r"py[p]i\.org|pythonho[s]ted\.org|npm[j]s\.(org|com)|(index|static)\.crate[s]\.io|deb\.deb[i]an"
)
MACHINE_PATHS = re.compile(r"(^|[^A-Za-z0-9_./-])/(work|farm|root)/")
UNFINISHED = re.compile(r"\b(TO[D]O|FIX[M]E|XX[X]|HAC[K])\b")


def tracked() -> list[Path]:
    listed = subprocess.check_output(["git", "ls-files", "-z"], cwd=ROOT).decode().split("\0")
    return [ROOT / name for name in listed if name and (ROOT / name).is_file()]


@pytest.mark.parametrize("path", FILES, ids=name_of)
def test_names_say_something(path: Path) -> None:
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.ClassDef):
            assert not BANNED_NAMES.search(node.name), node.name
    assert not BANNED_NAMES.search(path.stem.title().replace("_", ""))


def test_no_file_names_a_registry_or_a_path_of_one_machine() -> None:
    for path in tracked():
        text = path.read_text(errors="replace")  # recordings and pictures too
        assert not MACHINE_PATHS.search(text), path
        if path.name != "Cargo.lock":  # cargo writes its registry into it
            assert not HOSTS.search(text), path


def test_nothing_is_marked_as_unfinished() -> None:
    for path in FILES:
        assert not UNFINISHED.search(path.read_text()), path
