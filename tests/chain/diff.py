"""`make chain-diff N=20000`: drawn pools and requests, the contracts' answers against a kernel's.

    python tests/chain/diff.py --count N --seed S [kind ...]

There are two kernels that must both be right: OMNIVENUE_KERNEL=reference asks the one of plain
Python.
"""

import argparse
import json
import sys
import time
from random import Random

import chain_setup
from chain.case import Case, Kernel, differences
from chain.kinds import KINDS
from chain.node import Node
from omnivenue.kernel import NAME

CASES_OF_SCENE = 40
SHOWN_MAX = 10


def compare(
    node: Node, name: str, count: int, seed: int, kernel: Kernel | None = None
) -> list[tuple[Case, str]]:
    """What differs in `count` answers of freshly drawn pools of one kind."""
    kind, rng = KINDS[name], Random(f"{name} {seed}")
    at = kind.deploy(node)
    found = list[tuple[Case, str]]()
    for start in range(0, count, CASES_OF_SCENE):
        with node.undone():
            scene = kind.draw(node, at, rng, min(CASES_OF_SCENE, count - start))
        found.extend(differences(scene, kernel or kind.answer))
    return found


def show(kind: str, count: int, seconds: int, found: list[tuple[Case, str]]) -> None:
    sys.stdout.write(f"{kind}: {len(found)} differences in {count} answers, {seconds} s\n")
    for case, why in found[:SHOWN_MAX]:
        whole = {"pools": case.pools, "request": case.request, "expected": case.expected}
        sys.stdout.write(f"  {why}\n  {json.dumps(whole)}\n")


def main() -> int:
    parser = argparse.ArgumentParser()
    parser.add_argument("--count", type=int, default=20_000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("kinds", nargs="*", default=list(KINDS))
    asked = parser.parse_args()
    chain_setup.ensure()
    failed = False
    sys.stdout.write(f"our answers are the {NAME} kernel's\n")
    for kind in asked.kinds:
        node, began = Node(chain_setup.CACHE), time.monotonic()
        count = asked.count // len(asked.kinds)
        try:
            found = compare(node, kind, count, asked.seed)
        finally:
            node.close()
        show(kind, count, round(time.monotonic() - began), found)
        failed |= bool(found)
    return int(failed)


if __name__ == "__main__":
    sys.exit(main())
