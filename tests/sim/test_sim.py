"""Whole days under a seed, with everything going wrong. A failing seed is the bug report.

`SEEDS=1000` for more of them; `python tests/sim/seeds.py 1000` prints what they reached.
"""

import os
import subprocess
import sys
from collections import Counter

import pytest

from omnivenue.engine import state_hash
from omnivenue.journal import decision_hash
from sim.coverage import SOON, Reached, unmet
from sim.world import Day

SEEDS = int(os.environ.get("SEEDS", "200"))

reached: Reached = Counter()
done: list[int] = []


@pytest.mark.covers("O9", "N3")
@pytest.mark.holds(
    *("I1", "I2", "I3", "I4", "I5", "I6", "I7", "I9", "I10", "I11", "I12", "I13", "I15", "L1"),
    *("T01", "T13", "T15", "T17", "T18", "T19", "T21", "T22", "T24"),
)
@pytest.mark.parametrize("seed", range(SEEDS))
def test_a_bad_day_ends_well(seed: int) -> None:
    live(seed)


def live(seed: int) -> None:
    loop = Day(seed).run()
    loop.check_end()
    reached.update(loop.coverage)
    done.append(seed)


def test_every_kind_of_report_met_every_status_that_it_can_meet() -> None:
    for seed in range(SEEDS, SEEDS + min(SOON) - len(done)):  # other processes have had the others
        live(seed)
    assert not unmet(reached, len(done))


@pytest.mark.holds("I5", "I7")
def test_neither_the_process_nor_its_hash_seed_matters() -> None:
    assert len({digest_in_new_process(hash_seed) for hash_seed in ("1", "2")}) == 1


def digest_in_new_process(hash_seed: str) -> str:
    env = {**os.environ, "PYTHONHASHSEED": hash_seed, "PYTHONPATH": os.pathsep.join(sys.path)}
    return subprocess.check_output([sys.executable, __file__], env=env, text=True)


if __name__ == "__main__":
    for loop in (Day(seed).run() for seed in range(6)):
        lines = loop.core.journal.lines()
        sys.stdout.write(f"{state_hash(loop.core.state)} {decision_hash(lines)}\n")
