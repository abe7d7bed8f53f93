"""A constant-product pool of Uniswap V2's kind, at any fee.

Source: `getAmountOut` and `getAmountIn` of UniswapV2Library. The fee is counted as the contracts
count it, in thousandths (30 bps: 997 of 1000) or, where that is too coarse, in ten-thousandths as
forks do, so that the products overflow where theirs do.
"""

from dataclasses import dataclass

from omnivenue.reference.checked import add, asked, mul, pair, sub
from omnivenue.reference.error import QuoteError, Why

BPS_ONE = 10_000


@dataclass(frozen=True, slots=True)
class V2Pool:
    reserves: tuple[int, int]
    fee_bps: int

    def exact_in(self, token_in: int, token_out: int, amount: int) -> tuple[int, "V2Pool"]:
        """What comes out, rounded down."""
        pair(2, token_in, token_out)
        kept, whole = self._fee()
        reserve_in, reserve_out = self._reserves(token_in, token_out)
        counted = mul(asked(amount), kept)
        out = mul(counted, reserve_out) // add(mul(reserve_in, whole), counted)
        return out, self._after(token_in, amount, out)

    def exact_out(self, token_in: int, token_out: int, amount: int) -> tuple[int, "V2Pool"]:
        """What must come in: the quotient and one, so one too many where it goes in evenly."""
        pair(2, token_in, token_out)
        kept, whole = self._fee()
        reserve_in, reserve_out = self._reserves(token_in, token_out)
        if asked(amount) >= reserve_out:
            raise QuoteError(Why.INSUFFICIENT_LIQUIDITY)
        needed = mul(reserve_in, amount, whole) // mul(sub(reserve_out, amount), kept)
        needed = add(needed, 1)
        return needed, self._after(token_in, needed, amount)

    def _fee(self) -> tuple[int, int]:
        whole = 1_000 if self.fee_bps % 10 == 0 else BPS_ONE
        return whole - self.fee_bps * whole // BPS_ONE, whole

    def _reserves(self, token_in: int, token_out: int) -> tuple[int, int]:
        reserve_in, reserve_out = self.reserves[token_in], self.reserves[token_out]
        if not (reserve_in and reserve_out):
            raise QuoteError(Why.INSUFFICIENT_LIQUIDITY)
        return reserve_in, reserve_out

    def _after(self, token_in: int, came: int, went: int) -> "V2Pool":
        first, second = self.reserves
        if token_in == 0:
            return V2Pool((add(first, came), second - went), self.fee_bps)
        return V2Pool((first - went, add(second, came)), self.fee_bps)
