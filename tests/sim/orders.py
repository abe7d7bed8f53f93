"""The orders that clients send: one function a kind, and how often each kind is drawn."""

from collections.abc import Callable
from functools import partial
from random import Random

import msgspec

from omnivenue.message import Exit, OrderInstructed
from omnivenue.model import (
    SECOND,
    Atoms,
    Instrument,
    Nanos,
    OrdType,
    Side,
    TimeInForce,
    TriggerBy,
)
from scene import MAIN, OTHER, S1, S2, WHOLE, order
from sim.listing import BUSY, BY_ID, LINEAR, MIDS

type Draw = Callable[[Random, str], OrderInstructed]


def price(random: Random, instrument: Instrument, side: Side, low: int, high: int) -> Atoms:
    """`low` to `high` basis points towards the market (negative: away from it), on the tick: off
    the tick it never comes to the core."""
    away = random.randint(low, high)
    px = MIDS[instrument.instrument_id] * WHOLE * (10_000 + side.sign * away) // 10_000
    return Atoms(px // instrument.tick * instrument.tick)


def drawn(random: Random, key: str, px: tuple[int, int] | None, **more: object) -> OrderInstructed:
    """On any side of any instrument, small or large."""
    instrument = random.choice(BUSY)
    if isinstance(named := more.get("instrument"), Instrument):
        instrument = named
    side = more.pop("side", None) or random.choice(list(Side))
    assert isinstance(side, Side)
    given: dict[str, object] = {
        "instrument": instrument,
        "px": None if px is None else price(random, instrument, side, *px),
        "account": random.choice((MAIN, OTHER)),
        "strategy_id": random.choice((S1, S2)),
    }
    lots = random.choice((random.randint(1, 100), random.randint(50, 400)))
    return order(key, side, lots, **given | more)


def limit(random: Random, key: str) -> OrderInstructed:
    """Close to the market, on either side of it."""
    return drawn(random, key, (-20, 60))


def resting(random: Random, key: str) -> OrderInstructed:
    return drawn(random, key, (-80, -5))


def beyond(random: Random, key: str) -> OrderInstructed:
    """Outside of the collar."""
    return drawn(random, key, (1_000, 1_000))


def market(random: Random, key: str) -> OrderInstructed:
    return drawn(random, key, None)


def ioc(random: Random, key: str) -> OrderInstructed:
    return drawn(random, key, (-20, 60), tif=TimeInForce.IOC)


def fok(random: Random, key: str) -> OrderInstructed:
    return drawn(random, key, (-20, 60), tif=TimeInForce.FOK)


def stop(random: Random, key: str) -> OrderInstructed:
    """Waits close to the market on either side; with or without a limit."""
    kind = random.choice([t for t in OrdType if t.is_triggered])
    side, instrument = random.choice(list(Side)), random.choice(BUSY)
    is_above = (side is Side.BUY) != kind.is_take_profit
    mid, away = MIDS[instrument.instrument_id] * WHOLE, random.randint(-2, 40)
    stop_px = mid * (10_000 + (away if is_above else -away)) // 10_000
    stop_px = Atoms(stop_px // instrument.tick * instrument.tick)
    has_limit = kind in (OrdType.STOP_LIMIT, OrdType.TAKE_PROFIT_LIMIT)
    more: dict[str, object] = {"ord_type": kind, "stop_px": stop_px, "instrument": instrument}
    more["trigger_by"] = random.choice(list(TriggerBy))
    asked = drawn(random, key, None, side=side, **more)
    limit_px = price(random, instrument, side, -10, 60) if has_limit else None
    return msgspec.structs.replace(asked, limit_px=limit_px, oco=_group(random))


def large(random: Random, key: str) -> OrderInstructed:
    """More than the market shows, close to it: some of it fills, and some of it stays."""
    asked = drawn(random, key, (-2, 10))
    lots = random.randint(150, 330)
    return msgspec.structs.replace(asked, qty=Atoms(lots * BY_ID[asked.instrument_id].lot))


def native_stop(random: Random, key: str) -> OrderInstructed:
    """Waits at the venue that can keep stops, some ticks from where the market began: it comes
    there within seconds."""
    side = random.choice(list(Side))
    mid, away = MIDS[LINEAR.instrument_id] * WHOLE, random.randint(-50, 120)
    stop_px = mid * (10**6 + side.sign * away) // 10**6 // LINEAR.tick * LINEAR.tick
    more: dict[str, object] = {"ord_type": OrdType.STOP_LIMIT, "stop_px": stop_px}
    limit_px = price(random, LINEAR, side, 5, 60)
    asked = drawn(random, key, None, instrument=LINEAR, side=side, **more)
    return msgspec.structs.replace(asked, limit_px=limit_px)


def until(random: Random, key: str) -> OrderInstructed:
    """It rests for a few seconds, or until midnight."""
    if random.randrange(6) == 0:
        return drawn(random, key, (-80, -5), tif=TimeInForce.DAY)
    at = Nanos(random.randint(8, 35) * SECOND)
    return drawn(random, key, (-80, 5), tif=TimeInForce.GTD, expire_at=at)


def post_only(random: Random, key: str) -> OrderInstructed:
    return drawn(random, key, (-80, 5), post_only=True)


def reduce_only(random: Random, key: str) -> OrderInstructed:
    return drawn(random, key, (-20, 60), reduce_only=True)


def bracket(random: Random, key: str) -> OrderInstructed:
    """Both exits close to the market, so that it comes to them within the day."""
    instrument, side = random.choice(BUSY), random.choice(list(Side))
    near, far = partial(price, random, instrument), random.choice((1, 3, 12))
    take, stop_px = near(side, 0, far), near(side.opposite, 0, far)
    ends: tuple[Exit | None, Exit | None] = (Exit(limit_px=take), Exit(stop_px=stop_px))
    if random.randrange(4) == 0:
        ends = random.choice(((ends[0], None), (None, ends[1])))
    px = random.choice((None, (-5, 40)))
    more: dict[str, object] = {"instrument": instrument, "side": side}
    more |= {"take_profit": ends[0], "stop_loss": ends[1], "trigger_by": TriggerBy.MARK}
    return drawn(random, key, px, **more)


def grouped(random: Random, key: str) -> OrderInstructed:
    return drawn(random, key, (-40, 10), oco=random.choice(("g", "h")))


def _group(random: Random) -> str | None:
    return random.choice((None, None, "g"))


KINDS: dict[Draw, int] = {
    **{limit: 20, resting: 10, beyond: 3, market: 10, ioc: 10, fok: 10},
    **{stop: 12, native_stop: 6, until: 12, post_only: 5, reduce_only: 6, bracket: 24, grouped: 12},
}
"""By weight."""


def an_order(random: Random, key: str) -> OrderInstructed:
    (draw,) = random.choices(list(KINDS), list(KINDS.values()))
    return draw(random, key)
