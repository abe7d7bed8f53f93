"""The simulated exchange, without IO or clock: how its orders come to trade.

Whoever holds it says what time it is, and has it `advance` to that time before it `handle`s. What
becomes of messages on their way is not known here (`faults.py`), nor what it remembers of orders
and money (`back_office.py`), nor how that survives (`record.py`).
"""

from collections.abc import Iterable, Mapping
from heapq import heapify, heappop, heappush, heapreplace

from omnivenue.market import Quote
from omnivenue.message import (
    CancelOrder,
    CancelRejected,
    ExecType,
    ExecutionReport,
    NewOrder,
    QueryOrders,
    VenueCommand,
    VenueEvent,
)
from omnivenue.model import (
    AccountID,
    AssetID,
    ClOrdID,
    ExecID,
    Instrument,
    InstrumentID,
    Liquidity,
    Nanos,
    Side,
    TimeInForce,
    VenueID,
)
from omnivenue.venue.sim.back_office import BackOffice
from omnivenue.venue.sim.chance import chance, happens
from omnivenue.venue.sim.matching import Matching, Trade
from omnivenue.venue.sim.record import Habits, Line, Placed
from omnivenue.venue.sim.rules import SIM_REJECT, refusal
from omnivenue.venue.sim.source import MarketSource

LEVELS_SHOWN = 10
_BUST = -1  # among what is due, in the place of a source's number


class Exchange:
    def __init__(
        self,
        venue_id: VenueID,
        instruments: Iterable[Instrument],
        sources: Mapping[InstrumentID, MarketSource],
        habits: Habits | None = None,
        seed: int = 0,
    ) -> None:
        self._office = BackOffice(venue_id, instruments)
        self._habits = habits or Habits()
        self._seed = seed
        self._matchings = {i: Matching() for i in self._office.instruments}
        self._changed: dict[InstrumentID, None] = {}  # since its quote was last handed out
        self._sources = list(sources.items())
        assert sources.keys() <= self._matchings.keys()
        self._due: list[tuple[Nanos, int, ClOrdID, ExecID]] = [
            (at, number, ClOrdID(""), ExecID(""))
            for number, source in enumerate(sources.values())
            if (at := source.next_at()) is not None
        ]
        heapify(self._due)

    @property
    def venue_id(self) -> VenueID:
        return self._office.venue_id

    @property
    def instruments(self) -> dict[InstrumentID, Instrument]:
        return self._office.instruments

    @property
    def orders(self) -> dict[ClOrdID, Placed]:
        return self._office.orders

    @property
    def balances(self) -> dict[AccountID, dict[AssetID, int]]:
        return self._office.balances

    @property
    def reports(self) -> int:
        """How many it has issued, in all its lives."""
        return len(self._office.log)

    def deposit(self, account: AccountID, asset: AssetID, amount: int) -> None:
        self._office.deposit(account, asset, amount)

    def quote(self, instrument_id: InstrumentID) -> Quote:
        """The market as it is shown, less what we took of it. As old as the market's last event."""
        matching = self._matchings[instrument_id]
        return Quote(
            instrument_id=instrument_id,
            bids=matching.book.levels(Side.BUY, LEVELS_SHOWN),
            asks=matching.book.levels(Side.SELL, LEVELS_SHOWN),
            at=matching.at,
            last=matching.last,
        )

    def handle(self, at: Nanos, command: VenueCommand) -> list[VenueEvent]:
        match command:
            case NewOrder():
                return self._place(at, command)
            case CancelOrder():
                return [self._cancel(at, command)]
            case QueryOrders():
                return [self._office.answer(at, command)]
            case _:
                raise NotImplementedError(command)

    def reject(self, at: Nanos, new: NewOrder, text: str) -> list[VenueEvent]:
        """An order that is nothing but a memory: its id is not taken later either."""
        if new.cl_ord_id in self.orders:
            return []
        return [self._office.end(at, self._office.open(new), ExecType.REJECTED, text)]

    def fill(self, at: Nanos, cl_ord_id: ClOrdID) -> list[VenueEvent]:
        """What is left of an order trades at its limit, whatever the market shows."""
        order = self.orders.get(cl_ord_id)
        if order is None or not order.is_working:
            return []
        self._leave(order)
        trade = Trade(order.new.limit_px, order.leaves, taker=None, maker=cl_ord_id)
        return self._report_trades(at, [trade])

    def next_at(self) -> Nanos | None:
        return self._due[0][0] if self._due else None

    def advance(self, at: Nanos) -> list[VenueEvent | Quote]:
        """All that happened by itself up to `at`, and then the books that look different now."""
        events: list[VenueEvent | Quote] = []
        while self._due and self._due[0][0] <= at:
            due_at, number, cl_ord_id, exec_id = self._due[0]
            if number == _BUST:
                heappop(self._due)
                events += self._bust(due_at, self.orders[cl_ord_id], exec_id)
            else:
                events += self._pop(number)
        if self._changed:
            events += [self.quote(instrument_id) for instrument_id in self._changed]
            self._changed.clear()
        return events

    def restore(self, lines: Iterable[Line]) -> None:
        """Become what the record says, deciding nothing. Resting orders go to the end of the queue
        that the market will show."""
        self._office.restore(lines)
        for order in self.orders.values():
            new = order.new
            if order.is_working and self._office.is_listed(new):
                matching = self._matchings[new.instrument_id]
                matching.rejoin(new.cl_ord_id, new.side, new.limit_px, order.leaves)
            if self._habits.bust:
                for trade in order.standing:
                    self._maybe_bust_later(trade)

    def _pop(self, number: int) -> list[VenueEvent]:
        instrument_id, source = self._sources[number]
        at, happened = source.pop()
        next_at = source.next_at()
        if next_at is None:
            heappop(self._due)
        else:
            heapreplace(self._due, (next_at, number, ClOrdID(""), ExecID("")))
        self._changed[instrument_id] = None
        return self._report_trades(at, self._matchings[instrument_id].apply(at, happened))

    def _place(self, at: Nanos, new: NewOrder) -> list[VenueEvent]:
        if new.cl_ord_id in self.orders or at >= new.expires_at:
            return []  # known already, or too late to count: neither says what became of the first
        text = refusal(self.instruments.get(new.instrument_id), new)
        if not text and happens(self._habits.reject, self._seed, "reject", new.cl_ord_id):
            text = SIM_REJECT
        if text:
            return self.reject(at, new, text)
        order = self._office.open(new)
        return [self._office.ack(at, order), *self._enter(at, order)]

    def _enter(self, at: Nanos, order: Placed) -> list[VenueEvent]:
        """Trade with what is there; the rest stays or goes, as the order wants it."""
        new, matching, qty = order.new, self._matchings[order.new.instrument_id], order.leaves
        events: list[VenueEvent] = []
        if new.tif is not TimeInForce.FOK or matching.can_fill(new.side, new.limit_px, qty):
            trades = matching.take(new.cl_ord_id, new.side, new.limit_px, qty)
            if trades:
                self._changed[new.instrument_id] = None
                events += self._report_trades(at, trades)
        if order.is_working:
            if new.tif is TimeInForce.GTC:
                matching.rest(new.cl_ord_id, new.side, new.limit_px, order.leaves)
            else:
                events.append(self._office.end(at, order, ExecType.CANCELED))
        return events

    def _cancel(self, at: Nanos, cancel: CancelOrder) -> VenueEvent:
        order = self.orders.get(cancel.orig_cl_ord_id)
        if order is None or not order.is_working:
            return CancelRejected(
                cl_ord_id=cancel.cl_ord_id,
                orig_cl_ord_id=cancel.orig_cl_ord_id,
                text="unknown" if order is None else "too late",
            )
        self._leave(order)
        return self._office.end(at, order, ExecType.CANCELED)

    def _leave(self, order: Placed) -> None:
        """Also of an instrument that is no longer listed: such an order waits to be cancelled."""
        matching = self._matchings.get(order.new.instrument_id)
        if matching is not None:
            matching.leave(order.new.cl_ord_id)

    def _report_trades(self, at: Nanos, trades: list[Trade]) -> list[VenueEvent]:
        events: list[VenueEvent] = []
        for trade in trades:
            for cl_ord_id, liquidity in (
                (trade.maker, Liquidity.MAKER),
                (trade.taker, Liquidity.TAKER),
            ):
                if cl_ord_id is not None:
                    order = self.orders[cl_ord_id]
                    report = self._office.trade(at, order, trade.qty, trade.px, liquidity)
                    self._maybe_bust_later(report)
                    events.append(report)
        return events

    def _maybe_bust_later(self, trade: ExecutionReport) -> None:
        habits = self._habits
        if happens(habits.bust, self._seed, "bust", trade.exec_id):
            wait = 1 + chance(habits.bust_within, self._seed, "wait", trade.exec_id)
            due = Nanos(trade.transact_at + wait)
            heappush(self._due, (due, _BUST, trade.cl_ord_id, trade.exec_id))

    def _bust(self, at: Nanos, order: Placed, exec_id: ExecID) -> list[VenueEvent]:
        """Take one trade back. If the order works, or had been filled, its quantity works again:
        as if it had just come, since others have taken its place meanwhile."""
        trade = next(r for r in order.standing if r.exec_id == exec_id)
        report = self._office.take_back(at, order, trade)
        if not order.is_working:
            return [report]
        self._leave(order)
        return [report, *self._enter_again(at, order)]

    def _enter_again(self, at: Nanos, order: Placed) -> list[VenueEvent]:
        """An order that was not to rest, or has no market now, is not started over: it ends."""
        if order.new.tif is TimeInForce.GTC and self._office.is_listed(order.new):
            return self._enter(at, order)
        return [self._office.end(at, order, ExecType.CANCELED)]
