"""Balancer's fixed point of 18 decimals, rounding by name.

Source: FixedPoint (`mulDown`, `mulUp`, `divDown`, `divUp`, `complement`, `powUp`). A power is
rounded up by the error that its logarithm may have. Pools since version 2 multiply instead where
the exponent is 1, 2 or 4.
"""

from omnivenue.reference.checked import add, div_down, div_up, mul
from omnivenue.reference.log_exp import power

ONE = 10**18
POWER_ERROR = 10_000
"""Relative, in 18 decimals."""


def mul_down(x: int, y: int) -> int:
    return mul(x, y) // ONE


def mul_up(x: int, y: int) -> int:
    return -(-mul(x, y) // ONE)


def quotient_down(x: int, y: int) -> int:
    return div_down(mul(x, ONE), y)


def quotient_up(x: int, y: int) -> int:
    return div_up(mul(x, ONE), y)


def complement(x: int) -> int:
    return max(ONE - x, 0)


def power_up(x: int, y: int, *, has_shortcuts: bool) -> int:
    if has_shortcuts and y == ONE:
        return x
    if has_shortcuts and y in {2 * ONE, 4 * ONE}:
        squared = mul_up(x, x)
        return squared if y == 2 * ONE else mul_up(squared, squared)
    raw = power(x, y)
    return add(raw, add(mul_up(raw, POWER_ERROR), 1))
