"""Why a quote cannot be given: a fact about the pool or the request, never a bug of ours.

The codes are part of the interface (`omnivenue quote` prints them); the words are for people.
"""

from enum import StrEnum


class Why(StrEnum):
    ZERO_AMOUNT = "ZERO_AMOUNT"
    AMOUNT_TOO_LARGE = "AMOUNT_TOO_LARGE"
    INSUFFICIENT_LIQUIDITY = "INSUFFICIENT_LIQUIDITY"
    OVERFLOW = "OVERFLOW"
    NO_CONVERGENCE = "NO_CONVERGENCE"
    PRICE_LIMIT = "PRICE_LIMIT"
    TOKEN = "TOKEN"
    TRADE_TOO_LARGE = "TRADE_TOO_LARGE"


_WORDS = {
    Why.ZERO_AMOUNT: "the amount is zero; ask for at least one unit",
    Why.AMOUNT_TOO_LARGE: "the amount is more than the pool can hold; ask for less",
    Why.INSUFFICIENT_LIQUIDITY: "the pool has not enough for it; ask for less",
    Why.OVERFLOW: "the contract's arithmetic overflows, and it reverts; ask for less",
    Why.NO_CONVERGENCE: (
        "the invariant does not settle, and the contract reverts; check the pool's balances"
    ),
    Why.PRICE_LIMIT: (
        "the price limit is on the wrong side of the pool's price or out of range; 0 is no limit"
    ),
    Why.TOKEN: "the pool does not have these two tokens",
    Why.TRADE_TOO_LARGE: "the pool takes no more than 30 % of a balance at once; ask for less",
}


class QuoteError(ValueError):
    """The one exception of a kernel."""

    def __init__(self, code: Why) -> None:
        super().__init__(_WORDS[code])
        self.code = code
