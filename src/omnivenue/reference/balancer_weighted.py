"""A weighted pool of Balancer V2.

Source: `_calcOutGivenIn` and `_calcInGivenOut` of WeightedMath. No more than 30 % of a balance may
come in or go out at once. Both powers are rounded up, which is in the pool's favour.
"""

from dataclasses import dataclass, replace

from omnivenue.reference import balancer_pool as pools
from omnivenue.reference.checked import add, sub
from omnivenue.reference.error import QuoteError, Why
from omnivenue.reference.fixed_point import (
    ONE,
    complement,
    mul_down,
    mul_up,
    power_up,
    quotient_down,
    quotient_up,
)
from omnivenue.reference.swap import WholePool

RATIO_MAX = 3 * ONE // 10


@dataclass(frozen=True, slots=True)
class WeightedPool(WholePool):
    """`factors`: 10^18 times what scales a token's amounts to 18 decimals. `weights` sum to
    10^18. `has_shortcuts`: of powers, since version 2 of the contract."""

    balances: tuple[int, ...]
    factors: tuple[int, ...]
    weights: tuple[int, ...]
    swap_fee: int
    has_shortcuts: bool = False

    def exact_in(self, token_in: int, token_out: int, amount: int) -> tuple[int, "WeightedPool"]:
        pools.checked_request(len(self.balances), token_in, token_out, amount)
        given = pools.after_fee_down(amount, self.swap_fee)
        given = pools.scaled_down(given, self.factors[token_in])
        balance_in, balance_out = self._scaled(token_in), self._scaled(token_out)
        if given > mul_down(balance_in, RATIO_MAX):
            raise QuoteError(Why.TRADE_TOO_LARGE)
        ratio = quotient_up(balance_in, add(balance_in, given))
        exponent = quotient_down(self.weights[token_in], self.weights[token_out])
        left = power_up(ratio, exponent, has_shortcuts=self.has_shortcuts)
        out = mul_down(balance_out, complement(left))
        out = pools.unscaled_down(out, self.factors[token_out])
        return out, self._after(token_in, token_out, amount, out)

    def exact_out(self, token_in: int, token_out: int, amount: int) -> tuple[int, "WeightedPool"]:
        pools.checked_request(len(self.balances), token_in, token_out, amount)
        wanted = pools.scaled_down(amount, self.factors[token_out])
        balance_in, balance_out = self._scaled(token_in), self._scaled(token_out)
        if wanted > mul_down(balance_out, RATIO_MAX):
            raise QuoteError(Why.TRADE_TOO_LARGE)
        ratio = quotient_up(balance_out, sub(balance_out, wanted))
        exponent = quotient_up(self.weights[token_out], self.weights[token_in])
        grown = power_up(ratio, exponent, has_shortcuts=self.has_shortcuts)
        needed = mul_up(balance_in, sub(grown, ONE))
        needed = pools.unscaled_up(needed, self.factors[token_in])
        needed = pools.with_fee_up(needed, self.swap_fee)
        return needed, self._after(token_in, token_out, needed, amount)

    def _scaled(self, token: int) -> int:
        return pools.scaled_down(self.balances[token], self.factors[token])

    def _after(self, token_in: int, token_out: int, came: int, went: int) -> "WeightedPool":
        return replace(self, balances=pools.moved(self.balances, token_in, token_out, came, went))
