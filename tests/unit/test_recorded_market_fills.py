"""Fills on the recorded market lie within the recorded book of their instant.

The judge keeps a book of its own, two plain tables made from the records alone: it knows nothing of
how the exchange matches, only what was shown, what was printed, and what we took of it before.
"""

from random import Random

import pytest

from exchanges import MAIN, order
from omnivenue.engine import State
from omnivenue.journal import MemoryJournal
from omnivenue.market import Quote
from omnivenue.message import (
    AccountOpened,
    Deposited,
    Entry,
    ExecType,
    ExecutionReport,
    InstrumentsListed,
    LimitsSet,
    NewOrder,
    OrderInstructed,
    Refuse,
    VenueUp,
)
from omnivenue.model import (
    SECOND,
    AssetID,
    Atoms,
    InstructionID,
    Limits,
    Liquidity,
    Nanos,
    OrdType,
    Side,
    StrategyID,
    TimeInForce,
    VenueID,
)
from omnivenue.runtime import Books, Core, turn
from omnivenue.runtime.books import STALE_AFTER
from omnivenue.venue.sim import Exchange
from omnivenue.venue.sim.generator import continuing
from omnivenue.venue.sim.recorded_market import RecordedMarket
from omnivenue.venue.sim.recording import Jumped, Lost, Snapped, Traded, Updated, excerpt
from omnivenue.venue.sim.rules import instruments_of
from omnivenue.venue.sim.source import Printed
from scene import COLLAR, answer

VENUE = VenueID("BINANCE-SPOT")
PAIR = instruments_of(VENUE)[0]
RECORDING = excerpt()
START = Nanos(1_700_000_000 * SECOND)
END = Nanos(START + RECORDING.records[-1].after)
MS = SECOND // 1_000

type Levels = dict[int, int]


class Judge:
    """What the recording shows at one instant, and what is left of it after what we took."""

    def __init__(self) -> None:
        self.sides: dict[Side, Levels] = {Side.BUY: {}, Side.SELL: {}}
        self.taken: dict[tuple[Side, int], int] = {}
        self.prints: list[Printed] = []  # of the records that were read last
        self._next = 0

    @property
    def next_at(self) -> int | None:
        if self._next == len(RECORDING.records):
            return None
        return START + RECORDING.records[self._next].after

    def go_to(self, at: int) -> None:
        self.prints = []
        while (next_at := self.next_at) is not None and next_at <= at:
            self._read()

    def best(self, side: Side) -> int:
        return max(self.sides[side]) if side is Side.BUY else min(self.sides[side])

    def take(self, side: Side, limit_px: int, qty: int) -> list[tuple[int, int]]:
        """What an order must get that trades now or never: best price first, up to its limit."""
        shown, got = self.sides[side.opposite], list[tuple[int, int]]()
        for px in sorted(shown, key=lambda px: px * side.sign):
            there = min(qty, shown[px] - self.taken.get((side.opposite, px), 0))
            if (px - limit_px) * side.sign > 0 or not qty:
                break
            if there > 0:
                got.append((px, there))
                qty -= there
        for px, lots in got:
            key = (side.opposite, px)
            self.taken[key] = self.taken.get(key, 0) + lots
        return got

    def _read(self) -> None:
        match RECORDING.records[self._next]:
            case Snapped(book=book):
                self.sides = {Side.BUY: dict(book.bids), Side.SELL: dict(book.asks)}
                self.taken = {}
            case Updated(changes=changes):
                for change in changes:
                    self.taken.pop((change.side, change.px), None)
                    self.sides[change.side][change.px] = change.qty
                    if not change.qty:
                        del self.sides[change.side][change.px]
            case Traded(printed=printed):
                self.prints.append(printed)
            case Lost() | Jumped():
                raise AssertionError("nothing of it was lost")
        self._next += 1


def recorded(*, keeps_going: bool = False) -> Exchange:
    then = continuing(1) if keeps_going else None
    return Exchange(VENUE, (PAIR,), {PAIR.instrument_id: RecordedMarket(RECORDING, START, then)})


def limited(key: str, side: Side, qty: int, px: int, tif: TimeInForce) -> NewOrder:
    return order(key, side, qty, px, tif, venue_id=VENUE, instrument_id=PAIR.instrument_id)


def fills(events: list[object] | list[ExecutionReport]) -> list[ExecutionReport]:
    return [e for e in events if isinstance(e, ExecutionReport) and e.exec_type is ExecType.TRADE]


@pytest.mark.holds("I10")
@pytest.mark.parametrize("seed", [1, 2, 3])
def test_takers_get_what_was_shown_then_and_no_more(seed: int) -> None:
    """At some 300 instants, from a crumb to more than the ten best levels, some again at once."""
    exchange, judge, random = recorded(), Judge(), Random(seed)
    at, traded, emptied = int(START), 0, 0
    for n in range(400):
        at += random.choice((0, MS, 97 * MS, SECOND // 2))
        if at > END:
            break
        exchange.advance(Nanos(at))
        judge.go_to(at)
        side = random.choice((Side.BUY, Side.SELL))
        px = judge.best(side.opposite) + side.sign * random.choice((-1, 0, 1, 50, 2_000))
        qty = random.choice((100, 5_000, 100_000, 2_000_000))
        said = exchange.handle(Nanos(at), limited(f"o{n}", side, qty, px, TimeInForce.IOC))
        got = [(int(f.last_px), int(f.last_qty)) for f in fills([*said])]
        assert got == judge.take(side, px, qty), f"order {n} of seed {seed}"
        assert all(f.liquidity is Liquidity.TAKER for f in fills([*said]))
        traded += sum(lots for _, lots in got)
        emptied += len(got) > 1
    assert traded > 10**6
    assert emptied > 20, "some went through several levels"


@pytest.mark.holds("I10")
def test_all_or_nothing_is_all_or_nothing() -> None:
    exchange, judge = recorded(), Judge()
    whole = 0
    for n in range(200):
        at = START + n * SECOND // 2
        exchange.advance(Nanos(at))
        judge.go_to(at)
        px, qty = judge.best(Side.SELL) + 300, 30_000 * (n % 9 + 1)
        said = exchange.handle(Nanos(at), limited(f"o{n}", Side.BUY, qty, px, TimeInForce.FOK))
        got = sum(f.last_qty for f in fills([*said]))
        before = dict(judge.taken)
        there = sum(lots for _, lots in judge.take(Side.BUY, px, qty))
        assert got == (qty if there == qty else 0)
        if not got:
            judge.taken = before
        whole += got > 0
    assert 0 < whole < 200


class Book:
    """Our resting orders, and why each of their fills may have happened."""

    def __init__(self, judge: Judge) -> None:
        self._judge = judge
        self.resting: dict[str, NewOrder] = {}
        self.causes: dict[str, int] = {"printed": 0, "through": 0, "crossed": 0}

    def check(self, found: list[ExecutionReport]) -> None:
        by_print: dict[tuple[Side, int], int] = {}
        for fill in found:
            new = self.resting[fill.cl_ord_id]
            assert fill.last_px == new.limit_px, "who rests trades at his own price"
            assert fill.liquidity is Liquidity.MAKER
            cause = self._cause(new)
            self.causes[cause] += 1
            if cause == "printed":
                key = (new.side, int(new.limit_px))
                by_print[key] = by_print.get(key, 0) + fill.last_qty
        for (side, px), lots in by_print.items():
            assert lots <= self._printed(side, px), "no more than was printed at that instant"

    def _cause(self, new: NewOrder) -> str:
        sign, px = new.side.sign, int(new.limit_px)
        if any(
            p.aggressor is new.side.opposite and (p.px - px) * sign < 0 for p in self._judge.prints
        ):
            return "through"
        if (self._judge.best(new.side.opposite) - px) * sign <= 0:
            return "crossed"
        assert self._printed(new.side, px), f"{new.cl_ord_id} was filled and nothing happened"
        return "printed"

    def _printed(self, side: Side, px: int) -> int:
        return sum(p.qty for p in self._judge.prints if p.px == px and p.aggressor is side.opposite)


@pytest.mark.holds("I10")
def test_who_rests_is_filled_at_his_price_when_the_market_came_to_it() -> None:
    """Record by record: each fill has its cause in the very records of its instant."""
    exchange, judge = recorded(), Judge()
    exchange.advance(START)
    judge.go_to(START)
    book, placed = Book(judge), 0
    while (at := judge.next_at) is not None:
        judge.go_to(at)
        book.check(fills([*exchange.advance(Nanos(at))]))
        if placed * SECOND // 4 > at - START:
            continue
        for side in Side:
            px = judge.best(side) - side.sign * (placed % 5) * 20
            new = limited(f"o{placed}-{side.name}", side, 4_000, px, TimeInForce.GTC)
            book.resting[new.cl_ord_id] = new
            said = exchange.handle(Nanos(at), new)
            assert not fills([*said]), "it was placed on its own side"
        placed += 1
    assert placed > 300
    assert min(book.causes.values()) > 10, book.causes
    still = [o for o in exchange.orders.values() if o.is_working]
    for left in still:
        px = int(left.new.limit_px)
        assert (judge.best(left.new.side.opposite) - px) * left.new.side.sign > 0


@pytest.mark.holds("I10")
def test_who_joins_a_queue_waits_for_those_ahead() -> None:
    """At the best bid behind what is shown: nothing until as much was printed or went away."""
    exchange, judge = recorded(), Judge()
    exchange.advance(START)
    judge.go_to(START)
    px = judge.best(Side.BUY)
    ahead = judge.sides[Side.BUY][px]
    exchange.handle(START, limited("o", Side.BUY, 10_000, px, TimeInForce.GTC))
    while (at := judge.next_at) is not None:
        before = ahead
        judge.go_to(at)
        ahead -= sum(p.qty for p in judge.prints if p.px == px and p.aggressor is Side.SELL)
        ahead = min(ahead, judge.sides[Side.BUY].get(px, 0))
        if found := fills([*exchange.advance(Nanos(at))]):
            went_through = any(p.px < px for p in judge.prints)
            assert before >= 0
            assert ahead <= 0 or went_through or judge.best(Side.SELL) <= px
            assert found[0].last_px == px
            return
    raise AssertionError("it was never met")


# The end of the recording, as the core meets it.


class Trader:
    """A core that sees the exchange's quotes and nothing else of it."""

    def __init__(self, exchange: Exchange) -> None:
        self._exchange = exchange
        self.core = Core(State(), MemoryJournal("paper"), Books())
        for event in (
            InstrumentsListed(instruments=(PAIR,)),
            LimitsSet(limits=Limits(limits=(COLLAR,)), from_file=True),
            AccountOpened(account=MAIN, venue_ids=(VENUE,)),
            Deposited(
                deposit_id="d",
                account=MAIN,
                venue_id=VENUE,
                asset=AssetID("USDT"),
                amount=Atoms(10**15),
            ),
            VenueUp(venue_id=VENUE),
            answer(VENUE, 0, START),
        ):
            turn(self.core, START, "test", event)

    def buy(self, key: str, at: Nanos) -> Entry:
        for said in self._exchange.advance(at):
            if isinstance(said, Quote):
                self.core.books.update(said)
        event = OrderInstructed(
            instruction_id=InstructionID(key),
            body_hash=key,
            account=MAIN,
            strategy_id=StrategyID("s1"),
            instrument_id=PAIR.instrument_id,
            side=Side.BUY,
            qty=Atoms(10**6),
            ord_type=OrdType.MARKET,
            limit_px=None,
            tif=TimeInForce.IOC,
        )
        return turn(self.core, at, "test", event)


def codes(entry: Entry) -> list[str]:
    """Of its refusal; none where it was accepted."""
    return [r.code for c in entry.commands if isinstance(c, Refuse) for r in c.reasons]


@pytest.mark.holds("I17")
def test_at_its_end_the_feed_goes_stale_and_market_orders_are_refused() -> None:
    trader = Trader(recorded())
    assert codes(trader.buy("during", Nanos(END - SECOND))) == []
    assert codes(trader.buy("just after", Nanos(END + STALE_AFTER))) == []
    late = trader.buy("later", Nanos(END + STALE_AFTER + 1))
    assert "RISK-002" in codes(late)
    (refused,) = (c for c in late.commands if isinstance(c, Refuse))
    assert any("stale" in reason.value for reason in refused.reasons)


def test_where_it_keeps_going_so_does_trading() -> None:
    exchange = recorded(keeps_going=True)
    trader = Trader(exchange)
    last = exchange.quote(PAIR.instrument_id)
    for seconds in (1, 10, 60):
        assert codes(trader.buy(f"k{seconds}", Nanos(END + seconds * SECOND))) == []
    now = exchange.quote(PAIR.instrument_id)
    assert now.at > END
    assert now != last
    assert abs(now.bids[0][0] - 6_180_000) < 100_000, "from where the recording ended"
