"""What bounds a swap: the best price that a pool gives, what rounding can take, what it can pay.

A search needs bounds, not quotes. At the price before a swap nothing is worth more than after it,
for every curve here is concave; so a round whose best prices multiply to no more than one earns
nothing, whatever its size. `lost_up` is how far apart quotes may lie from the smooth curve: a unit
of a single division, more of what is rounded step by step or found by iteration; the latter may lie
above it, too.

Source: the derivatives of the invariants at the pool's balances: xy = k; the square root of the
price of Uniswap V3; the weighted product; and of StableSwap `Ann S + D = Ann D + P` with
P = D^(n+1) / (n^n x1..xn), so that x_i is worth (Ann + P / x_i) / (Ann + P / x_j) of x_j.
"""

from fractions import Fraction
from itertools import accumulate
from math import ceil, prod

from omnivenue.reference import balancer_stable as stable
from omnivenue.reference import curve, curve_invariant
from omnivenue.reference.balancer_stable import StablePool
from omnivenue.reference.balancer_weighted import WeightedPool
from omnivenue.reference.curve import CurvePool
from omnivenue.reference.error import QuoteError, Why
from omnivenue.reference.fixed_point import ONE
from omnivenue.reference.solidly_stable import SolidlyStablePool
from omnivenue.reference.swap import Pool
from omnivenue.reference.swap_step import PIPS_ONE, Q96
from omnivenue.reference.uniswap_v2 import BPS_ONE, V2Pool
from omnivenue.reference.uniswap_v3 import AMOUNT_MAX, AMOUNT_V4_MAX, V3Pool

D_ERROR, Y_ERROR, GAINED = 4, 4, 3
"""Units by which an iteration may end off, and to spare."""

POWER_LOSS = Fraction(3, 10**14)
"""Of a weighted pool's balance: a power may be off by 10^-14 and is raised by as much."""

WORD_TICKS = 256


def rate_up(pool: Pool, i: int, j: int) -> Fraction:
    """Units of token j for one of token i, at most. Raises QuoteError where nothing is paid."""
    match pool:
        case V2Pool():
            kept = Fraction(BPS_ONE - pool.fee_bps, BPS_ONE)
            return kept * Fraction(pool.reserves[j], max(pool.reserves[i], 1))
        case V3Pool():
            kept = Fraction(PIPS_ONE - pool.taken_pips_up(i), PIPS_ONE)
            price = Fraction(pool.sqrt_price**2, Q96**2)
            return kept * (price if i == 0 else Fraction(1, price))
        case SolidlyStablePool():
            kept = Fraction(BPS_ONE - pool.fee_bps, BPS_ONE)
            x, y = (max(pool.scaled_down(token), 1) for token in (i, j))
            slope = Fraction(y * (3 * x**2 + y**2), x * (x**2 + 3 * y**2))
            return kept * Fraction(pool.unit(j), pool.unit(i)) * slope
        case WeightedPool():
            held_in = Fraction(pool.balances[i], pool.weights[i])
            held_out = Fraction(pool.balances[j], pool.weights[j])
            return Fraction(ONE - pool.swap_fee, ONE) * Fraction(held_out, held_in)
        case StablePool():
            scaled, ann, d = _balancer(pool)
            scale = Fraction(pool.factors[i], pool.factors[j])
            return Fraction(ONE - pool.swap_fee, ONE) * scale * _slope_up(scaled, ann, d, i, j)
        case CurvePool():
            scaled, ann, d = _curve(pool)
            scale = Fraction(_unit(pool, i), _unit(pool, j))
            kept = Fraction(curve.FEE_ONE - pool.fee, curve.FEE_ONE)
            return kept * scale * _slope_up(scaled, ann, d, i, j)
        case _:
            raise _unknown(pool)


def gained_up(pool: Pool, j: int) -> int:
    """Units of token j by which a quote may be above the smooth curve: where an iteration ends a
    unit off, and a fee of less than one is none."""
    match pool:
        case StablePool():
            return ceil(Fraction(GAINED * ONE, pool.factors[j]))
        case CurvePool():
            return GAINED
        case SolidlyStablePool():
            return _truncated_up(pool, j)
        case _:
            return 0


def lost_up(pool: Pool, i: int, j: int, most: int) -> int:
    """Units of token j that rounding may take of the quote of any input up to `most`."""
    match pool:
        case V2Pool():
            return 1
        case V3Pool():
            return _lost_on_ticks(pool, i, j, most)
        case SolidlyStablePool():
            return ceil(rate_up(pool, i, j)) + _truncated_up(pool, j)
        case WeightedPool():
            factor_in, factor_out = pool.factors[i], pool.factors[j]
            spared = 1 + Fraction(ONE, factor_in)  # by the fee, by scaling
            held = Fraction(pool.balances[j] * factor_out, ONE)
            scaled = held * POWER_LOSS + Y_ERROR
            return ceil(spared * rate_up(pool, i, j) + Fraction(scaled * ONE, factor_out)) + 1
        case StablePool():
            scaled, _, d = _balancer(pool)
            spared = 1 + Fraction(ONE, pool.factors[i])
            off = _off(scaled, d, j) + _cut(scaled, d, j)
            off += stable.AMP_PRECISION * (1 + _drained(pool, i, j, most))
            return ceil(spared * rate_up(pool, i, j) + Fraction(off * ONE, pool.factors[j])) + 1
        case CurvePool():
            scaled, _, d = _curve(pool)
            return ceil(Fraction(_off(scaled, d, j), _unit(pool, j))) + 2
        case _:
            raise _unknown(pool)


def most_out(pool: Pool, i: int, j: int) -> int:
    """No input brings more of token j."""
    match pool:
        case V2Pool() | SolidlyStablePool():
            return pool.reserves[j]
        case V3Pool():
            try:
                return pool.swap(i, j, AMOUNT_MAX, by_in=True).amount_out
            except QuoteError as error:  # V4 has no answer that large, but may have smaller ones
                return AMOUNT_V4_MAX if error.code is Why.AMOUNT_TOO_LARGE else 0
        case WeightedPool() | StablePool() | CurvePool():
            return pool.balances[j]
        case _:
            raise _unknown(pool)


def _unknown(pool: object) -> TypeError:
    """Of another kernel, say: only quotes are asked of those."""
    return TypeError(f"no bounds are known of a {type(pool).__module__}.{type(pool).__name__}")


def _lost_on_ticks(pool: V3Pool, i: int, j: int, most: int) -> int:
    """Each stretch rounds its input and its fee up, its output down, and its price to the pool's
    good by one in 2^96."""
    try:
        done = pool.swap(i, j, most, by_in=True)
    except QuoteError:
        return 0
    words = abs(done.after.tick - pool.tick) // (WORD_TICKS * pool.tick_spacing) + 2
    stretches = words + done.ticks_crossed + 1
    liquidity = max(accumulate(pool.nets), default=0)
    coarse = Fraction(liquidity, Q96) if i == 0 else Fraction(liquidity * Q96, pool.sqrt_price**2)
    return stretches * ceil(2 * rate_up(pool, i, j) + coarse + 2)


def _truncated_up(pool: SolidlyStablePool, j: int) -> int:
    """Units of token j. Each product of balances is cut after 18 decimals, which takes of the curve
    `x^2 + y^2 + 2xy + 1` units at most, before the swap and after it. The curve rises with y by its
    value by y at least, so y is moved by twice `2 / x + 1 / (x (x^2 + y^2))`; then the last step of
    the search."""
    x, y = (Fraction(max(pool.scaled_down(token), 1), ONE) for token in (1 - j, j))
    cut = Fraction(8 * (1 + Fraction(1, x**2 + y**2)), x) + 8
    return ceil(cut * Fraction(pool.unit(j), ONE)) + 2


def _balancer(pool: StablePool) -> tuple[tuple[int, ...], Fraction, int]:
    pairs = zip(pool.balances, pool.factors, strict=True)
    scaled = tuple(balance * factor // ONE for balance, factor in pairs)
    ann = Fraction(pool.amp * len(scaled), stable.AMP_PRECISION)
    return scaled, ann, stable.invariant_down(pool.amp, scaled)


def _drained(pool: StablePool, i: int, j: int, most: int) -> int:
    """How many times less of token j is left. The contract rounds a quotient of its equation for
    the balance up, then multiplies it by A's precision and by the balance before."""
    try:
        _, after = pool.exact_in(i, j, most)
    except QuoteError:
        return 1
    return -(-pool.balances[j] // max(after.balances[j], 1))


def _cut(scaled: tuple[int, ...], d: int, j: int) -> Fraction:
    """Balancer's products of balances are cut to units one after the other, which of a small one is
    a part: by so much of them the invariant and the balance that is left are moved."""
    product, part = Fraction(d), Fraction(0)
    for balance in scaled:
        product *= Fraction(len(scaled) * balance, d)
        part += Fraction(1, product)
    return 2 * (d + scaled[j]) * part


def _curve(pool: CurvePool) -> tuple[tuple[int, ...], Fraction, int]:
    terms = pool.template.value
    scaled = tuple(balance * _unit(pool, k) for k, balance in enumerate(pool.balances))
    ann = Fraction(pool.amp * len(scaled), terms.a_precision)
    return scaled, ann, curve_invariant.invariant(terms, pool.amp, scaled)


def _unit(pool: CurvePool, token: int) -> int:
    return 10 ** (18 - pool.decimals[token]) if pool.template.value.is_scaled else 1


def _slope_up(scaled: tuple[int, ...], ann: Fraction, d: int, i: int, j: int) -> Fraction:
    """D itself is found to a few units only."""
    n = len(scaled)
    under = n**n * prod(scaled)
    high, low = (Fraction(max(d + off, 0) ** (n + 1), under) for off in (D_ERROR, -D_ERROR))
    return Fraction(ann + Fraction(high, scaled[i]), ann + Fraction(low, scaled[j]))


def _off(scaled: tuple[int, ...], d: int, j: int) -> int:
    """A unit of D moves the balance by (Ann + (n + 1) P / D) / (Ann + P / y), which is n + 1 at
    most where the balance y is below D, and else by as much more as it is above."""
    return D_ERROR * (len(scaled) + 1) * max(1, -(-scaled[j] // max(d, 1))) + Y_ERROR
