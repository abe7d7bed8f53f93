//! Any pool: one of the curves, with one way to ask. A quote returns the pool after it, so that a
//! route is a fold.

use crate::balancer::{stable, weighted};
use crate::constant_product::ConstantProduct;
use crate::solidly_stable::SolidlyStable;
use crate::{QuoteError, U256, curve, uniswap_v3};

/// What a swap takes and gives, in the tokens' own units.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Quote {
    /// What is paid.
    pub amount_in: U256,
    /// What is received.
    pub amount_out: U256,
    /// How many initialised ticks were crossed; none where the pool has no ticks.
    pub ticks_crossed: u32,
    /// Whether a price limit, or the end of all liquidity, stopped it before all was done.
    pub is_partial: bool,
}

/// A pool at one moment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Pool {
    /// Uniswap V2 and its forks.
    ConstantProduct(ConstantProduct),
    /// Uniswap V3, and V4 without hooks.
    Concentrated(uniswap_v3::Pool),
    /// Solidly's stable pools.
    SolidlyStable(SolidlyStable),
    /// Balancer's weighted pools.
    Weighted(weighted::Pool),
    /// Balancer's stable pools.
    Stable(stable::Pool),
    /// Curve's `StableSwap`.
    StableSwap(curve::Pool),
}

/// Asks the curve, and makes one shape of what it answers.
macro_rules! answer {
    ($pool:ident, $ask:ident, ($i:ident, $j:ident, $amount:ident, $limit:ident), $quote:expr) => {
        answer!(
            $pool, $ask, ($i, $j, $amount, $limit), $quote,
            [ConstantProduct, SolidlyStable, Weighted, Stable, StableSwap]
        )
    };
    (
        $pool:ident, $ask:ident, ($i:ident, $j:ident, $amount:ident, $limit:ident), $quote:expr,
        [$($whole:ident),*]
    ) => {
        Ok(match $pool {
            $(Self::$whole(pool) => {
                let (found, after) = pool.$ask($i, $j, $amount)?;
                ($quote(found), Self::$whole(after))
            })*
            Self::Concentrated(pool) => moved(pool, &pool.$ask($i, $j, $amount, $limit)?),
        })
    };
}

impl Pool {
    /// How many tokens it has.
    #[must_use]
    pub fn tokens(&self) -> usize {
        match self {
            Self::ConstantProduct(_) | Self::Concentrated(_) | Self::SolidlyStable(_) => 2,
            Self::Weighted(pool) => pool.tokens.len(),
            Self::Stable(pool) => pool.tokens.len(),
            Self::StableSwap(pool) => pool.balances().len(),
        }
    }

    /// What it holds of each token; nothing of a concentrated pool, which holds it range by range.
    #[must_use]
    pub fn balances(&self) -> Vec<U256> {
        match self {
            Self::ConstantProduct(pool) => pool.reserves().to_vec(),
            Self::SolidlyStable(pool) => pool.reserves().to_vec(),
            Self::Concentrated(_) => Vec::new(),
            Self::Weighted(pool) => pool.tokens.iter().map(|token| token.balance).collect(),
            Self::Stable(pool) => pool.tokens.iter().map(|token| token.balance).collect(),
            Self::StableSwap(pool) => pool.balances().to_vec(),
        }
    }

    /// What is received for `amount`, or for the part of it that a concentrated pool can take. A
    /// `limit` on such a pool's price; zero is none, and other kinds have none.
    ///
    /// # Errors
    /// Those of its kind.
    pub fn exact_in(
        &self,
        i: usize,
        j: usize,
        amount: U256,
        limit: U256,
    ) -> Result<(Quote, Self), QuoteError> {
        answer!(self, exact_in, (i, j, amount, limit), |out| whole(amount, out))
    }

    /// What is to be paid for `amount`, or for the part of it that a concentrated pool gives before
    /// its price is at `limit`; zero is none.
    ///
    /// # Errors
    /// Those of its kind.
    pub fn exact_out(
        &self,
        i: usize,
        j: usize,
        amount: U256,
        limit: U256,
    ) -> Result<(Quote, Self), QuoteError> {
        answer!(self, exact_out, (i, j, amount, limit), |paid| whole(paid, amount))
    }

    /// What is received for all of `amount`, without the pool after it.
    ///
    /// # Errors
    /// Those of its kind; `InsufficientLiquidity` where a concentrated pool takes only a part.
    pub fn amount_out_down(&self, i: usize, j: usize, amount: U256) -> Result<U256, QuoteError> {
        match self {
            Self::ConstantProduct(pool) => pool.amount_out_down(i, j, amount),
            Self::Concentrated(pool) => {
                let swap = pool.exact_in(i, j, amount, U256::ZERO)?;
                if swap.is_partial {
                    return Err(QuoteError::InsufficientLiquidity);
                }
                Ok(swap.amount_out)
            }
            Self::SolidlyStable(pool) => Ok(pool.exact_in(i, j, amount)?.0),
            Self::Weighted(pool) => pool.amount_out_down(i, j, amount),
            Self::Stable(pool) => pool.amount_out_down(i, j, amount),
            Self::StableSwap(pool) => match pool.get_dy_down(i, j, amount) {
                Ok(_) if amount.is_zero() => Err(QuoteError::ZeroAmount),
                Err(why) if amount.is_zero() && why != QuoteError::Token => {
                    Err(QuoteError::ZeroAmount)
                }
                answer => answer,
            },
        }
    }
}

const fn whole(amount_in: U256, amount_out: U256) -> Quote {
    Quote { amount_in, amount_out, ticks_crossed: 0, is_partial: false }
}

fn moved(pool: &uniswap_v3::Pool, swap: &uniswap_v3::Swap) -> (Quote, Pool) {
    let quote = Quote {
        amount_in: swap.amount_in,
        amount_out: swap.amount_out,
        ticks_crossed: swap.ticks_crossed,
        is_partial: swap.is_partial,
    };
    (quote, Pool::Concentrated(pool.at(swap.after)))
}
