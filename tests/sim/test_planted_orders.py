"""More bugs that somebody could write: in what orders become, in limits and kills, in brackets and
groups. As in `test_planted.py`, the simulation alone finds each of them.

The classes are those of the fault model: T13 to T29 (orders), T30 to T36 (risk and money).
"""

import sys
from typing import Any

import pytest

from omnivenue.engine import State, decode_archived
from omnivenue.engine.apply_config import Configuration
from omnivenue.engine.turn import Turn
from omnivenue.journal import Durable
from omnivenue.message import (
    Event,
    ExecType,
    ExecutionReport,
    LimitsSet,
    Opened,
    OrderRecalled,
    RearmAsked,
    SetState,
)
from omnivenue.model import Instrument, Lots, Nanos, Side, TradingState
from omnivenue.oms import News, Order, OrdStatus, Parent, add_report, status
from omnivenue.runtime.gate import Gate, NotLeft
from sim.test_planted import first_violation

SEEDS = 400  # what is rare needs more days

pytestmark = pytest.mark.holds("PLANT")


def original(module: str, name: str) -> Any:
    return vars(sys.modules[f"omnivenue.{module}"])[name]


class GateWithoutFlags(Gate):
    """The kill is looked at in the risk check, and nowhere else."""

    def withholds(self, durable: Durable, at: Nanos) -> NotLeft | None:
        self._flags.clear()
        return super().withholds(durable, at)

    def trip(self, scope: str, state: TradingState) -> None:
        pass


_APPLY = original("engine.apply_event", "apply_event")


def forgets_kills(state: State, at: Nanos, event: Event) -> None:
    _APPLY(state, at, event)
    if isinstance(event, Opened):
        state.stopped.clear()


def rearms_at_once(turn: Turn, event: RearmAsked) -> None:
    if event.scope in turn.state.stopped:
        active = TradingState.ACTIVE
        turn.emit(SetState(scope=event.scope, state=active, reason=event.reason, source="rearm"))


def drops_after_cancel(order: Order, report: ExecutionReport) -> News:
    is_over = bool(order.closings) and report.exec_type is ExecType.TRADE
    return (False, []) if is_over else add_report(order, report)


def drops_corrections(order: Order, report: ExecutionReport) -> News:
    return (False, []) if report.exec_type is ExecType.TRADE_CORRECT else add_report(order, report)


_AT_RISK = original("engine.settle", "at_risk_qty")


def frees_on_cancel(order: Order, now: OrdStatus) -> int:
    """What we have asked to be cancelled is as good as cancelled."""
    return 0 if order.cancels else _AT_RISK(order, now)


def frees_unknown(order: Order, now: OrdStatus) -> int:
    return 0 if now is OrdStatus.UNKNOWN else _AT_RISK(order, now)


def believes_its_own_replace(order: Order) -> tuple[int, int]:
    last = order.replaces[-1] if order.replaces else order.new
    return last.qty, last.limit_px


def leaves_others(*_: object) -> None:
    """Of a group."""


def never(*_: object) -> bool:
    return False


def always(*_: object) -> bool:
    return True


def nothing(*_: object) -> None:
    pass


def goes_on_after_any_end(turn: Turn, parent: Parent) -> bool:
    """Whatever ended the last child, another one follows."""
    last = turn.state.orders[parent.children[-1]] if parent.children else None
    return last is None or status(last) is not OrdStatus.FILLED


def recalls_nothing(*_: object) -> list[Event]:
    """What has left State has left for good."""
    return []


def recalls_without_trades(state: State, at: Nanos, event: OrderRecalled) -> None:
    """An order that comes back starts anew."""
    _APPLY_RECALL(state, at, event)
    for cl_ord_id in decode_archived(event.content).orders:
        order = state.orders[cl_ord_id]
        order.fills, order.cum_qty = [], Lots(0)


_APPLY_RECALL = original("engine.apply_archive", "apply_recall")


def limits_of_the_morning(state: State, event: Configuration) -> None:
    """What is changed while orders work is written down, and not looked at."""
    index = state.limit_index
    _APPLY_CONFIG(state, event)
    if isinstance(event, LimitsSet) and state.parents:
        state.limit_index = index


_APPLY_CONFIG = original("engine.apply_event", "apply_config")


def legs_together(*_: object) -> str:
    """The margin of an account that hedges, as of one that nets."""
    return ""


def pays_as_linear(instrument: Instrument, side: Side, atoms: int, px: int) -> int:
    """Who buys pays, of an inverse contract too."""
    cost = instrument.cost_ceil(atoms, px)
    return cost if side is Side.BUY else -cost


PARTS: list[tuple[str, str, object, tuple[str, ...]]] = [
    ("runtime.simulated", "Gate", GateWithoutFlags, ("I16",)),  # T33
    ("engine.step", "apply_event", forgets_kills, ("I16", "I5")),  # T33
    ("engine.step", "rearm_asked", rearms_at_once, ("I16",)),  # T33
    ("engine.kill", "cancel_scope", nothing, ("I16", "I14")),  # T33
    ("engine.follow", "shrink", nothing, ("I15",)),  # T31
    ("engine.apply_event", "add_report", drops_after_cancel, ("I11",)),  # T17
    ("engine.apply_event", "add_report", drops_corrections, ("I11",)),  # T21
    ("engine.settle", "at_risk_qty", frees_on_cancel, ("I15", "I14", "")),  # T24
    ("engine.settle", "at_risk_qty", frees_unknown, ("I15", "I14", "")),  # T15, T30
    ("oms.status", "terms", believes_its_own_replace, ("I15", "I10", "what")),  # T24
    ("engine.apply_event", "adopt", nothing, ("I1", "I3", "T35")),  # T27
    ("engine.follow", "_cancel_others", leaves_others, ("OCO",)),
    ("engine.work", "_other_exit_is_out", never, ("I15",)),  # T31
    ("engine.work", "_goes_on", goes_on_after_any_end, ("I2", "I15")),  # T13
    ("runtime.books", "Books.is_fresh", always, ("I17", "")),  # T34
    ("engine.step", "expire_due", nothing, ("L1",)),
    ("engine.settle", "bind", nothing, ("I13",)),  # T36
    ("engine.apply_money", "_is_news", always, ("I13", "T35")),  # T17: funding, booked twice
    ("engine.apply_money", "_is_news", never, ("I13", "T35")),  # T17: or not at all
    ("engine.apply_event", "apply_config", limits_of_the_morning, ("I14",)),  # T30
    ("model.instrument", "Instrument.paid_ceil", pays_as_linear, ("I13", "T35")),  # T36
    ("engine.settle", "_leg", legs_together, ("I13",)),  # T36
    ("runtime.simulated", "recalls", recalls_nothing, ("I11", "I1", "I2")),  # T17, long after
    ("engine.apply_event", "apply_recall", recalls_without_trades, ("I11", "I10", "I15")),  # T17
    ("engine.evict", "_is_over", always, ("L1",)),  # T15
]


@pytest.mark.parametrize(("module", "name", "what", "names"), PARTS)
def test_a_part_that_does_the_wrong_thing(
    monkeypatch: pytest.MonkeyPatch, module: str, name: str, what: object, names: tuple[str, ...]
) -> None:
    owner: object = sys.modules[f"omnivenue.{module}"]
    first, _, rest = name.partition(".")
    if rest:
        owner, name = getattr(owner, first), rest
    monkeypatch.setattr(owner, name, what)
    found = first_violation(seeds=SEEDS)
    assert found, "nobody has noticed"
    assert found.startswith(names), found
