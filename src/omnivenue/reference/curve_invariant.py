"""The StableSwap invariant of Curve, solved by Newton's method as its contracts solve it.

Source: `get_D`, `get_y` and `get_y_D` of the contracts StableSwap3Pool, StableSwapSTETH and the
two-coin base template. They differ by few things, which stand in `Template`: how finely A is
counted, whether the product of D is divided by one more (so that it never divides by zero), whether
an iteration that has not settled reverts, and whether amounts are scaled to 18 decimals.
"""

from dataclasses import dataclass
from enum import Enum

from omnivenue.reference.checked import add, div_down, mul, sub
from omnivenue.reference.error import QuoteError, Why

ROUNDS = 255


@dataclass(frozen=True, slots=True)
class Terms:
    coins: int
    a_precision: int
    d_product_extra: int  # added to what the product of D is divided by
    reverts_unsettled: bool
    is_scaled: bool
    is_fee_before_scaling: bool  # of get_dy; exchange always takes it before


class Template(Enum):
    THREE_POOL = Terms(3, 1, 0, False, True, False)
    STETH = Terms(2, 100, 1, True, False, True)
    BASE2 = Terms(2, 100, 0, True, True, True)


def invariant(terms: Terms, amp: int, xp: tuple[int, ...]) -> int:
    """D of the scaled balances; 0 of an empty pool."""
    n, precision = terms.coins, terms.a_precision
    total = 0
    for x in xp:
        total = add(total, x)
    if total == 0:
        return 0
    d, ann = total, mul(amp, n)
    for _ in range(ROUNDS):
        product = d
        for x in xp:
            product = div_down(mul(product, d), add(mul(x, n), terms.d_product_extra))
        before = d
        over = add(mul(ann, total) // precision, mul(product, n))
        under = add(mul(sub(ann, precision), d) // precision, mul(n + 1, product))
        d = div_down(mul(over, d), under)
        if abs(d - before) <= 1:
            return d
    return _unsettled(terms, d)


def balance_at(terms: Terms, amp: int, xp: tuple[int, ...], j: int, d: int) -> int:
    """What coin `j` must have beside the other balances of `xp` for an invariant of `d`."""
    n, precision = terms.coins, terms.a_precision
    ann, c, others = mul(amp, n), d, 0
    for k, x in enumerate(xp):
        if k != j:
            others = add(others, x)
            c = div_down(mul(c, d), mul(x, n))
    if precision == 1:
        c = div_down(mul(c, d), mul(ann, n))
        b = add(others, div_down(d, ann))
    else:
        c = div_down(mul(c, d, precision), mul(ann, n))
        b = add(others, div_down(mul(d, precision), ann))
    y = d
    for _ in range(ROUNDS):
        before = y
        y = div_down(add(mul(y, y), c), sub(add(mul(2, y), b), d))
        if abs(y - before) <= 1:
            return y
    return _unsettled(terms, y)


def _unsettled(terms: Terms, value: int) -> int:
    if terms.reverts_unsettled:
        raise QuoteError(Why.NO_CONVERGENCE)
    return value
