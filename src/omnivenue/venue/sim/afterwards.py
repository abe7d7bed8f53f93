"""What the exchange does by itself with what it has taken: trades are busted or corrected, orders
expire or are cancelled, and all of them when we have been silent for too long.

By chance, but chance that is a function of the seed and the order or trade: so an exchange that
comes back from its record does the same, and nothing of it has to be remembered.
"""

from collections.abc import Mapping

from omnivenue.message import ExecType, ExecutionReport, VenueEvent
from omnivenue.model import ClOrdID, ExecID, InstrumentID, Lots, Nanos, Ticks, TimeInForce
from omnivenue.venue.sim.agenda import Agenda, Due, What
from omnivenue.venue.sim.back_office import BackOffice
from omnivenue.venue.sim.chance import chance, happens
from omnivenue.venue.sim.pit import Pit
from omnivenue.venue.sim.record import Habits, Placed
from omnivenue.venue.sim.rules import BY_VENUE, DEAD_MAN


class Afterwards:
    def __init__(
        self,
        office: BackOffice,
        pits: Mapping[InstrumentID, Pit],
        agenda: Agenda,
        habits: Habits,
        seed: int,
    ) -> None:
        self._office = office
        self._pits = pits
        self._agenda = agenda
        self._habits = habits
        self._seed = seed

    def after_ack(self, order: Placed) -> None:
        new, acked_at = order.new, order.reports[0].transact_at
        if (till := expiry(order)) is not None:
            self._agenda.add(Due(till, What.EXPIRY, new.cl_ord_id))
        if new.tif.rests and happens(self._habits.cancel, self._seed, "cancel", new.cl_ord_id):
            due = self._within(self._habits.cancel_within, acked_at, new.cl_ord_id)
            self._agenda.add(Due(due, What.CANCEL, new.cl_ord_id))

    def after_trade(self, trade: ExecutionReport) -> None:
        """A trade that was corrected is not corrected again."""
        habits, exec_id, at = self._habits, trade.exec_id, trade.transact_at
        if happens(habits.bust, self._seed, "bust", exec_id):
            due = self._within(habits.bust_within, at, exec_id)
            self._agenda.add(Due(due, What.BUST, trade.cl_ord_id, exec_id))
        elif trade.exec_type is ExecType.TRADE and happens(
            habits.correct, self._seed, "correct", exec_id
        ):
            due = self._within(habits.correct_within, at, exec_id)
            self._agenda.add(Due(due, What.CORRECTION, trade.cl_ord_id, exec_id))

    def restore(self, order: Placed) -> None:
        """What is filled may work again, when it is busted."""
        if order.ended in (None, ExecType.TRADE):
            self.after_ack(order)
        for trade in order.standing:
            self.after_trade(trade)

    def happen(self, due: Due) -> list[VenueEvent]:
        match due.what:
            case What.DEAD_MAN:
                return self._cancel_all(due.at)
            case What.EXPIRY:
                return self._end(due.at, ClOrdID(due.about), ExecType.EXPIRED)
            case What.CANCEL:
                return self._end(due.at, ClOrdID(due.about), ExecType.CANCELED, BY_VENUE)
            case _:
                return self._change(due)

    def leave(self, order: Placed) -> None:
        """Also of an instrument that is no longer listed: such an order waits to be cancelled."""
        pit = self._pits.get(order.new.instrument_id)
        if pit is not None:
            pit.leave(order)

    def _cancel_all(self, at: Nanos) -> list[VenueEvent]:
        """What was made by hand is not ours to be silent about."""
        events: list[VenueEvent] = []
        for cl_ord_id, order in self._office.orders.items():
            if order.external is None:
                events += self._end(at, cl_ord_id, ExecType.CANCELED, DEAD_MAN)
        return events

    def _end(
        self, at: Nanos, cl_ord_id: ClOrdID, how: ExecType, text: str = ""
    ) -> list[VenueEvent]:
        order = self._office.orders[cl_ord_id]
        if not order.is_working:
            return []
        self.leave(order)
        return [self._office.end(at, order, how, text)]

    def _change(self, due: Due) -> list[VenueEvent]:
        """If the order works, or had been filled, what is missing now works again."""
        order = self._office.orders[ClOrdID(due.about)]
        trade = next(r for r in order.standing if r.exec_id == ExecID(due.exec_id))
        leaves = order.leaves
        if due.what is What.BUST:
            report = self._office.take_back(due.at, order, trade)
        else:
            qty, px = self._corrected(order, trade)
            report = self._office.correct(due.at, order, trade, qty, px)
            self.after_trade(report)
        return [report] if order.leaves == leaves else [report, *self._work_again(due.at, order)]

    def _work_again(self, at: Nanos, order: Placed) -> list[VenueEvent]:
        till = expiry(order)
        if till is not None and till <= at:
            return self._end(at, order.new.cl_ord_id, ExecType.EXPIRED)
        if not self._office.is_listed(order.new):  # it has no market now
            return self._end(at, order.new.cl_ord_id, ExecType.CANCELED)
        return self._pits[order.new.instrument_id].accept_again(at, order)

    def _corrected(self, order: Placed, trade: ExecutionReport) -> tuple[Lots, Ticks]:
        """Less of it, or one tick better for us: never beyond the order's limit."""
        if trade.last_qty > 1 and chance(2, self._seed, "correct qty", trade.exec_id):
            less = 1 + chance(trade.last_qty - 1, self._seed, "corrected", trade.exec_id)
            return Lots(less), trade.last_px
        return trade.last_qty, Ticks(max(1, trade.last_px - order.new.side.sign))

    def _within(self, longest: int, at: Nanos, about: str) -> Nanos:
        return Nanos(at + 1 + chance(longest, self._seed, "wait", about))


def expiry(order: Placed) -> Nanos | None:
    is_timed = order.new.tif in (TimeInForce.DAY, TimeInForce.GTD)
    return order.new.good_till if is_timed else None
