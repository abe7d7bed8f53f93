"""Powers as Balancer computes them: by a logarithm and an exponential of fixed point.

Source: `pow`, `exp`, `_ln`, `_ln_36` of LogExpMath. Each multiplication and division truncates
where the contract's does, towards zero as its signed integers do, so that errors are its errors.
The numbers taken out of a logarithm are powers e^(2^k) and stand in `_POWERS`.
"""

from omnivenue.reference.error import QuoteError, Why

ONE_18 = 10**18
ONE_20 = 10**20
ONE_36 = 10**36
EXPONENT_MIN, EXPONENT_MAX = -41 * ONE_18, 130 * ONE_18
NEAR_ONE = 10**17
"""Bases that differ from one by less have a logarithm of 36 decimals."""

Y_MAX = 2**254 // ONE_20

_LARGE = (  # 2^k in 18 decimals, e^(2^k) without decimals: k = 7, 6
    (128 * ONE_18, 38877084059945950922200000000000000000000000000000000000),
    (64 * ONE_18, 6235149080811616882910000000),
)
_POWERS = (  # 2^k and e^(2^k) in 20 decimals: k = 5 .. -4
    (3200000000000000000000, 7896296018268069516100000000000000),
    (1600000000000000000000, 888611052050787263676000000),
    (800000000000000000000, 298095798704172827474000),
    (400000000000000000000, 5459815003314423907810),
    (200000000000000000000, 738905609893065022723),
    (100000000000000000000, 271828182845904523536),
    (50000000000000000000, 164872127070012814685),
    (25000000000000000000, 128402541668774148407),
    (12500000000000000000, 113314845306682631683),
    (6250000000000000000, 106449445891785942956),
)
_POWERS_OF_EXP = _POWERS[:8]
"""The exponential leaves the last two to its series."""


def power(x: int, y: int) -> int:
    """x^y, all in 18 decimals, within a relative error of 10^-14 either way."""
    if y == 0:
        return ONE_18
    if x == 0:
        return 0
    if x >= 2**255 or y >= Y_MAX:
        raise QuoteError(Why.OVERFLOW)
    if abs(x - ONE_18) < NEAR_ONE:
        log = _ln_36(x)
        whole = _cut(log, ONE_18)
        product = whole * y + _cut((log - whole * ONE_18) * y, ONE_18)
    else:
        product = _ln(x) * y
    exponent = _cut(product, ONE_18)
    if not EXPONENT_MIN <= exponent <= EXPONENT_MAX:
        raise QuoteError(Why.OVERFLOW)
    return exp(exponent)


def exp(x: int) -> int:
    """e^x of 18 decimals."""
    if x < 0:
        return ONE_36 // exp(-x)
    first = 1
    for exponent, found in _LARGE:
        if x >= exponent:  # once: both together are beyond the greatest exponent
            x, first = x - exponent, found
            break
    x *= 100
    product = ONE_20
    for exponent, found in _POWERS_OF_EXP:
        if x >= exponent:
            x, product = x - exponent, product * found // ONE_20
    series = ONE_20 + x
    term = x
    for n in range(2, 13):
        term = term * x // ONE_20 // n
        series += term
    return product * series // ONE_20 * first // 100


def _ln(a: int) -> int:
    """In 18 decimals."""
    if a < ONE_18:
        return -_ln(ONE_36 // a)
    total = 0
    for exponent, found in _LARGE:
        if a >= found * ONE_18:
            a, total = a // found, total + exponent
    a, total = a * 100, total * 100
    for exponent, found in _POWERS:
        if a >= found:
            a, total = a * ONE_20 // found, total + exponent
    z = _cut((a - ONE_20) * ONE_20, a + ONE_20)
    return (total + 2 * _odd_series(z, ONE_20, 11)) // 100


def _ln_36(x: int) -> int:
    """In 36 decimals, of a base near one."""
    x *= ONE_18
    z = _cut((x - ONE_36) * ONE_36, x + ONE_36)
    return 2 * _odd_series(z, ONE_36, 15)


def _odd_series(z: int, one: int, last: int) -> int:
    """z + z^3/3 + z^5/5 … up to the power `last`."""
    squared, term, total = z * z // one, z, z
    for n in range(3, last + 1, 2):
        term = _cut(term * squared, one)
        total += _cut(term, n)
    return total


def _cut(x: int, y: int) -> int:
    """x / y towards zero; y is positive."""
    return x // y if x >= 0 else -(-x // y)
