"""What has been over for long leaves State, together with what it is tied to, and nothing else
changes; whatever concerns it brings it back as it was."""

import sys
from collections.abc import Callable
from typing import Any

import msgspec
import pytest

from omnivenue.engine import State, decode_archived, decode_state, evict, state_hash
from omnivenue.engine.evict import AGAIN, BATCH, EVERY, KEEP, TIMER_ID
from omnivenue.journal import MemoryJournal, verify
from omnivenue.message import (
    Alert,
    ArmTimer,
    Command,
    Evict,
    ExecType,
    Exit,
    OrderRecalled,
    decode_entry,
    encode,
)
from omnivenue.model import SECOND, Atoms, Nanos, OrderID
from omnivenue.oms import Moment, Order, Parent, Stage
from omnivenue.runtime import Books, recover
from scene import MAIN, PX, S1, WHOLE, Desk, buy, cancel, report, trade

KEPT = KEEP // SECOND
pytestmark = pytest.mark.holds("I5")


def closed(desk: Desk, key: str = "i", lots: int = 10, **more: Any) -> Order:
    """Filled, and so over."""
    order = desk.place(buy(key, lots, **more))
    desk.tell(trade(order.new.cl_ord_id, lots, f"x-{key}"))
    assert desk.parent(key).is_over
    return order


def nudge(desk: Desk) -> list[Command]:
    """Anything at all happens."""
    return desk.tell(cancel(f"n{desk.state.seq}", "nobody"))


def evicted(commands: list[Command]) -> Evict:
    (found,) = [c for c in commands if isinstance(c, Evict)]
    return found


def alarms(commands: list[Command]) -> list[int]:
    return [
        c.timer.at for c in commands if isinstance(c, ArmTimer) and c.timer.timer_id == TIMER_ID
    ]


def test_a_start_long_after_the_last_end_decides_nothing() -> None:
    """The process was away for longer than what is over stays."""
    desk = Desk()
    closed(desk)
    lines = list(desk.journal.lines())
    journal = MemoryJournal("paper", lines)
    state = verify(State(), lines)
    recover(state, journal, Books(), Nanos((desk.at + KEEP) * 2), config_hash="")
    assert not decode_entry(lines[-1]).commands


def ring(desk: Desk) -> list[Command]:
    return desk.wake(TIMER_ID)


def later(desk: Desk) -> list[Command]:
    """Until all that has been over is due, and then the timer rings."""
    desk.later(KEPT)
    nudge(desk)
    desk.later(EVERY // SECOND)
    return ring(desk)


def test_an_order_leaves_a_while_after_its_end() -> None:
    desk = Desk()
    order = closed(desk)
    desk.later(KEPT - 1)
    assert alarms(nudge(desk)) == []
    desk.later(1)
    assert alarms(nudge(desk)) == [desk.at + EVERY]
    assert alarms(nudge(desk)) == [], "once"
    desk.later(EVERY // SECOND)
    assert evicted(ring(desk)).order_ids == ("i",)
    assert "i" not in desk.state.parents
    assert order.new.cl_ord_id not in desk.state.orders
    desk.check_replay()


def test_what_has_left_is_filed_in_the_same_commit_and_not_kept() -> None:
    desk = Desk()
    order = closed(desk)
    parent = desk.parent("i")
    later(desk)
    (archived,) = desk.state.leaving.values()
    assert (archived.parents, archived.orders) == ({"i": parent}, {order.new.cl_ord_id: order})
    nudge(desk)
    assert desk.state.leaving == {}
    for name in ("o:i", f"c:{order.new.cl_ord_id}"):
        filed = desk.journal.archived(name)
        assert filed is not None
        assert (filed.order_id, filed.seq) == ("i", parent.seq)
        assert decode_archived(filed.content) == archived
    desk.check_replay()


def test_nothing_else_changes() -> None:
    desk = Desk()
    closed(desk)
    kept = closed(desk, "working", lots=20)
    desk.later(KEPT)
    nudge(desk)
    resting = desk.place(buy("resting"))
    before = msgspec.json.decode(encode(desk.state))
    desk.later(EVERY // SECOND)
    ring(desk)
    after = msgspec.json.decode(encode(desk.state))
    changed = {name for name in before if before[name] != after[name]}
    assert changed == {"seq", "parents", "orders", "retiring", "over_at", "leaving", "timers"}
    assert set(desk.state.orders) == {resting.new.cl_ord_id}
    assert desk.state.position(MAIN, S1, kept.new.instrument_id).qty == 30 * 10**4


def test_a_late_fact_keeps_it_for_as_long_again() -> None:
    desk = Desk()
    order = closed(desk)
    desk.later(KEPT)
    desk.tell(report(order.new.cl_ord_id, ExecType.NEW, "late"))
    desk.later(EVERY // SECOND)
    command = evicted(ring(desk))
    assert (command.order_ids, command.later) == ((), ("i",))
    assert "i" in desk.state.parents
    assert evicted(later(desk)).order_ids == ("i",)
    desk.check_replay()


def test_what_is_open_again_stays_and_goes_after_its_next_end() -> None:
    desk = Desk()
    order = closed(desk)
    new = order.new
    desk.later(KEPT - 1)
    desk.tell(report(new.cl_ord_id, ExecType.TRADE_CANCEL, "b", exec_ref_id="x-i"))
    assert desk.parent("i").stage is Stage.WORKING
    command = evicted(later(desk))
    assert command.order_ids == ()
    assert command.later == ()
    desk.tell(trade(new.cl_ord_id, 10, "again"))
    assert evicted(later(desk)).order_ids == ("i",)
    desk.check_replay()


def test_refused_orders_and_requests_leave_too() -> None:
    desk = Desk()
    desk.tell(buy("refused", 10**9))
    desk.place(buy("resting"))
    desk.tell(cancel("c", "resting"))
    command = evicted(later(desk))
    assert command.order_ids == ("refused",)
    assert command.instruction_ids == ("c",)
    assert set(desk.state.parents) == {"resting"}
    desk.check_replay()


def test_a_bracket_leaves_as_one_when_the_last_of_it_is_over() -> None:
    desk = Desk()
    exits: dict[str, Any] = {
        "take_profit": Exit(limit_px=Atoms(PX + 500 * WHOLE)),
        "stop_loss": Exit(stop_px=Atoms(PX - 500 * WHOLE)),
    }
    entry = closed(desk, "i", **exits)
    assert evicted(later(desk)).order_ids == (), "its exits live"
    assert set(desk.state.parents) == {"i", "i~tp", "i~sl"}
    take_profit = desk.order("i~tp").new.cl_ord_id
    desk.tell(trade(take_profit, 10, "out"))
    assert evicted(later(desk)).order_ids == ("i", "i~tp", "i~sl")
    assert desk.state.parents == {}
    desk.tell(trade(entry.new.cl_ord_id, 1, "late"))  # through one of them all come back
    assert set(desk.state.parents) == {"i", "i~tp", "i~sl"}
    assert set(desk.state.orders) >= {entry.new.cl_ord_id, take_profit}
    desk.check_replay()


def test_no_turn_takes_more_than_a_few() -> None:
    desk = Desk()
    for n in range(BATCH + 5):
        desk.tell(cancel(f"c{n}", "nobody"))
    commands = later(desk)
    assert len(evicted(commands).instruction_ids) == BATCH
    assert alarms(commands) == [desk.at + AGAIN]
    commands = ring(desk)
    assert len(evicted(commands).instruction_ids) == 5
    assert alarms(commands) == []


def test_above_the_bound_the_oldest_leave_before_their_time(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(evict, "PARENTS_MAX", 3)
    desk = Desk()
    desk.place(buy("open"))
    for n in range(3):
        closed(desk, f"k{n}")
    commands = desk.tell(buy("refused", 10**9))
    assert alarms(commands) == []  # armed when the fourth came
    commands = ring(desk)
    assert evicted(commands).order_ids == ("k0", "k1")
    assert Alert(topic="orders leave early", about="5 in memory") in commands
    assert set(desk.state.parents) == {"open", "k2", "refused"}
    assert alarms(nudge(desk)) == [], "three are no more than three"
    desk.check_replay()


@pytest.mark.holds("I11", "T24")
def test_a_late_fill_counts_once_however_often_it_comes_and_the_order_leaves() -> None:
    desk = Desk()
    order = closed(desk, lots=10)
    late = trade(order.new.cl_ord_id, 3, "late")
    position = desk.state.position(MAIN, S1, order.new.instrument_id)
    for _ in range(3):
        assert evicted(later(desk)).order_ids == ("i",)
        desk.tell(late)
        desk.tell(late)
        assert desk.parent("i").filled == 13 * 10**4
        assert position.qty == 13 * 10**4
    assert desk.order("i").rare.flagged == ("filled more than ordered",)
    desk.check_replay()


def test_what_is_here_is_not_brought_back() -> None:
    desk = Desk()
    closed(desk)
    later(desk)
    filed = desk.journal.archived("o:i")
    assert filed is not None
    recalled = OrderRecalled(order_id=OrderID("i"), content=filed.content.decode())
    desk.tell(recalled)
    desk.tell(trade(desk.order("i").new.cl_ord_id, 3, "late"))
    before = state_hash(desk.state)
    desk.tell(recalled)
    desk.state.seq -= 1
    assert state_hash(desk.state) == before


def flat(parent: Parent) -> list[int | str]:
    return [each for moment in parent.moments for each in moment]


def listed(parent: Parent) -> list[Moment]:
    return list(parent.moments)


@pytest.mark.parametrize("moments_of", [flat, listed])
def test_what_an_older_program_has_archived_can_be_read(
    moments_of: Callable[[Parent], list[Any]],
) -> None:
    desk = Desk()
    closed(desk)
    desk.later(KEPT)
    later(desk)
    (left,) = desk.state.leaving.values()
    older = msgspec.json.decode(left.encoded())
    for key, parent in older["parents"].items():
        parent |= {"timeline": moments_of(left.parents[key]), "open": ()}
        parent |= {"seq": parent["told"][0], "received_at": parent.pop("told")[1]}
    for key, order in older["orders"].items():
        fills = {fill.pop("exec_id"): fill for fill in order["fills"]}
        order |= {"fills": fills, "flagged": ["late"], "cum_qty_px": 9}
        order["last_word"] = order.pop("last_at", 0), order.pop("last_qty", 0)
        left.orders[key].note(flagged=("late",))
    assert decode_archived(msgspec.json.encode(older)) == left


def test_a_decoded_state_takes_no_more_memory() -> None:
    desk = Desk()
    closed(desk)
    for state in (desk.state, decode_state(encode(desk.state))):
        order, parent = state.orders, state.parents[OrderID("i")]
        ((key, child),) = order.items()
        assert key is child.new.cl_ord_id is parent.children[0]
        assert child.new.parent_id is parent.order.instruction_id is next(iter(state.parents))
        assert child.new.instrument_id is parent.order.instrument_id
        assert child.last_at is child.fills[0].at
        assert parent.filled is parent.qty
        assert sys.getsizeof(parent.told) == sys.getsizeof([*parent.told][:])
        assert child.rare is Order(new=child.new).rare
    assert state_hash(decode_state(encode(desk.state))) == state_hash(desk.state)
