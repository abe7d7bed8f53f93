"""Where the orders of one instrument trade: its matching, the stops that wait for it, and what is
reported of both.

What an order is allowed to ask for was decided before it came here; what becomes of a trade later
is decided elsewhere (`afterwards.py`).
"""

from collections.abc import Callable, Iterable, Sequence

from omnivenue.message import ExecType, ExecutionReport, ReplaceOrder, VenueEvent
from omnivenue.model import ClOrdID, Instrument, Liquidity, Lots, Nanos, Side, Ticks, TimeInForce
from omnivenue.venue.sim.back_office import BackOffice
from omnivenue.venue.sim.matching import Matching, Trade
from omnivenue.venue.sim.record import Placed
from omnivenue.venue.sim.rules import POST_ONLY, REDUCE_ONLY
from omnivenue.venue.sim.settle import Fraction
from omnivenue.venue.sim.source import MarketEvent, Printed
from omnivenue.venue.sim.stops import Seen, Stops


class Pit:
    def __init__(
        self,
        office: BackOffice,
        instrument: Instrument,
        after_trade: Callable[[ExecutionReport], None],
    ) -> None:
        self.instrument = instrument
        self.matching = Matching(self._room)
        self.is_changed = False  # since its quote was last handed out
        self._office = office
        self._after_trade = after_trade
        self._stops = Stops()

    @property
    def mark(self) -> Fraction | None:
        """The mid, in quote atoms."""
        book = self.matching.book
        bid, ask = book.best(Side.BUY), book.best(Side.SELL)
        if bid is None or ask is None:
            return None
        return (bid[0] + ask[0]) * self.instrument.tick, 2

    def accept(self, at: Nanos, order: Placed) -> list[VenueEvent]:
        """An order that is new here."""
        if not order.is_waiting:
            return [*self._enter(at, order), *self._trigger(at)]
        self._stops.wait(order)
        last = self.matching.last
        return self._trigger(at, () if last is None else (last[0],))

    def accept_again(self, at: Nanos, order: Placed) -> list[VenueEvent]:
        """What works again after a trade of it was taken back. It comes as if it were new, since
        others have taken its place; an order that was not to rest is not started over."""
        self.leave(order)
        if order.new.tif.rests:
            return self.accept(at, order)
        return [self._office.end(at, order, ExecType.CANCELED)]

    def rejoin(self, order: Placed) -> None:
        """After a restart."""
        new = order.new
        if order.is_waiting:
            self._stops.wait(order)
        else:
            is_reducing = self._only_reduces(order)
            px, leaves = order.px, order.leaves
            self.matching.rejoin(new.cl_ord_id, new.side, px, leaves, reduce_only=is_reducing)

    def leave(self, order: Placed) -> None:
        self._stops.leave(order.new.cl_ord_id)
        self.matching.leave(order.new.cl_ord_id)

    def replace(self, at: Nanos, order: Placed, replace: ReplaceOrder) -> list[VenueEvent]:
        """Keeps its place only if nothing but the quantity shrinks."""
        keeps_place = replace.limit_px == order.px and replace.qty <= order.qty
        report = self._office.replace(at, order, replace)
        if order.is_waiting:
            return [report]
        if keeps_place:
            self.matching.shrink(order.new.cl_ord_id, order.leaves)
            return [report]
        self.leave(order)
        return [report, *self._enter(at, order), *self._trigger(at)]

    def fill(self, at: Nanos, order: Placed) -> list[VenueEvent]:
        """What is left of an order trades at its limit, whatever the market shows."""
        cl_ord_id = order.new.cl_ord_id
        qty = Lots(min(order.leaves, self._room_of(order)))
        if order.is_waiting or not qty:
            return []
        self.leave(order)
        events = self._report(at, [Trade(order.px, qty, taker=None, maker=cl_ord_id)])
        if order.is_working:
            events.append(self._office.end(at, order, ExecType.CANCELED, REDUCE_ONLY))
        return events

    def apply(self, at: Nanos, happened: Iterable[MarketEvent]) -> list[VenueEvent]:
        """All that the market did at one instant."""
        happened = tuple(happened)
        self.is_changed = True
        events = self._report(at, self.matching.apply(at, happened))
        prints = tuple([event.px for event in happened if isinstance(event, Printed)])
        return events + self._trigger(at, prints)

    def _enter(self, at: Nanos, order: Placed) -> list[VenueEvent]:
        """Trade with what is there; the rest stays or goes, as the order wants it."""
        new, qty = order.new, order.leaves
        if new.post_only and self.matching.would_take(new.side, order.px):
            return [self._office.end(at, order, ExecType.CANCELED, POST_ONLY)]
        wanted = Lots(min(qty, self._room_of(order)))
        events = self._report(at, self._take(order, wanted))
        if not order.is_working:
            return events
        if wanted < qty and order.leaves == qty - wanted:  # it has done all that reduces
            events.append(self._office.end(at, order, ExecType.CANCELED, REDUCE_ONLY))
        elif new.tif.rests:
            is_reducing = self._only_reduces(order)
            px, leaves = order.px, order.leaves
            self.matching.rest(new.cl_ord_id, new.side, px, leaves, reduce_only=is_reducing)
        else:
            events.append(self._office.end(at, order, ExecType.CANCELED))
        return events

    def _take(self, order: Placed, wanted: Lots) -> list[Trade]:
        new = order.new
        if new.tif is TimeInForce.FOK and (
            wanted < order.leaves or not self.matching.can_fill(new.side, order.px, wanted)
        ):
            return []
        return self.matching.take(new.cl_ord_id, new.side, order.px, wanted)

    def _trigger(self, at: Nanos, prints: tuple[Ticks, ...] = ()) -> list[VenueEvent]:
        """One stop's trades may be what another one waits for."""
        events: list[VenueEvent] = []
        while self._stops and (reached := self._stops.pop_reached(self._seen(prints))):
            for order in reached:
                events += [self._office.trigger(at, order), *self._enter(at, order)]
            prints = ()
        return events

    def _seen(self, prints: tuple[Ticks, ...]) -> Seen:
        book = self.matching.book
        bid, ask = book.best(Side.BUY), book.best(Side.SELL)
        return Seen(bid[0] if bid else None, ask[0] if ask else None, prints)

    def _report(self, at: Nanos, trades: list[Trade]) -> list[VenueEvent]:
        events: list[VenueEvent] = []
        for trade in trades:
            self.is_changed = True
            for cl_ord_id, liquidity in (
                (trade.maker, Liquidity.MAKER),
                (trade.taker, Liquidity.TAKER),
            ):
                if cl_ord_id is not None:
                    order = self._office.orders[cl_ord_id]
                    report = self._office.trade(at, order, trade.qty, trade.px, liquidity)
                    self._after_trade(report)
                    events.append(report)
        for cl_ord_id in self.matching.stopped:
            order = self._office.orders[cl_ord_id]
            events.append(self._office.end(at, order, ExecType.CANCELED, REDUCE_ONLY))
        self.matching.stopped.clear()
        return events

    def _only_reduces(self, order: Placed) -> bool:
        return order.new.reduce_only and not self.instrument.is_spot

    def _room_of(self, order: Placed) -> int:
        if self._only_reduces(order):
            return self._room(order.new.cl_ord_id, ())
        return order.leaves

    def _room(self, cl_ord_id: ClOrdID, trades: Sequence[Trade]) -> int:
        """How many lots there are to reduce, for the side of this order, after `trades`."""
        orders, new = self._office.orders, self._office.orders[cl_ord_id].new
        position = self._office.position(new.account, new.instrument_id)
        for trade in trades:
            for side in (trade.maker, trade.taker):
                other = None if side is None else orders[side].new
                if other is not None and other.account == new.account:
                    position += other.side.sign * trade.qty * self.instrument.lot
        return max(0, -new.side.sign * position) // self.instrument.lot
