//! Why a pool cannot be what it is said to be. Found when the pool is read, so that quotes need not
//! look again.

use core::fmt;

/// What does not fit, in words for people and a code for programs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum PoolError {
    /// A reserve is zero or beyond what the contract stores.
    Reserves,
    /// The fee is the whole amount, or more.
    Fee,
    /// A token has no decimals factor, or one beyond 10^18.
    Decimals,
    /// The tick spacing is not one that the contract accepts.
    TickSpacing,
    /// A tick is out of range, off the spacing, or there twice.
    Tick,
    /// The price is out of range, or the tick is not the price's.
    Price,
    /// The net liquidities of the ticks do not add up to the pool's.
    Liquidity,
}

impl PoolError {
    /// The name by which programs know it.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::Reserves => "RESERVES",
            Self::Fee => "FEE",
            Self::Decimals => "DECIMALS",
            Self::TickSpacing => "TICK_SPACING",
            Self::Tick => "TICK",
            Self::Price => "PRICE",
            Self::Liquidity => "LIQUIDITY",
        }
    }
}

impl fmt::Display for PoolError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Reserves => "a reserve is zero or more than the pool can store; read it again",
            Self::Fee => "the fee must be less than the whole amount",
            Self::Decimals => "a token's decimals must be from 0 to 18",
            Self::TickSpacing => "the tick spacing is not one that the contract accepts",
            Self::Tick => "a tick is out of range, off the spacing or given twice",
            Self::Price => "the price is out of range, or the tick does not belong to it",
            Self::Liquidity => {
                "the ticks' net liquidities do not add up to the pool's; read all of them at one block"
            }
        })
    }
}

impl core::error::Error for PoolError {}
