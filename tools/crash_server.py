"""A paper server that kills itself at a named point, or has a bug planted in it. Everything else is
the real one."""

import argparse
import os
import sys
from pathlib import Path

import crash_plants
import crash_points
from omnivenue.app import serve
from omnivenue.config import load


def main() -> int:
    parser = argparse.ArgumentParser()
    parser.add_argument("--home", type=Path, required=True)
    parser.add_argument("--config", type=Path, required=True)
    parser.add_argument("--point", choices=sorted(crash_points.POINTS))
    parser.add_argument("--hit", type=int, default=1)
    parser.add_argument("--plant", choices=sorted(crash_plants.PLANTS))
    given = parser.parse_args()
    if given.plant:
        crash_plants.plant(given.plant)
    if given.point:
        crash_points.install(given.point, given.hit)
    return serve(load(given.config, os.environ, Path.cwd()), given.home, port=0)


if __name__ == "__main__":
    sys.exit(main())
