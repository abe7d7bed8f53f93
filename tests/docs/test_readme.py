"""What README tells a newcomer to type works: every line of its sh blocks is run, in its order.

The server that it starts goes on in the background, on a port and in a home of the test's own.
"""

import os
import re
import subprocess
import sys
from pathlib import Path

from servers import Home

ROOT = Path(__file__).parents[2]
RUN_BY_CI = {"make test", "make check"}
INSTEAD = {"make demo": "omnivenue demo"}  # the environment is there when this test runs
SERVE = "omnivenue serve"
SECONDS = 120


def commands() -> list[str]:
    blocks: list[str] = re.findall(r"```sh\n(.*?)```", (ROOT / "README.md").read_text(), re.DOTALL)
    lines = [line.partition("  #")[0].strip() for block in blocks for line in block.splitlines()]
    wanted = [line for line in lines if line and line not in RUN_BY_CI]
    return [INSTEAD.get(line, line) for line in wanted]


def run(command: str, home: Path, url: str) -> None:
    here = command.replace("http://127.0.0.1:8001", url)
    here = here.replace("~/.local/share/omnivenue", str(home))
    scripts = Path(sys.executable).parent
    env = {
        **os.environ,
        "OMNIVENUE_HOME": str(home),
        "PATH": os.pathsep.join((str(scripts), os.environ["PATH"])),
    }
    done = subprocess.run(
        ["bash", "-c", here],
        cwd=home.parent,
        env=env,
        capture_output=True,
        text=True,
        timeout=SECONDS,
        check=False,
    )
    assert done.returncode == 0, f"{command}\n{done.stdout}{done.stderr}"


def test_the_readme_begins_with_the_two_commands() -> None:
    text = (ROOT / "README.md").read_text()
    assert 0 <= text.index("make demo") < text.index("make test") < text.index("## ")
    assert SERVE in commands()


def test_the_demo_of_the_readme(tmp_path: Path) -> None:
    for command in commands()[: commands().index(SERVE)]:
        run(command, tmp_path / "home", "")


def test_the_walk_through_of_the_readme(tmp_path: Path) -> None:
    home = Home(tmp_path)
    try:
        home.config.write_text('mode = "paper"')  # and nothing else: the built-in defaults
        server = home.serve().healthy()
        for command in commands()[commands().index(SERVE) + 1 :]:
            run(command, home.folder, server.url)
    finally:
        home.close()
