"""What Balancer V2's pools have in common: scaling, the swap fee, and what the Vault holds.

Source: `onSwap` of BaseGeneralPool and BaseMinimalSwapInfoPool, `_subtractSwapFeeAmount` and
`_addSwapFeeAmount` of BasePool, and BalanceAllocation, which keeps balances in 112 bits. Token
amounts are scaled to 18 decimals (and by a token's rate) for the curve, and back.
"""

from omnivenue.reference.checked import div_up, mul, pair, sub, whole
from omnivenue.reference.error import QuoteError, Why
from omnivenue.reference.fixed_point import ONE, complement, mul_down, mul_up, quotient_down
from omnivenue.reference.fixed_point import quotient_up as _quotient_up

BALANCE_MAX = 2**112 - 1


def after_fee_down(amount: int, fee: int) -> int:
    """Of an input, what is left for the curve."""
    return sub(amount, mul_up(amount, fee))


def with_fee_up(amount: int, fee: int) -> int:
    """The input of which `amount` is left for the curve."""
    return _quotient_up(amount, complement(fee))


def scaled_down(amount: int, factor: int) -> int:
    return mul_down(amount, factor)


def unscaled_down(amount: int, factor: int) -> int:
    return quotient_down(amount, factor)


def unscaled_up(amount: int, factor: int) -> int:
    return div_up(mul(amount, ONE), factor)


def moved(
    balances: tuple[int, ...], token_in: int, token_out: int, came: int, went: int
) -> tuple[int, ...]:
    """The balances afterwards, which the Vault must be able to hold and to pay."""
    after = list(balances)
    after[token_in] += came
    after[token_out] -= went
    if after[token_in] > BALANCE_MAX:
        raise QuoteError(Why.AMOUNT_TOO_LARGE)
    if after[token_out] < 0:
        raise QuoteError(Why.INSUFFICIENT_LIQUIDITY)
    return tuple(after)


def checked_request(count: int, token_in: int, token_out: int, amount: int) -> None:
    """Nothing may come: within a batch, what the step before has brought can be nothing."""
    pair(count, token_in, token_out)
    if not 0 <= whole(amount) <= BALANCE_MAX:
        raise QuoteError(Why.AMOUNT_TOO_LARGE)
