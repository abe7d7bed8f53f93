"""I14, twice: as the world has it, and as the core keeps it.

As the world has it: what an account holds at the exchange, with all that works there and all that
is on its way, filled against us. Only what the core decides may make this larger than a limit, so
it is looked at when something is sent; and only in days in which no venue surprises us.
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence

from omnivenue.journal import Durable
from omnivenue.ledger import Exposure
from omnivenue.message import (
    Accept,
    AcceptComposite,
    AmendParent,
    Entry,
    LimitsSet,
    Mark,
    NewOrder,
    OrderInstructed,
    ReplaceOrder,
    StartOrder,
    StartPart,
    Top,
    VenueCommand,
    decode_entry,
)
from omnivenue.model import (
    QTY_UNIT,
    SHARE_UNIT,
    AccountID,
    ClOrdID,
    Contract,
    Instrument,
    InstrumentID,
    LimitName,
    Limits,
    OrderID,
    Side,
    unit,
)
from omnivenue.oms import Order
from omnivenue.route import is_smart
from sim.checkers.checker import Checker, Watched

type Sent = NewOrder | ReplaceOrder


class LimitChecker(Checker):
    def __init__(self, loop: Watched) -> None:
        super().__init__(loop)
        self.on_way: dict[ClOrdID, Sent] = {}  # requests, by their own id
        self._limits: list[tuple[int, Limits]] = []  # from that entry on
        self._accepted: dict[OrderID, int] = {}  # by that entry of the journal
        self._entries: dict[OrderID, OrderID] = {}  # of which order it is an exit or a part

    def opened(self) -> None:
        self._limits, self._accepted, self._entries = [], {}, {}
        self._follow(decode_entry(line) for line in self.loop.core.journal.lines())

    def committed(self, entries: Sequence[Entry], touched: Sequence[Order]) -> None:
        self._follow(entries)
        for entry in entries:
            self._check_sizes(entry)

    def sent(self, durable: Durable) -> None:
        command = durable.command
        if not isinstance(command, NewOrder | ReplaceOrder):
            return
        self.on_way = {i: c for i, c in self.on_way.items() if c.expires_at > self.loop.now}
        self.on_way[command.cl_ord_id] = command
        if self.loop.is_honest and not command.is_reduction:
            self._check_worst(durable.seq, self.first(command))

    def arrived(self, command: VenueCommand) -> None:
        if isinstance(command, NewOrder | ReplaceOrder):
            self.on_way.pop(command.cl_ord_id, None)

    def look(self) -> None:
        if self.loop.is_honest:
            self._check_kept()

    def first(self, command: Sent) -> NewOrder:
        """The order that a request is about."""
        if isinstance(command, NewOrder):
            return command
        return self.state.orders[command.orig_cl_ord_id].new

    def may_trade(self, account: AccountID, instrument_id: InstrumentID) -> Iterator[Exposure]:
        """Of each order, by what it has filled and what it may, in lots."""
        exchange, _ = self.loop.venues[self.state.instruments[instrument_id].venue_id]
        asked: Counter[ClOrdID] = Counter()
        news = {i: placed.new for i, placed in exchange.orders.items()}
        for command in self.on_way.values():
            new = self.first(command)
            news[new.cl_ord_id] = new
            asked[new.cl_ord_id] = max(asked[new.cl_ord_id], command.qty)
        for cl_ord_id, new in news.items():
            if (new.account, new.instrument_id) != (account, instrument_id):
                continue
            placed = exchange.orders.get(cl_ord_id)
            filled = sum(r.last_qty for r in placed.standing) if placed else 0
            leaves = placed.leaves if placed else 0
            if placed is None or placed.is_working:
                leaves = max(leaves, asked[cl_ord_id] - filled)
            found = Exposure(net=new.side.sign * filled)
            found.reserve(new.side, leaves)
            yield found

    def range(self, account: AccountID, instrument_id: InstrumentID) -> tuple[int, int, int]:
        """Lots: the least that the position may come to be, what it is, and the most."""
        each = list(self.may_trade(account, instrument_id))
        net, buys, sells = (sum(getattr(e, n) for e in each) for n in ("net", "buys", "sells"))
        return net - sells, net, net + buys

    def worst(self, new: NewOrder) -> int:
        """Lots: the largest that the position may come to be with this order; with those of other
        accounts, which do not offset it. On the order's side alone: the other side was looked at
        when something was sent there, and a limit that was lowered since does not forbid the way
        back. What ends between zero and what is held makes nothing larger: it is none of it."""
        low, net, high = self.range(new.account, new.instrument_id)
        after = high if new.side is Side.BUY else low
        if 0 <= after <= net or net <= after <= 0:
            return 0
        others = [a for a in self.state.accounts if a != new.account]
        ranges = [self.range(account, new.instrument_id) for account in others]
        return abs(after) + sum(max(-low, high) for low, _, high in ranges)

    def limit(self, seq: int, new: NewOrder, name: LimitName) -> int | None:
        """The tightest that bears on the order; the widest of these since it was accepted, or last
        asked to be another. It counts from then on, whether it is sent by then or not: so a limit
        that is lowered afterwards is for who comes after it. The exits of a bracket were
        accepted with its entry."""
        since = self._accepted.get(self._entries.get(new.parent_id, new.parent_id), seq)
        before = [limits for first, limits in self._limits if first < since]
        between = [limits for first, limits in self._limits if since <= first < seq]
        found = [_tightest(limits, name, scopes_of(new)) for limits in (*before[-1:], *between)]
        known = [value for value in found if value is not None]
        return max(known) if known and len(known) == len(found) else None

    def _check_worst(self, seq: int, new: NewOrder) -> None:
        instrument = self.state.listing(new)
        most = self.limit(seq, new, LimitName.POSITION_QTY)
        if most is not None:
            worst = self.worst(new) * instrument.lot
            allowed = most * unit(instrument.qty_asset) // QTY_UNIT
            assert worst <= allowed, "I14: the world may come to hold more than the limit"

    def _check_sizes(self, entry: Entry) -> None:
        """Limits of one order: by what the entry itself says."""
        for command in entry.commands:
            if not isinstance(command, NewOrder) or command.is_reduction:
                continue
            instrument = self.state.listing(command)
            qty = instrument.atoms(command.qty)
            most = self.limit(entry.seq, command, LimitName.ORDER_QTY)
            if most is not None:
                assert qty * QTY_UNIT <= most * unit(instrument.qty_asset), "I14: a large order"
            most = self.limit(entry.seq, command, LimitName.ORDER_NOTIONAL)
            if most is not None:
                notional = notional_of(instrument, qty, instrument.px(command.limit_px))
                assert notional * QTY_UNIT <= most * unit(instrument.quote), "I14: a dear order"
            share = self.limit(entry.seq, command, LimitName.PRICE_COLLAR)
            is_now = command.stop_px is None and isinstance(entry.event, OrderInstructed)
            if share is not None and is_now:
                _check_collar(entry, instrument, command, share)

    def _check_kept(self) -> None:
        """What the core keeps of it, against the widest limits since the day began: a limit that
        was lowered below what there is forbids only more. The first are of a file, and were
        replaced before anybody asked for anything."""
        widest: dict[str, int] = {}
        for _, limits in self._limits[1:]:
            for limit in limits.limits:
                if limit.name is LimitName.POSITION_QTY and limit.value is not None:
                    widest[limit.scope] = max(limit.value, widest.get(limit.scope, 0))
        for scope, value in widest.items():
            if not scope.startswith("instrument:"):
                continue
            instrument_id = InstrumentID(scope.removeprefix("instrument:"))
            most = value * unit(self.state.instruments[instrument_id].qty_asset) // QTY_UNIT
            for exposures in self.state.exposures.values():
                found = exposures.get(instrument_id, Exposure())
                worst = max(found.net + found.buys, found.sells - found.net)
                assert worst <= most, "I14: more than the limit may come to be held"

    def _follow(self, entries: Iterable[Entry]) -> None:
        for entry in entries:
            if isinstance(entry.event, LimitsSet):
                self._limits.append((entry.seq, entry.event.limits))
            for command in entry.commands:
                match command:
                    case Accept(order_id=order_id):
                        self._accepted[order_id] = entry.seq
                    case StartOrder(order=order, entry_id=entry_id):
                        self._entries[OrderID(order.instruction_id)] = entry_id
                    case AcceptComposite(order_id=order_id):
                        asked = entry.event
                        if isinstance(asked, OrderInstructed) and not is_smart(asked.instrument_id):
                            self._accepted[order_id] = entry.seq  # and reserves all of it
                    case StartPart(order=order, of=whole_id):
                        self._entries[OrderID(order.instruction_id)] = whole_id
                    case AmendParent(order_id=order_id) if command.instruction_id:
                        self._accepted[order_id] = entry.seq
                    case _:
                        pass


def _tightest(limits: Limits, name: LimitName, scopes: Sequence[str]) -> int | None:
    found = [x.value for x in limits.limits if x.name is name and x.scope in scopes]
    return min((v for v in found if v is not None), default=None)


def notional_of(instrument: Instrument, qty: int, px: int) -> int:
    """Of so many atoms, in the quote asset: an inverse contract's are money themselves."""
    count = qty * instrument.multiplier
    if instrument.contract is not Contract.INVERSE:
        count = count * px // unit(instrument.base)
    return count // instrument.multiplier_unit


def scopes_of(new: NewOrder) -> tuple[str, ...]:
    return (
        "global",
        f"venue:{new.venue_id}",
        f"account:{new.account}",
        f"strategy:{new.strategy_id}",
        f"instrument:{new.instrument_id}",
    )


def _check_collar(entry: Entry, instrument: Instrument, new: NewOrder, share: int) -> None:
    """What was asked of this market bounds the price, on the aggressive side: its touch, where that
    was asked, for then the order's price was made from it."""
    seen = [a for a in entry.seen if a.question.instrument_id == new.instrument_id]
    tops = [a for a in seen if isinstance(a.answer, Top)]
    for asked in tops or seen:
        match asked.answer:
            case Mark(px=px):
                pass
            case Top(ask=ask, bid=bid):
                px = ask if new.side.sign > 0 else bid
            case _:
                continue
        bound = instrument.px(px) * (SHARE_UNIT + new.side.sign * share) // SHARE_UNIT
        over = new.side.sign * (instrument.px(new.limit_px) - bound)
        assert over <= instrument.tick, "I14: beyond the collar"
