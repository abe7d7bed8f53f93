"""Writes tests/vectors: pools, requests and what the contracts answered, for those without a chain.

The same seed writes the same bytes. A line is one scene, so that a change shows as one.
"""

import json
import sys
from collections.abc import Iterator
from pathlib import Path
from random import Random
from typing import Any

import chain_setup
from chain.case import Case, Scene
from chain.kinds import KINDS
from chain.node import Node

FOLDER = Path(__file__).parents[1] / "vectors"
SEED = 6
# kind -> (scenes, cases in each)
SIZES = {
    **{"uniswap_v2": (10, 10), "uniswap_v3": (21, 6), "uniswap_v4": (18, 6)},
    **{"balancer": (18, 6), "aave": (5, 20)},
}


def written(scene: Scene) -> dict[str, Any]:
    cases = [{"request": case.request, "expected": case.expected} for case in scene.cases]
    return {"pools": scene.pools, "cases": cases}


def load(kind: str) -> list[Scene]:
    scenes = list[Scene]()
    for row in json.loads((FOLDER / f"{kind}.json").read_text())["scenes"]:
        cases = [Case(row["pools"], case["request"], case["expected"]) for case in row["cases"]]
        scenes.append(Scene(row["pools"], cases))
    return scenes


def drawn_rows(node: Node, kind: str, scenes: int) -> Iterator[str]:
    at, rng = KINDS[kind].deploy(node), Random(f"{kind} {SEED}")
    for _ in range(scenes):
        with node.undone():
            scene = KINDS[kind].draw(node, at, rng, SIZES[kind][1])
        yield json.dumps(written(scene), separators=(",", ":"))


def drawn(node: Node, kind: str) -> str:
    rows = ",\n".join(drawn_rows(node, kind, SIZES[kind][0]))
    about = f'"made by `make vectors`: answers of the contracts, seed {SEED}"'
    return f'{{"about": {about}, "scenes": [\n{rows}\n]}}\n'


def main() -> None:
    chain_setup.ensure()
    for kind in sys.argv[1:] or KINDS:
        node = Node(chain_setup.CACHE)
        try:
            (FOLDER / f"{kind}.json").write_text(drawn(node, kind))
        finally:
            node.close()


if __name__ == "__main__":
    main()
