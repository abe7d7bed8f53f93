"""What goes wrong in one day: on the wires, on the disk, in the process, at the exchanges.

Also the rates are drawn, so that each seed is another kind of bad day; and in each seed some kinds
of fault do not happen at all, so that one does not hide another.
"""

from collections.abc import Callable
from functools import partial
from random import Random

from omnivenue.journal import MemoryJournal
from omnivenue.journal.journal import Row
from omnivenue.model import SECOND, VenueID
from omnivenue.venue.sim.faults import NO_FAULTS, Faults, Latency, Link
from omnivenue.venue.sim.record import Habits
from sim.liar import Liar
from sim.listing import VENUES
from sim.loop import CheckedLoop
from sim.retention import RETENTIONS

SILENCE_MAX = 6 * SECOND


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


class Weather:
    """The rates of one day."""

    def __init__(self, random: Random) -> None:
        self.random = random
        self.links = Faults(
            lose_request=random.choice((0, 5, 20, 30)),
            lose_reply=random.choice((0, 5, 20, 30)),
            duplicate=random.choice((0, 20, 50)),
            disconnect=random.choice((0, 0, 5)),
            rate_limit=random.choice((0, 0, 10)),
            delay_max=random.choice((10**8, 10**9, 3 * 10**9)),
        )
        self.latency = Latency(min=0, max=random.choice((0, 10**7)))
        self.habits = Habits(
            reject=random.choice((0, 10)),
            bust=random.choice((0, 0, 10, 30)),
            bust_within=random.choice((SECOND // 2, 20 * SECOND)),
            correct=random.choice((0, 0, 20, 40)),
            correct_within=random.choice((SECOND, 20 * SECOND)),
            cancel=random.choice((0, 0, 0, 10)),
            by_hand=random.choice((0, 0, 0, 5)),
        )
        self.lies = random.choice((0, 0, 30))  # percent of what an exchange says of its orders
        self.disk_permille = random.choice((0, 0, 5, 20))
        self.crash_permille = random.choice((0, 0, 3, 10, 30))
        self.stall_permille = random.choice((0, 20, 50))
        self.kill_permille = random.choice((0, 0, 0, 8))
        self.retention = random.choice(RETENTIONS)
        self.outages = random.choice((0, 0, 1, 3))  # a wire that is up, and takes everything
        self.freezes = random.choice((0, 0, 1, 3))  # a feed that says nothing new

    @property
    def is_honest(self) -> bool:
        habits = self.habits
        return not (self.lies or habits.bust or habits.correct or habits.by_hand)

    def begin(self, loop: CheckedLoop, until: int) -> None:
        loop.is_honest = self.is_honest
        loop.retention = self.retention
        loop.crash_permille, loop.stall_permille = self.crash_permille, self.stall_permille
        loop.kill_permille = self.kill_permille
        for begin, end, acts in (*[(deafen, hear, self.outages), (freeze, thaw, self.freezes)],):
            for _ in range(acts):
                venue_id = self.random.choice(VENUES)
                at = self.random.randrange(until)
                loop.at(at, partial(begin, loop, venue_id))
                ends = at + self.random.randrange(SILENCE_MAX)
                loop.at(ends, partial(end, loop, venue_id, self.links))

    def end(self, loop: CheckedLoop) -> None:
        self.disk_permille = loop.crash_permille = loop.stall_permille = loop.kill_permille = 0
        loop.silent.clear()
        for exchange, link in loop.venues.values():
            link.faults = NO_FAULTS
            assert isinstance(exchange, Liar)
            exchange.calm_down()

    def link(self, seed: int) -> Link:
        return Link(seed, self.links, self.latency)

    def disk_fails(self) -> bool:
        return self.random.randrange(1000) < self.disk_permille


def deafen(loop: CheckedLoop, venue_id: VenueID) -> None:
    loop.venues[venue_id][1].faults = Faults(lose_request=100, lose_reply=100)


def hear(loop: CheckedLoop, venue_id: VenueID, faults: Faults) -> None:
    loop.venues[venue_id][1].faults = faults


def freeze(loop: CheckedLoop, venue_id: VenueID) -> None:
    loop.silent.add(venue_id)


def thaw(loop: CheckedLoop, venue_id: VenueID, _: Faults) -> None:
    loop.silent.discard(venue_id)
