"""What README tells a newcomer to type works: every line of its sh blocks is run."""

import os
import re
import shlex
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
SCRIPTS = Path(sys.executable).parent  # not resolved: the environment's, not the system's
RUN_BY_CI = {"make test", "make check"}
INSTEAD = {"make demo": "omnivenue demo"}  # the environment is there when this test runs
SECONDS = 120


def commands() -> list[str]:
    blocks = re.findall(r"```sh\n(.*?)```", (ROOT / "README.md").read_text(), re.DOTALL)
    lines = [line.partition("#")[0].strip() for block in blocks for line in block.splitlines()]
    return [line for line in lines if line and line not in RUN_BY_CI]


def test_the_readme_has_commands() -> None:
    assert "make demo" in commands()


@pytest.mark.parametrize("command", commands())
def test_a_command_of_the_readme_works(command: str, tmp_path: Path) -> None:
    words = shlex.split(INSTEAD.get(command, command))
    assert words[0] == "omnivenue", "a new kind of command needs a way to be run here"
    env = {**os.environ, "OMNIVENUE_HOME": str(tmp_path / "home")}
    done = subprocess.run(
        [SCRIPTS / words[0], *words[1:]],
        cwd=tmp_path,
        env=env,
        capture_output=True,
        text=True,
        timeout=SECONDS,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
