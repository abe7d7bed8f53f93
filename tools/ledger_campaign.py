"""`python tools/ledger_campaign.py [POSTINGS [FIRST_SEED]]`: the ledger against the reference.

Trading floors by the dozen, each with a seed of its own; after every few thousand postings all
numbers of both ledgers are compared to the atom. Exit code 1 where they differ.
"""

import os
import sys
import time
from collections import Counter
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1] / "tests"))

from trading_floor import Floor

A_FLOOR = 50_000  # postings: more of them would only make it slower
COMPARED_EVERY = 5_000

type Told = tuple[int, int, int, Counter[str]]


def trade(seed: int, postings: int) -> Told:
    """The seed, units of difference, postings, and what happened."""
    floor, apart = Floor(seed), 0
    while floor.reference.postings < postings and not apart:
        floor.run(min(postings, floor.reference.postings + COMPARED_EVERY))
        apart = floor.units_apart()
    return seed, apart, floor.reference.postings, floor.counts


def main(argv: list[str]) -> int:
    wanted = int(argv[0]) if argv else 1_000_000
    first = int(argv[1]) if argv[1:] else 1
    sizes = [min(A_FLOOR, wanted - begun) for begun in range(0, wanted, A_FLOOR)]
    postings = apart = 0
    counts: Counter[str] = Counter()
    began = time.monotonic()
    with ProcessPoolExecutor(os.cpu_count()) as pool:
        seeds = range(first, first + len(sizes))
        for seed, differs, booked, happened in pool.map(trade, seeds, sizes):
            postings, apart = postings + booked, apart + differs
            counts += happened
            if differs:
                print(f"seed {seed}: {differs} units of difference within {booked:,} postings")
            seconds = time.monotonic() - began
            print(f"{postings:,} of {wanted:,} postings, {seconds:.0f} s", file=sys.stderr)
    print(", ".join(f"{count:,} {kind}" for kind, count in sorted(counts.items())))
    print(f"{apart:,} units of difference over {postings:,} postings")
    return 1 if apart else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
