"""`make setup` as far as it decides anything: what it installs and builds with is played here."""

import os
import shutil
import subprocess
from pathlib import Path

from tidy.sources import ROOT

DONE, FAILED = "#!/bin/sh\nexit 0\n", "#!/bin/sh\necho no rustc >&2\nexit 1\n"


def write_tool(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)
    path.chmod(0o755)


def change_later(path: Path) -> None:
    """By more than a file system's clock ticks."""
    changed = path.stat().st_mtime + 10
    os.utime(path, (changed, changed))


def checkout(root: Path) -> None:
    for name in ("Makefile", "tools/setup.sh", "pyproject.toml", "locks/core.txt", "locks/dev.txt"):
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(ROOT / name, root / name)
    write_tool(root / "rust/kernel/lib.rs", "")
    write_tool(root / ".venv/bin/python", DONE)
    write_tool(root / ".venv/bin/maturin", DONE)
    write_tool(root / "bin/uv", DONE)


def setup(root: Path) -> str:
    """What it says."""
    path = f"{root}/bin:/usr/bin:/bin"
    done = subprocess.run(
        ["make", "setup"],
        cwd=root,
        env={"PATH": path},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=True,
    )
    return done.stdout


def test_a_build_that_failed_is_tried_again_and_one_that_did_not_is_not(tmp_path: Path) -> None:
    checkout(tmp_path)
    write_tool(tmp_path / "bin/cargo", DONE)
    write_tool(tmp_path / ".venv/bin/maturin", FAILED)
    for _ in range(2):
        assert "so the compiled kernel was not built" in setup(tmp_path)
    write_tool(tmp_path / ".venv/bin/maturin", DONE)
    assert "Nothing to be done" not in setup(tmp_path)
    assert "Nothing to be done" in setup(tmp_path)


def test_without_a_cargo_it_is_done_until_one_comes(tmp_path: Path) -> None:
    checkout(tmp_path)
    assert "no cargo on PATH" in setup(tmp_path)
    assert "Nothing to be done" in setup(tmp_path)
    write_tool(tmp_path / "bin/cargo", DONE)
    assert "Nothing to be done" not in setup(tmp_path)
    (tmp_path / "bin/cargo").unlink()
    change_later(tmp_path / "pyproject.toml")
    assert "compiled of these sources stays" in setup(tmp_path)
    change_later(tmp_path / "rust/kernel/lib.rs")
    assert "will run" in setup(tmp_path)
    assert not (tmp_path / ".venv/.compiled").exists()
