"""Uniswap's curves: numbers worked by hand, known ones of its contracts, and what always holds."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from omnivenue.kernel import (
    RATIO_MAX,
    RATIO_MIN,
    TICK_MAX,
    QuoteError,
    V2Pool,
    V3Pool,
    Why,
    ratio_at,
    tick_at,
)

ONE = 10**18
Q96 = 2**96
RESERVES = st.integers(min_value=1, max_value=10**6)
# One position over all of its ticks, one near the price, and a gap between two further down.
TICKS = {-887_220: 1_000_000, -6_000: 5_000, -3_000: -5_000, -120: 9 * ONE, 180: -9 * ONE}
TICKS[887_220] = -1_000_000


def v3(price: int = Q96, *, ticks: dict[int, int] = TICKS, fee: int = 3_000) -> V3Pool:
    tick = tick_at(price)
    liquidity = sum(net for at, net in ticks.items() if at <= tick)
    ordered = sorted(ticks)
    nets = tuple(ticks[at] for at in ordered)
    return V3Pool(fee, 60, price, tick, liquidity, tuple(ordered), nets)


def up(x: int, y: int) -> int:
    return (x + y - 1) // y


def test_v2_by_hand() -> None:
    pool = V2Pool((1_000, 2_000), 30)
    # 997 * 100 * 2000 / (1000 * 1000 + 997 * 100) = 181.32...
    assert pool.exact_in(0, 1, 100) == (181, V2Pool((1_100, 1_819), 30))
    # 1000 * 181 * 1000 / ((2000 - 181) * 997) = 99.80..., and one
    assert pool.exact_out(0, 1, 181) == (100, V2Pool((1_100, 1_819), 30))
    assert pool.exact_in(1, 0, 3)[0] == 1


def test_v2_an_exact_out_that_goes_in_evenly_still_costs_one_more() -> None:
    assert V2Pool((10, 20), 0).exact_out(0, 1, 10)[0] == 11


@given(RESERVES, RESERVES, st.integers(0, 9_999), st.integers(1, 10**6))
def test_v2_never_loses_and_asks_for_little_too_much(a: int, b: int, fee: int, x: int) -> None:
    pool = V2Pool((a, b), fee)
    out, after = pool.exact_in(0, 1, x)
    assert after.reserves[0] * after.reserves[1] >= a * b
    kept = 10_000 - fee
    assert out * (a * 10_000 + x * kept) <= x * kept * b < (out + 1) * (a * 10_000 + x * kept)
    if 0 < out < b:
        needed = pool.exact_out(0, 1, out)[0]
        assert pool.exact_in(0, 1, needed)[0] >= out
        assert needed <= x + 1


@pytest.mark.parametrize(
    ("pool", "amount", "why"),
    [
        (V2Pool((0, 1), 30), 1, Why.INSUFFICIENT_LIQUIDITY),
        (V2Pool((10, 10), 30), 0, Why.ZERO_AMOUNT),
        (V2Pool((10, 10), 30), 2**256, Why.AMOUNT_TOO_LARGE),
        (V2Pool((10, 10), 30), 2**255, Why.OVERFLOW),
    ],
)
def test_v2_what_the_library_reverts_on(pool: V2Pool, amount: int, why: Why) -> None:
    with pytest.raises(QuoteError) as raised:
        pool.exact_in(0, 1, amount)
    assert raised.value.code is why
    with pytest.raises(QuoteError):
        pool.exact_out(0, 1, max(amount, pool.reserves[1]))


def test_v2_the_library_takes_997_of_1000_up_to_the_last_word() -> None:
    largest = (2**256 - 1) // 997 - 10_000  # and 1000 reserves beside it still fit
    assert V2Pool((10, 1), 30).exact_in(0, 1, largest)[0] == 0
    with pytest.raises(QuoteError):
        V2Pool((10, 1), 31).exact_in(0, 1, largest)


KNOWN_RATIOS = {
    -TICK_MAX: RATIO_MIN,
    TICK_MAX: RATIO_MAX,
    0: Q96,
    50: 79426470787362580746886972461,
    -50: 79030349367926598376800521322,
    100: 79625275426524748796330556128,
    250: 80224679980005306637834519095,
    500_000: 5697689776495288729098254600827762987878,
}


def test_ratios_of_ticks() -> None:
    assert {tick: ratio_at(tick) for tick in KNOWN_RATIOS} == KNOWN_RATIOS


@given(st.integers(-TICK_MAX, TICK_MAX - 1))
def test_a_tick_is_that_of_its_ratio_and_of_all_below_the_next(tick: int) -> None:
    assert tick_at(ratio_at(tick)) == tick_at(ratio_at(tick + 1) - 1) == tick


def test_v3_by_hand_within_one_range() -> None:
    """At price 1 with liquidity L, x in moves the root to L / (L + x) and gives L x / (L + x)."""
    pool = v3(ticks={-60_000: ONE, 60_000: -ONE}, fee=0)
    done = pool.swap(0, 1, ONE // 100, by_in=True)
    end = up(ONE * Q96, ONE + ONE // 100)
    assert done.after.sqrt_price == end
    assert done.amount_out == ONE * (Q96 - end) // Q96
    assert (done.amount_in, done.ticks_crossed, done.is_partial) == (ONE // 100, 0, False)


def test_v3_takes_its_fee_of_the_input() -> None:
    ticks = {-60_000: ONE, 60_000: -ONE}
    free, dear = v3(ticks=ticks, fee=0), v3(ticks=ticks)
    assert dear.exact_in(0, 1, 10**9)[0] == free.exact_in(0, 1, 10**9 * 997 // 1000)[0]


def test_v3_counts_real_crossings_and_changes_liquidity_by_them() -> None:
    done = v3().swap(0, 1, ONE, ratio_at(-4_000), by_in=True)
    assert (done.ticks_crossed, done.after.liquidity) == (2, 1_005_000)
    done = v3().swap(1, 0, ONE, ratio_at(4_000), by_in=True)
    assert (done.ticks_crossed, done.after.liquidity) == (1, 1_000_000)
    done = v3().swap(1, 0, ONE, ratio_at(180), by_in=True)  # a limit at a tick crosses it
    assert (done.ticks_crossed, done.after.tick) == (1, 180)
    done = v3().swap(0, 1, ONE, ratio_at(-120), by_in=True)
    assert (done.ticks_crossed, done.after.tick) == (1, -121)


def test_v3_a_part_is_answered_where_liquidity_runs_out() -> None:
    pool = v3(ticks={-60: ONE, 60: -ONE})
    done = pool.swap(0, 1, ONE, by_in=True)
    assert done.is_partial
    assert 0 < done.amount_in < ONE
    assert (done.after.sqrt_price, done.after.liquidity) == (RATIO_MIN + 1, 0)
    assert done.after.tick == -TICK_MAX
    with pytest.raises(QuoteError) as raised:
        pool.exact_out(0, 1, ONE)
    assert raised.value.code is Why.INSUFFICIENT_LIQUIDITY


@pytest.mark.parametrize("by_in", [True, False])
@pytest.mark.parametrize("token_in", [0, 1])
def test_v3_a_limit_stops_it(by_in: bool, token_in: int) -> None:
    limit = ratio_at(-30 if token_in == 0 else 30)
    done = v3().swap(token_in, 1 - token_in, ONE, limit, by_in=by_in)
    assert (done.is_partial, done.after.sqrt_price, done.ticks_crossed) == (True, limit, 0)
    with pytest.raises(QuoteError) as raised:
        v3().swap(1 - token_in, token_in, ONE, limit, by_in=by_in)
    assert raised.value.code is Why.PRICE_LIMIT


def test_v3_a_pool_without_liquidity_has_nothing_to_say() -> None:
    with pytest.raises(QuoteError) as raised:
        v3(ticks={}).exact_in(0, 1, ONE)
    assert raised.value.code is Why.INSUFFICIENT_LIQUIDITY


AMOUNTS = st.integers(1, 10**19)
STARTS = st.integers(-500, 500).map(ratio_at)


@given(STARTS, AMOUNTS, st.sampled_from([0, 1]), st.sampled_from([0, 100, 3_000, 999_999]))
def test_v3_exact_out_gives_what_was_asked_for(start: int, x: int, side: int, fee: int) -> None:
    pool = replace(v3(start), fee_pips=fee)
    done = pool.swap(side, 1 - side, x, by_in=True)
    assert done.amount_in <= x
    assert done.is_partial == (done.amount_in < x)
    if done.amount_out:
        asked = pool.swap(side, 1 - side, done.amount_out, by_in=False)
        assert asked.amount_out == done.amount_out
        assert not asked.is_partial


@given(STARTS, AMOUNTS, AMOUNTS, st.sampled_from([0, 1]))
def test_v3_goes_on_from_where_it_was(start: int, x: int, y: int, side: int) -> None:
    """Two swaps in a row are never better than one of both, and come to the same place."""
    pool = v3(start)
    first = pool.swap(side, 1 - side, x, by_in=True)
    if first.is_partial:
        return
    second = first.after.swap(side, 1 - side, y, by_in=True)
    both = pool.swap(side, 1 - side, x + y, by_in=True)
    assert first.amount_out + second.amount_out <= both.amount_out
    nets = dict(zip(pool.ticks, pool.nets, strict=True))
    for done in (first, second, both):
        after = done.after
        assert after.liquidity == sum(net for at, net in nets.items() if at <= after.tick)
        assert after.ticks is pool.ticks


@given(STARTS, AMOUNTS, st.sampled_from([0, 1]))
def test_v3_there_and_back_brings_no_gain(start: int, x: int, side: int) -> None:
    pool = v3(start)
    there = pool.swap(side, 1 - side, x, by_in=True)
    if there.amount_out:
        back = there.after.swap(1 - side, side, there.amount_out, by_in=True)
        assert back.amount_out <= there.amount_in


def test_v3_the_walk_is_that_of_plain_arithmetic_over_two_ranges() -> None:
    """Worked in whole numbers without the step function: to the tick, then beyond it."""
    ticks = {-600: 3 * ONE, -60: 5 * ONE, 600: -8 * ONE}
    pool = v3(ticks=ticks, fee=0)
    edge = ratio_at(-60)
    first_in = up(up((8 * ONE << 96) * (Q96 - edge), Q96), edge)
    first_out = 8 * ONE * (Q96 - edge) // Q96
    more = ONE // 1_000
    end = up((3 * ONE << 96) * edge, (3 * ONE << 96) + more * edge)
    done = pool.swap(0, 1, first_in + more, by_in=True)
    assert done.after.sqrt_price == end
    assert done.amount_out == first_out + 3 * ONE * (edge - end) // Q96
    assert (done.ticks_crossed, done.after.liquidity) == (1, 3 * ONE)


def dear(fee: int, protocol: tuple[int, int] | None = None) -> V3Pool:
    """At three times 2^154, over a range so wide that no swap below comes to its end."""
    liquidity, price, wide = 2**127, 3 * 2**154, 16_382
    end = TICK_MAX // wide * wide
    ticks = (-end, -end + wide, end - wide, end)
    nets = (liquidity // 2, liquidity // 2, -liquidity // 2, -liquidity // 2)
    return V3Pool(fee, wide, price, tick_at(price), liquidity, ticks, nets, protocol)


QUOTIENT = (2**69 - 2) // 3
"""The liquidity by that price, 2^223 / (3 * 2^154), cut: two thirds less than it is."""


@pytest.mark.parametrize(
    ("amount", "end"),
    [
        # The product with the price is beyond a word: 2^223 / 2^103, and a unit of amount more,
        # which is 2^120 - 2^17 and a little. Without the cut there were 2^17 * 2/3 less.
        (2**103 - QUOTIENT, 2**120),
        (2**103 - QUOTIENT + 1, 2**120 - 2**17 + 1),
        # It is 2^256 - 2^154, a word, and only its sum with 2^223 is beyond one.
        ((2**102 - 1) // 3, up(3 * 2**223, 2**102 + 2**69 - 3)),
    ],
)
def test_v3_beyond_a_word_the_liquidity_is_divided_by_the_price_first(
    amount: int, end: int
) -> None:
    """What that cuts is the contract's answer; the formula without it is another price."""
    pool = dear(0)
    done = pool.swap(0, 1, amount, by_in=True)
    assert done.after == replace(pool, sqrt_price=end, tick=tick_at(end))
    assert done.amount_out == 2**127 * (pool.sqrt_price - end) // Q96
    precise = up(2**223 * pool.sqrt_price, 2**223 + amount * pool.sqrt_price)
    assert precise < end


def test_v3_within_a_word_nothing_is_cut() -> None:
    """2^91 * 3 * 2^154 and 2^223 are a word: 2^223 / (2^91 + 2^69 / 3)."""
    done = dear(0).swap(0, 1, 2**91, by_in=True)
    assert done.after.sqrt_price == up(3 * 2**223, 3 * 2**91 + 2**69)
    assert done.after.sqrt_price != up(2**223, 2**91 + QUOTIENT)


def test_v4_half_a_word_less_a_unit_is_paid_and_no_more() -> None:
    """Where the pool takes everything, what is paid is all that happens."""
    pool = dear(1_000_000, (0, 0))
    done = pool.swap(0, 1, 2**127 - 1, by_in=True)
    assert (done.amount_in, done.amount_out, done.after) == (2**127 - 1, 0, pool)
    with pytest.raises(QuoteError) as raised:
        pool.swap(0, 1, 2**127, by_in=True)
    assert raised.value.code is Why.AMOUNT_TOO_LARGE
