"""A market out of a seed, for when there is no recording: trades, levels and a price that wanders.

It is there to exercise what trades on it, so it has what execution meets in a real market: a
spread, depth that grows away from the touch, prints that eat the touch, and calm and wild times
that each last a while. All of it is integer arithmetic on one stream of random bits, so a seed
gives the same market on every machine, in every process.
"""

from collections.abc import Callable
from math import isqrt
from random import Random

import msgspec

from omnivenue.market import Level
from omnivenue.model import Lots, Nanos, Side, Ticks
from omnivenue.venue.sim.source import (
    BookReset,
    LevelChanged,
    MarketEvent,
    MarketSource,
    Printed,
)

PPM = 1_000_000
SUB = 256
"""Parts of a tick that the mid is counted in, so that a quiet market can move less than a tick."""

_SIGMA_MIN = SUB // 16
_CALM, _SHOCK, _LAST = 5, 51, 200
"""GARCH(1, 1) in 256ths: how much of the next variance is the long-run one, the last shock squared
(0.2) and the last variance (0.78). They add up to 256, so the long-run variance is what is asked
for; with so much of the last two, a wild spell lasts some fifty moves."""
_WILD_MAX = 64  # times the long-run variance: GARCH has fat tails, and a price has to stay sane
_NORMAL = 90
"""32 fair bits have a standard deviation of sqrt(8) = 256 / 90."""


class Params(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What kind of market. Prices are relative, so that one set fits instruments of any price.
    Raises ValueError (msgspec: ValidationError) that names all that is out of range."""

    spread_ticks: int = 3  # the widest; the narrowest is 1
    levels: int = 12  # on each side
    lots_per_level: int = 20_000  # at the touch, on average
    step_ns: Nanos = Nanos(100_000_000)  # between instants on average, each a fifth to nine fifths
    volatility_ppm: int = 20  # of the first mid: the standard deviation of a move
    gap_ppm: int = 10  # of the first mid: between levels behind the touch, at least a tick
    print_percent: int = 30  # instants with a print
    change_percent: int = 30  # instants with another quantity at a level; the rest are moves

    def __post_init__(self) -> None:
        least = {"spread_ticks": 1, "levels": 1, "lots_per_level": 1, "step_ns": 5}
        wrong = [f"{n} must be {m} or more" for n, m in least.items() if getattr(self, n) < m]
        for name in ("volatility_ppm", "gap_ppm"):
            if not 0 <= getattr(self, name) <= PPM // 10:
                wrong.append(f"{name} must be 0 to {PPM // 10}")
        percents = (self.print_percent, self.change_percent)
        if min(percents) < 0 or sum(percents) > 100:
            wrong.append("print_percent and change_percent must be 0 or more, together at most 100")
        if wrong:
            raise ValueError("; ".join(wrong))


class _Ladder:
    """One side: the touch, and behind it levels at the multiples of `gap`, so that a touch that
    moves a little leaves the rest where it is."""

    def __init__(self, side: Side, gap: int, params: Params, random: Random) -> None:
        self.side = side
        self.away = 1 if side is Side.SELL else -1
        self.gap = gap
        self.params = params
        self.random = random
        self.pxs: list[int] = []  # best first
        self.lots: dict[int, int] = {}

    @property
    def levels(self) -> tuple[Level, ...]:
        return tuple([(Ticks(px), Lots(self.lots[px])) for px in self.pxs])

    def drawn_qty(self, i: int) -> int:
        """Half to three halves of the average, which grows by a quarter with each level."""
        average = self.params.lots_per_level * (4 + i) // 4
        return max(1, average * (SUB // 2 + self.random.getrandbits(8)) // SUB)

    def put(self, px: int, qty: int) -> LevelChanged:
        self.lots[px] = qty
        return LevelChanged(self.side, Ticks(px), Lots(qty))

    def retreat(self, touch: int) -> list[LevelChanged]:
        """Take away what is not part of the ladder from `touch` on. Both sides retreat before
        either fills: so the book is not crossed between two changes of one instant either."""
        behind = (touch * self.away // self.gap + 1) * self.gap * self.away
        step = self.gap * self.away
        self.pxs = [touch, *range(behind, behind + step * (self.params.levels - 1), step)]
        wanted = dict.fromkeys(self.pxs)
        gone = [px for px in self.lots if px not in wanted]
        for px in gone:
            del self.lots[px]
        return [LevelChanged(self.side, Ticks(px), Lots(0)) for px in gone]

    def fill(self) -> list[LevelChanged]:
        missing = [(i, px) for i, px in enumerate(self.pxs) if px not in self.lots]
        return [self.put(px, self.drawn_qty(i)) for i, px in missing]


class GeneratedMarket:
    """An endless MarketSource whose first instant, at `start_at`, is a BookReset around `mid_px`.
    Raises ValueError where `mid_px` leaves no room for the levels below it."""

    def __init__(
        self, seed: int, start_at: Nanos, mid_px: Ticks, params: Params | None = None
    ) -> None:
        self._params = params = params or Params()
        self._random = Random(seed)
        gap = max(1, mid_px * params.gap_ppm // PPM)
        self._floor = (gap * (params.levels + 1) + params.spread_ticks) * SUB
        self._mid = mid_px * SUB
        if self._mid <= self._floor:
            raise ValueError(f"a mid price of {mid_px} ticks has no room for its bids")
        self._bids = _Ladder(Side.BUY, gap, params, self._random)
        self._asks = _Ladder(Side.SELL, gap, params, self._random)
        self._variance = max(_SIGMA_MIN, self._mid * params.volatility_ppm // PPM) ** 2
        self._calm = self._variance
        self._at = start_at
        self._is_open = False

    def next_at(self) -> Nanos:
        return self._at

    def pop(self) -> tuple[Nanos, tuple[MarketEvent, ...]]:
        at = self._at
        fifth = self._params.step_ns // 5
        self._at = Nanos(at + fifth + self._draw(8 * fifth + 1))
        if not self._is_open:
            self._is_open = True
            self._requote(*self._touches())
            return at, (BookReset(self._bids.levels, self._asks.levels),)
        events = self._instant()
        return at, tuple(events or self._change())

    def _instant(self) -> list[MarketEvent]:
        percent = self._draw(100) - self._params.print_percent
        if percent < 0:
            return self._print()
        if percent < self._params.change_percent:
            return self._change()
        self._wander()
        return self._requote(*self._touches())

    def _print(self) -> list[MarketEvent]:
        """Someone takes from the touch. What is emptied shows the next tick behind it, and the
        other side follows where the spread would be too wide."""
        is_low = self._bids.pxs[0] * SUB <= self._floor  # nobody sells it down to nothing
        hit = self._asks if self._random.getrandbits(1) or is_low else self._bids
        touch = hit.pxs[0]
        qty = min(hit.lots[touch], 1 + self._draw(2 * self._params.lots_per_level))
        events: list[MarketEvent] = [Printed(Ticks(touch), Lots(qty), hit.side.opposite)]
        if left := hit.lots[touch] - qty:
            return [*events, hit.put(touch, left)]
        bid, ask = self._bids.pxs[0], self._asks.pxs[0]
        if hit is self._asks:
            ask += 1
            bid = max(bid, ask - self._params.spread_ticks)
        else:
            bid -= 1
            ask = min(ask, bid + self._params.spread_ticks)
        self._mid = (bid + ask) * (SUB // 2)
        return [*events, *self._requote(bid, ask)]

    def _change(self) -> list[MarketEvent]:
        ladder = self._asks if self._random.getrandbits(1) else self._bids
        i = self._draw(len(ladder.pxs))
        return [ladder.put(ladder.pxs[i], ladder.drawn_qty(i))]

    def _wander(self) -> None:
        normal = self._random.getrandbits(32).bit_count() - 16
        shock = isqrt(self._variance) * abs(normal) * _NORMAL // SUB
        variance = (_CALM * self._calm + _SHOCK * shock * shock + _LAST * self._variance) // SUB
        self._variance = min(variance, _WILD_MAX * self._calm)
        self._mid += shock if normal > 0 else -shock
        if self._mid < self._floor:  # turned back, so that no bid falls to nothing
            self._mid = 2 * self._floor - self._mid

    def _touches(self) -> tuple[int, int]:
        spread = 1 + self._draw(self._params.spread_ticks)
        bid = (2 * self._mid - spread * SUB) // (2 * SUB)
        return bid, bid + spread

    def _requote(self, bid: int, ask: int) -> list[MarketEvent]:
        assert 0 < bid < ask
        bids, asks = self._bids, self._asks
        return [*bids.retreat(bid), *asks.retreat(ask), *bids.fill(), *asks.fill()]

    def _draw(self, n: int) -> int:
        """0 to n - 1. Off from even by less than n / 2^64, and quicker than randrange."""
        return self._random.getrandbits(64) * n >> 64


def continuing(seed: int, params: Params | None = None) -> Callable[[Nanos, Ticks], MarketSource]:
    """For RecordedMarket's `then`: a generated market from the last price of a recorded one."""
    return lambda at, mid_px: GeneratedMarket(seed, at, mid_px, params)
