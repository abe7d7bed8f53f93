"""The floor under the risk check computes what the risk check computes: they say the same of every
order, whichever limit it meets."""

import pytest
from msgspec.structs import replace

from omnivenue.cli.bench import risk
from omnivenue.cli.bench.floor import passes
from omnivenue.engine.approve import approve
from omnivenue.engine.turn import Turn
from omnivenue.message import LimitsSet, OrderInstructed, StateSet
from omnivenue.model import SECOND, UNITS, Atoms, LimitName, Limits, Nanos, Side, TradingState, Unit
from omnivenue.risk import Approved
from omnivenue.runtime import Recorder, turn

OPEN = 40
REFUSES_ALL_AT_0 = frozenset(
    {
        LimitName.ORDER_QTY,
        LimitName.ORDER_NOTIONAL,
        LimitName.ORDERS_PER_SECOND,
        LimitName.ORDERS_PER_MINUTE,
        LimitName.OPEN_ORDERS,
        LimitName.REPEATED_EXECUTION,
    }
)
REFUSES_SOME_AT_0 = frozenset(
    {
        LimitName.POSITION_QTY,
        LimitName.POSITION_NOTIONAL,
        LimitName.TOTAL_NOTIONAL,
        LimitName.GROSS_NOTIONAL,
        LimitName.LEVERAGE,
    }
)
"""A position may become smaller."""


@pytest.fixture
def scene() -> risk.Scene:
    return risk.Scene(risk.INSTRUMENTS[:8], OPEN)


def says(scene: risk.Scene, order: OrderInstructed, at: Nanos) -> bool:
    """Both, one after the other."""
    state, books = scene.core.state, scene.core.books
    instrument = state.instruments[order.instrument_id]
    verdict = approve(Turn(state, at, Recorder(books, at)), order, instrument)
    is_approved = isinstance(verdict, Approved)
    assert passes(state, books, at, order, instrument) is is_approved, verdict
    return is_approved


def plain(scene: risk.Scene) -> list[OrderInstructed]:
    """Of each instrument a buy and a sale that may pass."""
    return [
        scene.instruction(n, side, f"{side.value}{n}", 2 * risk.QTY)
        for n in range(len(scene.instruments))
        for side in Side
    ]


def with_limit(scene: risk.Scene, name: LimitName, value: int) -> None:
    others = [limit for limit in risk.LIMITS.limits if limit.name is not name]
    changed = [replace(limit, value=value) for limit in risk.LIMITS.limits if limit.name is name]
    limits = Limits(limits=(*others, *changed))
    turn(scene.core, scene.at, "bench", LimitsSet(limits=limits, from_file=True))


def test_what_passes_passes_both(scene: risk.Scene) -> None:
    assert all(says(scene, order, scene.at) for order in plain(scene))


@pytest.mark.parametrize("name", [n for n in LimitName if UNITS[n] is not Unit.SWITCH])
def test_a_limit_of_nothing(scene: risk.Scene, name: LimitName) -> None:
    with_limit(scene, name, 0)
    said = [says(scene, order, scene.at) for order in plain(scene)]
    assert not (name in REFUSES_ALL_AT_0 and any(said))
    assert not (name in REFUSES_SOME_AT_0 and all(said))


@pytest.mark.parametrize(
    ("changes", "passing"),
    [
        ({"qty": Atoms(10**15 - 1)}, 0),  # less than a lot
        ({"qty": Atoms(5 * 10**16)}, 16),  # worth what a venue takes at the least, at the mark
        ({"qty": Atoms(10**27)}, 0),  # more than anybody could pay
        ({"limit_px": Atoms(risk.PX * 3 // 2)}, 8),  # of the buys each is beyond the collar
        ({"limit_px": Atoms(risk.PX + 1)}, 16),  # between two ticks
        ({"limit_px": Atoms(risk.PX + 100 * 10**6)}, 12),  # buys that meet sales of our own
    ],
)
def test_odd_orders(scene: risk.Scene, changes: dict[str, Atoms], passing: int) -> None:
    said = [says(scene, replace(order, **changes), scene.at) for order in plain(scene)]
    assert sum(said) == passing


def test_the_same_again_within_the_window(scene: risk.Scene) -> None:
    last = 8 + OPEN - 1
    order = scene.instruction(last, Side.BUY if last % 2 else Side.SELL, "again")
    assert not says(scene, order, scene.at)
    assert says(scene, replace(order, qty=Atoms(order.qty + 10**15)), scene.at)


def test_a_market_that_is_old(scene: risk.Scene) -> None:
    assert not any(says(scene, order, Nanos(scene.at + 3 * SECOND)) for order in plain(scene))


def test_trading_that_is_stopped(scene: risk.Scene) -> None:
    killed = StateSet(scope="global", state=TradingState.KILLED, reason="test", source="http")
    turn(scene.core, scene.at, "bench", killed)
    assert not any(says(scene, order, scene.at) for order in plain(scene))
