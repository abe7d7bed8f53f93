"""`python tests/sim/seeds.py [COUNT [FIRST]]`: many bad days at once, and what they reached.

Prints one line per violation, with its seed, then the table of order states by event and the
counts. Exit code 1 where anything was violated, or where enough days have not met what they must.
"""

import os
import sys
import time
import traceback
from collections import Counter
from concurrent.futures import ProcessPoolExecutor

from sim.coverage import Reached, table, unmet
from sim.loop import CheckedLoop
from sim.world import Day

CHUNK = 5

type Told = tuple[str, Counter[str], Reached]


def counts(loop: CheckedLoop) -> Counter[str]:
    orders = loop.whole.orders.values()
    return Counter(
        seeds=1,
        entries=loop.core.state.seq,
        starts=loop.starts,
        failed_commits=loop.failed,
        fenced=loop.fenced,
        instructions=len(loop.journal_checker.heard),
        orders=len(orders),
        evicted=len(orders) - len(loop.core.state.orders),
        recalled=loop.recalled,
        fills=sum(len(o.fills) for o in orders),
        busts=sum(len(o.busts) for o in orders),
        proven_lost=sum(o.lost for o in orders),
        withheld=sum(o.withheld for o in orders),
        anomalies=sum(len(o.rare.flagged) for o in orders),
    )


def live(seed: int) -> Told:
    """One day: what was violated, if anything."""
    try:
        loop = Day(seed).run()
        loop.check_end()
    except Exception as error:  # whatever it is, it is this seed's
        where = traceback.extract_tb(error.__traceback__)[-1]
        said = f"{type(error).__name__}: {error} ({where.name}, line {where.lineno})"
        return f"seed {seed}: {said}", Counter(), Counter()
    return "", counts(loop), loop.coverage


def main(argv: list[str]) -> int:
    count = int(argv[0]) if argv else 1000
    first = int(argv[1]) if argv[1:] else 0
    totals: Counter[str] = Counter()
    reached: Reached = Counter()
    violations = 0
    began = time.monotonic()
    with ProcessPoolExecutor(os.cpu_count()) as pool:
        for said, counted, met in pool.map(live, range(first, first + count), chunksize=CHUNK):
            if said:
                violations += 1
                sys.stdout.write(said + "\n")
            totals.update(counted)
            reached.update(met)
    took = time.monotonic() - began
    sums = ", ".join(f"{name.replace('_', ' ')} {n}" for name, n in totals.items())
    sys.stdout.write(f"{table(reached)}\n{sums}\n")
    sys.stdout.write(f"{violations} violations in {count} seeds, {took:.0f} s\n")
    missing = unmet(reached, count)
    for found, kind in missing:
        sys.stdout.write(f"{found} has not met {kind}\n")
    return 1 if violations or missing else 0


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
