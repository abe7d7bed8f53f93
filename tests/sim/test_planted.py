"""Bugs that somebody could write, planted one at a time: the simulation alone finds each of them.

A checker that has never seen a violation may be blind. Each bug names the invariants that may say
so first; how many seeds it took stands in the assertion.
"""

import sys
from collections.abc import Callable

import msgspec
import pytest

from omnivenue.engine import State, VenueStatus
from omnivenue.engine.sweep import sweep
from omnivenue.engine.turn import Turn
from omnivenue.engine.work import VALIDITY
from omnivenue.journal import Durable, JournalFailed
from omnivenue.ledger import Ledger, move
from omnivenue.message import (
    Entry,
    Event,
    ExecType,
    ExecutionReport,
    StatusReport,
)
from omnivenue.model import AssetID, Nanos, VenueID, derived_cl_ord_id
from omnivenue.oms import Change, Order, OrdStatus, add_report, status
from omnivenue.runtime.alarms import Alarms
from omnivenue.runtime.gate import Gate, NotLeft
from omnivenue.runtime.simulated import Letter, Reply
from sim.loop import CheckedLoop
from sim.world import Day

SEEDS = 60

pytestmark = pytest.mark.holds("PLANT")


def first_violation(loop_type: type[CheckedLoop] = CheckedLoop, seeds: int = SEEDS) -> str:
    for seed in range(seeds):
        try:
            Day(seed, loop_type).run().check_end()
        except AssertionError as error:
            return f"{error} (seed {seed})"
    return ""


class AcknowledgesBeforeCommit(CheckedLoop):
    def _decide(self, letter: Letter) -> Entry:
        entry = super()._decide(letter)
        if letter[2] is not None:
            letter[2](entry)
        return entry


class DedupesBeforeApplying(CheckedLoop):
    """Notes what has come before it is decided upon, where a crash does not forget it."""

    def push(self, principal: str, event: Event, reply: Reply | None = None) -> None:
        self.noted: set[str] = getattr(self, "noted", set())
        match event:
            case ExecutionReport(exec_id=exec_id) if exec_id in self.noted:
                return
            case ExecutionReport(exec_id=exec_id):
                self.noted.add(exec_id)
            case StatusReport(reports=reports):
                news = tuple(r for r in reports if r.exec_id not in self.noted)
                self.noted |= {r.exec_id for r in news}
                event = msgspec.structs.replace(event, reports=news)
            case _:
                pass
        super().push(principal, event, reply)


class GoesOnAfterAFailedCommit(CheckedLoop):
    def _commit(self) -> list[Durable]:
        entries = self._undecided()
        try:
            return super()._commit()
        except JournalFailed:
            return entries

    def _undecided(self) -> list[Durable]:
        waiting: list[tuple[Entry, bytes, str]] = vars(self.core.journal)["_waiting"]
        return [Durable(e.seq, e.epoch, c) for e, _, _ in waiting for c in e.commands]


@pytest.mark.parametrize(
    ("loop_type", "names"),
    [
        (AcknowledgesBeforeCommit, ("I1",)),
        (DedupesBeforeApplying, ("I12", "I13", "L1", "T35")),
        (GoesOnAfterAFailedCommit, ("I1", "I3", "I4")),
    ],
)
def test_a_loop_in_the_wrong_order(loop_type: type[CheckedLoop], names: tuple[str, ...]) -> None:
    assert first_violation(loop_type).startswith(names)


def resends(turn: Turn, venue_id: VenueID) -> None:
    """What was not answered in time goes out once more, under a new name."""
    sweep(turn, venue_id)
    venue = turn.state.venues[venue_id]
    for cl_ord_id in sorted(venue.open if venue.status is VenueStatus.OPEN else ()):
        order = turn.state.orders[cl_ord_id]
        again = derived_cl_ord_id(cl_ord_id, "again")
        if status(order) is OrdStatus.UNKNOWN and again not in turn.state.orders:
            expires_at = Nanos(turn.at + VALIDITY)
            new = msgspec.structs.replace(order.new, cl_ord_id=again, expires_at=expires_at)
            turn.emit(new)


def ignores_after_reject(order: Order, report: ExecutionReport) -> list[Change]:
    is_over = bool(order.rejections) and report.exec_type is ExecType.TRADE
    return [] if is_over else add_report(order, report)


def counts_twice(order: Order, report: ExecutionReport) -> list[Change]:
    order.fills = [fill for fill in order.fills if fill.exec_id != report.exec_id]
    return _ADD_FILL(order, report)


_ADD_FILL: Callable[[Order, ExecutionReport], list[Change]] = vars(
    sys.modules["omnivenue.oms.order"]
)["_add_fill"]


class ForgetfulAlarms(Alarms):
    """Arms what it is told to, and not what the last process was told."""

    def __init__(self, state: State) -> None:
        super().__init__(State(timers={}))
        self._state = state


class OpenGate(Gate):
    """Looks at the time, and not at whose command it is."""

    def withholds(self, durable: Durable, at: Nanos) -> NotLeft | None:
        mine = Durable(durable.seq, self._epoch, durable.command)
        return super().withholds(mine, at)


def takes_only(ledger: Ledger, source: str, target: str, asset: AssetID, amount: int) -> None:
    """A fee leaves the account and arrives nowhere."""
    move(ledger, source, target, asset, amount)
    if target.endswith("/fees"):
        ledger.paths[target][asset] -= amount


def forgets_busts(order: Order, report: ExecutionReport) -> list[Change]:
    """Of trades that have not been seen yet."""
    is_early = report.exec_ref_id is not None and order.fill(report.exec_ref_id) is None
    return [] if is_early else add_report(order, report)


def is_content(_: Order) -> bool:
    """Whatever the venue counts."""
    return True


def doubts_nothing(*_: object) -> None:
    """What was on its way when we died is still on its way."""


PARTS: list[tuple[str, str, object, tuple[str, ...]]] = [
    ("engine.step", "sweep", resends, ("I2", "I15", "I17")),
    ("engine.apply_event", "add_report", ignores_after_reject, ("I11", "I12")),
    ("engine.apply_event", "add_report", forgets_busts, ("I11",)),
    ("engine.apply_event", "_doubt", doubts_nothing, ("a restart",)),
    ("oms.order", "_add_fill", counts_twice, ("I10", "I11")),
    ("oms.status", "is_counted_alike", is_content, ("I10", "I12", "I15")),
    ("runtime.simulated", "Alarms", ForgetfulAlarms, ("L1",)),
    ("runtime.simulated", "Gate", OpenGate, ("I6",)),
    ("ledger.ledger", "move", takes_only, ("I13",)),
]


@pytest.mark.parametrize(("module", "name", "what", "names"), PARTS)
def test_a_part_that_does_the_wrong_thing(
    monkeypatch: pytest.MonkeyPatch, module: str, name: str, what: object, names: tuple[str, ...]
) -> None:
    monkeypatch.setattr(sys.modules[f"omnivenue.{module}"], name, what)
    assert first_violation().startswith(names)


def test_without_a_planted_bug_these_seeds_find_nothing() -> None:
    assert not first_violation()
