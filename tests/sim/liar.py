"""An exchange that sometimes does not tell the truth: what an order model has to survive."""

import msgspec

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
from scene import LISTED, MID, report, ticks

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
    prove that nothing was placed, and does not. Of others that it has taken them, and has not. And
    gives two reasons for one end; and says that an order is suspended, which works on."""

    def __init__(
        self,
        seed: int,
        instrument: Instrument,
        habits: Habits,
        lies: int,
        capabilities: Capabilities = CAPABILITIES,
    ) -> None:
        mid = ticks(MID[instrument.instrument_id], instrument)
        market = GeneratedMarket(seed * 10 + LISTED.index(instrument), Nanos(0), mid, MARKET)
        sources: dict[InstrumentID, MarketSource] = {instrument.instrument_id: market}
        super().__init__(
            instrument.venue_id, (instrument,), sources, habits, seed, capabilities=capabilities
        )
        self._lies = lies  # percent
        self.lied_about: set[ClOrdID] = set()

    def calm_down(self) -> None:
        """Nobody trades by hand any more."""
        self._habits = msgspec.structs.replace(self._habits, by_hand=0)

    def tells_late(self, at: Nanos, funding_id: str, account: AccountID, flow: Flow) -> None:
        """Of a payment that moved long ago: no money moves by its being told."""
        asset, amount = flow
        self.deposit(account, asset, -amount)
        self._office.fund(at, funding_id, account, flow)

    def handle(self, at: Nanos, command: VenueCommand) -> list[VenueEvent]:
        return [lie for event in super().handle(at, command) for lie in self._told(event)]

    def _told(self, event: VenueEvent) -> list[VenueEvent]:
        """What it says of `event`: nothing, a lie, or both."""
        if not isinstance(event, ExecutionReport) or event.exec_type not in LIES:
            return [event]
        cl_ord_id = event.cl_ord_id
        is_ours = cl_ord_id.startswith("ov_")
        if not is_ours or int(cl_ord_id[-4:], 16) % 100 >= self._lies:
            return [event]
        if event.exec_type is ExecType.NEW and int(cl_ord_id[-6], 16) < 8:
            return [event, msgspec.structs.replace(event, exec_type=ExecType.SUSPENDED)]
        self.lied_about.add(cl_ord_id)
        lies = LIES if int(cl_ord_id[-7], 16) < 8 else OTHER_LIES
        lie = report(cl_ord_id, lies[event.exec_type], f"{event.exec_id}/lie")
        return [lie, event] if int(cl_ord_id[-5], 16) % 2 else [lie]
