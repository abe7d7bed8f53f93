"""A bad day, by its seed: what is asked (`workload`), what goes wrong (`faults`), and who looks at
it (`checkers`), put together."""

from random import Random

import msgspec

from omnivenue.engine.apply_external import EXTERNAL
from omnivenue.message import AccountOpened, InstrumentsListed, VenueListed
from omnivenue.model import SECOND, Capabilities, Instrument, VenueID
from omnivenue.venue.sim.rules import CAPABILITIES
from scene import AT_A, AT_B, AT_F, CONFIGURED, DEPOSITS, OTHER, cancel_all
from sim.faults import FailingJournal, Weather
from sim.liar import Liar
from sim.limiting import tight
from sim.listing import DEPOSITS as COINS
from sim.listing import LISTED, VENUES
from sim.loop import CheckedLoop
from sim.workload import DAY, Workload

AFTERNOON = 15 * SECOND  # nobody asks for anything new, and things still go wrong
HEALS_IN = 40 * SECOND

LESS = Capabilities(is_idempotent_by_cl_ord_id=True, finds_closed_orders=True, honours_expiry=True)
ABLE = {
    AT_A.venue_id: msgspec.structs.replace(CAPABILITIES, triggers=()),
    AT_B.venue_id: LESS,
    AT_F.venue_id: CAPABILITIES,
}
"""One that cannot keep stops, one that can do next to nothing, and one that can do all."""

LISTS = InstrumentsListed(instruments=LISTED)
EQUIPPED = tuple(VenueListed(venue_id=v, capabilities=able) for v, able in ABLE.items())


def listed_at(venue_id: VenueID) -> tuple[Instrument, ...]:
    return tuple(i for i in LISTED if i.venue_id == venue_id)


class Day:
    """One seed's loop, its disk, and its clients."""

    def __init__(self, seed: int, loop_type: type[CheckedLoop] = CheckedLoop) -> None:
        self.random = random = Random(seed)
        self.disk: list[bytes] = []
        self.weather = weather = Weather(random)
        exchanges = {
            v: Liar(seed, listed_at(v), weather.habits, weather.lies, able)
            for v, able in ABLE.items()
        }
        for event in (*DEPOSITS, *COINS):
            exchanges[event.venue_id].deposit(event.account, event.asset, event.amount)
        venues = {
            venue_id: (exchange, weather.link(seed * 10 + n))
            for n, (venue_id, exchange) in enumerate(exchanges.items())
        }
        self.is_up = False
        self.loop = loop_type(seed, self._reopen, venues)
        for event in (LISTS, *CONFIGURED[1:], *COINS, *self._accounts(), tight(), *EQUIPPED):
            self.loop.push("operator", event)
        self.loop.run(until=0)
        self.is_up = True
        weather.begin(self.loop, until=DAY)
        self.work = Workload(random, self.loop)

    def run(self) -> CheckedLoop:
        self.work.plan()
        self.loop.run(until=DAY + AFTERNOON)
        self.heal()
        return self.loop

    def heal(self) -> None:
        """The faults stop, what still works is cancelled, and everyone reconnects once more."""
        self.weather.end(self.loop)
        self.loop.run(until=self.loop.now + HEALS_IN)
        self.loop.check_calm()
        for n in range(2):  # what was taken back meanwhile rests again
            self.loop.ask(cancel_all(f"heal {n}"))
            self.loop.ask(cancel_all(f"heal what is not ours {n}", strategy_id=EXTERNAL))
            self.loop.run(until=self.loop.now + HEALS_IN)
        for venue_id in self.loop.venues:
            self.loop.halt(venue_id, "drill")
        self.loop.run(until=self.loop.now + HEALS_IN)

    def _accounts(self) -> list[AccountOpened]:
        """On some days one of them keeps what it has bought and what it has sold apart."""
        hedging = self.random.randrange(3) == 0
        return [AccountOpened(account=OTHER, venue_ids=VENUES, hedging=hedging)]

    def _reopen(self) -> FailingJournal:
        return FailingJournal(
            self.disk, lambda: self.is_up and self.weather.disk_fails(), self.random
        )
