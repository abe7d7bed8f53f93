"""What clients ask for in one day: orders, cancels, the same again, and a key used twice.

A client that did not hear asks again, with the same key. What an act is, stands in `ACTS`.
"""

from collections.abc import Callable
from functools import partial
from random import Random

import msgspec

from omnivenue.message import Instruction, OrderInstructed, RearmAsked
from omnivenue.model import SECOND, Atoms, Nanos, TradingState
from scene import MAIN, OTHER, S1, S2, cancel, cancel_all, order, replace
from sim.limiting import tight
from sim.listing import BY_ID, LISTED
from sim.loop import CheckedLoop
from sim.orders import an_order, large, native_stop, price, stop, until

PERCENTS = (20, 50, 80, 100, 150)
MORNING = 4 * SECOND
DAY = 25 * SECOND


class Workload:
    def __init__(self, random: Random, loop: CheckedLoop) -> None:
        self.random = random
        self.loop = loop
        self.asked: list[OrderInstructed] = []

    def plan(self) -> None:
        """All that is asked in a day, at its time."""
        for n in range(self.random.randint(5, 40)):
            (act,) = self.random.choices(list(ACTS), list(ACTS.values()))
            act(self, self.random.randrange(MORNING, DAY), f"i{n}")

    def ask(self, at: int, instruction: Instruction) -> int:
        """At `at`, and perhaps again; when it was asked last."""
        for n in range(self.random.randint(1, 3)):
            at += self.random.randrange(5 * SECOND) if n else 0
            is_at_door = self.random.randrange(4) > 0
            self.loop.at(at, partial(self.loop.ask, instruction, is_at_door=is_at_door))
        return at

    def maybe_reuse(self, at: int, key: str) -> None:
        """Something else under a key that is in use."""
        if self.random.randrange(10) == 0:
            others = (an_order(self.random, key), cancel_all(key), cancel(key, "i0"))
            is_at_door = self.random.randrange(2) > 0
            other = self.random.choice(others)
            self.loop.at(at, partial(self.loop.ask, other, is_at_door=is_at_door))


def place(work: Workload, at: int, key: str) -> None:
    """An order, and often its cancel: before it, with it or long after it."""
    asked = an_order(work.random, key)
    work.asked.append(asked)
    at = work.ask(at, asked)
    work.maybe_reuse(at, key)
    if work.random.randrange(3) == 0:
        at += work.random.randrange(5 * SECOND)
        work.loop.at(at, partial(work.loop.ask, cancel(f"{key}/c", key)))


def sweep(work: Workload, at: int, key: str) -> None:
    """A cancel of all that match."""
    instrument = work.random.choice(LISTED)
    which: tuple[dict[str, str], ...] = (
        {},
        {"venue_id": instrument.venue_id},
        {"instrument_id": instrument.instrument_id},
        {"strategy_id": S1},
        {"account": OTHER, "strategy_id": S2},
    )
    work.maybe_reuse(work.ask(at, cancel_all(key, **work.random.choice(which))), key)


def group(work: Workload, at: int, key: str) -> None:
    """A few of one name, close to the market and to one another."""
    first = an_order(work.random, key)
    for n in range(work.random.randint(2, 4)):
        side = work.random.choice((first.side, first.side.opposite))
        px = price(work.random, BY_ID[first.instrument_id], side, -12, 3)
        lots = work.random.randint(5, 60)
        asked = order(
            f"{key}/{n}",
            side,
            lots,
            instrument=BY_ID[first.instrument_id],
            px=px,
            account=first.account,
            strategy_id=first.strategy_id,
            oco=key,
        )
        work.asked.append(asked)
        work.ask(at + work.random.randrange(SECOND), asked)


def change(work: Workload, at: int, key: str) -> None:
    """An order of before becomes another, once or again and again, racing with what fills it."""
    if not work.asked:
        place(work, at, key)
        return
    target = work.random.choice(work.asked[-5:])
    order_id = work.random.choice((target.instruction_id, f"{target.instruction_id}~tp"))
    for n in range(work.random.choice((1, 1, 2, 4))):
        lot = BY_ID[target.instrument_id].lot
        what: dict[str, Atoms] = {}
        if work.random.randrange(3):
            what["qty"] = Atoms(work.random.randint(1, 300) * lot)
        if not what or work.random.randrange(2):
            instrument = BY_ID[target.instrument_id]
            what["limit_px"] = price(work.random, instrument, target.side, -60, 30)
        at = work.ask(at, replace(f"{key}/{n}", order_id, **what))
        at += work.random.randrange(2 * SECOND)


def chase(work: Workload, at: int, key: str) -> None:
    """An order that follows the market as soon as it is heard of, and so is nearly always being
    changed: while it fills, triggers, is corrected or ends."""
    asked = work.random.choice((large, large, stop, native_stop, until))(work.random, key)
    if asked.expire_at is not None:
        expire_at = Nanos(at + work.random.randrange(SECOND, 6 * SECOND))
        asked = msgspec.structs.replace(asked, expire_at=expire_at)
    work.asked.append(asked)
    work.loop.at(at, partial(work.loop.ask, asked))
    instrument = BY_ID[asked.instrument_id]
    for n in range(work.random.randint(2, 6)):
        at += work.random.randrange(SECOND // 10, SECOND)
        what = {"limit_px": price(work.random, instrument, asked.side, -30, 5)}
        if asked.limit_px is None or work.random.randrange(3) == 0:
            what = {"qty": Atoms(work.random.randint(100, 330) * instrument.lot)}
        work.loop.at(at, partial(work.loop.ask, replace(f"{key}/{n}", key, **what)))


def stop_trading(work: Workload, at: int, key: str) -> None:
    """Somebody kills, halts or reduces, and mostly arms again after a while."""
    scope = work.random.choice(
        ("global", f"venue:{LISTED[0].venue_id}", f"account:{MAIN}", f"strategy:{S1}")
    )
    states = (TradingState.KILLED, TradingState.HALTED, TradingState.REDUCE_ONLY)
    state = work.random.choice(states)
    work.loop.at(at, partial(work.loop.set_state, scope, state, key, "test"))
    if work.random.randrange(4):
        at += work.random.randrange(8 * SECOND)
        asked = RearmAsked(scope=scope, reason=key)
        work.loop.at(at, lambda: work.loop.push("operator", asked))


def change_limits(work: Workload, at: int, key: str) -> None:
    """While orders work that were accepted under others."""
    work.loop.at(at, partial(work.loop.push, "operator", tight(work.random.choice(PERCENTS))))


type Act = Callable[[Workload, int, str], None]

ACTS: dict[Act, int] = {
    place: 100,
    sweep: 10,
    change: 30,
    chase: 12,
    group: 12,
    stop_trading: 3,
    change_limits: 4,
}
"""By weight."""
