"""The last look before a command leaves."""

from typing import Any, get_args

import pytest
from msgspec.structs import replace

from omnivenue.engine.state import Stopped
from omnivenue.journal import Durable
from omnivenue.message import (
    ArmDeadMan,
    CancelOrder,
    CancelRejected,
    DisarmTimer,
    NotSent,
    QueryOrders,
    ReplaceOrder,
    SetState,
    VenueCommand,
)
from omnivenue.model import ClOrdID, Lots, Nanos, Ticks, TradingState
from omnivenue.runtime import Fenced, Gate
from omnivenue.runtime import gate as gates
from scene import S1, A, Desk, buy

GATE = Gate(epoch=3)
NEW = replace(Desk().place(buy("i")).new, strategy_id=S1)
REPLACE = ReplaceOrder(
    cl_ord_id=ClOrdID("r"),
    orig_cl_ord_id=NEW.cl_ord_id,
    venue_id=A,
    account=NEW.account,
    strategy_id=S1,
    version=1,
    qty=Lots(5),
    limit_px=Ticks(1),
    expires_at=NEW.expires_at,
)
CANCEL = CancelOrder(cl_ord_id=ClOrdID("c"), orig_cl_ord_id=NEW.cl_ord_id, venue_id=A)
QUERY = QueryOrders(venue_id=A, query=0, cl_ord_ids=(), since=Nanos(0))
DEAD_MAN = ArmDeadMan(venue_id=A, at=Nanos(1))
TIMER = DisarmTimer(timer_id="evict")
ACTIVE, KILLED = TradingState.ACTIVE, TradingState.KILLED
HALTED, REDUCE_ONLY = TradingState.HALTED, TradingState.REDUCE_ONLY


def test_what_goes_to_a_venue_leaves_and_nothing_else() -> None:
    told = (NEW, REPLACE, CANCEL, QUERY, DEAD_MAN)
    assert {type(command) for command in told} == set(get_args(VenueCommand.__value__))
    assert all(gates.leaves(command) for command in told)
    assert not gates.leaves(TIMER)


BEARING = ("global", f"venue:{A}", f"account:{NEW.account}", f"strategy:{S1}")
NOW = Nanos(NEW.expires_at - 1)


def leaves(gate: Gate, command: Any = NEW) -> bool:
    return gate.withholds(Durable(7, 3, command), NOW) is None


def tripped(scope: str = "global", state: TradingState = KILLED) -> Gate:
    gate = Gate(epoch=3)
    gate.trip(scope, state)
    return gate


def to(state: TradingState, scope: str = "global") -> SetState:
    return SetState(scope=scope, state=state, reason="", source="")


def test_an_order_leaves_until_it_expires_and_then_never() -> None:
    for command, proof in (
        (NEW, NotSent(cl_ord_id=NEW.cl_ord_id, why="expired before it was sent")),
        (
            REPLACE,
            CancelRejected(
                cl_ord_id=REPLACE.cl_ord_id,
                orig_cl_ord_id=NEW.cl_ord_id,
                text="expired before it was sent",
            ),
        ),
    ):
        assert leaves(GATE, command)
        assert GATE.withholds(Durable(7, 3, command), NEW.expires_at) == proof


def test_cancels_and_questions_always_leave() -> None:
    for command in (CANCEL, QUERY, DEAD_MAN):
        for gate in (GATE, *(tripped(scope) for scope in BEARING)):
            assert gate.withholds(Durable(7, 3, command), Nanos(10**18)) is None


@pytest.mark.holds("I6", "T06")
def test_nothing_of_another_epoch_leaves() -> None:
    for epoch in (2, 4):
        for command in (NEW, REPLACE, CANCEL, QUERY):
            with pytest.raises(Fenced):
                GATE.withholds(Durable(7, epoch, command), Nanos(0))


@pytest.mark.holds("I16", "T33")
@pytest.mark.parametrize("scope", BEARING)
@pytest.mark.parametrize(
    ("state", "passes", "passes_as_reduction"),
    [(KILLED, False, False), (HALTED, False, False), (REDUCE_ONLY, False, True)],
)
def test_what_a_stopped_scope_lets_pass(
    scope: str, state: TradingState, passes: bool, passes_as_reduction: bool
) -> None:
    gate = tripped(scope, state)
    for command in (NEW, REPLACE):
        assert leaves(gate, command) is passes
        assert leaves(gate, replace(command, is_reduction=True)) is passes_as_reduction
    assert gate.state(scope) is state


@pytest.mark.parametrize("scope", ["venue:SIM-B", "account:other", "strategy:s2", "chain:1"])
def test_what_is_stopped_elsewhere_stops_nothing_here(scope: str) -> None:
    assert leaves(tripped(scope))


def test_the_worst_of_all_scopes_holds() -> None:
    gate = tripped("venue:SIM-A", REDUCE_ONLY)
    reduction = replace(NEW, is_reduction=True)
    assert leaves(gate, reduction)
    gate.trip(f"account:{NEW.account}", HALTED)
    assert not leaves(gate, reduction)


def test_the_proof_says_why() -> None:
    withheld = tripped("venue:SIM-A").withholds(Durable(7, 3, NEW), NOW)
    assert withheld == NotSent(cl_ord_id=NEW.cl_ord_id, why="killed: venue:SIM-A")


@pytest.mark.holds("I16")
def test_what_the_journal_says_is_stopped_is_so_from_the_start() -> None:
    stopped = Stopped(state=KILLED, since=Nanos(0), reason="", source="")
    assert not leaves(Gate(3, {"global": stopped}))
    gate = Gate(3, {"global": stopped})
    assert gate.obey(to(ACTIVE), 0)
    assert leaves(gate)


def test_a_stop_never_gets_less_by_itself() -> None:
    gate = tripped(state=HALTED)
    gate.trip("global", REDUCE_ONLY)
    gate.obey(to(REDUCE_ONLY), 9)
    assert gate.state("global") is HALTED
    gate.obey(to(KILLED), 10)
    assert gate.state("global") is KILLED


@pytest.mark.holds("I16")
def test_only_what_is_durable_and_newer_lifts_it() -> None:
    gate = tripped()
    assert not gate.obey(to(ACTIVE), 5), "the stop is not written down yet, so it comes later"
    gate.written("global", 6)
    assert not gate.obey(to(ACTIVE), 5), "written down before the stop"
    assert not gate.obey(to(ACTIVE), 6)
    assert not gate.obey(to(ACTIVE, "venue:SIM-A"), 7), "another scope"
    gate.trip("global", KILLED)
    assert not gate.obey(to(ACTIVE), 7), "stopped again since"
    gate.written("global", 8)
    assert not leaves(gate)
    assert gate.obey(to(ACTIVE), 9)
    assert leaves(gate)
    assert gate.state("global") is ACTIVE


def test_a_breaker_stops_it_and_a_decision_lifts_it() -> None:
    gate = Gate(epoch=3)
    gate.obey(to(REDUCE_ONLY), 4)
    assert not leaves(gate)
    assert not gate.obey(to(ACTIVE), 4)
    assert gate.obey(to(ACTIVE), 5)
    assert not gate.obey(to(ACTIVE), 6), "there is nothing to lift"
