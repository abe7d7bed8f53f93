"""How long a user waits: for `--help`, and for a server that has reconciled its venues."""

import subprocess
import time
from pathlib import Path

from omnivenue.cli.bench.disk import scratch
from omnivenue.cli.bench.result import Result
from omnivenue.cli.demo.stage import Stage
from omnivenue.interpreter import words_for

RUNS = 5


def measure(runs: int = RUNS) -> list[Result]:
    helps = sorted(_help() for _ in range(runs))
    with scratch() as folder:
        serves = sorted(_serve(folder / str(n)) for n in range(runs))
    return [
        Result(name="start.help", value=helps[runs // 2], unit="s", goal=0.3),
        Result(
            name="start.serve",
            value=serves[runs // 2],
            unit="s",
            goal=1.5,
            note="until healthy, on an empty home, the simulated exchanges started with it",
        ),
    ]


def _help() -> float:
    began = time.monotonic()
    subprocess.run([*words_for("omnivenue"), "--help"], stdout=-3, check=True)
    return time.monotonic() - began


def _serve(home: Path) -> float:
    stage = Stage(home, keeps_going=False)
    try:
        return stage.start_server()
    finally:
        stage.close()
