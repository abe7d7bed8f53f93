"""An exchange that sometimes does not tell the truth: what an order model has to survive."""

from omnivenue.message import (
    ExecType,
    ExecutionReport,
    NewOrder,
    VenueCommand,
    VenueEvent,
)
from omnivenue.model import SECOND, ClOrdID, Instrument, InstrumentID, Nanos
from omnivenue.venue.sim.exchange import Exchange
from omnivenue.venue.sim.generator import GeneratedMarket, Params
from omnivenue.venue.sim.record import Habits
from omnivenue.venue.sim.source import MarketSource
from scene import LISTED, MID, report, ticks

MARKET = Params(step_ns=Nanos(SECOND), lots_per_level=60, levels=4)


class Liar(Exchange):
    """Says of some orders that it rejects them, and has placed them: a code that was thought to
    prove that nothing was placed, and does not."""

    def __init__(self, seed: int, instrument: Instrument, habits: Habits, lies: int) -> None:
        mid = ticks(MID[instrument.instrument_id], instrument)
        market = GeneratedMarket(seed * 10 + LISTED.index(instrument), Nanos(0), mid, MARKET)
        sources: dict[InstrumentID, MarketSource] = {instrument.instrument_id: market}
        super().__init__(instrument.venue_id, (instrument,), sources, habits, seed)
        self._lies = lies  # percent
        self.lied_about: set[ClOrdID] = set()

    def handle(self, at: Nanos, command: VenueCommand) -> list[VenueEvent]:
        said = super().handle(at, command)
        match command, said:
            case NewOrder(cl_ord_id=i), [ExecutionReport(exec_type=ExecType.NEW), *more]:
                if int(i[-4:], 16) % 100 < self._lies:
                    self.lied_about.add(i)
                    lie = report(i, ExecType.REJECTED, f"{i}/lie")
                    return [lie, *(said if int(i[-1], 16) % 2 else more)]
            case _:
                pass
        return said
