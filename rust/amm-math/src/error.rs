//! Why a quote cannot be given. A fact about the pool or the request, and what to do about it:
//! never a bug of ours.

use core::fmt;

/// The codes are part of the interface (`omnivenue quote` prints them); the words are for people.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum QuoteError {
    /// Nothing is asked for.
    ZeroAmount,
    /// Beyond what the pool's own storage or arithmetic holds.
    AmountTooLarge,
    /// The pool has not enough of what is asked for.
    InsufficientLiquidity,
    /// The contract's arithmetic reverts on the way.
    Overflow,
    /// The iteration of an invariant does not settle, as in the contract, which then reverts.
    NoConvergence,
    /// The price limit lies on the side that the swap moves away from, or outside of all ticks.
    PriceLimit,
    /// A token index that the pool does not have, or the same one twice.
    Token,
    /// More of a balance at once than a weighted pool lets through.
    TradeTooLarge,
}

impl QuoteError {
    /// The name by which programs know it.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::ZeroAmount => "ZERO_AMOUNT",
            Self::AmountTooLarge => "AMOUNT_TOO_LARGE",
            Self::InsufficientLiquidity => "INSUFFICIENT_LIQUIDITY",
            Self::Overflow => "OVERFLOW",
            Self::NoConvergence => "NO_CONVERGENCE",
            Self::PriceLimit => "PRICE_LIMIT",
            Self::Token => "TOKEN",
            Self::TradeTooLarge => "TRADE_TOO_LARGE",
        }
    }
}

impl fmt::Display for QuoteError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::ZeroAmount => "the amount is zero; ask for at least one unit",
            Self::AmountTooLarge => "the amount is more than the pool can hold; ask for less",
            Self::InsufficientLiquidity => "the pool has not enough for it; ask for less",
            Self::Overflow => "the contract's arithmetic overflows, and it reverts; ask for less",
            Self::NoConvergence => "the invariant does not settle, and the contract reverts; check the pool's balances",
            Self::PriceLimit => "the price limit is on the wrong side of the pool's price or out of range; 0 is no limit",
            Self::Token => "the pool does not have these two tokens",
            Self::TradeTooLarge => {
                "the pool takes no more than 30 % of a balance at once; ask for less"
            }
        })
    }
}

impl core::error::Error for QuoteError {}
