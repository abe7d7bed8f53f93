//! Numbers with 18 decimals, after Balancer's `FixedPoint`: every operation once for each way to
//! round. Powers are off by up to [`MAX_POW_RELATIVE_ERROR`], so they are moved by as much to the
//! side that favours the pool.

use super::log_exp::{self, ONE};
use crate::checked::{add, div_down as quotient_down, div_up as quotient_up, mul};
use crate::{QuoteError, U256};

/// 1e-14, with 18 decimals.
pub const MAX_POW_RELATIVE_ERROR: U256 = U256::from_limbs([10_000, 0, 0, 0]);

/// How the deployed code takes powers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PowRule {
    /// Always by series, as the first pools do.
    Series,
    /// Exponents of exactly 1, 2 and 4 by multiplication, and all others by series.
    Shortcuts,
}

impl PowRule {
    /// The contract's `powDown`.
    ///
    /// # Errors
    /// `Overflow` where it reverts.
    pub fn pow_down(self, x: U256, y: U256) -> Result<U256, QuoteError> {
        if let Some(power) = self.shortcut(x, y, mul_down) {
            return power;
        }
        let raw = log_exp::pow(x, y)?;
        Ok(raw.saturating_sub(max_error(raw)?))
    }

    /// The contract's `powUp`.
    ///
    /// # Errors
    /// `Overflow` where it reverts.
    pub fn pow_up(self, x: U256, y: U256) -> Result<U256, QuoteError> {
        if let Some(power) = self.shortcut(x, y, mul_up) {
            return power;
        }
        let raw = log_exp::pow(x, y)?;
        add(raw, max_error(raw)?)
    }

    fn shortcut(
        self,
        x: U256,
        y: U256,
        multiply: fn(U256, U256) -> Result<U256, QuoteError>,
    ) -> Option<Result<U256, QuoteError>> {
        if self == Self::Series {
            return None;
        }
        if y == ONE {
            Some(Ok(x))
        } else if y == ONE * U256::from(2) {
            Some(multiply(x, x))
        } else if y == ONE * U256::from(4) {
            Some(multiply(x, x).and_then(|square| multiply(square, square)))
        } else {
            None
        }
    }
}

/// The contract's `mulDown`.
///
/// # Errors
/// `Overflow` where it reverts.
pub fn mul_down(a: U256, b: U256) -> Result<U256, QuoteError> {
    quotient_down(mul(a, b)?, ONE)
}

/// The contract's `mulUp`.
///
/// # Errors
/// `Overflow` where it reverts.
pub fn mul_up(a: U256, b: U256) -> Result<U256, QuoteError> {
    quotient_up(mul(a, b)?, ONE)
}

/// The contract's `divDown`.
///
/// # Errors
/// `Overflow` where it reverts, also on a divisor of zero.
pub fn div_down(a: U256, b: U256) -> Result<U256, QuoteError> {
    quotient_down(mul(a, ONE)?, b)
}

/// The contract's `divUp`.
///
/// # Errors
/// `Overflow` where it reverts, also on a divisor of zero.
pub fn div_up(a: U256, b: U256) -> Result<U256, QuoteError> {
    quotient_up(mul(a, ONE)?, b)
}

/// What is missing to one, and nothing for more than one: the contract's `complement`.
#[must_use]
pub fn complement(x: U256) -> U256 {
    ONE.saturating_sub(x)
}

fn max_error(raw: U256) -> Result<U256, QuoteError> {
    add(mul_up(raw, MAX_POW_RELATIVE_ERROR)?, U256::ONE)
}
