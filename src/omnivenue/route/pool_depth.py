"""What a pool's price is before a swap moves it, and how deep the pool is there.

Of constant-product, weighted and concentrated pools the price is a formula: `spot` has none of the
fee in it. Of the curves that are solved by iteration it is what a millionth of the balance brings,
so it is a millionth off at most, and two units for the roundings of the quote.
Sources: Uniswap V2 whitepaper 2.1 (x y = k), Uniswap V3 whitepaper 6.1 (L, square root of P),
Balancer whitepaper (spot price of a weighted pool).
"""

from typing import NamedTuple

from omnivenue.kernel import (
    CurvePool,
    Pool,
    QuoteError,
    SolidlyStablePool,
    StablePool,
    V2Pool,
    V3Pool,
    WeightedPool,
)
from omnivenue.model import mul_div_ceil

BPS, PIPS, WAD, CURVE_ONE = 10**4, 10**6, 10**18, 10**10
Q96 = 2**96
PROBES = 10**6
PROBE_SLACK = 2
"""Units by which a quote of an iterated curve may be rounded down."""


class Ratio(NamedTuple):
    """Units of the one for units of the other. `num` 0: there is no price."""

    num: int
    den: int

    def down(self, amount: int) -> int:
        return amount * self.num // self.den

    def up(self, amount: int) -> int:
        return mul_div_ceil(amount, self.num, self.den)


NO_PRICE = Ratio(0, 1)


def unmoved_out_up(pool: Pool, token_in: int, token_out: int, amount: int) -> int:
    """What `amount` would buy if it did not move the price, fee counted."""
    price, kept = spot(pool, token_in, token_out), _kept(pool, token_in)
    return Ratio(price.num * kept.num, price.den * kept.den).up(amount)


def spot(pool: Pool, token_in: int, token_out: int) -> Ratio:
    """Units of `token_out` for a unit of `token_in`, before the fee."""
    match pool:
        case V2Pool():
            return Ratio(pool.reserves[token_out], pool.reserves[token_in])
        case V3Pool() if pool.liquidity == 0:
            return NO_PRICE
        case V3Pool():
            square = pool.sqrt_price * pool.sqrt_price
            return Ratio(square, Q96 * Q96) if token_in == 0 else Ratio(Q96 * Q96, square)
        case WeightedPool():
            balances, weights = pool.balances, pool.weights
            num = balances[token_out] * weights[token_in]
            return Ratio(num, balances[token_in] * weights[token_out])
        case StablePool() | CurvePool() | SolidlyStablePool():
            return _probed(pool, token_in, token_out)
        case _:
            raise _unknown(pool)


def held(pool: Pool, token: int) -> int:
    """Units of the token that the pool has at its price: of a concentrated pool the reserve that a
    constant-product one of the same liquidity would have."""
    match pool:
        case V2Pool() | SolidlyStablePool():
            return pool.reserves[token]
        case V3Pool() if token == 0:
            return pool.liquidity * Q96 // pool.sqrt_price
        case V3Pool():
            return pool.liquidity * pool.sqrt_price // Q96
        case WeightedPool() | StablePool() | CurvePool():
            return pool.balances[token]
        case _:
            raise _unknown(pool)


def _kept(pool: Pool, token_in: int) -> Ratio:
    """What the fee leaves of an amount."""
    match pool:
        case V2Pool() | SolidlyStablePool():
            return Ratio(BPS - pool.fee_bps, BPS)
        case V3Pool():
            protocol = pool.protocol_pips[token_in] if pool.protocol_pips else 0
            return Ratio((PIPS - pool.fee_pips) * (PIPS - protocol), PIPS * PIPS)
        case WeightedPool() | StablePool():
            return Ratio(WAD - pool.swap_fee, WAD)
        case CurvePool():
            return Ratio(CURVE_ONE - pool.fee, CURVE_ONE)
        case _:
            raise _unknown(pool)


def _probed(
    pool: StablePool | CurvePool | SolidlyStablePool, token_in: int, token_out: int
) -> Ratio:
    amount = max(held(pool, token_in) // PROBES, 1)
    try:
        out, _ = pool.exact_in(token_in, token_out, amount)
    except QuoteError:
        return NO_PRICE
    kept = _kept(pool, token_in)
    return Ratio((out + PROBE_SLACK) * kept.den, amount * kept.num) if out else NO_PRICE


def _unknown(pool: object) -> TypeError:
    return TypeError(f"no depth is known of a {type(pool).__name__}")
