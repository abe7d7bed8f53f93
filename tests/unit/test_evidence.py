"""The journal against the exchanges' records: what is found, and under which name."""

from pathlib import Path

import msgspec
import pytest

import exchanges
from omnivenue.cli.demo.evidence import discrepancies, offices, remembering
from omnivenue.engine.evict import EVERY, KEEP, TIMER_ID
from omnivenue.message import (
    CancelOrder,
    ExecType,
    External,
    FundingPaid,
    NewOrder,
    ReplaceOrder,
)
from omnivenue.model import SECOND, Atoms, ClOrdID, Liquidity, Lots, Nanos, OrderID
from omnivenue.venue.sim.back_office import BackOffice
from omnivenue.venue.sim.by_hand import order_of
from omnivenue.venue.sim.house import House
from omnivenue.venue.sim.record import Placed
from scene import (
    AT_A,
    AT_F,
    BUY,
    DEPOSITS,
    LOT,
    MAIN,
    USDT,
    A,
    Desk,
    adjustment,
    buy,
    cancel,
    replace,
    ticks,
)


class Story:
    """One that the exchanges keep too; a test leaves something out of one of the two."""

    def __init__(self) -> None:
        self.desk = Desk()
        self.a, self.f = (BackOffice(i.venue_id, (i,), {}) for i in (AT_A, AT_F))
        for given in DEPOSITS:
            for office in (self.a, self.f):
                if office.venue_id == given.venue_id:
                    office.deposit(given.account, given.asset, given.amount)

    def place(self, new: NewOrder) -> Placed:
        placed = self.a.open(new)
        self.desk.tell(self.a.ack(self.now, placed))
        return placed

    def buy(self, key: str, lots: int = 10) -> Placed:
        return self.place(self.desk.place(buy(key, lots)).new)

    def trade(self, placed: Placed, lots: int) -> None:
        px = ticks(60_000)
        self.desk.tell(self.a.trade(self.now, placed, Lots(lots), px, Liquidity.TAKER))

    def replaced(self, placed: Placed, key: str, lots: int) -> None:
        event = replace(key, placed.new.parent_id, qty=Atoms(lots * LOT))
        (command,) = [c for c in self.desk.tell(event) if isinstance(c, ReplaceOrder)]
        self.desk.tell(self.a.replace(self.now, placed, command))

    @property
    def now(self) -> Nanos:
        return Nanos(self.desk.at)

    @property
    def found(self) -> list[tuple[str, str]]:
        found = discrepancies(self.desk.state, (self.a, self.f))
        assert [str(d) for d in found] == [d.words for d in found]
        return [(d.kind.value, d.words) for d in found]

    @property
    def kinds(self) -> list[str]:
        return [kind for kind, _ in self.found]


def again(new: NewOrder, cl_ord_id: str, parent_id: str = "") -> NewOrder:
    parent = OrderID(parent_id or new.parent_id)
    return msgspec.structs.replace(new, cl_ord_id=ClOrdID(cl_ord_id), parent_id=parent)


def test_two_stories_that_agree() -> None:
    story = Story()
    story.trade(story.buy("i"), 10)
    assert story.found == []


@pytest.mark.holds("I1", "I3")
def test_an_order_that_stands_alone_was_lost() -> None:
    story = Story()
    story.a.open(again(story.buy("i").new, "another", "never-heard-of"))
    assert story.found == [("lost", "SIM-A has another, which the journal does not know")]


@pytest.mark.holds("I2")
def test_beside_one_that_the_journal_knows_it_is_a_second() -> None:
    story = Story()
    first = story.buy("i").new
    story.a.open(again(first, "another"))
    total = f"i was placed 2 times at SIM-A: {20 * LOT} atoms in all"
    assert story.found == [
        ("doubled", "SIM-A has another, which the journal does not know"),
        ("doubled", total),
    ]
    story.desk.state.orders[ClOrdID("another")] = story.desk.state.orders[first.cl_ord_id]
    assert story.found == [("doubled", total)], "also where the journal knows both"


@pytest.mark.holds("I2")
def test_one_that_follows_another_is_counted_on_the_terms_in_force() -> None:
    story = Story()
    first = story.buy("i")
    story.trade(first, 3)
    desk = story.desk
    commands = desk.tell(replace("r1", "i", qty=Atoms(8 * LOT)))  # this venue has no replace
    assert any(isinstance(c, CancelOrder) for c in commands)
    (new,) = [
        c
        for c in desk.tell(story.a.end(story.now, first, ExecType.CANCELED))
        if isinstance(c, NewOrder)
    ]
    second = story.place(new)
    assert (new.qty, story.found) == (5, [])
    desk.equip()
    story.replaced(second, "r2", 20)
    assert (second.qty, story.found) == (17, [])
    story.replaced(second, "r3", 6)
    assert (second.qty, story.found) == (3, []), "no more than it came with may trade"
    first.ended = None  # its end was never true
    assert story.found == [("doubled", f"i was placed 2 times at SIM-A: {13 * LOT} atoms in all")]


@pytest.mark.holds("I1", "I13")
def test_a_trade_that_we_were_not_told_of_is_lost() -> None:
    story = Story()
    placed = story.buy("i")
    story.desk.tell(story.a.end(story.now, placed, ExecType.CANCELED))
    story.a.trade(story.now, placed, Lots(4), ticks(60_000), Liquidity.TAKER)
    assert story.kinds == ["lost", "apart", "apart"]
    assert story.found[0][1] == f"SIM-A traded 4 of {placed.new.cl_ord_id}, we 0"


@pytest.mark.holds("I13")
def test_a_bust_that_we_were_not_told_of_sets_the_amounts_apart() -> None:
    story = Story()
    placed = story.buy("i")
    story.trade(placed, 10)
    bust = story.a.take_back(story.now, placed, placed.reports[-1])
    assert story.kinds == ["apart"] * 3
    story.desk.tell(bust)
    story.desk.tell(story.a.end(story.now, placed, ExecType.CANCELED))
    assert story.found == []


@pytest.mark.holds("I13", "T17")
def test_funding_counts() -> None:
    story = Story()
    paid = story.f.fund(story.now, f"{AT_F.instrument_id}@1", MAIN, (USDT, -70))
    assert isinstance(paid, FundingPaid)
    assert story.kinds == ["apart"]
    story.desk.tell(paid)
    assert story.found == []


@pytest.mark.holds("I13")
def test_an_adjustment_counts_where_it_explains_what_the_venue_has() -> None:
    story = Story()
    story.a.deposit(MAIN, USDT, 5)
    assert story.kinds == ["apart"]
    for n, kinds in enumerate(([], ["apart"])):
        story.desk.tell(adjustment(f"a{n}", 5))
        assert story.kinds == kinds


@pytest.mark.holds("I12")
def test_an_order_by_hand_counts_as_any_other() -> None:
    story, name = Story(), ClOrdID("web-1")
    by_hand = External(
        account=MAIN,
        instrument_id=AT_A.instrument_id,
        instrument_version=1,
        side=BUY,
        qty=Lots(10),
        limit_px=ticks(60_000),
    )
    placed = story.a.open(order_of(A, name, by_hand), by_hand)
    assert story.kinds == ["lost"]
    story.desk.tell(story.a.ack(story.now, placed))
    story.trade(placed, 10)
    assert story.found == []


@pytest.mark.holds("I1", "I2")
def test_what_has_left_state_is_not_lost() -> None:
    """A minute after its end no order is in State, and the exchanges have all of them still."""
    story = Story()
    desk, placed = story.desk, story.buy("i")
    story.trade(placed, 10)
    desk.tell(cancel("c", "i"))
    desk.later((KEEP + EVERY) // SECOND)
    desk.tell(cancel("d", "nobody"))
    desk.wake(TIMER_ID)
    assert not desk.state.parents
    assert [kind for kind, _ in story.found] == ["lost"]
    whole = remembering(desk.journal.lines())
    assert list(whole.parents) == ["i"]
    assert set(whole.requests) == {"c", "d"}
    assert discrepancies(whole, (story.a, story.f)) == []
    desk.tell(story.a.take_back(story.now, placed, placed.reports[-1]))
    desk.tell(story.a.end(story.now, placed, ExecType.CANCELED))
    whole = remembering(desk.journal.lines())
    assert whole.orders[placed.new.cl_ord_id].cum_qty == 0, "as it is, not as it left"
    assert discrepancies(whole, (story.a, story.f)) == []


def test_an_exchange_is_what_its_record_makes_it(tmp_path: Path) -> None:
    path = tmp_path / f"{exchanges.VENUE}.jsonl"
    house = House(exchanges.exchange(), path)
    house.deposit(exchanges.at(0), exchanges.MAIN, exchanges.USDT, 10**14)
    house.handle(exchanges.at(1), exchanges.order("i", BUY, px=exchanges.PX + 1))
    (office,) = offices(tmp_path)
    assert office.orders == house.exchange.orders
    assert office.balances == house.exchange.balances
    assert office.orders[ClOrdID("i")].cum > 0
