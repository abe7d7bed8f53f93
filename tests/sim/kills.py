"""`python tests/sim/kills.py [ROUNDS]`: a kill at a random instant of a bad day.

At any instant: between two events, or between a decision and its way to the wire. Everything else
goes wrong as on other days: the process dies, the disk fails, wires lose what they carry. Nothing
that makes a risk larger may leave after it, from this process or from a later one, and nobody arms
it again; at the end the scope is still killed, and nothing of it works.
"""

import os
import sys
import time
from concurrent.futures import ProcessPoolExecutor
from functools import partial
from random import Random

from omnivenue.engine import VenueStatus
from omnivenue.journal import Durable
from omnivenue.message import NewOrder, ReplaceOrder
from omnivenue.model import TradingState
from sim.loop import CheckedLoop
from sim.workload import DAY, MORNING, Workload, change, group, place
from sim.world import AFTERNOON, HEALS_IN, Day

CHUNK = 10
CALLS = (place, place, place, change, group)


class KilledLoop(CheckedLoop):
    """Counts what leaves before the kill and after it."""

    before = after = 0
    countdown = -1  # sends until somebody pulls the plug in between

    def on_send(self, durable: Durable) -> None:
        if isinstance(durable.command, NewOrder | ReplaceOrder):
            if self.kill_checker.stops:
                self.after += 1
            else:
                self.before += 1
        super().on_send(durable)

    def _let_go(self, durable: Durable) -> None:
        if isinstance(durable.command, NewOrder | ReplaceOrder) and self.countdown >= 0:
            if self.countdown == 0:
                kill(self)
            self.countdown -= 1
        super()._let_go(durable)


def kill(loop: KilledLoop) -> None:
    loop.set_state("global", TradingState.KILLED, "the campaign", "test")


class KilledDay(Day):
    def __init__(self, seed: int) -> None:
        super().__init__(seed, KilledLoop)
        loop = self.loop
        assert isinstance(loop, KilledLoop)
        self.killed = loop
        random = Random(seed)
        loop.kill_permille = 0
        if random.randrange(2):
            loop.countdown = random.randrange(12)
        loop.at(random.randrange(MORNING, DAY), partial(kill, loop))

    def run(self) -> CheckedLoop:
        work = Workload(self.random, self.loop)
        for n in range(40):
            act = self.random.choice(CALLS)
            act(work, self.random.randrange(MORNING, DAY), f"i{n}")
        self.loop.run(until=DAY + AFTERNOON)
        self.weather.end(self.loop)
        self.loop.run(until=self.loop.now + HEALS_IN)
        for venue_id in self.loop.venues:
            self.loop.halt(venue_id, "drill")
        self.loop.run(until=self.loop.now + HEALS_IN)
        self.loop.look()
        return self.loop


def live(seed: int) -> tuple[str, int, int, int]:
    """What was violated; sends before and after the kill, and processes that it outlived."""
    day = KilledDay(seed)
    loop = day.killed
    try:
        day.run()
        state = loop.core.state
        assert state.stopped["global"].state is TradingState.KILLED, "not killed any more"
        assert loop.gate.state("global") is TradingState.KILLED, "the gate has forgotten it"
        assert all(v.status is VenueStatus.OPEN for v in state.venues.values())
        mine = [p for p in state.live if not p.startswith("external~")]
        assert not mine, f"{mine} work on"
    except AssertionError as error:
        return f"round {seed}: {error}", loop.before, loop.after, loop.starts
    return "", loop.before, loop.after, loop.starts


def main(argv: list[str]) -> int:
    count = int(argv[0]) if argv else 1_000
    began = time.monotonic()
    with ProcessPoolExecutor(os.cpu_count()) as pool:
        rows = list(pool.map(live, range(count), chunksize=CHUNK))
    wrong = [said for said, *_ in rows if said]
    for said in wrong:
        sys.stdout.write(said + "\n")
    before, after = sum(row[1] for row in rows), sum(row[2] for row in rows)
    starts = sum(row[3] for row in rows)
    took = time.monotonic() - began
    sys.stdout.write(
        f"{count} kills, {before} sends before, {after} after, {starts - count} restarts, "
        f"{len(wrong)} violations; {took:.0f} s\n"
    )
    return int(bool(wrong) or after > 0)


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
