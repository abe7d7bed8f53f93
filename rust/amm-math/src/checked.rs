//! The contracts' checked arithmetic, with one error for what they revert on.

use crate::{QuoteError, U256};

/// `x + y`.
///
/// # Errors
/// `Overflow` where the sum is beyond 2^256 - 1, on which the contracts revert.
#[inline(always)]
pub fn add(x: U256, y: U256) -> Result<U256, QuoteError> {
    x.checked_add(y).ok_or(QuoteError::Overflow)
}

/// `x - y`.
///
/// # Errors
/// `Overflow` where `y` is more than `x`, on which the contracts revert.
#[inline(always)]
pub fn sub(x: U256, y: U256) -> Result<U256, QuoteError> {
    x.checked_sub(y).ok_or(QuoteError::Overflow)
}

/// `x * y`.
///
/// # Errors
/// `Overflow` where the product is beyond 2^256 - 1, on which the contracts revert.
#[inline(always)]
pub fn mul(x: U256, y: U256) -> Result<U256, QuoteError> {
    x.checked_mul(y).ok_or(QuoteError::Overflow)
}

/// `x / y`, rounded down.
///
/// # Errors
/// `Overflow` where `y` is zero, on which the contracts revert.
pub fn div_down(x: U256, y: U256) -> Result<U256, QuoteError> {
    x.checked_div(y).ok_or(QuoteError::Overflow)
}

/// `x / y`, rounded up.
///
/// # Errors
/// `Overflow` where `y` is zero, on which the contracts revert.
pub fn div_up(x: U256, y: U256) -> Result<U256, QuoteError> {
    if y.is_zero() {
        return Err(QuoteError::Overflow);
    }
    let (quotient, remainder) = x.div_rem(y);
    // Cannot overflow: a remainder means that y > 1, and then the quotient is below the maximum.
    Ok(if remainder.is_zero() { quotient } else { quotient + U256::ONE })
}
