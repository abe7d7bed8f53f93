"""One stretch of a swap of Uniswap V3 or V4: as far as its target price, or as the amount lasts.

Source: `computeSwapStep` of SwapMath, and of SqrtPriceMath `getAmount0Delta`, `getAmount1Delta`,
`getNextSqrtPriceFromInput`, `getNextSqrtPriceFromOutput`. Prices are square roots in Q64.96. What
is paid is rounded up and what is received down, so that no step costs the pool anything.
"""

from typing import NamedTuple

from omnivenue.reference.checked import WORD_MAX, div_up, word
from omnivenue.reference.error import QuoteError, Why

PIPS_ONE = 1_000_000
Q96 = 1 << 96
PRICE_MAX = 2**160 - 1


class Step(NamedTuple):
    price: int  # where it ends
    amount_in: int  # without the fee
    amount_out: int
    fee: int


def step(price: int, target: int, liquidity: int, left: int, fee_pips: int, *, by_in: bool) -> Step:
    """`left`: of the input with its fee (`by_in`), or of the output."""
    down = price >= target
    if by_in:
        without_fee = left * (PIPS_ONE - fee_pips) // PIPS_ONE
        most = _in_up(price, target, liquidity, down=down)
        end = target
        if without_fee < most:
            end = _price_from_input(price, liquidity, without_fee, down=down)
    else:
        most = _out_down(price, target, liquidity, down=down)
        end = target if left >= most else _price_from_output(price, liquidity, left, down=down)
    amount_in = _in_up(price, end, liquidity, down=down)
    amount_out = _out_down(price, end, liquidity, down=down)
    if not by_in:
        amount_out = min(amount_out, left)
    if by_in and end != target:
        fee = left - amount_in  # what is too little to move the price stays as fee
    elif fee_pips == PIPS_ONE:
        fee = amount_in  # of V4 alone: it is nothing, for nothing is ever left to move the price
    else:
        fee = word(div_up(amount_in * fee_pips, PIPS_ONE - fee_pips))
    return Step(end, amount_in, amount_out, fee)


def _in_up(price: int, end: int, liquidity: int, *, down: bool) -> int:
    if down:
        return _amount0(end, price, liquidity, up=True)
    return _amount1(price, end, liquidity, up=True)


def _out_down(price: int, end: int, liquidity: int, *, down: bool) -> int:
    if down:
        return _amount1(end, price, liquidity, up=False)
    return _amount0(price, end, liquidity, up=False)


def _amount0(low: int, high: int, liquidity: int, *, up: bool) -> int:
    over = (liquidity << 96) * (high - low)
    if up:
        return div_up(word(div_up(over, high)), low)
    return word(over // high) // low


def _amount1(low: int, high: int, liquidity: int, *, up: bool) -> int:
    over = liquidity * (high - low)
    return word(div_up(over, Q96) if up else over // Q96)


def _price_from_input(price: int, liquidity: int, amount: int, *, down: bool) -> int:
    """Rounded so that no more than the input is used: up where the price falls, else down."""
    if down:
        return _price_from_amount0_up(price, liquidity, amount, is_added=True)
    return _fits(price + (amount << 96) // liquidity)


def _price_from_output(price: int, liquidity: int, amount: int, *, down: bool) -> int:
    """Rounded so that the whole output is given: down where the price falls, else up."""
    if not down:
        return _price_from_amount0_up(price, liquidity, amount, is_added=False)
    moved = div_up(amount << 96, liquidity)
    if moved >= price:
        raise QuoteError(Why.INSUFFICIENT_LIQUIDITY)
    return price - moved


def _price_from_amount0_up(price: int, liquidity: int, amount: int, *, is_added: bool) -> int:
    if amount == 0:
        return price
    whole, product = liquidity << 96, amount * price
    if is_added:
        if product <= WORD_MAX and whole + product <= WORD_MAX:
            return div_up(whole * price, whole + product)
        return div_up(whole, whole // price + amount)  # the contract's own way, rounded otherwise
    if product > WORD_MAX or whole <= product:
        raise QuoteError(Why.INSUFFICIENT_LIQUIDITY)
    return _fits(div_up(whole * price, whole - product))


def _fits(price: int) -> int:
    if price > PRICE_MAX:
        raise QuoteError(Why.OVERFLOW)
    return price
