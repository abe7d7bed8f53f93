"""Bad days on which clients also ask for orders over venues and over time."""

from collections import Counter
from collections.abc import Callable
from functools import partial
from random import Random

import pytest
from msgspec.structs import replace

from omnivenue.engine import State, apply_composite, apply_parent, composite, settle
from omnivenue.message import OrderInstructed, PauseInstructed, Twap
from omnivenue.model import SECOND, Atoms, InstructionID, InstrumentID, Nanos, OrderID, TimeInForce
from omnivenue.oms import Composite, Stage
from scene import AT_A, cancel
from sim.listing import LINEAR
from sim.orders import drawn
from sim.workload import DAY, MORNING
from sim.world import Day

SEEDS = 12
SMART = InstrumentID("SMART:SPOT_PAIR:BTC-USDT")
CHOSEN = (LINEAR.instrument_id, AT_A.instrument_id)


def smart(random: Random, key: str) -> OrderInstructed:
    """A spot pair and a perpetual: the only two here that count the same in the same money."""
    asked = drawn(random, key, random.choice(((-5, 60), (-40, 10), None)), instrument=AT_A)
    tif = TimeInForce.IOC if random.randrange(2) or asked.limit_px is None else asked.tif
    qty = Atoms(random.randint(5, 200) * LINEAR.lot)
    return replace(asked, instrument_id=SMART, candidates=CHOSEN, qty=qty, tif=tif)


def twap(random: Random, key: str) -> OrderInstructed:
    asked = drawn(random, key, random.choice(((-5, 60), None)))
    return replace(asked, algo=schedule(random))


def both(random: Random, key: str) -> OrderInstructed:
    return replace(smart(random, key), algo=schedule(random))


def schedule(random: Random) -> Twap:
    interval = random.choice((SECOND // 2, SECOND, 3 * SECOND))
    return Twap(horizon=Nanos(random.randint(2, 12) * SECOND), interval=Nanos(interval))


def pause(key: str, order_id: str, *, is_over: bool) -> PauseInstructed:
    return PauseInstructed(
        instruction_id=InstructionID(key),
        body_hash="",
        order_id=OrderID(order_id),
        is_over=is_over,
    )


def ask(day: Day, random: Random, n: int) -> None:
    """One such order; some are paused and resumed, some are cancelled."""
    key, at = f"w{n}", random.randrange(MORNING, DAY)
    at = day.work.ask(at, random.choice((smart, twap, both))(random, key))
    if random.randrange(3) == 0:
        for k, is_over in enumerate((False, True)):
            at += random.randrange(3 * SECOND)
            asked = pause(f"{key}/{k}", key, is_over=is_over)
            day.loop.at(at, partial(day.loop.ask, asked))
    if random.randrange(3) == 0:
        at += random.randrange(5 * SECOND)
        day.loop.at(at, partial(day.loop.ask, cancel(f"{key}/c", key)))


def lived(seed: int) -> Counter[str]:
    """How its wholes ended."""
    day, random = Day(seed), Random(f"whole {seed}")
    for n in range(random.randint(3, 9)):
        ask(day, random, n)
    loop = day.run()
    loop.check_end()
    return Counter(w.end.value for w in loop.whole.composites.values() if w.end)


@pytest.mark.holds("I2", "I5", "I13", "I15", "L1")
def test_days_with_orders_over_venues_and_over_time() -> None:
    ends: Counter[str] = Counter()
    for seed in range(SEEDS):
        ends += lived(seed)
    assert {"filled", "cancelled", "unfilled"} <= set(ends), "else these days show little"


def only_filled(state: State, whole: Composite) -> int:
    return whole.filled


def keeps_all_of_it(state: State, whole: Composite) -> None:
    if whole.stage is Stage.WORKING:
        RESERVE_REST(state, whole)


def forgets(*_: object, **__: object) -> None:
    return None


RESERVE_REST = settle.reserve_rest


@pytest.mark.holds("PLANT")
@pytest.mark.parametrize(
    ("where", "name", "bug"),
    [
        (composite, "_done", only_filled),
        (apply_composite, "reserve_rest", keeps_all_of_it),
        (composite, "_arm_next", forgets),
        (composite, "arm_retry", forgets),
        (apply_parent, "part_went", forgets),
    ],
    ids=[
        "sends what is under way again",
        "keeps its place",
        "no next slice",
        "no next try",
        "parts without end",
    ],
)
def test_what_is_planted_is_found(
    monkeypatch: pytest.MonkeyPatch, where: object, name: str, bug: Callable[..., object]
) -> None:
    monkeypatch.setattr(where, name, bug)
    with pytest.raises((AssertionError, KeyError)):
        for seed in range(40):
            lived(seed)
