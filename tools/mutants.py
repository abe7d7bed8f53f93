"""Plants bugs, one at a time, in a copy, and says which of them the tests catch.

    python tools/mutants.py [NAME ...]

A bug that survives is a bug in the tests. The tests run first on a copy without a bug: where they
fail there, "caught" would mean nothing. A bug that makes the tests hang is caught.
"""

import os
import shutil
import signal
import subprocess
import sys
import tempfile
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from mutants_list import MUTANTS as PYTHON
from mutants_list import Mutant
from mutants_rust import RUST
from mutants_search import SEARCH

ROOT = Path(__file__).parents[1]
TESTS = ("tests/unit", "tests/property", "tests/conformance", "tests/sim")
IGNORED = shutil.ignore_patterns(".*", "__pycache__", "node_modules", "target")
SEEDS = "60"
SECONDS = 600
MUTANTS = [*PYTHON, *RUST, *SEARCH]


def plant(mutant: Mutant, root: Path) -> None:
    path = mutant.within(root)
    text = path.read_text()
    count = text.count(mutant.old)
    if count != 1:
        raise ValueError(f"{mutant.name}: what it replaces stands {count} times in {mutant.path}")
    path.write_text(text.replace(mutant.old, mutant.new))


def passes(mutant: Mutant | None, root: Path = ROOT, tests: Sequence[str] = TESTS) -> bool:
    """Whether all tests pass on a copy of `root` with that bug in it."""
    with tempfile.TemporaryDirectory() as folder:
        copy = Path(folder) / "copy"
        shutil.copytree(root, copy, ignore=IGNORED)
        if mutant:
            plant(mutant, copy)
        if mutant and mutant.is_rust:
            # One folder for all copies: what they depend on is compiled once.
            env = {"CARGO_TARGET_DIR": str(ROOT / "rust" / "target" / "mutants")}
            return _succeeds(["cargo", "test", "--quiet"], copy / "rust", env)
        there = [name for name in tests if (copy / name).is_dir()]
        # Processes that a test starts must see the copy too, not what is installed.
        env = {"PYTHONPATH": str(copy / "src"), "SEEDS": SEEDS}
        pytest = [sys.executable, "-m", "pytest", "-x", "-q", "-p", "no:cacheprovider"]
        return _succeeds([*pytest, *there], copy, env)


def _succeeds(command: Sequence[str], folder: Path, env: Mapping[str, str]) -> bool:
    """False also where it hangs: then it ends with all that it has started."""
    done = subprocess.Popen(
        command,
        cwd=folder,
        env={**os.environ, **env},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )
    try:
        return done.wait(timeout=SECONDS) == 0
    except subprocess.TimeoutExpired:
        os.killpg(done.pid, signal.SIGKILL)
        done.wait()
        return False


def main(names: Sequence[str]) -> int:
    unknown = sorted(set(names) - {m.name for m in MUTANTS})
    if unknown:
        print(f"no such bug: {', '.join(unknown)}", file=sys.stderr)
        return 2
    if not passes(None):
        print("the tests fail without any bug planted", file=sys.stderr)
        return 1
    wanted = [m for m in MUTANTS if not names or m.name in names]
    with ThreadPoolExecutor(os.cpu_count()) as pool:
        survived = list(pool.map(passes, wanted))
    for mutant, is_alive in zip(wanted, survived, strict=True):
        print("SURVIVED" if is_alive else "caught  ", mutant.name)
    print(f"{survived.count(False)} of {len(wanted)} caught")
    return int(any(survived))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
