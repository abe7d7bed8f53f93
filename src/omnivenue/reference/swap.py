"""What a swap did, whatever the pool's kind, and what all kinds can be asked.

One shape for all, so that whoever folds over pools needs to know none of them.
"""

from dataclasses import dataclass
from typing import Protocol, Self

from omnivenue.reference.checked import whole
from omnivenue.reference.error import QuoteError, Why


@dataclass(frozen=True, slots=True)
class Swap[P]:
    """`ticks_crossed`: of a concentrated pool, the initialised ones. `is_partial`: the pool ran
    out, or its price came to the limit, before all was done."""

    amount_in: int
    amount_out: int
    ticks_crossed: int
    is_partial: bool
    after: P


class Pool(Protocol):
    """A value: a swap leaves it as it is, and gives the next one. Tokens go by their places in it.
    Amounts are in the tokens' smallest units. Each of these raises QuoteError and no other."""

    def exact_in(self, token_in: int, token_out: int, amount: int) -> tuple[int, Self]:
        """What comes out, rounded down."""
        ...

    def exact_out(self, token_in: int, token_out: int, amount: int) -> tuple[int, Self]:
        """What must come in, rounded up."""
        ...

    def swap(
        self, token_in: int, token_out: int, amount: int, limit: int = 0, *, by_in: bool
    ) -> Swap[Self]:
        """Either. `limit`: the square root of a price in Q64.96 at which to stop, which only
        concentrated pools take; 0 is none."""
        ...


class WholePool:
    """One that does all of what it is asked or nothing, and knows of no price to stop at."""

    __slots__ = ()

    def exact_in(self, token_in: int, token_out: int, amount: int) -> tuple[int, Self]:
        raise NotImplementedError

    def exact_out(self, token_in: int, token_out: int, amount: int) -> tuple[int, Self]:
        raise NotImplementedError

    def swap(
        self, token_in: int, token_out: int, amount: int, limit: int = 0, *, by_in: bool
    ) -> Swap[Self]:
        if whole(limit):
            raise QuoteError(Why.PRICE_LIMIT)
        if by_in:
            out, after = self.exact_in(token_in, token_out, amount)
            return Swap(amount, out, 0, False, after)
        needed, after = self.exact_out(token_in, token_out, amount)
        return Swap(needed, amount, 0, False, after)
