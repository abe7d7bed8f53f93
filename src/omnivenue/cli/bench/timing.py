"""How long a short thing takes: the quickest of its runs, by the clock on the wall, for what is
called may use other processors. Whatever else the machine did is not ours."""

import gc
from collections.abc import Callable
from time import perf_counter

ENOUGH = 0.3  # seconds
RUNS_MIN = 5
RUNS_MAX = 2_000


def quickest[T](run: Callable[[], T], prepare: Callable[[], None] | None = None) -> tuple[float, T]:
    """In seconds, and what the last run gave. `prepare`: before each run, not timed."""
    took: list[float] = []
    gc.collect()
    while True:
        if prepare:
            prepare()
        started = perf_counter()
        found = run()
        took.append(perf_counter() - started)
        is_enough = sum(took) > ENOUGH and len(took) >= RUNS_MIN
        if is_enough or len(took) == RUNS_MAX or sum(took) > 10 * ENOUGH:
            return min(took), found


def each[T](call: Callable[[T], object], arguments: list[T]) -> float:
    """Of one call, in microseconds; the loop around them is counted in."""

    def run() -> None:
        for argument in arguments:
            call(argument)

    return quickest(run)[0] * 1e6 / len(arguments)
