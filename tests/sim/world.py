"""A bad day, by its seed: markets, wires that fail, a disk that fails, clients that ask again.

Also the rates are drawn, so that each seed is another kind of bad day.
"""

from collections.abc import Callable
from functools import partial
from random import Random

from omnivenue.engine import VenueStatus
from omnivenue.journal import MemoryJournal
from omnivenue.journal.journal import Row
from omnivenue.message import (
    Instruction,
    LimitsSet,
    OrderInstructed,
)
from omnivenue.model import (
    QTY_UNIT,
    SECOND,
    Atoms,
    Instrument,
    LimitName,
    Limits,
    Side,
    TimeInForce,
)
from omnivenue.oms import Stage
from omnivenue.venue.sim.faults import NO_FAULTS, Faults, Latency, Link
from omnivenue.venue.sim.record import Habits
from scene import (
    AT_A,
    AT_F,
    COLLAR,
    CONFIGURED,
    DEPOSITS,
    LISTED,
    MAIN,
    MID,
    OTHER,
    S1,
    S2,
    WHOLE,
    cancel,
    cancel_all,
    limit,
    order,
)
from sim.checks import CheckedLoop
from sim.liar import Liar

DAY = 25 * SECOND
AFTERNOON = 15 * SECOND  # nobody asks for anything new, and things still go wrong
HEALS_IN = 40 * SECOND
KINDS = ("limit", "limit", "resting", "market", "ioc", "fok")


TIGHT = LimitsSet(
    limits=Limits(
        limits=(
            COLLAR,
            limit(LimitName.ORDER_QTY, QTY_UNIT // 3),
            limit(LimitName.POSITION_QTY, QTY_UNIT // 20, f"instrument:{AT_A.instrument_id}"),
            limit(LimitName.POSITION_QTY, QTY_UNIT // 2, f"instrument:{AT_F.instrument_id}"),
        )
    ),
    from_file=False,
)


class FailingJournal(MemoryJournal):
    """A disk that sometimes does not say that it has written, whether it has or not."""

    def __init__(self, lines: list[bytes], fails: Callable[[], bool], random: Random) -> None:
        super().__init__("paper", lines)
        self._random = random
        self._fails = fails

    def _write(self, rows: list[Row]) -> None:
        if self._fails():
            if self._random.randrange(2):
                super()._write(rows)
            raise OSError("injected")
        super()._write(rows)


class Day:
    """One seed's loop, its disk, and its clients."""

    def __init__(self, seed: int, loop_type: type[CheckedLoop] = CheckedLoop) -> None:
        self.random = random = Random(seed)
        self.disk: list[bytes] = []
        self.disk_permille = 0
        self.asked: list[Instruction] = []
        faults = Faults(
            lose_request=random.choice((0, 5, 20)),
            lose_reply=random.choice((0, 5, 20)),
            duplicate=random.choice((0, 20, 50)),
            disconnect=random.choice((0, 0, 5)),
            rate_limit=random.choice((0, 0, 10)),
            delay_max=random.choice((10**8, 10**9, 3 * 10**9)),
        )
        latency = Latency(min=0, max=random.choice((0, 10**7)))
        habits = Habits(
            reject=random.choice((0, 10)),
            bust=random.choice((0, 0, 10, 30)),
            bust_within=random.choice((SECOND // 2, 20 * SECOND)),
        )
        lies = random.choice((0, 0, 30))
        exchanges = {i.venue_id: Liar(seed, i, habits, lies) for i in LISTED}
        for event in DEPOSITS:
            exchanges[event.venue_id].deposit(event.account, event.asset, event.amount)
        venues = {
            venue_id: (exchange, Link(seed * 10 + n, faults, latency))
            for n, (venue_id, exchange) in enumerate(exchanges.items())
        }
        self.loop = loop_type(seed, self._reopen, venues)
        self.loop.is_honest = not (lies or habits.bust)
        self._configure()
        self.disk_permille = random.choice((0, 0, 5, 20))
        self.loop.crash_permille = random.choice((0, 0, 3, 10, 30))
        self.loop.stall_permille = random.choice((0, 20, 50))

    def run(self) -> CheckedLoop:
        for n in range(self.random.randint(5, 40)):
            self._ask_at(self.random.randrange(4 * SECOND, DAY), f"i{n}")
        self.loop.run(until=DAY + AFTERNOON)
        self.heal()
        return self.loop

    def heal(self) -> None:
        """The faults stop, what still works is cancelled, and everyone reconnects once more."""
        self.disk_permille = self.loop.crash_permille = self.loop.stall_permille = 0
        for _, link in self.loop.venues.values():
            link.faults = NO_FAULTS
        self.loop.run(until=self.loop.now + HEALS_IN)
        assert all(v.status is VenueStatus.OPEN for v in self.loop.core.state.venues.values())
        stages = [parent.stage for parent in self.loop.core.state.parents.values()]
        assert Stage.STOPPING not in stages, "L1: a cancel was forgotten"
        self.loop.ask(cancel_all("heal"))
        self.loop.run(until=self.loop.now + HEALS_IN)
        for venue_id in self.loop.venues:
            self.loop.halt(venue_id, "drill")
        self.loop.run(until=self.loop.now + HEALS_IN)

    def _reopen(self) -> FailingJournal:
        return FailingJournal(self.disk, self._disk_fails, self.random)

    def _disk_fails(self) -> bool:
        return self.random.randrange(1000) < self.disk_permille

    def _configure(self) -> None:
        for event in (*CONFIGURED, *DEPOSITS, TIGHT):
            self.loop.push("operator", event)
        self.loop.run(until=0)

    def _ask_at(self, at: int, key: str) -> None:
        """A client that did not hear asks again, with the same key. Some use a key twice."""
        asked = self._instruction(key)
        self.asked.append(asked)
        for _ in range(self.random.randint(1, 3)):
            is_at_door = self.random.randrange(4) > 0
            self.loop.at(at, partial(self.loop.ask, asked, is_at_door=is_at_door))
            at += self.random.randrange(5 * SECOND)
        if self.random.randrange(10) == 0:
            other = self.random.choice((self._order(key), cancel_all(key), cancel(key, "i0")))
            is_at_door = self.random.randrange(2) > 0
            self.loop.at(at, partial(self.loop.ask, other, is_at_door=is_at_door))
        if isinstance(asked, OrderInstructed) and self.random.randrange(3) == 0:
            at += self.random.randrange(5 * SECOND)
            self.loop.at(at, partial(self.loop.ask, cancel(f"{key}/c", key)))

    def _instruction(self, key: str) -> Instruction:
        random = self.random
        if random.randrange(12):
            return self._order(key)
        instrument = random.choice(LISTED)
        which: tuple[dict[str, str], ...] = (
            {},
            {"venue_id": instrument.venue_id},
            {"instrument_id": instrument.instrument_id},
            {"strategy_id": S1},
            {"account": OTHER, "strategy_id": S2},
        )
        return cancel_all(key, **random.choice(which))

    def _order(self, key: str) -> OrderInstructed:
        random = self.random
        instrument = random.choice(LISTED)
        side, kind = random.choice((Side.BUY, Side.SELL)), random.choice(KINDS)
        return order(
            key,
            side,
            random.choice((random.randint(1, 100), random.randint(50, 400))),
            instrument=instrument,
            px=None if kind == "market" else self._px(instrument, side, kind),
            tif=TimeInForce(kind) if kind in ("ioc", "fok") else TimeInForce.GTC,
            account=random.choice((MAIN, OTHER)),
            strategy_id=random.choice((S1, S2)),
        )

    def _px(self, instrument: Instrument, side: Side, kind: str) -> Atoms:
        """Close to the market, on either side of it; off the tick it never comes to the core. Now
        and then beyond the collar."""
        mid, away = MID[instrument.instrument_id], self.random.randint(-20, 60)
        if kind == "resting":
            away = -self.random.randint(5, 80)
        if self.random.randrange(20) == 0:
            away = 1_000
        px = mid * WHOLE * (10_000 + side.sign * away) // 10_000
        return Atoms(px // instrument.tick * instrument.tick)
