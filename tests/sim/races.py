"""`python tests/sim/races.py [ROUNDS]`: many clients at once, and room for one of them.

Each of 64 clients wants 60 % of what a limit still allows, in one instant or within a second, in
orders of every kind, while the process dies and the disk fails; whoever does not hear asks again.
Exactly one may pass: the first to be decided upon takes the room, whatever becomes of its order
meanwhile. (Where the process died before it could be sent, and its venue has proven that it was
never placed, the room is free again, and another may come after it; and so is what is left of it
where the market had too little.) The windows for duplicates and
the rate limits, which would help, are waived.
"""

import os
import sys
import time
from concurrent.futures import ProcessPoolExecutor
from functools import partial
from itertools import pairwise
from random import Random

from omnivenue.engine import VenueStatus
from omnivenue.message import EndReason, Instruction, LimitsSet
from omnivenue.model import (
    QTY_UNIT,
    SECOND,
    Atoms,
    Instrument,
    LimitName,
    Limits,
    Side,
    unit,
)
from omnivenue.oms import Parent, Stage
from omnivenue.venue.sim.faults import Link
from omnivenue.venue.sim.record import Habits
from scene import AT_A, AT_F, CONFIGURED, DEPOSITS, LISTED, MAIN, MID, S1, S2, WHOLE, limit, order
from sim.faults import FailingJournal
from sim.liar import Liar
from sim.loop import CheckedLoop

CLIENTS = 64
SHARE = 60  # percent of the room, each
OPEN = 4 * SECOND
CHUNK = 20
RELAXED = (LimitName.ORDERS_PER_SECOND, LimitName.ORDERS_PER_MINUTE, LimitName.OPEN_ORDERS)


class Race:
    """One round: a limit, a market and a crowd, by seed."""

    def __init__(self, seed: int, loop_type: type[CheckedLoop] = CheckedLoop) -> None:
        self.random = random = Random(seed)
        self.disk: list[bytes] = []
        self.disk_permille = 0
        exchanges = {i.venue_id: Liar(seed, (i,), Habits(), lies=0) for i in LISTED}
        for event in DEPOSITS:
            exchanges[event.venue_id].deposit(event.account, event.asset, event.amount)
        venues = {
            v: (exchange, Link(seed + n)) for n, (v, exchange) in enumerate(exchanges.items())
        }
        self.loop = loop_type(seed, self._reopen, venues)
        self.instrument: Instrument = random.choice((AT_A, AT_F))
        self.lots = random.randint(20, 35) * 10  # of room; what the market shows is enough for one
        for event in (*CONFIGURED, *DEPOSITS, self._limits()):
            self.loop.push("operator", event)
        self.loop.run(until=OPEN)
        self.disk_permille = random.choice((0, 0, 30))
        self.loop.crash_permille = random.choice((0, 0, 5, 30))

    def run(self) -> None:
        side, spread = self.random.choice(tuple(Side)), self.random.choice((1, SECOND // 9, SECOND))
        for n in range(CLIENTS):
            asked = self._order(f"c{n}", side)
            at = self.loop.now + self.random.randrange(spread)
            self.loop.at(at, partial(self._ask, asked, is_at_door=self.random.randrange(2) > 0))
        self.loop.run(until=self.loop.now + 2 * SECOND)
        self.disk_permille = self.loop.crash_permille = 0
        self.loop.run(until=self.loop.now + 5 * SECOND)
        self.loop.look()

    @property
    def passed(self) -> list[Parent]:
        parents = self.loop.core.state.parents.values()
        return [p for p in parents if p.stage not in (Stage.RECEIVED, Stage.REFUSED)]

    @property
    def is_fair(self) -> bool:
        """Somebody has passed, and whoever passed before him was never placed, or had ended by then
        for want of a market."""
        orders = self.loop.core.state.orders
        placed = [p for p in self.passed if not any(orders[i].lost for i in p.children)]
        placed.sort(key=lambda p: p.seq)
        has_answers = len(self.loop.journal_checker.heard) == CLIENTS
        is_one = all(_has_left(one, other) for one, other in pairwise(placed))
        return has_answers and bool(self.passed) and is_one

    def _ask(self, asked: Instruction, *, is_at_door: bool) -> None:
        """Until it is answered; not while the venue is away or shows no price, which would be an
        answer too."""
        if asked.instruction_id in self.loop.journal_checker.heard:
            return
        venue = self.loop.core.state.venues[self.instrument.venue_id]
        has_price = self.loop.core.books.is_fresh(self.instrument.instrument_id, self.loop.now)
        if venue.status is VenueStatus.OPEN and has_price:
            self.loop.ask(asked, is_at_door=is_at_door)
        self.loop.at(self.loop.now + SECOND // 4, partial(self._ask, asked, is_at_door=False))

    def _order(self, key: str, side: Side) -> Instruction:
        """Whether it trades or rests, it takes its room at once."""
        away = self.random.choice((-30, 30))
        px = MID[self.instrument.instrument_id] * WHOLE * (10_000 + side.sign * away) // 10_000
        return order(
            key,
            side,
            self.lots * SHARE // 100,
            instrument=self.instrument,
            px=self.random.choice((None, Atoms(px // self.instrument.tick * self.instrument.tick))),
            account=MAIN,
            strategy_id=self.random.choice((S1, S2)),
            allow_duplicate=True,
        )

    def _limits(self) -> LimitsSet:
        atoms = self.lots * self.instrument.lot
        qty = atoms * QTY_UNIT // unit(self.instrument.base)
        scope = f"instrument:{self.instrument.instrument_id}"
        money = qty * MID[self.instrument.instrument_id] * 104 // 100  # prices move meanwhile
        which = self.random.choice(
            (
                limit(LimitName.POSITION_QTY, qty, scope),
                limit(LimitName.POSITION_NOTIONAL, money, scope),
                limit(LimitName.POSITION_NOTIONAL, money, f"account:{MAIN}"),
            )
        )
        collar = limit(LimitName.PRICE_COLLAR, 50_000)
        relaxed = tuple(limit(name, None) for name in RELAXED)
        return LimitsSet(limits=Limits(limits=(collar, which, *relaxed)), from_file=False)

    def _reopen(self) -> FailingJournal:
        return FailingJournal(self.disk, self._fails, self.random)

    def _fails(self) -> bool:
        return self.random.randrange(1000) < self.disk_permille


def _has_left(one: Parent, other: Parent) -> bool:
    """Before the other came."""
    *_, (ended_with, _, _) = one.moments
    return one.end is EndReason.UNFILLED and ended_with < other.seq


def run(seed: int) -> str:
    """What is wrong with this round; nothing, if all is well."""
    race = Race(seed)
    try:
        race.run()
    except AssertionError as error:
        return f"round {seed}: {error}"
    return "" if race.is_fair else f"round {seed}: {len(race.passed)} passed"


def main(argv: list[str]) -> int:
    count = int(argv[0]) if argv else 10_000
    began = time.monotonic()
    with ProcessPoolExecutor(os.cpu_count()) as pool:
        wrong = [said for said in pool.map(run, range(count), chunksize=CHUNK) if said]
    for said in wrong:
        sys.stdout.write(said + "\n")
    took = time.monotonic() - began
    text = f"{count - len(wrong)} of {count} rounds: one of {CLIENTS} passed; {took:.0f} s\n"
    sys.stdout.write(text)
    return int(bool(wrong))


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
