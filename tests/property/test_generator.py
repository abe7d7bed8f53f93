"""Whatever the seed, a generated market is one that could be: and the same one each time."""

import os
import subprocess
import sys
from itertools import pairwise
from pathlib import Path

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from omnivenue.market import Book
from omnivenue.model import Lots, Nanos, Side, Ticks
from omnivenue.venue.sim.generator import GeneratedMarket, Params, continuing
from omnivenue.venue.sim.recording import apply
from omnivenue.venue.sim.source import BookReset, LevelChanged, MarketEvent, Printed

START = Nanos(1_700_000_000_000_000_000)
SRC = Path(__file__).resolve().parents[2] / "src"

type Instant = tuple[Nanos, tuple[MarketEvent, ...]]

SEEDS = st.integers(0, 2**64)
MIDS = st.sampled_from([100, 300, 10_000, 6_183_763, 10**12])
MARKETS = st.builds(
    Params,
    spread_ticks=st.integers(1, 5),
    levels=st.integers(1, 15),
    lots_per_level=st.sampled_from([1, 7, 20_000]),
    step_ns=st.sampled_from([5, 1_000_000, 100_000_000]).map(Nanos),
    volatility_ppm=st.sampled_from([0, 20, 5000, 100_000]),
    gap_ppm=st.sampled_from([0, 10, 3000]),
    print_percent=st.integers(0, 60),
    change_percent=st.integers(0, 40),
)


def instants(market: GeneratedMarket, n: int) -> list[Instant]:
    return [market.pop() for _ in range(n)]


def mids(seed: int, n: int, params: Params) -> list[int]:
    """Twice the mid price after each instant."""
    market, book, found = GeneratedMarket(seed, START, Ticks(6_183_763), params), Book(), [0]
    for _, events in instants(market, n):
        for event in events:
            apply(book, event)
        bid, ask = book.best(Side.BUY), book.best(Side.SELL)
        assert bid
        assert ask
        found.append(bid[0] + ask[0])
    return found[1:]


def follow(market: GeneratedMarket, n: int, params: Params) -> Book:
    """Through `n` instants, each of which must be one that could be."""
    book = Book()
    for _, events in instants(market, n):
        assert events
        for event in events:
            if isinstance(event, Printed):
                touch = book.best(event.aggressor.opposite)
                assert touch
                assert event.px == touch[0], "prints are at the touch"
                assert 0 < event.qty <= touch[1], "and take no more than rests there"
            if isinstance(event, LevelChanged):
                assert event.px > 0
                assert event.qty > 0 or book.qty_at(event.side, event.px), "what goes was there"
            apply(book, event)
            assert not book.is_crossed, "nor between two changes of one instant"
        bid, ask = book.best(Side.BUY), book.best(Side.SELL)
        assert bid
        assert ask
        assert 1 <= ask[0] - bid[0] <= params.spread_ticks
        for side in Side:
            levels = book.levels(side, 99)
            assert len(levels) == params.levels
            assert all(qty > 0 for _, qty in levels)
    return book


@settings(max_examples=60, deadline=None)
@given(SEEDS, MIDS, MARKETS)
def test_its_book_is_one_that_could_be(seed: int, mid_px: int, params: Params) -> None:
    follow(GeneratedMarket(seed, START, Ticks(mid_px), params), 120, params)


@settings(max_examples=60, deadline=None)
@given(SEEDS, MARKETS)
def test_what_is_printed_leaves_the_touch(seed: int, params: Params) -> None:
    market, book = GeneratedMarket(seed, START, Ticks(10_000), params), Book()
    for _, events in instants(market, 120):
        rested = {side: book.best(side) for side in Side}
        for event in events:
            apply(book, event)
        for event in events:
            if isinstance(event, Printed):
                side = event.aggressor.opposite
                before = rested[side]
                assert before
                assert book.qty_at(side, event.px) == before[1] - event.qty


@settings(max_examples=40, deadline=None)
@given(SEEDS, MARKETS)
def test_time_goes_on_in_steps_around_the_average(seed: int, params: Params) -> None:
    market = GeneratedMarket(seed, START, Ticks(10_000), params)
    assert market.next_at() == START
    times: list[Nanos] = []
    for _ in range(50):
        promised = market.next_at()
        at, _ = market.pop()
        assert at == promised
        times.append(at)
    step = params.step_ns
    assert all(step <= 5 * (b - a) <= 9 * step for a, b in pairwise(times))


@settings(max_examples=20, deadline=None)
@given(SEEDS, MARKETS)
def test_a_seed_is_a_market(seed: int, params: Params) -> None:
    first, second = (GeneratedMarket(seed, START, Ticks(10_000), params) for _ in range(2))
    assert instants(first, 80) == instants(second, 80)
    assert instants(GeneratedMarket(seed + 1, START, Ticks(10_000), params), 80) != instants(
        GeneratedMarket(seed, START, Ticks(10_000), params), 80
    )


def test_a_seed_is_the_same_market_in_every_process() -> None:
    """Also where strings hash otherwise, which is what usually tells processes apart."""
    text = (
        "from omnivenue.venue.sim.generator import GeneratedMarket as G\n"
        "from hashlib import sha256\n"
        "m = G(7, 0, 10_000)\n"
        "print(sha256(repr([m.pop() for _ in range(3000)]).encode()).hexdigest())"
    )
    seen = {
        subprocess.run(
            [sys.executable, "-c", text],
            env={**os.environ, "PYTHONPATH": str(SRC), "PYTHONHASHSEED": hash_seed},
            check=True,
            capture_output=True,
        ).stdout
        for hash_seed in ("1", "2")
    }
    assert len(seen) == 1


@pytest.mark.parametrize("seed", range(5))
def test_wild_times_last(seed: int) -> None:
    """Moves that follow large moves are larger: what makes volatility more than noise."""
    only_moves = Params(print_percent=0, change_percent=0, volatility_ppm=50)
    prices = mids(seed, 6000, only_moves)
    moves = [(b - a) ** 2 for a, b in pairwise(prices)]
    median = sorted(moves)[len(moves) // 2]
    after_large = [b for a, b in pairwise(moves) if a > median]
    after_small = [b for a, b in pairwise(moves) if a <= median]
    wild = sum(after_large) * len(after_small)
    calm = sum(after_small) * len(after_large)
    assert 2 * wild > 3 * calm, "one and a half times as large on average, at least"


@pytest.mark.parametrize("ppm", [10, 100])
def test_volatility_is_what_was_asked_for_in_the_long_run(ppm: int) -> None:
    only_moves = Params(print_percent=0, change_percent=0, volatility_ppm=ppm)
    squares = count = 0
    for seed in range(8):
        prices = mids(seed, 2000, only_moves)
        squares += sum((b - a) ** 2 for a, b in pairwise(prices))
        count += len(prices) - 1
    asked = (2 * 6_183_763 * ppm // 1_000_000) ** 2  # of twice the mid
    assert asked < 2 * squares // count < 4 * asked


def test_even_the_wildest_move_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    """By 16 / sqrt(8) standard deviations of the wildest variance: here, the long-run one."""
    only_moves = Params(print_percent=0, change_percent=0, volatility_ppm=50, spread_ticks=1)

    def largest() -> int:
        return max(abs(b - a) for a, b in pairwise(mids(5, 4000, only_moves)))

    bound = 2 * (6_183_763 * 50 // 1_000_000) * 6
    assert largest() > bound, "fat tails"
    monkeypatch.setattr("omnivenue.venue.sim.generator._WILD_MAX", 1)
    assert largest() <= bound


def test_it_has_no_direction() -> None:
    only_moves = Params(print_percent=0, change_percent=0)
    ways = [mids(seed, 400, only_moves) for seed in range(40)]
    ups = sum(way[-1] > way[0] for way in ways)
    assert 8 <= ups <= 32


def test_prints_that_empty_the_touch_move_the_price() -> None:
    """In a market that hardly moves by itself, it goes where the takers push it and stays there."""
    pushed = Params(
        spread_ticks=1, volatility_ppm=0, print_percent=50, change_percent=0, lots_per_level=1
    )
    prices = mids(1, 3000, pushed)
    assert max(prices) - min(prices) > 2 * 30


def test_depth_grows_away_from_the_touch() -> None:
    lots = [0] * 12
    for seed in range(200):
        _, (reset,) = GeneratedMarket(seed, START, Ticks(10_000)).pop()
        assert isinstance(reset, BookReset)
        for side in (reset.bids, reset.asks):
            for i, (_, qty) in enumerate(side):
                lots[i] += qty
    assert all(near < far for near, far in pairwise(lots))


def test_takers_come_on_both_sides_and_empty_the_touch_at_times() -> None:
    market, sides, emptied = GeneratedMarket(1, START, Ticks(10_000)), set[Side](), 0
    for _, events in instants(market, 2000):
        match events:
            case (Printed(px=px, aggressor=aggressor), LevelChanged(px=gone, qty=0), *_):
                sides.add(aggressor)
                emptied += px == gone
            case _:
                pass
    assert sides == set(Side)
    assert emptied > 50


@pytest.mark.parametrize(
    "params",
    [
        Params(volatility_ppm=100_000, levels=3),  # a walk below zero, many times over
        Params(print_percent=100, change_percent=0, lots_per_level=1, levels=3),  # sold down to it
    ],
)
def test_a_fall_ends_above_nothing(params: Params) -> None:
    for seed in range(4):
        follow(GeneratedMarket(seed, START, Ticks(8), params), 2000, params)


def test_a_price_without_room_for_bids_is_refused() -> None:
    with pytest.raises(ValueError, match="no room"):
        GeneratedMarket(1, START, Ticks(16))
    GeneratedMarket(1, START, Ticks(17)).pop()


@pytest.mark.parametrize(
    ("text", "why"),
    [
        (b'{"spread_ticks":0,"levels":0}', "spread_ticks must be 1.*levels must be 1"),
        (b'{"step_ns":4}', "step_ns"),
        (b'{"print_percent":60,"change_percent":41}', "together at most 100"),
        (b'{"print_percent":-1}', "0 or more"),
        (b'{"volatility_ppm":100001}', "volatility_ppm"),
        (b'{"volatilty_ppm":1}', "unknown field"),
    ],
)
def test_params_out_of_range_are_refused_all_at_once(text: bytes, why: str) -> None:
    with pytest.raises(msgspec.ValidationError, match=why):
        msgspec.json.decode(text, type=Params)


def test_it_can_take_over_from_any_price() -> None:
    at, (reset,) = continuing(seed=1)(START, Ticks(5000)).pop()
    assert at == START
    assert isinstance(reset, BookReset)
    assert abs(reset.bids[0][0] - 5000) <= 3
    assert reset.bids[0][1] > Lots(0)
