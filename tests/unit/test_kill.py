"""Stopping trading by scope, and arming it again: what the core decides."""

import pytest

from omnivenue.engine.apply_external import EXTERNAL
from omnivenue.message import (
    AccountOpened,
    Command,
    EndReason,
    ExecType,
    External,
    Opened,
    RearmAsked,
    SetState,
    StateSet,
    VenueDown,
    VenueUp,
)
from omnivenue.model import ClOrdID, Lots, OrdType, TradingState
from omnivenue.oms import Stage
from scene import (
    AT_A,
    AT_B,
    AT_F,
    BUY,
    MAIN,
    OTHER,
    PX,
    S1,
    S2,
    VENUES,
    WHOLE,
    A,
    B,
    Desk,
    answer,
    buy,
    cancel_all,
    names,
    report,
    sell,
    ticks,
    trade,
)

ACTIVE, REDUCE_ONLY, HALTED, KILLED = TradingState


def set_state(desk: Desk, scope: str = "global", state: TradingState = KILLED) -> list[Command]:
    return desk.tell(StateSet(scope=scope, state=state, reason="because", source="test"))


def rearm(desk: Desk, scope: str = "global") -> list[Command]:
    return desk.tell(RearmAsked(scope=scope, reason="all is well"))


def state_of(desk: Desk, scope: str = "global") -> TradingState:
    found = desk.state.stopped.get(scope)
    return ACTIVE if found is None else found.state


def codes(desk: Desk, key: str) -> list[tuple[str, str]]:
    return [(reason.code, reason.value) for reason in desk.parent(key).reasons]


def busy() -> Desk:
    """One order of each kind that a scope can tell apart."""
    desk = Desk()
    desk.place(buy("a1"))
    desk.place(buy("a2", strategy_id=S2))
    desk.place(buy("b", instrument=AT_B, lots=100))
    desk.place(buy("other", account=OTHER))
    stop = buy("armed", ord_type=OrdType.STOP, px=None, stop_px=PX + WHOLE)
    assert "ArmWatch" in names(desk.tell(stop))
    return desk


@pytest.mark.parametrize(
    ("scope", "want"),
    [
        ("global", "a1 a2 armed b other"),
        (f"venue:{A}", "a1 a2 armed other"),
        (f"venue:{B}", "b"),
        (f"account:{MAIN}", "a1 a2 armed b"),
        (f"account:{OTHER}", "other"),
        (f"strategy:{S1}", "a1 armed b other"),
        (f"strategy:{S2}", "a2"),
        ("strategy:nobody", ""),
        ("chain:1", ""),
    ],
)
@pytest.mark.holds("I16")
def test_a_kill_cancels_everything_of_its_scope_and_nothing_else(scope: str, want: str) -> None:
    desk = busy()
    set_state(desk, scope)
    killed = [key for key in sorted(desk.state.parents) if desk.parent(key).is_stopped]
    assert " ".join(killed) == want
    assert {desk.parent(key).end for key in killed} <= {EndReason.KILLED}
    assert state_of(desk, scope) is KILLED
    for key in want.split():
        for child in desk.parent(key).children:
            assert len(desk.state.orders[child].cancels) == 1
    assert (desk.parent("armed").stage is Stage.CLOSED) is ("armed" in want)
    desk.check_replay()


def test_what_is_unknown_is_cancelled_too() -> None:
    desk = busy()
    desk.tell(VenueDown(venue_id=A, why="gone"))
    assert names(set_state(desk)).count("CancelOrder") == 4


def test_a_halt_cancels_nothing() -> None:
    """What REDUCE_ONLY does to it stands in test_curb.py."""
    desk = busy()
    assert names(set_state(desk, state=HALTED)) == "SetState"
    assert state_of(desk) is HALTED


@pytest.mark.parametrize(
    ("state", "code"), [(KILLED, "RISK-013"), (HALTED, "RISK-014"), (REDUCE_ONLY, "RISK-015")]
)
@pytest.mark.parametrize("scope", ["global", f"venue:{A}", f"account:{MAIN}", f"strategy:{S1}"])
def test_nothing_new_passes_where_trading_is_stopped(
    scope: str, state: TradingState, code: str
) -> None:
    desk = Desk()
    set_state(desk, scope, state)
    assert names(desk.tell(buy("i"))) == "Refuse"
    assert codes(desk, "i") == [(code, scope)]
    passes = names(desk.tell(buy("j", instrument=AT_B, lots=100, account=OTHER, strategy_id=S2)))
    assert passes.startswith("Refuse" if scope == "global" else "Accept")


def test_the_worst_of_all_scopes_holds_and_each_is_told() -> None:
    desk = Desk()
    set_state(desk, f"strategy:{S1}", REDUCE_ONLY)
    set_state(desk, f"venue:{A}", HALTED)
    desk.tell(buy("i"))
    assert codes(desk, "i") == [("RISK-014", f"venue:{A}"), ("RISK-015", f"strategy:{S1}")]
    assert desk.state.trading_state(desk.parent("i").order) is HALTED


def test_a_state_only_ever_becomes_more_severe_and_repeating_it_is_harmless() -> None:
    desk = busy()
    set_state(desk, state=HALTED)
    since = desk.state.stopped["global"].since
    desk.later(1)
    assert names(set_state(desk, state=REDUCE_ONLY)) == ""
    assert names(set_state(desk, state=ACTIVE)) == ""
    assert (state_of(desk), desk.state.stopped["global"].since) == (HALTED, since)
    assert names(set_state(desk)).startswith("SetState StopParent CancelOrder")
    assert names(set_state(desk)).count("CancelOrder") == 4, "and cancels are sent again"
    assert "SetState" not in names(set_state(desk, state=HALTED))
    assert state_of(desk) is KILLED


def test_only_what_reduces_passes_under_reduce_only_and_never_flips() -> None:
    desk = Desk()
    placed = desk.place(buy("i", 100))
    desk.tell(trade(placed.new.cl_ord_id, 100))
    set_state(desk, state=REDUCE_ONLY)
    assert names(desk.tell(sell("over", 101))) == "Refuse"
    child = desk.place(sell("half", 60))
    assert child.new.is_reduction
    assert names(desk.tell(sell("rest", 41))) == "Refuse", "60 of 100 work already"
    assert names(desk.tell(sell("theirs", 10, strategy_id=S2))) == "Refuse", "it holds nothing"
    assert names(desk.tell(sell("far", 10, account=OTHER))) == "Refuse"
    assert names(desk.tell(buy("more", 1))) == "Refuse"
    assert names(desk.tell(sell("last", 40))).startswith("Accept")


def test_a_strategy_that_reduces_must_not_enlarge_what_the_account_has() -> None:
    desk = Desk()
    longs = desk.place(buy("long", 50))
    desk.tell(trade(longs.new.cl_ord_id, 50))
    shorts = desk.place(sell("short", 80, strategy_id=S2))
    desk.tell(trade(shorts.new.cl_ord_id, 80, "y"))
    set_state(desk, state=REDUCE_ONLY)
    assert names(desk.tell(sell("i", 50))) == "Refuse", "the account is short by 30 already"
    assert names(desk.tell(buy("j", 31, strategy_id=S2))) == "Refuse", "it would be long by 1"
    assert names(desk.tell(buy("k", 30, strategy_id=S2))).startswith("Accept")


def test_what_is_not_ours_is_left_alone() -> None:
    desk = Desk()
    told = External(
        account=MAIN,
        instrument_id=AT_A.instrument_id,
        instrument_version=1,
        side=BUY,
        qty=Lots(5),
        limit_px=ticks(60_000),
    )
    desk.tell(report(ClOrdID("by-hand"), ExecType.NEW, "e", external=told))
    assert names(set_state(desk)) == "SetState"


def test_killed_stays_killed_over_a_restart() -> None:
    desk = busy()
    set_state(desk)
    desk.tell(Opened(mode="paper", schema_version=1, decision_version=2, config_hash=""))
    for venue_id in VENUES:
        desk.reconcile(venue_id)
    assert state_of(desk) is KILLED
    assert names(desk.tell(buy("i"))) == "Refuse"


@pytest.mark.holds("I16")
def test_it_is_armed_again_when_every_venue_has_answered_a_fresh_question() -> None:
    desk = Desk()
    set_state(desk)
    stale = {venue_id: desk.last_query(venue_id) for venue_id in VENUES}
    asked = rearm(desk)
    assert names(asked).count("QueryOrders") == len(VENUES)
    assert names(asked).endswith("AwaitRearm")
    for venue_id in VENUES:
        desk.tell(answer(venue_id, stale[venue_id], desk.at))
    assert state_of(desk) is KILLED, "those were answers to older questions"
    for n, venue_id in enumerate(VENUES):
        assert state_of(desk) is KILLED
        assert names(desk.tell(buy(f"i{n}"))) == "Refuse"
        desk.tell(answer(venue_id, desk.last_query(venue_id), desk.at))
    assert state_of(desk) is ACTIVE
    assert names(desk.tell(buy("j"))).startswith("Accept")
    desk.check_replay()


def test_a_venue_scope_asks_its_own_venue_alone() -> None:
    desk = Desk()
    set_state(desk, f"venue:{A}")
    assert names(rearm(desk, f"venue:{A}")).count("QueryOrders") == 1
    done = desk.tell(answer(A, desk.last_query(A), desk.at))
    (lifted,) = [c for c in done if isinstance(c, SetState)]
    assert (lifted.state, lifted.reason) == (ACTIVE, "all is well")
    assert state_of(desk, f"venue:{A}") is ACTIVE


def test_a_venue_that_is_away_holds_the_arming_up_until_it_is_back() -> None:
    desk = Desk()
    set_state(desk)
    desk.tell(VenueDown(venue_id=A, why="gone"))
    rearm(desk)
    for venue_id in VENUES[1:]:
        desk.tell(answer(venue_id, desk.last_query(venue_id), desk.at))
    assert state_of(desk) is KILLED
    desk.tell(VenueUp(venue_id=A))
    assert state_of(desk) is KILLED
    desk.tell(answer(A, desk.last_query(A), desk.at))
    assert state_of(desk) is ACTIVE


@pytest.mark.parametrize("state", [HALTED, KILLED, REDUCE_ONLY])
def test_stopping_again_calls_the_arming_off(state: TradingState) -> None:
    desk = Desk()
    set_state(desk)
    rearm(desk)
    assert "SetState" in names(set_state(desk, state=state))
    for venue_id in VENUES:
        desk.tell(answer(venue_id, desk.last_query(venue_id), desk.at))
    assert state_of(desk) is KILLED


def test_one_scope_is_armed_and_the_others_stay_as_they_were() -> None:
    desk = Desk()
    set_state(desk, f"strategy:{S1}")
    set_state(desk, f"account:{MAIN}", HALTED)
    rearm(desk, f"strategy:{S1}")
    for venue_id in VENUES:
        desk.tell(answer(venue_id, desk.last_query(venue_id), desk.at))
    assert state_of(desk, f"strategy:{S1}") is ACTIVE
    assert state_of(desk, f"account:{MAIN}") is HALTED


def test_arming_what_is_not_stopped_does_nothing_and_a_chain_waits_for_nobody() -> None:
    desk = Desk()
    assert names(rearm(desk)) == ""
    set_state(desk, "chain:1")
    assert names(rearm(desk, "chain:1")) == "SetState"
    assert desk.state.stopped == {}


def test_nothing_is_flattened() -> None:
    desk = Desk()
    placed = desk.place(buy("i", 10, instrument=AT_F))
    desk.tell(trade(placed.new.cl_ord_id, 10))
    assert names(set_state(desk)) == "SetState"


def test_a_venue_that_was_taken_out_of_the_configuration_is_not_waited_for() -> None:
    desk = Desk()
    for account in (MAIN, OTHER):
        desk.tell(AccountOpened(account=account, venue_ids=(A,)))
    desk.tell(Opened(mode="paper", schema_version=1, decision_version=1, config_hash=""))
    desk.reconcile(A)
    set_state(desk)
    rearm(desk)
    assert state_of(desk) is KILLED, "until the other has answered"
    desk.tell(answer(A, desk.last_query(), desk.at))
    assert state_of(desk) is ACTIVE
    desk.check_replay()


def test_a_strategy_of_that_name_does_not_make_an_order_somebody_elses() -> None:
    """Or whoever called himself EXTERNAL would be out of reach of every stop."""
    desk = Desk()
    for key in ("i", "j"):
        desk.place(buy(key, strategy_id=EXTERNAL))
    desk.tell(cancel_all("c"))
    assert all(desk.parent(key).is_stopped for key in ("i", "j"))
    desk.place(buy("k", strategy_id=EXTERNAL))
    set_state(desk)
    assert desk.parent("k").is_stopped


def test_any_number_of_orders_that_are_tied_to_others_can_be_stopped_at_once() -> None:
    """More than a thousand: whoever stops them must not find us out of rounds."""
    desk = Desk()
    for n in range(1_010):
        desk.tell(buy(f"k{n}", 1, oco=f"g{n}"))
    set_state(desk)
    assert all(desk.parent(f"k{n}").is_stopped for n in range(1_010))
