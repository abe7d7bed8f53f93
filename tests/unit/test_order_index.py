"""Lists of orders are in the order of the journal, whatever left State meanwhile and came back."""

from collections.abc import Iterable

import msgspec
import pytest

import scene
from omnivenue.api import order_index
from omnivenue.api.order_index import OrderIndex, place_of
from omnivenue.api.whole import found_in
from omnivenue.engine import State, decode_state
from omnivenue.engine.evict import KEEP, TIMER_ID
from omnivenue.message import Command, Entry, Event, ExecType, Exit, External, encode
from omnivenue.model import SECOND, Atoms, ClOrdID, Lots, Nanos, OrderID
from omnivenue.oms import Composite, Parent
from scene import AT_A, BUY, MAIN, PX, WHOLE, Desk

FIRST = "k1"


class Followed(Desk):
    """A desk whose index is told of every entry, as the loop tells it."""

    def __init__(self) -> None:
        super().__init__()
        self._told = sum(1 for _ in self.journal.lines())
        self.index = OrderIndex(self.state)

    def tell(self, event: Event) -> list[Command]:
        commands = super().tell(event)
        if hasattr(self, "index"):
            lines = list(self.journal.lines(self._told))
            self._told += len(lines)
            self.index.follow([msgspec.json.decode(line, type=Entry) for line in lines])
        return commands

    def ids(self, after: str | None = None) -> list[str]:
        place = None if after is None else place_of(self.parent(after))
        return _ids(self.index.after(place))

    def working(self) -> list[str]:
        return _ids(self.index.working_after(None))

    def end(self, key: str) -> None:
        self.tell(scene.report(self.order(key).new.cl_ord_id, ExecType.CANCELED, f"x-{key}"))

    def let_go(self) -> None:
        """Of all that is over."""
        self.later(KEEP // SECOND)
        self.tell(scene.cancel(f"n{self.at}", "nobody"))
        self.wake(TIMER_ID)


def _ids(parents: Iterable[Parent | Composite]) -> list[str]:
    return [parent.order.instruction_id for parent in parents]


def test_orders_keep_their_place_across_a_snapshot() -> None:
    desk = Followed()
    for key in ("z", "m", "a"):
        desk.place(scene.buy(key))
    desk.state = decode_state(encode(desk.state))  # forgets the order of insertion
    desk.index = OrderIndex(desk.state)
    for key in ("y", "b"):
        desk.place(scene.buy(key))
    assert desk.ids() == ["z", "m", "a", "y", "b"]
    assert desk.ids(after="a") == ["y", "b"]
    desk.end("m")
    assert desk.working() == ["z", "a", "y", "b"]


def test_what_has_left_is_not_listed_and_is_again_where_it_was_when_it_comes_back() -> None:
    desk = Followed()
    for key in (FIRST, "k2", "k3"):
        desk.place(scene.buy(key))
        desk.end(key)
    desk.let_go()
    desk.place(scene.buy("k4"))
    assert desk.ids() == ["k4"]
    desk.tell(scene.cancel("c1", "k2"))  # too late, and it comes back to be told so
    desk.place(scene.buy("k5"))
    assert desk.ids() == ["k2", "k4", "k5"]
    desk.let_go()
    assert desk.ids() == ["k4", "k5"]


def test_a_restart_knows_what_is_there_and_takes_back_what_is_not() -> None:
    desk = Followed()
    desk.place(scene.buy(FIRST))
    desk.end(FIRST)
    desk.let_go()
    desk.place(scene.buy("k2"))
    desk.index = OrderIndex(desk.state)
    desk.tell(scene.cancel("c1", FIRST))
    assert desk.ids() == [FIRST, "k2"]


def test_places_of_what_has_left_are_dropped(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(order_index, "GONE_MIN", 2)
    desk = Followed()
    for n in range(5):
        desk.place(scene.buy(f"k{n}"))
        if n < 4:
            desk.end(f"k{n}")
    assert len(desk.index) == 5
    desk.let_go()
    assert len(desk.index) == 1
    assert desk.ids() == ["k4"]


def test_a_piece_of_the_past_is_not_looked_for_among_all_that_has_left(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Their places are kept for long. A page of the archive asks for each of its pieces what is
    here between two places, and there may be nothing for a hundred thousand."""
    desk = Followed()
    for n in range(20):
        desk.place(scene.buy(f"k{n:02}"))
        if n not in {1, 19}:
            desk.end(f"k{n:02}")
    places = [place_of(each) for each in desk.index.after(None)]
    desk.let_go()
    assert len(desk.index) == 20
    looked_up: list[OrderID] = []

    def counted(state: State, order_id: OrderID) -> Parent | Composite | None:
        looked_up.append(order_id)
        return found_in(state, order_id)

    monkeypatch.setattr(order_index, "found_in", counted)
    assert _ids(desk.index.after(None, places[2])) == ["k01"]
    assert looked_up == ["k00", "k01", "k02"]
    assert _ids(desk.index.after(places[2], places[-1])) == ["k19"]


def test_both_exits_of_a_bracket_have_places_of_their_own() -> None:
    """They come in one entry, so the entry alone would be no place."""
    desk = Followed()
    profit = Exit(limit_px=Atoms(PX + 1_000 * WHOLE))
    loss = Exit(stop_px=Atoms(PX - 1_000 * WHOLE))
    desk.place(scene.buy(FIRST, take_profit=profit, stop_loss=loss))
    desk.place(scene.buy("k2"))
    desk.tell(scene.trade(desk.order(FIRST).new.cl_ord_id, 10))
    assert desk.ids() == [FIRST, "k2", "k1~sl", "k1~tp"]
    assert desk.ids(after="k1~sl") == ["k1~tp"]
    assert desk.working() == ["k2", "k1~sl", "k1~tp"], "one rests, and one waits for its trigger"


def test_an_order_of_somebody_else_is_listed_as_it_is_adopted() -> None:
    desk = Followed()
    told = External(
        account=MAIN,
        instrument_id=AT_A.instrument_id,
        instrument_version=1,
        side=BUY,
        qty=Lots(10),
        limit_px=scene.ticks(59_000),
    )
    for n, by_answer in enumerate((False, True)):
        cl_ord_id = ClOrdID(f"theirs{n}")
        new = scene.report(cl_ord_id, ExecType.NEW, f"x{n}", external=told, transact_at=Nanos(1))
        if by_answer:
            desk.sweep()
            desk.tell(scene.answer(scene.A, desk.last_query(), desk.at, reports=(new,)))
        else:
            desk.tell(new)
    assert desk.ids() == ["external~SIM-A~theirs0", "external~SIM-A~theirs1"]
    assert OrderID(desk.ids()[0]) in desk.state.live
