"""What README tells a newcomer to type works: every line of its sh blocks is run, in its order, and
every Python block is a program.

The server that it starts goes on in the background, on a port and in a home of the test's own.
"""

import os
import re
import subprocess
import sys
from functools import partial
from pathlib import Path

from servers import Home, eventually

ROOT = Path(__file__).parents[2]
RUN_BY_CI = {"make test", "make check", "make setup"}
INSTEAD = {"make demo": "omnivenue demo"}  # the environment is there when this test runs
SERVE = "omnivenue serve"
SMART = "SMART:SPOT_PAIR:BTC-USDT"
SECONDS = 120


def blocks() -> list[tuple[str, str]]:
    """Language and content."""
    return re.findall(r"```(sh|python)\n(.*?)```", (ROOT / "README.md").read_text(), re.DOTALL)


def commands() -> list[str]:
    shell = [content for language, content in blocks() if language == "sh"]
    lines = [line.partition("  #")[0].strip() for block in shell for line in block.splitlines()]
    wanted = [line for line in lines if line and line not in RUN_BY_CI]
    return [INSTEAD.get(line, line) for line in wanted]


def run(command: str, home: Path, url: str) -> str:
    """What it says on stdout."""
    here = command.replace("http://127.0.0.1:8001", url)
    here = here.replace("~/.local/share/omnivenue", str(home))
    return ran(["bash", "-c", here], home, command)


def is_filled(command: str, home: Path, url: str) -> bool:
    return "FILLED" in run(command, home, url)


def ran(words: list[str], home: Path, told: str) -> str:
    scripts = Path(sys.executable).parent
    env = {
        **os.environ,
        "OMNIVENUE_HOME": str(home),
        "PATH": os.pathsep.join((str(scripts), os.environ["PATH"])),
    }
    done = subprocess.run(
        words,
        cwd=home.parent,
        env=env,
        capture_output=True,
        text=True,
        timeout=SECONDS,
        check=False,
    )
    assert done.returncode == 0, f"{told}\n{done.stdout}{done.stderr}"
    return done.stdout


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
        home.config.unlink()  # `init` writes one, and over none that is there
        for command in commands()[commands().index(SERVE) + 1 :]:
            said = run(command, home.folder, server.url)
            if SMART in command and "--wait" in command:
                assert "FILLED" in said, command
            if "/v1/instructions/" in command:  # a newcomer takes longer to type it
                eventually(partial(is_filled, command, home.folder, server.url))
        programs = [content for language, content in blocks() if language == "python"]
        assert programs
        for program in programs:
            said = ran([sys.executable, "-c", program], home.folder, program)
            assert said.startswith("SMART FILLED 3 "), said
    finally:
        home.close()
