"""The orders that clients send: one function a kind, and how often each kind is drawn."""

from collections.abc import Callable
from random import Random

from omnivenue.message import OrderInstructed
from omnivenue.model import Atoms, Instrument, Side, TimeInForce
from scene import LISTED, MAIN, MID, OTHER, S1, S2, WHOLE, order

type Draw = Callable[[Random, str], OrderInstructed]


def price(random: Random, instrument: Instrument, side: Side, low: int, high: int) -> Atoms:
    """`low` to `high` basis points towards the market (negative: away from it), on the tick: off
    the tick it never comes to the core."""
    away = random.randint(low, high)
    px = MID[instrument.instrument_id] * WHOLE * (10_000 + side.sign * away) // 10_000
    return Atoms(px // instrument.tick * instrument.tick)


def drawn(random: Random, key: str, px: tuple[int, int] | None, **more: object) -> OrderInstructed:
    """On any side of any instrument, small or large."""
    instrument, side = random.choice(LISTED), random.choice((Side.BUY, Side.SELL))
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


KINDS: dict[Draw, int] = {limit: 20, resting: 10, beyond: 3, market: 10, ioc: 10, fok: 10}
"""By weight."""


def an_order(random: Random, key: str) -> OrderInstructed:
    (draw,) = random.choices(list(KINDS), list(KINDS.values()))
    return draw(random, key)
