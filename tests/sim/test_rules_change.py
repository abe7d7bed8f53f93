"""What was decided stays decided: a journal written under other rules makes the same state.

The rules change between two starts of the program: a limit is checked otherwise, and the version of
our decisions is raised. The old entries are folded and not decided again.
"""

import sys
from collections.abc import Callable

import pytest

from omnivenue.engine import DECISION_VERSION, State, state_hash
from omnivenue.journal import Differs, MemoryJournal, recover, replay, verify
from omnivenue.message import SCHEMA_VERSION, NewOrder, Opened, Reason, decode_entry
from omnivenue.model import Nanos
from omnivenue.risk import Approved, Circumstances, Intent, Refused, check
from omnivenue.runtime import Books
from omnivenue.runtime.turn import recover as start
from scene import VENUES, Desk, buy, names, sell, trade
from sim.world import Day

OPENED = Opened(
    mode="paper", schema_version=SCHEMA_VERSION, decision_version=DECISION_VERSION, config_hash=""
)

type Rule = Callable[[dict[str, int], Circumstances, Intent], Approved | Refused]


def small_orders_only(
    limits: dict[str, int], now: Circumstances, intent: Intent
) -> Approved | Refused:
    """The new rule: no order above five lots, whatever else holds."""
    if intent.qty > 5 * 10**4:
        return Refused((Reason(code="RISK-005", message="a new rule"),))
    return check(limits, now, intent)


def change_the_rules(monkeypatch: pytest.MonkeyPatch, rule: Rule, version: int) -> None:
    monkeypatch.setattr(sys.modules["omnivenue.engine.approve"], "check", rule)
    for module in ("engine.step", "journal.replay", "runtime.turn"):
        monkeypatch.setattr(sys.modules[f"omnivenue.{module}"], "DECISION_VERSION", version)


def written_before() -> Desk:
    """Orders of ten lots, filled and open, under the rules of today."""
    desk = Desk()
    desk.tell(OPENED)
    for venue_id in VENUES:
        desk.reconcile(venue_id)
    order = desk.place(buy("i"))
    desk.tell(trade(order.new.cl_ord_id, 4))
    desk.place(sell("j"))
    return desk


@pytest.mark.covers("N3")
@pytest.mark.holds("I5", "T10")
def test_old_entries_fold_to_the_same_state_under_new_rules(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    desk = written_before()
    lines, want = list(desk.journal.lines()), state_hash(desk.state)
    change_the_rules(monkeypatch, small_orders_only, DECISION_VERSION + 1)
    assert state_hash(replay(State(), lines)) == want
    assert state_hash(recover(MemoryJournal("paper", lines))) == want


@pytest.mark.holds("I5", "T10")
def test_after_a_start_under_new_rules_each_entry_is_verified_by_its_own(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    desk = written_before()
    lines = list(desk.journal.lines())
    change_the_rules(monkeypatch, small_orders_only, DECISION_VERSION + 1)
    journal = MemoryJournal("paper", lines)
    core = start(recover(journal), journal, Books(), Nanos(desk.at), config_hash="")
    desk.state, desk.journal = core.state, journal
    desk.later(1)
    for venue_id in VENUES:
        desk.reconcile(venue_id)
    assert names(desk.tell(buy("k"))) == "Refuse", "the new rule decides what is new"
    assert names(desk.tell(buy("l", 5))).startswith("Accept")
    order = desk.state.orders[desk.parent("i").children[0]]
    assert names(desk.tell(trade(order.new.cl_ord_id, 6, "y"))) == "CloseParent"
    want = state_hash(desk.state)
    assert state_hash(verify(State(), journal.lines())) == want
    opened = [e.event for e in map(decode_entry, journal.lines()) if isinstance(e.event, Opened)]
    assert [o.decision_version for o in opened] == [DECISION_VERSION, DECISION_VERSION + 1]


@pytest.mark.holds("I5")
def test_new_rules_under_the_old_version_are_noticed(monkeypatch: pytest.MonkeyPatch) -> None:
    lines = list(written_before().journal.lines())
    change_the_rules(monkeypatch, small_orders_only, DECISION_VERSION)
    with pytest.raises(Differs):
        verify(State(), lines)


@pytest.mark.holds("I5", "T10")
@pytest.mark.parametrize("seed", [4, 7])
def test_a_whole_bad_day_folds_to_the_same_state_under_new_rules(
    monkeypatch: pytest.MonkeyPatch, seed: int
) -> None:
    loop = Day(seed).run()
    lines, want = list(loop.core.journal.lines()), state_hash(loop.core.state)
    assert any(isinstance(c, NewOrder) for line in lines for c in decode_entry(line).commands)
    change_the_rules(monkeypatch, small_orders_only, DECISION_VERSION + 1)
    assert state_hash(replay(State(), lines)) == want
    assert state_hash(verify(State(), lines)) == want
