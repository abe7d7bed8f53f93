//! The least input that buys an amount. The contracts have no such function, so what is least is
//! defined by theirs: the least `dx` whose `get_dy` is at least the amount.
//!
//! `get_dy` itself is not quite monotone, since the path of its iteration can leave its root one
//! unit too high. With the root rounded down in its place the quote is monotone, and never less.
//! So what the exact quote does not reach, the contract's does not either: the bisection goes over
//! the exact one, and the few inputs after its end are asked of the contract's.

use super::pool::{Pool, Solver, Swap};
use crate::{QuoteError, U256};

/// How far the two quotes may lie apart before it is called off. One step moves the root by far
/// more than what the iteration leaves open, unless the coin bought has all but gone.
const MAX_WALK: usize = 255;

impl Pool {
    /// The least input whose `get_dy` is at least `amount_out`, and the swap that it makes. For
    /// 3pool, what `exchange` then pays can be one unit less than `get_dy` said.
    ///
    /// # Errors
    /// `ZeroAmount` for nothing; `InsufficientLiquidity` where no input buys so much; else as
    /// [`Pool::get_dy_down`].
    pub fn exact_out_up(&self, i: usize, j: usize, amount_out: U256) -> Result<Swap, QuoteError> {
        if i == j || i >= self.balances().len() || j >= self.balances().len() {
            return Err(QuoteError::Token);
        }
        if amount_out.is_zero() {
            return Err(QuoteError::ZeroAmount);
        }
        if amount_out >= self.balances()[j] {
            return Err(QuoteError::InsufficientLiquidity);
        }
        self.quote_down(i, j, U256::ZERO, Solver::Exact)?; // a pool that cannot quote at all
        let mut dx = self.least_exact_up(i, j, amount_out)?;
        for _ in 0..MAX_WALK {
            match self.get_dy_down(i, j, dx) {
                Ok(dy) if dy >= amount_out => return self.exchange_down(i, j, dx),
                Ok(_) => dx = dx.checked_add(U256::ONE).ok_or(QuoteError::InsufficientLiquidity)?,
                Err(QuoteError::Overflow) => return Err(QuoteError::InsufficientLiquidity),
                Err(other) => return Err(other),
            }
        }
        Err(QuoteError::NoConvergence)
    }

    /// What overflows is more than enough: whether it buys anything is asked of `get_dy` at the end.
    fn too_small(&self, i: usize, j: usize, dx: U256, amount_out: U256) -> bool {
        self.quote_down(i, j, dx, Solver::Exact).is_ok_and(|dy| dy < amount_out)
    }

    fn least_exact_up(&self, i: usize, j: usize, amount_out: U256) -> Result<U256, QuoteError> {
        let mut low = U256::ZERO; // too small
        let mut high = U256::ONE;
        while self.too_small(i, j, high, amount_out) {
            low = high;
            high = high.checked_mul(U256::from(2)).ok_or(QuoteError::InsufficientLiquidity)?;
        }
        while high - low > U256::ONE {
            let middle = low + ((high - low) >> 1);
            if self.too_small(i, j, middle, amount_out) {
                low = middle;
            } else {
                high = middle;
            }
        }
        Ok(high)
    }
}
