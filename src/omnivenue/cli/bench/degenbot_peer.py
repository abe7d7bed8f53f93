"""What degenbot needs for the same rounds through the same pools. Run by a Python that has it.

    python degenbot_peer.py < graph.json

Nothing of omnivenue's is there, so pools come in as JSON and answers go out as JSON. It is given
what it likes best: pools and paths are registered before the clock runs, and only the call that
solves them all is timed, with the results still in its own memory. It solves each path anew every
time. The quickest of the runs counts, as it does with ours.
"""

import json
import sys
from importlib import import_module
from importlib.metadata import version
from time import perf_counter
from typing import Any

CHAIN = 1


def address(n: int) -> str:
    return f"0x{n:040x}"


TOKENS, POOLS, FACTORY = 1_000, 100_000, address(1)


def register(bot: Any, number: int, pool: dict[str, Any]) -> int:
    """Its id with the engine. A test's door takes V2 pools whose address is of no factory."""
    here, tokens = address(POOLS + number), [address(TOKENS + n) for n in pool["tokens"]]
    if pool["kind"] == "v2":
        kept = 10_000 - pool["fee_bps"]
        fees = (kept, 10_000, kept, 10_000)
        rest = (FACTORY, 0, "uniswap-v2", False, None)
        return bot.register_v2_pool_test_only(here, *tokens, *pool["reserves"], *fees, *rest)
    nets = zip(pool["ticks"], pool["nets"], strict=True)
    ticks = {tick: (abs(net), net, 0) for tick, net in nets}  # each tick is of one side only
    terms = (pool["fee_pips"], pool["tick_spacing"], FACTORY)
    state = (pool["sqrt_price"], pool["liquidity"], pool["tick"])
    return bot.register_v3_pool(here, *tokens, *terms, *state, ticks, 0, "tracked")


def solve(work: dict[str, Any]) -> dict[str, Any]:
    """`rounds`: of each the hops, as a pool's number and whether its first token goes in."""
    core: Any = import_module("degenbot._ffi")
    bot = core.Bot(CHAIN)
    for n in sorted({n for pool in work["pools"] for n in pool["tokens"]}):
        bot.register_token(address(TOKENS + n), f"T{n}", f"T{n}", 18, CHAIN)
    ids = [register(bot, n, pool) for n, pool in enumerate(work["pools"])]
    engine = core.ArbitrageEngine(bot)
    paths = {
        engine.register_path([(ids[n], is_first) for n, is_first in hops])[0]: place
        for place, hops in enumerate(work["rounds"])
    }
    took: list[float] = []
    for block in range(1, work["runs"] + 1):
        started = perf_counter()
        engine.solve_all_paths(block)
        took.append(perf_counter() - started)
    earned = [0] * len(paths)
    for path, _, profit, *_ in engine.latest_results()[0]:
        earned[paths[path]] = profit
    return {"version": version("degenbot"), "seconds": min(took), "earned": earned}


if __name__ == "__main__":
    json.dump(solve(json.load(sys.stdin)), sys.stdout)
