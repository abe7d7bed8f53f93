"""Other people's searches, over the very same rounds through the same pools, in the same run.

degenbot lives in an environment of its own (`make bench-peers`), for its dependencies are none of
ours, and answers in a process of its own. Where it is absent, rows say so. An answer is held
against ours before its time counts: who finds something else is measured at something else.
"""

import json
import subprocess
from collections.abc import Mapping, Sequence
from pathlib import Path
from time import perf_counter
from typing import NamedTuple

from omnivenue.cli.bench import grid
from omnivenue.cli.bench.pool_graphs import AnyPool, Graph, Round
from omnivenue.kernel import V2Pool, V3Pool

PYTHON = Path(".bench-peers/bin/python")  # as seen from the project
SCRIPT = Path(__file__).with_name("degenbot_peer.py")
RUNS = 40  # of a search that takes about ten milliseconds
PATIENCE = 120  # seconds
ABSENT = "degenbot is not installed: make bench-peers"


class Answer(NamedTuple):
    kind: str
    name: str
    seconds: float
    earned: list[int]  # by each round, or 0


class Silent(NamedTuple):
    why: str


class Share(NamedTuple):
    """Of what we earn with all rounds, where theirs is not more with any: in parts of 1000, of the
    rounds that both have."""

    rounds: int
    lowest: int
    median: int


def by_grid(graph: Graph, rounds: Sequence[Round]) -> Answer:
    """One run: it takes long enough for that."""
    started = perf_counter()
    earned = grid.search(graph, rounds)
    return Answer(
        "grid", f"{grid.POINTS} sizes a round in Python", perf_counter() - started, earned
    )


def by_degenbot(graph: Graph, rounds: Sequence[Round], runs: int = RUNS) -> Answer | Silent:
    if not PYTHON.exists():
        return Silent(ABSENT)
    work = asked(graph, rounds, runs)
    try:
        ran = subprocess.run(
            [PYTHON, SCRIPT],
            input=json.dumps(work).encode(),
            capture_output=True,
            timeout=PATIENCE,
            check=True,
        )
    except subprocess.CalledProcessError as error:
        said = error.stderr.decode(errors="replace").strip().rpartition("\n")[2]
        return Silent(f"degenbot could not be measured: {said}")
    except subprocess.TimeoutExpired:
        return Silent(f"degenbot took more than {PATIENCE} s")
    answer = json.loads(ran.stdout)
    return Answer("degenbot", f"degenbot {answer['version']}", answer["seconds"], answer["earned"])


def asked(graph: Graph, rounds: Sequence[Round], runs: int) -> Mapping[str, object]:
    """What `degenbot_peer.py` reads."""
    return {
        "pools": [_told(*each) for each in zip(graph.pools, graph.tokens, strict=True)],
        "rounds": [[(pool, token_in == 0) for pool, token_in, _ in each] for each in rounds],
        "runs": runs,
    }


def share(theirs: Sequence[int], ours: Sequence[int], within: Sequence[int]) -> Share:
    """Both by each round, 0 where it earns nothing; `within`: how sure ours is. Raises
    AssertionError where they earn more than we say that anybody can."""
    parts: list[int] = []
    for their, our, most in zip(theirs, ours, within, strict=True):
        assert their <= our + most, f"a peer earns {their} where we earn {our}"
        if their:
            parts.append(their * 1000 // our)
    parts.sort()
    assert parts, "a peer that finds nothing at all was asked something else"
    return Share(len(parts), parts[0], parts[len(parts) // 2])


def _told(pool: AnyPool, tokens: tuple[int, ...]) -> Mapping[str, object]:
    if isinstance(pool, V2Pool):
        return {"kind": "v2", "tokens": tokens, "reserves": pool.reserves, "fee_bps": pool.fee_bps}
    assert isinstance(pool, V3Pool), "no peer is asked about other kinds"
    parts = ("fee_pips", "tick_spacing", "sqrt_price", "tick", "liquidity", "ticks", "nets")
    return {"kind": "v3", "tokens": tokens} | {part: getattr(pool, part) for part in parts}
