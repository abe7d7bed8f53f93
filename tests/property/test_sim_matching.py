"""Whatever the market does and whatever we send: nothing trades that was not there, and no money
comes from nowhere. A model that only counts is compared with the matching that queues."""

from collections import defaultdict

from hypothesis import given, settings
from hypothesis import strategies as st

from exchanges import BTC_USDT, BUY, MAIN, SELL, VENUE, Scripted, book, cancel, level, printed
from exchanges import order as order_of
from omnivenue.message import ExecType, ExecutionReport
from omnivenue.model import AssetID, ClOrdID, Lots, Nanos, Side, Ticks, TimeInForce
from omnivenue.venue.sim.exchange import Exchange
from omnivenue.venue.sim.matching import Matching, Trade
from omnivenue.venue.sim.record import Habits
from omnivenue.venue.sim.source import (
    BookLost,
    BookReset,
    Doubt,
    LevelChanged,
    MarketEvent,
    Printed,
    TimeJumped,
)

MID = 100
PXS = st.integers(MID - 4, MID + 4)
QTYS = st.integers(1, 9)
SIDES = st.sampled_from(Side)


@st.composite
def changes(draw: st.DrawFn) -> MarketEvent:
    match draw(st.sampled_from(["level"] * 4 + ["print"] * 4 + ["book"] * 4 + ["lost", "jumped"])):
        case "level":
            return level(draw(SIDES), draw(PXS), draw(st.integers(0, 9)))
        case "print":
            return printed(draw(PXS), draw(QTYS), draw(SIDES))
        case "lost":
            return BookLost(draw(st.sampled_from(Doubt)))
        case "jumped":
            return TimeJumped(1)
        case _:
            bid = draw(PXS)
            bids = [(bid - i, draw(QTYS)) for i in range(3)]
            return book(bids, [(bid + 1 + i, draw(QTYS)) for i in range(3)])


type Order = tuple[Side, int, int, TimeInForce]

ORDERS: st.SearchStrategy[Order] = st.tuples(SIDES, PXS, QTYS, st.sampled_from(TimeInForce))
STEPS = st.lists(changes() | ORDERS | st.integers(0, 20), max_size=40)


class Counted:
    """What the market has offered and not yet given, level by level, and no queues."""

    def __init__(self) -> None:
        self.shown: dict[tuple[Side, int], int] = {}
        self.is_lost = False

    def change(self, event: MarketEvent) -> int:
        """What it prints may be given to us on top of what is shown."""
        match event:
            case LevelChanged(side=side, px=px, qty=qty):
                if not self.is_lost:
                    self.shown[side, px] = qty
            case BookReset(bids=bids, asks=asks):
                self.shown = {(BUY, px): qty for px, qty in bids}
                self.shown |= {(SELL, px): qty for px, qty in asks}
                self.is_lost = False
            case BookLost():
                self.is_lost = True
            case TimeJumped():
                pass
            case Printed(qty=qty):
                return qty
        self.is_lost = self.is_lost or self.is_crossed
        if self.is_lost:
            self.shown = {}
        return 0

    @property
    def is_crossed(self) -> bool:
        pxs = {
            side: [px for (s, px), qty in self.shown.items() if s is side and qty] for side in Side
        }
        return max(pxs[BUY], default=0) >= min(pxs[SELL], default=10**9)

    def settle(self, taken: dict[Side, int], m: Matching) -> None:
        """The matching's book says which levels gave; in sum they gave what was traded."""
        for side in Side:
            left = {px: m.book.qty_at(side, Ticks(px)) for s, px in self.shown if s is side}
            gave = {px: self.shown[side, px] - qty for px, qty in left.items()}
            assert all(given >= 0 for given in gave.values())
            assert sum(gave.values()) == taken[side]
            self.shown |= {(side, px): qty for px, qty in left.items()}


@settings(max_examples=300, deadline=None)
@given(STEPS)
def test_own_fills_never_exceed_what_was_shown_and_not_yet_taken(
    steps: list[MarketEvent | Order | int],
) -> None:
    m, counted = Matching(), Counted()
    limits: dict[ClOrdID, tuple[Side, int, int]] = {}
    filled: dict[ClOrdID, int] = defaultdict(int)
    for i, step in enumerate(steps):
        if isinstance(step, int):
            m.leave(ClOrdID(f"c{step}"))
            continue
        if isinstance(step, tuple):
            name = ClOrdID(f"c{i}")
            trades = placed(m, name, step)
            limits[name] = step[:3]
            taken = {step[0].opposite: quantity(trades, maker=None), step[0]: 0}
            counted.settle(taken, m)
        else:
            extra = counted.change(step)
            trades = m.apply(Nanos(i), [step])
            given_by_book = quantity_crossed(counted, m)
            if isinstance(step, Printed):  # who was gone through is filled, whatever was printed
                trades_there = [t for t in trades if t.px == step.px]
                assert quantity(trades_there, taker=None) <= given_by_book + extra
            else:
                assert quantity(trades, taker=None) <= given_by_book
        for trade in trades:
            for name_ in (trade.taker, trade.maker):
                if name_ is not None:
                    filled[name_] += trade.qty
                    side, px, _ = limits[name_]
                    assert (trade.px - px) * side.sign <= 0
    assert all(filled[name] <= qty for name, (_, _, qty) in limits.items())


def placed(m: Matching, name: ClOrdID, new: Order) -> list[Trade]:
    side, px, qty, tif = new
    can = m.can_fill(side, Ticks(px), Lots(qty))
    if tif is TimeInForce.FOK and not can:
        return []
    trades = m.take(name, side, Ticks(px), Lots(qty))
    left = qty - sum(t.qty for t in trades)
    assert can is (left == 0)
    if left and tif is TimeInForce.GTC:
        m.rest(name, side, Ticks(px), Lots(left))
    return trades


def quantity(trades: list[Trade], taker: str | None = "any", maker: str | None = "any") -> int:
    """Of the trades in which that side is the market's."""
    return sum(
        t.qty
        for t in trades
        if (taker is not None or t.taker is None) and (maker is not None or t.maker is None)
    )


def quantity_crossed(counted: Counted, m: Matching) -> int:
    """What the book gave to orders that it came to, now missing in it."""
    gave = 0
    for (side, px), qty in counted.shown.items():
        now = m.book.qty_at(side, Ticks(px))
        assert now <= qty
        gave += qty - now
        counted.shown[side, px] = now
    return gave


@settings(max_examples=200, deadline=None)
@given(STEPS, st.integers(0, 100))
def test_money_is_conserved_to_the_atom(steps: list[MarketEvent | Order | int], bust: int) -> None:
    """What the account has is what its standing trades say, each with its fee."""
    base = 60_000  # ticks below, so that every order is large enough for the venue
    happened = [
        (i, [shifted(step, base)])
        for i, step in enumerate(steps)
        if not isinstance(step, int | tuple)
    ]
    source = Scripted(*happened)
    habits = Habits(bust=bust, bust_within=10)
    e = Exchange(VENUE, (BTC_USDT,), {BTC_USDT.instrument_id: source}, habits, seed=bust)
    for i, step in enumerate(steps):
        e.advance(Nanos(i))
        if isinstance(step, tuple):
            side, px, qty, tif = step
            e.handle(Nanos(i), order_of(f"c{i}", side, qty * 10_000, px + base, tif))
        elif isinstance(step, int):
            e.handle(Nanos(i), cancel(f"c{step}"))
    expected: dict[AssetID, int] = defaultdict(int)
    for placed_ in e.orders.values():
        assert placed_.cum == sum(r.last_qty for r in placed_.standing) <= placed_.new.qty
        for trade in placed_.standing:
            account_for(expected, placed_.new.side, trade)
        assert placed_.reports[-1].cum_qty == placed_.cum
        trades = [r for r in placed_.reports if r.exec_type is ExecType.TRADE]
        assert len({r.exec_id for r in trades}) == len(trades)
    balances = e.balances.get(MAIN, {})
    assert {a: n for a, n in balances.items() if n} == {a: n for a, n in expected.items() if n}


def account_for(expected: dict[AssetID, int], side: Side, trade: ExecutionReport) -> None:
    """In integers of its own: one lot is 1000 satoshi, one tick 10^6 atoms of USDT per BTC, so the
    quote amount is exact."""
    amount = trade.last_qty * trade.last_px * 1000 * 10**6 // 10**8
    expected[AssetID("BTC")] += side.sign * trade.last_qty * 1000
    expected[AssetID("USDT")] -= side.sign * amount + trade.fee
    assert 0 <= trade.fee - amount * (2 if trade.liquidity.value == "maker" else 4) / 10**4 < 1


def shifted(event: MarketEvent, by: int) -> MarketEvent:
    """The same event at the prices and in the sizes that the exchange takes."""

    def levels(of: tuple[tuple[Ticks, Lots], ...]) -> list[tuple[int, int]]:
        return [(px + by, qty * 10_000) for px, qty in of]

    match event:
        case LevelChanged(side=side, px=px, qty=qty):
            return level(side, px + by, qty * 10_000)
        case Printed(px=px, qty=qty, aggressor=aggressor):
            return printed(px + by, qty * 10_000, aggressor)
        case BookReset(bids=bids, asks=asks):
            return book(levels(bids), levels(asks))
        case BookLost() | TimeJumped():
            return event
