"""A stable pool of Solidly's kind: two tokens on the curve x y (x^2 + y^2).

Source: `getAmountOut`, `_get_y`, `_f`, `_d` and `_k` of the Pool that Velodrome V2 and Aerodrome
deploy. The contract nears the new balance by Newton's steps in truncated numbers of 18 decimals,
and where it stops is the answer; so its steps are repeated, with one check that looks like a slip
and is kept. The fee is taken of the input first, and leaves the pool.

There is no exact output in the contract. Ours is an input that is answered with enough, while one
unit less is not.
"""

from dataclasses import dataclass, replace

from omnivenue.reference.checked import add, asked, div_down, mul, pair, sub
from omnivenue.reference.error import QuoteError, Why
from omnivenue.reference.fixed_point import ONE
from omnivenue.reference.swap import WholePool

BPS_ONE = 10_000
STEPS_MAX = 255


@dataclass(frozen=True, slots=True)
class SolidlyStablePool(WholePool):
    reserves: tuple[int, int]
    decimals: tuple[int, int]
    fee_bps: int

    def exact_in(
        self, token_in: int, token_out: int, amount: int
    ) -> tuple[int, "SolidlyStablePool"]:
        """What comes out, rounded down."""
        pair(2, token_in, token_out)
        asked(amount)
        counted = amount - mul(amount, self.fee_bps) // BPS_ONE
        out = self._received_down(token_in, counted)
        return out, self._after(token_in, counted, out)

    def exact_out(
        self, token_in: int, token_out: int, amount: int
    ) -> tuple[int, "SolidlyStablePool"]:
        """What must come in; just what was asked for is taken out."""
        pair(2, token_in, token_out)
        asked(amount)
        if amount >= self.reserves[token_out]:
            raise QuoteError(Why.INSUFFICIENT_LIQUIDITY)
        needed = self._least_input(token_in, amount)
        counted = needed - mul(needed, self.fee_bps) // BPS_ONE
        return needed, self._after(token_in, counted, amount)

    def scaled_down(self, token: int) -> int:
        """What there is of it, with 18 decimals."""
        return self._scaled_down(self.reserves[token], token)

    def unit(self, token: int) -> int:
        """A whole token."""
        return 10 ** self.decimals[token]

    def _least_input(self, token_in: int, amount: int) -> int:
        """Between an input that is not enough and one that is, halved until they are neighbours."""
        worth = mul(amount, self.unit(token_in)) // self.unit(1 - token_in)
        too_little, enough = 0, max(worth, 1)  # as many, were both worth the same
        while not self._is_enough(token_in, enough, amount):
            too_little, enough = enough, mul(enough, 2)
        while enough - too_little > 1:
            middle = (too_little + enough) // 2
            if self._is_enough(token_in, middle, amount):
                enough = middle
            else:
                too_little = middle
        return enough

    def _is_enough(self, token_in: int, paid: int, amount: int) -> bool:
        try:
            return self.exact_in(token_in, 1 - token_in, paid)[0] >= amount
        except QuoteError as error:
            if error.code is Why.OVERFLOW:
                raise QuoteError(Why.INSUFFICIENT_LIQUIDITY) from error
            raise

    def _received_down(self, token_in: int, counted: int) -> int:
        token_out = 1 - token_in
        kept = self._product(*self.reserves)
        held_in, held_out = self.scaled_down(token_in), self.scaled_down(token_out)
        paid = self._scaled_down(counted, token_in)
        left = self._balance_for(add(paid, held_in), kept, held_out)
        return mul(sub(held_out, left), self.unit(token_out)) // ONE

    def _balance_for(self, x: int, kept: int, y: int) -> int:
        """What keeps `kept` beside `x`, from `y` on. Where the last step is less than a unit, the
        unit above or this one is taken, so that `kept` is kept."""
        for _ in range(STEPS_MAX):
            now = _curve(x, y)
            if now < kept:
                move = div_down(mul(kept - now, ONE), _slope(x, y))
                # The contract asks `_k` here, which scales by the tokens' decimals although both
                # are scaled, and in the pool's order whichever comes in.
                if move == 0 and self._product(x, add(y, 1)) > kept:
                    return y + 1
                y = add(y, max(move, 1))
            else:
                move = div_down(mul(now - kept, ONE), _slope(x, y))
                if move == 0 and (now == kept or _curve(x, sub(y, 1)) < kept):
                    return y
                y = sub(y, max(move, 1))
        raise QuoteError(Why.NO_CONVERGENCE)

    def _product(self, first: int, second: int) -> int:
        """The curve over balances in the tokens' own units (`_k`)."""
        return _curve(self._scaled_down(first, 0), self._scaled_down(second, 1))

    def _scaled_down(self, balance: int, token: int) -> int:
        return mul(balance, ONE) // self.unit(token)

    def _after(self, token_in: int, came: int, went: int) -> "SolidlyStablePool":
        first, second = self.reserves
        if token_in == 0:
            return replace(self, reserves=(add(first, came), sub(second, went)))
        return replace(self, reserves=(sub(first, went), add(second, came)))


def _times_down(x: int, y: int) -> int:
    return mul(x, y) // ONE


def _curve(x: int, y: int) -> int:
    """`x y (x^2 + y^2)` (`_f`)."""
    return _times_down(_times_down(x, y), add(_times_down(x, x), _times_down(y, y)))


def _slope(x: int, y: int) -> int:
    """How it grows with `y`: `3 x y^2 + x^3` (`_d`)."""
    first = _times_down(mul(3, x), _times_down(y, y))
    return add(first, _times_down(_times_down(x, x), x))
