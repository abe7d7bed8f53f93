"""An exchange that sometimes does not tell the truth: what an order model has to survive."""

from collections.abc import Sequence
from heapq import heappop, heappush

import msgspec

from omnivenue.market import Quote
from omnivenue.message import (
    ExecType,
    ExecutionReport,
    VenueCommand,
    VenueEvent,
)
from omnivenue.model import (
    SECOND,
    AccountID,
    Capabilities,
    ClOrdID,
    Instrument,
    InstrumentID,
    Nanos,
)
from omnivenue.venue.sim.exchange import Exchange
from omnivenue.venue.sim.generator import GeneratedMarket, Params
from omnivenue.venue.sim.record import Habits
from omnivenue.venue.sim.rules import CAPABILITIES
from omnivenue.venue.sim.settle import Flow
from omnivenue.venue.sim.source import MarketSource
from scene import report, ticks
from sim.listing import MIDS

MARKET = Params(step_ns=Nanos(SECOND), lots_per_level=60, levels=4)


LIES = {
    ExecType.NEW: ExecType.REJECTED,
    ExecType.REJECTED: ExecType.NEW,
    ExecType.CANCELED: ExecType.EXPIRED,
    ExecType.EXPIRED: ExecType.DONE_FOR_DAY,
}
OTHER_LIES = {**LIES, ExecType.CANCELED: ExecType.DONE_FOR_DAY}


class Liar(Exchange):
    """Says of some orders that it rejects them, and has placed them: a code that was thought to
    prove that nothing was placed, and does not; of some it says so seconds after it has taken
    them. Of others that it has taken them, and has not. And gives two reasons for one end; and
    says that an order is suspended, which works on."""

    def __init__(
        self,
        seed: int,
        listed: Sequence[Instrument],
        habits: Habits,
        lies: int,
        capabilities: Capabilities = CAPABILITIES,
    ) -> None:
        sources: dict[InstrumentID, MarketSource] = {}
        for instrument in listed:
            mid = ticks(MIDS[instrument.instrument_id], instrument)
            market = GeneratedMarket(
                seed * 10 + list(MIDS).index(instrument.instrument_id), Nanos(0), mid, MARKET
            )
            sources[instrument.instrument_id] = market
        super().__init__(
            listed[0].venue_id, listed, sources, habits, seed, capabilities=capabilities
        )
        self._lies = lies  # percent
        self.lied_about: set[ClOrdID] = set()
        self._later: list[tuple[Nanos, ClOrdID, ExecutionReport]] = []

    def calm_down(self) -> None:
        """Nobody trades by hand any more."""
        self._habits = msgspec.structs.replace(self._habits, by_hand=0)

    def tells_late(self, at: Nanos, funding_id: str, account: AccountID, flow: Flow) -> None:
        """Of a payment that moved long ago: no money moves by its being told."""
        asset, amount = flow
        self.deposit(account, asset, -amount)
        self._office.fund(at, funding_id, account, flow)

    def handle(self, at: Nanos, command: VenueCommand) -> list[VenueEvent]:
        return [lie for event in super().handle(at, command) for lie in self._told(at, event)]

    def next_at(self) -> Nanos | None:
        found = [super().next_at(), self._later[0][0] if self._later else None]
        return min((at for at in found if at is not None), default=None)

    def advance(self, at: Nanos) -> list[VenueEvent | Quote]:
        """Also of what happens to an order by itself: that it expires, or is cancelled."""
        told: list[VenueEvent | Quote] = []
        for event in super().advance(at):
            told += [event] if isinstance(event, Quote) else self._told(at, event)
        while self._later and self._later[0][0] <= at:
            told.append(heappop(self._later)[2])
        return told

    def _told(self, at: Nanos, event: VenueEvent) -> list[VenueEvent]:
        """What it says of `event`: nothing, a lie, or both."""
        if not isinstance(event, ExecutionReport) or event.exec_type not in LIES:
            return [event]
        cl_ord_id = event.cl_ord_id
        is_end = event.exec_type in (ExecType.CANCELED, ExecType.EXPIRED)
        # Apart, so that an order whose beginning was told truly may end in a lie.
        digits = cl_ord_id[-12:-8] if is_end else cl_ord_id[-4:]
        if not cl_ord_id.startswith("ov_") or int(digits, 16) % 100 >= self._lies:
            return [event]
        if event.exec_type is ExecType.NEW and int(cl_ord_id[-6], 16) < 8:
            return [event, msgspec.structs.replace(event, exec_type=ExecType.SUSPENDED)]
        self.lied_about.add(cl_ord_id)
        lies = LIES if int(cl_ord_id[-7], 16) < 8 else OTHER_LIES
        lie = report(cl_ord_id, lies[event.exec_type], f"{event.exec_id}/lie")
        if event.exec_type is ExecType.NEW and int(cl_ord_id[-8], 16) < 6:
            due = Nanos(at + int(cl_ord_id[-9], 16) * SECOND // 4)
            heappush(self._later, (due, cl_ord_id, lie))
            return [event]
        return [lie, event] if int(cl_ord_id[-5], 16) % 2 else [lie]
