"""The simulated exchange, without IO or clock: what it takes, and what it says of it.

Whoever holds it says what time it is, and has it `advance` to that time before it `handle`s. How
orders trade stands in `pit.py`, what it does by itself in `afterwards.py`, what it remembers of
orders and money in `back_office.py`, and how that survives in `record.py`. What becomes of messages
on their way is not known here (`faults.py`).
"""

from collections.abc import Iterable, Mapping

from msgspec.structs import replace as with_fields

from omnivenue.market import Quote
from omnivenue.message import (
    ArmDeadMan,
    CancelOrder,
    CancelRejected,
    ExecType,
    External,
    NewOrder,
    QueryOrders,
    ReplaceOrder,
    VenueCommand,
    VenueEvent,
)
from omnivenue.model import (
    AccountID,
    AssetID,
    Capabilities,
    ClOrdID,
    Instrument,
    InstrumentID,
    Nanos,
    Side,
    VenueID,
)
from omnivenue.venue.sim.afterwards import Afterwards, expiry
from omnivenue.venue.sim.agenda import Agenda, Due, What
from omnivenue.venue.sim.back_office import BackOffice
from omnivenue.venue.sim.by_hand import drawn, order_of
from omnivenue.venue.sim.chance import chance, happens
from omnivenue.venue.sim.funding import next_funding, payment, rate
from omnivenue.venue.sim.pit import Pit
from omnivenue.venue.sim.record import Habits, Line, Placed
from omnivenue.venue.sim.restoring import restore
from omnivenue.venue.sim.rules import (
    CAPABILITIES,
    NOT_SUPPORTED,
    POST_ONLY,
    SIM_REJECT,
    refusal,
)
from omnivenue.venue.sim.settle import FeeRates
from omnivenue.venue.sim.source import MarketSource

LEVELS_SHOWN = 10
UNKNOWN, TOO_LATE, OLD_VERSION = "unknown", "too late", "old version"


class Exchange:
    def __init__(
        self,
        venue_id: VenueID,
        instruments: Iterable[Instrument],
        sources: Mapping[InstrumentID, MarketSource],
        habits: Habits | None = None,
        seed: int = 0,
        *,
        capabilities: Capabilities = CAPABILITIES,
        fee_rates: FeeRates | None = None,
    ) -> None:
        self.capabilities = capabilities
        self._office = office = BackOffice(venue_id, instruments, fee_rates or {})
        self._habits = habits or Habits()
        self._seed = seed
        self._agenda = Agenda()
        self._pits: dict[InstrumentID, Pit] = {}
        self._afterwards = Afterwards(office, self._pits, self._agenda, self._habits, seed)
        for name, instrument in office.instruments.items():
            self._pits[name] = Pit(office, instrument, self._afterwards.after_trade)
        self._sources = dict(sources)
        assert sources.keys() <= self._pits.keys()
        for name, source in sources.items():
            if (at := source.next_at()) is not None:
                self._agenda.add(Due(at, What.MARKET, name))
                self._expect_funding(at, self.instruments[name])

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
        matching = self._pits[instrument_id].matching
        return Quote(
            instrument_id=instrument_id,
            bids=matching.book.levels(Side.BUY, LEVELS_SHOWN),
            asks=matching.book.levels(Side.SELL, LEVELS_SHOWN),
            at=matching.at,
            last=matching.last,
            lost=matching.doubt or "",
            time_jumps=matching.time_jumps,
        )

    def handle(self, at: Nanos, command: VenueCommand) -> list[VenueEvent]:
        match command:
            case NewOrder():
                return self._place(at, command)
            case CancelOrder():
                return [self._cancel(at, command)]
            case ReplaceOrder():
                return self._replace(at, command)
            case QueryOrders():
                says_held = self.capabilities.reports_balances
                return [self._office.answer(at, command, says_held=says_held)]
            case ArmDeadMan():
                if self.capabilities.has_dead_man_switch:
                    self._agenda.arm_dead_man(command.at)
                return []

    def reject(self, at: Nanos, new: NewOrder, text: str) -> list[VenueEvent]:
        """An order that is nothing but a memory: its id is not taken later either."""
        if new.cl_ord_id in self.orders:
            return []
        return [self._office.end(at, self._office.open(new), ExecType.REJECTED, text)]

    def fill(self, at: Nanos, cl_ord_id: ClOrdID) -> list[VenueEvent]:
        """What is left of an order trades at its limit, whatever the market shows."""
        order = self.orders.get(cl_ord_id)
        if order is None or not order.is_working or not self._office.is_listed(order.new):
            return []
        return self._pits[order.new.instrument_id].fill(at, order)

    def place_by_hand(self, at: Nanos, cl_ord_id: ClOrdID, external: External) -> list[VenueEvent]:
        """Somebody who is not us trades on an account."""
        new = order_of(self.venue_id, cl_ord_id, external)
        if cl_ord_id in self.orders or self._refusal(new):
            return []
        return self._open(at, self._office.open(new, external))

    def next_at(self) -> Nanos | None:
        return self._agenda.next_at()

    def advance(self, at: Nanos) -> list[VenueEvent | Quote]:
        """All that happened by itself up to `at`, and then the books that look different now."""
        events: list[VenueEvent | Quote] = []
        while (due := self._agenda.pop(at)) is not None:
            events += self._happen(due)
        for instrument_id, pit in self._pits.items():
            if pit.is_changed:
                events.append(self.quote(instrument_id))
                pit.is_changed = False
        return events

    def restore(self, lines: Iterable[Line]) -> None:
        """Become what the record says, deciding nothing. Resting orders go to the end of the queue
        that the market will show."""
        restore(self._office, lines)
        for order in self.orders.values():
            if order.is_working and self._office.is_listed(order.new):
                self._pits[order.new.instrument_id].rejoin(order)
            self._afterwards.restore(order)

    def _happen(self, due: Due) -> list[VenueEvent]:
        match due.what:
            case What.MARKET:
                return self._move(InstrumentID(due.about))
            case What.FUNDING:
                return self._fund(due.at, InstrumentID(due.about))
            case _:
                return self._afterwards.happen(due)

    def _move(self, instrument_id: InstrumentID) -> list[VenueEvent]:
        source = self._sources[instrument_id]
        at, happened = source.pop()
        if (next_at := source.next_at()) is not None:
            self._agenda.add(Due(next_at, What.MARKET, instrument_id))
        events = self._pits[instrument_id].apply(at, happened)
        if happens(self._habits.by_hand, self._seed, "by hand", instrument_id, at):
            events += self._do_by_hand(at, instrument_id)
        return events

    def _fund(self, at: Nanos, instrument_id: InstrumentID) -> list[VenueEvent]:
        instrument, mark = self.instruments[instrument_id], self._pits[instrument_id].mark
        self._expect_funding(at, instrument)
        if mark is None:
            return []
        of_worth, events = rate(instrument, at, self._seed), list[VenueEvent]()
        for account in sorted(self.balances):
            position = self._office.position(account, instrument_id)
            if amount := payment(instrument, position, mark, of_worth):
                funding_id, flow = f"{instrument_id}@{at}/{account}", (instrument.settle, amount)
                events.append(self._office.fund(at, funding_id, account, flow))
        return events

    def _expect_funding(self, after: Nanos, instrument: Instrument) -> None:
        if instrument.funding_interval:
            at = next_funding(instrument, after)
            self._agenda.add(Due(at, What.FUNDING, instrument.instrument_id))

    def _do_by_hand(self, at: Nanos, instrument_id: InstrumentID) -> list[VenueEvent]:
        """Cancel what was made by hand before, or make something."""
        about = (self._seed, "by hand", instrument_id, at)
        made = [o for o in self.orders.values() if o.external is not None and o.is_working]
        if made and not chance(3, *about, "cancels"):
            order = made[chance(len(made), *about, "which")]
            self._afterwards.leave(order)
            return [self._office.end(at, order, ExecType.CANCELED)]
        accounts = sorted(self.balances)
        if not accounts:
            return []
        account = accounts[chance(len(accounts), *about, "whose")]
        external = drawn(self._pits[instrument_id], account, self._seed, at)
        number = list(self._pits).index(instrument_id)
        return (
            []
            if external is None
            else self.place_by_hand(at, ClOrdID(f"{self.venue_id}~web-{number}-{at}"), external)
        )

    def _place(self, at: Nanos, new: NewOrder) -> list[VenueEvent]:
        if new.cl_ord_id in self.orders or at >= new.expires_at:
            return []  # known already, or too late to count: neither says what became of the first
        text = self._refusal(new)
        if not text and happens(self._habits.reject, self._seed, "reject", new.cl_ord_id):
            text = SIM_REJECT
        if text:
            return self.reject(at, new, text)
        return self._open(at, self._office.open(new))

    def _open(self, at: Nanos, order: Placed) -> list[VenueEvent]:
        events: list[VenueEvent] = [self._office.ack(at, order)]
        till = expiry(order)
        if till is not None and till <= at:
            return [*events, self._office.end(at, order, ExecType.EXPIRED)]
        self._afterwards.after_ack(order)
        return events + self._pits[order.new.instrument_id].accept(at, order)

    def _refusal(self, new: NewOrder) -> str:
        text = refusal(self.capabilities, self.instruments.get(new.instrument_id), new)
        if not text and new.post_only and new.stop_px is None and self._would_take(new):
            return POST_ONLY
        return text

    def _would_take(self, new: NewOrder) -> bool:
        return self._pits[new.instrument_id].matching.would_take(new.side, new.limit_px)

    def _cancel(self, at: Nanos, cancel: CancelOrder) -> VenueEvent:
        order = self.orders.get(cancel.orig_cl_ord_id)
        if order is None or not order.is_working:
            return cancel_rejected(cancel, UNKNOWN if order is None else TOO_LATE)
        self._afterwards.leave(order)
        return self._office.end(at, order, ExecType.CANCELED)

    def _replace(self, at: Nanos, replace: ReplaceOrder) -> list[VenueEvent]:
        order = self.orders.get(replace.orig_cl_ord_id)
        if at >= replace.expires_at or (order and order.version == replace.version):
            return []  # too late to count, or done already
        if text := self._replace_refusal(order, replace):
            return [cancel_rejected(replace, text)]
        assert order is not None
        return self._pits[order.new.instrument_id].replace(at, order, replace)

    def _replace_refusal(self, order: Placed | None, replace: ReplaceOrder) -> str:
        if order is None:
            return UNKNOWN
        if replace.version < order.version:
            return OLD_VERSION
        if not order.is_working or replace.qty <= order.cum:
            return TOO_LATE
        if not self.capabilities.has_replace:
            return NOT_SUPPORTED
        new = with_fields(order.new, qty=replace.qty, limit_px=replace.limit_px)
        if order.is_triggered or not order.is_waiting:
            new = with_fields(new, stop_px=None)
        if text := self._refusal(new):
            return text
        is_rejected = happens(self._habits.reject, self._seed, "reject", replace.cl_ord_id)
        return SIM_REJECT if is_rejected else ""


def cancel_rejected(request: CancelOrder | ReplaceOrder, text: str) -> CancelRejected:
    return CancelRejected(
        cl_ord_id=request.cl_ord_id, orig_cl_ord_id=request.orig_cl_ord_id, text=text
    )
